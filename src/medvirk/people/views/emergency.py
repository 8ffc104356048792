"""Emergency access, and the leaders' list of it."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from medvirk.people.access import Permission, citizens_open_to, log_listing, needs
from medvirk.people.actions import end_emergency, look_at_emergency, open_in_emergency
from medvirk.people.forms import SearchForm
from medvirk.people.forms.access import EmergencyForm
from medvirk.people.models import Relation
from medvirk.people.queries.emergencies import emergency_accesses
from medvirk.people.views.citizens import found_page
from medvirk.people.views.steps import attempt

#: As many as a leader looks through; older ones stand in the access log.
SHOWN = 100


@needs(Permission.EMERGENCY_ACCESS)
@require_POST
def emergency_open(request: HttpRequest) -> HttpResponse:
    """Open the record of the one whom the search points out, for an hour."""
    search = SearchForm(request.POST)
    form = EmergencyForm(request.POST, prefix="emergency")
    if not search.is_valid():
        return found_page(request, search)
    relation = attempt(
        form,
        lambda: open_in_emergency(
            by=request.viewer, criteria=search.criteria(), reason=form.cleaned_data["reason"]
        ),
    )
    if relation is None:
        return found_page(request, search, emergency=form)
    messages.warning(request, _("The record is open to you for 60 minutes. A leader is told."))
    return redirect("people:citizen", relation.citizen_id)


@needs(Permission.EMERGENCY_ACCESS)
@require_POST
def emergency_end(request: HttpRequest, relation_id: uuid.UUID) -> HttpResponse:
    try:
        end_emergency(by=request.viewer, relation_id=relation_id)
    except Relation.DoesNotExist:
        raise Http404 from None
    messages.success(request, _("The emergency access is ended."))
    return redirect("people:find")


@needs(Permission.REVIEW_EMERGENCY)
@require_GET
def emergencies(request: HttpRequest) -> HttpResponse:
    """Who used emergency access in the leader's units, with the reason, and whether a leader has looked at it."""
    viewer = request.viewer
    rows = list(emergency_accesses(viewer)[:SHOWN])
    ids = {each.citizen_id for each in rows}
    # A leader without a relation reads who did it and why, but not whom it was about.
    named = set(citizens_open_to(viewer).filter(pk__in=ids).values_list("pk", flat=True))
    log_listing(viewer, ids, "people.emergency", basis="review")
    return render(request, "people/emergencies.html", {
        "rows": [(each, each.citizen_id in named, each.staff_id == viewer.staff_id) for each in rows],
        "now": viewer.now,
    })  # fmt: skip


@needs(Permission.REVIEW_EMERGENCY)
@require_POST
def emergency_look(request: HttpRequest, relation_id: uuid.UUID) -> HttpResponse:
    try:
        look_at_emergency(by=request.viewer, relation_id=relation_id)
    except Relation.DoesNotExist:
        raise Http404 from None
    messages.success(request, _("Noted that you have looked at it."))
    return redirect("people:emergencies")
