"""What must hold between the parts of a definition: items, scales, ranges, cut-offs, computed numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from statistics import NormalDist

from medvirk.instruments.definitions import (
    Confidence,
    Direction,
    Instrument,
    Item,
    Method,
    ReliableChangeFact,
    Scale,
)
from medvirk.instruments.faults import Notebook

# A value said to be computed is given rounded, at best to two decimals.
ROUNDING = 0.0051
CHECKED_BY_FORMULA = {Confidence.COMPUTED, Confidence.GUESS}


def check_instrument(instrument: Instrument, notebook: Notebook) -> None:
    """Notes every fault between parts that are each well formed."""
    _check_twice("item", (item.key for item in instrument.items), notebook)
    _check_twice("scale", (scale.key for scale in instrument.scales), notebook)
    items = {item.key: item for item in instrument.items}
    for scale in instrument.scales:
        _check_scale(scale, items, notebook)
    for alert in instrument.alerts:
        place = f"alert on {alert.item}"
        item = items.get(alert.item)
        if item is None or not item.numeric:
            notebook.note(place, "there is no such item, or it has no number to compare with.")
        elif not _within(alert.at_least, item.low, item.high):
            notebook.note(place, f"{alert.at_least:g} can never be answered to this item.")
    if (instrument.wordings or instrument.proxy_wordings) and not instrument.licence.wording_may_ship:
        notebook.note(
            "wording",
            "the licence does not let the wording ship; load it with `medvirk instruments wording`.",
        )


def reliable_change(sd: float, reliability: float, level: float) -> float:
    """Jacobson and Truax (1991): z * sd * sqrt(2) * sqrt(1 - reliability), in the unit of `sd`.

    `sd` is that of the scores before, `reliability` from 0 to below 1, `level` the two-sided probability.
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    return float(z * sd * (2 * (1 - reliability)) ** 0.5)


def possible_range(scale: Scale, items: dict[str, Item]) -> tuple[float, float] | None:
    """The lowest and the highest score that answers can give; None if an item is unknown or is a text."""
    weights = scale.weights if scale.method is Method.WEIGHTED else (1.0,) * len(scale.items)
    found = [items.get(key) for key in scale.items]
    if not found or len(weights) != len(found):
        return None
    low = high = 0.0
    for item, weight in zip(found, weights, strict=True):
        if item is None or item.low is None or item.high is None:
            return None
        ends = (weight * item.low, weight * item.high)
        low, high = low + min(ends), high + max(ends)
    share = scale.multiply / (len(found) if scale.method is Method.MEAN else 1)
    return min(low * share, high * share), max(low * share, high * share)


def _check_twice(what: str, keys: Iterable[str], notebook: Notebook) -> None:
    for key, count in Counter(keys).items():
        if count > 1:
            notebook.note(f"{what} {key}", f"{count} {what}s have this key; give each its own.")


def _check_scale(scale: Scale, items: dict[str, Item], notebook: Notebook) -> None:
    place = f"scale {scale.key}"
    _check_items_of_scale(scale, items, place, notebook)
    if scale.low >= scale.high:
        notebook.note(place, f"`low` {scale.low:g} must be smaller than `high` {scale.high:g}.")
    possible = possible_range(scale, items)
    if possible and any(abs(a - b) > 1e-9 for a, b in zip(possible, (scale.low, scale.high), strict=True)):
        notebook.note(
            place,
            f"the items give scores from {possible[0]:g} to {possible[1]:g}, "
            f"but `low` and `high` say {scale.low:g} to {scale.high:g}.",
        )
    _check_skips(scale, items, place, notebook)
    _check_bands(scale, place, notebook)
    for cutoff in scale.cutoffs:
        if not _within(cutoff.value, scale.low, scale.high):
            notebook.note(place, f"the cut-off {cutoff.value:g} lies outside the scale.")
    if scale.direction is Direction.NONE and (scale.cutoffs or scale.reliable_changes):
        notebook.note(place, "a cut-off or reliable change needs a `direction` of higher or lower.")
    for fact in scale.reliable_changes:
        _check_reliable_change(fact, scale, place, notebook)


