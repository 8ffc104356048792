"""The arithmetic of scoring: from columns of checked answers to points, for one sheet or a million alike."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from medvirk.instruments.definitions import Instrument, Item, Method, Scale

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
# Answers have at most a few decimals; this clears what binary arithmetic adds behind them.
DECIMALS = 9


def settled(scale: Scale, columns: Mapping[str, Floats]) -> Mapping[str, Floats]:
    """The answers by item, with what the form lets people skip filled in."""
    if not scale.skips:
        return columns
    columns = dict(columns)
    for skip in scale.skips:
        reached = columns[skip.item] == skip.equals
        for key in skip.items:
            filled = reached if skip.drops else reached & np.isnan(columns[key])
            columns[key] = np.where(filled, skip.counts_as, columns[key])
    return columns


def scores(instrument: Instrument, scale: Scale, columns: Mapping[str, Floats]) -> tuple[Floats, Integers]:
    """Checked and settled answers, (n,) per item, to (n,) scores and (n,) numbers of missing items.

    Item by item, so that one sheet and a million are added up in the same order and give the same number.
    """
    weights = scale.weights if scale.method is Method.WEIGHTED else (1.0,) * len(scale.items)
    n = len(columns[scale.items[0]])
    total, given, missing = np.zeros(n), np.zeros(n), np.zeros(n, dtype=np.int64)
    for key, weight in zip(scale.items, weights, strict=True):
        answers = columns[key]
        answered = ~np.isnan(answers)
        if key in scale.reversed:
            answers = _sum_of_ends(instrument.item(key)) - answers
        total += np.where(answered, weight * answers, 0.0)
        given += weight * answered
        missing += ~answered
    # The answered items stand for the missing ones in proportion; a whole sheet is left as it is.
    share = np.ones(n)
    some = (missing > 0) & (missing <= scale.missing_allowed)
    share[some] = sum(weights) / given[some]
    if scale.method is Method.MEAN:
        share = share / len(scale.items)
    found = np.round(total * share * scale.multiply, DECIMALS)
    return np.where(missing <= scale.missing_allowed, found, np.nan), missing


def _sum_of_ends(item: Item) -> float:
    """NaN for an item without bounds, which the loader never lets into a scale."""
    return math.nan if item.low is None or item.high is None else item.low + item.high
