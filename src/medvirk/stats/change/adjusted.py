"""The effect of a group against what the norms expect of people who began where they did.

A group that begins worse falls more by regression and natural recovery alone, so raw effect sizes cannot be
compared. The norms are a growth model of one's own; nothing of any vendor is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, stdtrit

from medvirk.stats.change.reliable import Direction, direction_of, is_clinical
from medvirk.stats.faults import (
    ROUNDING,
    BadScoresError,
    CannotEstimateError,
    Floats,
    finite_fault,
    float_array,
    infinite_fault,
    positive_fault,
)

if TYPE_CHECKING:
    from medvirk.stats.growth import GrowthModel


@dataclass(frozen=True)
class MeanEffect:
    """A mean over people in SDs of the norms, positive is better; `se` and `ci95` by Student's t."""

    mean: float
    se: float
    ci95: tuple[float, float]


@dataclass(frozen=True)
class AdjustedEffect:
    """The severity-adjusted effect size of `n` people, by two definitions.

    `centred`: (actual last − expected last)/SD, 0 = as the norms expect. `with_reference_gain`: (residualised gain
    + mean gain of the norms' people)/SD, 0 = no change, and what the norms' people themselves gain is
    `reference_gain` (SDs). `sd_reference` in points. `left_out`: how many were left out, by reason.
    """

    n: int
    centred: MeanEffect
    with_reference_gain: MeanEffect
    reference_gain: float
    sd_reference: float
    left_out: dict[str, int]


NO_FIRST = "no first score"
NO_LAST = "no last score"
NOT_CLINICAL = "began outside the clinical range"


def adjusted_effect(
    first: ArrayLike,
    last: ArrayLike,
    *,
    t_last: ArrayLike,
    model: GrowthModel,
    direction: Direction,
    cutoff: float | None = None,
    sd_reference: float | None = None,
    t_first: float = 0.0,
) -> AdjustedEffect:
    """Each person's last score against the model's expectation given the first, in SDs of the norms.

    `first`, `last` (n,) in points, NaN = missing; `t_last`, one or one per person, and `t_first` are times as in the
    model. With a `cutoff` only those who began in the clinical range count, as is usual: near the healthy end
    there is little left to gain. `sd_reference` is by default the model's SD of first scores, √(Var of level + σ²).

    The residualised gain is (last − first) less the gain expected from that first score, and the mean gain of the
    norms' people is that of all of them, or of those in the clinical range when a cut-off is given (the mean of the
    truncated normal first score, carried on by the model), each at the person's own `t_last`. The model is taken as
    known: with few courses behind it the true uncertainty is larger.

    Raises BadScoresError for input that does not fit together, UnusableModelError for a model that may not
    forecast, CannotEstimateError when fewer than 3 people are left or their last scores are exactly as expected.
    """
    direction = direction_of(direction)
    start, end, when = _checked(first, last, t_last, t_first, cutoff)
    sd = _first_sd(model, t_first) if sd_reference is None else sd_reference
    if faults := positive_fault("The SD of the norms", sd):
        raise BadScoresError(faults)
    used, left_out = _selected(start, end, direction, cutoff)
    start, end, when = start[used], end[used], when[used]
    better = direction.sign * (end - _expected(model, start, when, t_first)) / sd
    if np.ptp(better) <= ROUNDING:
        raise CannotEstimateError(
            ["All last scores lie equally far from the expected ones: there is no error to judge by."]
        )
    begin = _mean_first(model, t_first, direction, cutoff)
    gain = direction.sign * (_expected(model, np.full(when.shape, begin), when, t_first) - begin) / sd
    return AdjustedEffect(
        n=int(used.sum()),
        centred=_mean(better),
        with_reference_gain=_mean(better + gain),
        reference_gain=float(gain.mean()),
        sd_reference=float(sd),
        left_out=left_out,
    )


