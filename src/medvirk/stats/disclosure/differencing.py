"""Can two published tables be subtracted to find someone? An audit before the second one goes out."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from medvirk.stats.disclosure.hidden import Hidden
from medvirk.stats.disclosure.suppression import TOLERANCE, solve_reader
from medvirk.stats.disclosure.tables import ProtectedTable, relations_of
from medvirk.stats.faults import BadScoresError, Floats


class Found(StrEnum):
    """What the two tables give away together."""

    HIDDEN_IN_OLD = "hidden_in_old"
    HIDDEN_IN_NEW = "hidden_in_new"
    #: How many came in between, or were left out of the smaller table, is a small count.
    SMALL_DIFFERENCE = "small_difference"


@dataclass(frozen=True)
class Exposure:
    """A count that a reader of both tables knows to lie from `low` to `high`; `row` and `column` of the grid."""

    found: Found
    row: int
    column: int
    low: float
    high: float


def _numbers(table: ProtectedTable) -> Floats:
    """The grid read row by row, NaN where hidden."""
    return np.array(
        [np.nan if isinstance(number, Hidden) else number for row in table.grid for number in row],
        dtype=np.float64,
    )


def _range(relations: Floats, low: Floats, high: Floats, cell: int) -> tuple[float, float]:
    objective = np.zeros(low.size)
    objective[cell] = 1
    least = solve_reader(objective, relations, low, high)
    most = solve_reader(-objective, relations, low, high)
    return (
        0.0 if least is None else float(least.table[cell]),
        np.inf if most is None else float(most.table[cell]),
    )


def differencing(old: ProtectedTable, new: ProtectedTable) -> tuple[Exposure, ...]:
    """What readers of both tables can work out: nothing (empty), or each count that becomes too narrow.

    `old` and `new` have the same rows and columns, and everybody counted in a cell of `old` is counted in the
    same cell of `new`: January to June and January to July, or a service without and with one more group. A
    hidden count is exposed when its range is narrower than the threshold (the larger of the two), a difference
    when it is known to lie between 1 and the threshold − 1. If anything is found, do not publish `new`: keep to
    a calendar of periods that do not overlap, or hide more.

    Raises BadScoresError when the tables do not have the same shape, or contradict one another.
    """
    if (len(old.cells), len(old.column_totals), old.row_groups) != (
        len(new.cells),
        len(new.column_totals),
        new.row_groups,
    ):
        raise BadScoresError(["The two tables differ in rows, columns or groups: compare them cell by cell."])
    threshold = max(old.threshold, new.threshold)
    first, second = _numbers(old), _numbers(new)
    one = relations_of(len(old.cells), len(old.column_totals), old.row_groups)
    n, none = first.size, np.zeros_like(one)
    # Three tables side by side: old, new, and their difference, which is not negative.
    relations = np.block(
        [[one, none, none], [none, one, none], [none, none, one], [np.eye(n), -np.eye(n), np.eye(n)]]
    )
    known = np.concatenate([first, second, second - first])
    faults = [
        f"Row {i // (len(old.column_totals) + 1)}, column {i % (len(old.column_totals) + 1)}: {first[i]:g} before, "
        f"{second[i]:g} now; the new table must hold everybody of the old."
        for i in np.flatnonzero(second < first)
    ]
    if faults:
        raise BadScoresError(faults)
    return tuple(_exposures(relations, known, threshold=threshold, width=len(old.column_totals) + 1))


def _exposures(relations: Floats, known: Floats, *, threshold: int, width: int) -> list[Exposure]:
    """Exposures among `known` (3n,), the old, the new and the difference side by side, NaN where not shown."""
    low, high = np.where(np.isnan(known), 0.0, known), np.where(np.isnan(known), np.inf, known)
    n = known.size // 3
    kinds = (Found.HIDDEN_IN_OLD, Found.HIDDEN_IN_NEW, Found.SMALL_DIFFERENCE)
    exposed = []
    for cell in range(known.size):
        kind = kinds[cell // n]
        if kind is not Found.SMALL_DIFFERENCE and not np.isnan(known[cell]):
            continue
        if np.isnan(known[cell]):
            least, most = _range(relations, low, high, cell)
        else:
            least = most = float(known[cell])
        if kind is Found.SMALL_DIFFERENCE:
            narrow = least > TOLERANCE and most < threshold - TOLERANCE
        else:
            narrow = most - least < threshold - TOLERANCE
        if narrow:
            exposed.append(Exposure(kind, cell % n // width, cell % n % width, least, most))
    return exposed
