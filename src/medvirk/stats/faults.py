"""Errors of the science room: all faults at once, each a sentence with what, where and what to do."""

import importlib
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, TypeGuard, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]
Member = TypeVar("Member", bound=StrEnum)
#: Beyond this a 64-bit number no longer holds the tenths of a point, and sums of squares say nothing.
LARGEST = 1e15
#: Scores with decimals carry rounding noise: 24.1 − 18.1 must count as a change of 6.
ROUNDING = 1e-9


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
    """`values` as an array of floats of the same shape; None and what is masked become NaN (missing).

    Raises BadScoresError when something is not a number (dates and complex numbers are none), or is finite but
    beyond 1e15 either way.
    """
    kind = getattr(getattr(values, "dtype", None), "kind", "")
    if kind in {"c", "m", "M"}:
        raise BadScoresError(
            [f"{name}: dates and complex numbers are no numbers here. Give points, or days."]
        )
    try:
        # What a mask hides is missing; a plain conversion would bring it back.
        shown = (
            np.ma.filled(values.astype(np.float64), np.nan)
            if isinstance(values, np.ma.MaskedArray)
            else values
        )
        found = np.asarray(shown, dtype=np.float64)
    except (TypeError, ValueError, OverflowError) as error:
        raise BadScoresError(
            [f"{name}: every element must be a number, or None or NaN where it is missing ({error})."]
        ) from error
    # Two reductions that pass over NaN tell that all is well without a copy.
    ends = np.fmax.reduce(found, axis=None, initial=0.0), np.fmin.reduce(found, axis=None, initial=0.0)
    if max(ends[0], -ends[1]) > LARGEST:
        huge = np.flatnonzero(np.isfinite(found) & (np.abs(found) > LARGEST))
        if huge.size:
            raise BadScoresError(
                [
                    f"{name}: {huge.size} beyond {LARGEST:g}, the first at position {huge[0]}. Correct or rescale."
                ]
            )
    return found


def keys_array(name: str, values: ArrayLike) -> NDArray[Any]:
    """`values` as an array of keys (people, groups) as they are. Raises BadScoresError for rows of unequal length."""
    try:
        return np.asarray(values)
    except ValueError as error:
        raise BadScoresError([f"{name}: give one key per element ({error})."]) from error


def member(kind: type[Member], name: str, value: str) -> Member:
    """The member of `kind` that `value` is or names. Raises BadScoresError naming all there are."""
    try:
        return kind(value)
    except ValueError as error:
        raise BadScoresError([f"{name} is {value!r}: it must be one of {', '.join(kind)}."]) from error


def infinite_fault(name: str, values: Floats) -> list[str]:
    """A fault if `values` holds an infinite number; NaN is allowed, it means missing."""
    infinite = np.flatnonzero(np.isinf(values))
    if not infinite.size:
        return []
    return [
        f"{name}: {infinite.size} infinite, the first at position {infinite[0]}. Leave out or correct them."
    ]


def off_scale_fault(name: str, values: Floats, low: float | None, high: float | None) -> list[str]:
    """A fault if a score lies outside the scale from `low` to `high`, both within it; None is an open end."""
    lowest, highest = (-np.inf if low is None else low), (np.inf if high is None else high)
    off = np.flatnonzero(np.isfinite(values) & ((values < lowest - ROUNDING) | (values > highest + ROUNDING)))
    if not off.size:
        return []
    scale = f"the scale from {lowest:g} to {highest:g}"
    first = f"the first at position {off[0]} ({values.ravel()[off[0]]:g})"
    return [f"{name}: {off.size} score(s) off {scale}, {first}. Correct them or the ends of the scale."]


def is_real(value: object) -> TypeGuard[float]:
    """Whether `value` is one number, which may be NaN or infinite; true and false are none."""
    return isinstance(value, int | float | np.integer | np.floating) and not isinstance(value, bool)


def told(value: object) -> str:
    """A value as a fault tells it."""
    return f"{value:g}" if is_real(value) else repr(value)


def finite_fault(name: str, value: object) -> list[str]:
    """A fault unless `value` is one finite number of at most 1e15 either way."""
    if is_real(value) and abs(value) <= LARGEST:
        return []
    return [f"{name} is {told(value)}: it must be a finite number."]


def positive_fault(name: str, value: object) -> list[str]:
    """A fault unless `value` is a number above 0, and neither so small nor so large that its powers are lost."""
    if is_real(value) and 1 / LARGEST <= value <= LARGEST:
        return []
    return [f"{name} is {told(value)}: it must be a number above 0 ({1 / LARGEST:g} to {LARGEST:g})."]


def open_unit_fault(name: str, value: object) -> list[str]:
    """A fault unless `value` lies strictly between 0 and 1."""
    if is_real(value) and 0 < value < 1:
        return []
    return [f"{name} is {told(value)}: it must lie between 0 and 1, both left out."]


def whole_fault(name: str, value: object, *, least: int = 0, most: float = LARGEST) -> list[str]:
    """A fault unless `value` is a whole number (an int) from `least` to `most`."""
    whole = isinstance(value, int | np.integer) and not isinstance(value, bool)
    if whole and is_real(value) and least <= value <= most:
        return []
    upto = "" if most >= LARGEST else f" and at most {most:g}"
    return [f"{name} is {told(value)}: it must be a whole number of at least {least}{upto}."]
