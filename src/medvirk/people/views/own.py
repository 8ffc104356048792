"""The citizen's own pages: where they begin, who has looked, and what one has asked for."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from medvirk.people import hooks
from medvirk.people.access import Permission, citizens_of, for_everyone, needs
from medvirk.people.actions.requests import close_request, send_request
from medvirk.people.forms.own import RequestForm
from medvirk.people.logic import RefusedError
from medvirk.people.logic.requests import WAITING
from medvirk.people.models import Citizen, CitizenRequest
from medvirk.people.queries.log import own_log
from medvirk.people.queries.requests import own_requests, stage_of
from medvirk.people.views.own_steps import own_citizen, own_page
from medvirk.people.views.steps import attempt, posted


@needs(Permission.OWN_PAGES)
@require_GET
def own(request: HttpRequest) -> HttpResponse:
    """Straight to one's own pages; a parent or guardian first chooses whose."""
    viewer = request.viewer
    mine = citizens_of(viewer)
    if len(mine) == 1:
        return redirect("people:own_home", mine[0].pk)
    rows = [{"citizen": each, "is_self": each.person_id == viewer.own_person_id} for each in mine]
    return render(request, "people/own/choose.html", {"rows": rows})


@needs(Permission.OWN_PAGES)
@require_GET
def own_home(request: HttpRequest, citizen_id: uuid.UUID) -> HttpResponse:
    """What there is, in one line each."""
    return own_page(request, "people/own/home.html", own_citizen(request, citizen_id, "people.own"))


@csrf_exempt
@for_everyone
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Away from here at once: signed out, and to a page that says nothing. "Back" leads to the sign-in.

    It must never fail, least of all for a form that stood open too long. Another site cannot press it: the session's
    cookie is not sent along from there (SameSite).
    """
    logout(request)
    return redirect("people:left")


@for_everyone
@require_GET
def left(request: HttpRequest) -> HttpResponse:
    """A page that says nothing about where one was."""
    return render(request, "people/own/left.html")


@needs(Permission.OWN_PAGES)
@require_GET
def own_log_page(request: HttpRequest, citizen_id: uuid.UUID) -> HttpResponse:
    """Who has looked, day by day."""
    held = own_citizen(request, citizen_id, "people.own_log")
    wanted = request.GET.get("page", "")
    # Nobody has that many days: more signs than this are no page.
    page = int(wanted) if wanted.isascii() and wanted.isdecimal() and len(wanted) < 7 else 1
    return own_page(
        request, "people/own/log.html", held, {"log": own_log(request.viewer, held, page)}, key="log"
    )


@needs(Permission.OWN_PAGES)
@require_http_methods(["GET", "POST"])
def own_requests_page(request: HttpRequest, citizen_id: uuid.UUID) -> HttpResponse:
    """What I asked for and what came of it; and a form to ask."""
    held = own_citizen(request, citizen_id, "people.request")
    asked_for = {name: request.GET.get(name, "") for name in ("kind", "about")}
    form = RequestForm(posted(request), pages=hooks.own_pages(), initial=asked_for)
    if request.method == "POST":
        sent = attempt(form, lambda: send_request(by=request.viewer, citizen=held, **form.cleaned_data))
        if sent is not None:
            told = _("Sent. Those who help you can read it. You get an answer by %(day)s at the latest.")
            messages.success(request, told % {"day": f"{sent.due_on:%d.%m.%Y}"})
            return redirect("people:own_requests", held.pk)
    context = {"form": form, "rows": [_row(request, each) for each in own_requests(request.viewer, held)]}
    return own_page(
        request, "people/own/requests.html", held, context, key="requests", status=422 if form.errors else 200
    )


def _row(request: HttpRequest, each: CitizenRequest) -> dict[str, object]:
    state = stage_of(each)
    return {
        "request": each,
        "state": state,
        "about": name_of_page(each.about),
        "mine": each.asked_by_id == request.viewer.own_person_id,
        "waiting": state in WAITING,
        "overdue": state in WAITING and each.due_on < request.viewer.today,
    }


def name_of_page(key: str) -> str:
    """What one of the own pages is called; empty where it is about none of them."""
    return next((str(page.label) for page in hooks.own_pages() if page.key == key), "")


@needs(Permission.OWN_PAGES)
@require_POST
def own_request_close(request: HttpRequest, citizen_id: uuid.UUID, request_id: uuid.UUID) -> HttpResponse:
    """Done with it: read the answer, or taken back."""
    held: Citizen = own_citizen(request, citizen_id, "people.request")
    asked = get_object_or_404(
        own_requests(request.viewer, held), pk=request_id, asked_by_id=request.viewer.own_person_id
    )
    try:
        close_request(by=request.viewer, request=asked)
    except RefusedError as refused:
        messages.error(request, " ".join(refused.sentences))
    else:
        messages.success(request, _("It is closed. What was written is kept."))
    return redirect("people:own_requests", held.pk)
