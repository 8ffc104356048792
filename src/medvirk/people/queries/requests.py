"""What citizens have asked for: their own, and those that wait for a worker's answer."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet

from medvirk.people.access import Permission, Viewer, can, citizens_open_to
from medvirk.people.logic.requests import RequestState, state_of
from medvirk.people.models import Citizen, CitizenRequest, Grant, Outcome, Relation, Role

WAITING = Q(answered_at__isnull=True, closed_at__isnull=True)


def stage_of(request: CitizenRequest) -> RequestState:
    """How far it has come."""
    return state_of(seen_at=request.seen_at, outcome=request.outcome, closed_at=request.closed_at)


def own_requests(viewer: Viewer, citizen: Citizen) -> QuerySet[CitizenRequest]:
    """What was asked about one's own record, the newest first; a parent or guardian sees what they asked themselves."""
    decision = can(viewer, Permission.OWN_PAGES, citizen)
    if not decision.allowed:
        return CitizenRequest.objects.none()
    found = citizen.requests.select_related("answered_by__person", "asked_by").order_by("-sent_at", "pk")
    return found if decision.reason == "own:self" else found.filter(asked_by_id=viewer.own_person_id)


def requests_open_to(viewer: Viewer) -> QuerySet[CitizenRequest]:
    """Requests about citizens whose record the worker may open."""
    return CitizenRequest.objects.filter(citizen__in=citizens_open_to(viewer)).select_related(
        "citizen__person", "asked_by", "answered_by__person"
    )


def requests_to_answer(viewer: Viewer) -> QuerySet[CitizenRequest]:
    """Those of them that wait for an answer, the most urgent first."""
    return requests_open_to(viewer).filter(WAITING).order_by("due_on", "sent_at", "pk")


def kept_words(viewer: Viewer, citizen: Citizen) -> QuerySet[CitizenRequest]:
    """What waits or was refused for one citizen: the citizen's words stand with the record."""
    with_record = WAITING | Q(outcome=Outcome.REFUSED)
    return requests_open_to(viewer).filter(with_record, citizen=citizen).order_by("-sent_at", "pk")


def overdue_untold(today: date) -> QuerySet[CitizenRequest]:
    """Overdue requests that no leader was told of. For the duty, which has no viewer."""
    return CitizenRequest.objects.filter(WAITING, due_on__lt=today, overdue_told_at__isnull=True)


def leaders_around(citizen: Citizen, day: date) -> list[uuid.UUID]:
    """Persons who lead a team that has a relation to the citizen, or in which a worker of theirs has a role."""
    ties = Relation.objects.on(day).filter(citizen=citizen)
    units = Q(unit__in=ties.filter(unit__isnull=False).values("unit_id")) | Q(
        unit__in=Grant.objects.on(day).filter(staff__in=ties.values("staff_id")).values("unit_id")
    )
    leading = Grant.objects.on(day).filter(units, role=Role.TEAM_LEADER)
    return sorted(set(leading.values_list("staff__person_id", flat=True)))


@dataclass(frozen=True)
class Overdue:
    """How many citizens of one worker or team have waited more than a month for an answer. None of them is named."""

    who: str
    count: int


def overdue_in_units(viewer: Viewer) -> list[Overdue]:
    """For a team leader: where in the teams they lead an answer is overdue. One query."""
    led = {unit for role, unit in viewer.grants if role == Role.TEAM_LEADER}
    if not led:
        return []
    workers = Grant.objects.on(viewer.today).filter(unit__in=led).values("staff_id")
    waiting = CitizenRequest.objects.filter(WAITING, due_on__lt=viewer.today).values("citizen_id")
    ties = (
        Relation.objects.at(viewer.now)
        .filter(Q(unit__in=led) | Q(staff__in=workers), citizen__in=waiting)
        .select_related("staff__person", "unit")
    )
    counted = Counter(tie.staff.person.name if tie.staff is not None else str(tie.unit) for tie in ties)
    return [Overdue(who, count) for who, count in sorted(counted.items())]
