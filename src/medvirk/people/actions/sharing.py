"""What a citizen shares with a partner outside the service, and until when."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from medvirk.people.access import Viewer, log_access, partner_staff, partner_units
from medvirk.people.actions.checks import require_wish, today_of
from medvirk.people.actions.consents import agree_by_doing
from medvirk.people.hooks import shared_parts
from medvirk.people.logic import RefusedError, overlaps
from medvirk.people.models import AccessAction, Bar, Basis, Citizen, ConsentPurpose, Relation, Staff, Unit


@transaction.atomic
def share_with(
    *,
    by: Viewer | None,
    citizen: Citizen,
    staff: Staff | None = None,
    unit: Unit | None = None,
    parts: Collection[str],
    last_day: date,
    reason: str = "",
) -> Relation:
    """Let one partner, or everybody in a partner organisation, see these parts from today until and with `last_day`.

    `by` is a worker whom the citizen told, the citizen, or a parent or guardian who decides. `reason` is what the
    citizen wants it for, in their words; it may be empty.

    Raises:
        RefusedError: not exactly one partner, nobody who is a partner now, no parts, or shared with them already.
        PermissionDenied: `by` may not say what the citizen wants.
    """
    basis = require_wish(by, citizen)
    Citizen.objects.select_for_update().get(pk=citizen.pk)
    today = today_of(by)
    faults = _sharing_faults(parts, last_day, today) + _partner_faults(citizen, staff, unit, today)
    if not faults:
        same = Relation.objects.at(_now(by)).filter(
            citizen=citizen, staff=staff, unit=unit, basis=Basis.CONSENT
        )
        if any(overlaps(today, last_day, each.valid_from, each.valid_to) for each in same):
            faults.append(_("You share something with them already. Change that instead."))
    if faults:
        raise RefusedError(faults)
    relation = Relation.objects.create(
        citizen=citizen,
        staff=staff,
        unit=unit,
        basis=Basis.CONSENT,
        reason=reason.strip(),
        opens_all=False,
        parts=_in_order(parts),
        valid_from=today,
        valid_to=last_day,
    )
    agree_by_doing(by=by, citizen=citizen, purpose=ConsentPurpose.SHARING)
    log_access(by, [citizen.pk], "people.sharing", action=AccessAction.CHANGED, basis=basis)
    return relation


@transaction.atomic
def change_sharing(
    *, by: Viewer | None, relation: Relation, parts: Collection[str], last_day: date
) -> Relation:
    """Share other parts, or until another day. It holds from this moment.

    Raises:
        RefusedError: no parts, a day that has been, or sharing that has ended.
        PermissionDenied: `by` may not say what the citizen wants.
    """
    basis = require_wish(by, relation.citizen)
    held = _running(by, relation)
    if faults := _sharing_faults(parts, last_day, today_of(by)):
        raise RefusedError(faults)
    held.parts, held.opens_all, held.valid_to = _in_order(parts), False, last_day
    held.save()
    log_access(by, [held.citizen_id], "people.sharing", action=AccessAction.CHANGED, basis=basis)
    return held


@transaction.atomic
def stop_sharing(*, by: Viewer | None, relation: Relation) -> Relation:
    """Stop at this moment, not at the day's end.

    Raises:
        RefusedError: it has ended already.
        PermissionDenied: `by` may not say what the citizen wants.
    """
    basis = require_wish(by, relation.citizen)
    held = _running(by, relation)
    held.valid_to, held.ends_at = max(held.valid_from, today_of(by)), _now(by)
    held.save()
    log_access(by, [held.citizen_id], "people.sharing", action=AccessAction.CHANGED, basis=basis)
    return held


def stop_all_sharing(citizen: Citizen, by: Viewer) -> None:
    """What a no to sharing means: everything shared with anybody ends at this moment."""
    for relation in Relation.objects.at(by.now).filter(citizen=citizen, basis=Basis.CONSENT, opens_all=False):
        stop_sharing(by=by, relation=relation)


def _now(by: Viewer | None):  # type: ignore[no-untyped-def]
    return timezone.now() if by is None else by.now


def _running(by: Viewer | None, relation: Relation) -> Relation:
    """The row, locked.

    Raises:
        RefusedError: it is not consent in force.
    """
    held = (
        Relation.objects.select_for_update(of=("self",))
        .select_related("citizen")
        .at(_now(by))
        .filter(pk=relation.pk, basis=Basis.CONSENT)
        .first()
    )
    if held is None:
        raise RefusedError([_("This sharing has ended. Share anew if that is what you want.")])
    return held


def _in_order(parts: Collection[str]) -> list[str]:
    return [each.code for each in shared_parts() if each.code in parts]


def _sharing_faults(parts: Collection[str], last_day: date, today: date) -> list[str]:
    faults = []
    if not parts or set(parts) - {each.code for each in shared_parts()}:
        faults.append(_("Tick at least one part to share."))
    if last_day < today:
        faults.append(_("The last day has been already. Choose today or a later day."))
    return faults


def _partner_faults(citizen: Citizen, staff: Staff | None, unit: Unit | None, today: date) -> list[str]:
    if (staff is None) == (unit is None):
        return [_("Choose one partner, or one partner organisation.")]
    is_partner = (
        partner_staff(today).filter(pk=staff.pk).exists()
        if staff is not None
        else partner_units(today).filter(pk=unit.pk).exists()  # type: ignore[union-attr]
    )
    if not is_partner:
        return [_("Choose a partner from the list: somebody there now whom a record can be shared with.")]
    if staff is None:
        return []
    if staff.person_id == citizen.person_id:
        return [_("This is the citizen themselves.")]
    if Bar.objects.at(timezone.now()).filter(citizen=citizen, staff=staff).exists():
        return [
            _("The citizen has kept this person out of the record. Lift that first, if the citizen wants to.")
        ]
    return []
