"""Records that may be of one person: who they are, what would change, and what was put together."""

from __future__ import annotations

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from django.db.models import Count, Q, QuerySet

from medvirk.people.access import Permission, Viewer, roles_with
from medvirk.people.following import tallies
from medvirk.people.matching import MatchedBy
from medvirk.people.models import (
    Bar,
    Consent,
    Grant,
    KeyKind,
    Person,
    PersonKey,
    PersonMerge,
    Relation,
    Staff,
    SuspectedDuplicate,
    SuspicionState,
    Unit,
)
from medvirk.people.queries.units import covers_the_house

#: A phone that more people share than this is an institution's and says nothing about who is who.
SHARED_BY_MANY = 6


def merges_here(viewer: Viewer) -> bool:
    """Whether the viewer may see and merge records of the whole house: who is in it is nobody else's to read."""
    return covers_the_house(viewer, Permission.MERGE_PERSONS)


def others_who_merge(viewer: Viewer) -> QuerySet[Staff]:
    """Who else may put records together: who holds it at the top, which covers the whole house, and can sign in."""
    parents = Unit.objects.parents_on(viewer.today)
    tops = [unit for unit, parent in parents.items() if parent is None]
    held = Grant.objects.on(viewer.today).filter(
        role__in=roles_with(Permission.MERGE_PERSONS), unit_id__in=tops
    )
    return Staff.objects.filter(pk__in=held.values("staff_id"), user__is_active=True).exclude(
        user=viewer.user_id
    )


def proposed_merge(viewer: Viewer, one: uuid.UUID, other: uuid.UUID) -> SuspectedDuplicate | None:
    """What another administrator, or the viewer, has proposed for these two and nobody has decided."""
    if not merges_here(viewer):
        return None
    first, second = sorted((one, other))
    found = (
        SuspectedDuplicate.objects.filter(first_id=first, second_id=second)
        .select_related("merge_proposed_by__person")
        .first()
    )
    return found if found is not None and found.awaits_agreement else None


@dataclass(frozen=True)
class Candidate:
    """Two records that may be of one person, why, and who says so."""

    first: Person
    second: Person
    why: frozenset[MatchedBy]
    suspicion: SuspectedDuplicate | None = None

    @property
    def first_id(self) -> uuid.UUID:
        return self.first.pk

    @property
    def second_id(self) -> uuid.UUID:
        return self.second.pk

    @property
    def same_birth_date(self) -> bool:
        return MatchedBy.NAME_AND_BIRTH_DATE in self.why

    @property
    def same_phone(self) -> bool:
        return MatchedBy.PHONE in self.why


def candidates(viewer: Viewer) -> list[Candidate]:
    """Pairs that nobody has decided on: those somebody has pointed out first. Three queries, however many.

    Same name and date of birth, or same phone; nothing of the records themselves.
    """
    if not merges_here(viewer):
        return []
    suspicions = SuspectedDuplicate.objects.select_related(
        "first", "second", "proposed_by__person", "merge_proposed_by__person"
    )
    decided: dict[tuple[uuid.UUID, uuid.UUID], SuspectedDuplicate] = {
        (each.first_id, each.second_id): each for each in suspicions
    }
    pairs: dict[tuple[uuid.UUID, uuid.UUID], set[MatchedBy]] = defaultdict(set)
    people: dict[uuid.UUID, Person] = {}
    for kind, persons in _alike():
        for one, other in combinations(sorted(persons, key=lambda each: each.pk), 2):
            if kind == KeyKind.PHONE or (one.birth_date and one.birth_date == other.birth_date):
                way = MatchedBy.PHONE if kind == KeyKind.PHONE else MatchedBy.NAME_AND_BIRTH_DATE
                pairs[one.pk, other.pk].add(way)
                people.update({one.pk: one, other.pk: other})
    said = [
        Candidate(each.first, each.second, frozenset(pairs.get(pair, ())), each)
        for pair, each in decided.items()
        if each.state == SuspicionState.OPEN and not (each.first.merged_into_id or each.second.merged_into_id)
    ]
    found = [
        Candidate(people[first], people[second], frozenset(why))
        for (first, second), why in pairs.items()
        if (first, second) not in decided
    ]
    return said + sorted(
        found, key=lambda each: (MatchedBy.NAME_AND_BIRTH_DATE not in each.why, each.first.name)
    )


