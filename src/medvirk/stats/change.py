"""Did it help? Reliable and clinically significant change of a person, and the effect size of a group.

The default is Jacobson–Truax at 95 %. Sources: Jacobson & Truax 1991, J Consult Clin Psychol 59:12 (reliable
change, cut-offs a, b, c); Hedges 1981, J Educ Stat 6:107 (the small-sample correction).
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from medvirk.stats.faults import (
    BadScoresError,
    CannotEstimateError,
    Floats,
    float_array,
    infinite_fault,
    open_unit_fault,
    positive_fault,
)
from medvirk.stats.reliability import standard_error_of_measurement

# Scores with decimals carry rounding noise: 24.1 − 18.1 must count as a change of 6.
ROUNDING = 1e-9


class Direction(StrEnum):
    """Which way is better on a scale."""

    HIGHER = "higher"
    LOWER = "lower"

    @property
    def sign(self) -> int:
        """+1 where a higher score is better, −1 where a lower is."""
        return 1 if self is Direction.HIGHER else -1


class Method(StrEnum):
    """Where a threshold of reliable change comes from."""

    JACOBSON_TRUAX = "jacobson-truax"
    PUBLISHED = "published"


class Category(StrEnum):
    """What became of one person from the first to the last score; `classify` says when each holds."""

    RECOVERED = "recovered"
    IMPROVED = "improved"
    UNCHANGED = "unchanged"
    DETERIORATED = "deteriorated"
    NOT_ASSESSABLE = "not_assessable"


@dataclass(frozen=True)
class ReliableChange:
    """The change in points that measurement error alone seldom makes.

    The plain constructor is for a published threshold: `ReliableChange(6, source="…")`. `inclusive` says
    whether a change of exactly `value` is reliable: yes for a published whole number ("6 or more"), no for a
    computed one, whose statistic must be *greater* than z. `level` is the share of unchanged people who stay
    below it (two-sided), None where the source does not say. `sd` and `reliability` are None when they are
    not what the value was computed from.

    Raises BadScoresError, all faults at once.
    """

    value: float
    level: float | None = None
    method: Method = Method.PUBLISHED
    sd: float | None = None
    reliability: float | None = None
    source: str = ""
    inclusive: bool = True

    def __post_init__(self) -> None:
        faults = positive_fault("The reliable change", self.value)
        if self.level is not None:
            faults += open_unit_fault("The level of the reliable change", self.level)
        if faults:
            raise BadScoresError(faults)

    @classmethod
    def from_sd(cls, sd: float, reliability: float, level: float = 0.95, source: str = "") -> Self:
        """Jacobson–Truax: z(level) · √2 · SD · √(1 − r), in points of the scale.

        `sd` is that of the people before help, `reliability` from 0 up to but not including 1.
        """
        faults = open_unit_fault("The level of the reliable change", level)
        try:
            error = standard_error_of_measurement(sd, reliability)
        except BadScoresError as raised:
            faults += raised.faults
        if faults:
            raise BadScoresError(faults)
        z = NormalDist().inv_cdf((1 + level) / 2)
        return cls(
            value=z * math.sqrt(2) * error,
            level=level,
            method=Method.JACOBSON_TRUAX,
            sd=sd,
            reliability=reliability,
            source=source,
            inclusive=False,
        )

    def reached_by(self, gain: ArrayLike) -> NDArray[np.bool_]:
        """Whether each gain in points (positive is more) is reliable; a missing gain (NaN) is not."""
        points = np.asarray(gain, dtype=np.float64)
        if self.inclusive:
            return np.asarray(points >= self.value - ROUNDING)
        return np.asarray(points > self.value + ROUNDING)


def is_clinical(score: ArrayLike, *, direction: Direction, cutoff: ArrayLike) -> NDArray[np.bool_]:
    """Whether each score lies on the clinical side of the cut-off.

    A score *at* the cut-off is clinical where lower is better ("16 or more"), functional where higher is
    better ("below 25"): both are how the common scales state theirs. A missing score or cut-off (NaN) gives
    False.
    """
    scores, limits = float_array("Scores", score), float_array("Cut-off", cutoff)
    if direction is Direction.LOWER:
        return np.asarray(scores >= limits - ROUNDING)
    return np.asarray(scores < limits - ROUNDING)


def classify(
    first: ArrayLike,
    last: ArrayLike,
    *,
    direction: Direction,
    rci: ReliableChange,
    cutoff: ArrayLike | None = None,
) -> NDArray[np.object_]:
    """One `Category` per person, in the common shape of `first` and `last` (points, NaN = missing).

    recovered: started on the clinical side, reliably better, ended on the functional side (see `is_clinical`
    for a score at the cut-off). improved: reliably better, but not recovered; so someone who starts on the
    functional side can improve, stay or deteriorate, never recover. deteriorated: reliably worse. unchanged:
    none of these. not_assessable: the first or the last score is missing. Someone with one score has no last
    one: give NaN.

    `cutoff` is one number or one per person (it may depend on age or sex); without it, or where it is NaN,
    nobody recovers. Raises BadScoresError for shapes that do not fit together and for infinite scores.
    """
    start, end = float_array("First scores", first), float_array("Last scores", last)
    limit = float_array("Cut-off", np.nan if cutoff is None else cutoff)
    faults = infinite_fault("First scores", start) + infinite_fault("Last scores", end)
    try:
        start, end, limit = np.broadcast_arrays(start, end, limit)
    except ValueError:
        faults.append(
            f"First scores {start.shape}, last scores {end.shape} and cut-off {limit.shape} differ in shape: "
            "give one element per person in each."
        )
    if faults:
        raise BadScoresError(faults)
    gain = direction.sign * (end - start)
    better, worse = rci.reached_by(gain), rci.reached_by(-gain)
    has_cutoff = ~np.isnan(limit)
    crossed = (
        has_cutoff
        & is_clinical(start, direction=direction, cutoff=limit)
        & ~is_clinical(end, direction=direction, cutoff=limit)
    )
    codes = np.select([np.isnan(gain), better & crossed, better, worse], [4, 0, 1, 3], default=2)
    return np.asarray(np.array(list(Category), dtype=object)[codes], dtype=object)


def count_categories(categories: ArrayLike) -> dict[Category, int]:
    """How many people are in each category; all five are there, also with 0."""
    found = [Category(category) for category in np.asarray(categories, dtype=object).ravel()]
    return {category: found.count(category) for category in Category}


def jacobson_truax(first: ArrayLike, last: ArrayLike, *, sd: float, reliability: float) -> Floats:
    """The reliable-change statistic (last − first) / (√2 · SD · √(1 − r)); beyond ±1.96 is reliable at 95 %.

    Positive is a higher score, whichever way is better. NaN where a score is missing. `sd` in points of the
    scale.
    """
    difference = float_array("Last scores", last) - float_array("First scores", first)
    return np.asarray(difference / (math.sqrt(2) * standard_error_of_measurement(sd, reliability)))


def cutoff_a(mean_clinical: float, sd_clinical: float, *, direction: Direction) -> float:
    """Two standard deviations from the clinical mean, towards better. For when only clinical norms exist."""
    _check_sds(sd_clinical)
    return mean_clinical + direction.sign * 2 * sd_clinical


def cutoff_b(mean_functional: float, sd_functional: float, *, direction: Direction) -> float:
    """Two standard deviations (of the functional group) from the functional mean, towards worse."""
    _check_sds(sd_functional)
    return mean_functional - direction.sign * 2 * sd_functional


def cutoff_c(mean_clinical: float, sd_clinical: float, mean_functional: float, sd_functional: float) -> float:
    """Where a score is as many standard deviations from either mean. For when the groups overlap."""
    _check_sds(sd_clinical, sd_functional)
    weighted = sd_clinical * mean_functional + sd_functional * mean_clinical
    return weighted / (sd_clinical + sd_functional)


def _check_sds(*sds: float) -> None:
    faults = [fault for sd in sds for fault in positive_fault("The standard deviation", sd)]
    if faults:
        raise BadScoresError(faults)


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
    start, end = float_array("First scores", first), float_array("Last scores", last)
    faults = infinite_fault("First scores", start) + infinite_fault("Last scores", end)
    if start.ndim != 1 or start.shape != end.shape:
        faults.append(f"First scores {start.shape}, last scores {end.shape}: give two lists of equal length.")
    if faults:
        raise BadScoresError(faults)
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
    faults = positive_fault("The standard deviation of the first scores", sd_first)
    if n < 3:
        faults.append(f"n is {n}: it takes at least 3 people with both scores.")
    if not (math.isfinite(mean_first) and math.isfinite(mean_last)):
        faults.append(f"The means are {mean_first:g} and {mean_last:g}: both must be finite numbers.")
    if not -1 <= r <= 1:
        faults.append(f"The correlation is {r:g}: it must lie from −1 to 1.")
    if faults:
        raise BadScoresError(faults)
    d = direction.sign * (mean_last - mean_first) / sd_first
    se = math.sqrt(2 * (1 - r) / n + d**2 / (2 * n))
    margin = NormalDist().inv_cdf(0.975) * se
    hedges = 1 - 3 / (4 * (n - 1) - 1)
    return EffectSize(n=n, d=d, g=hedges * d, se=se, ci95=(d - margin, d + margin), r=r)
