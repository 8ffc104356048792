"""Which way is better, what a change is called, and how large it must be to be reliable.

Source: Jacobson & Truax 1991, J Consult Clin Psychol 59:12.
"""

import math
from dataclasses import dataclass
from enum import StrEnum
from statistics import NormalDist
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from medvirk.stats.faults import (
    ROUNDING,
    BadScoresError,
    float_array,
    is_real,
    member,
    open_unit_fault,
    positive_fault,
    told,
)
from medvirk.stats.measurement_error import standard_error_of_measurement


class Direction(StrEnum):
    """Which way is better on a scale."""

    HIGHER = "higher"
    LOWER = "lower"

    @property
    def sign(self) -> int:
        """+1 where a higher score is better, −1 where a lower is."""
        return 1 if self is Direction.HIGHER else -1


class Method(StrEnum):
    """How it is told whether a change is reliable (`change.statistics` has the formulas and sources)."""

    JACOBSON_TRUAX = "jacobson-truax"
    GULLIKSEN_LORD_NOVICK = "gulliksen-lord-novick"
    HSU_LINN_LORD = "hsu-linn-lord"
    EDWARDS_NUNNALLY = "edwards-nunnally"
    NUNNALLY_KOTSCH = "nunnally-kotsch"
    HAGEMAN_ARRINDELL = "hageman-arrindell"
    EMPIRICAL_BAYES = "empirical-bayes"
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
        if self.sd is not None:
            faults += positive_fault("The standard deviation of the reliable change", self.sd)
        if self.reliability is not None and not (is_real(self.reliability) and 0 <= self.reliability < 1):
            faults.append(
                f"The reliability is {told(self.reliability)}: it must be from 0 up to, but not including, 1."
            )
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
        points = float_array("Gains", gain)
        if self.inclusive:
            return np.asarray(points >= self.value - ROUNDING)
        return np.asarray(points > self.value + ROUNDING)


def direction_of(given: str) -> Direction:
    """The direction that `given` is or names ("higher", "lower"). Raises BadScoresError."""
    return member(Direction, "The direction", given)


def judged_by(direction: str, rci: object) -> tuple[Direction, ReliableChange]:
    """What a change is judged by: `direction_of`, and a reliable change that says where it is from.

    Raises BadScoresError, both faults at once, also for a bare number of points.
    """
    if isinstance(rci, ReliableChange):
        return direction_of(direction), rci
    points = told(rci) if is_real(rci) else "points"
    published = f"ReliableChange({points}, source=…) for a published threshold"
    faults = [
        f"The reliable change is {told(rci)}: give {published}, or ReliableChange.from_sd(sd, reliability)."
    ]
    try:
        direction_of(direction)
    except BadScoresError as error:
        faults = [*error.faults, *faults]
    raise BadScoresError(faults)


def is_clinical(score: ArrayLike, *, direction: Direction, cutoff: ArrayLike) -> NDArray[np.bool_]:
    """Whether each score lies on the clinical side of the cut-off.

    A score *at* the cut-off is clinical where lower is better ("16 or more"), functional where higher is
    better ("below 25"): both are how the common scales state theirs. A missing score or cut-off (NaN) gives
    False.
    """
    scores, limits = float_array("Scores", score), float_array("Cut-off", cutoff)
    if limits.ndim and limits.shape != scores.shape:
        raise BadScoresError([f"Scores {scores.shape}, cut-off {limits.shape}: give one, or one per score."])
    if direction_of(direction) is Direction.LOWER:
        return np.asarray(scores >= limits - ROUNDING)
    return np.asarray(scores < limits - ROUNDING)
