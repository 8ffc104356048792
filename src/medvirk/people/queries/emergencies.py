"""Who used emergency access, for the leaders who look after it, and whom to tell."""

from __future__ import annotations

import uuid
from collections.abc import Collection

from django.db.models import Q, QuerySet

from medvirk.people.access import Permission, Viewer, citizens_closed_to, roles_with
from medvirk.people.logic import units_under
from medvirk.people.models import Bar, Basis, Citizen, Grant, Relation
from medvirk.people.queries.units import structure_on


def emergency_accesses(viewer: Viewer) -> QuerySet[Relation]:
    """Uses of emergency access that concern the leader's units, the newest first, those seen to also.

    They concern a unit when the worker had a role there then, or when the citizen is tied to it. A leader who is kept
    out of the citizen's record, or is the citizen, sees nothing of it.
    """
    if Permission.REVIEW_EMERGENCY not in viewer.permissions:
        return Relation.objects.none()
    parents = structure_on(viewer.today).parents
    units = units_under(parents, viewer.units_with(Permission.REVIEW_EMERGENCY))
    citizens = Relation.objects.filter(unit__in=units, basis=Basis.SERVICE).values("citizen_id")
    workers = Grant.objects.filter(unit__in=units).values("staff_id")
    return (
        Relation.objects.filter(Q(staff__in=workers) | Q(citizen__in=citizens), basis=Basis.EMERGENCY)
        .exclude(citizen__in=citizens_closed_to(viewer))
        .select_related("staff__person", "citizen__person", "review__reviewed_by__person")
        .order_by("-ends_at")
    )


def leaders_to_tell(viewer: Viewer, citizen: Citizen) -> set[uuid.UUID]:
    """Persons who lead the teams that help the citizen; else who lead the worker's own unit, or the nearest above."""
    teams = set(
        Relation.objects.at(viewer.now)
        .filter(citizen=citizen, basis=Basis.SERVICE, unit__isnull=False)
        .values_list("unit_id", flat=True)
    )
    return _leaders(viewer, citizen, teams) or _leaders_upwards(viewer, citizen)


def _leaders_upwards(viewer: Viewer, citizen: Citizen) -> set[uuid.UUID]:
    units = set(viewer.units_with(Permission.EMERGENCY_ACCESS))
    parents = structure_on(viewer.today).parents
    met: set[uuid.UUID] = set()
    while units - met:
        if found := _leaders(viewer, citizen, units):
            return found
        met |= units
        units = {parent for unit in units if (parent := parents.get(unit)) is not None}
    return set()


def _leaders(viewer: Viewer, citizen: Citizen, units: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of these units, but neither the worker themselves nor anybody the citizen keeps out."""
    if viewer.staff_id is None:
        return set()
    grants = (
        Grant.objects.on(viewer.today)
        .filter(unit__in=units, role__in=roles_with(Permission.REVIEW_EMERGENCY))
        .exclude(staff_id=viewer.staff_id)
        .exclude(staff__in=Bar.objects.at(viewer.now).filter(citizen=citizen).values("staff_id"))
        .exclude(staff__person_id=citizen.person_id)
    )
    return set(grants.values_list("staff__person_id", flat=True))
