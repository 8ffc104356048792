"""Pages of the feedback room: my citizens, the episode and the conversation."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from medvirk.answers.models import Occasion
from medvirk.answers.queries import mark_of
from medvirk.feedback import actions, queries
from medvirk.feedback.forms import ChangeForm, EndForm, EpisodeForm, SessionForm, split
from medvirk.feedback.forms.goals import EventForm, GoalForm
from medvirk.feedback.forms.signals import TalkForm
from medvirk.feedback.hooks import course_links, waiting_lists
from medvirk.feedback.models import EpisodeKind, Moment, Session
from medvirk.feedback.pictures import sparkline
from medvirk.feedback.queries import Fetched, Followed
from medvirk.feedback.queries.schedules import asks_at_the_end
from medvirk.feedback.views.course import course_context
from medvirk.feedback.views.members import choosable, place_of_one, risk_said_by_others
from medvirk.feedback.views.signal_cards import signal_cards
from medvirk.feedback.wording.courses import MISSING, points, title_of
from medvirk.messages.wording import note_on_unread
from medvirk.people.access import (
    Permission,
    Viewer,
    citizens_open_to,
    log_listing,
    needs,
    open_record,
    place_of,
)
from medvirk.people.models import Staff
from medvirk.people.signin.sessions import polling
from medvirk.ui.languages import current_language

FOLLOW = Permission.FOLLOW_CITIZENS


@needs(FOLLOW)
@require_GET
def my_citizens(request: HttpRequest) -> HttpResponse:
    """Who needs attention first, and why."""
    whole_team = request.GET.get("show") == "team"
    rows = queries.caseload(
        request.viewer, now=timezone.now(), language=current_language(), whole_team=whole_team
    )
    named = [citizen.pk for row in rows for citizen in (row.citizen, *row.beside)]
    log_listing(request.viewer, named, "feedback.my_citizens")
    context = {
        "rows": [_row(row, request.viewer) for row in rows],
        "waiting_lists": waiting_lists() if any(_waits(row, request.viewer) for row in rows) else [],
        "whole_team": whole_team,
        "in_team": 0
        if rows or whole_team
        else queries.episodes(request.viewer).filter(ended_on=None).count(),
        "unread": note_on_unread(request.viewer),
    }
    return render(request, "feedback/my_citizens.html", context)


def _waits(row: Followed, viewer: Viewer) -> bool:
    """One of the viewer's own conversations is not in the record yet."""
    return row.not_in_record and row.episode.responsible_id == viewer.staff_id


def _row(row: Followed, viewer: Viewer) -> dict[str, Any]:
    latest = row.latest
    return {
        "followed": row,
        "sparkline": sparkline(row.course) if row.course.measured else "",
        "latest": points(latest.outcome) if latest else None,
        "signals": [{"kind": each.kind, "title": title_of(each)} for each in row.found],
        "session": row.today,
        "waits": _waits(row, viewer),
    }


def _episode(request: HttpRequest, episode_id: uuid.UUID) -> Fetched:
    """The episode with its sessions, opened and logged, or 404."""
    found = queries.fetch_one(queries.episodes(request.viewer).filter(pk=episode_id))
    if found is None:
        raise Http404
    open_record(request.viewer, found, "feedback.episode")
    return found


def session_or_404(request: HttpRequest, session_id: uuid.UUID) -> Session:
    """The session, or 404 if it is not the viewer's to see."""
    session = queries.session_of(request.viewer, session_id)
    if session is None:
        raise Http404
    return session


