"""Finding, registering and knowing citizens."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from medvirk.people import hooks
from medvirk.people.access import Permission, Viewer, can, contact_of, needs
from medvirk.people.actions import (
    DuplicateError,
    end_relation,
    register_citizen,
    start_relation,
    start_relation_after_search,
    update_person,
)
from medvirk.people.forms import (
    CitizenDetailsForm,
    LastDayForm,
    NewCitizenForm,
    RelationForm,
    SearchForm,
    StartAfterSearchForm,
)
from medvirk.people.forms.access import EmergencyForm, ProtectAfterSearchForm
from medvirk.people.models import Citizen, Relation
from medvirk.people.queries import find_citizens, relations_to
from medvirk.people.queries.log import own_log
from medvirk.people.queries.openings import ties_of
from medvirk.people.views.steps import attempt, citizen_or_404, form_page, posted


@needs(Permission.REGISTER_CITIZENS)
def find(request: HttpRequest) -> HttpResponse:
    """Search. By POST, so that numbers and names stay out of addresses, histories and server logs."""
    form = SearchForm(posted(request))
    return found_page(request, form)


@needs(Permission.REGISTER_CITIZENS)
@require_POST
def relation_after_search(request: HttpRequest) -> HttpResponse:
    """Start a relation to the one whom the search points out."""
    viewer = request.viewer
    search = SearchForm(request.POST)
    start = StartAfterSearchForm(request.POST, **_team_choice(viewer))
    if not search.is_valid():
        return found_page(request, search)
    relation = attempt(
        start,
        lambda: start_relation_after_search(
            by=viewer,
            criteria=search.criteria(),
            reason=start.cleaned_data["reason"],
            team=start.cleaned_data.get("team"),
        ),
    )
    if relation is None:
        return found_page(request, search, start=start)
    messages.success(
        request, _("The relation is started. The citizen has the right to see it, with your reason.")
    )
    return _to_citizen_or_search(viewer, relation.citizen)


def found_page(request: HttpRequest, form: SearchForm, **sent: Any) -> HttpResponse:
    """The search with what it found. `sent`: forms on this page that were filled in wrongly."""
    viewer = request.viewer
    searched = form.is_bound and form.is_valid()
    result = find_citizens(viewer, form.criteria()) if searched else None
    may_protect = Permission.PROTECT_ADDRESSES in viewer.permissions
    may_open = Permission.EMERGENCY_ACCESS in viewer.permissions
    return render(request, "people/find.html", {
        "form": form,
        "result": result,
        "typed": form.cleaned_data if searched else {},
        "start": StartAfterSearchForm(**_team_choice(viewer)),
        "emergency": EmergencyForm(prefix="emergency") if may_open else None,
        "protect": ProtectAfterSearchForm() if may_protect else None,
        "follows": Permission.FOLLOW_CITIZENS in viewer.permissions,
        **sent,
    })  # fmt: skip


@needs(Permission.REGISTER_CITIZENS)
def citizen_new(request: HttpRequest) -> HttpResponse:
    """Register a citizen; only by way of a search, whose words fill in the form."""
    viewer = request.viewer
    if request.method != "POST":
        return redirect("people:find")
    if "from_search" in request.POST:
        return _new_page(request, NewCitizenForm(initial=request.POST.dict(), **_team_choice(viewer)))
    form = NewCitizenForm(request.POST, **_team_choice(viewer))
    try:
        citizen = attempt(form, lambda: _register(viewer, form))
    except DuplicateError as duplicate:
        form.ask_whether_somebody_else(duplicate.sentences)
        citizen = None
    if citizen is None:
        return _new_page(request, form)
    messages.success(request, _("The citizen is registered."))
    return _to_citizen_or_search(viewer, citizen)


def _register(viewer: Viewer, form: NewCitizenForm) -> Citizen:
    return register_citizen(
        by=viewer,
        details=form.details(),
        reason=form.cleaned_data["reason"],
        team=form.cleaned_data.get("team"),
        somebody_else=form.cleaned_data["somebody_else"],
    )


def _new_page(request: HttpRequest, form: NewCitizenForm) -> HttpResponse:
    return render(request, "people/form.html", {
        "form": form, "heading": _("New citizen"), "back": "people:find", "button": _("Register the citizen"),
        "lead": _("Write only what you need. The citizen has the right to see all of it."),
    })  # fmt: skip


@needs(Permission.FOLLOW_CITIZENS)
def citizen(request: HttpRequest, citizen_id: uuid.UUID) -> HttpResponse:
    """Who the citizen is, relations, what rooms below show, and who has looked."""
    viewer = request.viewer
    held = citizen_or_404(request, citizen_id, "people.person")
    panels = [
        render_to_string(panel.template, {**panel.context(viewer, held), "citizen": held}, request)
        for panel in hooks.panels()
    ]
    return render(request, "people/citizen.html", {
        "citizen": held,
        "ties": ties_of(viewer, held, list(relations_to(viewer, held))),
        "contact": contact_of(viewer, held),
        "panels": panels,
        "log": own_log(viewer, held, days=3),
        "may_change": Permission.REGISTER_CITIZENS in viewer.permissions,
    })  # fmt: skip


@needs(Permission.REGISTER_CITIZENS)
def citizen_change(request: HttpRequest, citizen_id: uuid.UUID) -> HttpResponse:
    viewer = request.viewer
    held = citizen_or_404(request, citizen_id, "people.person")
    form = CitizenDetailsForm(posted(request), initial=CitizenDetailsForm.initial_of(held.person))
    if held.person.protection:
        # Shown and changed on a page of its own, which is logged by itself.
        del form.fields["phone"], form.fields["email"]
    if request.method == "POST" and attempt(
        form, lambda: update_person(by=viewer, citizen=held, details=form.details(keep=held.person))
    ):
        messages.success(request, _("Changed. What it was before is kept."))
        return redirect("people:citizen", held.pk)
    return form_page(request, form, held, _("Who and how to reach them"), _("Save"))


@needs(Permission.REGISTER_CITIZENS)
def relation_new(request: HttpRequest, citizen_id: uuid.UUID) -> HttpResponse:
    viewer = request.viewer
    held = citizen_or_404(request, citizen_id, "people.relation")
    form = RelationForm(posted(request), viewer=viewer, initial={"valid_from": viewer.today})
    if request.method == "POST" and attempt(form, lambda: _start(viewer, held, form)):
        messages.success(
            request, _("The relation is started. The citizen has the right to see it, with your reason.")
        )
        return redirect("people:citizen", held.pk)
    return form_page(request, form, held, _("Start a relation"), _("Start the relation"))


def _start(viewer: Viewer, held: Citizen, form: RelationForm) -> Relation:
    cleaned = form.cleaned_data
    return start_relation(
        by=viewer,
        citizen=held,
        worker=form.workers.get(cleaned["worker"]),
        **{name: cleaned[name] for name in ("team", "reason", "valid_from", "valid_to")},
    )


@needs(Permission.REGISTER_CITIZENS)
def relation_end(request: HttpRequest, relation_id: uuid.UUID) -> HttpResponse:
    viewer = request.viewer
    relation = get_object_or_404(Relation, pk=relation_id)
    held = citizen_or_404(request, relation.citizen_id, "people.relation")
    form = LastDayForm(posted(request), initial={"last_day": viewer.today})
    if request.method == "POST" and attempt(
        form, lambda: end_relation(by=viewer, relation=relation, last_day=form.cleaned_data["last_day"])
    ):
        messages.success(request, _("The last day of the relation is set."))
        return _to_citizen_or_search(viewer, held)
    return form_page(request, form, held, _("End a relation"), _("Set the last day"))


def _to_citizen_or_search(viewer: Viewer, held: Citizen) -> HttpResponse:
    """Back to the citizen, if the record is open to the viewer after what was just done."""
    if can(viewer, Permission.FOLLOW_CITIZENS, held).allowed:
        return redirect("people:citizen", held.pk)
    return redirect("people:find")


def _team_choice(viewer: Viewer) -> dict[str, object]:
    return {"viewer": viewer, "needs_team": Permission.FOLLOW_CITIZENS not in viewer.permissions}
