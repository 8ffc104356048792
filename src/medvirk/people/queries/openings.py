"""Who can open a citizen's record, what is shared, who is kept out, and who speaks for the citizen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from medvirk.people.access import Viewer, can, partner_staff, partner_units, place_of
from medvirk.people.access.permissions import Permission
from medvirk.people.hooks import shared_parts
from medvirk.people.logic import GuardianRights, age_on, guardian_rights
from medvirk.people.models import Bar, Basis, Citizen, Guardianship, Relation, Staff, Unit


@dataclass(frozen=True)
class Tied:
    """A relation as workers read it. `who`: the worker or team, hidden where the address is protected."""

    relation: Relation
    who: str
    parts: tuple[str, ...]
    running: bool


def ties_of(viewer: Viewer, citizen: Citizen, relations: Sequence[Relation]) -> list[Tied]:
    """Relations from `relations_to`, as they may be shown."""
    labels = {each.code: str(each.label) for each in shared_parts()}
    return [
        Tied(
            relation=each,
            who=each.staff.person.name if each.staff else place_of(viewer, citizen, _unit(each)),
            parts=tuple(labels.get(code, code) for code in each.parts),
            running=_runs(viewer, each),
        )
        for each in relations
    ]


def _unit(relation: Relation) -> Unit:
    assert relation.unit is not None  # by the constraint relation_is_to_a_worker_or_a_team
    return relation.unit


def _runs(viewer: Viewer, each: Relation) -> bool:
    on_day = each.valid_from <= viewer.today and (each.valid_to is None or each.valid_to >= viewer.today)
    return on_day and (each.ends_at is None or each.ends_at > viewer.now)


def bars_to(viewer: Viewer, citizen: Citizen) -> QuerySet[Bar]:
    """Workers who are kept out now, so that nobody hands over to them; for those who have the record open."""
    if not can(viewer, Permission.FOLLOW_CITIZENS, citizen).allowed:
        return Bar.objects.none()
    return (
        Bar.objects.at(viewer.now).filter(citizen=citizen).select_related("staff__person").order_by("-set_at")
    )


@dataclass(frozen=True)
class Guards:
    """A parent or guardian, and what the law gives them at the citizen's age today."""

    guardianship: Guardianship
    rights: GuardianRights


def guardians_of(viewer: Viewer, citizen: Citizen) -> list[Guards]:
    """Parents and guardians in force; for those who have the record open. One query."""
    if not can(viewer, Permission.FOLLOW_CITIZENS, citizen).allowed:
        return []
    age = age_on(citizen.person.birth_date, viewer.today)
    held = Guardianship.objects.on(viewer.today).filter(citizen=citizen).select_related("guardian")
    return [
        Guards(
            each,
            guardian_rights(each.kind, age=age, withheld=each.withheld, covers_health=each.covers_health),
        )
        for each in held.order_by("valid_from", "pk")
    ]


def guardianships_to_change(viewer: Viewer, citizen: Citizen) -> QuerySet[Guardianship]:
    if not can(viewer, Permission.FOLLOW_CITIZENS, citizen).allowed:
        return Guardianship.objects.none()
    return Guardianship.objects.filter(citizen=citizen).select_related("guardian", "citizen__person")


def sharing_to_change(viewer: Viewer, citizen: Citizen) -> QuerySet[Relation]:
    """What the citizen shares now, for the workers who write down what they want."""
    if not can(viewer, Permission.FOLLOW_CITIZENS, citizen).allowed:
        return Relation.objects.none()
    running = Relation.objects.at(viewer.now).filter(citizen=citizen, basis=Basis.CONSENT)
    return running.select_related("staff__person", "unit", "citizen__person")


def partners_to_choose(viewer: Viewer) -> tuple[QuerySet[Staff], QuerySet[Unit]]:
    """Partners, and their organisations, with whom a citizen can share something today."""
    if not viewer.permissions & {Permission.REGISTER_CITIZENS, Permission.OWN_PAGES}:
        return Staff.objects.none(), Unit.objects.none()
    return partner_staff(viewer.today).select_related("person"), partner_units(viewer.today)


@dataclass(frozen=True)
class SharedRecord:
    """A citizen who shares something with this partner: what, and until when."""

    citizen: Citizen
    relations: tuple[Relation, ...]
    codes: frozenset[str]

    @property
    def parts(self) -> tuple[str, ...]:
        return tuple(str(each.label) for each in shared_parts() if each.code in self.codes)


def shared_records(relations: Sequence[Relation]) -> list[SharedRecord]:
    """Relations from `access.shared_with`, one line for each citizen, by name."""
    by_citizen: dict[Citizen, list[Relation]] = {}
    for each in relations:
        by_citizen.setdefault(each.citizen, []).append(each)
    records = [
        SharedRecord(citizen, tuple(held), frozenset(code for each in held for code in _codes(each)))
        for citizen, held in by_citizen.items()
    ]
    return sorted(records, key=lambda each: (each.citizen.person.family_name, each.citizen.person.given_name))


def _codes(relation: Relation) -> Sequence[str]:
    return [each.code for each in shared_parts()] if relation.opens_all else relation.parts
