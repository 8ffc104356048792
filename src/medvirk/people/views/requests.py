"""What citizens ask for, for those who answer."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from medvirk.people.access import Permission, log_listing, logs_if_shown, needs, open_record
from medvirk.people.actions.requests import answer_request, mark_seen
from medvirk.people.forms.own import AnswerForm
from medvirk.people.logic import RefusedError
from medvirk.people.logic.requests import WAITING, RequestState
from medvirk.people.models import CitizenRequest
from medvirk.people.queries.requests import overdue_in_units, requests_open_to, requests_to_answer, stage_of
from medvirk.people.views.own import name_of_page
from medvirk.people.views.steps import attempt, posted


@needs(Permission.FOLLOW_CITIZENS)
@require_GET
def requests(request: HttpRequest) -> HttpResponse:
    """Those that wait for an answer, the most urgent first."""
    viewer = request.viewer
    waiting = list(requests_to_answer(viewer))
    log_listing(viewer, [each.citizen_id for each in waiting], "people.request")
    rows = [
        {"request": each, "state": stage_of(each), "overdue": each.due_on < viewer.today} for each in waiting
    ]
    return render(request, "people/requests.html", {"rows": rows, "overdue": overdue_in_units(viewer)})


@needs(Permission.FOLLOW_CITIZENS)
@require_http_methods(["GET", "POST"])
def request_page(request: HttpRequest, request_id: uuid.UUID) -> HttpResponse:
    """Read it and answer."""
    asked = _open(request, request_id)
    form = AnswerForm(posted(request))
    if request.method == "POST" and attempt(
        form, lambda: answer_request(by=request.viewer, request=asked, **form.cleaned_data)
    ):
        messages.success(request, _("Answered. The citizen reads it on their own pages."))
        return redirect("people:request", asked.pk)
    asked.refresh_from_db()
    state = stage_of(asked)
    context = {
        "request_": asked,
        "citizen": asked.citizen,
        "about": name_of_page(asked.about),
        "state": state,
        "waiting": state in WAITING,
        "unseen": state == RequestState.SENT,
        "overdue": state in WAITING and asked.due_on < request.viewer.today,
        "form": form,
    }
    return render(request, "people/request.html", context, status=422 if form.errors else 200)


@needs(Permission.FOLLOW_CITIZENS)
@require_POST
def request_seen(request: HttpRequest, request_id: uuid.UUID) -> HttpResponse:
    """Let the citizen know that it is read."""
    asked = _open(request, request_id)
    try:
        mark_seen(by=request.viewer, request=asked)
    except RefusedError as refused:
        messages.error(request, " ".join(refused.sentences))
    else:
        messages.success(request, _("The citizen sees that it is read."))
    return redirect("people:request", asked.pk)


def _open(request: HttpRequest, request_id: uuid.UUID) -> CitizenRequest:
    """The request; reading it is logged here, dealing with it by the action."""
    asked = get_object_or_404(requests_open_to(request.viewer), pk=request_id)
    if request.method == "POST":
        logs_if_shown(request, asked, "people.request", Permission.FOLLOW_CITIZENS)
    else:
        open_record(request.viewer, asked, "people.request")
    return asked
