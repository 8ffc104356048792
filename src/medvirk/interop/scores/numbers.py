"""What is measured, and how large a reliable change is, as JSON; unrounded."""

from __future__ import annotations

from typing import Any

from medvirk.interop.scores.options import Measure
from medvirk.stats.change import ReliableChange


def measure_numbers(measure: Measure) -> dict[str, Any]:
    """Name, instrument and scale, direction and range."""
    return {
        "name": measure.name,
        "instrument": None if measure.instrument is None else measure.instrument.id,
        "scale": None if measure.scale is None else measure.scale.key,
        "direction": measure.direction.value,
        "range": [measure.low, measure.high],
    }


def reliable_change_numbers(rci: ReliableChange | None) -> dict[str, Any]:
    """Method, level, points and what they are made of; all null where nothing gives one."""
    if rci is None:
        return dict.fromkeys(("method", "level", "rci", "inclusive", "sd", "reliability"))
    return {
        "method": rci.method.value,
        "level": rci.level,
        "rci": rci.value,
        "inclusive": rci.inclusive,
        "sd": rci.sd,
        "reliability": rci.reliability,
    }
