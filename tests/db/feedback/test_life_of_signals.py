"""The life of signals: people, duties and time in any order, on the database, through the real verbs.

Whatever happens, no signal is ever without an owner or without a state that follows from its steps.
"""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from conftest import NOON
from django.db import transaction
from django.utils import timezone
from factories_feedback import DAY, marks
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from medvirk.feedback.actions import (
    Refused,
    cancel_session,
    end_episode,
    plan_session,
    raising,
    reopen_episode,
)
from medvirk.feedback.actions import following as acts
from medvirk.feedback.actions.courses import restore_session
from medvirk.feedback.logic import RISK
from medvirk.feedback.logic.following import Standing, Step, allowed, standing_of
from medvirk.feedback.models import Agreement, Episode, Participation, Session, Signal, SignalStep
from medvirk.feedback.queries import fetch, follow
from medvirk.feedback.queries.owners import able_for
from medvirk.people.access import viewer_for
from medvirk.people.models import Bar, Grant, Relation

MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ANY = st.integers(0, 9)
#: Where a signal may stand when each step is taken; the empty one is before the first.
OPEN = {Standing.WAITING, Standing.SNOOZED, Standing.OVERDUE}
FROM = {
    Step.RAISED: {None},
    Step.TALKED: OPEN,
    Step.MOVED: {Standing.TALKED},
    Step.NOT_MOVED: {Standing.TALKED},
    Step.GONE: OPEN,
    Step.ENDED: OPEN,
    Step.REOPENED: {Standing.TALKED, Standing.MOVED, Standing.NOT_MOVED, Standing.ENDED},
}


class World:
    """A citizen with a team of four around them, and a course of help. Made once; each life is rolled back."""

    def __init__(self, care) -> None:
        self.care = care
        self.leader = care.make.staff("team_leader", care.unit)
        self.workers = [care.worker, self.leader, *(care.make.staff(unit=care.unit) for _ in range(2))]
        self.episode = care.episode()
        self.citizen = self.episode.citizens.get()
        Relation.objects.create(citizen=self.citizen, unit=care.unit, valid_from=care.make.long_ago)


