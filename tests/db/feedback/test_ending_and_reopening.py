"""What an end closes and its undoing opens again: exactly that, for courses, conversations, pauses, members, deaths."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from factories_feedback import DAY

from medvirk.answers.actions import close
from medvirk.answers.models import Occasion
from medvirk.feedback.actions import (
    Refused,
    add_member,
    ask_somebody,
    cancel_session,
    end_episode,
    remove_member,
    reopen_episode,
    restore_session,
)
from medvirk.feedback.actions import board as board_acts
from medvirk.feedback.actions import following as acts
from medvirk.feedback.actions import supervision as team_acts
from medvirk.feedback.actions.asking import settle_coming
from medvirk.feedback.actions.pauses import ask_again, pause
from medvirk.feedback.actions.proxies import withdraw_question
from medvirk.feedback.actions.raising import evaluate_due
from medvirk.feedback.logic import RISK
from medvirk.feedback.logic.following import Step, allowed, standing_of
from medvirk.feedback.logic.schedules import When
from medvirk.feedback.models import Participation, Schedule, ScheduleLine, Signal, SignalStep
from medvirk.feedback.queries.board import workers_for
from medvirk.feedback.queries.reminding import abouts, asked_themselves
from medvirk.feedback.queries.supervision import Aside, agenda
from medvirk.people.access import viewer_for
from medvirk.people.actions import bar_worker, register_death, undo_death
from medvirk.people.models import Relation

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)


class Two:
    """A course of two: the worker helps both. Minutes pass between what is done."""

    def __init__(self, care) -> None:
        self.care = care
        self.episode = care.episode()
        self.first = self.episode.citizens.get()
        self.second = care.make.citizen(worker=care.worker)
        self.join(since=care.make.long_ago)

    @property
    def viewer(self):
        return viewer_for(self.care.worker.user, self.care.now)

    @property
    def today(self):
        return timezone.localdate(self.care.now)

    def later(self):
        self.care.now += MINUTE
        return self.care.now

    def session(self, days: int = 0):
        at = self.care.now + days * DAY
        self.later()
        return self.care.session(self.episode, at=at)

    def join(self, **more) -> None:
        add_member(
            by=self.viewer, episode=self.episode, citizen=self.second, kind="couple", now=self.later(), **more
        )

    def leave(self, days: int = 0) -> None:
        until = self.today + days * DAY
        remove_member(
            by=self.viewer, episode=self.episode, citizen=self.second, until=until, now=self.later()
        )

    def forget(self, citizen) -> None:
        """The relation to somebody who has left has ended."""
        Relation.objects.filter(citizen=citizen).update(valid_to=self.today - DAY)

    def pause(self, days: int, citizen=None) -> None:
        pause(
            by=self.viewer, citizen=citizen or self.first, episodes=[self.episode], reason="wish",
            until=self.today + days * DAY, now=self.later(),
        )  # fmt: skip

    def ask_again(self) -> None:
        assert ask_again(by=self.viewer, citizen=self.first, episodes=[self.episode], now=self.later())

    def end(self) -> None:
        end_episode(
            by=self.viewer, episode=self.episode, ended_on=self.today, ending="planned", now=self.later()
        )

    def reopen(self) -> None:
        reopen_episode(by=self.viewer, episode=self.episode, now=self.later())

    def signal(self, citizen, kind: str = "worse") -> Signal:
        made = Signal.objects.create(
            episode=self.episode, citizen=citizen, session=self.session(-7), kind=kind,
            raised_at=self.care.now, owner=self.care.worker, due_at=self.care.now + 7 * DAY,
            tell_at=self.care.now + 7 * DAY,
        )  # fmt: skip
        SignalStep.objects.create(signal=made, kind="raised", at=self.care.now)
        return made


@pytest.fixture
def two(care) -> Two:
    return Two(care)


def waiting(session, citizen) -> set[str]:
    """At which moments the citizen can answer."""
    open_ones = session.askings.filter(citizen=citizen, occasion__closes_at=None, occasion__capacity="self")
    return set(open_ones.values_list("moment", flat=True))


BOTH = {"before", "after"}
#: Asked besides the forms of the course.
MORE = ("helping-alliance", 1)


class TestPauses:
    def test_a_pause_made_shorter_opens_what_lies_beyond_its_new_end(self, two):
        soon, late = two.session(3), two.session(20)
        two.pause(30)
        assert waiting(late, two.first) == set()
        planned_meanwhile = two.session(25)

        two.pause(7)

        assert waiting(soon, two.first) == set()
        assert waiting(late, two.first) == BOTH
        assert waiting(planned_meanwhile, two.first) == BOTH

    def test_what_the_first_of_two_pauses_closed_is_open_after_the_second(self, two):
        soon = two.session(3)
        two.pause(7)
        two.care.now += DAY
        two.pause(30)

        two.ask_again()

        assert waiting(soon, two.first) == BOTH

    def test_a_pause_that_ran_out_stays_as_it_was(self, two):
        missed = two.session(3)
        two.pause(5)
        two.care.now += 10 * DAY
        soon = two.session(3)
        two.pause(7)

        two.ask_again()

        assert (waiting(missed, two.first), waiting(soon, two.first)) == (set(), BOTH)


class TestOneStepAtATime:
    def test_a_course_that_goes_on_leaves_what_was_closed_before_it_ended(self, two):
        paused, withdrawn, free = two.session(3), two.session(), two.session(30)
        asked = [
            ask_somebody(
                by=two.viewer, session=each, citizen=two.first, whom=("Siv", "Nær"), basis="citizen",
                now=two.later(),
            )
            for each in (withdrawn, free)
        ]  # fmt: skip
        withdraw_question(by=two.viewer, occasion=asked[0], now=two.later())
        two.pause(7)
        before = Occasion.objects.filter(closes_at=None).count()
        closed_at = set(Occasion.objects.values_list("pk", "closes_at"))

        two.end()
        assert not Occasion.objects.filter(closes_at=None).exists()
        two.reopen()

        assert Occasion.objects.filter(closes_at=None).count() == before
        assert set(Occasion.objects.values_list("pk", "closes_at")) == closed_at
        assert (waiting(paused, two.first), waiting(paused, two.second)) == (set(), BOTH)
        asked[0].refresh_from_db()
        assert asked[0].closes_at is not None
        two.ask_again()
        assert waiting(paused, two.first) == BOTH
        asked[0].refresh_from_db()
        assert asked[0].closes_at is not None

    def test_a_conversation_restored_in_a_pause_is_asked_about_after_it(self, two):
        session = two.session(3)
        cancel_session(by=two.viewer, session=session, now=two.later())
        two.pause(7)
        two.later()
        restore_session(by=two.viewer, session=session)

        assert (waiting(session, two.first), waiting(session, two.second)) == (set(), BOTH)
        two.ask_again()
        assert waiting(session, two.first) == BOTH

    def test_a_pause_that_ends_opens_no_cancelled_conversation_and_loses_none(self, two):
        session = two.session(3)
        two.pause(7)
        cancel_session(by=two.viewer, session=session, now=two.later())
        two.ask_again()
        assert waiting(session, two.first) == set()

        restore_session(by=two.viewer, session=session)

        assert waiting(session, two.first) == BOTH

    def test_who_joined_while_it_was_cancelled_is_asked_at_what_is_restored(self, two):
        two.leave()
        session = two.session(3)
        cancel_session(by=two.viewer, session=session, now=two.later())
        two.join(since=two.today + DAY)

        restore_session(by=two.viewer, session=session)

        assert waiting(session, two.second) == BOTH

    def test_closing_twice_is_closing_once(self, two):
        session = two.session(3)
        theirs = Occasion.objects.filter(asking__session=session)
        close(by=None, occasions=theirs, now=two.later(), why="one")
        first = set(theirs.values_list("pk", "closes_at"))

        close(by=None, occasions=theirs, now=two.later(), why="two")

        assert set(theirs.values_list("pk", "closes_at")) == first
        assert set(theirs.values_list("closed_for", flat=True)) == {"one"}

    @pytest.mark.parametrize("ends", [False, True])
    def test_what_closed_the_forms_of_an_older_house_follows_from_how_things_stand(self, two, ends):
        paused, cancelled, late = two.session(3), two.session(9), two.session(30)
        two.leave(days=10)
        cancel_session(by=two.viewer, session=cancelled, now=two.later())
        two.pause(7)
        if ends:
            two.end()
        known = set(Occasion.objects.values_list("pk", "closed_for"))
        assert {why for _, why in known} == {"paused", "cancelled", "left", "ended" if ends else ""}
        Occasion.objects.update(closed_for="")

        import_module("medvirk.feedback.migrations.0017_what_closed_the_forms").tell(apps, None)

        if ends:
            two.reopen()
            assert (waiting(late, two.first), waiting(paused, two.second)) == (BOTH, BOTH)
            assert (waiting(late, two.second), waiting(paused, two.first)) == (set(), set())
        else:
            assert set(Occasion.objects.values_list("pk", "closed_for")) == known
        two.ask_again()
        restore_session(by=two.viewer, session=cancelled)
        assert waiting(paused, two.first) == waiting(cancelled, two.second) == BOTH


class TestWhoHasLeft:
    @pytest.fixture
    def left(self, two):
        """The second has left, and their record is closed to the worker."""
        two.today_at, two.kept = two.session(), two.session(3)
        two.leave()
        two.forget(two.second)
        return two

    def test_does_not_keep_the_others_from_ending_and_going_on(self, left):
        left.end()
        left.reopen()
        assert waiting(left.kept, left.first) == BOTH
        assert waiting(left.kept, left.second) == set()

    def test_does_not_keep_the_others_from_cancelling_and_restoring(self, left):
        cancel_session(by=left.viewer, session=left.kept, now=left.later())
        restore_session(by=left.viewer, session=left.kept)
        assert waiting(left.kept, left.first) == BOTH
        assert waiting(left.kept, left.second) == set()

    def test_does_not_keep_the_others_from_another_plan(self, left):
        # Of the last day of the one who left a form waits still.
        assert waiting(left.today_at, left.second) == BOTH
        ScheduleLine.objects.create(
            schedule=Schedule.objects.create(episode=left.episode), instrument_key=MORE[0],
            instrument_version=MORE[1], moment="before", rule=When.EVERY,
        )  # fmt: skip

        settle_coming(by=left.viewer, episodes=[left.episode], now=left.later())

        asked = left.kept.asks("before", left.first.pk).asks.values_list("instrument_key", flat=True)
        assert MORE[0] in set(asked)

    def test_comes_back_to_the_forms_that_waited(self, two):
        session = two.session(9)
        two.leave()
        assert waiting(session, two.second) == set()

        two.join(since=two.today + 2 * DAY)

        assert waiting(session, two.second) == BOTH
        assert session.askings.filter(citizen=two.second).count() == 2

    def test_a_day_before_they_are_back_is_not_asked_about(self, two):
        session = two.session(2)
        two.leave()
        two.join(since=two.today + 5 * DAY)
        assert waiting(session, two.second) == set()

    def test_who_leaves_later_has_their_signals_until_then(self, two):
        signal, risk = two.signal(two.second), two.signal(two.second, RISK)
        others = two.signal(two.first)
        two.leave(days=3)
        evaluate_due(two.care.now)
        signal.refresh_from_db()
        assert signal.settled_at is None

        evaluate_due(two.care.now + 3 * DAY)
        signal.refresh_from_db()
        assert signal.settled_at is None

        evaluate_due(two.care.now + 4 * DAY)
        for each in (signal, risk, others):
            each.refresh_from_db()
        assert signal.settled_at is not None
        assert list(signal.steps.values_list("kind", flat=True)) == ["raised", "ended"]
        assert (risk.settled_at, others.settled_at) == (None, None)

    def test_what_ended_when_they_left_is_not_open_in_a_course_that_goes_on(self, two):
        gone, risk, others = two.signal(two.second), two.signal(two.second, RISK), two.signal(two.first)
        two.leave()
        two.end()

        two.reopen()

        for each in (gone, risk, others):
            each.refresh_from_db()
        assert gone.settled_at is not None
        # The answer about safety stood when the course ended, also of the one who had left.
        assert (risk.settled_at, others.settled_at) == (None, None)

    def test_is_not_reminded_whatever_stands_open(self, two):
        session = two.session(3)
        Participation.objects.filter(citizen=two.second).update(until=two.today)

        facts = {each.asking.citizen_id: each.facts for each in abouts(asked_themselves(), two.care.now)}

        assert (facts[two.first.pk].closed, facts[two.second.pk].closed) == (False, True)
        assert waiting(session, two.second) == BOTH


class TestTheTeam:
    @pytest.fixture
    def colleague(self, two):
        """Helps the first, and has no relation to the second, who leaves."""
        two.leave()
        two.care.now += DAY
        made = two.care.make.staff("practitioner", two.care.unit)
        Relation.objects.create(citizen=two.first, staff=made, valid_from=two.care.make.long_ago)
        return made

    def give(self, two, who):
        return board_acts.give_task(
            by=two.viewer, episode=two.episode, text="Ringe", who=who, due_on=two.today, now=two.care.now
        )

    def test_who_has_left_keeps_nobody_from_a_task(self, two, colleague):
        assert colleague in workers_for(two.episode, now=two.care.now)
        assert self.give(two, colleague).who == colleague

    def test_who_takes_part_does_and_a_bar_stays_after_leaving(self, two, colleague):
        Participation.objects.filter(citizen=two.second).update(until=None)
        assert colleague not in workers_for(two.episode, now=two.care.now)
        Participation.objects.filter(citizen=two.second).update(until=two.today - DAY)
        bar_worker(by=two.viewer, citizen=two.second, worker=colleague, reason="Nabo")

        assert colleague not in workers_for(two.episode, now=two.care.now + MINUTE)
        two.care.now += MINUTE
        with pytest.raises(Refused, match="cannot_do"):
            self.give(two, colleague)

    @pytest.mark.parametrize(("bar", "aside"), [(False, Aside.NO), (True, Aside.KEPT_OUT)])
    def test_who_has_left_sets_a_case_aside_by_a_bar_alone(self, two, colleague, bar, aside):
        if bar:
            bar_worker(by=two.viewer, citizen=two.second, worker=colleague, reason="Nabo")
        assert self.aside(two, colleague) == aside

    def test_who_takes_part_still_sets_it_aside(self, two, colleague):
        Participation.objects.filter(citizen=two.second).update(until=None)
        assert self.aside(two, colleague) == Aside.NOT_OPEN

    def aside(self, two, colleague):
        now = two.later()
        meeting = team_acts.plan_supervision(by=two.viewer, unit=two.care.unit, day=two.today, now=now)
        team_acts.ask_for(by=two.viewer, episode=two.episode, words="Hva nå?", now=now)
        team_acts.begin(by=two.viewer, meeting=meeting, present=[two.care.worker, colleague], now=now)
        found = agenda(two.viewer, meeting, now=now + MINUTE, language="nb")
        return next(each.aside for each in (*found.lines, *found.aside))


class TestADeathInACourseOfTwo:
    @pytest.fixture
    def dead(self, two):
        """The second has died; what was open before."""
        two.session(3)
        two.theirs, two.others = two.signal(two.second), two.signal(two.first)
        two.risk = two.signal(two.second, RISK)
        two.before = set(Occasion.objects.values_list("pk", "closes_at", "closed_for"))
        Participation.objects.update(signals_due_at=None)
        two.death = register_death(by=two.viewer, citizen=two.second, died_on=timezone.localdate())
        return two

    def part(self, two):
        return Participation.objects.get(episode=two.episode, citizen=two.second)

    def undo(self, two):
        leader = two.care.make.staff("team_leader", two.care.unit)
        undo_death(by=two.care.make.viewer(leader), death_id=two.death.pk)

    def test_goes_on_for_the_other_alone(self, dead):
        dead.episode.refresh_from_db()
        assert dead.episode.ended_on is None
        assert self.part(dead).until == timezone.localdate()
        for each in (dead.theirs, dead.risk, dead.others):
            each.refresh_from_db()
        assert dead.theirs.settled_at is not None
        assert dead.risk.settled_at is not None
        assert dead.others.settled_at is None
        assert Participation.objects.filter(episode=dead.episode, signals_due_at__isnull=True).count() == 0

    def test_a_mistake_is_taken_back_whole(self, dead):
        self.undo(dead)

        assert self.part(dead).until is None
        assert set(Occasion.objects.values_list("pk", "closes_at", "closed_for")) == dead.before
        assert not Signal.objects.exclude(settled_at=None).exists()

    def test_a_mistake_taken_back_opens_nothing_in_a_course_that_ended_since(self, dead):
        dead.end()

        self.undo(dead)

        assert not Occasion.objects.filter(closes_at=None).exists()
        assert not Signal.objects.filter(settled_at=None).exists()
        dead.reopen()
        assert set(Occasion.objects.values_list("pk", "closes_at", "closed_for")) == dead.before

    def test_the_dead_are_asked_no_more_when_a_course_goes_on(self, dead):
        dead.end()
        dead.reopen()

        open_ones = Occasion.objects.filter(closes_at=None)
        assert set(open_ones.values_list("about", flat=True)) == {dead.first.pk}
        assert set(Signal.objects.filter(settled_at=None)) == {dead.others}

    def test_one_whose_other_has_left_ends_the_course(self, two):
        two.leave()
        Participation.objects.filter(citizen=two.second).update(until=two.today - DAY)

        register_death(by=two.viewer, citizen=two.first, died_on=timezone.localdate())

        two.episode.refresh_from_db()
        assert two.episode.ending == "death"


def test_nobody_undoes_a_talk_in_a_course_that_has_ended(two):
    signal = two.signal(two.first)
    acts.talk(by=two.viewer, signal=signal, about="Tempoet", now=two.later())
    two.end()
    steps = [each.taken for each in signal.steps.all()]
    standing = standing_of(steps, due_at=signal.due_at, now=two.care.now)
    assert Step.REOPENED not in allowed(standing, signal.kind, running=False)

    with pytest.raises(Refused, match="not_now"):
        acts.reopen(by=two.viewer, signal=signal, now=two.later())

    two.reopen()
    acts.reopen(by=two.viewer, signal=signal, now=two.later())
    signal.refresh_from_db()
    assert signal.settled_at is None


def test_the_plan_and_the_pauses_are_read_once_for_a_course(two):
    """However many conversations and citizens: here four."""
    for days in (3, 5):
        two.session(days)

    with CaptureQueriesContext(connection) as seen:
        settle_coming(by=two.viewer, episodes=[two.episode], now=two.care.now)

    for table in ("schedule", "measuringpause", "participation"):
        assert sum(f'FROM "feedback_{table}"' in each["sql"] for each in seen) == 1, table


def test_only_a_worker_with_a_relation_ends_a_course(two):
    stranger = two.care.make.viewer(two.care.make.staff("practitioner"))
    for act in (
        lambda: end_episode(
            by=stranger, episode=two.episode, ended_on=two.today, ending="planned", now=two.care.now
        ),
        lambda: reopen_episode(by=stranger, episode=two.episode, now=two.care.now),
    ):
        with pytest.raises(PermissionDenied):
            act()
