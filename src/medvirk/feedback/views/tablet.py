"""A code for the tablet in the waiting room."""

from __future__ import annotations

import uuid

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from medvirk.answers.actions import NotTaken
from medvirk.answers.tablet.codes import LIFETIME, in_fours, make_code
from medvirk.feedback import queries
from medvirk.feedback.views.courses import FOLLOW, asked_at, session_or_404, takes_no_answers
from medvirk.feedback.views.members import named, place_of_one
from medvirk.people.access import needs


@needs(FOLLOW)
@require_POST
def tablet(request: HttpRequest, session_id: uuid.UUID, moment: str) -> HttpResponse:
    """A code to say or write down. Shown in the reply itself: the digits are kept nowhere."""
    session, now = session_or_404(request, session_id), timezone.now()
    try:
        code = make_code(by=request.viewer, occasion=asked_at(request, session, moment), now=now)
    except NotTaken:
        return takes_no_answers(request, session)
    context = {
        "session": session,
        "code": in_fours(code),
        "until": now + LIFETIME,
        "tablet": request.build_absolute_uri(reverse("answers:tablet")),
        "mark": queries.mark_of(request.viewer, session, named(request)),
        "named": named(request),
        "way_back": place_of_one(request, session),
    }
    return render(request, "feedback/tablet.html", context)
