"""What the gateway of text messages tells us: what became of a message, and what somebody has answered.

Every call is signed (docs/messages.md). What is answered says nothing about anybody: whoever may call learns no
more than that the call was understood.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from medvirk.messages.actions import note_report, stop_by_phone
from medvirk.messages.logic.sms import is_signed, is_stop, sms_number
from medvirk.messages.models import State
from medvirk.people.access import for_everyone

#: Signs; a call of the gateway is much shorter.
LONGEST_BODY = 10_000
LONGEST_REFERENCE = 100
REPORTED = {"delivered": State.DELIVERED, "undelivered": State.UNDELIVERED}

Told = Mapping[str, Any]


def _signed(take: Callable[[Told], bool]) -> Callable[[HttpRequest], HttpResponse]:
    """A call of the gateway: 404 where none is set up, 413 too long, 401 not signed, 400 not understood, else 204."""

    @csrf_exempt
    @for_everyone
    @require_POST
    @wraps(take)
    def called(request: HttpRequest) -> HttpResponse:
        if not settings.SMS_WEBHOOK_SECRETS:
            return HttpResponse(status=404)
        # The length comes first: nobody who is not the gateway makes us read much.
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdecimal() or int(length) > LONGEST_BODY:
            return HttpResponse(status=413)
        body = request.body
        header = request.headers.get("Medvirk-Signature", "")
        if not is_signed(header, body, secrets=settings.SMS_WEBHOOK_SECRETS, now=timezone.now()):
            return HttpResponse(status=401)
        try:
            told = json.loads(body)
        except (ValueError, RecursionError):
            return HttpResponse(status=400)
        return HttpResponse(status=204 if isinstance(told, dict) and take(told) else 400)

    return called


def _report(told: Told) -> bool:
    """{"id" or "reference", "state"}: what became of a message. One that is not known here is nothing to tell of."""
    state = REPORTED.get(str(told.get("state")))
    reference = told.get("reference", "")
    if state is None or not isinstance(reference, str) or len(reference) > LONGEST_REFERENCE:
        return False
    message_id = None
    if "id" in told:
        try:
            message_id = uuid.UUID(str(told["id"]))
        except ValueError:
            return False
    elif not reference or "\0" in reference:
        return False
    note_report(channel="sms", message_id=message_id, reference=reference, state=state, now=timezone.now())
    return True


def _incoming(told: Told) -> bool:
    """{"from", "text"}: what somebody answered. Only the stop word is heard; nothing of any other is kept."""
    sender, text = told.get("from"), told.get("text")
    if not isinstance(sender, str) or not isinstance(text, str):
        return False
    number = sms_number(sender)
    if number is not None and is_stop(text):
        stop_by_phone(number=number, now=timezone.now())
    return True


report = _signed(_report)
incoming = _signed(_incoming)
