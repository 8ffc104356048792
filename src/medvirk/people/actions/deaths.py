"""A death closes what is open and keeps what was written."""

from __future__ import annotations

import uuid
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from medvirk.people.access import Permission, Viewer, log_access
from medvirk.people.actions.checks import require_open, today_of
from medvirk.people.hooks import closings
from medvirk.people.logic import RefusedError
from medvirk.people.models import AccessAction, Basis, Citizen, Death, Person, Relation
from medvirk.people.queries.deaths import UNDO_WITHIN, deaths_to_undo


@transaction.atomic
def register_death(*, by: Viewer | None, citizen: Citizen, died_on: date) -> Death:
    """Close a record after a death: what is shared and the citizen's own pages at once, relations at the day's end.

    Whoever helps has the rest of this day to write what must be written. Forms that wait are closed, links stop
    working. Nothing that was written is taken away.

    Raises:
        RefusedError: a day to come, a day before the birth, or registered already.
        PermissionDenied: the record is not open to the viewer.
    """
    basis = require_open(by, Permission.REGISTER_CITIZENS, citizen)
    Citizen.objects.select_for_update().get(pk=citizen.pk)
    person = Person.objects.select_for_update().get(pk=citizen.person_id)
    if faults := _faults(person, died_on, today_of(by)):
        raise RefusedError(faults)
    now = timezone.now() if by is None else by.now
    person.died_on = died_on
    person.save()
    closed: dict[str, Any] = {"relations": _close_relations(citizen, now)}
    for closing in closings():
        closed[closing.code] = closing.close(citizen.pk, now)
    death = Death.objects.create(
        citizen=citizen,
        registered_by_id=None if by is None else by.staff_id,
        registered_at=now,
        closed=closed,
    )
    log_access(by, [citizen.pk], "people.death", action=AccessAction.CHANGED, basis=basis)
    return death


@transaction.atomic
def undo_death(*, by: Viewer, death_id: uuid.UUID) -> Death:
    """Open again what a death closed that was registered by mistake; what has been changed since stays as it is.

    By whoever has the record open still, or by a leader of those who had it, within a month.

    Raises:
        RefusedError: it is too late, or it is undone already.
        Death.DoesNotExist: it is not the viewer's to undo.
    """
    death = deaths_to_undo(by).select_for_update(of=("self",)).get(pk=death_id)
    if by.now - death.registered_at > UNDO_WITHIN:
        raise RefusedError([_("It is more than a month ago. Ask an administrator.")])
    Citizen.objects.select_for_update().get(pk=death.citizen_id)
    person = Person.objects.select_for_update().get(citizen=death.citizen_id)
    person.died_on = None
    person.save()
    _open_relations(death)
    for closing in closings():
        if closing.code in death.closed:
            closing.reopen(death.citizen_id, death.closed[closing.code], by.now)
    death.undone_at = by.now
    death.save()
    log_access(by, [death.citizen_id], "people.death", action=AccessAction.CHANGED, basis="mistake")
    return death


def _faults(person: Person, died_on: date, today: date) -> list[str]:
    if person.died_on is not None:
        return [_("A death is registered already.")]
    if died_on > today:
        return [_("The day is still to come. Change it.")]
    if person.birth_date is not None and died_on < person.birth_date:
        return [_("The day is before the date of birth. Change it.")]
    return []


def _close_relations(citizen: Citizen, now: datetime) -> list[list[Any]]:
    """Relations that would last beyond this day, as they were before."""
    today = timezone.localdate(now)
    closed = []
    lasting = Relation.objects.filter(citizen=citizen).exclude(basis=Basis.EMERGENCY)
    for relation in lasting.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=today)):
        last, clock = relation.valid_to, relation.ends_at
        if clock is not None and clock <= now:
            continue
        relation.valid_to = max(relation.valid_from, today)
        if relation.basis == Basis.CONSENT or relation.valid_from > today:
            relation.ends_at = now
        relation.save()
        closed.append([str(relation.pk), last and last.isoformat(), clock and clock.isoformat()])
    return closed


def _open_relations(death: Death) -> None:
    day = timezone.localdate(death.registered_at)
    for pk, last, clock in death.closed["relations"]:
        relation = Relation.objects.select_for_update().get(pk=pk)
        if relation.valid_to != max(relation.valid_from, day):
            continue  # Somebody has set another last day since.
        relation.valid_to = last and date.fromisoformat(last)
        relation.ends_at = clock and datetime.fromisoformat(clock)
        relation.save()
