"""My goals: the citizen's own page about what they want to reach, and what happened in their life."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST

from medvirk.feedback.actions import Refused
from medvirk.feedback.actions import goals as actions
from medvirk.feedback.forms.goals import EventForm, GoalForm
from medvirk.feedback.models import Goal, LifeEvent
from medvirk.feedback.queries.fetching import Beside
from medvirk.feedback.queries.goals import events_of, goals_in
from medvirk.feedback.views.goals import REFUSALS, take_goal_step
from medvirk.people.access import Permission, may_tell_wish, needs
from medvirk.people.models import Citizen
from medvirk.people.views.own_steps import own_citizen, own_page
from medvirk.people.views.steps import posted

OWN = Permission.OWN_PAGES


@needs(OWN)
@require_http_methods(["GET", "POST"])
def own_goals(request: HttpRequest, citizen_id: uuid.UUID) -> HttpResponse:
    """See them, add one, note what happened."""
    citizen = own_citizen(request, citizen_id, "feedback.goal")
    is_event = "event-words" in request.POST
    goal_form = GoalForm(posted(request) if not is_event else None)
    event_form = EventForm(request.POST if is_event else None)
    form = event_form if is_event else goal_form
    if request.method == "POST" and form.is_valid():
        add = actions.note_event if is_event else actions.add_goal
        try:
            add(by=request.viewer, citizen=citizen, now=timezone.now(), **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, str(REFUSALS[refused.reason]))
        else:
            messages.success(request, gettext("It is saved."))
            return redirect("feedback:own_goals", citizen_id=citizen.pk)
    context = {
        "beside": Beside(tuple(goals_in(request.viewer, citizen)), tuple(events_of(request.viewer, citizen))),
        "goal_form": goal_form,
        "event_form": event_form,
        "may_say": may_tell_wish(request.viewer, citizen).allowed,
    }
    status = 422 if form.errors else 200
    return own_page(request, "feedback/own_goals.html", citizen, context, key="goals", status=status)


def _own_goal(request: HttpRequest, citizen_id: uuid.UUID, goal_id: uuid.UUID) -> tuple[Citizen, Goal]:
    citizen = own_citizen(request, citizen_id, "feedback.goal")
    goal = goals_in(request.viewer, citizen).filter(pk=goal_id).select_related("citizen").first()
    if goal is None:
        raise Http404
    return citizen, goal


@needs(OWN)
@require_http_methods(["GET", "POST"])
def own_goal(request: HttpRequest, citizen_id: uuid.UUID, goal_id: uuid.UUID) -> HttpResponse:
    """Say it in other words."""
    citizen, goal = _own_goal(request, citizen_id, goal_id)
    form = GoalForm(posted(request), initial={"words": goal.words})
    if request.method == "POST" and form.is_valid():
        try:
            actions.reword(by=request.viewer, goal=goal, words=form.cleaned_data["words"], now=timezone.now())
        except Refused as refused:
            form.add_error(None, str(REFUSALS[refused.reason]))
        else:
            messages.success(request, gettext("It is saved."))
            return redirect("feedback:own_goals", citizen_id=citizen.pk)
    context = {"form": form, "goal": goal}
    status = 422 if form.errors else 200
    return own_page(request, "feedback/own_goal.html", citizen, context, key="goals", status=status)


@needs(OWN)
@require_POST
def own_goal_step(request: HttpRequest, citizen_id: uuid.UUID, goal_id: uuid.UUID, step: str) -> HttpResponse:
    """Reached, let go, or taken up again."""
    citizen, goal = _own_goal(request, citizen_id, goal_id)
    take_goal_step(request, goal, step)
    return redirect("feedback:own_goals", citizen_id=citizen.pk)


@needs(OWN)
@require_POST
def own_event_remove(request: HttpRequest, citizen_id: uuid.UUID, event_id: uuid.UUID) -> HttpResponse:
    """It shall not stand there."""
    citizen = own_citizen(request, citizen_id, "feedback.life_event")
    # What a worker noted is part of the record: that it is wrong is said by asking for a correction.
    mine = LifeEvent.objects.filter(citizen=citizen, noted_by=request.viewer.own_person_id)
    event = mine.filter(pk=event_id).first()
    if event is None:
        raise Http404
    actions.remove_event(by=request.viewer, event=event)
    messages.success(request, gettext("It is taken away."))
    return redirect("feedback:own_goals", citizen_id=citizen.pk)
