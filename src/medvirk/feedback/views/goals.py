"""Goals and life events, seen and changed by a worker together with the citizen."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from medvirk.feedback.actions import Refused
from medvirk.feedback.actions import goals as actions
from medvirk.feedback.forms.goals import EventForm, GoalForm
from medvirk.feedback.models import Goal
from medvirk.feedback.queries import Fetched
from medvirk.feedback.queries.goals import events_of, goals_in
from medvirk.feedback.views.around import back_to, opened, session_named
from medvirk.people.access import Permission, needs
from medvirk.people.models import Citizen
from medvirk.people.views.steps import posted

FOLLOW = Permission.FOLLOW_CITIZENS
REFUSALS = {
    "ended_already": gettext_lazy("This course of help has ended. Open it again to set a goal."),
    "no_words": gettext_lazy("Write something first."),
    "too_much": gettext_lazy("This is too long. Say it in at most 200 letters."),
    "enough_goals": gettext_lazy(
        "There are five goals already. More would be much to answer about: let one go, or mark one as reached."
    ),
    "not_yet": gettext_lazy("This day has not come yet. Write the day it happened."),
}
STEPS = {"reach": actions.reach, "drop": actions.drop, "again": actions.take_up_again}
SAID = {
    "reach": gettext_lazy("Reached! That is worth stopping at for a moment."),
    "drop": gettext_lazy("It is not asked about any more. What was answered stays on the curve."),
    "again": gettext_lazy("It is a goal again."),
}


@needs(FOLLOW)
@require_GET
def goals(request: HttpRequest, episode_id: uuid.UUID) -> HttpResponse:
    """All goals of one who takes part, and what happened in their life."""
    found, citizen = opened(request, episode_id, "feedback.goal")
    return render(request, "feedback/goals.html", goals_context(request, found, citizen))


def goals_context(request: HttpRequest, found: Fetched, citizen: Citizen) -> dict[str, object]:
    """What the page of goals shows, with empty forms."""
    return {
        "episode": found.episode,
        "citizen": citizen,
        "beside": found.beside_of(request.viewer, citizen),
        "goal_form": GoalForm(),
        "event_form": EventForm(),
        "back": back_to(request, found),
        "session_id": session_named(request),
    }


@needs(FOLLOW)
@require_POST
def add_goal(request: HttpRequest, episode_id: uuid.UUID) -> HttpResponse:
    """One more goal."""
    found, citizen = opened(request, episode_id, "feedback.goal")
    form = GoalForm(request.POST)
    if form.is_valid():
        try:
            actions.add_goal(
                by=request.viewer,
                citizen=citizen,
                episode=found.episode,
                words=form.cleaned_data["words"],
                now=timezone.now(),
            )
        except Refused as refused:
            form.add_error(None, str(REFUSALS[refused.reason]))
        else:
            messages.success(request, gettext("The goal stands. It is asked about before each conversation."))
            return redirect(back_to(request, found))
    context = goals_context(request, found, citizen) | {"goal_form": form}
    return render(request, "feedback/goals.html", context | {"way_back": context["back"]}, status=422)


@needs(FOLLOW)
@require_POST
def add_event(request: HttpRequest, episode_id: uuid.UUID) -> HttpResponse:
    """Something happened in life."""
    found, citizen = opened(request, episode_id, "feedback.life_event")
    form = EventForm(request.POST)
    if form.is_valid():
        try:
            actions.note_event(by=request.viewer, citizen=citizen, now=timezone.now(), **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, str(REFUSALS[refused.reason]))
        else:
            messages.success(request, gettext("Noted. It stands as a letter on the curve."))
            return redirect(back_to(request, found))
    context = goals_context(request, found, citizen) | {"event_form": form}
    return render(request, "feedback/goals.html", context | {"way_back": context["back"]}, status=422)


def _of(request: HttpRequest, episode_id: uuid.UUID, goal_id: uuid.UUID) -> tuple[Fetched, Goal]:
    """A goal of somebody who takes part in an episode that the viewer may see, and whose record is theirs; or 404."""
    found, _ = opened(request, episode_id, "feedback.goal")
    theirs = (
        goals_in(request.viewer, each, found.episode).filter(pk=goal_id).select_related("citizen").first()
        for each in found.citizens
    )
    held = next((each for each in theirs if each is not None), None)
    if held is None:
        raise Http404
    return found, held


@needs(FOLLOW)
@require_http_methods(["GET", "POST"])
def goal(request: HttpRequest, episode_id: uuid.UUID, goal_id: uuid.UUID) -> HttpResponse:
    """Say a goal in other words."""
    found, held = _of(request, episode_id, goal_id)
    form = GoalForm(posted(request), initial={"words": held.words})
    if request.method == "POST" and form.is_valid():
        try:
            actions.reword(by=request.viewer, goal=held, words=form.cleaned_data["words"], now=timezone.now())
        except Refused as refused:
            form.add_error(None, str(REFUSALS[refused.reason]))
        else:
            messages.success(request, gettext("The new words are asked about from now on."))
            return redirect(back_to(request, found))
    context = {
        "form": form,
        "goal": held,
        "episode": found.episode,
        "back": back_to(request, found),
        "session_id": session_named(request),
    }
    return render(request, "feedback/goal.html", context, status=422 if form.errors else 200)


@needs(FOLLOW)
@require_POST
def goal_step(request: HttpRequest, episode_id: uuid.UUID, goal_id: uuid.UUID, step: str) -> HttpResponse:
    """Reached, let go, or taken up again."""
    found, held = _of(request, episode_id, goal_id)
    take_goal_step(request, held, step)
    return redirect(back_to(request, found))


def take_goal_step(request: HttpRequest, held: Goal, step: str) -> None:
    """Do it and say so; also on the citizen's own pages."""
    if step not in STEPS:
        raise Http404
    try:
        STEPS[step](by=request.viewer, goal=held, now=timezone.now())
    except Refused as refused:
        messages.error(request, REFUSALS[refused.reason])
    else:
        messages.success(request, SAID[step])


@needs(FOLLOW)
@require_POST
def remove_event(request: HttpRequest, episode_id: uuid.UUID, event_id: uuid.UUID) -> HttpResponse:
    """Take a life event away again."""
    found, _ = opened(request, episode_id, "feedback.life_event")
    theirs = (events_of(request.viewer, each).filter(pk=event_id).first() for each in found.citizens)
    event = next((each for each in theirs if each is not None), None)
    if event is None:
        raise Http404
    actions.remove_event(by=request.viewer, event=event)
    messages.success(request, gettext("It is taken away."))
    return redirect(reverse("feedback:goals", args=[episode_id]) + f"?citizen={event.citizen_id}")
