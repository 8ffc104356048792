"""How exactly an instrument measures: internal consistency and the standard error of one score."""

import math

import numpy as np
from numpy.typing import ArrayLike

from medvirk.stats.faults import (
    BadScoresError,
    CannotEstimateError,
    float_array,
    infinite_fault,
    positive_fault,
)


def cronbach_alpha(items: ArrayLike) -> float:
    """Cronbach's alpha of the complete rows; can be negative when items oppose each other.

    `items` is people × items (n, k), in points of the item, items that count the other way already reversed.
    A row with a missing item (NaN or None) is left out: alpha is not defined for it, and filling it in would
    raise alpha.

    Raises BadScoresError for a wrong shape or an infinite number, CannotEstimateError when fewer than two
    items or two complete rows are left, or when the sum is the same for all.

    Source: Cronbach 1951, Psychometrika 16:297: k/(k−1) · (1 − Σ item variances / variance of the sum).
    """
    table = float_array("Items", items)
    if table.ndim != 2:
        raise BadScoresError(
            [f"Items: {table.ndim} dimension(s). Give a table: a row per person, a column per item."]
        )
    if faults := infinite_fault("Items", table.ravel()):
        raise BadScoresError(faults)
    complete = table[~np.isnan(table).any(axis=1)]
    rows, columns = complete.shape
    faults = []
    if columns < 2:
        faults.append(f"Alpha needs at least 2 items, found {columns}.")
    if rows < 2:
        faults.append(f"Alpha needs at least 2 complete rows, found {rows} of {table.shape[0]}.")
    if faults:
        raise CannotEstimateError(faults)
    variance_of_sum = float(np.var(complete.sum(axis=1), ddof=1))
    if variance_of_sum <= 0:
        raise CannotEstimateError([f"Alpha: the sum of the items is the same in all {rows} complete rows."])
    sum_of_variances = float(complete.var(axis=0, ddof=1).sum())
    k = float(columns)
    return k / (k - 1) * (1 - sum_of_variances / variance_of_sum)


def standard_error_of_measurement(sd: float, reliability: float) -> float:
    """SD · √(1 − r): how far one score lies from the same person's true score, in points of the scale.

    Raises BadScoresError unless `sd` is above 0 and `reliability` lies from 0 up to, not including, 1.
    """
    faults = positive_fault("The standard deviation", sd)
    if not 0 <= reliability < 1:
        faults.append(f"The reliability is {reliability:g}: it must be from 0 up to, but not including, 1.")
    if faults:
        raise BadScoresError(faults)
    return sd * math.sqrt(1 - reliability)
