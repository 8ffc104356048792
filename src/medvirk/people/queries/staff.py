"""Staff: who works where on a day, for those who look after them."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from medvirk.people.access import Permission, Viewer
from medvirk.people.models import Grant, Staff, Unit
from medvirk.people.queries.units import scope_of


@dataclass(frozen=True)
class StaffOfUnit:
    """Those who have a role in `unit` on a day, by name; `unit` is None for those without a role that day."""

    unit: Unit | None
    staff: tuple[Staff, ...]


def staff_in_scope(viewer: Viewer) -> QuerySet[Staff]:
    """Staff the viewer looks after: with a role, now or before, in a unit of theirs, or with none at all."""
    if Permission.MANAGE_STAFF not in viewer.permissions:
        return Staff.objects.none()
    grants = Grant.objects.filter(staff=OuterRef("pk"))
    mine = grants.filter(unit__in=scope_of(viewer, Permission.MANAGE_STAFF))
    return Staff.objects.filter(Q(Exists(mine)) | ~Q(Exists(grants)))


def staff_list(viewer: Viewer, day: date) -> list[StaffOfUnit]:
    """Staff the viewer looks after, under each unit where they have a role on `day`. Three queries."""
    grants = Grant.objects.on(day).select_related("unit").order_by("role")
    everyone = _by_name(
        staff_in_scope(viewer)
        .select_related("person", "user")
        .prefetch_related(Prefetch("grants", queryset=grants, to_attr="grants_on_day"))
    )
    units: dict[uuid.UUID, Unit] = {}
    members: dict[uuid.UUID | None, dict[uuid.UUID, Staff]] = {}
    for staff in everyone:
        held: list[Grant] = staff.grants_on_day  # type: ignore[attr-defined]
        for grant in held:
            units[grant.unit_id] = grant.unit
            members.setdefault(grant.unit_id, {})[staff.pk] = staff
        if not held:
            members.setdefault(None, {})[staff.pk] = staff
    listed = [
        StaffOfUnit(unit, tuple(members[unit.pk].values()))
        for unit in sorted(units.values(), key=lambda unit: unit.name)
    ]
    return listed + ([StaffOfUnit(None, tuple(members[None].values()))] if None in members else [])


def grants_to_end(viewer: Viewer, staff: Staff) -> QuerySet[Grant]:
    """Roles of `staff`, running or to come, that the viewer may end."""
    scope = scope_of(viewer, Permission.MANAGE_STAFF)
    running = Q(valid_to__isnull=True) | Q(valid_to__gt=viewer.today)
    return Grant.objects.filter(running, staff=staff, unit__in=scope).select_related("unit")


def _by_name(staff: Iterable[Staff]) -> list[Staff]:
    # Names are encrypted, so the database cannot sort them.
    return sorted(staff, key=lambda each: (each.person.family_name, each.person.given_name))