class Life(RuleBasedStateMachine):
    """Minutes pass with every step, so that what is later is written later."""

    world: World

    def __init__(self) -> None:
        super().__init__()
        self.atomic = transaction.atomic()
        self.atomic.__enter__()
        self.now = self.world.care.now
        self.known: dict[int, tuple] = {}
        self.agreed: dict[uuid.UUID, str] = {}
        self.is_handed = True
        self.able_at: tuple | None = None

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.atomic.__exit__(None, None, None)

    # who and what there is

    def able(self) -> list:
        """Kept for the minute: before each step every rule asks, whether it may be taken."""
        if self.able_at is None or self.able_at[0] != self.now:
            able = able_for([self.world.citizen.pk], now=self.now)[self.world.citizen.pk]
            self.able_at = self.now, [each for each in self.world.workers if each.pk in able]
        return self.able_at[1]

    def viewer(self, number: int = 0):
        able = self.able()
        return viewer_for(able[number % len(able)].user, self.now)

    @property
    def somebody_can(self) -> bool:
        return bool(self.able())

    @property
    def episode(self) -> Episode:
        return Episode.objects.get(pk=self.world.episode.pk)

    def is_running(self) -> bool:
        return self.somebody_can and self.episode.ended_on is None

    def chosen(self, number: int, **which) -> Signal | None:
        found = list(Signal.objects.filter(**which).order_by("raised_at", "kind"))
        return found[number % len(found)] if found else None

    def standing(self, signal: Signal, now=None) -> Standing:
        steps = [each.taken for each in signal.steps.all()]
        return standing_of(steps, due_at=signal.due_at, now=now or self.now)

    def do(self, act, step: Step, signal: Signal | None) -> None:
        """A verb does what the rules allow, and refuses what they do not."""
        if signal is None:
            return
        running = self.episode.ended_on is None
        may, why = step in allowed(self.standing(signal), signal.kind, running=running), ""
        try:
            with transaction.atomic():
                act()
        except Refused as refused:
            why = refused.reason
        assert (why == "") == may or why == "another_is_open", (step, self.standing(signal), why)

    # what people do

    @initialize(
        ways=st.sampled_from([[20, 20], [35, 12], [35, None, 12]]), meetings=st.sampled_from([40, 10])
    )
    def begin(self, ways, meetings) -> None:
        """Most lives begin with something to talk about."""
        for life, meeting in zip(ways, [48, 48, meetings][-len(ways) :], strict=True):
            self.now += 7 * DAY
            self.come(life, None, meeting, self.now)
        raising.evaluate_due(self.now)

    @precondition(lambda self: self.is_running())
    @rule(
        life=st.sampled_from([None, 0, 5, 20, 21, 35, 50]),
        safety=st.sampled_from([None, None, 0, 2]),
        meeting=st.sampled_from([None, 10, 35, 50]),
        days=st.sampled_from([0, 0, 7]),
        worked_out=st.booleans(),
    )
    def meet(self, life, safety, meeting, days, worked_out) -> None:
        self.now += days * DAY
        self.come(life, safety, meeting, self.now)
        if worked_out:
            raising.evaluate_due(self.now)

    @precondition(lambda self: self.is_running())
    @rule(hours=st.sampled_from([1, 24]))
    def plan(self, hours) -> None:
        """And nobody answers, unless something else is done with it."""
        plan_session(by=self.viewer(), episode=self.episode, starts_at=self.now + hours * HOUR, now=self.now)

    def come(self, life, safety, meeting, at) -> None:
        session = plan_session(by=self.viewer(), episode=self.episode, starts_at=at, now=self.now)
        sent = {} if life is None else marks("life-now", life)
        if safety is not None:
            sent["safety.q1"] = str(safety)
        self.send(session, "before", sent, ("life-now", "safety"))
        self.send(
            session, "after", {} if meeting is None else marks("this-meeting", meeting), ("this-meeting",)
        )
        if safety:
            # In the very transaction that stored the answer: no duty has run.
            risk = Signal.objects.filter(kind=RISK, settled_at__isnull=True).first()
            assert risk is not None, "an answer about safety is without a signal"
            assert risk.due_at <= self.now + HOUR
            assert risk.owner in self.able()

    def send(self, session: Session, moment: str, sent: dict[str, str], asked: tuple[str, ...]) -> None:
        if not sent:
            return
        care = self.world.care
        care.now, care.viewer = self.now, self.viewer()
        care.send(care.way_in(session.asks(moment)), sent, asked=asked, now=self.now)

    @precondition(lambda self: self.somebody_can)
    @rule(number=ANY, who=ANY, lines=st.integers(0, 2))
    def talk(self, number, who, lines) -> None:
        signal = self.chosen(number)
        agreed = [acts.NewAgreement(f"Linje {line}") for line in range(lines)]
        self.do(
            lambda: acts.talk(
                by=self.viewer(who), signal=signal, about="Tempoet", agreed=agreed, now=self.now
            ),
            Step.TALKED,
            signal,
        )

    @precondition(lambda self: self.somebody_can)
    @rule(number=ANY, days=st.sampled_from([1, 7, 28]))
    def put_off(self, number, days) -> None:
        signal, until = self.chosen(number), self.now + days * DAY
        self.do(
            lambda: acts.snooze(by=self.viewer(), signal=signal, until=until, reason="Ferie", now=self.now),
            Step.SNOOZED,
            signal,
        )

    @precondition(lambda self: self.somebody_can)
    @rule(number=ANY, who=ANY, to=ANY)
    def hand_over(self, number, who, to) -> None:
        signal, able = self.chosen(number), self.able()
        owner = able[to % len(able)]
        self.do(
            lambda: acts.assign(by=self.viewer(who), signal=signal, owner=owner, now=self.now),
            Step.ASSIGNED,
            signal,
        )

    @precondition(lambda self: self.somebody_can)
    @rule(number=ANY, who=ANY)
    def see(self, number, who) -> None:
        signal = self.chosen(number, kind=RISK)
        self.do(lambda: acts.see(by=self.viewer(who), signal=signal, now=self.now), Step.SEEN, signal)

    @precondition(lambda self: self.somebody_can)
    @rule(number=ANY)
    def undo(self, number) -> None:
        signal = self.chosen(number, settled_at__isnull=False)
        self.do(lambda: acts.reopen(by=self.viewer(), signal=signal, now=self.now), Step.REOPENED, signal)

    @precondition(lambda self: self.is_running())
    @rule(goes_on=st.sampled_from([True, True, False]))
    def end(self, goes_on) -> None:
        """Often a slip."""
        end_episode(
            by=self.viewer(), episode=self.episode, ended_on=timezone.localdate(self.now), ending="planned",
            now=self.now,
        )  # fmt: skip
        if goes_on:
            self.now += MINUTE
            self.go_on()

    @precondition(lambda self: self.somebody_can and self.episode.ended_on is not None)
    @rule()
    def go_on(self) -> None:
        reopen_episode(by=self.viewer(), episode=self.episode, now=self.now)

    @precondition(lambda self: self.is_running())
    @rule(number=ANY)
    def cancel_or_restore(self, number) -> None:
        held = list(self.episode.sessions.order_by("starts_at", "pk"))
        if not held:
            return
        session = held[number % len(held)]
        if session.cancelled_at is None:
            cancel_session(by=self.viewer(), session=session, now=self.now)
        else:
            restore_session(by=self.viewer(), session=session)

    # who comes and goes

    @rule(who=ANY)
    def leave_or_come_back(self, who) -> None:
        """The one responsible for the course most of the time."""
        who = max(0, who - 5)
        worker = self.world.workers[who % len(self.world.workers)]
        grant, today = worker.grants.get(), timezone.localdate(self.now)
        gone = None if grant.valid_to else today - DAY
        Grant.objects.filter(pk=grant.pk).update(valid_to=gone)
        self.is_handed, self.able_at = False, None

    @rule(who=ANY)
    def keep_out_or_let_in(self, who) -> None:
        worker = self.world.workers[who % len(self.world.workers)]
        bars = Bar.objects.filter(citizen=self.world.citizen, staff=worker, lifted_at__isnull=True)
        if not bars.update(lifted_at=self.now - MINUTE):
            Bar.objects.create(
                citizen=self.world.citizen, staff=worker, kind="citizen", set_at=self.now - MINUTE
            )
        self.is_handed, self.able_at = False, None

    # the house and the time

    @rule(ahead=st.sampled_from([HOUR, 13 * HOUR, 3 * DAY, 8 * DAY, 30 * DAY]))
    def wait(self, ahead) -> None:
        self.now += ahead

    @rule(order=st.permutations(["evaluate_due", "hand_on", "tell_of_overdue"]), twice=st.booleans())
    def duties(self, order, twice) -> None:
        for duty in order * (2 if twice else 1):
            getattr(raising, duty)(self.now)
        self.is_handed = True

    @rule()
    def look_twice(self) -> None:
        """What was worked out is worked out: looking once more, whenever it was last, finds nothing new."""
        part = Participation.objects.get(episode=self.world.episode)
        raising.evaluate(participation_id=part.pk, now=self.now)
        assert raising.evaluate(participation_id=part.pk, now=self.now) == []
        assert self.without_row() == set()

    def without_row(self) -> set[str]:
        """Kinds that the course shows now and that no row stands for."""
        if self.episode.ended_on is not None:
            return set()
        (followed,) = follow(
            None, fetch(Episode.objects.filter(pk=self.episode.pk)), now=self.now, language="nb"
        )
        rowless = set()
        for found in followed.found:
            shown = followed.course.points[found.session - 1].starts_at
            told = SignalStep.objects.filter(
                signal__kind=found.kind, session__starts_at__gte=shown, kind__in=["raised", "again"]
            )
            waits = Signal.objects.filter(kind=found.kind, settled_at__isnull=True)
            talked = [
                e for e in Signal.objects.filter(kind=found.kind) if self.standing(e) is Standing.TALKED
            ]
            if not (told.exists() or waits.exists() or talked):
                rowless.add(found.kind)
        return rowless

    # what always holds

    @invariant()
    def minutes_pass_and_all_of_it_holds(self) -> None:
        """Read once for all: most of a life is spent here."""
        self.now += MINUTE
        signals = list(Signal.objects.prefetch_related("steps"))
        for each in signals:
            self.every_step_could_be_taken(each)
        self.every_signal_has_an_owner_and_a_state(signals)
        self.at_most_one_of_a_kind_is_open(signals)
        self.nothing_is_lost(signals)

    def every_step_could_be_taken(self, signal: Signal) -> None:
        steps = [each.taken for each in signal.steps.all()]
        for place, step in enumerate(steps):
            before = standing_of(steps[:place], due_at=signal.due_at, now=step.at) if place else None
            assert before in FROM.get(step.kind, OPEN), f"{step.kind} from {before}"
        kinds = {each.kind for each in steps}
        assert signal.kind != RISK or not {Step.SNOOZED, Step.GONE} & kinds, (
            f"an answer about safety: {kinds}"
        )

    def every_signal_has_an_owner_and_a_state(self, signals: list[Signal]) -> None:
        able = {each.pk for each in self.able()} if signals and self.is_handed else set()
        leads = {self.world.leader.pk, self.world.episode.responsible_id}
        for signal in signals:
            standing = self.standing(signal)
            assert (signal.settled_at is None) == standing.is_open, (
                f"settled {signal.settled_at}, but {standing}"
            )
            assert signal.owner_id is not None
            if signal.settled_at is None and self.is_handed:
                assert signal.owner_id in (able or leads), "its owner cannot answer for it"

    def at_most_one_of_a_kind_is_open(self, signals: list[Signal]) -> None:
        kinds = [each.kind for each in signals if each.settled_at is None]
        assert len(kinds) == len(set(kinds)), f"open twice: {kinds}"
        assert not (kinds and self.episode.ended_on is not None), f"open when the course has ended: {kinds}"

    def nothing_is_lost(self, signals: list[Signal]) -> None:
        all_steps = (step for signal in signals for step in signal.steps.all())
        steps = {each.pk: (each.kind, each.at, each.by_id, each.text) for each in all_steps}
        assert {pk: steps.get(pk) for pk in self.known} == self.known, "a step is lost or another"
        self.known = steps
        agreed = dict(Agreement.everything.values_list("pk", "text"))
        assert self.agreed.items() <= agreed.items(), "what was agreed is lost or another"
        self.agreed = agreed


