"""What is wrong with a norms file: first its form, which the schema describes too, then what it says."""

import re
from collections.abc import Callable
from datetime import date
from itertools import pairwise
from math import isfinite
from typing import Any

from medvirk.stats.federation.periods import FORM as PERIOD
from medvirk.stats.federation.protection import SENTENCES, SMALLEST_CELL, reason_to_withhold
from medvirk.stats.federation.release import Release
from medvirk.stats.federation.selection import Rare
from medvirk.stats.growth.norms import Pattern
from medvirk.stats.growth.timescale import TimeTransform, TimeUnit

Check = tuple[Callable[[Any], bool], str]
#: Larger counts are no counts of people, and floats no longer tell them apart.
MOST = 2**53
INSTRUMENT = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*@[1-9][0-9]*")
SHA256 = re.compile(r"sha256:[0-9a-f]{64}")
MUNICIPALITY = re.compile(r"[0-9]{4}")


def _whole(value: object, least: int = 0) -> bool:
    return (
        isinstance(value, int | float)
        and not isinstance(value, bool)
        and isfinite(value)
        and value == int(value)
        and least <= value < MOST
    )


def _number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and _finite(value)


def _finite(value: float) -> bool:
    try:
        return isfinite(value)
    except OverflowError:  # a whole number with hundreds of digits
        return False


def _text(value: object) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _matches(form: re.Pattern[str]) -> Callable[[object], bool]:
    return lambda value: isinstance(value, str) and form.fullmatch(value) is not None


def _one_of(values: type) -> Callable[[object], bool]:
    words = {str(each) for each in values}  # type: ignore[attr-defined]
    return lambda value: isinstance(value, str) and value in words


def _numbers(size: int) -> Callable[[object], bool]:
    return lambda value: isinstance(value, list) and len(value) == size and all(map(_number, value))


def _day(value: object) -> bool:
    try:
        return isinstance(value, str) and date.fromisoformat(value).isoformat() == value
    except ValueError:
        return False


def _times(value: object) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(map(_whole, value))
        and all(later > earlier for earlier, later in pairwise(value))
    )


def _objects(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(each, dict) for each in value)


def _object(value: object) -> bool:
    return isinstance(value, dict)


TOP: dict[str, Check] = {
    "format": (_text, "a text"),
    "about": (
        lambda value: isinstance(value, list) and bool(value) and all(map(_text, value)),
        "a list of sentences",
    ),
    "instrument": (_matches(INSTRUMENT), "an instrument and its version, as phq-9@1"),
    "scale": (_text, "a text"),
    "range": (_numbers(2), "the two ends of the scale"),
    "better": (lambda value: value in ("higher", "lower", "none"), "higher, lower or none"),
    "time": (_object, "an object"),
    "smallest_cell": (lambda value: _whole(value, SMALLEST_CELL), f"a whole number from {SMALLEST_CELL}"),
    "releases": (_objects, "a list of at least one release"),
    "patterns": (_objects, "a list of at least one pattern"),
    "checksum": (_matches(SHA256), "sha256: and 64 digits 0–9, a–f"),
}
TIME: dict[str, Check] = {
    "unit": (_one_of(TimeUnit), "one of " + ", ".join(TimeUnit)),
    "transform": (_one_of(TimeTransform), "one of " + ", ".join(TimeTransform)),
}
PART: dict[str, Check] = {
    "municipality": (_text, "a text"),
    "number": (_matches(MUNICIPALITY), "the municipality's number, four digits"),
    "period": (_matches(PERIOD), "a year or half year, as 2025 or 2025-H1"),
    "made_on": (_day, "a day, as 2026-01-15"),
    "first_sessions": (lambda value: value is None or _whole(value, 2), "null, or a whole number from 2"),
    "rare": (_one_of(Rare), "one of " + ", ".join(Rare)),
    "courses": (lambda value: _whole(value, SMALLEST_CELL), f"a whole number from {SMALLEST_CELL}"),
    "scores": (lambda value: _whole(value, SMALLEST_CELL), f"a whole number from {SMALLEST_CELL}"),
    "withheld": (_object, "an object"),
    "checksum": (
        lambda value: value is None or _matches(SHA256)(value),
        "null, or sha256: and 64 digits 0–9, a–f",
    ),
}
WITHHELD: dict[str, Check] = dict.fromkeys(
    ("courses", "scores", "patterns"),
    (lambda value: _whole(value) and value % 5 == 0, "a whole number rounded to 5"),
)
PATTERN: dict[str, Check] = {
    "times": (_times, "whole numbers that ascend, each once"),
    "persons": (
        lambda value: _whole(value, SMALLEST_CELL),
        f"a whole number from {SMALLEST_CELL}: smaller patterns must not leave. Delete the file and tell the sender",
    ),
    "sum_zy": (_numbers(2), "2 numbers"),
    "sum_zyyz": (_numbers(3), "3 numbers"),
    "sum_yy": (_number, "a number"),
}


