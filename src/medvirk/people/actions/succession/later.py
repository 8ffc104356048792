"""What becomes of a reorganisation later: it is taken back, its day comes, or somebody arrives in between."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from django.db import transaction
from django.db.models import F, ProtectedError, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from medvirk.people import following
from medvirk.people.access import Permission, Viewer
from medvirk.people.actions.checks import require_scope, today_of
from medvirk.people.actions.succession.changes import move_rows
from medvirk.people.logic import RefusedError
from medvirk.people.models import Reorganisation, ReorganisationKind, Unit


@transaction.atomic
def undo_reorganisation(*, by: Viewer | None, reorganisation: Reorganisation) -> Reorganisation:
    """Take back what was planned, before its day. Then nothing is left of it but that it was planned.

    Raises:
        RefusedError: its day has come, it is taken back already, or something else rests on it.
        PermissionDenied: a unit is not theirs to change.
    """
    held = Reorganisation.objects.select_for_update().get(pk=reorganisation.pk)
    units = set(held.successions.values_list("old_id", flat=True)) | set(
        held.places.values_list("unit_id", flat=True)
    )
    require_scope(by, Permission.MANAGE_UNITS, units)
    if held.undone_at is not None:
        raise RefusedError([_("This reorganisation has been taken back.")])
    if held.day <= today_of(by):
        raise RefusedError(
            [
                _(
                    "Its day has come, and what happened since is true. To correct it, make a new change: "
                    "merge, divide or move the units again from a later day."
                )
            ]
        )
    new = set(held.successions.values_list("new_id", flat=True)) - units
    try:
        with transaction.atomic():
            _take_back(held, new)
    except ProtectedError:
        raise RefusedError(
            [
                _(
                    "Something else has been registered in the new unit: a role, a relation or another change. "
                    "Take that back first."
                )
            ]
        ) from None
    held.undone_at = timezone.now() if by is None else by.now
    held.save(update_fields=["undone_at"])
    if by is not None:
        by.forget()
    return held


def _take_back(held: Reorganisation, new: set[uuid.UUID]) -> None:
    for rows in reversed(following.unit_rows()):
        rows.undo(held)
    for entry in held.rows.filter(kind="people.unit"):
        unit = Unit.objects.get(pk=entry.old_key)
        unit.valid_to = entry.last_day_before
        unit.save()
    for entry in held.rows.filter(kind="people.unit.parent"):
        unit = Unit.objects.get(pk=entry.old_key)
        unit.parent = entry.unit_before
        unit.save()
    held.places.all().delete()
    held.successions.all().delete()
    held.rows.all().delete()
    # Those below first: a new department may stand under a new municipality.
    for unit in sorted(Unit.objects.filter(pk__in=new), key=lambda each: each.parent_id not in new):
        unit.delete()


def show_todays_structure(now: datetime) -> None:
    """Let each unit be called, and stand, as was said for today. A duty: it does nothing when nothing is due."""
    today = timezone.localdate(now)
    due = Unit.objects.as_on(today).filter(
        ~Q(name_then=F("name"))
        | ~Q(parent_then=F("parent_id"))
        | Q(parent_then__isnull=True, parent__isnull=False)
        | Q(parent_then__isnull=False, parent__isnull=True)
    )
    for unit in due:
        with transaction.atomic():
            held = Unit.objects.select_for_update().get(pk=unit.pk)
            held.name = unit.name_then  # type: ignore[attr-defined]
            held.parent_id = unit.parent_then  # type: ignore[attr-defined]
            held.save()


def carry_on(now: datetime) -> None:
    """Move what came into a merged unit after the merge was planned. A duty; what there is to do is found anew.

    In a divided unit somebody has to choose: its page shows what is left (`queries.left_to_place`).
    """
    merges = Reorganisation.objects.filter(kind=ReorganisationKind.MERGE, undone_at__isnull=True)
    for reorganisation in merges:
        with transaction.atomic():
            _carry_on(reorganisation, timezone.localdate(now))


def _carry_on(reorganisation: Reorganisation, today: date) -> None:
    pairs = reorganisation.successions.select_related("old", "new")
    carriers = {pair.old_id: pair.new for pair in pairs if pair.old_id != pair.new_id}
    units = list(Unit.objects.select_for_update().filter(pk__in=carriers))
    move_rows(reorganisation, units, lambda _kind, row: carriers[row.unit_id], today)
