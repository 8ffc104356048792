"""Steps that the pages around a course share: whose it is, and where one came from."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest
from django.urls import reverse

from medvirk.feedback import queries
from medvirk.feedback.queries import Fetched
from medvirk.people.access import Permission, logs_if_shown, open_record
from medvirk.people.models import Citizen


def opened(request: HttpRequest, episode_id: uuid.UUID, what: str) -> tuple[Fetched, Citizen]:
    """The episode, and the one of those who take part that the address or the form names; else the first.

    Showing is logged here; what is changed (POST) is logged by the action.

    Raises:
        Http404: it is not the viewer's to see, or the one named does not take part.
    """
    found = queries.fetch_one(queries.episodes(request.viewer).filter(pk=episode_id))
    if found is None:
        raise Http404
    if request.method == "POST":
        logs_if_shown(request, found, what, Permission.FOLLOW_CITIZENS)
    else:
        open_record(request.viewer, found, what)
    named = request.POST.get("citizen") or request.GET.get("citizen")
    if not named:
        return found, found.citizens[0]
    citizen = next((each for each in found.citizens if str(each.pk) == named), None)
    if citizen is None:
        raise Http404
    return found, citizen


def back_to(request: HttpRequest, found: Fetched) -> str:
    """The conversation that one came from, if it is one of this course; else the page of the course."""
    session = next((each for each in found.sessions if str(each.pk) == session_named(request)), None)
    if session is not None:
        return reverse("feedback:conversation", args=[session.pk])
    return reverse("feedback:episode", args=[found.episode.pk])


def session_named(request: HttpRequest) -> str:
    """The id, as it was sent, of the conversation to come back to; empty where none was named."""
    return request.POST.get("session") or request.GET.get("session") or ""
