"""Which courses leave a municipality, and in which pattern."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from medvirk.stats.faults import (
    BadScoresError,
    FaultsError,
    Floats,
    finite_fault,
    float_array,
    keys_array,
    member,
    told,
    whole_fault,
)
from medvirk.stats.federation.protection import (
    FEWEST_CLINICIANS,
    FEWEST_VALUES,
    SMALLEST_CELL,
    reason_to_withhold,
)
from medvirk.stats.growth.grouping import Ints, expand, group_by_times
from medvirk.stats.growth.norms import Norms
from medvirk.stats.growth.timescale import SESSIONS, TimeScale


class NothingToReleaseError(FaultsError):
    """Nothing of these courses may leave."""


class Rare(StrEnum):
    """What becomes of a course whose pattern may not be released.

    TRIM: its last measurements are left off until it has a pattern that may. WITHHOLD: it stays at home.
    """

    TRIM = "trim"
    WITHHOLD = "withhold"


class Counts(NamedTuple):
    """How much there is of courses, of scores, and of different patterns."""

    courses: int
    scores: int
    patterns: int


@dataclass(frozen=True, eq=False)
class Selection:
    """What may leave. `norms` is None where nothing may.

    `people`: the keys of those whose courses are in `norms`, in rising order. `given`: all that was there.
    `withheld`: courses and scores that are not in `norms`, and patterns of `given` that are not in it whole.
    """

    norms: Norms | None
    people: NDArray[Any]
    given: Counts
    withheld: Counts


class _Rows(NamedTuple):
    """Rows by person and time; courses as runs of rows. With the measure's range and the kind of time."""

    time: Floats
    score: Floats
    start: Ints
    length: Ints
    clinician: Ints | None
    low: float
    high: float
    time_scale: TimeScale


def select(
    *,
    person: ArrayLike,
    time: ArrayLike,
    score: ArrayLike,
    low: float,
    high: float,
    clinician: ArrayLike | None = None,
    first_sessions: int | None = None,
    rare: Rare = Rare.TRIM,
    time_scale: TimeScale = SESSIONS,
) -> Selection:
    """Sort out what may leave: patterns that pass `reason_to_withhold` and, where known, the workers' number.

    Lists of equal length, one element per score. `person`: whose course; **one course each**, or the smallest
    cell counts some people twice. `time`: whole units since the first measurement (not transformed), `score`
    in points from `low` to `high`, `clinician`: who is responsible for the course. `first_sessions`: leave off
    everything from that number on (0 is the first); a limit set beforehand loses data completely at random.

    Raises BadScoresError with all faults at once, and NothingToReleaseError for a scale of so few values that the
    sums would tell how many people had each.
    """
    rare = member(Rare, "rare", rare)
    times, scores = float_array("time", time), float_array("score", score)
    Norms.from_scores(person=person, t=times, score=scores)  # says all that is wrong with the rows
    if faults := _faults(times, scores, low, high, first_sessions):
        raise BadScoresError(faults)
    people, code = np.unique(np.asarray(person), return_inverse=True)
    order = np.lexsort((times, code))
    code = code[order]
    start = np.flatnonzero(np.diff(code, prepend=-1))
    length = np.diff(start, append=code.size)
    who = None if clinician is None else _codes(clinician, scores.size)[order][start]
    rows = _Rows(times[order], scores[order], start, length, who, low, high, time_scale)
    if not np.all(rows.time[start] == 0):
        raise BadScoresError(["time: every course must begin at 0. Count from the first measurement."])
    _refuse_coarse(rows)
    return _selection(rows, people, _kept(rows, first_sessions, rare))


def _codes(clinician: ArrayLike, rows: int) -> Ints:
    """A number for each row's worker. Raises BadScoresError unless every row has one."""
    keys = keys_array("clinician", clinician)
    if keys.shape != (rows,):
        raise BadScoresError([f"clinician {keys.shape}: give one for each of {rows} scores."])
    given = keys.tolist()
    missing = np.array([key is None or key == "" or key != key for key in given])  # noqa: PLR0124
    if missing.any():
        raise BadScoresError(
            [
                f"clinician: missing in {missing.sum()} rows, the first at position {missing.argmax()}. Say who it is."
            ]
        )
    known: dict[Any, int] = {}
    return np.array([known.setdefault(key, len(known)) for key in given], dtype=np.int64)


