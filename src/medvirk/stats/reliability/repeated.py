"""Test–retest: the same people measured twice within days, and how such pairs are found in routine data."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from medvirk.stats.faults import (
    BadScoresError,
    Floats,
    float_array,
    infinite_fault,
    keys_array,
    open_unit_fault,
)
from medvirk.stats.growth.grouping import person_codes
from medvirk.stats.reliability.consistency import NOISE, complete_rows
from medvirk.stats.reliability.estimates import LEVEL, Cause, Estimate, UnknownError, known_or_not, z_of

#: Long enough to have forgotten what one answered, short enough not to have changed much.
LEAST_DAYS, MOST_DAYS = 3.0, 14.0


@dataclass(frozen=True)
class RetestPairs:
    """One pair of scores for each person who has one.

    `first`, `second` in points and `days` between them, (pairs,). `people` had at least one score.
    `least_days` and `most_days` bound the days, both included.
    """

    first: Floats
    second: Floats
    days: Floats
    people: int
    least_days: float
    most_days: float


def retest_pairs(
    person: ArrayLike,
    day: ArrayLike,
    score: ArrayLike,
    *,
    least_days: float = LEAST_DAYS,
    most_days: float = MOST_DAYS,
) -> RetestPairs:
    """One pair per person: the earliest score that has a later one `least_days` to `most_days` after it.

    Of several later ones the nearest in time is taken, so neither score is chosen for what it is. `person`
    (n,) are ids of any kind, `day` (n,) days from any day of one's own, `score` (n,) points; rows whose score
    is missing are left out.

    Among people who receive help the true score moves within those days, so what follows from such pairs is
    rather too low than too high. Raises BadScoresError: lengths that differ, days missing or infinite, two
    scores of a person at the same time, bounds that are no interval.
    """
    days, scores = float_array("Days", day), float_array("Scores", score)
    people = keys_array("Persons", person)
    faults = _interval_fault(least_days, most_days)
    if people.ndim != 1 or not people.shape == days.shape == scores.shape:
        faults.append(
            f"Persons {people.shape}, days {days.shape} and scores {scores.shape}: give three equal lists."
        )
        raise BadScoresError(faults)
    faults += infinite_fault("Days", days) + infinite_fault("Scores", scores)
    if np.isnan(days).any():
        faults.append(f"Days: {int(np.isnan(days).sum())} missing. Every score needs its day.")
    if faults:
        raise BadScoresError(faults)
    known = ~np.isnan(scores)
    codes, nobody = person_codes(people)
    if nobody.any():
        raise BadScoresError([f"Persons: {int(nobody.sum())} missing. Leave those rows out or correct them."])
    ids, index = _numbered(people[known], codes[known])
    order = np.lexsort((days[known], index))
    return _first_pairs(
        index[order],
        days[known][order],
        scores[known][order],
        people=len(ids),
        bounds=(least_days, most_days),
    )


def _numbered(people: NDArray[Any], codes: NDArray[np.int64]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """The different people, and which each row is: in their own order where they have one."""
    try:
        return np.unique(people, return_inverse=True)
    except TypeError:  # ids of several kinds
        return np.unique(codes, return_inverse=True)


def _interval_fault(least_days: float, most_days: float) -> list[str]:
    if 0 < least_days <= most_days < math.inf:
        return []
    return [f"From {least_days:g} to {most_days:g} days is no interval of days after the first score."]


def _first_pairs(
    index: np.ndarray[tuple[int], np.dtype[np.intp]],
    days: Floats,
    scores: Floats,
    *,
    people: int,
    bounds: tuple[float, float],
) -> RetestPairs:
    """Rows sorted by person and day to pairs."""
    again = np.flatnonzero((np.diff(index) == 0) & (np.diff(days) == 0))
    if again.size:
        raise BadScoresError(
            [f"{again.size} score(s) at the same time as another of the same person. Keep one of each."]
        )
    least_days, most_days = bounds
    if not people:
        empty = np.array([])
        return RetestPairs(empty, empty, empty, 0, least_days, most_days)
    # Each person's days on a stretch of one line, so that one search finds the later score of all rows; the
    # next person's stretch begins more than `most_days` further on.
    stretch = float(np.ptp(days)) + most_days + 1
    line = index * stretch + (days - days.min())
    later = np.searchsorted(line, line + least_days - 1e-9)
    inside = later < len(line)
    inside[inside] = line[later[inside]] - line[inside] <= most_days + 1e-9
    rows = np.flatnonzero(inside)
    firsts = rows[np.unique(index[rows], return_index=True)[1]]
    seconds = later[firsts]
    return RetestPairs(
        scores[firsts], scores[seconds], days[seconds] - days[firsts], people, least_days, most_days
    )


def intraclass_correlation(scores: ArrayLike, *, level: float = LEVEL) -> Estimate:
    """ICC(A,1): absolute agreement of single scores, two-way random effects.

    `scores` is people × occasions (n, k ≥ 2); only complete rows count. A shift of all scores from one
    occasion to the next lowers it, which a correlation would not see. No interval where agreement is perfect.

    Source: McGraw & Wong 1996, Psychol Methods 1:30, ICC(A,1) and its interval; the same as ICC(2,1) of
    Shrout & Fleiss 1979, Psychol Bull 86:420.
    Raises BadScoresError, CannotEstimateError with fewer than 3 people, or when all scores are equal.
    """
    if faults := open_unit_fault("The level of the interval", level):
        raise BadScoresError(faults)
    table = complete_rows("The intraclass correlation", scores, least_items=2, least_rows=3)
    n, k = table.shape
    mean = table.mean()
    of_people = k * float(((table.mean(axis=1) - mean) ** 2).sum()) / (n - 1)
    of_occasions = n * float(((table.mean(axis=0) - mean) ** 2).sum()) / (k - 1)
    rest = table - table.mean(axis=1, keepdims=True) - table.mean(axis=0) + mean
    error = float((rest**2).sum()) / ((n - 1) * (k - 1))
    whole = of_people + (k - 1) * error + k * (of_occasions - error) / n
    scale = float(np.abs(table).max()) ** 2
    if whole <= NOISE * scale or scale == 0:
        raise UnknownError(Cause.CONSTANT, f"The intraclass correlation: all scores of {n} people are equal.")
    icc = (of_people - error) / whole
    if error <= NOISE * scale and of_occasions <= NOISE * scale:
        return Estimate(1.0, n)
    low, high = _icc_interval(icc, (of_people, of_occasions, error), (n, k), level)
    return Estimate(icc, n, low, high)


def _icc_interval(
    icc: float, mean_squares: tuple[float, float, float], shape: tuple[int, int], level: float
) -> tuple[float, float]:
    (of_people, of_occasions, error), (n, k) = mean_squares, shape
    a = k * icc / (n * (1 - icc))
    b = 1 + k * icc * (n - 1) / (n * (1 - icc))
    freedom = (a * of_occasions + b * error) ** 2 / (
        (a * of_occasions) ** 2 / (k - 1) + (b * error) ** 2 / ((n - 1) * (k - 1))
    )
    tail = (1 + level) / 2
    below, above = float(stats.f.ppf(tail, n - 1, freedom)), float(stats.f.ppf(tail, freedom, n - 1))
    noise = k * of_occasions + (k * n - k - n) * error
    low = n * (of_people - below * error) / (below * noise + n * of_people)
    high = n * (above * of_people - error) / (noise + n * above * of_people)
    return low, high


def pearson(first: ArrayLike, second: ArrayLike, *, level: float = LEVEL) -> Estimate:
    """Pearson's correlation of the pairs with both scores, with Fisher's interval (from 4 pairs on).

    Raises BadScoresError, CannotEstimateError with fewer than 3 pairs or equal scores on one side.
    """
    if faults := open_unit_fault("The level of the interval", level):
        raise BadScoresError(faults)
    a, b = float_array("First scores", first), float_array("Second scores", second)
    if a.ndim != 1 or a.shape != b.shape:
        raise BadScoresError([f"First scores {a.shape}, second {b.shape}: give two lists of equal length."])
    table = complete_rows("The correlation", np.column_stack([a, b]), least_items=2, least_rows=3)
    n = len(table)
    if float(np.ptp(table, axis=0).min()) <= 1e-9 * float(np.abs(table).max()):
        raise UnknownError(Cause.CONSTANT, "The correlation: the scores on one side are all equal.")
    centred = table - table.mean(axis=0)
    a, b = centred.T
    r = float(np.clip((a @ b) / math.sqrt((a @ a) * (b @ b)), -1, 1))
    if n < 4 or abs(r) > 1 - 1e-12:
        return Estimate(r, n)
    half = z_of(level) / math.sqrt(n - 3)
    return Estimate(r, n, math.tanh(math.atanh(r) - half), math.tanh(math.atanh(r) + half))


@dataclass(frozen=True)
class Retest:
    """How well the second measurement repeats the first. `shift` is second minus first, on average, in points.

    `days` between the two, by the median pair; None where there is no pair.
    """

    pairs: RetestPairs
    icc: Estimate
    correlation: Estimate
    shift: float | None
    days: float | None


def retest(pairs: RetestPairs) -> Retest:
    """ICC(A,1) and Pearson's correlation of the pairs; unknown, with the reason, where there are too few."""
    n = len(pairs.first)
    return Retest(
        pairs=pairs,
        icc=known_or_not(lambda: intraclass_correlation(np.column_stack([pairs.first, pairs.second])), n),
        correlation=known_or_not(lambda: pearson(pairs.first, pairs.second), n),
        shift=float((pairs.second - pairs.first).mean()) if n else None,
        days=float(np.median(pairs.days)) if n else None,
    )
