"""What citizens ask for, and the answers."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from medvirk.people import hooks
from medvirk.people.access import Permission, Viewer, can, log_access
from medvirk.people.actions.checks import require_open
from medvirk.people.logic import RefusedError
from medvirk.people.logic.requests import STEPS, RequestState, answer_due
from medvirk.people.models import AccessAction, Citizen, CitizenRequest, Outcome, RequestKind, Staff
from medvirk.people.queries.requests import leaders_around, overdue_untold, stage_of

LONGEST = 4000


@transaction.atomic
def send_request(
    *, by: Viewer, citizen: Citizen, kind: RequestKind, text: str, about: str = ""
) -> CitizenRequest:
    """Ask for something about one's own record, or that of one's child or ward. An answer is due within a month.

    Raises:
        RefusedError: nothing is written, or too much.
        PermissionDenied: the pages are not the viewer's own.
    """
    asker_id, reason = _own(by, citizen)
    if faults := _text_faults(text, _("Write what is wrong or what you wonder about.")):
        raise RefusedError(faults)
    request = CitizenRequest.objects.create(
        citizen=citizen,
        asked_by_id=asker_id,
        kind=kind,
        about=about,
        text=text.strip(),
        sent_at=by.now,
        due_on=answer_due(by.today),
    )
    log_access(by, [citizen.pk], "people.request", action=AccessAction.CREATED, basis=reason)
    return request


@transaction.atomic
def close_request(*, by: Viewer, request: CitizenRequest) -> CitizenRequest:
    """The one who asked is done with it: has read the answer, or takes the question back.

    Raises:
        RefusedError: it is closed already.
        PermissionDenied: somebody else asked.
    """
    asker_id, reason = _own(by, request.citizen)
    if request.asked_by_id != asker_id:
        raise PermissionDenied
    held = _step(request, RequestState.CLOSED)
    held.closed_at = by.now
    held.save(update_fields=["closed_at"])
    log_access(by, [held.citizen_id], "people.request", action=AccessAction.CHANGED, basis=reason)
    return held


@transaction.atomic
def mark_seen(*, by: Viewer, request: CitizenRequest) -> CitizenRequest:
    """Let the citizen know that somebody has read it.

    Raises:
        RefusedError: it is seen, answered or closed already.
        PermissionDenied: the record is not open to the viewer.
    """
    reason = _follows(by, request)
    held = _step(request, RequestState.SEEN)
    held.seen_at = by.now
    held.save(update_fields=["seen_at"])
    log_access(by, [held.citizen_id], "people.request", action=AccessAction.CHANGED, basis=reason)
    return held


@transaction.atomic
def answer_request(*, by: Viewer, request: CitizenRequest, outcome: Outcome, answer: str) -> CitizenRequest:
    """Say what was done, or why it was not. What is refused stays with the record in the citizen's words.

    Raises:
        RefusedError: no words, or it is answered or closed already.
        PermissionDenied: the record is not open to the viewer.
    """
    reason = _follows(by, request)
    held = _step(request, RequestState(outcome))
    if faults := _text_faults(answer, _("Write an answer. Where nothing is changed, say why.")):
        raise RefusedError(faults)
    held.seen_at = held.seen_at or by.now
    held.outcome, held.answer, held.answered_at = outcome, answer.strip(), by.now
    held.answered_by = Staff.objects.get(user_id=by.user_id)
    held.save(update_fields=["seen_at", "outcome", "answer", "answered_at", "answered_by"])
    log_access(by, [held.citizen_id], "people.request", action=AccessAction.CHANGED, basis=reason)
    return held


def tell_overdue(now: datetime) -> None:
    """Tell the leaders around each citizen whose request should have been answered before today, once.

    Does one request at a time, so that it can be stopped anywhere.
    """
    for request_id in list(overdue_untold(timezone.localdate(now)).values_list("pk", flat=True)):
        with transaction.atomic():
            request = (
                overdue_untold(timezone.localdate(now)).select_for_update().filter(pk=request_id).first()
            )
            if request is None:
                continue
            leaders = leaders_around(request.citizen, timezone.localdate(now))
            if leaders:
                hooks.give_notice(
                    hooks.Notice("people.overdue_request", leaders, once=f"overdue_request:{request.pk}")
                )
            request.overdue_told_at = now
            request.save(update_fields=["overdue_told_at"])


def _own(by: Viewer, citizen: Citizen) -> tuple[uuid.UUID, str]:
    """Who asks, and on what basis the pages are theirs."""
    decision = can(by, Permission.OWN_PAGES, citizen)
    if not decision.allowed or by.own_person_id is None:
        raise PermissionDenied
    return by.own_person_id, decision.reason


def _follows(by: Viewer, request: CitizenRequest) -> str:
    return require_open(by, Permission.FOLLOW_CITIZENS, request)


def _step(request: CitizenRequest, to: RequestState) -> CitizenRequest:
    held = CitizenRequest.objects.select_for_update().get(pk=request.pk)
    if to not in STEPS[stage_of(held)]:
        raise RefusedError([_("Somebody has dealt with this already. See what stands there now.")])
    return held


def _text_faults(text: str, empty: str) -> list[str]:
    if not text.strip():
        return [empty]
    if len(text) > LONGEST:
        return [
            _("At most %(count)d signs. Write the most important, and tell the rest in person.")
            % {"count": LONGEST}
        ]
    return []
