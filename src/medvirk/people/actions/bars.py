"""Keeping a named worker out of a record: because the citizen wants it, or because they are close to each other."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from medvirk.people.access import Permission, Viewer, log_access
from medvirk.people.actions.checks import require, require_wish
from medvirk.people.logic import RefusedError
from medvirk.people.matching import Criteria
from medvirk.people.models import AccessAction, Bar, BarKind, Citizen, Staff
from medvirk.people.queries.citizens import startable_citizen


@transaction.atomic
def bar_worker(
    *,
    by: Viewer | None,
    citizen: Citizen,
    worker: Staff,
    kind: BarKind = BarKind.CITIZEN,
    reason: str = "",
) -> Bar:
    """Keep one worker out of a citizen's record from this moment, whatever relation they have.

    Because the citizen wants it (`by` is a worker whom they told, the citizen, or a parent or guardian who decides), or
    because the worker is close to the citizen: that is for those who work there to say, also about themselves. `reason`
    is in the citizen's words, and may be empty: nobody owes a reason for whom they trust.

    Raises:
        RefusedError: this worker is kept out for that reason already.
        PermissionDenied: `by` may not say it.
    """
    basis = require_wish(by, citizen)
    if by is not None and by.own_person_id is not None and kind is not BarKind.CITIZEN:
        raise PermissionDenied
    Citizen.objects.select_for_update().get(pk=citizen.pk)
    bar = _set_bar(by, citizen, worker, kind, reason)
    log_access(by, [citizen.pk], "people.bar", action=AccessAction.CHANGED, basis=basis)
    return bar


@transaction.atomic
def bar_oneself_after_search(*, by: Viewer, criteria: Criteria) -> Bar:
    """Keep oneself out of the record of the one whom the search points out: somebody one knows privately.

    Raises:
        RefusedError: the search does not point out exactly one, or one is kept out already.
        PermissionDenied: no role of theirs gives this.
    """
    require(by, Permission.REGISTER_CITIZENS)
    worker = Staff.objects.filter(pk=by.staff_id).first() if by.staff_id else None
    citizen = startable_citizen(by, criteria)
    if citizen is None or worker is None:
        raise RefusedError([_("The search no longer points out exactly one citizen. Search again.")])
    bar = _set_bar(by, citizen, worker, BarKind.RELATIVE, "")
    log_access(by, [citizen.pk], "people.bar", action=AccessAction.CHANGED, basis="close")
    return bar


@transaction.atomic
def lift_bar(*, by: Viewer | None, bar: Bar) -> Bar:
    """Let the worker in again, as far as a relation does: by the citizen's wish.

    That somebody is close to the citizen is lifted by a team leader only, and never by themselves.

    Raises:
        RefusedError: it is lifted already.
        PermissionDenied: `by` may not say it.
    """
    basis = require_wish(by, bar.citizen)
    if by is not None and bar.kind != BarKind.CITIZEN and Permission.LEAD_TEAM not in by.permissions:
        raise PermissionDenied
    held = Bar.objects.select_for_update().get(pk=bar.pk)
    if held.lifted_at is not None:
        raise RefusedError([_("This is lifted already.")])
    held.lifted_at = max(timezone.now() if by is None else by.now, held.set_at)
    held.save()
    log_access(by, [held.citizen_id], "people.bar", action=AccessAction.CHANGED, basis=basis)
    return held


def _set_bar(by: Viewer | None, citizen: Citizen, worker: Staff, kind: BarKind, reason: str) -> Bar:
    if Bar.objects.filter(citizen=citizen, staff=worker, kind=kind, lifted_at__isnull=True).exists():
        raise RefusedError([_("They are kept out of this record already.")])
    return Bar.objects.create(
        citizen=citizen,
        staff=worker,
        kind=kind,
        reason=reason.strip(),
        set_at=timezone.now() if by is None else by.now,
    )
