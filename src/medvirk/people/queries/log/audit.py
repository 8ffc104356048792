"""Searching the access log: for the auditor. Reading it about a citizen is itself a row of that citizen's log."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from medvirk.people.access import Permission, Viewer, log_access, log_house, log_listing
from medvirk.people.logic import units_under
from medvirk.people.matching import Criteria, matching_citizens
from medvirk.people.models import AccessAction, AccessEvent, Citizen, Grant, Staff, Unit
from medvirk.people.queries.log.own import Names, day_start, emergency_reasons, ids_in_log
from medvirk.people.queries.log.sentences import sentence
from medvirk.people.queries.units import scope_of

NOBODY = Criteria()
ROWS_ON_A_PAGE = 50
#: More than a spreadsheet is read for. Whoever needs more narrows the period.
ROWS_IN_A_FILE = 10_000


@dataclass(frozen=True)
class LogSearch:
    """What rows are searched for. Empty means all; `citizen` is exact, as wherever citizens are searched for."""

    citizen: Criteria = NOBODY
    staff_id: uuid.UUID | None = None
    unit_id: uuid.UUID | None = None
    since: date | None = None
    until: date | None = None
    action: str = ""
    emergency: bool = False


@dataclass(frozen=True)
class AuditRow:
    """A row as the auditor reads it. `citizen` is a name; empty where the row is about nobody in particular."""

    at: datetime
    sentence: str
    citizen: str
    emergency: bool
    reason: str


@dataclass(frozen=True)
class AuditPage:
    rows: tuple[AuditRow, ...]
    number: int
    older: int | None

    @property
    def newer(self) -> int | None:
        return self.number - 1 if self.number > 1 else None


def search_log(viewer: Viewer, search: LogSearch, page: int = 1) -> AuditPage:
    """Rows, the newest first, in the units the auditor looks after. Logged for each citizen shown, once a day.

    Shows who looked at whose record and why, and nothing of what stands in it.
    """
    first = (max(page, 1) - 1) * ROWS_ON_A_PAGE
    found = list(_matching(viewer, search)[first : first + ROWS_ON_A_PAGE + 1])
    shown = found[:ROWS_ON_A_PAGE]
    _tell(viewer, shown)
    number = max(page, 1)
    return AuditPage(_rows(viewer, shown), number, number + 1 if len(found) > ROWS_ON_A_PAGE else None)


def _tell(viewer: Viewer, shown: Sequence[AccessEvent]) -> None:
    citizens = {each.citizen_id for each in shown if each.citizen_id}
    if citizens:
        log_listing(viewer, citizens, "people.log", action=AccessAction.LISTED, basis="audit")


def log_file(viewer: Viewer, search: LogSearch) -> Iterator[tuple[str, ...]]:
    """The same rows for a file, headings first. Logged for each citizen in it, every time.

    At most `ROWS_IN_A_FILE`, the newest.
    """
    found = list(_matching(viewer, search)[:ROWS_IN_A_FILE])
    citizens = {each.citizen_id for each in found if each.citizen_id}
    log_access(viewer, citizens, "people.log", action=AccessAction.EXPORTED, basis="audit")
    log_house(viewer, "people.log", action=AccessAction.EXPORTED, basis="audit")
    yield (_("When"), _("What happened"), _("Citizen"), _("Emergency"), _("Reason"))
    for row in _rows(viewer, found):
        yield (
            row.at.isoformat(timespec="seconds"),
            row.sentence,
            row.citizen,
            _("yes") if row.emergency else "",
            row.reason,
        )


def _matching(viewer: Viewer, search: LogSearch) -> QuerySet[AccessEvent]:
    if Permission.READ_LOG not in viewer.permissions:
        return AccessEvent.objects.none()
    rows = AccessEvent.objects.order_by("-at", "-pk")
    actors = _actors(viewer, search)
    if actors is not None:
        rows = rows.by(actors)
    if not search.citizen.is_empty:
        rows = rows.about(
            each for citizen in matching_citizens(search.citizen) for each in ids_in_log(citizen)
        )
    if search.since:
        rows = rows.filter(at__gte=day_start(search.since))
    if search.until:
        rows = rows.filter(at__lt=day_start(search.until + timedelta(days=1)))
    if search.action:
        rows = rows.filter(action=search.action)
    return rows.filter(basis__startswith="emergency") if search.emergency else rows


def _actors(viewer: Viewer, search: LogSearch) -> set[uuid.UUID] | None:
    """Whose rows may be shown and are searched for; None is everybody's, also the system's and the citizens' own."""
    scope = scope_of(viewer, Permission.READ_LOG)
    everywhere = not Unit.objects.exclude(pk__in=scope).exists()
    if everywhere and search.staff_id is None and search.unit_id is None:
        return None
    units = _below(search.unit_id) & scope if search.unit_id else scope
    found = set(Grant.objects.filter(unit_id__in=units).values_list("staff_id", flat=True))
    if search.staff_id is None:
        return found
    return {search.staff_id} if (everywhere and not search.unit_id) or search.staff_id in found else set()


def _below(unit_id: uuid.UUID) -> frozenset[uuid.UUID]:
    return units_under(dict(Unit.objects.values_list("id", "parent_id")), {unit_id})


def _rows(viewer: Viewer, events: Sequence[AccessEvent]) -> tuple[AuditRow, ...]:
    names = Names(events, viewer)
    citizens = _citizen_names({each.citizen_id for each in events if each.citizen_id})
    reasons = emergency_reasons({each.citizen_id for each in events if each.citizen_id}, events)
    return tuple(
        AuditRow(
            at=each.at,
            sentence=sentence(each, names.who(each), to_citizen=False),
            citizen=citizens.get(each.citizen_id, _("nobody who is registered now"))
            if each.citizen_id
            else "",
            emergency=each.is_emergency,
            reason=reasons.get(each.pk, ""),
        )
        for each in events
    )


def _citizen_names(ids: set[uuid.UUID]) -> dict[uuid.UUID, str]:
    found = Citizen.objects.filter(pk__in=ids).select_related("person")
    return {each.pk: each.person.name for each in found}


def staff_to_audit(viewer: Viewer) -> list[Staff]:
    """Workers whose rows the auditor may search for, by name. Two queries."""
    scope = scope_of(viewer, Permission.READ_LOG)
    held = Grant.objects.filter(unit_id__in=scope).values("staff_id")
    found = Staff.objects.filter(pk__in=held).select_related("person")
    return sorted(found, key=lambda each: (each.person.family_name, each.person.given_name))


def units_to_audit(viewer: Viewer) -> QuerySet[Unit]:
    """Units the auditor looks after, also ended ones."""
    return Unit.objects.filter(pk__in=scope_of(viewer, Permission.READ_LOG)).order_by("name")
