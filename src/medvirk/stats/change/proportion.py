"""A share with what it is a share of, and its Wilson interval.

Source: Wilson 1927, J Am Stat Assoc 22:209; unlike the usual ± it stays within 0 and 1 and holds for few people.
"""

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Self

from medvirk.stats.faults import (
    BadScoresError,
    CannotEstimateError,
    is_real,
    open_unit_fault,
    positive_fault,
    told,
    whole_fault,
)

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
        counts = {"numerator": numerator, "denominator": denominator, "missing": missing}
        for name, count in counts.items():
            faults += whole_fault(f"The count {name}", count)
        if not faults and numerator > denominator:
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
    faults = positive_fault("n", n) + positive_fault("z", z)
    if not (is_real(share) and 0 <= share <= 1):
        faults.append(f"The share is {told(share)}: it runs from 0 to 1.")
    if faults:
        raise BadScoresError(faults)
    weight = z * z / n
    middle = (share + weight / 2) / (1 + weight)
    half = math.sqrt(weight * (share * (1 - share) + weight / 4)) / (1 + weight)
    return max(0.0, middle - half), min(1.0, middle + half)
