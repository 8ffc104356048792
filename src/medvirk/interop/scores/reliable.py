"""First and last scores, and how large a change must be to be reliable where the file itself has to say it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from medvirk.interop.scores.options import Measure
from medvirk.interop.scores.reading import Scores
from medvirk.stats.change import ReliableChange
from medvirk.stats.faults import FaultsError, Floats
from medvirk.stats.reliability import cronbach_alpha
from medvirk.tables import Fault, gettext_noop

NO_RCI = gettext_noop(
    "Nothing says how large a reliable change is, so it cannot be told who became clearly better or worse. "
    "Give --rci X, or --sd X and --reliability R."
)
NO_OWN_RCI = gettext_noop(
    "The file's own first scores cannot say how large a reliable change is (%(reason)s), so it cannot be told "
    "who became clearly better or worse. Give --rci X, or --sd X and --reliability R."
)
Rows = NDArray[np.int64]


def first_and_last(scores: Scores) -> tuple[Floats, Floats]:
    """Each person's first and last score (persons,), NaN where there is no score, or no second one."""
    first, last = _first_and_last_row(scores)
    return _at(scores.score, first), np.where(last > first, _at(scores.score, last), math.nan)


def first_alpha(scores: Scores) -> tuple[float | None, str]:
    """Cronbach's alpha where each person first has a score; or why, in English, there is none."""
    if scores.items is None:
        return None, "no items"
    first, _last = _first_and_last_row(scores)
    try:
        return cronbach_alpha(scores.items[first[first >= 0]]), ""
    except FaultsError as error:
        return None, " ".join(error.faults)


def settled_change(scores: Scores, measure: Measure) -> tuple[ReliableChange | None, Fault | None]:
    """The measure's own reliable change, else Jacobson–Truax with the SD of all first scores and the alpha of their
    items; or why there is none, and what to give."""
    if measure.rci is not None:
        return measure.rci, None
    if scores.items is None:
        return None, Fault(None, None, None, NO_RCI)
    first, _last = first_and_last(scores)
    found = first[~np.isnan(first)]
    alpha, reason = first_alpha(scores)
    try:
        if alpha is None:
            raise FaultsError([reason])
        sd = float(found.std(ddof=1)) if found.size > 1 else 0.0
        return ReliableChange.from_sd(sd, alpha, source="first scores of this file"), None
    except FaultsError as error:
        # In brackets inside a sentence of ours.
        return None, Fault(None, None, None, NO_OWN_RCI, {"reason": " ".join(error.faults).rstrip(".")})


def _first_and_last_row(scores: Scores) -> tuple[Rows, Rows]:
    """Per person the row of the first and of the last score; −1 where there is none."""
    persons = int(scores.person[-1]) + 1
    first, last = np.full(persons, -1, dtype=np.int64), np.full(persons, -1, dtype=np.int64)
    scored = np.flatnonzero(~np.isnan(scores.score))
    last[scores.person[scored]] = scored
    first[scores.person[scored[::-1]]] = scored[::-1]
    return first, last


def _at(values: Floats, rows: Rows) -> Floats:
    return np.where(rows >= 0, values[rows], math.nan)
