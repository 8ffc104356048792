"""What the citizen's own pages show of people, relations and bars."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q, QuerySet
from django.utils import timezone

from medvirk.people.access import Permission, Viewer, can, roles_with
from medvirk.people.hooks import shared_parts
from medvirk.people.identity import name_keys
from medvirk.people.models import (
    Bar,
    BarKind,
    Basis,
    Citizen,
    Grant,
    KeyKind,
    PersonKey,
    Relation,
    Staff,
)


def hides_place(viewer: Viewer, citizen: Citizen) -> bool:
    """Whether where the citizen lives, or gets help, is kept from this viewer.

    A protected address is known to the citizen; a parent or guardian may be the one it is protected from.
    """
    return bool(citizen.person.protection) and viewer.own_person_id != citizen.person_id


@dataclass(frozen=True)
class Around:
    """A relation as the citizen reads it. `who` is a worker or a team; empty where the place is kept secret.

    `last_moment` is when it ends, or ended, by the clock. `now`: it is in force.
    """

    relation_id: uuid.UUID
    staff_id: uuid.UUID | None
    who: str
    basis: str
    reason: str
    first_day: date
    last_day: date | None
    last_moment: datetime | None
    now: bool
    parts: tuple[str, ...]

    @property
    def is_help(self) -> bool:
        return self.basis == Basis.SERVICE

    @property
    def is_shared(self) -> bool:
        return self.basis == Basis.CONSENT

    @property
    def is_emergency(self) -> bool:
        return self.basis == Basis.EMERGENCY


def relations_around(viewer: Viewer, citizen: Citizen) -> list[Around]:
    """All that opens, or has opened, one's own record, the newest first. One query."""
    if not can(viewer, Permission.OWN_PAGES, citizen).allowed:
        return []
    labels = {each.code: str(each.label) for each in shared_parts()}
    secret = hides_place(viewer, citizen)
    found = citizen.relations.select_related("staff__person", "unit").order_by("-valid_from", "pk")
    return [_around(each, viewer, labels, secret=secret) for each in found]


def _around(each: Relation, viewer: Viewer, labels: dict[str, str], *, secret: bool) -> Around:
    in_days = each.valid_from <= viewer.today and (each.valid_to is None or each.valid_to >= viewer.today)
    team = "" if secret else str(each.unit)
    return Around(
        relation_id=each.pk,
        staff_id=each.staff_id,
        who=each.staff.person.name if each.staff is not None else team,
        basis=each.basis,
        reason=each.reason,
        first_day=each.valid_from,
        last_day=each.valid_to,
        last_moment=each.ends_at,
        now=in_days and (each.ends_at is None or each.ends_at > viewer.now),
        parts=tuple(labels.get(code, code) for code in each.parts),
    )


def sharing_of(viewer: Viewer, citizen: Citizen) -> QuerySet[Relation]:
    """What is shared with partners now, to be changed or stopped."""
    if not can(viewer, Permission.OWN_PAGES, citizen).allowed:
        return Relation.objects.none()
    running = Relation.objects.at(viewer.now).filter(citizen=citizen, basis=Basis.CONSENT)
    return running.select_related("staff__person", "unit", "citizen")


@dataclass(frozen=True)
class Barred:
    """A worker who is kept out. `by_wish`: by the citizen's own wish, so that they can undo it."""

    bar_id: uuid.UUID
    who: str
    reason: str
    since: date
    by_wish: bool


def bars_around(viewer: Viewer, citizen: Citizen) -> list[Barred]:
    """Who is kept out of one's own record now. One query."""
    if not can(viewer, Permission.OWN_PAGES, citizen).allowed:
        return []
    bars = Bar.objects.at(viewer.now).filter(citizen=citizen).select_related("staff__person")
    return [
        Barred(
            each.pk,
            each.staff.person.name,
            each.reason,
            timezone.localdate(each.set_at),
            each.kind == BarKind.CITIZEN,
        )
        for each in bars.order_by("-set_at", "pk")
    ]


def workers_around(viewer: Viewer, citizen: Citizen) -> list[Staff]:
    """Workers whom the citizen may want to keep out: those a relation lets in, themselves or by their team, by name.

    Two queries.
    """
    if not can(viewer, Permission.OWN_PAGES, citizen).allowed:
        return []
    ties = Relation.objects.at(viewer.now).filter(citizen=citizen)
    in_teams = Grant.objects.on(viewer.today).filter(
        role__in=roles_with(Permission.FOLLOW_CITIZENS),
        unit__in=ties.filter(unit__isnull=False).values("unit_id"),
    )
    barred = Bar.objects.at(viewer.now).filter(citizen=citizen, kind=BarKind.CITIZEN)
    staff = (
        Staff.objects.filter(Q(pk__in=ties.values("staff_id")) | Q(pk__in=in_teams.values("staff_id")))
        .exclude(pk__in=barred.values("staff_id"))
        .exclude(person_id=citizen.person_id)
        .select_related("person")
    )
    return sorted(staff, key=lambda each: (each.person.family_name, each.person.given_name))


def staff_named(viewer: Viewer, citizen: Citizen, name: str) -> list[Staff]:
    """Workers of this name, first and last, for a citizen who knows somebody here. Nothing is told of near misses."""
    words = name.split()
    if not can(viewer, Permission.OWN_PAGES, citizen).allowed or len(words) < 2:
        return []
    keys = PersonKey.objects.filter(kind=KeyKind.NAME, digest__in=name_keys(words[0], words[-1]))
    found = Staff.objects.filter(person__in=keys.values("person_id")).exclude(person_id=citizen.person_id)
    return list(found.select_related("person"))