@needs(FOLLOW)
@require_http_methods(["GET", "POST"])
def start_episode(request: HttpRequest, citizen_id: uuid.UUID) -> HttpResponse:
    """Start a course of help for a citizen."""
    citizen = get_object_or_404(citizens_open_to(request.viewer).select_related("person"), pk=citizen_id)
    form = EpisodeForm(request.POST or None, viewer=request.viewer, citizen=citizen)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        episode = actions.start_episode(
            by=request.viewer,
            citizen=citizen,
            unit=data["unit"],
            responsible=data["responsible"],
            started_on=data["started_on"],
            outcome=split(data["outcome"]),
            meeting=split(data["meeting"]),
            asks_safety=data["asks_safety"],
            kind=data["kind"],
        )
        if episode.kind != EpisodeKind.INDIVIDUAL:
            messages.success(request, gettext("The course of help is started. Now add those who take part."))
            return redirect("feedback:members", episode_id=episode.pk)
        messages.success(request, gettext("The course of help is started. Now plan the first conversation."))
        return redirect("feedback:episode", episode_id=episode.pk)
    open_record(request.viewer, citizen, "feedback.episode")
    return render(request, "feedback/start_episode.html", {"form": form, "citizen": citizen})


@needs(FOLLOW)
@require_GET
def episode(request: HttpRequest, episode_id: uuid.UUID) -> HttpResponse:
    """One course of help: its curve, its conversations, its end."""
    found = _episode(request, episode_id)
    return render(
        request,
        "feedback/episode.html",
        _episode_page(request, found, SessionForm(started_on=found.episode.started_on)),
    )


def _episode_page(request: HttpRequest, found: Fetched, form: SessionForm) -> dict[str, Any]:
    courses = queries.follow(request.viewer, [found], now=timezone.now(), language=current_language())
    followed = _chosen(request, courses)
    aside = found.beside_of(request.viewer, followed.citizen)
    return {
        "members": choosable(found, courses, followed),
        "links": course_links("episodes", found.episode.pk, followed.citizen.pk),
        "episode": found.episode,
        "place": _place(request, found),
        "sessions": found.sessions,
        "form": form,
        **course_context(followed, beside=aside),
    }


def _chosen(request: HttpRequest, courses: list[Followed]) -> Followed:
    """The one whose course is looked at: the first who takes part, unless the address names another."""
    asked_for = request.GET.get("citizen") or request.POST.get("citizen")
    if not asked_for:
        return next((each for each in courses if each.takes_part), courses[0])
    chosen = next((each for each in courses if str(each.citizen.pk) == asked_for), None)
    if chosen is None:
        raise Http404
    return chosen


def _place(request: HttpRequest, found: Fetched) -> str:
    """Where the help is given; hidden when one of those who take part has a protected address."""
    protected = next((each for each in found.citizens if each.person.protection), found.citizens[0])
    return place_of(request.viewer, protected, found.episode.unit)


REFUSALS = {
    "ended_already": gettext_lazy("This course of help has ended. Open it again to plan a conversation."),
    "starts_before_the_episode": gettext_lazy("This course of help has not started yet. Plan a later day."),
    "there_already": gettext_lazy("A conversation is planned at that time already."),
}


@needs(FOLLOW)
@require_POST
def plan_session(request: HttpRequest, episode_id: uuid.UUID) -> HttpResponse:
    """Plan a conversation; with `now`, start one at once."""
    found = _episode(request, episode_id)
    now = timezone.now()
    form = SessionForm(request.POST, started_on=found.episode.started_on)
    at_once = "now" in request.POST
    if at_once and (begun := queries.just_begun(request.viewer, found.episode, now=now)):
        return redirect("feedback:conversation", session_id=begun.pk)
    if not at_once and not form.is_valid():
        context = _episode_page(request, found, form) | {
            "way_back": reverse("feedback:episode", args=[episode_id])
        }
        return render(request, "feedback/episode.html", context, status=422)
    starts_at = now if at_once else form.cleaned_data["starts_at"]
    try:
        session = actions.plan_session(by=request.viewer, episode=found.episode, starts_at=starts_at, now=now)
    except actions.Refused as refused:
        messages.error(request, REFUSALS[refused.reason])
        return redirect("feedback:episode", episode_id=episode_id)
    if at_once:
        return redirect("feedback:conversation", session_id=session.pk)
    messages.success(request, gettext("The conversation is planned."))
    return redirect("feedback:episode", episode_id=episode_id)


