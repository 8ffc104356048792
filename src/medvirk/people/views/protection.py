"""Protected address, the contact behind one click, and a registered death."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from medvirk.people.access import Permission, contact_of, needs, open_contact
from medvirk.people.actions import (
    bar_oneself_after_search,
    change_contact,
    register_death,
    set_protection,
    set_protection_after_search,
    undo_death,
)
from medvirk.people.forms import SearchForm
from medvirk.people.forms.access import ContactForm, DeathForm, ProtectAfterSearchForm, ProtectionForm
from medvirk.people.logic import RefusedError
from medvirk.people.models import Death, Relation
from medvirk.people.queries.deaths import deaths_to_undo
from medvirk.people.views.citizens import found_page
from medvirk.people.views.steps import attempt, citizen_or_404, form_page, posted


@needs(Permission.PROTECT_ADDRESSES)
@require_http_methods(["GET", "POST"])
def protection(request: HttpRequest, citizen_id: uuid.UUID) -> HttpResponse:
    held = citizen_or_404(request, citizen_id, "people.protection")
    form = ProtectionForm(posted(request), initial={"protection": held.person.protection})
    if request.method == "POST" and attempt(
        form, lambda: set_protection(by=request.viewer, citizen=held, **form.cleaned_data)
    ):
        messages.success(request, _("Saved. It holds from now."))
        return redirect("people:citizen", held.pk)
    return form_page(
        request, form, held, _("Protected address"), _("Save"),
        lead=_("Phone, e-mail and where the citizen gets help are then hidden everywhere. Only a worker with a service "
               "relation of their own can show them, and each time is logged."),
    )  # fmt: skip


@needs(Permission.PROTECT_ADDRESSES)
@require_POST
def protect_after_search(request: HttpRequest) -> HttpResponse:
    """For a secretary, who opens no record: protect the one whom the search points out."""
    search = SearchForm(request.POST)
    form = ProtectAfterSearchForm(request.POST)
    if search.is_valid() and attempt(
        form,
        lambda: set_protection_after_search(
            by=request.viewer, criteria=search.criteria(), protection=form.cleaned_data["protection"]
        ),
    ):
        messages.success(request, _("Saved. Contact and place are hidden from now."))
        return redirect("people:find")
    return found_page(request, search, protect=form)


@needs(Permission.REGISTER_CITIZENS)
@require_POST
def know_privately(request: HttpRequest) -> HttpResponse:
    """Keep oneself out of the record of somebody one knows; nothing of them is shown on the way."""
    search = SearchForm(request.POST)
    if search.is_valid():
        try:
            bar_oneself_after_search(by=request.viewer, criteria=search.criteria())
        except RefusedError as refused:
            messages.error(request, " ".join(refused.sentences))
        else:
            messages.success(request, _("Noted. You cannot open this record. A team leader can undo it."))
        return redirect("people:find")
    return found_page(request, search)


@needs(Permission.FOLLOW_CITIZENS)
@require_http_methods(["GET", "POST"])
def contact(request: HttpRequest, citizen_id: uuid.UUID) -> HttpResponse:
    """How to reach somebody with a protected address, and where they get help. Each opening is logged by itself."""
    viewer = request.viewer
    held = citizen_or_404(request, citizen_id, "people.person")
    if not held.person.protection:
        return redirect("people:citizen", held.pk)
    may_change = Permission.REGISTER_CITIZENS in viewer.permissions
    if request.method == "POST":
        hidden = contact_of(viewer, held)
        if not may_change or not getattr(hidden, "may_show", False):
            raise Http404
        form = ContactForm(request.POST)
        if attempt(form, lambda: change_contact(by=viewer, citizen=held, **form.cleaned_data)):
            messages.success(request, _("Changed. What it was before is kept."))
            return redirect("people:citizen", held.pk)
        shown = None
    else:
        shown = open_contact(viewer, held)
        form = ContactForm(initial={"phone": shown.phone, "email": shown.email})
    teams = Relation.objects.at(viewer.now).filter(citizen=held, unit__isnull=False).select_related("unit")
    return render(request, "people/contact.html", {
        "citizen": held, "shown": shown, "form": form, "may_change": may_change,
        "teams": [each.unit.name for each in teams],
    })  # fmt: skip


@needs(Permission.REGISTER_CITIZENS)
@require_http_methods(["GET", "POST"])
def death_new(request: HttpRequest, citizen_id: uuid.UUID) -> HttpResponse:
    viewer = request.viewer
    held = citizen_or_404(request, citizen_id, "people.death")
    form = DeathForm(posted(request), initial={"died_on": viewer.today})
    if request.method == "POST" and attempt(
        form, lambda: register_death(by=viewer, citizen=held, died_on=form.cleaned_data["died_on"])
    ):
        messages.success(
            request,
            _("Registered. The record is open to you for the rest of this day; then it is closed and kept."),
        )
        return redirect("people:citizen", held.pk)
    return form_page(
        request, form, held, _("Register a death"), _("Register the death"),
        lead=_("Forms that wait are closed, links stop working, and nothing more is sent. What is shared and the "
               "citizen's own pages close at once, the record at the end of this day. Nothing that was written is "
               "taken away. A mistake can be undone for a month."),
    )  # fmt: skip


@needs(Permission.REGISTER_CITIZENS)
@require_GET
def deaths(request: HttpRequest) -> HttpResponse:
    """Deaths registered in the last month, so that a mistake can be undone."""
    return render(request, "people/deaths.html", {"deaths": deaths_to_undo(request.viewer)})


@needs(Permission.REGISTER_CITIZENS)
@require_POST
def death_undo(request: HttpRequest, death_id: uuid.UUID) -> HttpResponse:
    try:
        undo_death(by=request.viewer, death_id=death_id)
    except Death.DoesNotExist:
        raise Http404 from None
    except RefusedError as refused:
        messages.error(request, " ".join(refused.sentences))
    else:
        messages.success(request, _("Undone. What was closed is open again."))
    return redirect("people:deaths")
