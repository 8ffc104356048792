"""Which courses a team should talk about in supervision, and why; and what the measures did after it was agreed.

The criteria are few and stated here, so that a team can know why a course is on its agenda, and why another is not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from medvirk.feedback.logic.courses import Course, Found
from medvirk.stats.signals import SignalKind

#: So long without a score is long.
UNMEASURED_AFTER = timedelta(weeks=6)
#: So many conversations, or so long a time, make a course long: reason enough to ask what it is for now.
MANY_CONVERSATIONS = 20
LONG_COURSE = timedelta(days=365)

#: Of the signals of a course, those that a team takes up. A sudden fall, an answer about safety and a missing answer
#: are for the two to talk about at once: they do not wait for a meeting, and come here only when they lie (`OVERDUE`).
TAKEN_UP = (
    str(SignalKind.DETERIORATED),
    str(SignalKind.WORSE_EXPECTED),
    str(SignalKind.NOT_ON_TRACK),
    str(SignalKind.ALLIANCE_LOW),
    str(SignalKind.ALLIANCE_FALLING),
    str(SignalKind.ALLIANCE_ALWAYS_PERFECT),
)
ASKED, OVERDUE, AGREED, UNMEASURED, LONG = "asked", "overdue", "agreed", "unmeasured", "long"
#: What a team is told first.
ORDER = (OVERDUE, ASKED, *TAKEN_UP, AGREED, UNMEASURED, LONG)


@dataclass(frozen=True)
class Reason:
    """Why a course is on the agenda, with its numbers. `session`: of a signal, as `Found`."""

    kind: str
    facts: Mapping[str, float] = field(default_factory=dict)
    session: int = 0

    @property
    def is_signal(self) -> bool:
        return self.kind in TAKEN_UP

    @property
    def found(self) -> Found:
        """The signal it is, for putting it into words."""
        return Found(self.kind, self.session, dict(self.facts))


@dataclass(frozen=True)
class Facts:
    """What there is to know of a course when the agenda is made.

    `measured_on`: the day of its latest score; `paused`: measuring is paused for one who takes part, so that nobody
    has forgotten it. `overdue`: how many of its signals should have been talked about by now; `agreed`: how many things
    agreed in earlier supervision have not ended; `asked`: somebody wants to take it up.
    """

    started_on: date
    found: Sequence[Found] = ()
    conversations: int = 0
    measured_on: date | None = None
    paused: bool = False
    overdue: int = 0
    agreed: int = 0
    asked: bool = False


def reasons_for(facts: Facts, today: date) -> tuple[Reason, ...]:
    """Why the team should talk about this course, the most pressing first; none: no reason is known."""
    found = [Reason(each.kind, each.facts, each.session) for each in facts.found if each.kind in TAKEN_UP]
    if facts.asked:
        found.append(Reason(ASKED))
    if facts.overdue:
        found.append(Reason(OVERDUE, {"count": facts.overdue}))
    if facts.agreed:
        found.append(Reason(AGREED, {"count": facts.agreed}))
    without = today - (facts.measured_on or facts.started_on)
    if without >= UNMEASURED_AFTER and not facts.paused:
        found.append(
            Reason(UNMEASURED, {"weeks": without.days // 7, "ever": float(facts.measured_on is not None)})
        )
    age = today - facts.started_on
    if facts.conversations >= MANY_CONVERSATIONS or age >= LONG_COURSE:
        found.append(Reason(LONG, {"conversations": facts.conversations, "months": int(age.days / 30.44)}))
    return tuple(sorted(_once(found), key=lambda each: ORDER.index(each.kind)))


def _once(reasons: Sequence[Reason]) -> list[Reason]:
    """Of several who take part, the same reason is said once."""
    seen: dict[str, Reason] = {}
    for each in reasons:
        seen.setdefault(each.kind, each)
    return list(seen.values())


def kept(reasons: Sequence[Reason]) -> list[dict[str, object]]:
    """The reasons as they are stored when a meeting begins."""
    return [{"kind": each.kind, "facts": dict(each.facts), "session": each.session} for each in reasons]


def read_back(stored: Sequence[Mapping[str, object]]) -> tuple[Reason, ...]:
    """The reasons as they stood; those of a kind that is no longer known are left out."""
    return tuple(
        Reason(str(each["kind"]), each["facts"], int(str(each["session"])))  # type: ignore[arg-type]
        for each in stored
        if each["kind"] in ORDER
    )


class Moved(StrEnum):
    """What the measures did since a day."""

    BETTER = "better"
    WORSE = "worse"
    WITHIN_CHANCE = "within_chance"
    # There is no reliable-change limit to hold it against.
    NOT_KNOWN = "not_known"
    NOT_MEASURED = "not_measured"


@dataclass(frozen=True)
class Since:
    """The score at a day and the latest one after it, and what that is."""

    moved: Moved
    before: float | None = None
    after: float | None = None


def moved_since(course: Course, days: Sequence[date], day: date) -> Since:
    """What the outcome did since `day`. `days`: the day of each point of the course."""
    scores = [
        (at, point.outcome)
        for at, point in zip(days, course.points, strict=True)
        if point.outcome is not None
    ]
    before = next((score for at, score in reversed(scores) if at <= day), None)
    after = next((score for at, score in reversed(scores) if at > day), None)
    if before is None or after is None:
        return Since(Moved.NOT_MEASURED, before, after)
    if course.measure.rci is None:
        return Since(Moved.NOT_KNOWN, before, after)
    gain = course.measure.direction.sign * (after - before)
    if not bool(course.measure.rci.reached_by(abs(gain))):
        return Since(Moved.WITHIN_CHANCE, before, after)
    return Since(Moved.BETTER if gain > 0 else Moved.WORSE, before, after)