def _checked(
    first: ArrayLike, last: ArrayLike, t_last: ArrayLike, t_first: float, cutoff: float | None
) -> tuple[Floats, Floats, Floats]:
    start, end, when = (
        float_array("First scores", first),
        float_array("Last scores", last),
        float_array("t_last", t_last),
    )
    faults = infinite_fault("First scores", start) + infinite_fault("Last scores", end)
    faults += finite_fault("t_first", t_first)
    if start.ndim != 1 or start.shape != end.shape or when.shape not in ((), start.shape):
        shapes = f"First scores {start.shape}, last scores {end.shape}, t_last {when.shape}"
        raise BadScoresError(
            [*faults, f"{shapes}: give lists of equal length (one t_last may serve for all)."]
        )
    when = np.broadcast_to(when, start.shape)
    needed = ~np.isnan(start) & ~np.isnan(end)
    if not np.isfinite(when[needed]).all():
        faults.append("t_last: a time is missing or infinite. Every last score needs its time.")
    elif not faults and (when[needed] <= t_first).any():
        faults.append(
            f"t_last: a last score is not later than the first (t = {t_first:g}). Correct the times."
        )
    if cutoff is not None:
        faults += finite_fault("The cut-off", cutoff)
    if faults:
        raise BadScoresError(faults)
    return start, end, when


def _selected(
    first: Floats, last: Floats, direction: Direction, cutoff: float | None
) -> tuple[NDArray[np.bool_], dict[str, int]]:
    """Who counts, and how many do not, by the first reason that applies."""
    no_first, no_last = np.isnan(first), np.isnan(last)
    used = ~no_first & ~no_last
    left_out = {NO_FIRST: int(no_first.sum()), NO_LAST: int((~no_first & no_last).sum())}
    if cutoff is not None:
        clinical = is_clinical(first, direction=direction, cutoff=cutoff)
        left_out[NOT_CLINICAL] = int((used & ~clinical).sum())
        used &= clinical
    if used.sum() < 3:
        reasons = ", ".join(f"{why}: {count}" for why, count in left_out.items())
        raise CannotEstimateError(
            [f"The adjusted effect needs at least 3 people, found {used.sum()} (left out: {reasons})."]
        )
    return used, left_out


def _expected(model: GrowthModel, first: Floats, t_last: Floats, t_first: float) -> Floats:
    """The mean of the last score given the first alone, person by person."""
    from medvirk.stats.growth.grouping import Courses
    from medvirk.stats.growth.posterior import posterior

    alone = Courses(np.full(first.shape, t_first), first, np.arange(first.size))
    return posterior(model, alone).at(t_last)[0]


def _first_sd(model: GrowthModel, t_first: float) -> float:
    between = model.G[0, 0] + 2 * t_first * model.G[0, 1] + t_first**2 * model.G[1, 1]
    return float(np.sqrt(between + model.sigma2))


def _mean_first(model: GrowthModel, t_first: float, direction: Direction, cutoff: float | None) -> float:
    """The mean first score of the norms' people, or of those of them in the clinical range."""
    mean, sd = float(model.beta[0] + model.beta[1] * t_first), _first_sd(model, t_first)
    if cutoff is None:
        return mean
    # Towards worse the clinical range is open: the mean of a normal variable beyond a bound.
    bound = -direction.sign * (cutoff - mean) / sd
    beyond = float(ndtr(-bound))
    if beyond < 1e-6:
        raise CannotEstimateError(
            [f"The norms hold next to nobody in the clinical range of the cut-off {cutoff:g}. Check both."]
        )
    return mean - direction.sign * sd * NormalDist().pdf(bound) / beyond


def _mean(values: Floats) -> MeanEffect:
    mean, se = float(values.mean()), float(values.std(ddof=1) / np.sqrt(values.size))
    margin = float(stdtrit(values.size - 1, 0.975)) * se
    return MeanEffect(mean, se, (mean - margin, mean + margin))
