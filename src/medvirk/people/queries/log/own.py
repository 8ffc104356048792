"""Who has looked at one citizen's record, day by day, for the citizen and for those who help them."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.translation import gettext as _

from medvirk.people.access import Permission, Viewer, can
from medvirk.people.logic.looking import fold
from medvirk.people.models import (
    AccessAction,
    AccessEvent,
    ActorKind,
    Basis,
    Citizen,
    Person,
    PersonMerge,
    Relation,
    Staff,
)
from medvirk.people.queries.log.sentences import Who, sentence

DAYS_ON_A_PAGE = 14


@dataclass(frozen=True)
class LogLine:
    """One look. `at` is when it began; `until` when it was done again for the last time, `times` how often in all.

    `reason` is what was written down for emergency access.
    """

    at: datetime
    until: datetime
    times: int
    sentence: str
    emergency: bool
    reason: str


@dataclass(frozen=True)
class LogDay:
    day: date
    lines: tuple[LogLine, ...]


@dataclass(frozen=True)
class LogPage:
    """Days with something in the log, the newest first. Pages count from 1."""

    days: tuple[LogDay, ...]
    number: int
    pages: int

    @property
    def older(self) -> int | None:
        return self.number + 1 if self.number < self.pages else None

    @property
    def newer(self) -> int | None:
        return self.number - 1 if self.number > 1 else None


def own_log(viewer: Viewer, citizen: Citizen, page: int = 1, *, days: int = DAYS_ON_A_PAGE) -> LogPage:
    """Who has looked, in plain words: to the citizen themselves, a guardian who may see, or a worker.

    Nobody's name is hidden: whoever opens a record has to stand for it. Empty for whom the record is not open.
    The same number of queries however many rows. `days`: so many on a page.
    """
    own = viewer.own_person_id is not None
    permission = Permission.OWN_PAGES if own else Permission.FOLLOW_CITIZENS
    if not can(viewer, permission, citizen).allowed:
        return LogPage((), 1, 1)
    events = AccessEvent.objects.about(ids_in_log(citizen.pk))
    known = list(
        events.annotate(day=TruncDate("at")).values_list("day", flat=True).distinct().order_by("-day")
    )
    pages = max(1, -(-len(known) // days))
    number = min(max(page, 1), pages)
    shown = known[(number - 1) * days : number * days]
    if not shown:
        return LogPage((), 1, 1)
    since, until = day_start(shown[-1]), day_start(shown[0] + timedelta(days=1))
    found = list(events.filter(at__gte=since, at__lt=until).order_by("-at", "-pk"))
    names = Names(found, viewer)
    reasons = emergency_reasons({citizen.pk}, found)
    by_day: dict[date, list[AccessEvent]] = {}
    for each in found:
        by_day.setdefault(timezone.localdate(each.at), []).append(each)
    return LogPage(
        tuple(LogDay(day, _lines(rows, names, reasons, to_citizen=own)) for day, rows in by_day.items()),
        number,
        pages,
    )


def day_start(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time.min))


def _lines(
    events: Iterable[AccessEvent], names: Names, reasons: Mapping[int, str], *, to_citizen: bool
) -> tuple[LogLine, ...]:
    looks = fold(events, key=lambda each: _same_look(each, reasons, to_citizen), at=lambda each: each.at)
    return tuple(
        LogLine(
            at=look.first.at,
            until=look.last.at,
            times=look.times,
            sentence=(
                _("You, or somebody signed in as you, looked at these pages.")
                if to_citizen and _is_own_look(look.last)
                else sentence(look.last, names.who(look.last), to_citizen=to_citizen)
            ),
            emergency=look.last.is_emergency,
            reason=reasons.get(look.last.pk, ""),
        )
        for look in looks
    )


def _same_look(event: AccessEvent, reasons: Mapping[int, str], to_citizen: bool) -> tuple[object, ...]:
    """One's own looking around is one line: it must not crowd out the others, but shows that somebody was there."""
    if to_citizen and _is_own_look(event):
        return (event.actor_kind, event.actor_id)
    return (event.actor_kind, event.actor_id, event.action, event.what, event.basis, reasons.get(event.pk))


def _is_own_look(event: AccessEvent) -> bool:
    return event.basis == "own:self" and event.action == AccessAction.OPENED


def ids_in_log(citizen_id: uuid.UUID) -> set[uuid.UUID]:
    """Every id that the log knows this citizen by: also those of records that were merged into this one."""
    found, new = {citizen_id}, {citizen_id}
    while new:
        merged = PersonMerge.objects.filter(kept_citizen_id__in=new, undone_at__isnull=True)
        ids = merged.values_list("duplicate_citizen_id", flat=True)
        new = {each for each in ids if each is not None} - found
        found |= new
    return found


class Names:
    """Who stands behind the rows, fetched for all of them at once: three queries at most."""

    def __init__(self, events: Sequence[AccessEvent], viewer: Viewer) -> None:
        self.viewer = viewer
        staff = {each.actor_id for each in events if each.actor_kind == ActorKind.STAFF}
        persons = {each.actor_id for each in events if each.actor_kind == ActorKind.PERSON}
        self.staff = {
            each.pk: each
            for each in Staff.objects.filter(pk__in=staff).select_related("person").prefetch_related("grants")
        }
        self.persons = {
            each.pk: each for each in Person.objects.filter(pk__in=persons - {viewer.own_person_id})
        }

    def who(self, event: AccessEvent) -> Who:
        if event.actor_kind == ActorKind.SYSTEM or not event.actor_id:
            return Who(_("the system"))
        if event.actor_kind == ActorKind.PERSON:
            if event.actor_id == self.viewer.own_person_id:
                return Who("", is_you=True)
            person = self.persons.get(event.actor_id)
            role = _("parent or guardian") if event.basis == "own:guardian" else _("the citizen")
            return Who(f"{person.name} ({role})" if person else role)
        staff = self.staff.get(event.actor_id)
        if staff is None:
            return Who(_("somebody who works here"))
        return Who(_with_roles(staff, timezone.localdate(event.at)))


def _with_roles(staff: Staff, day: date) -> str:
    # The roles on that day: who somebody is today does not explain why they looked then.
    held = {
        grant.get_role_display()
        for grant in staff.grants.all()
        if grant.valid_from <= day and (grant.valid_to is None or grant.valid_to >= day)
    }
    return f"{staff.person.name} ({', '.join(sorted(held))})" if held else staff.person.name


def emergency_reasons(citizens: Collection[uuid.UUID], events: Iterable[AccessEvent]) -> dict[int, str]:
    """Why it was an emergency, in the words that were written down: by row. One query, none without emergencies."""
    emergencies = [each for each in events if each.is_emergency]
    if not emergencies:
        return {}
    held = list(Relation.objects.filter(citizen_id__in=citizens, basis=Basis.EMERGENCY).order_by("ends_at"))
    found = {}
    for event in emergencies:
        # The first that had not ended when it was opened is the one that was open then. A row about somebody who was
        # merged into another is about one of `citizens` too.
        fits = (
            each.reason
            for each in held
            if each.staff_id == event.actor_id
            and each.ends_at
            and each.ends_at >= event.at
            and (each.citizen_id == event.citizen_id or event.citizen_id not in citizens)
        )
        found[event.pk] = next(fits, "")
    return found
