"""Outcomes of people with a first and a last score, for one measure or two."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from medvirk.stats.change import Proportion
from medvirk.stats.faults import BadScoresError, CannotEstimateError, Floats, float_array, infinite_fault
from medvirk.stats.outcomes.measures import (
    FINISHED_CONTACTS,
    TALKING_THERAPIES,
    Booleans,
    Measure,
    Outcome,
    asked,
    held,
    outcome_faults,
)


@dataclass(frozen=True)
class PairedOutcomes:
    """`proportions` by outcome, None where nobody could be asked; `completion` = share of `finished` with all scores.

    The missing share of each proportion is of the people it is about as far as known: whoever lacks a first score
    is missing from all, whoever was a case at the start and lacks a last score from recovery too.
    """

    courses: int
    finished: int
    completion: float
    proportions: dict[Outcome, Proportion | None]


def paired_outcomes(
    measures: Sequence[Measure],
    first: Sequence[ArrayLike],
    last: Sequence[ArrayLike],
    *,
    attended: ArrayLike | None = None,
    outcomes: Sequence[Outcome] = TALKING_THERAPIES,
) -> PairedOutcomes:
    """The outcomes of finished courses, each with numerator, denominator, missing share and Wilson interval.

    `first` and `last` hold one list of scores (n,) per measure, NaN = missing. `attended` (n,) is the number of
    attended contacts: a course with fewer than two is not finished and not counted; without it all are finished.
    Only people with every score are counted, which is the *complete-case* estimate: see `estimate`.

    Raises BadScoresError, all faults at once, also for scores off a scale; CannotEstimateError when no course is
    finished.
    """
    faults = outcome_faults(outcomes, measures)
    start, end = _table("First scores", first, faults), _table("Last scores", last, faults)
    if start.shape != end.shape or start.shape[0] != len(measures):
        shapes = f"First scores {start.shape}, last scores {end.shape}, {len(measures)} measure(s)"
        faults.append(f"{shapes}: give one list of equal length per measure.")
    else:
        for name, table in (("first scores", start), ("last scores", end)):
            for measure, scores in zip(measures, table, strict=True):
                faults += measure.off_scale(f"{measure.name}, {name}", scores)
    if faults:
        raise BadScoresError(faults)
    finished = finished_courses(attended, start.shape[1])
    if not finished.any():
        raise CannotEstimateError(
            [f"None of the {finished.size} courses is finished, so there is no outcome yet."]
        )
    start, end = start[:, finished], end[:, finished]
    began, complete = ~np.isnan(start).any(axis=0), ~np.isnan(start + end).any(axis=0)
    found: dict[Outcome, Proportion | None] = {}
    for outcome in outcomes:
        counted = np.zeros(began.size, dtype=bool)
        counted[began] = asked(outcome, measures, start[:, began])
        known = counted & complete
        hits = int(held(outcome, measures, start[:, known], end[:, known]).sum())
        missing = int((~began).sum() + (counted & ~complete).sum())
        found[outcome] = Proportion.of(hits, int(known.sum()), missing=missing) if known.any() else None
    return PairedOutcomes(finished.size, int(finished.sum()), float(complete.mean()), found)


def finished_courses(attended: ArrayLike | None, courses: int) -> Booleans:
    """Which courses had two or more attended contacts; all, where `attended` is not given.

    Raises BadScoresError unless there is one whole number from 0 for each course.
    """
    if attended is None:
        return np.ones(courses, dtype=bool)
    contacts = float_array("Attended contacts", attended)
    if contacts.shape != (courses,):
        raise BadScoresError(
            [f"Attended contacts {contacts.shape}: give one number for each of {courses} courses."]
        )
    wrong = ~np.isfinite(contacts) | (contacts < 0) | (contacts != np.round(contacts))
    if wrong.any():
        fault = (
            f"Attended contacts: {wrong.sum()} missing or not a whole number from 0, the first at position "
            f"{wrong.argmax()}. Correct them."
        )
        raise BadScoresError([fault])
    return contacts >= FINISHED_CONTACTS


def _table(name: str, lists: Sequence[ArrayLike], faults: list[str]) -> Floats:
    """(measures, people); what is wrong is added to `faults`."""
    rows = [float_array(name, row) for row in lists]
    for row in rows:
        faults += infinite_fault(name, row.ravel())
    if not rows or any(row.ndim != 1 or row.size != rows[0].size for row in rows):
        faults.append(f"{name}: give one list of equal length per measure.")
        return np.empty((0, 0))
    return np.array(rows)
