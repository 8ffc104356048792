"""What counts as a signal on a control chart, and the stretches of time that share limits.

A missing month is a gap. It is not zero, and it is not joined over: it ends a run on one side, a trend and a
window of three, because nobody knows where the missing point would have been. The price is a later signal.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise
from typing import Any

import numpy as np

from medvirk.stats.faults import (
    BadScoresError,
    CannotEstimateError,
    Floats,
    float_array,
    infinite_fault,
    whole_fault,
)

#: From so few measured points no limits are calculated.
FEWEST_FOR_LIMITS = 8
#: Limits from fewer points than these still move much when a point is added: `Phase.temporary`.
FEWEST_FOR_LASTING_LIMITS = 12
RUN_ON_ONE_SIDE = 7
POINTS_IN_TREND = 7


class Rule(StrEnum):
    """Which rule a signal broke."""

    OUTSIDE_LIMITS = "outside_limits"
    ONE_SIDE = "one_side"
    TREND = "trend"
    TWO_OF_THREE = "two_of_three"
    MOVING_RANGE = "moving_range"
    LONG_RUN = "long_run"
    FEW_CROSSINGS = "few_crossings"


class Side(StrEnum):
    """Where it was broken: above or below the centre line, or rising or falling for a trend."""

    ABOVE = "above"
    BELOW = "below"
    RISING = "rising"
    FALLING = "falling"
    NEITHER = "neither"


@dataclass(frozen=True)
class ControlSignal:
    """Non-random variation: the rule, and the positions (0 is the first point) of the points that show it."""

    rule: Rule
    side: Side
    positions: tuple[int, ...]


@dataclass(frozen=True)
class DocumentedChange:
    """Something that was done on purpose: from point `at` (0 is the first) on. `what` says what it was."""

    at: int
    what: str


@dataclass(frozen=True)
class Phase:
    """Points `start` to, not including, `stop`, which share a centre line and limits.

    `cannot_estimate` says why there are none (their elements in the chart are NaN), else it is None.
    `temporary` when they rest on fewer than FEWEST_FOR_LASTING_LIMITS points.
    """

    start: int
    stop: int
    measured: int
    cannot_estimate: str | None
    temporary: bool


def change_faults(changes: Sequence[DocumentedChange], length: int) -> list[str]:
    """Faults of documented changes: outside the series, at its start, out of order, or without words."""
    if changes and length < 2:
        return [f"There are {length} point(s): a change needs points before it and from it on."]
    faults = [
        f"Change {number} at point {change.at}: it must be a point from 1 to {length - 1}."
        for number, change in enumerate(changes, start=1)
        if whole_fault("at", change.at, least=1, most=length - 1)
    ]
    faults += [
        f"Change {number} says nothing. Limits are set anew only for a change that is written down."
        for number, change in enumerate(changes, start=1)
        if not (isinstance(change.what, str) and change.what.strip())
    ]
    at = [change.at for change in changes]
    if not any(whole_fault("at", point) for point in at) and any(
        later <= earlier for earlier, later in pairwise(at)
    ):
        faults.append(f"Changes at {at}: give them in order of time, each point once.")
    return faults


def checked_series(name: str, values: Sequence[float | None] | Floats) -> Floats:
    """`values` as a row of numbers (n,), NaN where missing.

    Raises BadScoresError for anything else, CannotEstimateError where there is none.
    """
    given: Any = values  # numpy has no type for a row of numbers and None
    series = float_array(name, given)
    if series.ndim != 1:
        raise BadScoresError(
            [f"{name}: {series.ndim} dimension(s). Give one row of numbers in order of time."]
        )
    if not series.size:
        raise CannotEstimateError([f"{name}: there are no points. Give one for each month or week."])
    if faults := infinite_fault(name, series):
        raise BadScoresError(faults)
    return series


def sides(length: int, changes: Sequence[DocumentedChange]) -> list[tuple[int, int]]:
    """(start, stop) of the stretches of a series of `length` points before, between and after the changes."""
    return list(pairwise([0, *(change.at for change in changes), length]))


def phases(measured: np.ndarray, changes: Sequence[DocumentedChange]) -> list[Phase]:
    """The stretches between documented changes, with the reason where too few points were measured."""
    found = []
    for start, stop in sides(measured.size, changes):
        count = int(measured[start:stop].sum())
        reason = None
        if count < FEWEST_FOR_LIMITS:
            reason = (
                f"Points {start} to {stop - 1}: limits need at least {FEWEST_FOR_LIMITS} measured points, "
                f"found {count}."
            )
        found.append(Phase(start, stop, count, reason, count < FEWEST_FOR_LASTING_LIMITS))
    return found


def judged(planned: Sequence[Phase], reasons: Sequence[str | None]) -> tuple[Phase, ...]:
    """The phases, each with the reason why it has no limits. Raises CannotEstimateError when none has any."""
    if all(reasons):
        raise CannotEstimateError([reason for reason in reasons if reason])
    return tuple(
        replace(phase, cannot_estimate=reason) for phase, reason in zip(planned, reasons, strict=True)
    )


def runs_of(marks: np.ndarray) -> Iterator[tuple[float, int, int]]:
    """(mark, start, stop) of each run of equal marks; NaN equals nothing, so it stands alone."""
    if not marks.size:
        return
    edges = np.flatnonzero(marks[1:] != marks[:-1]) + 1
    for start, stop in zip([0, *edges], [*edges, marks.size], strict=True):
        yield float(marks[start]), int(start), int(stop)


def _one_side(z: Floats) -> Iterator[ControlSignal]:
    for side, start, stop in runs_of(np.sign(z)):
        if abs(side) == 1 and stop - start >= RUN_ON_ONE_SIDE:
            yield ControlSignal(
                Rule.ONE_SIDE, Side.ABOVE if side > 0 else Side.BELOW, tuple(range(start, stop))
            )


def _trend(values: Floats) -> Iterator[ControlSignal]:
    for direction, start, stop in runs_of(np.sign(np.diff(values))):
        # So many steps in one direction join one point more.
        if abs(direction) == 1 and stop - start + 1 >= POINTS_IN_TREND:
            side = Side.RISING if direction > 0 else Side.FALLING
            yield ControlSignal(Rule.TREND, side, tuple(range(start, stop + 1)))


def _two_of_three(z: Floats) -> Iterator[ControlSignal]:
    for factor, side in ((1, Side.ABOVE), (-1, Side.BELOW)):
        outer = factor * z > 2
        for start in range(z.size - 2):
            window = slice(start, start + 3)
            if outer[window].sum() >= 2 and not np.isnan(z[window]).any():
                where = tuple(int(start + i) for i in np.flatnonzero(outer[window]))
                yield ControlSignal(Rule.TWO_OF_THREE, side, where)


def _outside(z: Floats) -> Iterator[ControlSignal]:
    for side, beyond in ((Side.ABOVE, z > 3), (Side.BELOW, z < -3)):
        for position in np.flatnonzero(beyond):
            yield ControlSignal(Rule.OUTSIDE_LIMITS, side, (int(position),))


def find_signals(values: Floats, z: Floats, start: int) -> list[ControlSignal]:
    """Signals within one phase that begins at point `start` of the chart.

    `values` (n,) are its points, `z` (n,) how many sigma each lies from the centre line; NaN is a gap. Rules:
    a point outside 3 sigma; 7 in a row on one side (a point on the line ends the run); 7 points in a row each
    above (or each below) the one before; 2 of 3 neighbours beyond 2 sigma on the same side.
    """
    found = {*_outside(z), *_one_side(z), *_trend(values), *_two_of_three(z)}
    moved = [ControlSignal(s.rule, s.side, tuple(start + i for i in s.positions)) for s in found]
    return sorted(moved, key=lambda s: (s.positions, s.rule))
