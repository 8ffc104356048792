"""Noting what changed in a unit, so that the use of feedback is read with it."""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from medvirk.feedback.models import UseNote
from medvirk.people.access import Permission, Viewer, log_house
from medvirk.people.models import AccessAction, Unit
from medvirk.people.queries.units import units_held

WHAT = "feedback.use"


def _let_in(by: Viewer, unit: Unit) -> None:
    if by.staff_id is None or unit.pk not in units_held(by, Permission.LEAD_TEAM):
        raise PermissionDenied
    log_house(by, WHAT, action=AccessAction.CHANGED, basis="unit")


@transaction.atomic
def note(*, by: Viewer, unit: Unit, month: date, words: str, new_limits: bool, now: datetime) -> UseNote:
    """Say what changed from a month on; what was said of that month before is replaced.

    Raises:
        PermissionDenied: the viewer does not lead the unit.
    """
    _let_in(by, unit)
    said = {"words": words, "new_limits": new_limits, "noted_by_id": by.staff_id, "noted_at": now}
    found, _new = UseNote.objects.update_or_create(unit=unit, month=month.replace(day=1), defaults=said)
    return found


@transaction.atomic
def remove(*, by: Viewer, unit: Unit, note_id: int) -> None:
    """Take it back. One that is gone already is gone.

    Raises:
        PermissionDenied: the viewer does not lead the unit.
    """
    _let_in(by, unit)
    UseNote.objects.filter(unit=unit, pk=note_id).delete()
