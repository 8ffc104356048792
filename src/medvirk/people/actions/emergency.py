"""Emergency access: a reason, an hour, told to a leader, shown to the citizen."""

from __future__ import annotations

import uuid

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from medvirk.people.access import Permission, Viewer, log_access
from medvirk.people.actions.checks import require
from medvirk.people.hooks import Notice, give_notice
from medvirk.people.logic import EMERGENCY_LASTS, RefusedError
from medvirk.people.matching import Criteria
from medvirk.people.models import AccessAction, Bar, Basis, Citizen, EmergencyReview, Relation, Staff
from medvirk.people.queries.citizens import startable_citizen
from medvirk.people.queries.emergencies import emergency_accesses, leaders_to_tell

SHORTEST_REASON = 10


@transaction.atomic
def open_in_emergency(*, by: Viewer, criteria: Criteria, reason: str) -> Relation:
    """Open the record of the one citizen whom the search points out, for an hour, without a service relation.

    Leaders are told, and the citizen reads the reason. It is never prolonged: each time takes a new reason.

    Raises:
        RefusedError: no reason, the search does not point out exactly one, or the citizen keeps the worker out.
        PermissionDenied: no role of theirs gives this.
    """
    require(by, Permission.EMERGENCY_ACCESS)
    if len(reason.strip()) < SHORTEST_REASON:
        raise RefusedError(
            [_("Say what the emergency is, in a sentence. The citizen and a leader will read it.")]
        )
    citizen = startable_citizen(by, criteria)
    if citizen is None or by.staff_id is None:
        raise RefusedError([_("The search no longer points out exactly one citizen. Search again.")])
    if is_kept_out(by, citizen):
        raise RefusedError(
            [_("You cannot open this record, also not in an emergency. Ask a colleague to do it.")]
        )
    ends_at = by.now + EMERGENCY_LASTS
    relation = Relation.objects.create(
        citizen=citizen,
        staff_id=by.staff_id,
        basis=Basis.EMERGENCY,
        reason=reason.strip(),
        valid_from=by.today,
        valid_to=timezone.localdate(ends_at),
        ends_at=ends_at,
    )
    log_access(by, [citizen.pk], "people.relation", action=AccessAction.CREATED, basis="emergency:own")
    give_notice(
        Notice("people.emergency_access", leaders_to_tell(by, citizen), once=f"emergency:{relation.pk}")
    )
    return relation


@transaction.atomic
def end_emergency(*, by: Viewer, relation_id: uuid.UUID) -> Relation:
    """End one's own emergency access at this moment. Ended already, it stays as it was.

    Raises:
        Relation.DoesNotExist: it is not the viewer's.
        PermissionDenied: not a worker.
    """
    if by.staff_id is None:
        raise PermissionDenied
    held = Relation.objects.select_for_update().get(
        pk=relation_id, staff_id=by.staff_id, basis=Basis.EMERGENCY
    )
    if held.ends_at is not None and held.ends_at > by.now:
        held.ends_at = by.now
        held.save()
        log_access(
            by, [held.citizen_id], "people.relation", action=AccessAction.CHANGED, basis="emergency:own"
        )
    return held


@transaction.atomic
def look_at_emergency(*, by: Viewer, relation_id: uuid.UUID) -> EmergencyReview:
    """Mark that a leader has looked at one use of emergency access. The first to look is kept.

    Raises:
        Relation.DoesNotExist: it is not the viewer's to look at.
        PermissionDenied: no role of theirs gives this.
    """
    require(by, Permission.REVIEW_EMERGENCY)
    relation = emergency_accesses(by).get(pk=relation_id)
    if by.staff_id is None or relation.staff_id == by.staff_id:
        raise PermissionDenied
    review, _is_new = EmergencyReview.objects.get_or_create(
        relation=relation,
        defaults={"reviewed_by": Staff.objects.get(pk=by.staff_id), "reviewed_at": by.now},
    )
    return review


def is_kept_out(by: Viewer, citizen: Citizen) -> bool:
    """Barred, or the citizen themselves: no relation may be started then."""
    if by.staff_id is None or citizen.person_id == by.person_id:
        return True
    return Bar.objects.at(by.now).filter(citizen=citizen, staff_id=by.staff_id).exists()
