"""May this viewer open this record? The facts are fetched here, in one query; the rule is `logic.decide`."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Protocol

from django.db.models import Exists, F, FilteredRelation, OuterRef, Q, QuerySet

from medvirk.people.access.permissions import Permission, roles_with
from medvirk.people.access.viewer import Viewer
from medvirk.people.logic import (
    CitizenFacts,
    Decision,
    GuardianRights,
    Need,
    Tie,
    age_on,
    decide,
    guardian_rights,
)
from medvirk.people.logic.access import BY_ROLE, NO_RELATION, NO_ROLE, NOT_THEIRS_TO_SAY
from medvirk.people.models import Bar, Citizen, Grant, Guardianship, Relation, Staff, Unit

#: In what capacity each permission opens a record; the others never open one.
NEEDS = {
    Permission.FOLLOW_CITIZENS: Need.CARE,
    Permission.REGISTER_CITIZENS: Need.CARE,
    Permission.SEE_SHARED: Need.SHARED,
    Permission.OWN_PAGES: Need.OWN,
}


class Record(Protocol):
    """Anything that belongs to one or more citizens: a citizen, an episode, a session."""

    def record_of(self) -> frozenset[uuid.UUID]:
        """Ids of the citizens whose record this is."""


def can(
    viewer: Viewer, permission: Permission, record: Record | None = None, *, part: str | None = None
) -> Decision:
    """May the viewer do this, and with this record (for a partner: with this part of it)?

    At most one query, and none for a citizen who was asked about before in the same request.
    """
    if permission not in viewer.permissions:
        return NO_ROLE
    if record is None:
        return BY_ROLE
    need = NEEDS.get(permission)
    citizens = record.record_of()
    if need is None or not citizens:
        return NO_RELATION
    if need is Need.CARE and Permission.FOLLOW_CITIZENS not in viewer.permissions:
        # Who only registers, as a secretary, opens no record, also where an old relation is still in force.
        return NO_ROLE
    return decide(need, facts_of(viewer, citizens), part)


def may_tell_wish(viewer: Viewer, citizen: Record) -> Decision:
    """May they say what the citizen wants: a worker who was told, the citizen, or one who decides for them?"""
    if viewer.own_person_id is None:
        return can(viewer, Permission.FOLLOW_CITIZENS, citizen)
    decision = can(viewer, Permission.OWN_PAGES, citizen)
    facts = facts_of(viewer, citizen.record_of())
    speaks = all(each.own_account or each.guardian_decides for each in facts)
    return decision if speaks or not decision.allowed else NOT_THEIRS_TO_SAY


def facts_of(viewer: Viewer, citizen_ids: Iterable[uuid.UUID]) -> list[CitizenFacts]:
    """What stands between the viewer and these citizens, now. One query, none for those fetched before."""
    wanted = list(citizen_ids)
    missing = [each for each in wanted if each not in viewer.facts]
    if missing:
        fetch = _own_facts if viewer.own_person_id is not None else _worker_facts
        viewer.facts.update({each.citizen_id: each for each in fetch(viewer, missing)})
    return [viewer.facts.get(each, CitizenFacts(each)) for each in wanted]


def relations_of(viewer: Viewer) -> QuerySet[Relation]:
    """Relations in force that open whole records for this worker: own ones, and those of teams one works in."""
    if viewer.staff_id is None or Permission.FOLLOW_CITIZENS not in viewer.permissions:
        return Relation.objects.none()
    mine = Q(staff_id=viewer.staff_id) | Q(unit_id__in=viewer.units_with(Permission.FOLLOW_CITIZENS))
    return Relation.objects.at(viewer.now).filter(mine, opens_all=True)


def shared_with(viewer: Viewer) -> QuerySet[Relation]:
    """Relations in force by which citizens share something with this partner, or with their organisation."""
    if viewer.staff_id is None or Permission.SEE_SHARED not in viewer.permissions:
        return Relation.objects.none()
    mine = Q(staff_id=viewer.staff_id) | Q(unit_id__in=viewer.units_with(Permission.SEE_SHARED))
    return (
        Relation.objects.at(viewer.now)
        .filter(mine, basis="consent")
        .exclude(opens_all=False, parts=[])
        .exclude(citizen__in=citizens_closed_to(viewer))
    )


def partner_staff(day: date) -> QuerySet[Staff]:
    """Partners with whom a citizen can share something, on a day."""
    return Staff.objects.filter(pk__in=_partner_grants(day).values("staff_id"))


def partner_units(day: date) -> QuerySet[Unit]:
    """Organisations with such partners in them, on a day."""
    return Unit.objects.on(day).filter(pk__in=_partner_grants(day).values("unit_id"))


def _partner_grants(day: date) -> QuerySet[Grant]:
    return Grant.objects.on(day).filter(role__in=roles_with(Permission.SEE_SHARED))


def citizens_open_to(viewer: Viewer) -> QuerySet[Citizen]:
    """Citizens whose record the worker may open."""
    opened = Citizen.objects.filter(pk__in=relations_of(viewer).values("citizen_id"))
    return opened.exclude(pk__in=citizens_closed_to(viewer).values("pk"))


def citizens_sharing(viewer: Viewer, part: str) -> QuerySet[Citizen]:
    """Citizens who share this part with this partner now. Two queries."""
    # Which parts a relation holds is a list in one column, which SQLite cannot search.
    shared = [each.citizen_id for each in shared_with(viewer) if each.opens_all or part in each.parts]
    return Citizen.objects.filter(pk__in=shared)


def citizens_closed_to(viewer: Viewer) -> QuerySet[Citizen]:
    """Citizens whose record no relation opens to this worker: barred, or the worker themselves.

    What belongs to several citizens is closed by one of them: exclude by this wherever such things are listed.
    """
    bars = Bar.objects.at(viewer.now).filter(staff_id=viewer.staff_id)
    own = Citizen.objects.filter(Q(person_id=viewer.person_id))
    # A union, as no index serves "one of these or one of those": every citizen there is would be looked at.
    return Citizen.objects.filter(pk__in=own.values("pk").union(bars.values("citizen_id")))


def _worker_facts(viewer: Viewer, citizen_ids: list[uuid.UUID]) -> list[CitizenFacts]:
    day = viewer.today
    helping, sharing = viewer.units_with(Permission.FOLLOW_CITIZENS), viewer.units_with(Permission.SEE_SHARED)
    units = helping | sharing
    tie = FilteredRelation(
        "relations",
        condition=(Q(relations__staff_id=viewer.staff_id) | Q(relations__unit_id__in=units))
        & Q(relations__valid_from__lte=day)
        & (Q(relations__valid_to__isnull=True) | Q(relations__valid_to__gte=day))
        & (Q(relations__ends_at__isnull=True) | Q(relations__ends_at__gt=viewer.now)),
    )
    bars = Bar.objects.at(viewer.now).filter(staff_id=viewer.staff_id, citizen_id=OuterRef("pk"))
    rows = (
        Citizen.objects.filter(pk__in=citizen_ids)
        .annotate(
            tie=tie,
            tie_id=F("tie__pk"),
            basis=F("tie__basis"),
            tied_unit=F("tie__unit_id"),
            opens_all=F("tie__opens_all"),
            parts=F("tie__parts"),
            tie_ends_at=F("tie__ends_at"),
            barred=Exists(bars),
            died_on=F("person__died_on"),
        )
        .values()
    )
    facts: dict[uuid.UUID, CitizenFacts] = {}
    for row in rows:
        before = facts.get(row["id"])
        ties = before.ties if before else ()
        if row["tie_id"] is not None:
            ties += (_tie(row, helping, sharing),)
        facts[row["id"]] = CitizenFacts(
            row["id"],
            ties,
            is_self=viewer.person_id is not None and row["person_id"] == viewer.person_id,
            barred=row["barred"],
            dead=row["died_on"] is not None,
        )
    return list(facts.values())


def _tie(row: Mapping[str, Any], helping: frozenset[uuid.UUID], sharing: frozenset[uuid.UUID]) -> Tie:
    return Tie(
        row["basis"],
        row["tied_unit"] is None,
        row["opens_all"],
        frozenset(row["parts"]),
        _needs(row["tied_unit"], helping, sharing),
        row["tie_ends_at"],
        row["tie_id"],
    )


def _needs(
    unit: uuid.UUID | None, helping: frozenset[uuid.UUID], sharing: frozenset[uuid.UUID]
) -> frozenset[Need]:
    """In which capacities a relation counts: one's own in both, a team's in those one has there."""
    counts = {Need.CARE: unit is None or unit in helping, Need.SHARED: unit is None or unit in sharing}
    return frozenset(need for need, does in counts.items() if does)


def _own_facts(viewer: Viewer, citizen_ids: list[uuid.UUID]) -> list[CitizenFacts]:
    rows = (
        Citizen.objects.filter(pk__in=citizen_ids)
        .select_related("person")
        .annotate(
            ward=FilteredRelation(
                "guardianships",
                condition=Q(guardianships__guardian_id=viewer.own_person_id)
                & Q(guardianships__valid_from__lte=viewer.today)
                & (Q(guardianships__valid_to__isnull=True) | Q(guardianships__valid_to__gte=viewer.today)),
            ),
            kind=F("ward__kind"),
            withheld=F("ward__withheld"),
            covers_health=F("ward__covers_health"),
        )
    )
    facts: dict[uuid.UUID, CitizenFacts] = {}
    for row in rows:
        before = facts.get(row.pk)
        rights = _guardian_rights(row, viewer)
        facts[row.pk] = CitizenFacts(
            row.pk,
            dead=row.person.died_on is not None,
            own_account=row.person_id == viewer.own_person_id,
            # Somebody may be both parent and guardian: what either gives, they have.
            guardian_sees=(before is not None and before.guardian_sees) or rights.sees,
            guardian_decides=(before is not None and before.guardian_decides) or rights.decides,
        )
    return list(facts.values())


def _guardian_rights(row: Citizen, viewer: Viewer) -> GuardianRights:
    kind: str | None = row.kind  # type: ignore[attr-defined]
    if kind is None:
        return GuardianRights(sees=False, decides=False, reason="no guardian")
    return guardian_rights(
        kind,
        age=age_on(row.person.birth_date, viewer.today),
        withheld=row.withheld,  # type: ignore[attr-defined]
        covers_health=row.covers_health,  # type: ignore[attr-defined]
    )


def citizens_of(viewer: Viewer) -> list[Citizen]:
    """The viewer's own record first, then those of whom they are a parent or guardian and whom they may see.

    Two queries.
    """
    if viewer.own_person_id is None:
        return []
    wards = Guardianship.objects.on(viewer.today).filter(guardian_id=viewer.own_person_id)
    mine = (
        Citizen.objects.filter(person_id=viewer.own_person_id).values("pk").union(wards.values("citizen_id"))
    )
    found = {each.pk: each for each in Citizen.objects.filter(pk__in=mine).select_related("person")}
    open_ones = [each.citizen_id for each in facts_of(viewer, found) if decide(Need.OWN, [each]).allowed]
    return sorted(
        (found[each] for each in open_ones), key=lambda each: each.person_id != viewer.own_person_id
    )
