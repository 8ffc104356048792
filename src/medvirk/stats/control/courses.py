"""How long courses last, by Kaplan-Meier: courses that are still open count for as long as they have lasted."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from medvirk.stats.disclosure.hidden import Hidden, Reason
from medvirk.stats.faults import (
    BadScoresError,
    CannotEstimateError,
    Floats,
    float_array,
    import_extra,
    open_unit_fault,
    whole_fault,
)

FEWEST_COURSES = 10


@dataclass(frozen=True)
class StillOpen:
    """Share of courses still open just after `at`, its interval, and how many were followed until `at`.

    `low` and `high` are None where nothing, or everything, has ended: no interval can be estimated there.
    `share`, `low` and `high` are None after the last course that was followed, unless all had ended by then.
    """

    at: float
    share: float | None
    low: float | None
    high: float | None
    at_risk: int


@dataclass(frozen=True)
class CourseLength:
    """`median` is None when half have not ended yet; a bound of its interval likewise.

    `times` (k,), `share` (k,) and `at_risk` (k,) are the steps of the curve: at each time at which a course
    ended, the share still open just after it, and how many were open and followed just before it.
    """

    courses: int
    ended: int
    median: float | None
    median_low: float | None
    median_high: float | None
    still_open: tuple[StillOpen, ...]
    times: Floats
    share: Floats
    at_risk: Floats


def durations(start: ArrayLike, end: ArrayLike, *, as_of: date | str) -> tuple[Floats, np.ndarray]:
    """(days each course has lasted, whether it has ended), (n,) each, from dates; no end (None or NaT) is open.

    An open course is followed until `as_of`; one that ended later counts as open then. Raises BadScoresError
    for what is no date, a missing start, an end before its start, or a start after `as_of`.
    """
    try:
        begun, over = np.asarray(start, dtype="datetime64[D]"), np.asarray(end, dtype="datetime64[D]")
        today = np.datetime64(as_of, "D")
    except (TypeError, ValueError) as error:
        raise BadScoresError([f"Starts and ends must be dates such as 2026-03-01 ({error})."]) from error
    if begun.shape != over.shape or begun.ndim != 1:
        raise BadScoresError([f"{begun.size} starts but {over.size} ends: give one row of each."])
    faults = [f"Course {i}: the start is missing." for i in np.flatnonzero(np.isnat(begun))]
    faults += [
        f"Course {i}: it ends {over[i]}, before its start {begun[i]}." for i in np.flatnonzero(over < begun)
    ]
    faults += [f"Course {i}: it starts {begun[i]}, after {today}." for i in np.flatnonzero(begun > today)]
    if faults:
        raise BadScoresError(faults)
    ended = ~np.isnat(over) & (over <= today)
    return (np.where(ended, over, today) - begun).astype(np.float64), ended


def _checked(
    duration: ArrayLike, ended: ArrayLike, entry: ArrayLike | None
) -> tuple[Floats, np.ndarray, Floats]:
    length, over = float_array("Durations", duration), float_array("Ended", ended)
    begun = np.zeros(length.shape) if entry is None else float_array("Entries", entry)
    if not length.shape == over.shape == begun.shape or length.ndim != 1:
        raise BadScoresError(
            [f"{length.size} durations, {over.size} endings, {begun.size} entries: give one row of each."]
        )
    faults = [
        f"Course {i}: its duration is {length[i]:g}; it must be a finite number from 0."
        for i in np.flatnonzero(~(np.isfinite(length) & (length >= 0)))
    ]
    faults += [
        f"Course {i}: whether it ended is {over[i]:g}; it must be true or false."
        for i in np.flatnonzero(~np.isin(over, (0, 1)))
    ]
    # Without late entry a course may end on the day it began; with it, there must be time under observation.
    faults += [
        f"Course {i}: entry {begun[i]:g} must lie from 0 up to, not including, {length[i]:g}."
        for i in np.flatnonzero(~((begun == 0) | ((begun > 0) & (begun < length))))
    ]
    if faults:
        raise BadScoresError(faults)
    return length, over.astype(bool), begun


def _risk_sets(length: Floats, over: np.ndarray, begun: Floats) -> tuple[Floats, Floats]:
    """(distinct times of an ending, how many were followed then): entered before the time, not gone before it."""
    times = np.unique(length[over])
    entered = (begun[:, None] < times) | (begun[:, None] == 0)
    return times, (entered & (length[:, None] >= times)).sum(axis=0).astype(np.float64)


def _refuse_too_little(length: Floats, over: np.ndarray, begun: Floats) -> None:
    faults = []
    if length.size < FEWEST_COURSES:
        faults.append(f"Course lengths need at least {FEWEST_COURSES} courses, found {length.size}.")
    if length.size and not over.any():
        faults.append(f"None of the {length.size} courses has ended, so no length can be estimated.")
    if not faults:
        times, at_risk = _risk_sets(length, over, begun)
        ends = (over[:, None] & (length[:, None] == times)).sum(axis=0)
        emptied = times[(ends == at_risk) & (times < length.max())]
        if emptied.size:
            faults.append(
                f"At {emptied[0]:g} everybody followed so far had ended while others entered later: the curve "
                "would stay at 0. Start the clock later or leave the earliest out."
            )
    if faults:
        raise CannotEstimateError(faults)


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _still_open(fitter: Any, at: float, at_risk: int, last: float) -> StillOpen:
    share = float(fitter.survival_function_at_times(at).iloc[0])
    if at > last and share > 0:
        return StillOpen(at, None, None, None, at_risk)
    if not 0 < share < 1:
        return StillOpen(at, share, None, None, at_risk)
    interval = fitter.confidence_interval_
    low, high = interval[interval.index <= at].iloc[-1]
    return StillOpen(at, share, float(low), float(high), at_risk)


def course_length(
    duration: ArrayLike,
    ended: ArrayLike,
    *,
    entry: ArrayLike | None = None,
    at: Sequence[float] = (),
    confidence: float = 0.95,
) -> CourseLength:
    """Kaplan-Meier curve of the length of courses, all in one unit of time of the caller's choice.

    `duration` (n,) is how long each was followed, `ended` (n,) whether it ended then; if not it is censored,
    which must not depend on how it would have gone on. `entry` (n,) is the age of the course when it came
    under observation (left truncation), 0 for most. `at` are times at which the share still open is wanted.
    The median is the first time at which at most half are open. Intervals are log(−log) of Greenwood's formula.

    Raises BadScoresError for what cannot be a course, CannotEstimateError with fewer than 10 courses, none
    ended, or nobody followed early on, MissingExtraError without lifelines.

    Source: Kaplan & Meier 1958, JASA 53:457; Kalbfleisch & Prentice 2002, section 1.4.
    """
    times_wanted = float_array("at", at).ravel().tolist()
    if faults := open_unit_fault("The confidence", confidence) + [
        f"Share still open at {when:g}: the time must be a finite number from 0."
        for when in times_wanted
        if not (np.isfinite(when) and when >= 0)
    ]:
        raise BadScoresError(faults)
    length, over, begun = _checked(duration, ended, entry)
    _refuse_too_little(length, over, begun)
    lifelines = import_extra("lifelines", extra="science", needed_for="The length of courses")
    utils = import_extra("lifelines.utils", extra="science", needed_for="The length of courses")
    # Who enters at a time is at risk after it, not at it; lifelines counts them at it.
    entries = np.where(begun > 0, np.nextafter(begun, np.inf), 0.0) if begun.any() else None
    fitter = lifelines.KaplanMeierFitter(alpha=1 - confidence).fit(length, over, entry=entries)
    bounds = utils.median_survival_times(fitter.confidence_interval_).to_numpy().ravel()
    times, at_risk = _risk_sets(length, over, begun)
    return CourseLength(
        courses=length.size,
        ended=int(over.sum()),
        median=_finite(fitter.median_survival_time_),
        median_low=_finite(bounds[0]),
        median_high=_finite(bounds[1]),
        still_open=tuple(
            _still_open(fitter, when, int(((begun <= when) & (length >= when)).sum()), float(length.max()))
            for when in times_wanted
        ),
        times=times,
        share=fitter.survival_function_at_times(times).to_numpy(),
        at_risk=at_risk,
    )


def course_length_by_unit(
    duration: ArrayLike,
    ended: ArrayLike,
    unit: Sequence[Hashable],
    *,
    entry: ArrayLike | None = None,
    at: Sequence[float] = (),
    confidence: float = 0.95,
    fewest: int = FEWEST_COURSES,
) -> dict[Hashable, CourseLength | Hidden]:
    """`course_length` of each unit, in the order in which they appear; Hidden below `fewest` courses.

    Units only: never group by the worker. A curve for all beside the curves of all units but one gives that
    one away; leave the curve for all out then.

    Raises as `course_length`, except that a unit in which none has ended, say, is Hidden with that reason.
    """
    length, over, begun = _checked(duration, ended, entry)
    unit = list(unit)
    if len(unit) != length.size:
        raise BadScoresError([f"{len(unit)} units for {length.size} courses: give one for each."])
    if faults := whole_fault("The fewest courses of a unit", fewest, least=FEWEST_COURSES):
        raise BadScoresError(faults)
    found: dict[Hashable, CourseLength | Hidden] = {}
    for name in dict.fromkeys(unit):
        mine = np.array([each == name for each in unit])
        if mine.sum() < fewest:
            found[name] = Hidden(Reason.TOO_FEW_PEOPLE)
            continue
        try:
            found[name] = course_length(
                length[mine], over[mine], entry=begun[mine], at=at, confidence=confidence
            )
        except CannotEstimateError:
            found[name] = Hidden(Reason.CANNOT_ESTIMATE)
    return found
