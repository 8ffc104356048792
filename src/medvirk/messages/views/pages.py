"""The page Messages of each staff member, the page on operation of those who run Medvirk, and the one on which a
citizen says that they want no more messages."""

from __future__ import annotations

import json
import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from medvirk.messages import queries
from medvirk.messages.actions import is_stop_token, read, stop_by_link, try_again
from medvirk.messages.models import Notice
from medvirk.messages.notices import path_of, words_of
from medvirk.messages.wording import name_of_channel, name_of_kind, words_for_reason, words_of_kinds
from medvirk.people.access import Permission, for_everyone, needs
from medvirk.people.duties import duties
from medvirk.people.hooks import notice_kind
from medvirk.people.signin.limits import not_for_guessers

ON_A_PAGE = 25
#: A worker that has not begun anything for so long has stopped.
SILENT = timedelta(minutes=10)


@needs(Permission.READ_MESSAGES)
@require_http_methods(["GET", "POST"])
def inbox(request: HttpRequest) -> HttpResponse:
    """The viewer's own notices, newest first. What is sent marks one as read and goes to its page, or marks all."""
    if request.method == "POST":
        return _read(request)
    page = Paginator(queries.notices_of(request.viewer), ON_A_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "notices": [_shown(notice) for notice in page],
        "unread": queries.unread(request.viewer),
    }
    return render(request, "messages/inbox.html", context)


def _read(request: HttpRequest) -> HttpResponse:
    mine = queries.notices_of(request.viewer)
    wanted = request.POST.get("notice")
    if wanted is None:
        read(by=request.viewer, notices=mine, now=timezone.now())
        return redirect("messages:inbox")
    notice = mine.filter(pk=_id_or_404(wanted)).first()
    if notice is None:
        raise Http404
    read(by=request.viewer, notices=mine.filter(pk=notice.pk), now=timezone.now())
    kind = notice_kind(notice.kind)
    return redirect(path_of(kind) if kind else "messages:inbox")


def _shown(notice: Notice) -> dict[str, Any]:
    kind = notice_kind(notice.kind)
    try:
        subject, text = words_of(kind, json.loads(notice.facts or "{}")) if kind else ("", "")
    except KeyError:
        # The words have changed since, and ask for something that was not known then.
        kind = None
    if kind is None:
        subject, text = _("An earlier message"), _("Its words are no longer known here.")
    return {"notice": notice, "subject": subject, "text": text, "leads_on": kind is not None}


@needs(Permission.SEE_OPERATION)
@require_http_methods(["GET", "POST"])
def operation(request: HttpRequest) -> HttpResponse:
    """What is delivered, what was given up and why, and when recurring work was done. No address, no text."""
    now = timezone.now()
    if request.method == "POST":
        wanted = request.POST.get("message")
        tried = try_again(
            by=request.viewer, message_id=_id_or_404(wanted) if wanted is not None else None, now=now
        )
        told = ngettext("%(n)d message will be tried again.", "%(n)d messages will be tried again.", tried)
        messages.success(request, told % {"n": tried})
        return redirect("messages:operation")
    viewer = request.viewer
    states = queries.duty_states(viewer, [duty.name for duty in duties()])
    context = {
        "counts": [
            (name_of_channel(channel), state.label, n) for channel, state, n in queries.counts(viewer, now)
        ],
        "undelivered": [_undelivered(row) for row in queries.undelivered(viewer, ON_A_PAGE)],
        "held_up": [
            (name_of_channel(channel), words_for_reason(reason))
            for channel, reason in queries.held_up(viewer).items()
        ],
        "mail_server": settings.EMAIL_HOST,
        "sms_gateway": settings.SMS_GATEWAY is not None,
        "citizen_kinds": words_of_kinds(),
        "duties": [{"label": duty.label, "state": states.get(duty.name)} for duty in duties()],
        "worker_stopped": _stopped(now, queries.latest_start(states.values())),
    }
    return render(request, "messages/operation.html", context)


@csrf_exempt
@for_everyone
@not_for_guessers
@require_http_methods(["GET", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Say no to messages by a link that stood in one. Looking changes nothing: mail programs look at links.

    It says nothing about whom it is for, nor whether they get messages. Without a CSRF token, for mail programs send
    the no themselves (RFC 8058); whoever has the link may, and can do no more by it.
    """
    if not is_stop_token(token):
        return render(request, "messages/no_stop.html", status=404)
    if request.method == "POST":
        stop_by_link(token=token, now=timezone.now())
    return render(request, "messages/stop.html", {"done": request.method == "POST"})


def _undelivered(row: queries.Undelivered) -> dict[str, Any]:
    return {
        "row": row,
        "kind": name_of_kind(row.kind),
        "channel": name_of_channel(row.channel),
        "reason": words_for_reason(row.reason),
    }


def _stopped(now: datetime, seen_at: datetime | None) -> bool:
    return seen_at is None or now - seen_at > SILENT


def _id_or_404(text: str) -> uuid.UUID:
    try:
        return uuid.UUID(text)
    except ValueError:
        raise Http404 from None
