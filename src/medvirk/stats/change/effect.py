"""The effect size of a group, with Hedges' correction and an interval.

Source: Hedges 1981, J Educ Stat 6:107 (the small-sample correction); Becker 1988, Br J Math Stat Psychol 41:257
(the variance of a standardised change).
"""

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from medvirk.stats.change.reliable import Direction, direction_of
from medvirk.stats.change.statistics import paired
from medvirk.stats.faults import (
    ROUNDING,
    BadScoresError,
    CannotEstimateError,
    finite_fault,
    is_real,
    positive_fault,
    told,
    whole_fault,
)


@dataclass(frozen=True)
class EffectSize:
    """The change of a group in standard deviations of its first scores; positive is better.

    `n` people with both scores. `d` as it is, `g` with Hedges' correction. `se` and `ci95` belong to **d**
    (`g` is d times a constant: multiply both by g/d for those of g). `r` is the correlation of first and last
    scores. It includes regression to the mean and natural recovery: it is not the effect of the help.
    """

    n: int
    d: float
    g: float
    se: float
    ci95: tuple[float, float]
    r: float


def effect_size(first: ArrayLike, last: ArrayLike, *, direction: Direction) -> EffectSize:
    """The effect size of everyone with both scores; `first` and `last` are (n,), NaN = missing.

    Raises BadScoresError for arrays that differ in length or hold infinite scores, CannotEstimateError when
    fewer than 3 people have both scores or when all first, or all last, scores are equal. Formulas:
    `effect_size_from_summary`.
    """
    direction = direction_of(direction)
    start, end = paired(first, last)
    both = ~np.isnan(start) & ~np.isnan(end)
    start, end = start[both], end[both]
    faults = [
        f"Effect size: all {which} scores are equal, so it cannot be computed."
        for which, scores in (("first", start), ("last", end))
        if scores.size >= 3 and np.ptp(scores) <= ROUNDING
    ]
    if start.size < 3:
        faults.append(f"Effect size: it takes at least 3 people with both scores, found {start.size}.")
    if faults:
        raise CannotEstimateError(faults)
    return effect_size_from_summary(
        n=int(start.size),
        mean_first=float(start.mean()),
        mean_last=float(end.mean()),
        sd_first=float(start.std(ddof=1)),
        r=float(np.clip(np.corrcoef(start, end)[0, 1], -1, 1)),
        direction=direction,
    )


def effect_size_from_summary(
    *, n: int, mean_first: float, mean_last: float, sd_first: float, r: float, direction: Direction
) -> EffectSize:
    """The same from a published table: means and SD in points, `r` the correlation of first and last scores.

    d = ±(mean last − mean first) / SD first; g = d · (1 − 3 / (4(n−1) − 1)); var(d) = 2(1−r)/n + d²/(2n).
    Raises BadScoresError, all faults at once.
    """
    direction = direction_of(direction)
    faults = positive_fault("The standard deviation of the first scores", sd_first)
    faults += whole_fault("n, the people with both scores,", n, least=3)
    faults += finite_fault("The mean of the first scores", mean_first)
    faults += finite_fault("The mean of the last scores", mean_last)
    if not (is_real(r) and -1 <= r <= 1):
        faults.append(f"The correlation is {told(r)}: it must lie from −1 to 1.")
    if faults:
        raise BadScoresError(faults)
    d = direction.sign * (mean_last - mean_first) / sd_first
    se = math.sqrt(2 * (1 - r) / n + d**2 / (2 * n))
    margin = NormalDist().inv_cdf(0.975) * se
    hedges = 1 - 3 / (4 * (n - 1) - 1)
    return EffectSize(n=n, d=d, g=hedges * d, se=se, ci95=(d - margin, d + margin), r=r)
