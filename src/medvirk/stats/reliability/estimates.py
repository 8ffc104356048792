"""One number with what it takes to judge it: how many people, an interval, or why it is not known."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist

from medvirk.stats.faults import BadScoresError, CannotEstimateError, open_unit_fault, whole_fault

LEVEL = 0.95


class Cause(StrEnum):
    """Why a number cannot be estimated."""

    FEW_ITEMS = "few_items"
    FEW_PEOPLE = "few_people"
    CONSTANT = "constant"
    NO_ONE_FACTOR = "no_one_factor"


class UnknownError(CannotEstimateError):
    """An estimate that these data do not hold. `cause` is for programs, `faults` for people."""

    def __init__(self, cause: Cause, fault: str, *more: str) -> None:
        self.cause = cause
        super().__init__([fault, *more])


@dataclass(frozen=True)
class Estimate:
    """A number from `n` people with its 95 % interval.

    `value` is None exactly when `cause` is set; `reason` is then a sentence. `low` and `high` are None where
    there is no interval, which for a known value only happens at the very end of its range.
    """

    value: float | None
    n: int
    low: float | None = None
    high: float | None = None
    cause: Cause | None = None
    reason: str = ""

    @classmethod
    def unknown(cls, n: int, error: UnknownError) -> "Estimate":
        """No value, and why."""
        return cls(None, n, cause=error.cause, reason=str(error))


def z_of(level: float) -> float:
    """The two-sided normal quantile: 1.96 at .95."""
    return NormalDist().inv_cdf((1 + level) / 2)


def share_of(count: int, n: int, *, level: float = LEVEL) -> Estimate:
    """`count` of `n` as a share with Wilson's interval (Wilson 1927, J Am Stat Assoc 22:209).

    Raises BadScoresError unless `count` is a whole number from 0 to `n` and `level` lies between 0 and 1.
    """
    faults = whole_fault("n", n) or whole_fault("count", count, most=n)
    if faults := faults + open_unit_fault("The level", level):
        raise BadScoresError(faults)
    if n < 1:
        return Estimate.unknown(0, UnknownError(Cause.FEW_PEOPLE, "A share needs at least one answer."))
    z, p = z_of(level), count / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z / (1 + z * z / n) * math.sqrt(p * (1 - p) / n + z * z / (4 * n * n))
    return Estimate(p, n, max(middle - half, 0.0), min(middle + half, 1.0))


def known_or_not(estimate: Callable[[], Estimate], n: int) -> Estimate:
    """What `estimate` gives, or an unknown one of `n` people with the reason."""
    try:
        return estimate()
    except UnknownError as error:
        return Estimate.unknown(n, error)
