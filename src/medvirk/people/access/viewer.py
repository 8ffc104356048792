"""Who looks."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import F, FilteredRelation, Q
from django.utils import timezone

from medvirk.people.access.permissions import FOR_ONESELF, PERMISSIONS, Permission
from medvirk.people.logic import CitizenFacts
from medvirk.people.models import Person, Role, Staff


@dataclass(frozen=True)
class Viewer:
    """Who looks: fixed for one request.

    A worker has `staff_id` and `person_id`; somebody who has signed in for themselves has `own_person_id`. No
    account is both.
    """

    user_id: uuid.UUID
    staff_id: uuid.UUID | None
    person_id: uuid.UUID | None
    name: str
    grants: tuple[tuple[str, uuid.UUID], ...]
    now: datetime
    own_person_id: uuid.UUID | None = None
    permissions: frozenset[str] = field(init=False)
    # What has been fetched about citizens during this request: an answer about one record costs one query, once.
    facts: dict[uuid.UUID, CitizenFacts] = field(default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        held = frozenset[str]().union(*(PERMISSIONS[Role(role)] for role, _ in self.grants))
        if self.own_person_id is not None:
            held = frozenset(FOR_ONESELF)
        object.__setattr__(self, "permissions", held)

    @property
    def today(self) -> date:
        """The day of the house, which is not always that of the clock in UTC."""
        return timezone.localdate(self.now)

    def units_with(self, permission: Permission) -> frozenset[uuid.UUID]:
        """Units in which the viewer holds `permission`."""
        return frozenset(unit for role, unit in self.grants if permission in PERMISSIONS[Role(role)])

    def forget(self) -> None:
        """Fetch anew who is open: relations, bars or grants have changed in this request."""
        self.facts.clear()


def viewer_for(user: Any, now: datetime | None = None) -> Viewer | None:
    """The viewer behind a signed-in user, or None. One query, where every request begins."""
    if not getattr(user, "is_authenticated", False):
        return None
    moment = now or timezone.now()
    if user.person_id is not None:
        return _for_oneself(user, moment)
    day = timezone.localdate(moment)
    in_force = FilteredRelation(
        "grants",
        condition=Q(grants__valid_from__lte=day)
        & (Q(grants__valid_to__isnull=True) | Q(grants__valid_to__gte=day)),
    )
    rows = list(
        Staff.objects.filter(user_id=user.pk)
        .select_related("person")
        .annotate(held=in_force, role=F("held__role"), unit_id=F("held__unit"))
    )
    staff = rows[0] if rows else None
    return Viewer(
        user_id=user.pk,
        staff_id=staff.pk if staff else None,
        person_id=staff.person_id if staff else None,
        name=staff.person.name if staff else "",
        grants=tuple((row.role, row.unit_id) for row in rows if row.role is not None),
        now=moment,
    )


def _for_oneself(user: Any, now: datetime) -> Viewer:
    person = Person.objects.only("given_name", "family_name", "merged_into").get(pk=user.person_id)
    if person.merged_into_id is not None:
        # Registered twice: each way in leads to the one record.
        person = Person.objects.only("given_name", "family_name").get(pk=person.merged_into_id)
    return Viewer(
        user_id=user.pk,
        staff_id=None,
        person_id=None,
        name=person.name,
        grants=(),
        now=now,
        own_person_id=person.pk,
    )
