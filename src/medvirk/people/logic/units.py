"""Units over time: what a unit is under the structure of another day, and what a reorganisation does to a dated row."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import Enum

UnitId = uuid.UUID


@dataclass(frozen=True)
class Step:
    """One reorganisation: from `day` each unit of `successors` is carried on by the units it names."""

    day: date
    successors: Mapping[UnitId, frozenset[UnitId]]

    def forward(self, units: Iterable[UnitId]) -> frozenset[UnitId]:
        """Who carries on what `units` were; a unit it does not touch carries on itself."""
        return frozenset[UnitId]().union(*(self.successors.get(unit, {unit}) for unit in units))

    def backward(self, units: Iterable[UnitId]) -> frozenset[UnitId]:
        """What `units` were before; a unit it does not touch was itself."""
        before: dict[UnitId, set[UnitId]] = {}
        for old, news in self.successors.items():
            for new in news:
                before.setdefault(new, set()).add(old)
        return frozenset[UnitId]().union(*(before.get(unit, {unit}) for unit in units))


def units_above(parents: Mapping[UnitId, UnitId | None], unit: UnitId | None) -> tuple[UnitId, ...]:
    """The unit and those it stands under, the nearest first. A ring, which the tables should not hold, ends it."""
    found: list[UnitId] = []
    while unit is not None and unit not in found:
        found.append(unit)
        unit = parents.get(unit)
    return tuple(found)


def counterparts(steps: Iterable[Step], unit: UnitId, *, of: date, under: date) -> frozenset[UnitId]:
    """The units that stand, under the structure of the day `under`, for what `unit` was on the day `of`.

    One: all that was registered in `unit` belongs to it. Several: it cannot be divided between them from the unit's
    figures alone. `steps` come in the order in which they took effect.
    """
    units = frozenset({unit})
    if under >= of:
        for step in steps:
            if of < step.day <= under:
                units = step.forward(units)
    else:
        for step in reversed(list(steps)):
            if under < step.day <= of:
                units = step.backward(units)
    return units


@dataclass
class Recount:
    """Counts under another structure. Nothing is guessed and nothing is lost: the sum is that of what was given.

    `units`: what surely belongs to each unit. `undivided`: what belongs to these units together.
    """

    units: dict[UnitId, int] = field(default_factory=dict)
    undivided: dict[frozenset[UnitId], int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.units.values()) + sum(self.undivided.values())

    def add(self, units: frozenset[UnitId], count: int) -> None:
        if len(units) == 1:
            (unit,) = units
            self.units[unit] = self.units.get(unit, 0) + count
        else:
            self.undivided[units] = self.undivided.get(units, 0) + count


def recount(steps: Iterable[Step], counts: Iterable[tuple[UnitId, date, int]], *, under: date) -> Recount:
    """Counts registered in (unit, on a day), under the structure of the day `under`."""
    steps = list(steps)
    found = Recount()
    known: dict[tuple[UnitId, date], frozenset[UnitId]] = {}
    for unit, of, count in counts:
        if (unit, of) not in known:
            known[unit, of] = counterparts(steps, unit, of=of, under=under)
        found.add(known[unit, of], count)
    return found


class Passage(Enum):
    """What happens to a dated row of a unit that comes to an end."""

    CONTINUE = "continue"
    """It has been in force: it ends the day before, and another begins on the day."""
    REPOINT = "repoint"
    """It has not begun: it will begin in the other unit."""
    TOO_LATE = "too late"
    """It has begun on the day or after it, so that what was cannot be said to have been otherwise."""


def passage(valid_from: date, *, day: date, today: date) -> Passage:
    """What a reorganisation from `day`, made `today`, does to a row that begins on `valid_from` and is not over."""
    if valid_from < day:
        return Passage.CONTINUE
    return Passage.REPOINT if valid_from > today else Passage.TOO_LATE


def day_before(day: date) -> date:
    return day - timedelta(days=1)


def longest(last_days: Iterable[date | None]) -> date | None:
    """The latest of some last days; None, which is no end, is later than any."""
    days = list(last_days)
    return None if None in days else max(each for each in days if each is not None)
