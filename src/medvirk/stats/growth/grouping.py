"""From rows to courses to patterns, without a loop over people.

A *course* is one person's measured times in order; a *pattern* is all courses with exactly the same times.

Many rows are worked on in chunks of whole courses that fit into a processor's cache: what is needed beside the rows
themselves stays small, and it is quicker than one step after the other over all of them.
"""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from medvirk.stats.faults import BadScoresError, Floats, float_array, keys_array

Ints = NDArray[np.int64]
# Two courses share a fingerprint by chance once in 2⁶⁴; that many tries only fail for times out of order.
SALTS = 4
# About how many rows are worked on at a time: 2 MB of each column.
CHUNK = 2**18
# Numbers of 16 bits are sorted without comparing (radix sort), so unsorted rows are dealt out to at most 2¹⁶ chunks.
MOST_BITS = 16


class Courses(NamedTuple):
    """Rows by person and time: `t`, `score` (rows,), and the first row of each person `start` (persons,)."""

    t: Floats
    score: Floats
    start: Ints


class _Twice(NamedTuple):
    """Scores that share person and time with another: how many, and the first of them by person."""

    scores: int
    code: int
    row: int


def courses(person: ArrayLike, t: ArrayLike, score: ArrayLike) -> Courses:
    """Check the rows and sort them by person and time.

    Raises BadScoresError with all faults at once: other shapes than three lists of equal length, no rows, a
    missing person, a missing or infinite time or score, and a person with two scores at the same time.
    """
    people = keys_array("person", person)
    [whole] = chunks(people, t, score, rows=people.size)
    return whole


def chunks(
    person: ArrayLike, t: ArrayLike, score: ArrayLike, *, rows: int | None = None
) -> Iterator[Courses]:
    """The same as `courses`, in chunks of about `rows` rows (None: CHUNK). Every course is whole in one of them.

    Raises BadScoresError as `courses` does. A person with two scores at the same time can come to light in any
    chunk, so what was given before the error must be thrown away.
    """
    people, times, scores = keys_array("person", person), float_array("t", t), float_array("score", score)
    if not people.ndim == times.ndim == scores.ndim == 1 or not people.size == times.size == scores.size:
        shapes = f"person {people.shape}, t {times.shape}, score {scores.shape}"
        raise BadScoresError([f"{shapes}: give three lists of equal length, one element per score."])
    if not people.size:
        raise BadScoresError(["There are no scores. Give at least one."])
    codes, missing = person_codes(people)
    faults = _missing_faults(missing, times, scores)
    twice: list[_Twice] = []
    for chosen in _dealt_out(codes, CHUNK if rows is None else rows):
        own, when, places = _sorted(codes, times, chosen)
        same = own[1:] == own[:-1]
        repeated = np.flatnonzero(same & (when[1:] == when[:-1]) & ~missing[places][1:])
        if repeated.size:
            first = repeated[0]
            twice.append(_Twice(repeated.size, int(own[first]), int(places[first])))
        elif not faults and not twice:
            yield Courses(when, scores[places], np.concatenate(([0], np.flatnonzero(~same) + 1)))
    if faults := faults + _duplicate_faults(twice, people, times):
        raise BadScoresError(faults)


def person_codes(people: NDArray[Any]) -> tuple[Ints, NDArray[np.bool_]]:
    """A whole number for each row's person, and which rows have none."""
    nobody = np.zeros(people.size, dtype=bool)
    kind, bytes_each = people.dtype.kind, people.dtype.itemsize
    if kind in "iub":
        wide = kind == "u" and bytes_each == 8
        return people.view(np.int64) if wide else people.astype(np.int64, copy=False), nobody
    if kind == "f" and bytes_each <= 8:
        # Equal numbers have equal bits, but for −0.0 and 0.0.
        return (people.astype(np.float64) + 0.0).view(np.int64), np.isnan(people)
    # A dictionary is several times quicker than sorting text, and keeps the order in which people come.
    known: dict[Any, int] = {}
    codes = np.empty(people.size, dtype=np.int64)
    for begin in range(0, people.size, CHUNK):
        names = people[begin : begin + CHUNK].tolist()
        codes[begin : begin + CHUNK] = [known.setdefault(name, len(known)) for name in names]
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


