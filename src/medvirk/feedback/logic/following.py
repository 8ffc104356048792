"""Following a signal through: what its state is, what may be done with it, and what the next measures say of it.

A signal's state follows from its steps, the day it is due and the clock; nothing holds it. What an evaluation of a
course does to its signals follows from the course and the signals there are (`what_happens`).
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from medvirk.feedback.logic.courses import EXCUSED, RISK, Course, Found, Point

#: A signal should be talked about within so long; the shares of a unit are counted by it too.
TALK_WITHIN = timedelta(days=7)
#: An answer about safety should have been seen within so long, where the municipality has said nothing else.
RISK_WITHIN = timedelta(hours=1)
#: Once seen, it should have been talked about within so long.
RISK_TALK_WITHIN = timedelta(days=1)
#: The most that a signal can be put off at once.
LONGEST_SNOOZE = timedelta(days=28)
#: What lies untouched is told to the leader anew after so long.
TOLD_AGAIN_AFTER = timedelta(days=7)
RISK_TOLD_AGAIN_AFTER = timedelta(hours=4)
#: After a talk, so many measured conversations decide whether it moved.
LOOKS = 2


class Step(StrEnum):
    """As `models.StepKind`."""

    RAISED = "raised"
    AGAIN = "again"
    SEEN = "seen"
    ASSIGNED = "assigned"
    SNOOZED = "snoozed"
    OVERDUE = "overdue"
    TALKED = "talked"
    MOVED = "moved"
    NOT_MOVED = "not_moved"
    GONE = "gone"
    ENDED = "ended"
    REOPENED = "reopened"


class Standing(StrEnum):
    """Where a signal stands."""

    WAITING = "waiting"
    SNOOZED = "snoozed"
    OVERDUE = "overdue"
    TALKED = "talked"
    MOVED = "moved"
    NOT_MOVED = "not_moved"
    GONE = "gone"
    ENDED = "ended"

    @property
    def is_open(self) -> bool:
        """It asks for something still."""
        return self in {Standing.WAITING, Standing.SNOOZED, Standing.OVERDUE}


@dataclass(frozen=True)
class Taken:
    """A step that was taken. `until` of one that was put off; `session_id` of what a measure showed."""

    kind: Step
    at: datetime
    until: datetime | None = None
    session_id: uuid.UUID | None = None


#: Told by the calendar alone, so that it is over as soon as it is no longer so.
MISSING = "missing_measure"
ALLIANCE = "alliance_"


def tells_of(kind: str, point: Point) -> bool:
    """A conversation at which a signal of this kind could have shown, or not. What was not asked says nothing."""
    if kind == RISK:
        return point.at_risk is not None
    if kind == MISSING:
        return point.over and (point.outcome is not None or point.missing not in EXCUSED)
    if kind.startswith(ALLIANCE):
        return point.meeting is not None
    return point.outcome is not None


SETTLES = {
    Step.TALKED: Standing.TALKED,
    Step.MOVED: Standing.MOVED,
    Step.NOT_MOVED: Standing.NOT_MOVED,
    Step.GONE: Standing.GONE,
    Step.ENDED: Standing.ENDED,
}


def standing_of(steps: Iterable[Taken], *, due_at: datetime, now: datetime) -> Standing:
    """Where a signal stands at `now`. `steps` in order of time; `due_at` as it stands after the last of them."""
    settled: Standing | None = None
    until: datetime | None = None
    for step in steps:
        if step.kind in SETTLES:
            settled = SETTLES[step.kind]
        elif step.kind is Step.REOPENED:
            settled, until = None, None
        elif step.kind is Step.SNOOZED:
            until = step.until
    if settled is not None:
        return settled
    if until is not None and until > now:
        return Standing.SNOOZED
    return Standing.OVERDUE if due_at <= now else Standing.WAITING


def allowed(standing: Standing, kind: str, *, running: bool = True) -> frozenset[Step]:
    """The steps that somebody may take with a signal of this kind as it stands. running: its course has not ended."""
    if standing.is_open:
        steps = {Step.SEEN, Step.ASSIGNED, Step.TALKED}
        # Nobody puts off that somebody does not want to live.
        return frozenset(steps if kind == RISK else steps | {Step.SNOOZED})
    # What was settled by a slip can be opened again; what the next measure has judged stands, and in a course that has
    # ended nothing asks for anything.
    return frozenset({Step.REOPENED}) if standing is Standing.TALKED and running else frozenset()


@dataclass(frozen=True)
class Known:
    """A signal there is. `session_id`: the conversation that raised it; `last_shown`: the last at which it showed."""

    id: uuid.UUID
    kind: str
    session_id: uuid.UUID
    last_shown: uuid.UUID
    standing: Standing
    talked_at: datetime | None


@dataclass(frozen=True)
class Raise:
    """A new signal."""

    kind: str
    session_id: uuid.UUID
    score: float | None


@dataclass(frozen=True)
class Mark:
    """A step that the house takes with a signal there is, by what a conversation showed."""

    signal_id: uuid.UUID
    step: Step
    session_id: uuid.UUID
    score: float | None


def what_happens(
    course: Course,
    found_by_session: Sequence[tuple[uuid.UUID, Sequence[Found]]],
    known: Iterable[Known],
) -> list[Raise | Mark]:
    """What an evaluation does. `found_by_session`: for each conversation that is over, in order of time, its id and
    the signals of the course as far as that conversation; the last is the course as it stands.

    A signal shows itself at the conversation its facts are about, so that looking twice raises it once. A course
    without a conversation (the only one was cancelled) shows none.
    """
    order = {point.session_id: number for number, point in enumerate(course.points)}
    latest = found_by_session[-1][1] if found_by_session else ()
    now_found = {found.kind: _shown_at(course, found) for found in latest}
    by_kind: dict[str, list[Known]] = {}
    for signal in known:
        by_kind.setdefault(signal.kind, []).append(signal)
    happened: list[Raise | Mark] = []
    for signals in by_kind.values():
        for signal in signals:
            if signal.standing.is_open:
                happened += _of_open(course, signal, now_found.get(signal.kind), order)
            elif signal.standing is Standing.TALKED and signal.talked_at is not None:
                happened += _verdict(course, signal, found_by_session)
    judged = {each.signal_id: each.step for each in happened if isinstance(each, Mark)}
    for kind, shown in now_found.items():
        if shown is not None and _is_new(by_kind.get(kind, ()), judged, shown, order):
            happened.append(Raise(kind, shown, _score_at(course, shown)))
    return happened


def _shown_at(course: Course, found: Found) -> uuid.UUID | None:
    number = found.session - 1
    return course.points[number].session_id if 0 <= number < len(course.points) else None


def _score_at(course: Course, session_id: uuid.UUID) -> float | None:
    return next((point.outcome for point in course.points if point.session_id == session_id), None)


def _of_open(
    course: Course, signal: Known, shown: uuid.UUID | None, order: dict[uuid.UUID, int]
) -> list[Raise | Mark]:
    last = order.get(signal.last_shown, -1)
    if shown is not None:
        if order[shown] > last:
            return [Mark(signal.id, Step.AGAIN, shown, _score_at(course, shown))]
        return []
    # What was shown to somebody does not vanish because the norms were worked out anew: only a new answer ends it, or
    # that the conversation it was about was cancelled. What the calendar alone has told is over when it is not so.
    # And nobody is told by the house that somebody who did not want to live is well again: a person says so.
    if signal.kind == RISK:
        return []
    told = (p for p in reversed(course.points) if tells_of(signal.kind, p) and order[p.session_id] > last)
    newer = next(told, None)
    if newer is not None:
        return [Mark(signal.id, Step.GONE, newer.session_id, newer.outcome)]
    if last < 0 or signal.kind == MISSING:
        return [Mark(signal.id, Step.GONE, signal.last_shown, _score_at(course, signal.last_shown))]
    return []


def _verdict(
    course: Course, signal: Known, found_by_session: Sequence[tuple[uuid.UUID, Sequence[Found]]]
) -> list[Raise | Mark]:
    """Did it move? Yes at the first of the next measured conversations without it; no when the last has it still."""
    assert signal.talked_at is not None  # only what was talked about is asked for
    points = {point.session_id: point for point in course.points}
    later = [
        (points[session_id], found)
        for session_id, found in found_by_session
        if session_id in points
        and tells_of(signal.kind, points[session_id])
        and points[session_id].starts_at > signal.talked_at
        and session_id != signal.last_shown
    ]
    for look, (point, found) in enumerate(later[:LOOKS], start=1):
        if signal.kind not in {each.kind for each in found}:
            return [Mark(signal.id, Step.MOVED, point.session_id, point.outcome)]
        if look == LOOKS:
            return [Mark(signal.id, Step.NOT_MOVED, point.session_id, point.outcome)]
    return []


def _is_new(
    signals: Iterable[Known], judged: dict[uuid.UUID, Step], shown: uuid.UUID, order: dict[uuid.UUID, int]
) -> bool:
    """Nothing of the kind is open or waits for its verdict, and it shows later than any that was settled."""
    for signal in signals:
        step = judged.get(signal.id)
        undecided = signal.standing is Standing.TALKED and step is None
        if (signal.standing.is_open and step is not Step.GONE) or undecided:
            return False
        if order.get(shown, -1) <= order.get(signal.last_shown, -1):
            return False
    return True


def due_after(kind: str, raised_at: datetime, *, within: timedelta | None = None) -> datetime:
    """When a signal should have been talked about; one about safety when it should have been seen."""
    return raised_at + (within or (RISK_WITHIN if kind == RISK else TALK_WITHIN))


def told_again(kind: str, now: datetime) -> datetime:
    """When the leader is told once more about what still lies."""
    return now + (RISK_TOLD_AGAIN_AFTER if kind == RISK else TOLD_AGAIN_AFTER)
