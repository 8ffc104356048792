"""Which further cells must be hidden so that the small ones cannot be worked out, for any table with sums.

The table is a row of counts with relations: in each, some of the counts add up to one other (coefficients +1
and −1, sum 0). A reader knows the counts that are shown, the relations, and that no count is negative. The
range of a hidden cell is what linear programming finds possible from that.

Stated protection: the range of every small cell reaches from 0 to at least the threshold, so that nothing
tells it is small; the range of every other hidden cell is at least the threshold wide.

Source: Fischetti & Salazar 2001, Management Science 47:1008: a mixed-integer programme chooses the hidden cells at
the least cost; a reader's programme (the audit) that comes too close to a cell gives, by its dual, an inequality
that every safe choice keeps, and the choice is made again until the audit finds nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, linprog, milp

from medvirk.stats.faults import BadScoresError, Floats

Flags = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]
TOLERANCE = 1e-6
#: Far more rounds than any table in the tests needs; beyond it the whole table is hidden.
MOST_ROUNDS = 200


@dataclass(frozen=True)
class Sums:
    """`counts` (n,), `relations` (m, n) with relations @ counts = 0, and what hiding each cell costs (n,).

    `small` (n,) are the cells to protect, `fixed` (n,) those that are known to readers whatever is done.
    """

    counts: Floats
    relations: Floats
    cost: Floats
    small: Flags
    fixed: Flags
    threshold: int


class _Reach(NamedTuple):
    """How far a reader can push one cell (None: no limit), the possible table, and the dual's cost of each cell."""

    value: float | None
    table: Floats | None
    prices: Floats


class _Solution(NamedTuple):
    table: Floats
    reduced_costs: Floats


def solve_reader(objective: Floats, relations: Floats, low: Floats, high: Floats) -> _Solution | None:
    """The least `objective` over tables with relations · table = 0 and low ≤ table ≤ high; None: no limit.

    Raises BadScoresError when no table at all is possible.
    """
    for presolve in (True, False):
        found = linprog(
            objective,
            A_eq=relations,
            b_eq=np.zeros(relations.shape[0]),
            bounds=list(zip(low.tolist(), high.tolist(), strict=True)),
            method="highs",
            options={"presolve": presolve},
        )
        if found.status == 0:
            return _Solution(np.asarray(found.x), np.asarray(found.lower.marginals + found.upper.marginals))
        if found.status == 3:
            return None
        # With presolve the solver may not tell "no limit" from "impossible", so it is asked again without.
    raise BadScoresError([f"No table of counts fits what is shown ({found.message})."])


def _push(sums: Sums, hidden: Flags, cell: int, direction: Literal[1, -1]) -> _Reach:
    """The largest (+1) or smallest (−1) count of `cell` that fits what is shown."""
    low = np.where(hidden, 0.0, sums.counts)
    high = np.where(hidden, np.inf, sums.counts)
    objective = np.zeros(sums.counts.size)
    objective[cell] = -direction
    found = solve_reader(objective, sums.relations, low, high)
    if found is None:
        return _Reach(None, None, np.zeros(sums.counts.size))
    # What freeing each cell would add: a shown one both ways (without limit upwards), any one down to 0.
    reduced = found.reduced_costs
    upwards = np.where(reduced < -TOLERANCE, np.inf, 0.0)
    downwards = np.maximum(reduced, 0.0) * sums.counts
    return _Reach(float(found.table[cell]), found.table, upwards + downwards)


def feasible_ranges(sums: Sums, hidden: Flags) -> Floats:
    """(n, 2): least and greatest count of each cell that fits what is shown; shown cells have their own count."""
    ranges = np.column_stack([sums.counts, sums.counts])
    for cell in np.flatnonzero(hidden):
        low, high = _push(sums, hidden, int(cell), -1).value, _push(sums, hidden, int(cell), 1).value
        ranges[cell] = (0.0 if low is None else low, np.inf if high is None else high)
    return ranges