def form_faults(document: dict[str, Any]) -> list[str]:
    """Keys that are missing, unknown or hold the wrong kind of thing. Exactly what the schema refuses."""
    faults = _object_faults("", document, TOP)
    if _object(document.get("time")):
        faults += _object_faults("time: ", document["time"], TIME)
    for key, checks in (("releases", PART), ("patterns", PATTERN)):
        if not _objects(document.get(key)):
            continue
        for number, row in enumerate(document[key], start=1):
            where = f"{key[:-1].capitalize()} {number}: "
            faults += _object_faults(where, row, checks)
            if key == "releases" and _object(row.get("withheld")):
                faults += _object_faults(f"{where}withheld: ", row["withheld"], WITHHELD)
    return faults


def _object_faults(where: str, row: dict[str, Any], checks: dict[str, Check]) -> list[str]:
    faults = [f'{where}"{key}" is not part of a norms file.' for key in row if key not in checks]
    for key, (holds, wanted) in checks.items():
        if key not in row:
            faults.append(f'{where}"{key}" is missing.')
        elif not holds(row[key]):
            faults.append(f'{where}"{key}" must be {wanted}.')
    return faults


def part_faults(release: Release) -> list[str]:
    """Whether the parts fit together and with the sums, and every period was over."""
    faults = []
    for part in release.parts:
        if part.period.last_day >= part.made_on:
            faults.append(f"{part.name}: made on {part.made_on:%d.%m.%Y}, before the period was over.")
        if len(release.parts) > 1 and not part.checksum:
            faults.append(f"{part.name}: the checksum of the file it came in is missing.")
    norms = release.norms
    for what, told, found in (
        ("courses", sum(part.courses for part in release.parts), norms.persons),
        ("scores", sum(part.scores for part in release.parts), norms.scores),
    ):
        if told != found:
            faults.append(f"The releases have {told} {what} together, the patterns {found}.")
    if norms.times[0] != 0 or any(pattern.times[0] != 0 for pattern in norms.patterns):
        faults.append("Every pattern must begin at 0, the first measurement.")
    return faults


def sum_faults(release: Release) -> list[str]:
    """Sums outside the scale, and patterns that should not have left."""
    low, high = release.measure.low, release.measure.high
    if low >= high:
        return [f"The scale runs from {low:g} to {high:g}: the lower end must come first."]
    faults = []
    for number, pattern in enumerate(release.norms.patterns, start=1):
        if not _inside(pattern, low, high):
            faults.append(f"Pattern {number}: no scores from {low:g} to {high:g} have such sums.")
        elif (reason := reason_to_withhold(pattern, low=low, high=high)) is not None:
            faults.append(
                f"Pattern {number} should not have left: {SENTENCES[reason]}. Delete the file and tell the sender."
            )
    return faults


def _inside(pattern: Pattern, low: float, high: float) -> bool:
    """Whether scores from `low` to `high` can have these sums: each (y − low)(high − y) is at least 0."""
    scores = pattern.persons * len(pattern.times)
    total, squares = pattern.sum_zy[0], pattern.sum_yy
    slack = 1e-9 * max(abs(low), abs(high)) ** 2 * scores
    inside = (low + high) * total - squares - scores * low * high
    mean = total / scores
    return low - slack <= mean <= high + slack and inside >= -slack
