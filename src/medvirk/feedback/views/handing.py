"""The ways in which a form is handed out in the room: the citizen's own phone, or the worker's screen."""

from __future__ import annotations

import uuid

import segno
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_GET, require_POST

from medvirk.answers.actions import NotTaken, make_link
from medvirk.answers.models import Channel, Occasion
from medvirk.feedback import queries
from medvirk.feedback.models import Session
from medvirk.feedback.views.courses import FOLLOW, asked_at, session_or_404, takes_no_answers
from medvirk.feedback.views.members import named, place_of_one
from medvirk.people.access import needs
from medvirk.people.signin.handover import hand_over
from medvirk.people.signin.sessions import polling


def _hand_out(request: HttpRequest, session: Session, moment: str, channel: Channel) -> tuple[str, Occasion]:
    """A fresh way in (its path), and what it opens; the earlier ones stop working."""
    occasion = asked_at(request, session, moment)
    token = make_link(
        by=request.viewer,
        occasion=occasion,
        channel=channel,
        now=timezone.now(),
        return_to=place_of_one(request, session),
    )
    return reverse("answers:answer", args=[token]), occasion


@needs(FOLLOW)
@require_POST
def phone(request: HttpRequest, session_id: uuid.UUID, moment: str) -> HttpResponse:
    """A code to scan and a link. Shown in the reply itself: the token is kept nowhere."""
    session = session_or_404(request, session_id)
    try:
        path, occasion = _hand_out(request, session, moment, Channel.PHONE)
    except NotTaken:
        return takes_no_answers(request, session)
    link = request.build_absolute_uri(path)
    code = segno.make(link, error="m").svg_inline(omitsize=True, border=1, svgclass=None, lineclass=None)
    context = {
        "session": session,
        "moment": moment,
        "link": link,
        "code": mark_safe(code),  # noqa: S308  made by segno from our own address
        "mark": queries.mark_of(request.viewer, session, named(request)),
        # Where several take part the code must get to the right one.
        "who": occasion.respondent.given_name if named(request) else "",
        "named": named(request),
        "way_back": place_of_one(request, session),
    }
    return render(request, "feedback/phone.html", context)


@needs(FOLLOW)
@require_GET
@polling
def arrived(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """204 while nothing has come in; then it sends the page with the code back to the conversation."""
    session = session_or_404(request, session_id)
    if queries.mark_of(request.viewer, session, named(request)) == request.GET.get("mark", ""):
        return HttpResponse(status=204)
    response = HttpResponse()
    response["HX-Redirect"] = place_of_one(request, session)
    return response


@needs(FOLLOW)
@require_POST
def screen(request: HttpRequest, session_id: uuid.UUID, moment: str) -> HttpResponse:
    """Hand the worker's screen over: nothing else is open on it until the worker takes it back."""
    session = session_or_404(request, session_id)
    try:
        form, _occasion = _hand_out(request, session, moment, Channel.SCREEN)
    except NotTaken:
        return takes_no_answers(request, session)
    hand_over(request, to=form, back=place_of_one(request, session))
    return redirect(form)
