"""Who answers for a signal: somebody who works here, may open the record, and is not kept out of it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import date

from django.db.models import QuerySet

from medvirk.feedback.models import Episode
from medvirk.people.access import Permission, roles_with
from medvirk.people.models import Bar, Citizen, Grant, Staff
from medvirk.people.queries.units import structure_on


def workers_on(day: date) -> frozenset[uuid.UUID]:
    """Workers who help people here on this day. One query."""
    helping = Grant.objects.on(day).filter(role__in=roles_with(Permission.FOLLOW_CITIZENS))
    return frozenset(helping.values_list("staff_id", flat=True))


def kept_out_pairs() -> frozenset[tuple[uuid.UUID, uuid.UUID]]:
    """(citizen, worker) where the one keeps the other out now. One query."""
    return frozenset(Bar.objects.filter(lifted_at__isnull=True).values_list("citizen_id", "staff_id"))


def able_on(day: date, citizen: Citizen) -> QuerySet[Staff]:
    """Workers who could answer for a signal of this citizen: they help people here, and are not kept out."""
    kept_out = Bar.objects.filter(citizen=citizen, lifted_at__isnull=True).values("staff_id")
    return Staff.objects.filter(pk__in=workers_on(day)).exclude(pk__in=kept_out)


def owner_of(episode: Episode, citizen: Citizen, *, day: date) -> Staff:
    """The one responsible for the course; else the nearest leader of its unit; nobody else, so then still the first.

    A signal always has an owner, also when everybody has left: it then stands with the one who had the course, and is
    told to whoever leads the unit.
    """
    able = able_on(day, citizen)
    if able.filter(pk=episode.responsible_id).exists():
        return episode.responsible
    leaders = leaders_of([episode.unit_id], day=day)[episode.unit_id]
    nearest = able.filter(pk__in=leaders).order_by("pk").first()
    return nearest or episode.responsible


def leaders_of(units: Iterable[uuid.UUID], *, day: date) -> Mapping[uuid.UUID, list[uuid.UUID]]:
    """Workers who lead each unit on this day; where nobody does, who leads the nearest unit above it."""
    parents = structure_on(day).parents
    leading: dict[uuid.UUID, list[uuid.UUID]] = {}
    rows = Grant.objects.on(day).filter(role__in=roles_with(Permission.LEAD_TEAM)).order_by("pk")
    for unit, staff in rows.values_list("unit_id", "staff_id"):
        leading.setdefault(unit, []).append(staff)
    return {unit: _nearest(unit, parents, leading) for unit in units}


def _nearest(
    unit: uuid.UUID | None,
    parents: Mapping[uuid.UUID, uuid.UUID | None],
    leading: Mapping[uuid.UUID, list[uuid.UUID]],
) -> list[uuid.UUID]:
    met: set[uuid.UUID] = set()
    while unit is not None and unit not in met:
        if unit in leading:
            return leading[unit]
        met.add(unit)
        unit = parents.get(unit)
    return []
