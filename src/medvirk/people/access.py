"""Who may do what, and why: roles and permissions in code, decisions with a reason, every opening logged."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from functools import wraps
from typing import Any, Protocol

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.db.models import F, FilteredRelation, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponseBase
from django.utils import timezone

from medvirk.people.models import AccessAction, AccessEvent, Basis, Citizen, Relation, Role, Staff


class Permission(StrEnum):
    FOLLOW_CITIZENS = "follow_citizens"
    REGISTER_CITIZENS = "register_citizens"
    MANAGE_UNITS = "manage_units"
    MANAGE_STAFF = "manage_staff"
    EDIT_TEXTS = "edit_texts"
    SEE_MEASURING = "see_measuring"


_CARE = frozenset({Permission.FOLLOW_CITIZENS, Permission.REGISTER_CITIZENS})
#: How well the questionnaires measure here, from all answers together: it shows no person.
_QUALITY = frozenset({Permission.SEE_MEASURING})
_ADMINISTRATION = (
    frozenset({Permission.MANAGE_UNITS, Permission.MANAGE_STAFF, Permission.EDIT_TEXTS}) | _QUALITY
)

#: What each role may do. A record is opened by a relation on top of this, never by the role alone.
PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.PRACTITIONER: _CARE,
    Role.PEER_WORKER: frozenset({Permission.FOLLOW_CITIZENS}),
    Role.TEAM_LEADER: _CARE | _QUALITY,
    Role.MANAGER: _QUALITY,
    Role.COORDINATOR: _QUALITY,
    Role.SECRETARY: frozenset({Permission.REGISTER_CITIZENS}),
    Role.RESEARCHER: _QUALITY,
    Role.PARTNER: frozenset(),
    Role.AUDITOR: frozenset(),
    Role.ADMINISTRATOR: _ADMINISTRATION,
}


def roles_with(permission: Permission) -> list[Role]:
    """The roles that give a permission."""
    return [role for role, given in PERMISSIONS.items() if permission in given]


@dataclass(frozen=True)
class Viewer:
    """Who looks: fixed for one request."""

    user_id: uuid.UUID
    staff_id: uuid.UUID | None
    person_id: uuid.UUID | None
    name: str
    grants: tuple[tuple[str, uuid.UUID], ...]
    today: date
    permissions: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        held = frozenset[str]().union(*(PERMISSIONS[Role(role)] for role, _ in self.grants))
        object.__setattr__(self, "permissions", held)

    def units_with(self, permission: Permission) -> frozenset[uuid.UUID]:
        """Units in which the viewer holds `permission`."""
        return frozenset(unit for role, unit in self.grants if permission in PERMISSIONS[Role(role)])


@dataclass(frozen=True)
class Decision:
    allowed: bool
    reason: str


class Record(Protocol):
    """Anything that belongs to one or more citizens: a citizen, an episode, a session."""

    def record_of(self) -> frozenset[uuid.UUID]:
        """Ids of the citizens whose record this is."""


def viewer_for(user: Any, today: date | None = None) -> Viewer | None:
    """The viewer behind a signed-in user, or None. One query, where every request begins."""
    if not getattr(user, "is_authenticated", False):
        return None
    day = today or timezone.localdate()
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
        today=day,
    )


def relations_of(viewer: Viewer) -> QuerySet[Relation]:
    """The relations in force that open records for this viewer: own ones, and those of teams one works in."""
    if viewer.staff_id is None or Permission.FOLLOW_CITIZENS not in viewer.permissions:
        return Relation.objects.none()
    mine = Q(staff_id=viewer.staff_id) | Q(unit_id__in=viewer.units_with(Permission.FOLLOW_CITIZENS))
    return Relation.objects.on(viewer.today).filter(mine)


def citizens_open_to(viewer: Viewer) -> QuerySet[Citizen]:
    """Citizens whose record the viewer may open."""
    return Citizen.objects.filter(pk__in=relations_of(viewer).values("citizen_id"))


def can(viewer: Viewer, permission: Permission, record: Record | None = None) -> Decision:
    """May the viewer do this, and with this record?

    A record of several citizens (couple, family, group) opens by a relation to any one of them.
    """
    if permission not in viewer.permissions:
        return Decision(False, "no role of yours gives this")
    if record is None:
        return Decision(True, "by role")
    # One's own relation before that of a team; databases differ on where NULL sorts.
    own_first = F("staff_id").asc(nulls_last=True)
    relation = relations_of(viewer).filter(citizen_id__in=record.record_of()).order_by(own_first).first()
    if relation is None:
        return Decision(False, "no service relation in force")
    tie = "own" if relation.staff_id else "team"
    return Decision(True, f"{Basis(relation.basis)}:{tie}")


def open_record(
    viewer: Viewer, record: Record, what: str, *, action: AccessAction = AccessAction.OPENED
) -> Decision:
    """Let the viewer into a record and log it, or answer 404 as if it did not exist.

    Raises:
        Http404: no relation opens it.
    """
    decision = can(viewer, Permission.FOLLOW_CITIZENS, record)
    if not decision.allowed:
        raise Http404
    log_access(viewer, record.record_of(), what, action=action, basis=decision.reason)
    return decision


def log_access(
    viewer: Viewer | None, citizen_ids: Iterable[uuid.UUID], what: str, *, action: AccessAction, basis: str
) -> None:
    """Add one row to the access log per citizen. A viewer of None is the command line."""
    actor_id = None if viewer is None else viewer.staff_id
    AccessEvent.objects.bulk_create(
        AccessEvent(actor_id=actor_id, citizen_id=citizen, action=action, what=what, basis=basis)
        for citizen in citizen_ids
    )


def log_listing(viewer: Viewer, citizen_ids: Iterable[uuid.UUID], what: str) -> None:
    """Log that a list showed these citizens, once a day each: a list is looked at many times a day."""
    ids = set(citizen_ids)
    start = timezone.make_aware(datetime.combine(viewer.today, time.min))
    known = AccessEvent.objects.filter(
        actor_id=viewer.staff_id, citizen_id__in=ids, what=what, at__gte=start
    ).values_list("citizen_id", flat=True)
    fresh = ids - set(known)
    if fresh:
        log_access(viewer, fresh, what, action=AccessAction.OPENED, basis="list")


EVERYONE = "everyone"
SIGNED_IN = "signed in"
View = Callable[..., HttpResponseBase]


def needs(permission: Permission) -> Callable[[View], View]:
    """Declare what a view needs. Without the permission the answer is 403."""

    def declare(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if permission not in request.viewer.permissions:  # type: ignore[attr-defined]
                raise PermissionDenied
            return view(request, *args, **kwargs)

        checked.declares = permission  # type: ignore[attr-defined]
        return checked

    return declare


def for_everyone(view: View) -> View:
    """Declare that a view is open without signing in."""
    view.declares = EVERYONE  # type: ignore[attr-defined]
    return login_not_required(view)


def for_signed_in(view: View) -> View:
    """Declare that a view is for whoever is signed in."""
    view.declares = SIGNED_IN  # type: ignore[attr-defined]
    return view