def live(care, *, examples: int, **how) -> None:
    care.now = NOON
    Life.world = World(care)
    run_state_machine_as_test(
        Life,
        settings=settings(
            max_examples=examples, stateful_step_count=25, deadline=None, derandomize=True, database=None,
            suppress_health_check=list(HealthCheck), **how,
        ),
    )  # fmt: skip


def test_no_signal_is_ever_without_an_owner_or_a_state(care):
    live(care, examples=15)


def forget_to_settle(monkeypatch) -> None:
    """A talk that leaves the signal open."""
    real = acts.talk

    def faulty(**told):
        step = real(**told)
        Signal.objects.filter(pk=told["signal"].pk).update(settled_at=None)
        return step

    monkeypatch.setattr(acts, "talk", faulty)


def let_leavers_keep_theirs(monkeypatch) -> None:
    monkeypatch.setattr(raising, "hand_on", lambda now: 0)


def raise_risk_later(monkeypatch) -> None:
    """An answer about safety that waits for the duty."""
    monkeypatch.setattr(raising, "raise_risk", lambda **_: None)


def judge_what_nobody_talked_about(monkeypatch) -> None:
    """Signals that nobody talked about are judged too."""
    real = raising.what_happens

    def faulty(course, found, known):
        happened = real(course, found, known)
        return [
            *happened,
            *(raising.Mark(e.id, Step.MOVED, e.session_id, None) for e in known if e.standing.is_open),
        ]

    monkeypatch.setattr(raising, "what_happens", faulty)


@pytest.mark.parametrize(
    ("plant", "seen"),
    [
        (forget_to_settle, "settled None, but talked"),
        (let_leavers_keep_theirs, "its owner cannot answer for it"),
        (raise_risk_later, "an answer about safety is without a signal"),
        (judge_what_nobody_talked_about, "moved from (waiting|snoozed|overdue)"),
    ],
)
def test_a_planted_fault_is_found(care, monkeypatch, plant, seen):
    plant(monkeypatch)

    with pytest.raises(AssertionError, match=seen):
        # Found, it need not be made small, and no other one looked for.
        live(care, examples=80, phases=(Phase.generate,), report_multiple_bugs=False)
