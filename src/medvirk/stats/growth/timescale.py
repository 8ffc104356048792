"""What a time is counted in, and how it is bent before the model sees it.

The sums of norms hold transformed times only. Weeks and sessions, or logarithms and plain numbers, look alike
there, so the scale travels beside them and two that differ are never added.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from medvirk.stats.faults import BadScoresError, FaultsError, Floats, float_array


class TimeScaleError(FaultsError):
    """Two time scales that do not agree, or a stored one that cannot be read."""


class TimeUnit(StrEnum):
    """What time is counted in, from the person's first measurement, which is 0."""

    SESSIONS = "sessions"
    DAYS = "days"
    WEEKS = "weeks"
    MONTHS = "months"


class TimeTransform(StrEnum):
    """How the counted time becomes the model's `t`."""

    LOG1P = "log1p"
    IDENTITY = "identity"


@dataclass(frozen=True)
class TimeScale:
    """The unit of time and the transform; the default is what Medvirk uses for sessions: t = log(1 + session)."""

    unit: TimeUnit = TimeUnit.SESSIONS
    transform: TimeTransform = TimeTransform.LOG1P

    def __post_init__(self) -> None:
        try:
            object.__setattr__(self, "unit", TimeUnit(self.unit))
            object.__setattr__(self, "transform", TimeTransform(self.transform))
        except ValueError as error:
            units, transforms = ", ".join(TimeUnit), ", ".join(TimeTransform)
            raise TimeScaleError(
                [f"A time scale has a unit ({units}) and a transform ({transforms}): {error}."]
            ) from error

    def __str__(self) -> str:
        return self.unit if self.transform is TimeTransform.IDENTITY else f"{self.transform}({self.unit})"

    def t(self, time: ArrayLike) -> Floats:
        """The model's `t` for times since the first measurement, in the shape given; a missing time stays NaN.

        Raises BadScoresError for a negative time under log1p: nothing is measured before the first measurement.
        """
        times = float_array("time", time)
        if self.transform is TimeTransform.IDENTITY:
            return times
        if (times < 0).any():
            early = f"time: {int((times < 0).sum())} before the first measurement, the smallest {np.nanmin(times):g}."
            raise BadScoresError([f"{early} Count {self.unit} from the person's first measurement."])
        return np.asarray(np.log1p(times))

    def require_same(self, other: "TimeScale") -> None:
        """Raise TimeScaleError unless the two are equal."""
        if self != other:
            told = f"These are on different time scales, {self} and {other}, and cannot be put together."
            raise TimeScaleError([f"{told} Count the time of both in the same way, from the scores."])

    def to_dict(self) -> dict[str, str]:
        """For JSON."""
        return {"unit": str(self.unit), "transform": str(self.transform)}

    @classmethod
    def from_dict(cls, data: object) -> Self:
        """Read what `to_dict` wrote; None, from before the scale was stored, is log1p(sessions).

        Raises TimeScaleError.
        """
        if data is None:
            return cls()
        if not isinstance(data, dict) or set(data) != {"unit", "transform"}:
            raise TimeScaleError(['A time scale must be an object with "unit" and "transform".'])
        return cls(data["unit"], data["transform"])


SESSIONS = TimeScale()
