"""Units: the tree on a day, and which of them the viewer looks after."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from medvirk.people.access import Permission, Viewer
from medvirk.people.logic import units_under
from medvirk.people.logic.units import Step, counterparts
from medvirk.people.models import Unit, UnitSuccession


@dataclass(frozen=True)
class UnitNode:
    """A unit and what stands under it. `managed` says whether the viewer may change it."""

    unit: Unit
    managed: bool
    children: tuple[UnitNode, ...]


def scope_of(viewer: Viewer, permission: Permission) -> frozenset[uuid.UUID]:
    """Units in which the viewer may use an administrator's permission.

    Held in a unit, it covers that unit and all below it; held in a unit at the top, it covers everything, so
    that new tops can be made when municipalities merge.
    """
    return _scope(viewer, permission, Unit.objects.parents_on(viewer.today))


def covers_the_house(viewer: Viewer, permission: Permission) -> bool:
    """Whether the viewer may use an administrator's permission in every unit there is. One query."""
    parents = Unit.objects.parents_on(viewer.today)
    return bool(parents) and len(_scope(viewer, permission, parents)) == len(parents)


def _scope(
    viewer: Viewer, permission: Permission, parents: Mapping[uuid.UUID, uuid.UUID | None]
) -> frozenset[uuid.UUID]:
    held = viewer.units_with(permission)
    if any(unit in parents and parents[unit] is None for unit in held):
        return frozenset(parents)
    return units_under(parents, held)


def units_held(viewer: Viewer, permission: Permission) -> frozenset[uuid.UUID]:
    """Units in which the viewer holds a permission, and all under them; also at the top never more. One query."""
    return units_under(Unit.objects.parents_on(viewer.today), viewer.units_with(permission))


def units_where(viewer: Viewer, permission: Permission) -> QuerySet[Unit]:
    """The units in which the viewer holds a permission, and all under them, by name: those that there are today."""
    return Unit.objects.on(viewer.today).filter(pk__in=units_held(viewer, permission)).order_by("name")


def units_led(viewer: Viewer) -> QuerySet[Unit]:
    """The units whose teams the viewer leads, by name, without those that have ended."""
    held = units_held(viewer, Permission.LEAD_TEAM)
    return Unit.objects.filter(pk__in=held).exclude(valid_to__lt=viewer.today).order_by("name")


def units_in_scope(viewer: Viewer, permission: Permission) -> QuerySet[Unit]:
    """The units themselves, by name, without those that have ended."""
    return Unit.objects.filter(pk__in=scope_of(viewer, permission)).exclude(valid_to__lt=viewer.today)


def unit_in_scope(viewer: Viewer, permission: Permission, unit_id: uuid.UUID) -> Unit | None:
    """One unit, also an ended one, or None when the viewer does not look after it."""
    return Unit.objects.filter(pk=unit_id).first() if unit_id in scope_of(viewer, permission) else None


def units_on(viewer: Viewer, day: date) -> tuple[UnitNode, ...]:
    """The tree of units on `day`, by name; one whose parent is gone stands at the top. Two queries."""
    if viewer.staff_id is None:
        return ()
    managed = scope_of(viewer, Permission.MANAGE_UNITS)
    structure = structure_on(day)
    below: dict[uuid.UUID | None, list[Unit]] = {}
    for unit in structure.units.values():
        below.setdefault(structure.parents[unit.pk], []).append(unit)

    def nodes(parent: uuid.UUID | None) -> tuple[UnitNode, ...]:
        return tuple(UnitNode(unit, unit.pk in managed, nodes(unit.pk)) for unit in below.get(parent, ()))

    return nodes(None)


@dataclass(frozen=True)
class Structure:
    """The units as they were, or will be, on `day`: called as then, and each with the unit above it then."""

    day: date
    units: Mapping[uuid.UUID, Unit]
    parents: Mapping[uuid.UUID, uuid.UUID | None]

    def under(self, unit: uuid.UUID) -> frozenset[uuid.UUID]:
        """The unit and all below it, for figures of a department or a whole municipality. Empty if there is none."""
        return units_under(self.parents, {unit}) if unit in self.units else frozenset()


def structure_on(day: date) -> Structure:
    """The structure on `day`, by name then; a unit whose parent is gone stands at the top. One query.

    Units are not about anybody, so all who may see figures may see it.
    """
    found = Unit.objects.on(day).as_on(day).order_by("name_then", "pk")
    units: dict[uuid.UUID, Unit] = {}
    above: dict[uuid.UUID, uuid.UUID | None] = {}
    for unit in found:
        # For showing only: such a unit is never saved.
        unit.name = unit.name_then  # type: ignore[attr-defined]
        above[unit.pk] = unit.parent_then  # type: ignore[attr-defined]
        units[unit.pk] = unit
    return Structure(
        day, units, {unit: parent if parent in units else None for unit, parent in above.items()}
    )


def steps() -> list[Step]:
    """Every merge and split there has been or is planned, in the order in which they take effect. One query."""
    rows = UnitSuccession.objects.order_by("reorganisation__day", "reorganisation__made_at").values_list(
        "reorganisation_id", "reorganisation__day", "old_id", "new_id"
    )
    days: dict[uuid.UUID, date] = {}
    successors: dict[uuid.UUID, dict[uuid.UUID, frozenset[uuid.UUID]]] = {}
    for reorganisation, day, old, new in rows:
        days[reorganisation] = day
        found = successors.setdefault(reorganisation, {})
        found[old] = found.get(old, frozenset()) | {new}
    return [Step(days[each], successors[each]) for each in days]


@dataclass(frozen=True)
class Lineage:
    """What stands for a unit under the structure of another day.

    `units`: one, to which all of it belongs, or several, between which it cannot be divided from the unit's figures.
    """

    units: tuple[Unit, ...]

    @property
    def divisible(self) -> bool:
        """Whether figures of the unit are figures of one unit there."""
        return len(self.units) == 1


def lineage(unit: Unit, *, of: date, under: date) -> Lineage:
    """What stands, under the structure of the day `under`, for what `unit` was on the day `of`. Two queries."""
    found = counterparts(steps(), unit.pk, of=of, under=under)
    return Lineage(tuple(Unit.objects.filter(pk__in=found)))
