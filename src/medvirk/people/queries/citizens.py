"""Citizens: finding them without learning more than one may, and who has looked."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet

from medvirk.people.access import (
    PERMISSIONS,
    Permission,
    Viewer,
    citizens_closed_to,
    citizens_open_to,
    log_access,
)
from medvirk.people.matching import Criteria, MatchedBy, matching_citizens, strongest
from medvirk.people.models import (
    AccessAction,
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


def log_met(viewer: Viewer | None, national_id: str, *, but: Citizen) -> None:
    """Log that a number typed for one citizen met another."""
    matches = matching_citizens(Criteria(national_id=national_id))
    log_search(viewer, {each: how for each, how in matches.items() if each != but.pk})


def startable_citizen(viewer: Viewer, criteria: Criteria) -> Citizen | None:
    """The one citizen without a relation to the viewer whom the search points out, else None."""
    if Permission.REGISTER_CITIZENS not in viewer.permissions:
        return None
    citizen_id = _startable(viewer, matching_citizens(criteria))
    return Citizen.objects.select_related("person").get(pk=citizen_id) if citizen_id else None


def pointed_out(viewer: Viewer, criteria: Criteria) -> Citizen | None:
    """The one citizen whom the search points out, with or without a relation to the viewer, else None."""
    if Permission.REGISTER_CITIZENS not in viewer.permissions:
        return None
    citizen_id = _pointed_out(matching_citizens(criteria))
    found = Citizen.objects.exclude(pk__in=citizens_closed_to(viewer)).select_related("person")
    return found.filter(pk=citizen_id).first() if citizen_id else None


def _startable(viewer: Viewer, matches: Mapping[uuid.UUID, frozenset[MatchedBy]]) -> uuid.UUID | None:
    citizen_id = _pointed_out(matches)
    if citizen_id is None or citizens_open_to(viewer).filter(pk=citizen_id).exists():
        return None
    return citizen_id


def _pointed_out(matches: Mapping[uuid.UUID, frozenset[MatchedBy]]) -> uuid.UUID | None:
    by_number = {each for each, matched in matches.items() if MatchedBy.NATIONAL_ID in matched}
    # A phone may be shared in a family; the national identity number settles who is meant.
    candidates = by_number or set(matches)
    if len(candidates) != 1:
        return None
    citizen_id = candidates.pop()
    # A name alone points out nobody: curiosity about a neighbour must not open a record.
    return None if matches[citizen_id] == {MatchedBy.NAME} else citizen_id


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
