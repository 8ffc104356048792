"""Errors of the science room: all faults at once, each a sentence with what, where and what to do."""

import importlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


class FaultsError(ValueError):
    """Something given cannot be used. `faults` holds one sentence for each thing that is wrong."""

    def __init__(self, faults: Sequence[str]) -> None:
        self.faults = tuple(faults)
        super().__init__(" ".join(self.faults))


class BadScoresError(FaultsError):
    """Scores, times or parameters that cannot be used as they stand."""


class CannotEstimateError(FaultsError):
    """The data are well formed but do not hold what the estimate needs."""


class MissingExtraError(FaultsError):
    """A library that only some need is not installed. `extra` is the extra of medvirk that brings it."""

    def __init__(self, extra: str, needed_for: str) -> None:
        self.extra = extra
        self.needed_for = needed_for
        super().__init__(
            [f"{needed_for} needs libraries that are not installed: pip install 'medvirk[{extra}]'."]
        )


def import_extra(module: str, *, extra: str, needed_for: str) -> Any:
    """The module of an optional library. Raises MissingExtraError when it is not installed."""
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        raise MissingExtraError(extra, needed_for) from error


def float_array(name: str, values: ArrayLike) -> Floats:
    """`values` as an array of floats of the same shape, None becoming NaN (missing).

    Raises BadScoresError when something is not a number.
    """
    try:
        return np.asarray(values, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise BadScoresError(
            [f"{name}: every element must be a number, or None or NaN where it is missing ({error})."]
        ) from error


def infinite_fault(name: str, values: Floats) -> list[str]:
    """A fault if `values` holds an infinite number; NaN is allowed, it means missing."""
    infinite = np.flatnonzero(np.isinf(values))
    if not infinite.size:
        return []
    return [
        f"{name}: {infinite.size} infinite, the first at position {infinite[0]}. Leave out or correct them."
    ]


def positive_fault(name: str, value: float) -> list[str]:
    """A fault unless `value` is a finite number above 0."""
    if np.isfinite(value) and value > 0:
        return []
    return [f"{name} is {value:g}: it must be a number above 0."]


def open_unit_fault(name: str, value: float) -> list[str]:
    """A fault unless `value` lies strictly between 0 and 1."""
    if 0 < value < 1:
        return []
    return [f"{name} is {value:g}: it must lie between 0 and 1, both left out."]
