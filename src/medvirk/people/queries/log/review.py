"""Unusual patterns in the access log: what they are found from, and who may see them."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from medvirk.people.access import Permission, Viewer
from medvirk.people.helping import when_help_ended, with_a_plan
from medvirk.people.logic import normal_phone
from medvirk.people.logic.looking import DEFAULTS, Facts, Opening, Thresholds
from medvirk.people.models import (
    AccessEvent,
    ActorKind,
    Citizen,
    Grant,
    PatternKind,
    Person,
    Relation,
    ReviewState,
    Staff,
    UnusualOpening,
)
from medvirk.people.queries.log.own import day_start
from medvirk.people.queries.units import scope_of

#: How often the pattern has a good reason. Whoever reads it should expect one.
INNOCENT: Mapping[str, Promise] = {
    PatternKind.OTHER_UNITS: _(
        "Mostly it is somebody who covers for a colleague, is on call, or has just moved."
    ),
    PatternKind.NO_CONTACT: _(
        "Often the citizen could not be reached, or a leader spread new citizens on the team."
    ),
    PatternKind.SAME_NAME: _("Nearly always chance: common names are shared by thousands."),
    PatternKind.AT_NIGHT: _("Mostly an extra shift, or notes written late."),
    PatternKind.REFUSED: _("Often a wrong link, or a bar that nobody had told the worker of."),
    PatternKind.SEARCHES: _("Mostly many newcomers in one day, or tidying of double entries."),
    PatternKind.ENDED: _("Often a complaint, a letter, or somebody who comes back."),
    PatternKind.COLLEAGUE: _("Whoever works here may need help too, and somebody has to give it."),
}
#: Nights are compared with so many days before.
NIGHTS_BEFORE = timedelta(days=28)


def openings_on(day: date) -> list[Opening]:
    """What workers did with records on a day in Norway. For the duty that looks for patterns; no viewer sees it."""
    rows = AccessEvent.objects.filter(
        at__gte=day_start(day), at__lt=day_start(day + timedelta(days=1)), actor_kind=ActorKind.STAFF
    ).exclude(citizen_hash="")
    return [
        Opening(
            each.actor_id, each.citizen_id, timezone.localtime(each.at), each.action, each.what, each.basis
        )
        for each in rows.order_by("at", "pk")
    ]


def facts_for(openings: Sequence[Opening], day: date, limits: Thresholds = DEFAULTS) -> Facts:
    """What is known about those who meet in a day's log. The same number of queries however many."""
    staff = {each.staff_id for each in openings}
    citizens = {each.citizen_id for each in openings}
    people = {
        **dict(Staff.objects.filter(pk__in=staff).values_list("pk", "person_id")),
        **dict(Citizen.objects.filter(pk__in=citizens).values_list("pk", "person_id")),
    }
    persons = Person.objects.filter(pk__in=set(people.values())).only("family_name", "phone").in_bulk()
    held = {who: persons[person] for who, person in people.items() if person in persons}
    works_in = _units_of(Grant.objects.on(day).values_list("staff_id", "unit_id"))
    return Facts(
        names={who: person.family_name.strip().casefold() for who, person in held.items()},
        phones={who: normal_phone(person.phone) for who, person in held.items() if person.phone},
        units_of_staff=works_in,
        units_of_citizen=_helped_in(openings, citizens, works_in, day),
        also_staff=set(
            Citizen.objects.filter(pk__in=citizens, person__staff__isnull=False).values_list("pk", flat=True)
        ),
        ended=when_help_ended(citizens),
        started=_started_without_plan(day, limits),
        nights=_nights(staff, day, limits),
    )


def _units_of(pairs: Iterable[tuple[uuid.UUID, uuid.UUID]]) -> dict[uuid.UUID, set[uuid.UUID]]:
    found: dict[uuid.UUID, set[uuid.UUID]] = {}
    for who, unit in pairs:
        found.setdefault(who, set()).add(unit)
    return found


