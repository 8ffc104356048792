"""From rows of scores and the ends of courses to what is known of each finished course."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from medvirk.stats.faults import (
    LARGEST,
    BadScoresError,
    CannotEstimateError,
    Floats,
    float_array,
    is_real,
    keys_array,
    told,
)
from medvirk.stats.growth.grouping import Courses, courses
from medvirk.stats.growth.model import GrowthModel
from medvirk.stats.outcomes.measures import Booleans, Measure
from medvirk.stats.outcomes.paired import finished_courses

Ints = NDArray[np.int64]
# Times come from logarithms: the same day may differ in the last digits.
SAME_TIME = 1e-9
NOBODY, UNFINISHED = -1, -2


@dataclass(frozen=True, eq=False)
class Series:
    """The scores of one measure, three lists of equal length with one element per score; NaN score = not answered.

    `person` is any key, `t` the time transformed as the growth model wants it. `model` is a growth model from
    elsewhere, taken as known; without it one is fitted to these scores.
    """

    measure: Measure
    person: ArrayLike
    t: ArrayLike
    score: ArrayLike
    model: GrowthModel | None = None


@dataclass(frozen=True, eq=False)
class OneSeries:
    """A series as courses: `rows` sorted by person and time, `owner` (courses,) the position of each course's person.

    `known` (courses,) is the last row *before* the end score, `ended` whether there is an end score.
    """

    measure: Measure
    model: GrowthModel | None
    rows: Courses
    owner: Ints
    known: Ints
    ended: Booleans


@dataclass(frozen=True, eq=False)
class FinishedCourses:
    """Everyone with a finished course, and their scores (measures, people), NaN = missing.

    `first` is the earliest score, `last` the one at the end, `carried` the latest one, whenever it was (for someone
    measured once, the first). `end` (people,) is when the course ended. `courses` counts the unfinished too.
    """

    measures: tuple[Measure, ...]
    end: Floats
    first: Floats
    last: Floats
    carried: Floats
    series: tuple[OneSeries, ...]
    courses: int

    @property
    def began(self) -> Booleans:
        """Who has a first score on every measure: of them an outcome can be told at all."""
        return np.asarray(~np.isnan(self.first).any(axis=0))

    @property
    def complete(self) -> Booleans:
        """Who has a first and an end score on every measure."""
        return np.asarray(self.began & ~np.isnan(self.last).any(axis=0))

    @property
    def completion(self) -> float:
        """The share of finished courses with a first and an end score on every measure."""
        return float(self.complete.mean())

    @classmethod
    def of(
        cls,
        *,
        course: ArrayLike,
        end: ArrayLike,
        series: Sequence[Series],
        attended: ArrayLike | None = None,
        window: float = 0.0,
    ) -> FinishedCourses:
        """`course` (n,) names everyone whose course has ended, also those without a score; `end` (n,) says when.

        `end` and `window` are in the unit of t: a person's latest score is the end score if it lies within `window`
        of the end and is not also the first. `attended` (n,) as in `paired_outcomes`.

        Raises BadScoresError, all faults at once: lists that do not fit, someone with two courses, an end missing,
        scores of people without a course, after the end or off the scale, and the faults of `growth.Norms.from_scores`.
        CannotEstimateError when no course is finished or a measure has no scores.
        """
        keys, ends = keys_array("course", course), float_array("end", end)
        faults = _course_faults(keys, ends, window)
        if not series:
            faults.append("There is no measure. Give the scores of at least one.")
        if faults:
            raise BadScoresError(faults)
        finished = finished_courses(attended, keys.size)
        if not finished.any():
            raise CannotEstimateError(
                [f"None of the {keys.size} courses is finished, so there is no outcome yet."]
            )
        position = np.where(finished, np.cumsum(finished) - 1, UNFINISHED)
        place = dict(zip(keys.tolist(), position.tolist(), strict=True))
        read: list[OneSeries] = []
        for one in series:
            try:
                read.append(_read(one, place, ends[finished], window))
            except BadScoresError as error:
                faults += [f"{one.measure.name}: {fault}" for fault in error.faults]
        if faults:
            raise BadScoresError(faults)
        scores = np.array([_three(one, int(finished.sum())) for one in read])
        return cls(
            measures=tuple(one.measure for one in read),
            end=ends[finished],
            first=scores[:, 0],
            last=scores[:, 1],
            carried=scores[:, 2],
            series=tuple(read),
            courses=keys.size,
        )


def _course_faults(keys: NDArray[Any], ends: Floats, window: float) -> list[str]:
    if keys.ndim != 1 or keys.shape != ends.shape or not keys.size:
        return [
            f"course {keys.shape}, end {ends.shape}: give two lists of equal length, one element per person."
        ]
    faults = []
    known = set(keys.tolist())
    if len(known) < keys.size:
        faults.append(f"course: {keys.size - len(known)} person(s) occur twice. Give one course per person.")
    if not np.isfinite(ends).all():
        bad = ~np.isfinite(ends)
        faults.append(
            f"end: missing or infinite for {bad.sum()} course(s), the first at position {bad.argmax()}. "
            "Leave out courses that have not ended."
        )
    if not (is_real(window) and 0 <= window <= LARGEST):
        faults.append(f"window is {told(window)}: it must be 0 or above.")
    return faults


def _read(one: Series, place: dict[Any, int], end: Floats, window: float) -> OneSeries:
    people, scores, times = (
        keys_array("person", one.person),
        float_array("score", one.score),
        float_array("t", one.t),
    )
    if people.ndim == 1 and people.shape == scores.shape == times.shape:
        answered = ~np.isnan(scores)
        people, scores, times = people[answered], scores[answered], times[answered]
    faults = one.measure.off_scale("score", scores)
    try:
        courses(people, times, scores)  # its faults name the people as the caller does
    except BadScoresError as error:
        raise BadScoresError([*error.faults, *faults]) from error
    owner = np.fromiter((place.get(key, NOBODY) for key in people.tolist()), np.int64, count=people.size)
    stray = owner == NOBODY
    if stray.any():
        faults.append(
            f"{stray.sum()} score(s) of people without a course, the first of {people[stray.argmax()]}. "
            "Leave them out or add when their courses ended."
        )
    counted = owner >= 0
    late = np.zeros(people.size, dtype=bool)
    late[counted] = times[counted] > end[owner[counted]] + window + SAME_TIME
    if late.any():
        faults.append(
            f"{late.sum()} score(s) after the end of the course, the first of {people[late.argmax()]} at "
            f"t = {times[late.argmax()]:g}. Leave them out, or correct the end or the window."
        )
    if faults:
        raise BadScoresError(faults)
    if not counted.any():
        raise CannotEstimateError([f"{one.measure.name}: nobody with a finished course has a score."])
    rows = courses(owner[counted], times[counted], scores[counted])
    who = np.unique(owner[counted])
    latest = np.append(rows.start[1:], rows.t.size) - 1
    ended = (latest > rows.start) & (rows.t[latest] >= end[who] - window - SAME_TIME)
    return OneSeries(one.measure, one.model, rows, who, latest - ended, ended)


def _three(one: OneSeries, people: int) -> Floats:
    """First, end and latest score (3, people)."""
    scores = np.full((3, people), np.nan)
    latest = one.known + one.ended
    scores[0, one.owner] = one.rows.score[one.rows.start]
    scores[1, one.owner] = np.where(one.ended, one.rows.score[latest], np.nan)
    scores[2, one.owner] = one.rows.score[latest]
    return scores
