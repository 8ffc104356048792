"""Pure decisions of the feedback room: the course, what is expected of it, and who needs attention first.

A course is counted in sessions from the first measured one: t = log1p(0, 1, 2, …), as in `stats.growth`.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

import numpy as np

from medvirk.instruments.logic import MissingReason
from medvirk.stats.change import Direction, ReliableChange
from medvirk.stats.faults import Floats
from medvirk.stats.growth import GrowthModel
from medvirk.stats.signals import (
    DESERVES_ATTENTION,
    EndForecast,
    Signal,
    SignalKind,
    alliance_signals,
    missing_signal,
    outcome_signals,
)

#: A session without an answer counts as missing only when the day is over.
GRACE = timedelta(hours=12)
#: Why there is no answer though nobody forgot it: they would rather not, measuring was paused, or the plan did not ask.
DECLINED, PAUSED, NOT_ASKED = "declined", "paused", "not_asked"
#: It was answered on the version for another age, whose scores are not those of this course.
OTHER_FORM = "other_form"
EXCUSED = frozenset({DECLINED, PAUSED, NOT_ASKED, OTHER_FORM})
#: It was answered, but for too little to make a score: they may skip questions, and nobody has to be asked again.
PARTLY = frozenset({MissingReason.NOT_ALL_ANSWERED, MissingReason.TOO_FEW_ANSWERED})
#: The expected course is drawn at least this far, so that the first picture already shows a way ahead.
SHORTEST_PICTURE = 6
AHEAD = 2
#: A fall in the meeting score, as a share of its range, that is worth a word: about one standard error of
#: measurement as we guess it for `this-meeting` (SD 7, reliability .75). The 2.5 % of published rule tables lies
#: within what error makes of itself, and would flag every other meeting.
MEETING_FALL = 0.08


@dataclass(frozen=True)
class Measure:
    """What is needed of a scale to draw and judge a course on it."""

    instrument: str
    version: int
    scale: str
    title: str
    direction: Direction
    low: float
    high: float
    cutoff: float | None
    rci: ReliableChange | None
    rci_is_guess: bool
    # In published studies; and whether the answers given here meet the stated criteria.
    validated: bool
    meets_criteria: bool = False


@dataclass(frozen=True)
class Point:
    """One session of a course. A score is None where there is none; `missing` says why."""

    session_id: uuid.UUID
    starts_at: datetime
    answered: bool = False
    over: bool = True
    outcome: float | None = None
    # `EXCUSED` tells that nobody forgot it.
    missing: str = ""
    meeting: float | None = None
    meeting_missing: str = ""
    # None: the question about safety was not asked, or not answered.
    at_risk: bool | None = None
    # What was chosen there, in the words that were shown, and how far down the list it stands.
    risk_words: str = ""
    risk_level: float = 0.0
    own_words: str = ""
    meeting_words: str = ""
    changes: tuple[str, ...] = ()
    # How near each own goal was, 0–10, by the goal's id; and who was there when it was answered.
    goals: Mapping[uuid.UUID, float] = field(default_factory=dict)
    helped_by: str = ""
    # What was answered instead, on the version for another age: its title and its score, never compared.
    other_form: tuple[str, float | None] | None = None


@dataclass(frozen=True)
class Course:
    """Sessions in order of time, up to now."""

    measure: Measure
    meeting_measure: Measure | None
    points: tuple[Point, ...]

    @property
    def first(self) -> int | None:
        """Index of the first point with a score."""
        return next((index for index, point in enumerate(self.points) if point.outcome is not None), None)

    @property
    def measured(self) -> tuple[Point, ...]:
        return tuple(point for point in self.points if point.outcome is not None)


@dataclass(frozen=True, eq=False)
class Outlook:
    """The forecast of how a course ends, and from which chance (0–1) of ending reliably worse it deserves a talk."""

    forecast: EndForecast
    worrying: float


class Urgency(StrEnum):
    """What a line on the caseload asks for, most urgent first."""

    RISK = "risk"
    TALK = "talk"
    MEASURE = "measure"
    NONE = "none"


@dataclass(frozen=True)
class Found:
    """A signal with the number of its session (1 is the first of the course)."""

    kind: str
    session: int
    facts: dict[str, float]


RISK = "risk"
ATTENTION = (RISK, *map(str, DESERVES_ATTENTION))


@dataclass(frozen=True)
class Expected:
    """Where a new score is expected, by session number, given the first score: mean, 50 % and 80 % band."""

    sessions: tuple[int, ...]
    mean: tuple[float, ...]
    half: tuple[tuple[float, float], ...]
    wide: tuple[tuple[float, float], ...]


def expected_course(course: Course, model: GrowthModel | None) -> Expected | None:
    """What the first score lets expect, or None without a model or a first score."""
    first = course.first
    if model is None or not model.usable or first is None:
        return None
    score = course.measured[0].outcome
    assert score is not None
    seen = [score]
    last = max(len(course.points) + AHEAD, first + SHORTEST_PICTURE)
    t = np.log1p(np.arange(last - first))
    low, high = course.measure.low, course.measure.high
    half = model.band([0.0], seen, t, coverage=0.5, low=low, high=high)
    wide = model.band([0.0], seen, t, coverage=0.8, low=low, high=high)
    mean = np.clip(model.predict([0.0], seen, t)[0], low, high)
    # At the first session itself the score is known: the picture starts in it.
    return Expected(
        sessions=tuple(range(first + 1, last + 1)),
        mean=(score, *map(float, mean[1:])),
        half=_from_the_first(score, half),
        wide=_from_the_first(score, wide),
    )


def _from_the_first(score: float, band: tuple[Floats, Floats]) -> tuple[tuple[float, float], ...]:
    ends = list(zip(map(float, band[0]), map(float, band[1]), strict=True))
    return ((score, score), *ends[1:])


def signals_of(
    course: Course, model: GrowthModel | None, outlook: Outlook | None = None
) -> tuple[Found, ...]:
    """All signals of a course as it stands, the most urgent first. What cannot be worked out gives no signal."""
    found = _risk(course)
    first = course.first
    if first is not None:
        scores = np.array([np.nan if p.outcome is None else p.outcome for p in course.points[first:]])
        told = _numbered(
            outcome_signals(
                np.log1p(np.arange(scores.size)),
                scores,
                model=model if model is not None and model.usable else None,
                direction=course.measure.direction,
                rci=course.measure.rci,
                low=course.measure.low,
                high=course.measure.high,
                forecast=outlook.forecast if outlook else None,
                worrying=outlook.worrying if outlook else None,
            ),
            offset=first,
        )
        said = _said_by_another(course, told)
        found += [each for each in told if each.kind not in said]
    over = [point for point in course.points if point.over]
    missing = missing_signal([np.nan if point.outcome is None else point.outcome for point in over])
    if missing and over[-1].missing not in EXCUSED | PARTLY:
        found += _numbered([missing], offset=0)
    if course.meeting_measure is not None:
        meeting = np.array([np.nan if p.meeting is None else p.meeting for p in course.points], dtype=float)
        found += _numbered(
            alliance_signals(
                meeting,
                low=course.meeting_measure.low,
                high=course.meeting_measure.high,
                cutoff=course.meeting_measure.cutoff,
                fall_share=MEETING_FALL,
            ),
            offset=0,
        )
    return tuple(sorted(found, key=lambda each: ATTENTION.index(each.kind)))


def _said_by_another(course: Course, told: Sequence[Found]) -> set[str]:
    """What is left out beside *deteriorated*. `accuracy.shown_rules` judges the signals without these."""
    if all(each.kind != SignalKind.DETERIORATED for each in told):
        return set()
    # Who is reliably worse already need not hear that it may come. At the second score "worse than at the start" and
    # "worse than last time" are one and the same.
    second = {str(SignalKind.SUDDEN_FALL)} if len(course.measured) == 2 else set()
    return {str(SignalKind.WORSE_EXPECTED)} | second


def _risk(course: Course) -> list[Found]:
    """Risk, if the latest answer to the question about safety says so. Leaving it out later takes nothing back."""
    told = [(number, point) for number, point in enumerate(course.points, 1) if point.at_risk is not None]
    return [Found(RISK, number, {"level": point.risk_level}) for number, point in told[-1:] if point.at_risk]


def _numbered(signals: Sequence[Signal], offset: int) -> list[Found]:
    return [Found(str(signal.kind), signal.session + offset + 1, dict(signal.facts)) for signal in signals]


def urgency_of(found: Sequence[Found]) -> Urgency:
    """The most urgent thing that the signals ask for."""
    kinds = {signal.kind for signal in found}
    if RISK in kinds:
        return Urgency.RISK
    if kinds - {str(SignalKind.MISSING_MEASURE)}:
        return Urgency.TALK
    return Urgency.MEASURE if kinds else Urgency.NONE


def is_missing(starts_at: datetime, now: datetime) -> bool:
    """A session is over, so that an answer that is not there will not come by itself."""
    return starts_at + GRACE < now


def numbered(rows: Iterable[tuple[str, float | None]]) -> list[tuple[str, int, float]]:
    """(course, score or None) in order of course and time → (course, number, score) of those that are measured.

    The number counts all sessions from the first measured one, which is 0.
    """
    result: list[tuple[str, int, float]] = []
    current, number = "", -1
    for course, score in rows:
        if course != current:
            current, number = course, -1
        if score is None and number < 0:
            continue
        number += 1
        if score is not None:
            result.append((course, number, score))
    return result