def _faults(time: Floats, score: Floats, low: float, high: float, first_sessions: int | None) -> list[str]:
    if finite_fault("low", low) or finite_fault("high", high) or low >= high:
        return [f"The scale runs from {told(low)} to {told(high)}: give two numbers, the lower one first."]
    faults = []
    outside = (score < low) | (score > high)
    if outside.any():
        faults.append(
            f"score: {outside.sum()} outside the scale from {low:g} to {high:g}, the first {score[outside][0]:g} "
            f"at position {outside.argmax()}. Correct them, or the ends of the scale."
        )
    odd = (time < 0) | (time != np.floor(time))
    if odd.any():
        faults.append(
            f"time: {odd.sum()} not a whole number from 0, the first {time[odd][0]:g} at position {odd.argmax()}. "
            "Count whole sessions (or weeks) from the first measurement."
        )
    if first_sessions is not None:
        faults += whole_fault("first_sessions (below 2 there is no course)", first_sessions, least=2)
    return faults


def _refuse_coarse(rows: _Rows) -> None:
    """The steps of the scale are read from the scores: the smallest gap between two different ones."""
    different = np.unique(rows.score)
    if different.size < 2 or rows.start.size < SMALLEST_CELL:
        return  # nothing leaves anyway
    values = round((rows.high - rows.low) / float(np.diff(different).min())) + 1
    if values < FEWEST_VALUES:
        sentence = (
            f"The scores take only {values} different values. A scale needs at least {FEWEST_VALUES}, or its sums "
            "tell how many people had each. Share a scale with more values, such as the sum of all items."
        )
        raise NothingToReleaseError([sentence])


def _kept(rows: _Rows, first_sessions: int | None, rare: Rare) -> Ints:
    """How many of its first scores each course gives away (courses,); 0 for one that stays at home.

    The longest come first, so that what is trimmed meets the shorter courses before they are judged.
    """
    keep = rows.length.copy()
    if first_sessions is not None:
        keep = np.add.reduceat(rows.time < first_sessions, rows.start, dtype=np.int64)
    free = np.zeros(keep.size, dtype=bool)
    for m in range(int(keep.max()), 0, -1):
        chosen = np.flatnonzero(~free & (keep == m))
        if not chosen.size:
            continue
        free[chosen] = _may_leave(rows, chosen, m)
        keep[chosen[~free[chosen]]] = m - 1 if rare is Rare.TRIM else 0
    return keep


def _may_leave(rows: _Rows, chosen: Ints, m: int) -> NDArray[np.bool_]:
    """Whether the first `m` scores of each of the `chosen` courses may leave (chosen,)."""
    length = np.full(chosen.size, m)
    at = expand(rows.start[chosen], length)
    time, score = rows.time[at], rows.score[at]
    pattern = group_by_times(time, length)[1]
    allowed = np.bincount(pattern) >= SMALLEST_CELL
    for number in np.flatnonzero(allowed):
        mine = pattern == number
        if rows.clinician is not None and np.unique(rows.clinician[chosen[mine]]).size < FEWEST_CLINICIANS:
            allowed[number] = False
            continue
        inside = np.repeat(mine, m)
        person = np.repeat(np.arange(int(mine.sum())), m)
        summed = Norms.from_scores(person=person, t=rows.time_scale.t(time[inside]), score=score[inside])
        allowed[number] = reason_to_withhold(summed.patterns[0], low=rows.low, high=rows.high) is None
    return np.asarray(allowed[pattern])


def _selection(rows: _Rows, people: NDArray[Any], kept: Ints) -> Selection:
    first, pattern = group_by_times(rows.time, rows.length)
    given = Counts(people.size, rows.time.size, first.size)
    cut = np.unique(pattern[kept < rows.length]).size
    released = np.flatnonzero(kept)
    withheld = Counts(people.size - released.size, rows.time.size - int(kept.sum()), cut)
    if not released.size:
        return Selection(None, people[:0], given, withheld)
    at = expand(rows.start[released], kept[released])
    norms = Norms.from_scores(
        person=np.repeat(np.arange(released.size), kept[released]),
        t=rows.time_scale.t(rows.time[at]),
        score=rows.score[at],
        time_scale=rows.time_scale,
    )
    return Selection(norms, people[released], given, withheld)
