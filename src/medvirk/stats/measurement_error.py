"""The standard error of one score, and the reliable change that follows from local data."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from medvirk.stats.faults import BadScoresError, is_real, positive_fault, told, whole_fault

if TYPE_CHECKING:
    from medvirk.stats.change import ReliableChange


def standard_error_of_measurement(sd: float, reliability: float) -> float:
    """SD · √(1 − r): how far one score lies from the same person's true score, in points of the scale.

    Raises BadScoresError unless `sd` is above 0 and `reliability` lies from 0 up to, not including, 1.
    """
    faults = positive_fault("The standard deviation", sd)
    if not (is_real(reliability) and 0 <= reliability < 1):
        faults.append(
            f"The reliability is {told(reliability)}: it must be from 0 up to, but not including, 1."
        )
    if faults:
        raise BadScoresError(faults)
    return sd * math.sqrt(1 - reliability)


def local_reliable_change(
    *, sd: float, reliability: float, n: int, period: str, level: float = 0.95
) -> ReliableChange:
    """The reliable change of Jacobson and Truax from one's own data, with a source that says so.

    `sd` of first scores in points, from `n` people; `period` is what the reader knows it by ("2024–2026").
    Raises BadScoresError, all faults at once.
    """
    # `change` imports this room's standard error, so it is not imported where this module begins.
    from medvirk.stats.change import ReliableChange

    faults = whole_fault("n, the people the standard deviation is from,", n, least=3)
    if not period.strip():
        faults.append("The period is empty: say from when to when the data are.")
    try:
        made = ReliableChange.from_sd(sd, reliability, level, source=f"local data, n = {n}, {period}")
    except BadScoresError as error:
        raise BadScoresError([*faults, *error.faults]) from error
    if faults:
        raise BadScoresError(faults)
    return made
