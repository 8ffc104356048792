"""Every opening of a record is a row in the log."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime, time

from django.http import Http404
from django.utils import timezone

from medvirk.people.access.decisions import Record, can
from medvirk.people.access.permissions import Permission
from medvirk.people.access.viewer import Viewer
from medvirk.people.logic import Decision
from medvirk.people.models import AccessAction, AccessEvent


def open_record(
    viewer: Viewer, record: Record, what: str, *, action: AccessAction = AccessAction.OPENED
) -> Decision:
    """Let the viewer into a record and log it, or answer 404 as if it did not exist.

    Raises:
        Http404: no relation opens it.
    """
    decision = can(viewer, Permission.FOLLOW_CITIZENS, record)
    if not decision.allowed:
        raise Http404
    log_access(viewer, record.record_of(), what, action=action, basis=decision.reason)
    return decision


def log_access(
    viewer: Viewer | None, citizen_ids: Iterable[uuid.UUID], what: str, *, action: AccessAction, basis: str
) -> None:
    """Add one row to the access log per citizen. A viewer of None is the command line."""
    actor_id = None if viewer is None else viewer.staff_id
    AccessEvent.objects.bulk_create(
        AccessEvent(actor_id=actor_id, citizen_id=citizen, action=action, what=what, basis=basis)
        for citizen in citizen_ids
    )
    if viewer is not None and action in {AccessAction.CREATED, AccessAction.CHANGED}:
        # What was changed may be what opens the record.
        viewer.forget()


def log_listing(viewer: Viewer, citizen_ids: Iterable[uuid.UUID], what: str) -> None:
    """Log that a list showed these citizens, once a day each: a list is looked at many times a day."""
    ids = set(citizen_ids)
    start = timezone.make_aware(datetime.combine(viewer.today, time.min))
    known = AccessEvent.objects.filter(
        actor_id=viewer.staff_id, citizen_id__in=ids, what=what, at__gte=start
    ).values_list("citizen_id", flat=True)
    fresh = ids - set(known)
    if fresh:
        log_access(viewer, fresh, what, action=AccessAction.OPENED, basis="list")
