"""The XmR chart (individual values and moving ranges): is this month different, or is it the usual variation?"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from medvirk.stats.control.rules import (
    ControlSignal,
    DocumentedChange,
    Phase,
    Rule,
    Side,
    change_faults,
    checked_series,
    find_signals,
    judged,
    phases,
)
from medvirk.stats.faults import BadScoresError, Floats

#: 3 / d2 and D4 for ranges of two points (d2 = 1.128).
LIMIT_FACTOR = 2.66
RANGE_LIMIT_FACTOR = 3.267


@dataclass(frozen=True)
class XmrChart:
    """Arrays have one element per point, in the unit of the values; NaN where there is nothing to show.

    `moving_range[i]` is |value i − value i−1|; there is none at the start of a phase, at a gap and after it.
    `screened` are the positions of moving ranges that were left out of the limits.
    """

    values: Floats
    centre: Floats
    lower: Floats
    upper: Floats
    moving_range: Floats
    moving_range_limit: Floats
    screened: tuple[int, ...]
    phases: tuple[Phase, ...]
    signals: tuple[ControlSignal, ...]


def mean_moving_range(ranges: Floats, *, screen: bool) -> tuple[float, np.ndarray]:
    """Mean of the moving ranges without NaN, and which were screened out (same shape as `ranges`).

    Screening leaves out, once, the ranges above 3.267 times the mean: a single freak step would otherwise
    widen the limits until it hides itself.
    """
    first = float(np.nanmean(ranges))
    out = ranges > RANGE_LIMIT_FACTOR * first if screen else np.zeros(ranges.shape, dtype=bool)
    return float(np.nanmean(ranges[~out])), out


class _Limits(NamedTuple):
    """What one phase rests on: the mean, the mean moving range, and which ranges were screened out."""

    centre: float
    average_range: float
    out: np.ndarray
    cannot: str | None


def _limits(values: Floats, ranges: Floats, phase: Phase, *, screen: bool) -> _Limits:
    none = np.zeros(ranges.shape, dtype=bool)
    if phase.cannot_estimate:
        return _Limits(np.nan, np.nan, none, phase.cannot_estimate)
    where = f"Points {phase.start} to {phase.stop - 1}"
    if np.isnan(ranges).all():
        return _Limits(np.nan, np.nan, none, f"{where}: no two neighbours were measured.")
    average, out = mean_moving_range(ranges, screen=screen)
    if average <= 0:
        freak = " once the freak ones are screened out" if out.any() else ""
        cannot = f"{where}: the moving ranges are all 0{freak}, so there is no usual variation."
        return _Limits(np.nan, np.nan, none, cannot)
    return _Limits(float(np.nanmean(values)), average, out, None)


def _phase_signals(values: Floats, ranges: Floats, limits: _Limits, start: int) -> list[ControlSignal]:
    if limits.cannot:
        return []
    z = (values - limits.centre) * 3 / (LIMIT_FACTOR * limits.average_range)
    large = np.flatnonzero(ranges > RANGE_LIMIT_FACTOR * limits.average_range)
    return find_signals(values, z, start) + [
        ControlSignal(Rule.MOVING_RANGE, Side.ABOVE, (start + int(i),)) for i in large
    ]


def xmr_chart(
    values: Sequence[float | None] | Floats,
    *,
    changes: Sequence[DocumentedChange] = (),
    screen: bool = True,
) -> XmrChart:
    """XmR chart of one value per month (or week), in order of time, evenly spaced; None or NaN is a gap.

    Limits are mean ± 2.66 · mean moving range, the limit of the moving range 3.267 · its mean; `screen`: see
    `mean_moving_range`. They are set anew only from a documented change on. A phase with fewer than 8 measured
    points gets no limits and says why.

    Raises BadScoresError for what is no row of finite numbers and for undocumented or misplaced changes,
    CannotEstimateError when no phase can have limits (too few points, or no variation at all).

    Source: Wheeler 2000, Understanding Variation; rules as in NHS England's Making Data Count.
    """
    series = checked_series("Values", values)
    if faults := change_faults(changes, series.size):
        raise BadScoresError(faults)
    ranges = np.abs(np.diff(series, prepend=np.nan))
    ranges[[change.at for change in changes]] = np.nan
    planned = phases(~np.isnan(series), changes)
    parts = [slice(phase.start, phase.stop) for phase in planned]
    found = [
        _limits(series[p], ranges[p], phase, screen=screen) for p, phase in zip(parts, planned, strict=True)
    ]
    judged_phases = judged(planned, [limits.cannot for limits in found])
    lengths = [phase.stop - phase.start for phase in planned]
    centre = np.repeat([limits.centre for limits in found], lengths)
    average = np.repeat([limits.average_range for limits in found], lengths)
    signals = [
        signal
        for part, limits in zip(parts, found, strict=True)
        for signal in _phase_signals(series[part], ranges[part], limits, part.start)
    ]
    return XmrChart(
        values=series,
        centre=centre,
        lower=centre - LIMIT_FACTOR * average,
        upper=centre + LIMIT_FACTOR * average,
        moving_range=ranges,
        moving_range_limit=RANGE_LIMIT_FACTOR * average,
        screened=tuple(int(i) for i in np.flatnonzero(np.concatenate([limits.out for limits in found]))),
        phases=judged_phases,
        signals=tuple(signals),
    )