def _alike() -> Iterable[tuple[str, list[Person]]]:
    """Citizens with the same name, and with the same phone."""
    keys = PersonKey.objects.filter(
        kind__in=(KeyKind.NAME, KeyKind.PHONE), person__citizen__isnull=False, person__merged_into=None
    )
    several = (
        keys.values("kind", "digest")
        .annotate(people=Count("person"))
        .filter(people__gt=1, people__lte=SHARED_BY_MANY)
    )
    shared = keys.filter(digest__in=several.values("digest")).select_related("person")
    together: dict[tuple[str, str], list[Person]] = defaultdict(list)
    for key in shared:
        together[key.kind, key.digest].append(key.person)
    return [(kind, persons) for (kind, _digest), persons in together.items() if len(persons) > 1]


def pair_to_merge(viewer: Viewer, one: uuid.UUID, other: uuid.UUID) -> tuple[Person, Person] | None:
    """Two records that can be compared: both of citizens, and neither merged away."""
    if one == other or not merges_here(viewer):
        return None
    found = {
        each.pk: each
        for each in Person.objects.filter(pk__in=[one, other], citizen__isnull=False, merged_into=None)
    }
    return (found[one], found[other]) if len(found) == 2 else None


@dataclass(frozen=True)
class Counted:
    """How much there is of something in each of two records."""

    label: str
    first: int
    second: int


def counted(viewer: Viewer, first: Person, second: Person) -> list[Counted]:
    """What there is in both records, by number only. One query for each kind."""
    if not merges_here(viewer):
        return []
    one, other = first.citizen.pk, second.citizen.pk
    found = []
    for tally in tallies():
        counts = tally.count([one, other])
        found.append(Counted(str(tally.label), counts.get(one, 0), counts.get(other, 0)))
    return found


def gains(viewer: Viewer, first: Person, second: Person) -> list[str]:
    """Workers and teams that can open one of the records today, and will open both. Two queries."""
    if not merges_here(viewer):
        return []
    ids = {first.citizen.pk, second.citizen.pk}
    relations = (
        Relation.objects.at(viewer.now).filter(citizen__in=ids).select_related("staff__person", "unit")
    )
    barred = set(Bar.objects.at(viewer.now).filter(citizen__in=ids).values_list("staff_id", flat=True))
    opens: dict[str, set[uuid.UUID]] = defaultdict(set)
    for relation in relations:
        if relation.staff is not None and relation.staff_id not in barred:
            opens[relation.staff.person.name].add(relation.citizen_id)
        elif relation.unit is not None:
            opens[relation.unit.name].add(relation.citizen_id)
    return sorted(name for name, citizens in opens.items() if citizens != ids)


def losses(viewer: Viewer, first: Person, second: Person) -> list[str]:
    """Workers who are barred from one of the records, and will be from both. One query."""
    if not merges_here(viewer):
        return []
    barred = Staff.objects.filter(
        pk__in=Bar.objects.at(viewer.now).filter(citizen__person__in=[first, second]).values("staff_id")
    )
    return sorted(each.person.name for each in barred.select_related("person"))


def merges(viewer: Viewer) -> QuerySet[PersonMerge]:
    """What was put together here, the newest first."""
    if not merges_here(viewer):
        return PersonMerge.objects.none()
    return PersonMerge.objects.select_related("kept", "duplicate", "made_by__person", "undone_by__person")


def relation_tally(citizens: Collection[uuid.UUID]) -> Mapping[uuid.UUID, int]:
    """How many relations each citizen has, or has had."""
    rows = Relation.objects.filter(citizen__in=citizens).values("citizen").annotate(n=Count("pk"))
    return {row["citizen"]: row["n"] for row in rows}


def both_consents_differ(first: Person, second: Person) -> bool:
    """Have the two records said yes and no to the same purpose?"""
    said: dict[str, set[bool]] = defaultdict(set)
    for consent in Consent.objects.filter(
        Q(citizen__person=first) | Q(citizen__person=second), ended_at__isnull=True
    ):
        said[consent.purpose].add(consent.yes)
    return any(len(answers) > 1 for answers in said.values())