def _check_items_of_scale(scale: Scale, items: dict[str, Item], place: str, notebook: Notebook) -> None:
    _check_twice(f"{place}, item", scale.items, notebook)
    for key in scale.items:
        if key not in items:
            notebook.note(place, f"item {key!r} is not among the items.")
        elif not items[key].numeric:
            notebook.note(place, f"item {key!r} is free text and cannot be scored.")
    for key in scale.reversed:
        if key not in scale.items:
            notebook.note(place, f"`reversed` names {key!r}, which is not an item of the scale.")
    if scale.missing_allowed >= max(len(scale.items), 1):
        notebook.note(place, "`missing_allowed` must be smaller than the number of items.")
    if scale.multiply == 0:
        notebook.note(place, "`multiply` must not be 0.")
    _check_weights(scale, place, notebook)


def _check_weights(scale: Scale, place: str, notebook: Notebook) -> None:
    if scale.method is Method.WEIGHTED and len(scale.weights) != len(scale.items):
        notebook.note(place, f"there are {len(scale.items)} items but {len(scale.weights)} weights.")
    if scale.method is not Method.WEIGHTED and scale.weights:
        notebook.note(place, "`weights` are for the method weighted only.")
    if scale.missing_allowed and any(weight <= 0 for weight in scale.weights):
        notebook.note(place, "where answers may be missing, every weight must be above 0.")


def _check_skips(scale: Scale, items: dict[str, Item], place: str, notebook: Notebook) -> None:
    skipped: list[str] = []
    for skip in scale.skips:
        where = f"{place}, skip after {skip.item}"
        asked = items.get(skip.item)
        if asked is None or not asked.numeric:
            notebook.note(where, "there is no such item, or it has no number to compare with.")
        elif not can_be_answered(asked, skip.equals):
            notebook.note(where, f"{skip.equals:g} can never be answered to this item.")
        for key in skip.items:
            if key not in scale.items or key == skip.item:
                notebook.note(where, f"{key!r} must be another item of the scale.")
            elif key in items and not can_be_answered(items[key], skip.counts_as):
                notebook.note(where, f"{skip.counts_as:g} can never be answered to {key}.")
        skipped += skip.items
    if {skip.item for skip in scale.skips} & set(skipped):
        notebook.note(place, "an item that decides what is skipped cannot itself be skipped.")


def can_be_answered(item: Item, value: float) -> bool:
    """Is the number a possible answer to the item?"""
    return value in item.options if item.options else _within(value, item.low, item.high)


def _check_bands(scale: Scale, place: str, notebook: Notebook) -> None:
    starts = [band.start for band in scale.banding.bands] if scale.banding else []
    if not starts:
        return
    if starts[0] != scale.low:
        notebook.note(place, f"the first band must begin at {scale.low:g}, not {starts[0]:g}.")
    if starts != sorted(set(starts)):
        notebook.note(place, "the bands must begin at rising values.")
    if starts[-1] > scale.high:
        notebook.note(place, f"a band begins at {starts[-1]:g}, above the scale.")


def _check_reliable_change(fact: ReliableChangeFact, scale: Scale, place: str, notebook: Notebook) -> None:
    where = f"{place}, reliable change {fact.value:g}"
    if not 0 < fact.value <= scale.high - scale.low:
        notebook.note(where, "it must be above 0 and fit into the scale.")
    if fact.level is not None and not 0 < fact.level < 1:
        notebook.note(where, f"`level` must lie between 0 and 1, such as 0.95, not {fact.level:g}.")
        return
    if fact.reliability is not None and not 0 <= fact.reliability < 1:
        notebook.note(where, f"`reliability` must be from 0 to below 1, not {fact.reliability:g}.")
        return
    if fact.sd is not None and fact.sd <= 0:
        notebook.note(where, f"`sd` must be above 0, not {fact.sd:g}.")
        return
    if fact.confidence not in CHECKED_BY_FORMULA:
        return
    if fact.sd is None or fact.reliability is None or fact.level is None:
        notebook.note(where, "a computed or guessed value needs `level`, `sd` and `reliability`.")
        return
    expected = reliable_change(fact.sd, fact.reliability, fact.level)
    if abs(expected - fact.value) > ROUNDING:
        notebook.note(where, f"its sd, reliability and level give {expected:.2f}.")


def _within(value: float, low: float | None, high: float | None) -> bool:
    return low is not None and high is not None and low <= value <= high
