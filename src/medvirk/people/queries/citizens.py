"""Citizens: finding them without learning more than one may, and who has looked."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from medvirk.people import hooks
from medvirk.people.access import PERMISSIONS, Permission, Viewer, citizens_open_to, log_access
from medvirk.people.matching import Criteria, MatchedBy, matching_citizens, strongest
from medvirk.people.models import (
    AccessAction,
    AccessEvent,
    Basis,
    Citizen,
    Grant,
    Relation,
    Role,
    Staff,
    Unit,
)


@dataclass(frozen=True)
class Hit:
    """A citizen whom the viewer has a relation to."""

    citizen_id: uuid.UUID
    name: str
    birth_date: date | None


@dataclass(frozen=True)
class FindResult:
    """What a search may tell.

    `known` are citizens the viewer has a relation to. Of the others only their number is told, `hidden`;
    `startable` says whether the search points out exactly one of them, so that a relation may be started.
    """

    known: tuple[Hit, ...]
    hidden: int
    startable: bool

    @property
    def is_empty(self) -> bool:
        return not self.known and not self.hidden


def find_citizens(viewer: Viewer, criteria: Criteria) -> FindResult:
    """Search exactly, by national identity number, phone or name. Every hit is logged as searched for."""
    if Permission.REGISTER_CITIZENS not in viewer.permissions:
        return FindResult((), 0, startable=False)
    matches = matching_citizens(criteria)
    log_search(viewer, matches)
    known = citizens_open_to(viewer).filter(pk__in=matches).select_related("person")
    hits = tuple(Hit(each.pk, each.person.name, each.person.birth_date) for each in known)
    return FindResult(hits, len(matches) - len(hits), startable=_startable(viewer, matches) is not None)


def log_search(viewer: Viewer | None, matches: Mapping[uuid.UUID, frozenset[MatchedBy]]) -> None:
    """Log that a search met these citizens, and by what."""
    for way in MatchedBy:
        met = [citizen for citizen, matched in matches.items() if strongest(matched) == way]
        log_access(viewer, met, "people.search", action=AccessAction.SEARCHED, basis=f"search:{way}")


def startable_citizen(viewer: Viewer, criteria: Criteria) -> Citizen | None:
    """The one citizen without a relation to the viewer whom the search points out, else None."""
    if Permission.REGISTER_CITIZENS not in viewer.permissions:
        return None
    citizen_id = _startable(viewer, matching_citizens(criteria))
    return Citizen.objects.get(pk=citizen_id) if citizen_id else None


def _startable(viewer: Viewer, matches: Mapping[uuid.UUID, frozenset[MatchedBy]]) -> uuid.UUID | None:
    by_number = {each for each, matched in matches.items() if MatchedBy.NATIONAL_ID in matched}
    # A phone may be shared in a family; the national identity number settles who is meant.
    candidates = by_number or set(matches)
    if len(candidates) != 1:
        return None
    citizen_id = candidates.pop()
    # A name alone points out nobody: curiosity about a neighbour must not open a record.
    if matches[citizen_id] == {MatchedBy.NAME}:
        return None
    return None if citizens_open_to(viewer).filter(pk=citizen_id).exists() else citizen_id


def relations_to(viewer: Viewer, citizen: Citizen) -> QuerySet[Relation]:
    """All relations of a citizen whose record the viewer may open, the newest first."""
    if not citizens_open_to(viewer).filter(pk=citizen.pk).exists():
        return Relation.objects.none()
    return citizen.relations.select_related("staff__person", "unit").order_by("-valid_from", "pk")


def teams_to_choose(viewer: Viewer) -> QuerySet[Unit]:
    """Units in force that a citizen may be tied to; for those who register citizens."""
    if Permission.REGISTER_CITIZENS not in viewer.permissions:
        return Unit.objects.none()
    return Unit.objects.on(viewer.today)


def workers_to_choose(viewer: Viewer) -> list[Staff]:
    """Staff whose role lets them follow citizens, by name; for those who register citizens."""
    if Permission.REGISTER_CITIZENS not in viewer.permissions:
        return []
    roles = [role for role in Role if Permission.FOLLOW_CITIZENS in PERMISSIONS[role]]
    following = Grant.objects.on(viewer.today).filter(role__in=roles).values("staff_id")
    staff = Staff.objects.filter(pk__in=following).select_related("person")
    return sorted(staff, key=lambda each: (each.person.family_name, each.person.given_name))


@dataclass(frozen=True)
class AccessRow:
    """One line of the access log, in plain words."""

    at: datetime
    who: str
    action: str
    what: str
    why: str


def access_rows(viewer: Viewer, citizen: Citizen, *, limit: int = 50) -> list[AccessRow]:
    """Who has looked at a citizen's record, the newest first. Three queries, however many rows."""
    if not citizens_open_to(viewer).filter(pk=citizen.pk).exists():
        return []
    events = list(AccessEvent.objects.filter(citizen_id=citizen.pk).order_by("-at", "-pk")[:limit])
    staff = (
        Staff.objects.filter(pk__in={event.actor_id for event in events})
        .select_related("person")
        .prefetch_related("grants")
    )
    people = {each.pk: each for each in staff}
    return [_row(event, people) for event in events]


def _row(event: AccessEvent, people: Mapping[uuid.UUID, Staff]) -> AccessRow:
    staff = people.get(event.actor_id) if event.actor_id else None
    return AccessRow(
        at=event.at,
        who=_who(staff, timezone.localdate(event.at)) if staff else _("the system, at import or set-up"),
        action=str(AccessAction(event.action).label),
        what=hooks.name_of_part(event.what),
        why=_why(event.basis),
    )


def _who(staff: Staff, day: date) -> str:
    # The role on that day: who somebody is today does not explain why they looked then.
    held = [
        grant.get_role_display()
        for grant in staff.grants.all()
        if grant.valid_from <= day and (grant.valid_to is None or grant.valid_to >= day)
    ]
    return f"{staff.person.name} ({', '.join(sorted(set(held)))})" if held else staff.person.name


def _why(basis: str) -> str:
    kind, _colon, detail = basis.partition(":")
    if kind == "search":
        return {
            MatchedBy.NATIONAL_ID: _("searched by national identity number"),
            MatchedBy.PHONE: _("searched by phone number"),
            MatchedBy.NAME_AND_BIRTH_DATE: _("searched by name and date of birth"),
            MatchedBy.NAME: _("searched by name"),
        }[MatchedBy(detail)]
    if kind in Basis.values:
        tie = {"own": _("own relation"), "team": _("through the team")}.get(detail, "")
        return f"{Basis(kind).label} ({tie})" if tie else str(Basis(kind).label)
    return {
        "list": _("has a service relation"),
        "register": _("registered the citizen"),
        "start": _("started a service relation"),
        "command line": _("at import or set-up"),
        "import": _("at import or set-up"),
    }.get(basis, basis)