@needs(FOLLOW)
@require_http_methods(["GET", "POST"])
def end_episode(request: HttpRequest, episode_id: uuid.UUID) -> HttpResponse:
    """End a course of help: as planned, without a plan, or moved on."""
    found = _episode(request, episode_id)
    form = EndForm(request.POST or None, episode=found.episode)
    if request.method == "POST" and form.is_valid():
        try:
            actions.end_episode(
                by=request.viewer, episode=found.episode, now=timezone.now(), **form.cleaned_data
            )
        except actions.Refused:
            messages.error(request, gettext("It had ended already. Nothing was changed."))
        else:
            messages.success(
                request, gettext("The course of help is ended. You can open it again if this was a slip.")
            )
        return redirect("feedback:episode", episode_id=episode_id)
    context = {
        "form": form,
        "episode": found.episode,
        "citizen": found.citizens[0],
        "asks_at_the_end": asks_at_the_end(found.episode),
    }
    return render(request, "feedback/end_episode.html", context)


@needs(FOLLOW)
@require_POST
def reopen_episode(request: HttpRequest, episode_id: uuid.UUID) -> HttpResponse:
    """Undo an end."""
    found = _episode(request, episode_id)
    try:
        actions.reopen_episode(by=request.viewer, episode=found.episode, now=timezone.now())
    except actions.Refused:
        messages.error(
            request,
            gettext("Nobody who took part lives. Was a death registered by mistake, undo that first."),
        )
    else:
        messages.success(request, gettext("The course of help is open again."))
    return redirect("feedback:episode", episode_id=episode_id)


