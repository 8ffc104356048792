"""The page on which a conversation is moved to another time."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods

from medvirk.feedback import actions
from medvirk.feedback.forms import SessionForm
from medvirk.feedback.models import Session
from medvirk.feedback.views.courses import session_or_404
from medvirk.people.access import Permission, needs, open_record

REFUSALS = {
    "ended_already": gettext_lazy("This course of help has ended. Open it again to move a conversation."),
    "starts_before_the_episode": gettext_lazy(
        "The course of help had not started by then. Choose a later day."
    ),
    "there_already": gettext_lazy("A conversation is planned at that time already."),
    "cancelled": gettext_lazy("This conversation is cancelled. Undo that first, or plan a new one."),
    "held": gettext_lazy(
        "What is asked after the conversation is answered, so it took place that day. The hour can be put right."
    ),
}


@needs(Permission.FOLLOW_CITIZENS)
@require_http_methods(["GET", "POST"])
def move(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """Move a conversation to another time."""
    session = session_or_404(request, session_id)
    initial = {"starts_at": timezone.localtime(session.starts_at)}
    form = SessionForm(request.POST or None, initial=initial, started_on=session.episode.started_on)
    if request.method == "POST" and form.is_valid():
        try:
            moved = actions.move_session(
                by=request.viewer,
                session=session,
                starts_at=form.cleaned_data["starts_at"],
                now=timezone.now(),
            )
        except actions.Refused as refused:
            form.add_error("starts_at", REFUSALS[refused.reason])
        else:
            messages.success(request, _told(session, moved))
            return redirect("feedback:conversation", session_id=moved.pk)
    open_record(request.viewer, session, "feedback.session")
    context = {"form": form, "session": session}
    return render(request, "feedback/move.html", context, status=422 if form.errors else 200)


def _told(before: Session, after: Session) -> str:
    if after.starts_at == before.starts_at:
        return gettext("It stands at the time it stood at.")
    facts = {"before": _when(before), "after": _when(after)}
    if after.pk == before.pk:
        return gettext("Moved from %(before)s to %(after)s.") % facts
    return (
        gettext(
            "Moved to %(after)s. What was said stays with %(before)s, and those who take part are asked again. Has"
            " somebody else been asked how they see it, ask them again too."
        )
        % facts
    )


def _when(session: Session) -> str:
    return date_format(timezone.localtime(session.starts_at), "j. F H:i")
