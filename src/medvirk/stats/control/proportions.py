"""The p-chart and Laney's p′-chart: shares of a number that varies from month to month."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from medvirk.stats.control.rules import (
    ControlSignal,
    DocumentedChange,
    Phase,
    change_faults,
    checked_series,
    find_signals,
    judged,
    phases,
)
from medvirk.stats.faults import BadScoresError, Floats

D2 = 1.128
#: Below so many expected on either side the limits, which lean on the normal distribution, are rough.
FEWEST_EXPECTED = 5


@dataclass(frozen=True)
class PChart:
    """Arrays have one element per point, as shares from 0 to 1; NaN at a gap or where there are no limits.

    `sigma_z` (Laney) is how much wider than the binomial the variation is, one element per phase; 1 in the
    plain chart. `rough` are the positions with fewer than 5 expected with, or without, what is counted.
    """

    share: Floats
    denominator: Floats
    centre: Floats
    lower: Floats
    upper: Floats
    sigma_z: tuple[float, ...]
    rough: tuple[int, ...]
    phases: tuple[Phase, ...]
    signals: tuple[ControlSignal, ...]


class _Limits(NamedTuple):
    centre: float
    sigma_z: float
    sigma: Floats
    cannot: str | None


def _checked_counts(
    numerator: Sequence[float | None] | Floats, denominator: Sequence[float | None] | Floats
) -> tuple[Floats, Floats]:
    """Both rows as floats, NaN in both where either is missing or the denominator is 0."""
    top, bottom = checked_series("Numerators", numerator), checked_series("Denominators", denominator)
    if top.shape != bottom.shape:
        raise BadScoresError(
            [f"{top.size} numerators but {bottom.size} denominators: give one for each point."]
        )
    gap = np.isnan(top) | np.isnan(bottom)
    faults = []
    for name, row in (("numerator", top), ("denominator", bottom)):
        given = ~np.isnan(row)
        bad = np.flatnonzero(given & ((row < 0) | (row != np.round(row))))
        faults += [f"Point {i}: the {name} is {row[i]:g}; it must be a whole number from 0." for i in bad]
    faults += [
        f"Point {i}: {top[i]:g} of {bottom[i]:g}; the numerator cannot be the larger."
        for i in np.flatnonzero(~gap & (top > bottom))
    ]
    if faults:
        raise BadScoresError(faults)
    gap |= bottom == 0
    return np.where(gap, np.nan, top), np.where(gap, np.nan, bottom)


def _limits(top: Floats, bottom: Floats, phase: Phase, *, laney: bool) -> _Limits:
    nothing = np.full(top.shape, np.nan)
    if phase.cannot_estimate:
        return _Limits(np.nan, np.nan, nothing, phase.cannot_estimate)
    where = f"Points {phase.start} to {phase.stop - 1}"
    centre = float(np.nansum(top) / np.nansum(bottom))
    if not 0 < centre < 1:
        what = "none" if centre == 0 else "all"
        return _Limits(np.nan, np.nan, nothing, f"{where}: {what} were counted, so there is no variation.")
    sigma = np.sqrt(centre * (1 - centre) / bottom)
    if not laney:
        return _Limits(centre, 1.0, sigma, None)
    steps = np.abs(np.diff((top / bottom - centre) / sigma))
    if np.isnan(steps).all():
        return _Limits(np.nan, np.nan, nothing, f"{where}: no two neighbours were measured.")
    sigma_z = float(np.nanmean(steps)) / D2
    if sigma_z <= 0:
        return _Limits(
            np.nan, np.nan, nothing, f"{where}: the share never changes, so there is no variation."
        )
    return _Limits(centre, sigma_z, sigma * sigma_z, None)


def p_chart(
    numerator: Sequence[float | None] | Floats,
    denominator: Sequence[float | None] | Floats,
    *,
    changes: Sequence[DocumentedChange] = (),
    laney: bool = False,
) -> PChart:
    """p-chart of numerator / denominator, whole numbers, one of each per month in order of time.

    A denominator of 0 is a gap, as is a missing number (None or NaN): nobody was asked, which is not 0 %.
    Limits are p̄ ± 3·√(p̄(1−p̄)/n) with p̄ = Σ numerators / Σ denominators of the phase, cut to 0 and 1. With
    large denominators the plain limits become too narrow, as months differ by more than chance; `laney`
    widens (or narrows) them by σz, the mean step between neighbouring z-scores / 1.128.

    Raises BadScoresError for counts that cannot be and for undocumented or misplaced changes,
    CannotEstimateError when no phase can have limits.

    Source: Montgomery, Introduction to Statistical Quality Control, ch. 7; Laney 2002, Quality Engineering
    14:531.
    """
    top, bottom = _checked_counts(numerator, denominator)
    if faults := change_faults(changes, top.size):
        raise BadScoresError(faults)
    planned = phases(~np.isnan(top), changes)
    parts = [slice(phase.start, phase.stop) for phase in planned]
    found = [_limits(top[p], bottom[p], phase, laney=laney) for p, phase in zip(parts, planned, strict=True)]
    judged_phases = judged(planned, [limits.cannot for limits in found])
    share = top / bottom
    centre = np.repeat([limits.centre for limits in found], [phase.stop - phase.start for phase in planned])
    sigma = np.concatenate([limits.sigma for limits in found])
    return PChart(
        share=share,
        denominator=bottom,
        centre=centre,
        lower=np.maximum(centre - 3 * sigma, 0),
        upper=np.minimum(centre + 3 * sigma, 1),
        sigma_z=tuple(limits.sigma_z for limits in found),
        rough=tuple(
            int(i) for i in np.flatnonzero(bottom * np.minimum(centre, 1 - centre) < FEWEST_EXPECTED)
        ),
        phases=judged_phases,
        signals=tuple(
            signal
            for part, limits in zip(parts, found, strict=True)
            if not limits.cannot
            for signal in find_signals(share[part], (share[part] - limits.centre) / limits.sigma, part.start)
        ),
    )
