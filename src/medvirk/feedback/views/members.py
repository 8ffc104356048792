"""Who takes part in a course of help: the page for it, and the chooser on the pages of several."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from medvirk.answers.models import Capacity
from medvirk.feedback import actions, queries
from medvirk.feedback.forms.members import JoinForm, LeaveForm
from medvirk.feedback.models import EpisodeKind, Moment, Participation, Session
from medvirk.feedback.queries import Fetched, Followed
from medvirk.feedback.queries.together import members
from medvirk.feedback.views.around import opened
from medvirk.people.access import Permission, citizens_open_to, logs_if_shown, needs
from medvirk.people.forms import SearchForm
from medvirk.people.queries import find_citizens

FOLLOW = Permission.FOLLOW_CITIZENS
REFUSALS = {
    "ended_already": gettext_lazy("This course of help has ended. Open it again to change who takes part."),
    "takes_part_already": gettext_lazy("They take part already."),
    "starts_before_the_episode": gettext_lazy(
        "The course of help starts later. Choose that day or a later one."
    ),
    "not_for_one": gettext_lazy("Choose whether it is a couple, a family or a group."),
    "kept_out": gettext_lazy("They cannot take part in this course of help. Talk with your team leader."),
    "not_there": gettext_lazy("They take no part any more."),
    "leaves_before_coming": gettext_lazy("The last day is before they came. Choose a later day."),
    "last_one": gettext_lazy("Nobody would be left. End the course of help instead."),
}


def choosable(
    found: Fetched, courses: list[Followed], chosen: Followed, session: Session | None = None
) -> list[dict[str, Any]]:
    """Those whose course can be looked at, where there are several; with what each has answered around `session`."""
    day = timezone.localdate(session.starts_at) if session else timezone.localdate()
    there = [each for each in courses if each is chosen or found.takes_part(each.citizen.pk, day)]
    if len(courses) < 2:
        return []
    place = (
        reverse("feedback:conversation", args=[session.pk])
        if session
        else reverse("feedback:episode", args=[found.episode.pk])
    )
    return [
        {
            "citizen": each.citizen,
            "chosen": each is chosen,
            "address": f"{place}?citizen={each.citizen.pk}",
            "moments": _moments(found, each, session) if session else [],
        }
        for each in (there if session else courses)
    ]


def _moments(found: Fetched, each: Followed, session: Session) -> list[bool]:
    """Answered, for each moment at which they are asked."""
    asked = [found.asked_of(session.pk, each.citizen.pk, moment) for moment in Moment]
    return [one.occasion_id in each.given for one in asked if one is not None]


def named(request: HttpRequest) -> uuid.UUID | None:
    """The one of those who take part whom the form or the address names.

    Raises:
        Http404: it names nobody.
    """
    whom = request.POST.get("citizen") or request.GET.get("citizen")
    try:
        return uuid.UUID(whom) if whom else None
    except ValueError:
        raise Http404 from None


def place_of_one(request: HttpRequest, session: Session) -> str:
    """The conversation, with the one chosen whom the form or the address names."""
    place, whom = reverse("feedback:conversation", args=[session.pk]), named(request)
    return f"{place}?citizen={whom}" if whom else place


def risk_said_by_others(found: Fetched, session: Session, followed: Followed) -> list[Any]:
    """As whom others answered around this conversation that life is hard to bear for the one who is looked at."""
    return [
        Capacity(asked.capacity).label
        for asked in found.asked.get(session.pk, ())
        if asked.citizen_id == followed.citizen.pk and asked.capacity != Capacity.SELF
        for given in [followed.given.get(asked.occasion_id)]
        if given is not None and given.at_risk
    ]


@needs(FOLLOW)
@require_http_methods(["GET", "POST"])
def members_page(request: HttpRequest, episode_id: uuid.UUID) -> HttpResponse:
    """Who takes part. The search is by POST, so that names stay out of addresses and histories."""
    found, _citizen = opened(request, episode_id, "feedback.members")
    search = SearchForm(request.POST if request.method == "POST" else None)
    result = (
        find_citizens(request.viewer, search.criteria()) if search.is_bound and search.is_valid() else None
    )
    return _page(request, found, search=search, result=result)


def _page(request: HttpRequest, found: Fetched, status: int = 200, **more: Any) -> HttpResponse:
    rows = list(members(request.viewer, found.episode))
    here = {each.citizen_id for each in rows if each.until is None}
    result = more.get("result")
    kind = found.episode.kind if found.episode.kind != EpisodeKind.INDIVIDUAL else EpisodeKind.COUPLE
    initial = {"kind": kind, "since": max(timezone.localdate(), found.episode.started_on)}
    hits = [each for each in result.known if each.citizen_id not in here] if result else []
    search = more.get("search") or SearchForm()
    context = {
        "episode": found.episode,
        "rows": [(each, _leaving(each, request)) for each in rows],
        "search": search,
        "result": result,
        "hits": [
            (hit, JoinForm(initial=initial | {"citizen": hit.citizen_id}, auto_id=f"id_{number}_%s"))
            for number, hit in enumerate(hits)
        ],
        "join": more.get("join"),
        "several": len(here) > 1,
        "way_back": reverse("feedback:members", args=[found.episode.pk]),
    }
    if search.is_bound and search.errors:
        status = 422
    return render(request, "feedback/members.html", context, status=status)


def _leaving(part: Participation, request: HttpRequest) -> LeaveForm:
    return LeaveForm(
        initial={"citizen": part.citizen_id, "until": request.viewer.today}, auto_id=f"id_{part.pk}_%s"
    )


@needs(FOLLOW)
@require_POST
def join(request: HttpRequest, episode_id: uuid.UUID) -> HttpResponse:
    """Let one more take part."""
    found = _found(request, episode_id)
    form = JoinForm(request.POST)
    if not form.is_valid():
        return _page(request, found, 422, join=form)
    data = form.cleaned_data
    citizen = citizens_open_to(request.viewer).filter(pk=data["citizen"]).select_related("person").first()
    if citizen is None:
        raise Http404
    try:
        actions.add_member(
            by=request.viewer, episode=found.episode, citizen=citizen, kind=data["kind"], since=data["since"],
            now=timezone.now(),
        )  # fmt: skip
    except actions.Refused as refused:
        form.add_error(None, str(REFUSALS[refused.reason]))
        return _page(request, found, 422, join=form)
    messages.success(
        request, gettext("They take part now, and are asked alone from the next conversation on.")
    )
    return redirect("feedback:members", episode_id=episode_id)


def _found(request: HttpRequest, episode_id: uuid.UUID) -> Fetched:
    """As `opened`, where the form names somebody who does not take part yet."""
    found = queries.fetch_one(queries.episodes(request.viewer).filter(pk=episode_id))
    if found is None:
        raise Http404
    logs_if_shown(request, found, "feedback.members", FOLLOW)
    return found


@needs(FOLLOW)
@require_POST
def leave(request: HttpRequest, episode_id: uuid.UUID) -> HttpResponse:
    """Let somebody take part no more."""
    found, citizen = opened(request, episode_id, "feedback.members")
    form = LeaveForm(request.POST)
    if not form.is_valid():
        return _page(request, found, 422, join=form)
    try:
        actions.remove_member(
            by=request.viewer,
            episode=found.episode,
            citizen=citizen,
            until=form.cleaned_data["until"],
            now=timezone.now(),
        )
    except actions.Refused as refused:
        form.add_error(None, str(REFUSALS[refused.reason]))
        return _page(request, found, 422, join=form)
    messages.success(request, gettext("The last day is noted. What was said before stays where it is."))
    return redirect("feedback:members", episode_id=episode_id)
