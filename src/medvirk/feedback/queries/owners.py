"""Who answers for a signal: somebody who works here and may open the record."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone

from medvirk.feedback.models import Episode
from medvirk.people.access import Permission, roles_with
from medvirk.people.logic.units import units_above
from medvirk.people.models import Bar, Citizen, Grant, Relation, Staff
from medvirk.people.queries.units import structure_on


def able_for(citizens: Collection[uuid.UUID], *, now: datetime) -> Mapping[uuid.UUID, frozenset[uuid.UUID]]:
    """By citizen: the workers who may open the record, and so can answer for a signal. Four queries.

    Emergency access opens a record for an hour, and makes nobody answer for what comes after.
    """
    helping = Grant.objects.on(timezone.localdate(now)).filter(
        role__in=roles_with(Permission.FOLLOW_CITIZENS)
    )
    by_unit: dict[uuid.UUID, set[uuid.UUID]] = {}
    for unit, staff in helping.values_list("unit_id", "staff_id"):
        by_unit.setdefault(unit, set()).add(staff)
    workers = {staff for some in by_unit.values() for staff in some}
    able: dict[uuid.UUID, set[uuid.UUID]] = {each: set() for each in citizens}
    tied = Relation.objects.at(now).filter(citizen__in=citizens, opens_all=True).exclude(basis="emergency")
    for citizen, staff, unit in tied.values_list("citizen_id", "staff_id", "unit_id"):
        able[citizen] |= by_unit.get(unit, set()) if unit is not None else {staff} & workers
    for citizen, staff in (
        Bar.objects.at(now).filter(citizen__in=citizens).values_list("citizen_id", "staff_id")
    ):
        able[citizen].discard(staff)
    themselves = Staff.objects.filter(person__citizen__in=citizens)
    for citizen, staff in themselves.values_list("person__citizen", "pk"):
        able[citizen].discard(staff)
    return {citizen: frozenset(some) for citizen, some in able.items()}


def able_in(episode: Episode, *, now: datetime) -> frozenset[uuid.UUID]:
    """The workers who may open the record of everybody who takes part in a course today, and whom nobody who does or
    did keeps out. Seven queries.
    """
    parts, day = list(episode.participations.all()), timezone.localdate(now)
    everybody = [each.citizen_id for each in parts]
    able = able_for([each.citizen_id for each in parts if each.on(day)] or everybody, now=now)
    kept_out = Bar.objects.at(now).filter(citizen__in=everybody).values_list("staff_id", flat=True)
    themselves = Staff.objects.filter(person__citizen__in=everybody).values_list("pk", flat=True)
    return frozenset.intersection(*able.values()) - {*kept_out, *themselves}


def able_on(now: datetime, citizen: Citizen) -> QuerySet[Staff]:
    """Workers who could answer for a signal of this citizen."""
    return Staff.objects.filter(pk__in=able_for([citizen.pk], now=now)[citizen.pk])


def owner_of(episode: Episode, citizen: Citizen, *, now: datetime) -> Staff:
    """Who answers for a signal of this citizen in this course: see `owners_of`."""
    [owner] = owners_of([(episode, citizen.pk)], able_for([citizen.pk], now=now), now=now)
    return owner


def owners_of(
    courses: Collection[tuple[Episode, uuid.UUID]],
    able: Mapping[uuid.UUID, frozenset[uuid.UUID]],
    *,
    now: datetime,
) -> list[Staff]:
    """Of each course and citizen the one responsible for it; else its nearest leader; else another who helps them.

    `able`: see `able_for`. A signal always has an owner. Where nobody may open the record any more it stands with the
    nearest leader, who sees that it lies and must find somebody; where nobody leads either, with the one who had the
    course. Three queries however many, and none where all are answered for by those responsible.
    """
    others = {each.unit_id for each, citizen in courses if each.responsible_id not in able[citizen]}
    leading = leaders_of(others, day=timezone.localdate(now)) if others else {}
    chosen = [_nearest(each, able[citizen], leading.get(each.unit_id, [])) for each, citizen in courses]
    found = Staff.objects.in_bulk([pk for pk in chosen if pk is not None]) if others else {}
    return [
        each.responsible if pk is None else found[pk]
        for (each, _citizen), pk in zip(courses, chosen, strict=True)
    ]


def _nearest(episode: Episode, able: frozenset[uuid.UUID], leaders: Sequence[uuid.UUID]) -> uuid.UUID | None:
    """None: the one responsible for the course."""
    if episode.responsible_id in able:
        return None
    return next(iter(sorted(able & set(leaders)) or sorted(able) or leaders), None)


def leaders_of(
    units: Iterable[uuid.UUID], *, day: date, permission: Permission = Permission.LEAD_TEAM
) -> Mapping[uuid.UUID, list[uuid.UUID]]:
    """Workers who lead each unit on this day, or hold another permission there; where nobody does, those of the nearest
    unit above it."""
    parents = structure_on(day).parents
    leading: dict[uuid.UUID, list[uuid.UUID]] = {}
    rows = Grant.objects.on(day).filter(role__in=roles_with(permission)).order_by("pk")
    for unit, staff in rows.values_list("unit_id", "staff_id"):
        leading.setdefault(unit, []).append(staff)
    return {
        unit: next((leading[each] for each in units_above(parents, unit) if each in leading), [])
        for unit in units
    }