def _dealt_out(codes: Ints, size: int) -> Iterator[Ints]:
    """Positions of the rows of each chunk, with all rows of a person in the same one."""
    if codes.size <= size:
        yield np.arange(codes.size)
    elif np.all(codes[1:] >= codes[:-1]):
        begin = 0
        while begin < codes.size:
            last = codes[min(begin + size, codes.size) - 1]
            end = int(np.searchsorted(codes, last, side="right"))
            yield np.arange(begin, end)
            begin = end
    else:
        yield from _dealt_out_by_mixing(codes, size)


def _dealt_out_by_mixing(codes: Ints, size: int) -> Iterator[Ints]:
    """The same for persons in any order: by some bits of their mixed codes, which fill all chunks alike."""
    bits = min((codes.size // size).bit_length(), MOST_BITS)
    number = np.empty(codes.size, dtype=np.uint16)
    for begin in range(0, codes.size, CHUNK):
        some = slice(begin, begin + CHUNK)
        number[some] = _mix(codes[some], 0) >> np.uint64(64 - bits)
    order = np.argsort(number, kind="stable")
    ends = np.searchsorted(number, np.arange(2**bits, dtype=np.uint16), side="right", sorter=order)
    for begin, end in pairwise([0, *ends.tolist()]):
        if end > begin:
            yield order[begin:end]


def _sorted(codes: Ints, t: Floats, rows: Ints) -> tuple[Ints, Floats, Ints]:
    """Person, time and position of the chosen rows, by person and time."""
    # −0.0 and 0.0 are the same time and must have the same bits.
    own, when = codes[rows], t[rows] + 0.0
    if _is_sorted(own, when):
        return own, when, rows
    order = _order(own, when)
    return own[order], when[order], rows[order]


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


def _duplicate_faults(twice: list[_Twice], people: NDArray[Any], t: Floats) -> list[str]:
    if not twice:
        return []
    row = min(twice, key=lambda found: found.code).row
    others = f"{sum(found.scores for found in twice)} score(s) share person and time with another"
    return [
        f"{others}, the first of person {people[row]} at t = {t[row]:g}. Keep one for each person and time."
    ]


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
        fingerprint = np.concatenate(
            [
                np.add.reduceat(_mix(t[rows], salt), start[some] - rows.start)
                for some, rows in _runs(start, t.size)
            ]
        )
        _, first, pattern = np.unique(fingerprint, return_index=True, return_inverse=True)
        if _have_times_of(first[pattern], t, start, length):
            return first, pattern
    raise BadScoresError(
        ["The times of a course must ascend, each once, and none may be missing. Sort them first."]
    )


def _runs(start: Ints, rows: int) -> Iterator[tuple[slice, slice]]:
    """Slices of courses and of their rows, about CHUNK rows each; `start` is the first row of each course."""
    begins = np.unique(np.searchsorted(start, np.arange(0, rows, CHUNK)))
    for begin, end in pairwise([*begins[begins < start.size].tolist(), start.size]):
        yield slice(begin, end), slice(int(start[begin]), rows if end == start.size else int(start[end]))


def _have_times_of(other: Ints, t: Floats, start: Ints, length: Ints) -> bool:
    """Whether each course has exactly the times of the course `other`."""
    return np.array_equal(length[other], length) and all(
        np.array_equal(t[expand(start[other[some]], length[some])], t[rows])
        for some, rows in _runs(start, t.size)
    )


def _mix(values: Floats | Ints, salt: int) -> NDArray[np.uint64]:
    """Well-spread 64-bit numbers, equal for equal values (the finaliser of SplitMix64, Steele et al. 2014)."""
    mixed = values.view(np.uint64) + np.uint64((salt + 1) * 0x9E3779B97F4A7C15 % 2**64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed ^= mixed >> np.uint64(shift)
        mixed *= np.uint64(factor)
    return mixed ^ (mixed >> np.uint64(31))