@needs(FOLLOW)
@require_GET
def conversation(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """The page two people look at together."""
    found = _around(request, session_id)
    session = found.session(session_id)
    open_record(request.viewer, found, "feedback.session")
    if session is None:  # cancelled and never answered, so it is off the course
        context = {"session": session_or_404(request, session_id), "citizen": found.citizens[0]}
        return render(request, "feedback/cancelled.html", context)
    context = _conversation(request, found, session) | {"form": ChangeForm()}
    return render(request, "feedback/conversation.html", context)


def conversation_with(request: HttpRequest, session_id: uuid.UUID, **forms: Any) -> HttpResponse:
    """The conversation again, with a form that was sent with faults: `form`, what we change; `talk`, of a signal."""
    found = _around(request, session_id)
    open_record(request.viewer, found, "feedback.session")
    session = found.session(session_id)
    if session is None:  # cancelled since the page was opened
        return takes_no_answers(request, session_or_404(request, session_id))
    context = _conversation(request, found, session, forms.get("talk"))
    context["form"] = forms.get("form") or ChangeForm()
    context["way_back"] = reverse("feedback:conversation", args=[session_id])
    return render(request, "feedback/conversation.html", context, status=422)


def _around(request: HttpRequest, session_id: uuid.UUID) -> Fetched:
    """The whole episode of a session, or 404."""
    found = queries.fetch_one(queries.episodes(request.viewer).filter(sessions=session_id))
    if found is None:
        raise Http404
    return found


def _conversation(
    request: HttpRequest, found: Fetched, session: Session, talk: TalkForm | None = None
) -> dict[str, Any]:
    courses = queries.follow(
        request.viewer, [found], now=timezone.now(), language=current_language(), until=session
    )
    followed = _chosen(request, courses)
    here = next((point for point in followed.course.points if point.session_id == session.pk), None)
    asked = {moment: found.asked_of(session.pk, followed.citizen.pk, moment) for moment in MOMENTS}
    given = {moment: one and followed.given.get(one.occasion_id) for moment, one in asked.items()}
    everything = [followed.given.get(one.occasion_id) for one in found.asked.get(session.pk, ())]
    aside = found.beside_of(request.viewer, followed.citizen)
    if session != found.sessions[-1]:
        aside = aside.until(timezone.localdate(session.starts_at))
    course = course_context(followed, beside=aside)
    course["signals"] = signal_cards(request, found, followed, course["signals"], talk)
    return {
        "members": choosable(found, courses, followed, session),
        "said_by_others": risk_said_by_others(found, session, followed),
        "asked": asked,
        "session": session,
        "episode": found.episode,
        "here": here,
        "here_missing": MISSING.get(here.missing) if here else None,
        "here_meeting_missing": MISSING.get(here.meeting_missing) if here else None,
        "given": given,
        "mark": mark_of(everything),
        "links": course_links("sessions", session.pk, followed.citizen.pk),
        "waits": found.episode.responsible_id == request.viewer.staff_id
        and any(
            at.not_in_record for at in found.asked.get(session.pk, ()) if at.citizen_id == followed.citizen.pk
        ),
        "goal_form": GoalForm(),
        "event_form": EventForm(),
        **course,
    }


@needs(FOLLOW)
@require_GET
@polling
def news(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """204 while nothing has come in; else the living part of the conversation page.

    Asked every second by an open page, so that nothing has come is no row in the log; what is shown is one, else the
    whole course could be read here and nowhere be seen.
    """
    session = session_or_404(request, session_id)
    if queries.mark_of(request.viewer, session) == request.GET.get("mark", ""):
        return HttpResponse(status=204)
    found = _around(request, session_id)
    if found.session(session_id) is None:  # cancelled since the page was opened: it loads itself anew
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    open_record(request.viewer, found, "feedback.session")
    context = _conversation(request, found, session) | {"arrived": True}
    return render(request, "feedback/conversation.html#live", context)


MOMENTS = tuple(Moment)


def asked_at(request: HttpRequest, session: Session, moment: str) -> Occasion:
    """What the one named in the form is asked then, or 404."""
    if moment not in MOMENTS:
        raise Http404
    try:
        whom = uuid.UUID(request.POST["citizen"]) if request.POST.get("citizen") else None
        occasion = session.asks(moment, whom)
    except (ValueError, LookupError):
        raise Http404 from None
    open_record(request.viewer, session, "feedback.session")
    # What is handed out asks what the plan and the goals say now.
    actions.settle(session=session, citizen_id=occasion.about_id)
    return occasion


def takes_no_answers(request: HttpRequest, session: Session) -> HttpResponse:
    """One that is cancelled or answered, or whose course has ended or pauses, takes no answers."""
    messages.error(
        request,
        gettext(
            "Nothing can be answered here now: the conversation is cancelled or answered, or the course has ended or"
            " pauses."
        ),
    )
    return redirect("feedback:episode", episode_id=session.episode_id)


@needs(FOLLOW)
@require_POST
def note_change(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """Note what is changed from now on."""
    session = session_or_404(request, session_id)
    form = ChangeForm(request.POST)
    if not form.is_valid():
        return conversation_with(request, session_id, form=form)
    try:
        actions.note_change(
            by=request.viewer,
            session=session,
            staff=Staff.objects.get(pk=request.viewer.staff_id),
            text=form.cleaned_data["text"],
            due_on=form.cleaned_data["due_on"],
            now=timezone.now(),
        )
    except actions.Refused:
        form.add_error(None, gettext("This course of help has ended. Open it again to change something."))
        return conversation_with(request, session_id, form=form)
    messages.success(request, gettext("Noted. It stands as a mark on the curve."))
    return redirect(place_of_one(request, session))


@needs(FOLLOW)
@require_POST
def cancel_session(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """Take a conversation off the course; what was answered is kept."""
    session = session_or_404(request, session_id)
    try:
        actions.cancel_session(by=request.viewer, session=session, now=timezone.now())
    except actions.Refused:
        return takes_no_answers(request, session)
    messages.success(request, gettext("The conversation is cancelled. It does not count as missing."))
    return redirect("feedback:conversation", session_id=session.pk)


@needs(FOLLOW)
@require_POST
def restore_session(request: HttpRequest, session_id: uuid.UUID) -> HttpResponse:
    """Undo a cancellation."""
    session = session_or_404(request, session_id)
    try:
        actions.restore_session(by=request.viewer, session=session)
    except actions.Refused as refused:
        messages.error(request, REFUSALS[refused.reason])
        return redirect("feedback:episode", episode_id=session.episode_id)
    messages.success(request, gettext("The conversation is on again."))
    return redirect("feedback:conversation", session_id=session.pk)
