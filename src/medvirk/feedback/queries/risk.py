"""The procedure for an answer about safety in a unit: its own, else of those it carries on or stands under."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import F

from medvirk.feedback.logic.risk import Days, Line, who_decides
from medvirk.feedback.models import RiskLine
from medvirk.people.access import Permission, Viewer
from medvirk.people.logic.units import units_above
from medvirk.people.models import Unit, UnitSuccession
from medvirk.people.queries.units import structure_on, units_where


@dataclass(frozen=True)
class Procedure:
    """`units`: whose lines these are, one but after a merger; none where no unit upwards has any."""

    units: tuple[uuid.UUID, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Procedures:
    """The lines of all units, and what each unit stands under and carries on."""

    parents: Mapping[uuid.UUID, uuid.UUID | None]
    carried_on: Mapping[uuid.UUID, tuple[uuid.UUID, ...]]
    lines: Mapping[uuid.UUID, tuple[Line, ...]]

    def of(self, unit_id: uuid.UUID) -> Procedure:
        """The procedure that holds in a unit."""
        units = who_decides(units_above(self.parents, unit_id), self.carried_on, self.lines)
        return Procedure(units, tuple(line for unit in units for line in self.lines[unit]))


def procedures_on(day: date) -> Procedures:
    """There is nothing about people in them, so it takes no viewer. Three queries."""
    rows: dict[uuid.UUID, list[RiskLine]] = {}
    for row in RiskLine.objects.all():
        rows.setdefault(row.unit_id, []).append(row)
    carried_on: dict[uuid.UUID, tuple[uuid.UUID, ...]] = {}
    begun = UnitSuccession.objects.filter(reorganisation__day__lte=day).exclude(old=F("new"))
    for old, new in begun.order_by("-reorganisation__day", "pk").values_list("old_id", "new_id"):
        carried_on[new] = (*carried_on.get(new, ()), old)
    lines = {unit: lines_of(some) for unit, some in rows.items()}
    return Procedures(structure_on(day).parents, carried_on, lines)


def procedure_of(unit_id: uuid.UUID, *, day: date) -> Procedure:
    """The procedure that holds in this unit. Three queries."""
    return procedures_on(day).of(unit_id)


def lines_of(rows: Iterable[RiskLine]) -> tuple[Line, ...]:
    """The rows as the rules take them."""
    return tuple(
        Line(Days(row.days), row.begins, row.ends, row.who, row.phone, timedelta(minutes=row.within_minutes))
        for row in rows
    )


def units_to_set(viewer: Viewer) -> list[Unit]:
    """Units whose procedure the viewer may set: where their role gives it, and all under them."""
    return list(units_where(viewer, Permission.SET_PROCEDURES))
