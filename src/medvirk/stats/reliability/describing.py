"""All that one table of answers says about how well a scale measures, with reasons where it says nothing."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from medvirk.stats.faults import BadScoresError, Floats, float_array, infinite_fault
from medvirk.stats.measurement_error import standard_error_of_measurement
from medvirk.stats.reliability.consistency import (
    ItemsAgainstRest,
    SplitHalf,
    alpha_with_interval,
    complete_rows,
    item_table,
    items_against_rest,
    split_half,
)
from medvirk.stats.reliability.estimates import LEVEL, Cause, Estimate, UnknownError, known_or_not, share_of
from medvirk.stats.reliability.factor import OneFactor, omega_with_interval, one_factor
from medvirk.stats.reliability.repeated import Retest, RetestPairs, retest

#: From fewer complete rows no coefficient is told: it would say more of these few people than of the scale.
FEWEST_ROWS = 10


@dataclass(frozen=True)
class ItemStatistics:
    """One item. `answered` of `n` people; the shares at the floor and ceiling are of those who answered.

    None where it cannot be estimated: `mean` without an answer, `sd` with fewer than two, `item_total` and
    `loading` where the item or the rest is the same for all or one factor cannot be fitted, `alpha_without`
    with fewer than three items; the last three also with fewer than 10 complete rows.
    """

    key: str
    n: int
    answered: int
    missing_share: float | None
    mean: float | None
    sd: float | None
    floor_share: float | None
    ceiling_share: float | None
    item_total: float | None
    alpha_without: float | None
    loading: float | None


@dataclass(frozen=True)
class Description:
    """How well one scale measured in `n` people, of whom `complete` answered every item of `k`.

    `missing_share` is of all answers that could have been given, None without people. `mean`, `sd`, `floor`
    and `ceiling` are of the `scored` scores. `sem` is the standard error of one score, from `sd` and omega,
    or alpha where omega is unknown; `reliability_used` says which. Where `one_factor` or `halves` is None,
    `omega` and `halves_cause` say why. With fewer than 10 complete rows there is no coefficient, hence no `sem`.
    """

    n: int
    k: int
    complete: int
    scored: int
    missing_share: float | None
    mean: Estimate
    sd: float | None
    floor: Estimate
    ceiling: Estimate
    alpha: Estimate
    omega: Estimate
    one_factor: OneFactor | None
    halves: SplitHalf | None
    halves_cause: Cause | None
    sem: float | None
    reliability_used: str | None
    items: tuple[ItemStatistics, ...]
    retest: Retest | None

    @property
    def reliability(self) -> float | None:
        """Omega, or alpha where omega is unknown; None where both are, or where it is not from 0 to 1."""
        known = {"omega": self.omega.value, "alpha": self.alpha.value}
        return known[self.reliability_used] if self.reliability_used else None


def describe(
    items: ArrayLike,
    *,
    lowest: ArrayLike,
    highest: ArrayLike,
    keys: Sequence[str] | None = None,
    scores: ArrayLike | None = None,
    ends: tuple[float, float] | None = None,
    pairs: RetestPairs | None = None,
) -> Description:
    """Everything about one scale from a row per person.

    `items` (n, k) in points, reversed items already turned, NaN or None unanswered; a person's second row would
    count twice. `lowest` and `highest` answers an item can have: numbers or (k,). `keys` names the items.
    `scores` (n,) and their `ends` are the scale's own; else the sum of complete rows. `pairs`: `retest_pairs`.

    Raises BadScoresError, all faults at once. What cannot be estimated is None with its reason, no error.
    """
    table = item_table(items)
    n, k = table.shape
    low, high = _item_ends(lowest, k), _item_ends(highest, k)
    names = list(keys) if keys is not None else [str(at + 1) for at in range(k)]
    total, limits = _scores(table, (low, high), scores, ends, _faults(table, low, high, names))
    complete = int((~np.isnan(table)).all(axis=1).sum()) if k else 0
    known = total[~np.isnan(total)]
    sd = float(known.std(ddof=1)) if known.size > 1 else None
    model, omega = _omega(table, complete)
    alpha = known_or_not(lambda: alpha_with_interval(_enough("Alpha", table)), complete)
    halves, halves_cause = _halves(table)
    used, reliability = _used(omega, alpha)
    return Description(
        n=n,
        k=k,
        complete=complete,
        scored=int(known.size),
        missing_share=float(np.isnan(table).mean()) if table.size else None,
        mean=_mean(known),
        sd=sd,
        floor=_at_end(known, limits[0]),
        ceiling=_at_end(known, limits[1]),
        alpha=alpha,
        omega=omega,
        one_factor=model,
        halves=halves,
        halves_cause=halves_cause,
        sem=standard_error_of_measurement(sd, reliability) if sd and reliability is not None else None,
        reliability_used=used,
        items=_items(table, low, high, names, model),
        retest=retest(pairs) if pairs is not None else None,
    )


def _used(omega: Estimate, alpha: Estimate) -> tuple[str | None, float | None]:
    """Which coefficient the error of a score rests on: the first that is known and from 0 to 1."""
    for name, value in (("omega", omega.value), ("alpha", alpha.value)):
        if value is not None and 0 <= value < 1:
            return name, value
    return None, None


def _item_ends(given: ArrayLike, k: int) -> Floats:
    """One end per item (k,). Raises BadScoresError."""
    ends = float_array("The ends of the items", given)
    if ends.shape not in {(), (k,)} or not np.isfinite(ends).all():
        raise BadScoresError([f"The ends of the items have shape {ends.shape}: one number, or {k} of them."])
    return np.broadcast_to(ends, (k,)).astype(np.float64)


def _faults(table: Floats, low: Floats, high: Floats, names: list[str]) -> list[str]:
    if len(names) != table.shape[1] or len(set(names)) < len(names):
        return [f"Keys: {len(names)} for {table.shape[1]} items. Give each item a key of its own."]
    faults = []
    for at, name in enumerate(names):
        if not low[at] < high[at]:
            faults.append(f"Item {name}: from {low[at]:g} to {high[at]:g} is no range.")
            continue
        outside = np.flatnonzero((table[:, at] < low[at] - 1e-9) | (table[:, at] > high[at] + 1e-9))
        if outside.size:
            faults.append(
                f"Item {name}: {outside.size} answer(s) outside {low[at]:g} to {high[at]:g}, the first in row "
                f"{outside[0] + 1}. Correct or leave them out."
            )
    return faults


def _scores(
    table: Floats,
    item_ends: tuple[Floats, Floats],
    scores: ArrayLike | None,
    ends: tuple[float, float] | None,
    faults: list[str],
) -> tuple[Floats, tuple[float, float]]:
    """The score of each row and the ends of the scale. Raises BadScoresError with `faults` and its own."""
    if (scores is None) != (ends is None):
        faults.append("Give scores and ends together, or neither.")
    if scores is None or ends is None:
        if faults:
            raise BadScoresError(faults)
        total = table.sum(axis=1) if table.shape[1] else np.full(len(table), np.nan)
        return total, (float(item_ends[0].sum()), float(item_ends[1].sum()))
    total = float_array("Scores", scores)
    if total.shape != (len(table),):
        raise BadScoresError([*faults, f"Scores {total.shape} for {len(table)} rows of items: one per row."])
    faults += infinite_fault("Scores", total)
    outside = np.flatnonzero((total < ends[0] - 1e-9) | (total > ends[1] + 1e-9))
    if outside.size:
        faults.append(f"Scores: {outside.size} outside {ends[0]:g} to {ends[1]:g}, first {outside[0] + 1}.")
    if faults:
        raise BadScoresError(faults)
    return total, ends


def _mean(known: Floats) -> Estimate:
    n = int(known.size)
    if n < 2:
        return Estimate.unknown(n, UnknownError(Cause.FEW_PEOPLE, f"A mean needs 2 scores, found {n}."))
    mean = float(known.mean())
    half = float(stats.t.ppf((1 + LEVEL) / 2, n - 1)) * float(known.std(ddof=1)) / math.sqrt(n)
    return Estimate(mean, n, mean - half, mean + half)


def _at_end(known: Floats, end: float) -> Estimate:
    n = int(known.size)
    return known_or_not(lambda: share_of(int((np.abs(known - end) < 1e-9).sum()), n), n)


def _enough(what: str, table: Floats, *, least_items: int = 2) -> Floats:
    """The complete rows. Raises UnknownError where there are too few to tell `what` from."""
    return complete_rows(what, table, least_items=least_items, least_rows=FEWEST_ROWS)


def _omega(table: Floats, complete: int) -> tuple[OneFactor | None, Estimate]:
    try:
        model = one_factor(_enough("Omega", table, least_items=3))
    except UnknownError as error:
        return None, Estimate.unknown(complete, error)
    return model, omega_with_interval(model)


def _halves(table: Floats) -> tuple[SplitHalf | None, Cause | None]:
    try:
        return split_half(_enough("Split halves", table)), None
    except UnknownError as error:
        return None, error.cause


def _rest(table: Floats) -> ItemsAgainstRest | None:
    try:
        return items_against_rest(_enough("Items against the rest", table))
    except UnknownError:
        return None


def _items(
    table: Floats, low: Floats, high: Floats, names: list[str], model: OneFactor | None
) -> tuple[ItemStatistics, ...]:
    rest = _rest(table)
    return tuple(
        _item(
            name,
            table[:, at],
            (float(low[at]), float(high[at])),
            item_total=_defined(rest.item_total[at]) if rest else None,
            alpha_without=_defined(rest.alpha_without[at]) if rest else None,
            loading=float(model.standardised[at]) if model else None,
        )
        for at, name in enumerate(names)
    )


def _defined(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


def _item(
    name: str,
    column: Floats,
    ends: tuple[float, float],
    *,
    item_total: float | None,
    alpha_without: float | None,
    loading: float | None,
) -> ItemStatistics:
    known = column[~np.isnan(column)]
    there = known.size > 0
    return ItemStatistics(
        key=name,
        n=len(column),
        answered=int(known.size),
        missing_share=1 - known.size / len(column) if len(column) else None,
        mean=float(known.mean()) if there else None,
        sd=float(known.std(ddof=1)) if known.size > 1 else None,
        floor_share=float((np.abs(known - ends[0]) < 1e-9).mean()) if there else None,
        ceiling_share=float((np.abs(known - ends[1]) < 1e-9).mean()) if there else None,
        item_total=item_total,
        alpha_without=alpha_without,
        loading=loading,
    )
