"""What the house itself does with signals: raise them, judge whether they moved, hand on what nobody owns, tell of what
lies. All of it can be killed at any moment and done again: each course and each signal is a transaction of its own.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from medvirk.answers.models import Capacity, Occasion, Submission
from medvirk.answers.queries import known_at
from medvirk.feedback.actions.over import day_after, end_signals
from medvirk.feedback.logic import GRACE, RISK, Course, Found, signals_of
from medvirk.feedback.logic.following import (
    Known,
    Mark,
    Raise,
    Standing,
    Step,
    due_after,
    standing_of,
    told_again,
    what_happens,
)
from medvirk.feedback.logic.risk import line_at
from medvirk.feedback.models import Asking, Episode, Participation, Session, Signal, SignalStep, StepKind
from medvirk.feedback.queries import Followed, fetch, follow
from medvirk.feedback.queries.owners import able_for, leaders_of, owner_of, owners_of
from medvirk.feedback.queries.risk import procedure_of
from medvirk.people.access import Permission
from medvirk.people.hooks import Notice, give_notice
from medvirk.people.models import Citizen, Staff

#: One run of the duty takes at most so many courses, so that it never takes long.
AT_ONCE = 200
#: A course that could not be worked out is tried again after so long.
TRY_AGAIN = timedelta(minutes=10)


def on_answer(submission: Submission, at_risk: bool) -> None:
    """What an answer sets off at once (`answers.hooks`): its course is looked at anew, and a risk stands at once.

    What somebody else says about the citizen moves no curve; that they see a risk is as urgent.
    """
    asking = (
        Asking.objects.filter(occasion_id=submission.occasion_id)
        .select_related("session", "occasion")
        .first()
    )
    if asking is None:
        return
    now, capacity = known_at(submission), asking.occasion.capacity
    if capacity == Capacity.SELF:
        look_anew(asking, now)
    if at_risk:
        raise_risk(asking=asking, now=now, said_by="" if capacity == Capacity.SELF else capacity)


def on_taken_back(occasion: Occasion) -> None:
    """What was typed in wrongly was taken back: the course is looked at anew (`answers.hooks`)."""
    asking = (
        Asking.objects.select_related("session")
        .filter(occasion=occasion, occasion__capacity=Capacity.SELF)
        .first()
    )
    if asking is not None:
        look_anew(asking, timezone.now())


def look_anew(asking: Asking, now: datetime) -> None:
    """The course of whom it is about is worked out again."""
    course = Participation.objects.filter(episode_id=asking.session.episode_id, citizen_id=asking.citizen_id)
    course.update(signals_due_at=now)


@transaction.atomic
def raise_risk(*, asking: Asking, now: datetime, said_by: str = "") -> Signal:
    """A risk answer stands with an owner before the one who gave it has let go of the button. `said_by`: a capacity,
    where somebody else gave it.

    One that is open already shows again and has to be seen anew; so does one that was talked about at the same
    conversation before this answer came.
    """
    episode = Episode.objects.select_related("responsible", "unit").get(pk=asking.session.episode_id)
    # Locked: of two answers at the same moment one raises it, and by the other it shows again.
    Participation.objects.select_for_update().filter(episode=episode, citizen=asking.citizen_id).first()
    raised = _raise(episode, asking.citizen, Raise(RISK, asking.session_id, None), now)
    if raised is not None:
        raised.steps.update(said_by=said_by)
        return raised
    same = Signal.objects.select_for_update(of=("self",)).filter(
        episode=episode, citizen=asking.citizen, kind=RISK
    )
    held = same.filter(settled_at__isnull=True).first() or same.get(session=asking.session_id)
    if held.settled_at is not None:
        SignalStep.objects.create(signal=held, kind=StepKind.REOPENED, at=now)
    step = SignalStep.objects.create(
        signal=held, kind=StepKind.AGAIN, at=now, session_id=asking.session_id, said_by=said_by
    )
    held.settled_at = None
    held.due_at = held.tell_at = due_after(RISK, now, within=_risk_within(episode, now))
    held.save(update_fields=["settled_at", "due_at", "tell_at"])
    give_notice(Notice("feedback.risk", {held.owner.person_id}, once=f"signal:{held.pk}:{step.pk}"))
    return held


def evaluate_due(now: datetime) -> int:
    """Work out the signals of every course that something has happened in; returns how many courses (a duty).

    A course that cannot be worked out waits, so that those behind it do not; what was wrong with the first is raised
    when all are done.
    """
    due = Participation.objects.filter(signals_due_at__lte=now).order_by("signals_due_at")
    chosen = list(due.values_list("pk", flat=True)[:AT_ONCE])
    faults: list[Exception] = []
    for pk in chosen:
        try:
            evaluate(participation_id=pk, now=now)
        except Exception as fault:  # noqa: BLE001  whatever it is, one course must not hold up all
            faults.append(fault)
            Participation.objects.filter(pk=pk).update(signals_due_at=now + TRY_AGAIN)
    if faults:
        raise faults[0]
    return len(chosen)


@transaction.atomic
def evaluate(*, participation_id: int, now: datetime, until: Session | None = None) -> list[Raise | Mark]:
    """Work out one course's signals and take the steps that follow. Done twice it does nothing more.

    `until`: as the course stood at that conversation.
    """
    taking_part = (
        Participation.objects.select_for_update(of=("self",))
        .select_related("episode__responsible", "episode__unit", "citizen")
        .filter(pk=participation_id)
        .first()
    )
    if taking_part is None:  # two records have become one since
        return []
    episode, citizen, today = taking_part.episode, taking_part.citizen, timezone.localdate(now)
    followed = _course_of(episode, citizen, now, until)
    happened: list[Raise | Mark] = []
    if followed is not None and episode.ended_on is None and taking_part.on(today):
        known = _known(episode, citizen, now)
        happened = what_happens(followed.course, _found_by_session(followed, known), known)
        for each in happened:
            if isinstance(each, Raise):
                _raise(episode, citizen, each, now)
            else:
                _mark(each, now)
    if taking_part.until is not None and taking_part.until < today:
        end_signals(episode_id=episode.pk, left=citizen.pk, now=now)
    # Not by saving: that a course was looked at is no change of who takes part.
    Participation.objects.filter(pk=participation_id).update(signals_due_at=_next_look(taking_part, now))
    return happened


def _course_of(
    episode: Episode, citizen: Citizen, now: datetime, until: Session | None = None
) -> Followed | None:
    chosen = Episode.objects.filter(pk=episode.pk)
    followed = follow(None, fetch(chosen), now=now, language="nb", until=until)
    return next((each for each in followed if each.citizen.pk == citizen.pk), None)


def _known(episode: Episode, citizen: Citizen, now: datetime) -> list[Known]:
    # Locked: nobody talks about one while it is being judged.
    mine = Signal.objects.select_for_update(of=("self",)).filter(episode=episode, citizen=citizen)
    held = mine.prefetch_related("steps")
    return [_as_known(signal, now) for signal in held.order_by("raised_at", "pk")]


def _as_known(signal: Signal, now: datetime) -> Known:
    steps = [each.taken for each in signal.steps.all()]
    shown = [step.session_id for step in steps if step.kind is Step.AGAIN and step.session_id]
    talked = [step.at for step in steps if step.kind is Step.TALKED]
    return Known(
        id=signal.pk,
        kind=signal.kind,
        session_id=signal.session_id,
        last_shown=shown[-1] if shown else signal.session_id,
        standing=standing_of(steps, due_at=signal.due_at, now=now),
        talked_at=talked[-1] if talked else None,
    )


def _found_by_session(
    followed: Followed, known: Iterable[Known]
) -> Sequence[tuple[uuid.UUID, tuple[Found, ...]]]:
    """The signals as they stood at each conversation from the first that somebody waits for a verdict on, and now."""
    course, outlook = followed.course, followed.accuracy.outlook
    if not course.points:
        return []
    waiting = [each.talked_at for each in known if each.standing is Standing.TALKED and each.talked_at]
    since = min(waiting, default=None)
    earlier = [
        number
        for number, point in enumerate(course.points[:-1], start=1)
        if since is not None and point.over and point.starts_at > since
    ]
    cut = [(number, _as_far_as(course, number)) for number in earlier]
    found = [
        (course.points[number - 1].session_id, signals_of(part, followed.model, outlook))
        for number, part in cut
    ]
    return [*found, (course.points[-1].session_id, followed.found)]


def _as_far_as(course: Course, number: int) -> Course:
    return replace(course, points=course.points[:number])


def _raise(episode: Episode, citizen: Citizen, what: Raise, now: datetime) -> Signal | None:
    """Open a signal with an owner and a day; None where it is open already or was raised there before."""
    same = Signal.objects.filter(episode=episode, citizen=citizen, kind=what.kind)
    if same.filter(settled_at__isnull=True).exists() or same.filter(session=what.session_id).exists():
        return None
    owner = owner_of(episode, citizen, now=now)
    within = _risk_within(episode, now) if what.kind == RISK else None
    due_at = due_after(what.kind, now, within=within)
    signal = Signal.objects.create(
        episode=episode,
        citizen=citizen,
        session_id=what.session_id,
        kind=what.kind,
        raised_at=now,
        score=what.score,
        owner=owner,
        due_at=due_at,
        tell_at=due_at,
    )
    SignalStep.objects.create(
        signal=signal,
        kind=StepKind.RAISED,
        at=now,
        owner=owner,
        session_id=what.session_id,
        score=what.score,
    )
    if what.kind == RISK:
        give_notice(Notice("feedback.risk", {owner.person_id}, once=f"signal:{signal.pk}"))
    return signal


def _risk_within(episode: Episode, now: datetime) -> timedelta | None:
    """How fast the municipality has said that it is seen at this hour; None where it has said nothing."""
    line = line_at(procedure_of(episode.unit_id, day=timezone.localdate(now)).lines, now)
    return line.within if line else None


def _mark(what: Mark, now: datetime) -> None:
    SignalStep.objects.create(
        signal_id=what.signal_id, kind=str(what.step), at=now, session_id=what.session_id, score=what.score
    )
    if what.step is Step.GONE:
        Signal.objects.filter(pk=what.signal_id).update(settled_at=now)


def _next_look(part: Participation, now: datetime) -> datetime | None:
    """When an answer that has not come will count as missing, or the day after they leave; nothing else changes by time
    alone.
    """
    if part.episode.ended_on is not None:
        return None
    coming = Session.objects.filter(
        episode=part.episode_id, cancelled_at__isnull=True, starts_at__gte=now - GRACE
    ).order_by("starts_at")
    first = coming.values_list("starts_at", flat=True).first()
    looks = [first + GRACE + timedelta(minutes=1)] if first else []
    if part.until is not None and part.until >= timezone.localdate(now):
        looks.append(day_after(part.until))
    return min(looks, default=None)


def hand_on(now: datetime) -> int:
    """Give each open signal whose owner can no longer answer for it to somebody who can; returns how many (a duty)."""
    handed = 0
    held = list(Signal.objects.filter(settled_at__isnull=True).select_related("episode__responsible"))
    able = able_for({each.citizen_id for each in held}, now=now)
    lying = [each for each in held if each.owner_id not in able[each.citizen_id]]
    owners = owners_of([(each.episode, each.citizen_id) for each in lying], able, now=now)
    for signal, owner in zip(lying, owners, strict=True):
        if owner.pk == signal.owner_id:
            continue
        with transaction.atomic():
            mine = Signal.objects.filter(pk=signal.pk, owner=signal.owner_id, settled_at__isnull=True)
            if mine.update(owner=owner):
                step = SignalStep.objects.create(signal=signal, kind=StepKind.ASSIGNED, at=now, owner=owner)
                tell_new_owner(step, owner)
                handed += 1
    return handed


def tell_new_owner(step: SignalStep, owner: Staff) -> None:
    """Whoever is given a signal is told. Call inside the transaction that gives it."""
    give_notice(Notice("feedback.signal_handed", {owner.person_id}, once=f"signal:{step.pk}"))


def tell_of_overdue(now: datetime) -> int:
    """Tell the leaders of what was not seen to in time, once, and again after a while; returns how many (a duty).

    Where nobody leads, those who set the procedure for an answer about safety are told that it has no reader.
    """
    due = Signal.objects.filter(settled_at__isnull=True, tell_at__lte=now).select_related("episode")
    chosen = list(due.order_by("tell_at")[:AT_ONCE])
    units, day = {each.episode.unit_id for each in chosen}, timezone.localdate(now)
    leaders = leaders_of(units, day=day)
    unled = [unit for unit in units if not leaders[unit]]
    deciders = leaders_of(unled, day=day, permission=Permission.SET_PROCEDURES) if unled else {}
    whoever = {pk for some in (*leaders.values(), *deciders.values()) for pk in some}
    person_of = dict(Staff.objects.filter(pk__in=whoever).values_list("pk", "person_id"))
    told = 0
    for signal in chosen:
        unit = signal.episode.unit_id
        with transaction.atomic():
            mine = Signal.objects.filter(pk=signal.pk, settled_at__isnull=True, tell_at=signal.tell_at)
            if not mine.update(tell_at=told_again(signal.kind, now)):
                continue
            if leaders[unit]:
                step = SignalStep.objects.create(signal=signal, kind=StepKind.OVERDUE, at=now)
                kind = "feedback.risk_overdue" if signal.kind == RISK else "feedback.signal_overdue"
                notice = Notice(kind, {person_of[pk] for pk in leaders[unit]}, once=f"signal:{step.pk}")
            elif signal.kind == RISK and deciders.get(unit):
                once = f"signal:{signal.pk}:{signal.tell_at.isoformat()}"
                notice = Notice("feedback.risk_unread", {person_of[pk] for pk in deciders[unit]}, once=once)
            else:
                continue  # nobody is there to tell today: it lies on the page of signals, and is looked at again
            give_notice(notice)
            told += 1
    return told
