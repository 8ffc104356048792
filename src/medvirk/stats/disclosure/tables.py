"""Two-way tables of counts that may be published with their margins: small counts hidden, and safe from subtraction."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from medvirk.stats.disclosure.hidden import WITHIN, Hidden, Reason
from medvirk.stats.disclosure.suppression import (
    Flags,
    Sums,
    cells_to_hide,
    feasible_ranges,
    unsafe_cells,
)
from medvirk.stats.faults import BadScoresError, Floats, float_array, keys_array, whole_fault

#: Beyond so many cells, margins included, the choice of cells takes minutes: split the table.
MOST_CELLS = 1000
Row = tuple["int | Hidden", ...]


@dataclass(frozen=True)
class ProtectedTable:
    """What may be published. Whole numbers or Hidden, never a 0 in place of what is hidden.

    `cells` r rows × c columns; `row_totals` (r,), `column_totals` (c,) and `total`; `row_groups` (r,) the group
    of each row, or empty; `group_rows` and `group_totals` one for each of `groups`. `threshold` is the stated
    protection: from all that is shown, a small count can be anything from 0 to at least `threshold`, and any
    other hidden count lies in a range at least `threshold` wide.
    """

    cells: tuple[Row, ...]
    row_totals: Row
    column_totals: Row
    total: "int | Hidden"
    row_groups: tuple[str, ...]
    group_rows: tuple[Row, ...]
    group_totals: Row
    threshold: int

    @property
    def groups(self) -> tuple[str, ...]:
        """The groups of rows, in the order of their subtotals."""
        return tuple(dict.fromkeys(self.row_groups))

    @property
    def grid(self) -> tuple[Row, ...]:
        """Everything in one: rows, subtotals of groups, then the sum, each with its total last."""
        body = (
            *zip(self.cells, self.row_totals, strict=True),
            *zip(self.group_rows, self.group_totals, strict=True),
        )
        return (*((*row, total) for row, total in body), (*self.column_totals, self.total))

    @property
    def hidden(self) -> int:
        """How many numbers are hidden, margins included."""
        return sum(isinstance(number, Hidden) for row in self.grid for number in row)


def _checked(counts: ArrayLike, groups: Sequence[str] | None, threshold: int) -> Floats:
    table = float_array("Counts", counts)
    if table.ndim != 2 or not table.size:
        raise BadScoresError(
            [f"Counts of shape {table.shape}: give a table with at least one row and one column."]
        )
    bad = np.argwhere(~(np.isfinite(table) & (table >= 0) & (table == np.round(table))))
    faults = [
        f"Row {i}, column {j}: {table[i, j]:g}; a count is a whole number from 0, also where nobody was found."
        for i, j in bad
    ]
    if groups is not None and len(groups) != table.shape[0]:
        faults.append(f"{len(groups)} groups for {table.shape[0]} rows: give one for each row.")
    faults += whole_fault("The threshold (below 2 hides nothing)", threshold, least=2)
    cells = (table.shape[0] + 1 + len(set(groups or ()))) * (table.shape[1] + 1)
    if cells > MOST_CELLS:
        faults.append(
            f"The table has {cells} cells with its margins; at most {MOST_CELLS}. Split it, or merge rows."
        )
    if faults:
        raise BadScoresError(faults)
    return table


def _group_matrix(groups: Sequence[str], rows: int) -> Floats:
    """(groups, rows): 1 where a row belongs to a group; no rows of it when there are no groups."""
    names = list(dict.fromkeys(groups))
    belongs = np.zeros((len(names), rows))
    for i, name in enumerate(groups):
        belongs[names.index(name), i] = 1
    return belongs


def with_margins(table: Floats, groups: Sequence[str]) -> Floats:
    """The grid: rows, then one per group, then the sum of all, each with its total last."""
    body = np.vstack([table, _group_matrix(groups, table.shape[0]) @ table, table.sum(axis=0, keepdims=True)])
    return np.column_stack([body, body.sum(axis=1)])


def relations_of(rows: int, columns: int, groups: Sequence[str]) -> Floats:
    """What adds up to what in the grid of `with_margins`: a row per sum, a column per cell read row by row."""
    belongs = _group_matrix(groups, rows)
    count = belongs.shape[0]
    vertical = np.zeros((count + 1, rows + count + 1))
    vertical[:count, :rows] = belongs
    vertical[:count, rows:-1] = -np.eye(count)
    # The last row is the sum of the groups, or of the rows where there are no groups.
    vertical[-1, slice(rows, -1) if count else slice(0, rows)] = 1
    vertical[-1, -1] = -1
    horizontal = np.append(np.ones(columns), -1.0)
    height, width = rows + count + 1, columns + 1
    return np.vstack([np.kron(np.eye(height), horizontal), np.kron(vertical, np.eye(width))])


def _sums(
    table: Floats, groups: Sequence[str], *, threshold: int, hide_zeros: bool, totals_known: bool
) -> tuple[Sums, tuple[int, int]]:
    grid, relations = with_margins(table, groups), relations_of(table.shape[0], table.shape[1], groups)
    inner = np.zeros(grid.shape, dtype=np.bool_)
    inner[: table.shape[0], : table.shape[1]] = True
    counts = grid.ravel()
    small = (counts < threshold) & ((counts > 0) | hide_zeros)
    fixed = ~inner.ravel() if totals_known else np.zeros(counts.shape, dtype=np.bool_)
    # A total costs more than all inner cells together, so it goes only where no choice of inner cells is enough.
    everything = table.sum() + table.size
    cost = 1 + counts + np.where(inner.ravel(), 0.0, everything)
    return Sums(counts, relations, cost, small & ~fixed, fixed, threshold), grid.shape


def _publish(sums: Sums, hidden: Flags, shape: tuple[int, int], reason: Reason) -> list[Row]:
    numbers = [
        Hidden(reason) if gone else int(count) for count, gone in zip(sums.counts, hidden, strict=True)
    ]
    width = shape[1]
    return [tuple(numbers[i * width : (i + 1) * width]) for i in range(shape[0])]


def protect_table(
    counts: ArrayLike,
    *,
    groups: Sequence[str] | None = None,
    threshold: int = WITHIN.people,
    hide_zeros: bool = False,
    totals_known: bool = False,
) -> ProtectedTable:
    """The table of `counts` (r, c), persons in each cell, with margins, as it may be published.

    Counts from 1 to `threshold` − 1 are hidden, in the margins too, and with them the further cells that keep
    them from being worked out, chosen to hide as few people as possible; totals go last. `groups` (r,) names the
    group of each row (unit, then service) and adds a row of subtotals for each. `hide_zeros` hides zeros as
    well: do so when a 0 says something about everybody in the row ("none of the 7 got better"). With
    `totals_known` all margins are already public and stay; if then nothing suffices, every number is Hidden
    with the reason WHOLE_TABLE.

    What it does not stop: someone who is in the table and subtracts herself; a reader who knows this rule
    and reasons from which cells were chosen; subtraction between two tables (`differencing`).

    Raises BadScoresError for what is no table of whole numbers. Source: see `suppression`.
    """
    names = None if groups is None else keys_array("Groups", groups).ravel().tolist()
    table = _checked(counts, names, threshold)
    row_groups = tuple(names or ())
    sums, shape = _sums(
        table, row_groups, threshold=threshold, hide_zeros=hide_zeros, totals_known=totals_known
    )
    hidden = cells_to_hide(sums)
    # A last look at each cell by itself, apart from the way the choice was made.
    if hidden is not None and unsafe_cells(sums, hidden, feasible_ranges(sums, hidden)).any():
        hidden = None
    if hidden is None or hidden.all():
        hidden, reason = np.ones(sums.counts.shape, dtype=np.bool_), Reason.WHOLE_TABLE
    else:
        reason = Reason.PROTECTED_CELL
    grid = _publish(sums, hidden, shape, reason)
    rows = table.shape[0]
    return ProtectedTable(
        cells=tuple(row[:-1] for row in grid[:rows]),
        row_totals=tuple(row[-1] for row in grid[:rows]),
        column_totals=grid[-1][:-1],
        total=grid[-1][-1],
        row_groups=row_groups,
        group_rows=tuple(row[:-1] for row in grid[rows:-1]),
        group_totals=tuple(row[-1] for row in grid[rows:-1]),
        threshold=threshold,
    )
