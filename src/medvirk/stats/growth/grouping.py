"""From rows to courses to patterns, without a loop over people.

A *course* is one person's measured times in order; a *pattern* is all courses with exactly the same times.
"""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from medvirk.stats.faults import BadScoresError, Floats, float_array

Ints = NDArray[np.int64]
# Two courses share a fingerprint by chance once in 2⁶⁴; that many tries only fail for times out of order.
SALTS = 4


class Courses(NamedTuple):
    """Rows by person and time: `t`, `score` (rows,), and the first row of each person `start` (persons,)."""

    t: Floats
    score: Floats
    start: Ints


def courses(person: ArrayLike, t: ArrayLike, score: ArrayLike) -> Courses:
    """Check the rows and sort them by person and time.

    Raises BadScoresError with all faults at once: other shapes than three lists of equal length, no rows, a
    missing person, a missing or infinite time or score, and a person with two scores at the same time.
    """
    people, times, scores = np.asarray(person), float_array("t", t), float_array("score", score)
    if not people.ndim == times.ndim == scores.ndim == 1 or not people.size == times.size == scores.size:
        shapes = f"person {people.shape}, t {times.shape}, score {scores.shape}"
        raise BadScoresError([f"{shapes}: give three lists of equal length, one element per score."])
    if not people.size:
        raise BadScoresError(["There are no scores. Give at least one."])
    codes, missing = _person_codes(people)
    faults = _missing_faults(missing, times, scores)
    times = times + 0.0  # −0.0 and 0.0 are the same time and must have the same bits
    if not _is_sorted(codes, times):
        order = _order(codes, times)
        codes, times, scores = codes[order], times[order], scores[order]
        people, missing = people[order], missing[order]
    new_person = codes[1:] != codes[:-1]
    faults += _duplicate_faults(people, times, new_person | missing[1:])
    if faults:
        raise BadScoresError(faults)
    start = np.concatenate(([0], np.flatnonzero(new_person) + 1))
    return Courses(times, scores, start)


def _person_codes(people: NDArray[Any]) -> tuple[Ints, NDArray[np.bool_]]:
    """A whole number for each row's person, and which rows have none."""
    nobody = np.zeros(people.size, dtype=bool)
    if people.dtype.kind in "iub":
        if people.dtype.kind != "u" or people.dtype.itemsize < 8:
            return people.astype(np.int64), nobody
        return np.unique(people, return_inverse=True)[1], nobody
    if people.dtype.kind == "f":
        return np.unique(people, return_inverse=True)[1], np.isnan(people)
    # A dictionary is several times quicker than sorting text, and keeps the order in which people come.
    known: dict[Any, int] = {}
    names = people.tolist()
    codes = np.fromiter((known.setdefault(name, len(known)) for name in names), np.int64, count=len(names))
    empty = [code for name, code in known.items() if name is None or name == "" or name != name]  # noqa: PLR0124
    return codes, np.isin(codes, empty) if empty else nobody


def _missing_faults(missing_person: NDArray[np.bool_], t: Floats, score: Floats) -> list[str]:
    found = {
        "person missing": missing_person,
        "t missing or infinite": ~np.isfinite(t),
        "score missing or infinite": ~np.isfinite(score),
    }
    return [
        f"{what.capitalize()} in {bad.sum()} of {bad.size} rows, the first at position {bad.argmax()}. "
        "Leave those rows out or correct them."
        for what, bad in found.items()
        if bad.any()
    ]


def _is_sorted(codes: Ints, t: Floats) -> bool:
    earlier, later = codes[:-1], codes[1:]
    return bool(np.all((later > earlier) | ((later == earlier) & (t[1:] >= t[:-1]))))


def _order(codes: Ints, t: Floats) -> Ints:
    """The order by person, then time: one sort of whole numbers, several times quicker than `np.lexsort`."""
    lowest, highest = int(codes.min()), int(codes.max())
    # Person and rank make one number; it must not overflow.
    fits = (highest - lowest + 1) * codes.size < 2**62
    compact = codes - lowest if fits else np.unique(codes, return_inverse=True)[1]
    rank = np.empty(t.size, dtype=np.int64)
    rank[np.argsort(t)] = np.arange(t.size)
    return np.argsort(compact * t.size + rank)


def _duplicate_faults(people: NDArray[Any], t: Floats, new_person: NDArray[np.bool_]) -> list[str]:
    twice = np.flatnonzero(~new_person & (np.diff(t) == 0))
    if not twice.size:
        return []
    who, when = people[twice[0]], t[twice[0]]
    others = f"{twice.size} score(s) share person and time with another"
    return [f"{others}, the first of person {who} at t = {when:g}. Keep one for each person and time."]


def expand(start: Ints, length: Ints) -> Ints:
    """The positions start, start+1, … of runs of the given lengths, one after the other."""
    ends = np.cumsum(length)
    return np.arange(ends[-1]) - np.repeat(ends - length - start, length)


def group_by_times(t: Floats, length: Ints) -> tuple[Ints, Ints]:
    """Which courses have the same times: (first course of each pattern, pattern of each course).

    `t` holds the times of all courses one after the other, each a run of `length`, ascending and without
    repeats. Courses are compared by a 64-bit sum over their times, which costs one sort of numbers. That
    equal sums mean equal times is then checked exactly, and another sum is tried if it ever fails.

    Raises BadScoresError when the times of a course are not in order.
    """
    start = np.cumsum(length) - length
    for salt in range(SALTS):
        fingerprint = np.add.reduceat(_mix(t, salt), start)
        _, first, pattern = np.unique(fingerprint, return_index=True, return_inverse=True)
        representative = first[pattern]
        if not np.array_equal(length[representative], length):
            continue
        if np.array_equal(t[expand(start[representative], length)], t):
            return first, pattern
    raise BadScoresError(
        ["The times of a course must ascend, each once, and none may be missing. Sort them first."]
    )


def _mix(t: Floats, salt: int) -> NDArray[np.uint64]:
    """Well-spread 64-bit numbers, equal for equal times (the finaliser of SplitMix64, Steele et al. 2014)."""
    mixed = t.view(np.uint64) + np.uint64((salt + 1) * 0x9E3779B97F4A7C15 % 2**64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed ^= mixed >> np.uint64(shift)
        mixed *= np.uint64(factor)
    return mixed ^ (mixed >> np.uint64(31))
