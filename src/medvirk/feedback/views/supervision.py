"""Supervision: the teams' meetings, the agenda of one, and the same without names."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from medvirk.feedback.actions import Refused
from medvirk.feedback.actions import supervision as acts
from medvirk.feedback.forms.supervision import PresentForm, SupervisionForm, WishForm
from medvirk.feedback.logic.goals import letter_of
from medvirk.feedback.models import Episode, Supervision
from medvirk.feedback.pictures import sparkline
from medvirk.feedback.queries import episodes
from medvirk.feedback.queries.supervision import (
    Aside,
    Line,
    agenda,
    helpers_of,
    supervision_of,
    team_of,
    teams,
    upcoming_and_past,
    waiting_case,
)
from medvirk.feedback.wording.courses import in_words
from medvirk.feedback.wording.supervision import (
    REFUSALS,
    criteria,
    reason_right,
    reason_title,
    reason_words,
    since_words,
)
from medvirk.people.access import Permission, log_listing, needs, open_record
from medvirk.ui.languages import current_language

FOLLOW = Permission.FOLLOW_CITIZENS


@needs(FOLLOW)
@require_GET
def supervisions(request: HttpRequest) -> HttpResponse:
    """My teams: the meeting ahead, those that were, and the team's check of itself."""
    rows = upcoming_and_past(request.viewer, list(teams(request.viewer)))
    return render(request, "feedback/supervisions.html", {"rows": rows, "criteria": criteria()})


@needs(FOLLOW)
@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest, unit_id: uuid.UUID) -> HttpResponse:
    """Plan a team's next supervision."""
    unit = team_of(request.viewer, unit_id)
    if unit is None:
        raise Http404
    form = SupervisionForm(request.POST or None, initial={"day": request.viewer.today})
    if request.method == "POST" and form.is_valid():
        try:
            meeting = acts.plan_supervision(
                by=request.viewer, unit=unit, day=form.cleaned_data["day"], now=timezone.now()
            )
        except Refused as refused:
            form.add_faults([str(REFUSALS[refused.reason])])
        else:
            messages.success(
                request, gettext("The supervision is planned. The agenda makes itself until it begins.")
            )
            return redirect("feedback:supervision", meeting.pk)
    context = {"form": form, "unit": unit}
    return render(request, "feedback/supervision_plan.html", context, status=422 if form.errors else 200)


def meeting_or_404(request: HttpRequest, supervision_id: uuid.UUID) -> Supervision:
    found = supervision_of(request.viewer, supervision_id)
    if found is None:
        raise Http404
    return found


@needs(FOLLOW)
@require_GET
def supervision(request: HttpRequest, supervision_id: uuid.UUID) -> HttpResponse:
    """One meeting: its agenda, what was taken off it, and what could be put on."""
    return _meeting_page(request, meeting_or_404(request, supervision_id))


def _meeting_page(
    request: HttpRequest, meeting: Supervision, form: PresentForm | None = None
) -> HttpResponse:
    now = timezone.now()
    found = agenda(request.viewer, meeting, now=now, language=current_language())
    smaller = request.GET.get("circle") == "smaller"
    lines = found.aside if smaller else found.lines
    shown = [*lines, *(() if smaller else (*found.off, *found.others))]
    log_listing(request.viewer, {one.pk for each in shown for one in each.citizens}, "feedback.supervision")
    team = helpers_of(meeting.unit, request.viewer.today)
    present = list(meeting.present.select_related("person")) if meeting.begun_at else []
    chosen = [str(each.pk) for each in present] or [str(each.pk) for each in team]
    context = {
        "meeting": meeting,
        "lines": [line_context(each) for each in lines],
        "off": [] if smaller else found.off,
        "others": [] if smaller else found.others,
        "has_aside": bool(found.aside),
        "smaller": smaller,
        "present": present,
        "form": form or PresentForm(team=team, initial={"present": chosen}),
        "criteria": criteria(),
    }
    return render(request, "feedback/supervision.html", context, status=422 if form else 200)


def line_context(line: Line) -> dict[str, Any]:
    """A line with its reasons in words, and what was agreed before."""
    accuracy = line.followed[0].accuracy if line.followed else None
    return {
        "line": line,
        "names": ", ".join(each.person.name for each in line.citizens),
        "reasons": [
            {"kind": each.kind, "title": reason_title(each), "words": reason_words(each),
             "right": reason_right(each, accuracy)}
            for each in line.reasons
        ],
        "earlier": [
            {"agreement": each.agreement, "day": each.day,
             "since": [(one.person.given_name if len(each.since) > 1 else "", since_words(since))
                       for one, since in each.since]}
            for each in line.earlier
        ],
    }  # fmt: skip


