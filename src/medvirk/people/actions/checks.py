"""What the verbs check alike."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import date
from typing import Protocol

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext as _

from medvirk.people.access import Permission, Record, Viewer, can, facts_of, may_tell_wish
from medvirk.people.logic import RefusedError, emergency_in_use
from medvirk.people.models import Citizen
from medvirk.people.queries.units import scope_of


class Dated(Protocol):
    valid_from: date
    valid_to: date | None


def today_of(by: Viewer | None) -> date:
    return timezone.localdate() if by is None else by.today


def require(by: Viewer | None, permission: Permission) -> None:
    """
    Raises:
        PermissionDenied: no role of theirs gives it.
    """
    if by is not None and permission not in by.permissions:
        raise PermissionDenied


def require_scope(by: Viewer | None, permission: Permission, units: Collection[uuid.UUID]) -> None:
    """
    Raises:
        PermissionDenied: a unit lies outside what they look after.
    """
    require(by, permission)
    if by is not None and not scope_of(by, permission).issuperset(units):
        raise PermissionDenied


def require_open(
    by: Viewer | None, permission: Permission, record: Record, *, in_emergency: bool = False
) -> str:
    """On what basis a worker may change something in a record that is open to them; for the log.

    in_emergency: also by emergency access alone. Else an hour that was taken for reading could be made lasting.

    Raises:
        PermissionDenied: no role of theirs gives it, or the record is not open to them.
        RefusedError: they have emergency access only.
    """
    require(by, permission)
    if by is None:
        return "command line"
    decision = can(by, Permission.FOLLOW_CITIZENS, record)
    if not decision.allowed:
        raise PermissionDenied
    if not in_emergency:
        refuse_in_emergency(by, record)
    return decision.reason


def refuse_in_emergency(by: Viewer | None, record: Record) -> None:
    """An hour in an emergency is for reading: whoever has no more may not change who opens the record after it.

    Raises:
        RefusedError: emergency access alone opens the record to them.
    """
    if by is None or by.staff_id is None:
        return
    if any(emergency_in_use(facts) for facts in facts_of(by, record.record_of())):
        raise RefusedError(
            [
                _(
                    "You have emergency access only. "
                    "Who can open the record is for those who help the citizen to change."
                )
            ]
        )


def require_wish(by: Viewer | None, citizen: Citizen) -> str:
    """On what basis `by` may register what the citizen wants: a worker whom they told, they themselves, or a parent or
    guardian who decides for them.

    Raises:
        PermissionDenied: none of these.
        RefusedError: a worker in an emergency.
    """
    if by is None:
        return "command line"
    decision = may_tell_wish(by, citizen)
    if not decision.allowed:
        raise PermissionDenied
    if by.own_person_id is None:
        refuse_in_emergency(by, citizen)
    return decision.reason


def period_faults(valid_from: date, valid_to: date | None) -> list[str]:
    if valid_to is not None and valid_to < valid_from:
        return [_("The last day is before the first day. Change one of them.")]
    return []


def within_faults(inner_from: date, inner_to: date | None, outer: Dated, name: str) -> list[str]:
    """Does a period stay inside the time that the unit `name` exists?"""
    starts_early = inner_from < outer.valid_from
    ends_late = outer.valid_to is not None and (inner_to is None or inner_to > outer.valid_to)
    faults = []
    if starts_early:
        faults.append(
            _("%(unit)s exists from %(day)s only. Choose that day or a later one.")
            % {"unit": name, "day": f"{outer.valid_from:%d.%m.%Y}"}
        )
    if ends_late and outer.valid_to is not None:
        faults.append(
            _("%(unit)s ends on %(day)s. Choose another unit, or a last day no later than that.")
            % {"unit": name, "day": f"{outer.valid_to:%d.%m.%Y}"}
        )
    return faults
