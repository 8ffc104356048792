"""A share with what it is a share of, and its Wilson interval.

Source: Wilson 1927, J Am Stat Assoc 22:209; unlike the usual ± it stays within 0 and 1 and holds for few people.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Self

from medvirk.stats.faults import BadScoresError, CannotEstimateError, open_unit_fault

Z95 = NormalDist().inv_cdf(0.975)


@dataclass(frozen=True)
class Proportion:
    """`numerator` of `denominator` people; `missing` is the share (0–1) of those it is about that are not known.

    `interval` is Wilson's at 95 % unless made with another level.
    """

    value: float
    numerator: int
    denominator: int
    missing: float
    interval: tuple[float, float]

    @classmethod
    def of(cls, numerator: int, denominator: int, *, missing: int = 0, level: float = 0.95) -> Self:
        """`missing` people belong to the question, but it cannot be answered for them.

        Raises BadScoresError for counts that cannot be, CannotEstimateError for a denominator of 0.
        """
        faults = open_unit_fault("The level", level)
        if not 0 <= numerator <= denominator or missing < 0:
            faults.append(
                f"{numerator} of {denominator}, {missing} missing: counts run from 0, the part at most the whole."
            )
        if faults:
            raise BadScoresError(faults)
        if not denominator:
            raise CannotEstimateError([f"Nobody to count: 0 people ({missing} missing)."])
        share = numerator / denominator
        interval = wilson(share, denominator, z=NormalDist().inv_cdf((1 + level) / 2))
        return cls(share, numerator, denominator, missing / (denominator + missing), interval)


def wilson(share: float, n: float, *, z: float = Z95) -> tuple[float, float]:
    """The p for which |share − p| ≤ z·√(p(1 − p)/n); `n` above 0 need not be whole (an effective number)."""
    if not (0 <= share <= 1 and n > 0 and math.isfinite(n)):
        raise BadScoresError([f"A share of {share:g} of {n:g}: the share runs from 0 to 1, n is above 0."])
    weight = z * z / n
    middle = (share + weight / 2) / (1 + weight)
    half = math.sqrt(weight * (share * (1 - share) + weight / 4)) / (1 + weight)
    return max(0.0, middle - half), min(1.0, middle + half)
