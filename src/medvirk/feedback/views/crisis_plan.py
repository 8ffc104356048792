"""A citizen's crisis plan: written with them by a worker, read and wished about on their own pages."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from medvirk.answers.models import TextKey
from medvirk.answers.texts import text_for
from medvirk.feedback.actions import Refused
from medvirk.feedback.actions import board as acts
from medvirk.feedback.forms.board import PlanForm, PlanWishForm
from medvirk.feedback.queries.board import own_tasks, plans_of, wishes_of
from medvirk.feedback.wording.board import REFUSALS
from medvirk.people.access import Permission, citizens_open_to, needs, open_record
from medvirk.people.views.own_steps import own_citizen, own_page
from medvirk.ui.languages import current_language


@needs(Permission.FOLLOW_CITIZENS)
@require_http_methods(["GET", "POST"])
def crisis_plan(request: HttpRequest, citizen_id: uuid.UUID) -> HttpResponse:
    """The plan that holds, what the citizen wants changed, a new version, and those before."""
    citizen = get_object_or_404(citizens_open_to(request.viewer).select_related("person"), pk=citizen_id)
    open_record(request.viewer, citizen, "feedback.crisis_plan")
    plans = list(plans_of(request.viewer, citizen))
    held = plans[0] if plans else None
    initial = {"signs": held.signs, "helps": held.helps, "calls": held.calls} if held else {}
    now = timezone.now()
    form = PlanForm(request.POST or None, initial=initial | {"opened_at": now.isoformat()})
    if request.method == "POST" and form.is_valid():
        try:
            acts.write_plan(by=request.viewer, citizen=citizen, now=now, **form.cleaned_data)
        except Refused as refused:
            form.add_faults([str(REFUSALS[refused.reason])])
            # What stands there now is seen with this page.
            form.data = form.data.copy()
            form.data["opened_at"] = now.isoformat()
        else:
            messages.success(request, gettext("The plan is kept. The version before it is kept too."))
            return redirect("feedback:crisis_plan", citizen.pk)
    context = {
        "citizen": citizen,
        "plan": held,
        "number": len(plans),
        "earlier": plans[1:],
        "wishes": list(wishes_of(request.viewer, citizen)),
        "form": form,
    }
    return render(request, "feedback/crisis_plan.html", context, status=422 if form.errors else 200)


@needs(Permission.OWN_PAGES)
@require_http_methods(["GET", "POST"])
def own_plan(request: HttpRequest, citizen_id: uuid.UUID) -> HttpResponse:
    """My crisis plan, what others do for me, and what I want changed."""
    held = own_citizen(request, citizen_id, "feedback.crisis_plan")
    form = PlanWishForm(request.POST or None)
    waiting = list(wishes_of(request.viewer, held))
    if request.method == "POST" and "undo" in request.POST:
        wish = next((each for each in waiting if str(each.pk) == request.POST["undo"]), None)
        if wish is None:
            raise Http404
        acts.take_back_wish(by=request.viewer, wish=wish)
        return redirect("feedback:own_plan", held.pk)
    if request.method == "POST" and form.is_valid():
        try:
            acts.wish_for(by=request.viewer, citizen=held, text=form.cleaned_data["text"], now=timezone.now())
        except PermissionDenied:
            raise Http404 from None
        messages.success(request, gettext("It is kept. You can talk about it next time you meet."))
        return redirect("feedback:own_plan", held.pk)
    plans = list(plans_of(request.viewer, held)[:1])
    context = {
        "plan": plans[0] if plans else None,
        "wishes": waiting,
        "tasks": own_tasks(request.viewer, held, today=timezone.localdate()),
        "form": form,
        "me": request.viewer.own_person_id,
        "crisis": text_for(TextKey.CRISIS, current_language()),
    }
    return own_page(
        request,
        "feedback/own_plan.html",
        held,
        context,
        key="crisis_plan",
        status=422 if form.errors else 200,
    )
