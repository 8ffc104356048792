"""Pausing what is asked, by a worker or by the citizen."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from medvirk.feedback.actions import Refused
from medvirk.feedback.actions.pauses import ask_again, pause
from medvirk.feedback.forms.pauses import OwnPauseForm, PauseForm
from medvirk.feedback.models import PauseReason
from medvirk.feedback.own import own_episodes
from medvirk.feedback.queries.pauses import latest_pause
from medvirk.feedback.views.around import back_to, opened, session_named
from medvirk.people.access import Permission, may_tell_wish, needs
from medvirk.people.views.own_steps import own_citizen, own_page
from medvirk.people.views.steps import posted

REFUSALS = {
    "too_soon": gettext_lazy("This day has passed. Choose today or a later day."),
    "too_long": gettext_lazy("A pause lasts at most 90 days. It can be made longer when it ends."),
    "too_much": gettext_lazy("This is too long to be kept. Shorten it a little."),
    "ended_already": gettext_lazy("This course of help has ended, so nobody is asked anything."),
}


@needs(Permission.FOLLOW_CITIZENS)
@require_http_methods(["GET", "POST"])
def pause_page(request: HttpRequest, episode_id: uuid.UUID) -> HttpResponse:
    """Pause measuring for one who takes part."""
    found, citizen = opened(request, episode_id, "feedback.pause")
    form = PauseForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            pause(
                by=request.viewer,
                citizen=citizen,
                episodes=[found.episode],
                now=timezone.now(),
                **form.cleaned_data,
            )
        except Refused as refused:
            form.add_error(None, str(REFUSALS[refused.reason]))
        else:
            messages.success(request, gettext("Measuring is paused. Nobody is asked or reminded."))
            return redirect(back_to(request, found))
    context = {
        "form": form,
        "episode": found.episode,
        "citizen": citizen,
        "back": back_to(request, found),
        "session_id": session_named(request),
    }
    return render(request, "feedback/pause.html", context, status=422 if form.errors else 200)


@needs(Permission.FOLLOW_CITIZENS)
@require_POST
def pause_end(request: HttpRequest, episode_id: uuid.UUID) -> HttpResponse:
    """Ask again from now on."""
    found, citizen = opened(request, episode_id, "feedback.pause")
    if ask_again(by=request.viewer, citizen=citizen, episodes=[found.episode], now=timezone.now()):
        messages.success(request, gettext("The pause is over. What is coming is asked again."))
    return redirect(back_to(request, found))


@needs(Permission.OWN_PAGES)
@require_http_methods(["GET", "POST"])
def own_pause(request: HttpRequest, citizen_id: uuid.UUID) -> HttpResponse:
    """I would rather not answer for a while: in all courses of help that I take part in."""
    citizen = own_citizen(request, citizen_id, "feedback.pause")
    running = own_episodes(request.viewer, citizen).filter(ended_on__isnull=True)
    form = OwnPauseForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            pause(
                by=request.viewer,
                citizen=citizen,
                episodes=running,
                reason=PauseReason.WISH,
                now=timezone.now(),
                **form.cleaned_data,
            )
        except Refused as refused:
            form.add_error(None, str(REFUSALS[refused.reason]))
        else:
            messages.success(request, gettext("That is all right. You will not be asked until then."))
            return redirect("feedback:own_pause", citizen_id=citizen.pk)
    context = {
        "form": form,
        "running": running.exists(),
        "pause": latest_pause(citizen, timezone.now()),
        "may_say": may_tell_wish(request.viewer, citizen).allowed,
        "back": reverse("feedback:own_course", args=[citizen.pk]),
    }
    status = 422 if form.errors else 200
    return own_page(request, "feedback/own_pause.html", citizen, context, key="course", status=status)


@needs(Permission.OWN_PAGES)
@require_POST
def own_pause_end(request: HttpRequest, citizen_id: uuid.UUID) -> HttpResponse:
    """I can be asked again."""
    citizen = own_citizen(request, citizen_id, "feedback.pause")
    running = own_episodes(request.viewer, citizen).filter(ended_on__isnull=True)
    if ask_again(by=request.viewer, citizen=citizen, episodes=running, now=timezone.now()):
        messages.success(request, gettext("Good. You are asked again from the next conversation on."))
    return redirect("feedback:own_course", citizen_id=citizen.pk)
