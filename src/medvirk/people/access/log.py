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
from medvirk.people.identity import access_keys
from medvirk.people.logic import Decision
from medvirk.people.logic.access import BARRED, OWN_RECORD
from medvirk.people.models import AccessAction, AccessEvent, ActorKind


def open_record(
    viewer: Viewer,
    record: Record,
    what: str,
    *,
    action: AccessAction = AccessAction.OPENED,
    permission: Permission = Permission.FOLLOW_CITIZENS,
    part: str | None = None,
) -> Decision:
    """Let the viewer into a record, or a part of it, and log it; or answer 404 as if it did not exist.

    Raises:
        Http404: nothing opens it.
    """
    decision = can(viewer, permission, record, part=part)
    if not decision.allowed:
        _log_refusal(viewer, record, what, decision)
        raise Http404
    log_access(viewer, record.record_of(), what, action=action, basis=decision.reason)
    return decision


def _log_refusal(viewer: Viewer, record: Record, what: str, decision: Decision) -> None:
    """Trying to open what is closed to oneself is a row too; not finding what one knows nothing of is none."""
    if decision in REFUSED:
        log_access(viewer, record.record_of(), what, action=AccessAction.TRIED, basis=REFUSED[decision])


#: What is told of a refusal; a citizen reads it, so it does not say which bar it was.
REFUSED = {BARRED: "refused:barred", OWN_RECORD: "refused:own record"}


def log_access(
    viewer: Viewer | None, citizen_ids: Iterable[uuid.UUID], what: str, *, action: AccessAction, basis: str
) -> None:
    """Add one row to the access log per citizen. A viewer of None is the command line.

    The rows are on disk before the page is sent, unless a transaction is open around it; when they cannot be
    written, the fault is raised and nothing is shown.
    """
    _add(viewer, citizen_ids, what, action, basis)
    if viewer is not None and action in {AccessAction.CREATED, AccessAction.CHANGED}:
        # What was changed may be what opens the record.
        viewer.forget()


def log_house(viewer: Viewer | None, what: str, *, action: AccessAction, basis: str) -> None:
    """Add a row about no citizen in particular: a backup, a restore, a look in the log."""
    _add(viewer, [None], what, action, basis)


def log_listing(
    viewer: Viewer,
    citizen_ids: Iterable[uuid.UUID],
    what: str,
    *,
    action: AccessAction = AccessAction.OPENED,
    basis: str = "list",
) -> None:
    """Log that a list showed these citizens, once a day each: a list is looked at many times a day."""
    by_hash = {key: each for each in set(citizen_ids) for key in access_keys("citizen", each)}
    start = timezone.make_aware(datetime.combine(viewer.today, time.min))
    known = (
        AccessEvent.objects.by([actor_of(viewer)])
        .filter(citizen_hash__in=by_hash, what=what, action=action, at__gte=start)
        .values_list("citizen_hash", flat=True)
    )
    fresh = set(by_hash.values()) - {by_hash[key] for key in known}
    if fresh:
        log_access(viewer, fresh, what, action=action, basis=basis)


def actor_of(viewer: Viewer | None) -> uuid.UUID | None:
    """Who stands in the log: the worker, or the person who has signed in for themselves."""
    if viewer is None:
        return None
    return viewer.staff_id or viewer.own_person_id


def _add(
    viewer: Viewer | None,
    citizen_ids: Iterable[uuid.UUID | None],
    what: str,
    action: AccessAction,
    basis: str,
) -> None:
    kind = ActorKind.SYSTEM
    if viewer is not None:
        kind = ActorKind.STAFF if viewer.own_person_id is None else ActorKind.PERSON
    AccessEvent.objects.bulk_create(
        AccessEvent(
            actor_kind=kind,
            actor_id=actor_of(viewer),
            citizen_id=citizen,
            action=action,
            what=what,
            basis=basis,
        )
        for citizen in citizen_ids
    )
