"""Internal consistency of the items of one scale: Cronbach's alpha, split halves, each item against the rest.

Everywhere `items` is people × items (n, k) in points of the item, items that count the other way already
reversed; NaN or None is unanswered. Only complete rows count: filling in would raise consistency.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from medvirk.stats.faults import (
    BadScoresError,
    Floats,
    float_array,
    infinite_fault,
    open_unit_fault,
    whole_fault,
)
from medvirk.stats.reliability.estimates import LEVEL, Cause, Estimate, UnknownError

# Sums with decimals carry rounding noise: below this share of the items' variance, a variance is none.
NOISE = 1e-12
#: Above this many ways to halve a scale, so many are drawn at random.
MOST_HALVES = 2_000


def item_table(items: ArrayLike) -> Floats:
    """`items` as floats (n, k), NaN for unanswered.

    Raises BadScoresError for another shape, an infinite number or something that is no number.
    """
    table = float_array("Items", items)
    if table.ndim != 2:
        raise BadScoresError(
            [f"Items: {table.ndim} dimension(s). Give a table: a row per person, a column per item."]
        )
    if faults := infinite_fault("Items", table.ravel()):
        raise BadScoresError(faults)
    return table


def complete_rows(what: str, items: ArrayLike, *, least_items: int, least_rows: int) -> Floats:
    """The rows of `items` without a gap.

    Raises BadScoresError as `item_table`, UnknownError when fewer items or complete rows are left.
    """
    table = item_table(items)
    complete = table[~np.isnan(table).any(axis=1)]
    rows, columns = complete.shape
    faults = []
    if columns < least_items:
        faults.append(f"{what} needs at least {least_items} items, found {columns}.")
    if rows < least_rows:
        faults.append(f"{what} needs at least {least_rows} complete rows, found {rows} of {table.shape[0]}.")
    if faults:
        raise UnknownError(Cause.FEW_ITEMS if columns < least_items else Cause.FEW_PEOPLE, *faults)
    return complete


def _alpha(covariance: Floats) -> float:
    """Alpha of a covariance matrix (k, k) whose sum is above 0."""
    k = float(covariance.shape[0])
    return k / (k - 1) * (1 - float(np.trace(covariance)) / float(covariance.sum()))


def _is_none(variance: float, covariance: Floats) -> bool:
    return variance <= NOISE * max(float(np.trace(covariance)), np.finfo(float).tiny)


def _alpha_of(complete: Floats) -> tuple[float, Floats]:
    """Alpha of complete rows, and their covariance matrix. Raises UnknownError."""
    covariance = np.atleast_2d(np.cov(complete.T))
    if _is_none(float(covariance.sum()), covariance):
        raise UnknownError(
            Cause.CONSTANT,
            f"Alpha: the sum of the items is the same in all {complete.shape[0]} complete rows.",
        )
    return _alpha(covariance), covariance


def cronbach_alpha(items: ArrayLike) -> float:
    """Cronbach's alpha of the complete rows; can be negative when items oppose each other.

    `items` is people × items (n, k), in points of the item, items that count the other way already reversed.
    A row with a missing item (NaN or None) is left out: alpha is not defined for it, and filling it in would
    raise alpha.

    Raises BadScoresError for a wrong shape or an infinite number, CannotEstimateError when fewer than two
    items or two complete rows are left, or when the sum is the same for all.

    Source: Cronbach 1951, Psychometrika 16:297: k/(k−1) · (1 − Σ item variances / variance of the sum).
    """
    return _alpha_of(complete_rows("Alpha", items, least_items=2, least_rows=2))[0]


def alpha_with_interval(items: ArrayLike, *, level: float = LEVEL) -> Estimate:
    """Alpha of the complete rows with Feldt's interval.

    1 − (1 − α)·F at the two tails of F(n − 1, (n − 1)(k − 1)); exact where items are normal with equal
    variances and covariances, else approximate. Source: Feldt 1965, Psychometrika 30:357.
    Raises as `cronbach_alpha`.
    """
    if faults := open_unit_fault("The level of the interval", level):
        raise BadScoresError(faults)
    complete = complete_rows("Alpha", items, least_items=2, least_rows=2)
    alpha = _alpha_of(complete)[0]
    n, k = complete.shape
    f = stats.f((n - 1), (n - 1) * (k - 1))
    low, high = (1 - (1 - alpha) * float(f.ppf(tail)) for tail in ((1 + level) / 2, (1 - level) / 2))
    return Estimate(alpha, n, low, high)


@dataclass(frozen=True)
class SplitHalf:
    """Reliability of the whole scale from the correlation of its halves, each stepped up to full length.

    `odd_even` sets the items with odd places against those with even ones. `mean`, `lowest` and `highest` are
    over `halves` ways to halve: all `of` there are, or as many drawn at random. `n` complete rows.
    """

    n: int
    odd_even: float
    mean: float
    lowest: float
    highest: float
    halves: int
    of: int


def step_up(r: float, share: float = 0.5) -> float:
    """The reliability of a whole whose two parts correlate at `r`, the first having `share` of the length.

    Spearman–Brown 2r/(1 + r) for equal halves; Horst's formula else. `r` from above −1 to 1.
    Sources: Spearman 1910, Br J Psychol 3:271; Brown 1910, Br J Psychol 3:296; Horst 1951, Psychometrika
    16:369. Raises BadScoresError.
    """
    faults = open_unit_fault("The share of the first part", share)
    if not -1 < r <= 1:
        faults.append(f"The correlation is {r:g}: it must lie above −1 and be at most 1.")
    if faults:
        raise BadScoresError(faults)
    if math.isclose(share, 0.5) or r > 1 - 1e-12:
        return 2 * r / (1 + r)
    pq = share * (1 - share)
    rest = 1 - r * r
    return (r * math.sqrt(r * r + 4 * pq * rest) - r * r) / (2 * pq * rest)


def split_half(items: ArrayLike, *, seed: int = 0, most: int = MOST_HALVES) -> SplitHalf:
    """Split-half reliability: odd–even, and mean, lowest and highest over all halves.

    With an odd number of items one half is an item longer. Where there are more than `most` ways to halve,
    `most` are drawn (`seed`). Formula: `step_up`. Raises BadScoresError, CannotEstimateError when fewer than
    2 items or 3 complete rows are left, or when some half is the same for all or the exact opposite of the
    other.
    """
    if faults := whole_fault("seed", seed) + whole_fault("most", most, least=1):
        raise BadScoresError(faults)
    complete = complete_rows("Split halves", items, least_items=2, least_rows=3)
    n, k = complete.shape
    covariance = np.cov(complete.T)
    first = np.zeros((1, k))
    first[0, ::2] = 1
    of = math.comb(k, k // 2) // (1 if k % 2 else 2)
    chosen = np.array(list(_all_halves(k))) if of <= most else _drawn_halves(k, most, seed)
    odd_even = _stepped(first, covariance)[0]
    found = _stepped(chosen, covariance)
    return SplitHalf(
        n, float(odd_even), float(found.mean()), float(found.min()), float(found.max()), len(chosen), of
    )


def _all_halves(k: int) -> Iterator[list[float]]:
    """Each way to halve once, as 1 for the items in the first half; that of the first item where k is even."""
    for half in combinations(range(k), k // 2):
        if k % 2 or half[0] == 0:
            yield [1.0 if at in half else 0.0 for at in range(k)]


def _drawn_halves(k: int, how_many: int, seed: int) -> Floats:
    order = np.argsort(np.random.default_rng(seed).random((how_many, k)), axis=1)
    return np.asarray(order < k // 2, dtype=np.float64)


def _stepped(halves: Floats, covariance: Floats) -> Floats:
    """The stepped-up reliability of each half (h, k) of 0 and 1."""
    rest = 1 - halves
    spread = (
        np.einsum("hi,ij,hj->h", halves, covariance, halves),
        np.einsum("hi,ij,hj->h", rest, covariance, rest),
    )
    if any(_is_none(float(each.min()), covariance) for each in spread):
        raise UnknownError(Cause.CONSTANT, "Split halves: one half of the scale is the same for all.")
    r = np.einsum("hi,ij,hj->h", halves, covariance, rest) / np.sqrt(spread[0] * spread[1])
    if float(r.min()) <= -1 + 1e-9:
        raise UnknownError(Cause.CONSTANT, "Split halves: two halves of the scale are exact opposites.")
    shares = halves.mean(axis=1)
    return np.array([step_up(min(each, 1.0), part) for each, part in zip(r, shares, strict=True)])


@dataclass(frozen=True)
class ItemsAgainstRest:
    """How each item goes with the others, from `n` complete rows; arrays (k,), NaN where it is not defined.

    `item_total` is the correlation with the sum of the *other* items; `alpha_without` is alpha of the others.
    """

    n: int
    item_total: Floats
    alpha_without: Floats


def items_against_rest(items: ArrayLike) -> ItemsAgainstRest:
    """Corrected item–total correlations and alpha if the item is left out.

    Raises BadScoresError, CannotEstimateError when fewer than 2 items or 3 complete rows are left.
    """
    complete = complete_rows("Items against the rest", items, least_items=2, least_rows=3)
    n, k = complete.shape
    covariance = np.cov(complete.T)
    own = np.diag(covariance)
    with_sum = covariance.sum(axis=1)
    spread_of_rest = covariance.sum() - 2 * with_sum + own
    product = own * spread_of_rest
    defined = (own > NOISE * own.sum()) & (spread_of_rest > NOISE * own.sum())
    r = np.full(k, np.nan)
    r[defined] = (with_sum - own)[defined] / np.sqrt(product[defined])
    alphas = np.full(k, np.nan)
    for at in np.flatnonzero(spread_of_rest > NOISE * own.sum()) if k > 2 else ():
        others = np.delete(np.delete(covariance, at, axis=0), at, axis=1)
        alphas[at] = _alpha(others)
    return ItemsAgainstRest(n, np.clip(r, -1, 1), alphas)
