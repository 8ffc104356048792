"""Rounded counts: for tables where every cell should hold a number."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike, NDArray

from medvirk.stats.faults import BadScoresError, float_array, member

Whole = NDArray[np.int64]


class Rounding(StrEnum):
    """How counts are rounded."""

    #: To the nearest multiple of 3, or of 5. Neither can lie halfway, so nothing is left to chance.
    BASE_3 = "base_3"
    BASE_5 = "base_5"
    #: 1 becomes 0 and 2 becomes 3, all else stays: what Norwegian health registers use for counts under 3.
    SMALL_ONLY = "small_only"


@dataclass(frozen=True)
class RoundedTable:
    """Rounded `cells` (r, c), `row_totals` (r,), `column_totals` (c,) and `total`.

    `additive` tells whether the cells add up to the margins. After rounding to a base they need not: each
    number, margins too, is rounded by itself, which keeps every one within 1 (base 3) or 2 (base 5) of the truth.
    """

    cells: Whole
    row_totals: Whole
    column_totals: Whole
    total: int
    additive: bool


def round_counts(counts: ArrayLike, *, rounding: Rounding = Rounding.BASE_5) -> Whole:
    """Each count rounded, same shape. Raises BadScoresError for what is no whole number from 0.

    Never publish a count rounded by SMALL_ONLY beside an exact sum it is part of: use `round_table`.
    """
    values, rounding = float_array("Counts", counts), member(Rounding, "rounding", rounding)
    wrong = ~(np.isfinite(values) & (values >= 0) & (values == np.round(values)))
    if wrong.any():
        raise BadScoresError(
            [
                f"Count at {tuple(map(int, i))}: {values[tuple(i)]:g}; it must be a whole number from 0."
                for i in np.argwhere(wrong)
            ]
        )
    whole = values.astype(np.int64)
    if rounding is Rounding.SMALL_ONLY:
        return np.asarray(np.choose(np.minimum(whole, 3), [0, 0, 3, whole]), dtype=np.int64)
    base = 3 if rounding is Rounding.BASE_3 else 5
    return np.asarray((whole + base // 2) // base * base, dtype=np.int64)


def round_table(counts: ArrayLike, *, rounding: Rounding = Rounding.BASE_5) -> RoundedTable:
    """A table of counts (r, c) rounded, with its margins.

    To a base, the margins are the true sums, each rounded by itself. With SMALL_ONLY they are the sums of the
    rounded cells: a true sum of 10 beside a 9 and a rounded 0 would say that the 0 was a 1.

    Raises BadScoresError for what is no table of whole numbers from 0.
    """
    values = float_array("Counts", counts)
    if values.ndim != 2 or not values.size:
        raise BadScoresError(
            [f"Counts of shape {values.shape}: give a table with at least one row and one column."]
        )
    rounding = member(Rounding, "rounding", rounding)
    cells = round_counts(values, rounding=rounding)
    if rounding is Rounding.SMALL_ONLY:
        rows, columns, total = cells.sum(axis=1), cells.sum(axis=0), int(cells.sum())
    else:
        rows = round_counts(values.sum(axis=1), rounding=rounding)
        columns = round_counts(values.sum(axis=0), rounding=rounding)
        total = int(round_counts(values.sum(), rounding=rounding))
    additive = bool(
        (cells.sum(axis=1) == rows).all() and (cells.sum(axis=0) == columns).all() and rows.sum() == total
    )
    return RoundedTable(cells, rows, columns, total, additive and int(columns.sum()) == total)
