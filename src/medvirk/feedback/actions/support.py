"""Writing what stands beside a signal: the short list of changes, and the guide."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from medvirk.feedback.actions.checks import Refused
from medvirk.feedback.models import ChangeChoice, SignalGuide
from medvirk.feedback.queries.support import support_now
from medvirk.people.access import Permission, Viewer
from medvirk.people.models import Unit
from medvirk.people.queries.units import units_held


def _must_lead(by: Viewer, unit: Unit | None) -> None:
    if unit is None:
        allowed = Permission.EDIT_TEXTS in by.permissions
    else:
        allowed = unit.pk in units_held(by, Permission.LEAD_TEAM)
    if not allowed:
        raise PermissionDenied


def _own_lines(unit: Unit | None, by: Viewer, now: datetime) -> list[ChangeChoice]:
    """The unit's own list, locked. Whoever begins one begins with the list that held there."""
    standing = ChangeChoice.objects.select_for_update(of=("self",)).filter(unit=unit, retired_at__isnull=True)
    held = list(standing)
    if held:
        return held
    shown = support_now(by.today).changes_for(unit.pk if unit else None)
    return [
        ChangeChoice.objects.create(unit=unit, words=dict(line.words), position=place, changed_at=now)
        for place, line in enumerate(shown, start=1)
    ]


@transaction.atomic
def add_line(*, by: Viewer, unit: Unit | None, words: Mapping[str, str], now: datetime) -> ChangeChoice:
    """Add a line at the end of the list of a unit, or (None) of the house.

    Raises:
        PermissionDenied: the viewer does not lead the unit, or edit the texts of the house.
    """
    _must_lead(by, unit)
    last = max((each.position for each in _own_lines(unit, by, now)), default=0)
    return ChangeChoice.objects.create(unit=unit, words=dict(words), position=last + 1, changed_at=now)


@transaction.atomic
def change_line(
    *, by: Viewer, unit: Unit | None, place: int, words: Mapping[str, str], now: datetime
) -> None:
    """Give the line at `place` (1 is the first) other words. Where the old words were used, they stay.

    Raises:
        PermissionDenied: see `add_line`. Refused: `no_such_line`.
    """
    old = _line_at(by, unit, place, now)
    old.retired_at = old.changed_at = now
    old.save(update_fields=["retired_at", "changed_at"])
    ChangeChoice.objects.create(unit=unit, words=dict(words), position=old.position, changed_at=now)


@transaction.atomic
def retire_line(*, by: Viewer, unit: Unit | None, place: int, now: datetime) -> None:
    """Take a line out of the list. Where it was used, it stays.

    Raises:
        PermissionDenied: see `add_line`. Refused: `no_such_line`; `last_line`, a list without lines says nothing.
    """
    _must_lead(by, unit)
    if len(_own_lines(unit, by, now)) == 1:
        raise Refused("last_line")
    ChangeChoice.objects.filter(pk=_line_at(by, unit, place, now).pk).update(retired_at=now, changed_at=now)


@transaction.atomic
def move_line_up(*, by: Viewer, unit: Unit | None, place: int, now: datetime) -> None:
    """Let a line change places with the one before it; the first stays.

    Raises:
        PermissionDenied: see `add_line`. Refused: `no_such_line`.
    """
    _line_at(by, unit, place, now)
    lines = _own_lines(unit, by, now)
    if place > 1:
        lines[place - 2], lines[place - 1] = lines[place - 1], lines[place - 2]
    for number, line in enumerate(lines, start=1):
        ChangeChoice.objects.filter(pk=line.pk).update(position=number, changed_at=now)


def _line_at(by: Viewer, unit: Unit | None, place: int, now: datetime) -> ChangeChoice:
    _must_lead(by, unit)
    lines = _own_lines(unit, by, now)
    if not 1 <= place <= len(lines):
        raise Refused("no_such_line")
    return lines[place - 1]


@transaction.atomic
def choose_guide(
    *, by: Viewer, unit: Unit | None, kind: str, document_id: uuid.UUID | None, now: datetime
) -> None:
    """Choose the guide beside a kind of signal; None leaves it to the unit above.

    Raises:
        PermissionDenied: see `add_line`.
    """
    _must_lead(by, unit)
    SignalGuide.objects.update_or_create(
        unit=unit, kind=kind, defaults={"document_id": document_id, "changed_at": now}
    )
