"""Units: the tree on a day, and which of them the viewer looks after."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from medvirk.people.access import Permission, Viewer
from medvirk.people.logic import units_under
from medvirk.people.models import Unit


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
    held = viewer.units_with(permission)
    parents = dict(Unit.objects.values_list("id", "parent_id"))
    if any(unit in parents and parents[unit] is None for unit in held):
        return frozenset(parents)
    return units_under(parents, held)


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
    units = list(Unit.objects.on(day))
    present = {unit.pk for unit in units}
    below: dict[uuid.UUID | None, list[Unit]] = {}
    for unit in units:
        below.setdefault(unit.parent_id if unit.parent_id in present else None, []).append(unit)

    def nodes(parent: uuid.UUID | None) -> tuple[UnitNode, ...]:
        return tuple(UnitNode(unit, unit.pk in managed, nodes(unit.pk)) for unit in below.get(parent, ()))

    return nodes(None)