def _helped_in(
    openings: Sequence[Opening],
    citizens: Collection[uuid.UUID],
    works_in: Mapping[uuid.UUID, Collection[uuid.UUID]],
    day: date,
) -> dict[uuid.UUID, set[uuid.UUID]]:
    """Where citizens get help: their teams, and where those work who have a relation and did not open it today."""
    found: dict[uuid.UUID, set[uuid.UUID]] = {}
    opened = {(each.staff_id, each.citizen_id) for each in openings}
    relations = Relation.objects.on(day).filter(citizen_id__in=citizens)
    for citizen, staff, unit in relations.values_list("citizen_id", "staff_id", "unit_id"):
        if unit:
            found.setdefault(citizen, set()).add(unit)
        elif (staff, citizen) not in opened:
            found.setdefault(citizen, set()).update(works_in.get(staff, ()))
    return found


def _started_without_plan(day: date, limits: Thresholds) -> set[tuple[uuid.UUID, uuid.UUID]]:
    """Relations that workers started themselves shortly before `day`, with no conversation planned since."""
    since = day_start(day - limits.planned)
    started = AccessEvent.objects.filter(
        at__gte=since, at__lt=day_start(day + timedelta(days=1)), actor_kind=ActorKind.STAFF, basis="start"
    )
    # Given time to plan: only what was started before today counts.
    pairs = {(each.actor_id, each.citizen_id) for each in started if timezone.localdate(each.at) < day}
    return pairs - with_a_plan(pairs, since)


def _nights(staff: Collection[uuid.UUID], day: date, limits: Thresholds) -> dict[uuid.UUID, int]:
    """On how many of the nights before each worker opened records."""
    late = Q(at__hour__gte=limits.night_from) | Q(at__hour__lt=limits.night_to)
    rows = AccessEvent.objects.by(staff).filter(
        late, at__gte=day_start(day - NIGHTS_BEFORE), at__lt=day_start(day), actor_kind=ActorKind.STAFF
    )
    seen = {(each.actor_id, timezone.localdate(each.at)) for each in rows.only("actor_id", "at")}
    found: dict[uuid.UUID, int] = {}
    for who, _night in seen:
        found[who] = found.get(who, 0) + 1
    return found


@dataclass(frozen=True)
class PatternRow:
    """A pattern as it is shown. `innocent` says how often it has a good reason."""

    found: UnusualOpening
    name: str
    who: str
    innocent: str
    may_settle: bool


@dataclass(frozen=True)
class DayOfPatterns:
    day: date
    rows: tuple[PatternRow, ...]


def patterns(viewer: Viewer, *, settled: bool = False, limit: int = 200) -> list[DayOfPatterns]:
    """Patterns of workers in the viewer's units, day by day, the newest first: those nobody has looked at, or the rest.

    Never one's own: nobody reviews themselves. Not by how many a worker has, for that would be a ranking.
    """
    rows = _visible(viewer).select_related("staff__person", "looked_by__person")
    rows = rows.exclude(state=ReviewState.OPEN) if settled else rows.filter(state=ReviewState.OPEN)
    by_day: dict[date, list[PatternRow]] = {}
    for each in rows.order_by("-day", "kind", "first_at", "pk")[:limit]:
        by_day.setdefault(each.day, []).append(
            PatternRow(
                each,
                str(PatternKind(each.kind).label),
                each.staff.person.name,
                str(INNOCENT[each.kind]),
                each.state == ReviewState.OPEN,
            )
        )
    return [DayOfPatterns(day, tuple(found)) for day, found in by_day.items()]


def _visible(viewer: Viewer) -> QuerySet[UnusualOpening]:
    if Permission.REVIEW_LOG not in viewer.permissions:
        return UnusualOpening.objects.none()
    # Also who has moved on since: the review is of the day, and somebody must be able to ask.
    held = Grant.objects.filter(unit_id__in=scope_of(viewer, Permission.REVIEW_LOG)).values("staff_id")
    mine = {viewer.staff_id} if viewer.staff_id else set()
    return UnusualOpening.objects.filter(staff_id__in=held).exclude(staff_id__in=mine)


def pattern_to_settle(viewer: Viewer, pattern_id: uuid.UUID) -> UnusualOpening | None:
    """One pattern that the viewer may look into; None where there is no such for them. One query more than units."""
    return _visible(viewer).select_related("staff__person").filter(pk=pattern_id).first()
