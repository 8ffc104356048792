"""Pooling norms files: refuse what does not belong together, then add."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from medvirk.stats.federation.protection import would_reveal
from medvirk.stats.federation.release import BadNormsFileError, Part, Release
from medvirk.stats.growth.norms import Norms

#: At most this many patterns are told of a pair of files: one is reason enough.
TOLD = 3


def pool(named: Sequence[tuple[str, Release]]) -> Release:
    """One release over all of these (name of the file, what it holds), the same as from all their courses at once.

    Raises BadNormsFileError with all faults at once: no file; files of different measures or time scales; and
    releases of one municipality over the same time, which would count courses twice and whose difference could be a
    few people (`would_reveal`).
    """
    if not named:
        raise BadNormsFileError(["There is no file to pool. Name at least one."])
    faults = _mismatches(named)
    if faults:
        raise BadNormsFileError(faults)
    for (one_name, one), (other_name, other) in combinations(named, 2):
        faults += _overlaps(one_name, one, other_name, other)
    if faults:
        raise BadNormsFileError(faults)
    first = named[0][1]
    total: Norms = sum((each.norms for _, each in named[1:]), start=first.norms)
    parts = sorted(
        (part for _, each in named for part in each.parts),
        key=lambda part: (part.number, part.period.first_day),
    )
    return replace(first, parts=tuple(parts), norms=total)


def _mismatches(named: Sequence[tuple[str, Release]]) -> list[str]:
    reference, first = named[0]
    faults = []
    for name, other in named[1:]:
        for what, mine, theirs in (
            ("instrument and scale", str(first.measure), str(other.measure)),
            ("range", _range(first), _range(other)),
            ("better direction", first.measure.better, other.measure.better),
            ("time scale", str(first.time_scale), str(other.time_scale)),
        ):
            if mine != theirs:
                faults.append(
                    f"{name}: {what} {theirs}, but {mine} in {reference}. Pool each kind by itself."
                )
    return faults


def _range(release: Release) -> str:
    return f"{release.measure.low:g} to {release.measure.high:g}"


def _overlaps(one_name: str, one: Release, other_name: str, other: Release) -> list[str]:
    faults = []
    for mine in one.parts:
        for theirs in other.parts:
            if mine.number != theirs.number or not mine.period.overlaps(theirs.period):
                continue
            where = f"{one_name} and {other_name}"
            if mine.checksum == theirs.checksum:
                faults.append(f"{where} both hold {mine.name}. Give it once.")
                continue
            faults.append(
                f"{where} hold {mine.name} and {theirs.name}, over the same time. A course must be in one release "
                "only. Ask the municipality which one stands, and delete the other."
            )
            if len(one.parts) == len(other.parts) == 1:
                faults += _told(mine, theirs, one, other)
    return faults


def _told(mine: Part, theirs: Part, one: Release, other: Release) -> list[str]:
    found = would_reveal(one.norms, other.norms, low=one.measure.low, high=one.measure.high)
    more = [f"… and {len(found) - TOLD} more patterns."] if len(found) > TOLD else []
    head = [f"Subtracting {mine.name} and {theirs.name} would tell of single people:"] if found else []
    return head + found[:TOLD] + more
