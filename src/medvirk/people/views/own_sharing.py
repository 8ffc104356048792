"""My sharing: who can open my record and why, what I share with partners, and whom I keep out."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from medvirk.people.access import Permission, needs, partner_staff, partner_units
from medvirk.people.actions.bars import bar_worker, lift_bar
from medvirk.people.actions.sharing import change_sharing, share_with, stop_sharing
from medvirk.people.forms.own import BarForm, NewSharingForm, OwnSharingForm
from medvirk.people.logic import RefusedError
from medvirk.people.models import BarKind, Citizen, Relation
from medvirk.people.queries.own import bars_around, relations_around, sharing_of, staff_named, workers_around
from medvirk.people.views.own_steps import own_citizen, own_page
from medvirk.people.views.steps import attempt, posted

WHAT = "people.own_sharing"


@needs(Permission.OWN_PAGES)
@require_GET
def own_sharing(request: HttpRequest, citizen_id: uuid.UUID) -> HttpResponse:
    """Who can open my record, what is shared until when, and who is kept out."""
    held = own_citizen(request, citizen_id, WHAT)
    around = relations_around(request.viewer, held)
    return own_page(
        request,
        "people/own/sharing.html",
        held,
        {
            "helpers": [each for each in around if each.is_help and each.now],
            "partners": [each for each in around if each.is_shared and each.now],
            "earlier": [each for each in around if not each.now],
            "emergencies": [each for each in around if each.is_emergency],
            "bars": bars_around(request.viewer, held),
        },
        key="sharing",
    )


@needs(Permission.OWN_PAGES)
@require_http_methods(["GET", "POST"])
def own_share(request: HttpRequest, citizen_id: uuid.UUID) -> HttpResponse:
    """Share with one more partner."""
    held, viewer = own_citizen(request, citizen_id, WHAT), request.viewer
    form = NewSharingForm(
        posted(request),
        staff=partner_staff(viewer.today).select_related("person"),
        units=partner_units(viewer.today),
        today=viewer.today,
    )
    done = request.method == "POST" and attempt(form, lambda: _decided(_share, request, held, form))
    if done:
        messages.success(request, _("Shared. They see it from now on, until the day you chose."))
        return redirect("people:own_sharing", held.pk)
    return _form(request, held, form, _("Share with one more"), _("Share"))


def _share(request: HttpRequest, held: Citizen, form: NewSharingForm) -> object:
    cleaned = form.cleaned_data
    return share_with(
        by=request.viewer,
        citizen=held,
        parts=cleaned["parts"],
        last_day=cleaned["last_day"],
        reason=cleaned["reason"],
        **form.chosen(),
    )


@needs(Permission.OWN_PAGES)
@require_http_methods(["GET", "POST"])
def own_sharing_change(request: HttpRequest, citizen_id: uuid.UUID, relation_id: uuid.UUID) -> HttpResponse:
    """Share other parts, or until another day."""
    held = own_citizen(request, citizen_id, WHAT)
    relation = _relation(request, held, relation_id)
    form = OwnSharingForm(posted(request), initial={"parts": relation.parts, "last_day": relation.valid_to})
    if request.method == "POST" and attempt(form, lambda: _decided(_change, request, relation, form)):
        messages.success(request, _("Changed. It holds from now."))
        return redirect("people:own_sharing", held.pk)
    return _form(request, held, form, _("Change what is shared"), _("Save"), who=_name_of(relation))


def _change(request: HttpRequest, relation: Relation, form: OwnSharingForm) -> object:
    return change_sharing(by=request.viewer, relation=relation, **form.cleaned_data)


@needs(Permission.OWN_PAGES)
@require_POST
def own_sharing_stop(request: HttpRequest, citizen_id: uuid.UUID, relation_id: uuid.UUID) -> HttpResponse:
    """Stop at this moment."""
    held = own_citizen(request, citizen_id, WHAT)
    relation = _relation(request, held, relation_id)
    return _at_once(
        request, held, lambda: stop_sharing(by=request.viewer, relation=relation),
        _("Stopped. They see nothing of it any more."),
    )  # fmt: skip


@needs(Permission.OWN_PAGES)
@require_http_methods(["GET", "POST"])
def own_bar(request: HttpRequest, citizen_id: uuid.UUID) -> HttpResponse:
    """Keep a named worker out of my record."""
    held = own_citizen(request, citizen_id, WHAT)
    form = BarForm(
        posted(request),
        workers=workers_around(request.viewer, held),
        initial={"worker": request.GET.get("worker", "")},
    )
    if request.method == "POST" and attempt(form, lambda: _decided(_bar, request, held, form)):
        messages.success(request, _("They cannot open your record from now on. You can undo it here."))
        return redirect("people:own_sharing", held.pk)
    return _form(request, held, form, _("Keep somebody out"), _("Keep them out"), explain="bar")


def _bar(request: HttpRequest, held: Citizen, form: BarForm) -> object:
    chosen = form.cleaned_data["worker"]
    named = [form.workers[chosen]] if chosen else staff_named(request.viewer, held, form.cleaned_data["name"])
    if len(named) != 1:
        # Two of the same name: who is meant is for people to find out, not to guess.
        raise RefusedError(
            [
                _(
                    "Nobody here is found by exactly that name. Check how it is written, or ask those who help you."
                )
            ]
        )
    return bar_worker(by=request.viewer, citizen=held, worker=named[0], reason=form.cleaned_data["reason"])


@needs(Permission.OWN_PAGES)
@require_POST
def own_bar_lift(request: HttpRequest, citizen_id: uuid.UUID, bar_id: uuid.UUID) -> HttpResponse:
    """Let them in again, as far as a relation does."""
    held = own_citizen(request, citizen_id, WHAT)
    bar = get_object_or_404(held.bars.filter(kind=BarKind.CITIZEN), pk=bar_id)
    return _at_once(
        request, held, lambda: lift_bar(by=request.viewer, bar=bar),
        _("Undone. They can open your record again if they help you."),
    )  # fmt: skip


def _decided(act: Any, request: HttpRequest, *more: Any) -> object:
    """Do it; a parent or guardian who sees but does not decide is told so."""
    try:
        return act(request, *more)
    except PermissionDenied:
        raise RefusedError([_("You can see this, but not decide it. Ask those who help.")]) from None


def _at_once(request: HttpRequest, held: Citizen, act: Any, done: str) -> HttpResponse:
    """Carry out what a button asks for, and go back to the page with what came of it."""
    try:
        _decided(lambda _request: act(), request)
    except RefusedError as refused:
        messages.error(request, " ".join(refused.sentences))
    else:
        messages.success(request, done)
    return redirect("people:own_sharing", held.pk)


def _relation(request: HttpRequest, held: Citizen, relation_id: uuid.UUID) -> Relation:
    return get_object_or_404(sharing_of(request.viewer, held), pk=relation_id)


def _name_of(relation: Relation) -> str:
    return relation.staff.person.name if relation.staff is not None else str(relation.unit)


def _form(
    request: HttpRequest, held: Citizen, form: Any, heading: str, button: str, **more: str
) -> HttpResponse:
    context = {"form": form, "heading": heading, "button": button, **more}
    status = 422 if form.errors else 200
    return own_page(request, "people/own/form.html", held, context, key="sharing", status=status)