def unsafe_cells(sums: Sums, hidden: Flags, ranges: Floats) -> Flags:
    """Hidden cells whose range is narrower than stated, and small cells that are not hidden."""
    low, high = ranges[:, 0], ranges[:, 1]
    betrayed = sums.small & ((low > TOLERANCE) | (high < sums.threshold - TOLERANCE))
    narrow = hidden & (high - low < sums.threshold - TOLERANCE)
    return np.asarray(betrayed | narrow)


class _Cut(NamedTuple):
    """weights · x ≥ least, for the 0/1 choice x of hidden cells."""

    weights: Floats
    least: float


def _cuts(sums: Sums, hidden: Flags) -> Iterator[_Cut]:
    """Inequalities that this choice breaks. A possible table that shows one cell safe is kept for the others."""
    lowest, highest = sums.counts.copy(), sums.counts.copy()
    threshold = float(sums.threshold)

    def push(cell: int, direction: Literal[1, -1]) -> _Reach:
        reach = _push(sums, hidden, cell, direction)
        if reach.table is not None:
            np.minimum(lowest, reach.table, out=lowest)
            np.maximum(highest, reach.table, out=highest)
        else:
            highest[cell] = np.inf
        return reach

    for cell in map(int, np.flatnonzero(hidden)):
        own, small = sums.counts[cell], sums.small[cell]
        if small and highest[cell] < threshold - TOLERANCE:
            reach = push(cell, 1)
            if reach.value is not None and reach.value < threshold - TOLERANCE:
                need = threshold - own
                yield _Cut(np.minimum(reach.prices, need), need)
        if small and lowest[cell] > TOLERANCE:
            reach = push(cell, -1)
            if reach.value is not None and reach.value > TOLERANCE:
                yield _Cut(np.minimum(reach.prices, own), own)
        if highest[cell] - lowest[cell] < threshold - TOLERANCE:
            up, down = push(cell, 1), push(cell, -1)
            if (
                up.value is not None
                and down.value is not None
                and up.value - down.value < threshold - TOLERANCE
            ):
                weights = np.minimum(up.prices + down.prices, threshold)
                weights[cell] -= threshold  # Only if this cell is hidden at all.
                yield _Cut(weights, 0.0)


def _lone_cell_cuts(sums: Sums) -> Iterator[_Cut]:
    """A cell that is hidden alone in a sum is worked out by subtraction: where one is hidden, so is another."""
    for relation in sums.relations:
        members = np.flatnonzero(relation)
        for cell in members:
            weights = np.zeros(sums.counts.size)
            weights[members] = 1.0
            weights[cell] = -1.0
            yield _Cut(weights, 0.0)


def _cheapest(sums: Sums, cuts: list[_Cut]) -> Flags | None:
    """The cheapest choice that keeps all cuts, or None when there is none."""
    found = milp(
        sums.cost,
        integrality=np.ones(sums.counts.size, dtype=np.int64),
        bounds=Bounds(np.where(sums.small, 1.0, 0.0), np.where(sums.fixed, 0.0, 1.0)),
        constraints=LinearConstraint(
            np.array([cut.weights for cut in cuts]), np.array([cut.least for cut in cuts]) - TOLERANCE, np.inf
        ),
        options={"node_limit": 20_000},
    )
    return None if found.x is None else np.asarray(found.x > 0.5)


def cells_to_hide(sums: Sums) -> Flags | None:
    """The cells to hide (n,), audited, or None when hiding every cell that can be hidden is not enough.

    Deterministic: the same table gives the same answer. No cell is hidden where none is small.
    """
    if not sums.small.any():
        return np.zeros(sums.counts.size, dtype=np.bool_)
    everything = ~sums.fixed
    if (
        sums.fixed.any()
        and unsafe_cells(sums, everything, feasible_ranges(sums, everything))[sums.small].any()
    ):
        return None
    cuts = list(_lone_cell_cuts(sums))
    for _round in range(MOST_ROUNDS):
        hidden = _cheapest(sums, cuts)
        if hidden is None:
            return None
        broken = list(_cuts(sums, hidden))
        if not broken:
            return hidden
        cuts += broken
    return None