@needs(FOLLOW)
@require_GET
def supervision_plain(request: HttpRequest, supervision_id: uuid.UUID) -> HttpResponse:
    """The agenda without names, for showing to somebody from outside: nothing that anybody has written, no day."""
    meeting = meeting_or_404(request, supervision_id)
    now = timezone.now()
    found = agenda(request.viewer, meeting, now=now, language=current_language())
    # Without a name, what somebody present may not open may be talked about; whom a citizen keeps out, does not hear.
    lines = [*found.lines, *(each for each in found.aside if each.aside is Aside.NOT_OPEN)]
    log_listing(request.viewer, {one.pk for each in lines for one in each.citizens}, "feedback.supervision")
    cases = [
        line_context(each)
        | {"letter": letter_of(number), "courses": [_plain_course(one) for one in each.followed]}
        for number, each in enumerate(lines)
    ]
    return render(request, "feedback/supervision_plain.html", {"meeting": meeting, "cases": cases})


def _plain_course(followed: Any) -> dict[str, Any]:
    return {
        "title": followed.course.measure.title,
        "sparkline": sparkline(followed.course) if followed.course.measured else "",
        "words": in_words(followed.course, followed.expected),
    }


def _done(request: HttpRequest, meeting: Supervision, act: Callable[[], object], said: str) -> HttpResponse:
    """Do it and go back to the meeting, with what came of it."""
    try:
        act()
    except Refused as refused:
        messages.error(request, REFUSALS[refused.reason])
    else:
        messages.success(request, said)
    return redirect("feedback:supervision", meeting.pk)


@needs(FOLLOW)
@require_POST
def begin(request: HttpRequest, supervision_id: uuid.UUID) -> HttpResponse:
    """Begin the meeting with those who are there, or say anew who is there."""
    meeting = meeting_or_404(request, supervision_id)
    form = PresentForm(request.POST, team=helpers_of(meeting.unit, request.viewer.today))
    if not form.is_valid():
        return _meeting_page(request, meeting, form)
    act = acts.begin if meeting.begun_at is None else acts.change_present
    return _done(
        request,
        meeting,
        lambda: act(by=request.viewer, meeting=meeting, present=form.chosen(), now=timezone.now()),
        gettext("Begun. The agenda stays as it is now; you can still take courses off or put them on.")
        if meeting.begun_at is None
        else gettext("Noted who is here."),
    )


@needs(FOLLOW)
@require_POST
def finish(request: HttpRequest, supervision_id: uuid.UUID) -> HttpResponse:
    """End the meeting, or take the end back."""
    meeting = meeting_or_404(request, supervision_id)
    if "undo" in request.POST:
        return _done(
            request, meeting, lambda: acts.go_on(by=request.viewer, meeting=meeting), gettext("It goes on.")
        )
    return _done(
        request,
        meeting,
        lambda: acts.finish(by=request.viewer, meeting=meeting, now=timezone.now()),
        gettext(
            "Ended. Citizens can read on their own pages that they were talked about, and what was agreed."
        ),
    )


@needs(FOLLOW)
@require_POST
def put(request: HttpRequest, supervision_id: uuid.UUID, episode_id: uuid.UUID) -> HttpResponse:
    """Put a course on the agenda, or take it off."""
    meeting, episode = meeting_or_404(request, supervision_id), _episode(request, episode_id)
    act = acts.take_off if "off" in request.POST else acts.put_on
    said = gettext("Taken off the agenda.") if "off" in request.POST else gettext("Put on the agenda.")
    return _done(
        request,
        meeting,
        lambda: act(by=request.viewer, meeting=meeting, episode=episode, now=timezone.now()),
        said,
    )


def _episode(request: HttpRequest, episode_id: uuid.UUID) -> Episode:
    found = (
        episodes(request.viewer)
        .prefetch_related("participations__citizen__person")
        .filter(pk=episode_id)
        .first()
    )
    if found is None:
        raise Http404
    return found


@needs(FOLLOW)
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, episode_id: uuid.UUID) -> HttpResponse:
    """Ask to take a course up in the team's next supervision, or take that back."""
    episode = _episode(request, episode_id)
    open_record(request.viewer, episode, "feedback.supervision")
    waiting = waiting_case(request.viewer, episode)
    form = WishForm(request.POST or None, initial={"words": waiting.asked if waiting else ""})
    undo = request.method == "POST" and "undo" in request.POST and waiting is not None
    if undo or (request.method == "POST" and form.is_valid()):
        try:
            if undo and waiting is not None:
                acts.unask(by=request.viewer, case=waiting)
                messages.success(request, gettext("It is not asked for any more."))
            else:
                words = form.cleaned_data["words"]
                acts.ask_for(by=request.viewer, episode=episode, words=words, now=timezone.now())
                messages.success(request, gettext("It stands on the agenda of the next supervision."))
        except Refused as refused:
            messages.error(request, REFUSALS[refused.reason])
        return redirect("feedback:episode", episode.pk)
    context = {
        "form": form,
        "episode": episode,
        "waiting": waiting if waiting and waiting.asked else None,
        "names": ", ".join(each.citizen.person.name for each in episode.participations.all()),
        "of_the_team": episode.unit_id in request.viewer.units_with(FOLLOW),
    }
    return render(request, "feedback/supervision_ask.html", context, status=422 if form.errors else 200)
