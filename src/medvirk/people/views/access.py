"""Who can open a record: relations, what is shared, who is kept out, who speaks for the citizen."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from medvirk.people.access import Permission, Viewer, can, needs
from medvirk.people.actions import (
    bar_worker,
    change_guardian,
    change_sharing,
    lift_bar,
    register_guardian,
    share_with,
    stop_sharing,
)
from medvirk.people.forms.access import GuardianForm, GuardianRightsForm, KeepOutForm
from medvirk.people.forms.own import NewSharingForm, OwnSharingForm
from medvirk.people.logic import RefusedError
from medvirk.people.models import Bar, BarKind, Basis, Citizen, Guardianship, Relation
from medvirk.people.queries import relations_to, workers_to_choose
from medvirk.people.queries.openings import (
    bars_to,
    guardians_of,
    guardianships_to_change,
    partners_to_choose,
    sharing_to_change,
    ties_of,
)
from medvirk.people.views.steps import attempt, citizen_or_404, form_page, posted
from medvirk.people.wording import guardian_words

FOLLOW = Permission.FOLLOW_CITIZENS


@needs(FOLLOW)
@require_GET
def citizen_access(request: HttpRequest, citizen_id: uuid.UUID) -> HttpResponse:
    """Everything that opens or closes this record, and why."""
    viewer = request.viewer
    held = citizen_or_404(request, citizen_id, "people.relation")
    ties = ties_of(viewer, held, list(relations_to(viewer, held)))
    leads = Permission.LEAD_TEAM in viewer.permissions
    return render(request, "people/citizen_access.html", {
        "citizen": held,
        "helpers": [each for each in ties if each.relation.basis == Basis.SERVICE],
        "partners": [each for each in ties if each.relation.basis == Basis.CONSENT],
        "emergencies": [each for each in ties if each.relation.basis == Basis.EMERGENCY],
        "bars": [(each, each.kind == BarKind.CITIZEN or leads) for each in bars_to(viewer, held)],
        "guardians": [(each, guardian_words(each)) for each in guardians_of(viewer, held)],
        "may_change": Permission.REGISTER_CITIZENS in viewer.permissions,
        "may_protect": Permission.PROTECT_ADDRESSES in viewer.permissions,
    })  # fmt: skip


@needs(FOLLOW)
@require_http_methods(["GET", "POST"])
def bar_new(request: HttpRequest, citizen_id: uuid.UUID) -> HttpResponse:
    """Register that a worker is kept out, by the citizen's wish or because they are close."""
    viewer = request.viewer
    held = citizen_or_404(request, citizen_id, "people.bar")
    form = KeepOutForm(posted(request), workers=workers_to_choose(viewer))
    if request.method == "POST" and attempt(form, lambda: _bar(viewer, held, form)):
        messages.success(request, _("They cannot open the record from now on."))
        return _to_access(viewer, held)
    return form_page(
        request, form, held, _("Keep somebody out"), _("Keep them out"), back="people:citizen_access",
        lead=_("It holds at once and is stronger than any relation, also in an emergency. Tell the citizen what it "
               "means: this person cannot help them while it holds."),
    )  # fmt: skip


def _bar(viewer: Viewer, held: Citizen, form: KeepOutForm) -> Bar:
    cleaned = form.cleaned_data
    return bar_worker(
        by=viewer,
        citizen=held,
        worker=form.workers[cleaned["worker"]],
        kind=BarKind(cleaned["kind"]),
        reason=cleaned["reason"],
    )


@needs(FOLLOW)
@require_POST
def bar_lift(request: HttpRequest, bar_id: uuid.UUID) -> HttpResponse:
    """Let a worker in again, by the citizen's wish."""
    bar = get_object_or_404(Bar.objects.select_related("citizen"), pk=bar_id)
    held = citizen_or_404(request, bar.citizen_id, "people.bar")
    return _at_once(request, held, lambda: lift_bar(by=request.viewer, bar=bar), _("They are let in again."))


@needs(Permission.REGISTER_CITIZENS)
@require_http_methods(["GET", "POST"])
def share_new(request: HttpRequest, citizen_id: uuid.UUID) -> HttpResponse:
    """Write down, with the citizen, what they share with a partner."""
    viewer = request.viewer
    held = citizen_or_404(request, citizen_id, "people.sharing")
    staff, units = partners_to_choose(viewer)
    form = NewSharingForm(posted(request), staff=staff, units=units, today=viewer.today)
    if request.method == "POST" and attempt(form, lambda: _share(viewer, held, form)):
        messages.success(request, _("Shared. It holds from now, and ends by itself after the last day."))
        return redirect("people:citizen_access", held.pk)
    return form_page(
        request, form, held, _("Share with a partner"), _("Share"), back="people:citizen_access",
        lead=_("Fill this in together. The partner sees what is ticked and nothing else. The citizen can change or "
               "stop it at any time, also without you."),
    )  # fmt: skip


def _share(viewer: Viewer, held: Citizen, form: NewSharingForm) -> Relation:
    cleaned = form.cleaned_data
    return share_with(
        by=viewer,
        citizen=held,
        parts=cleaned["parts"],
        last_day=cleaned["last_day"],
        reason=cleaned["reason"],
        **form.chosen(),  # type: ignore[arg-type]
    )


@needs(Permission.REGISTER_CITIZENS)
@require_http_methods(["GET", "POST"])
def share_change(request: HttpRequest, relation_id: uuid.UUID) -> HttpResponse:
    held, relation = _sharing(request, relation_id)
    form = OwnSharingForm(posted(request), initial={"parts": relation.parts, "last_day": relation.valid_to})
    if request.method == "POST" and attempt(
        form, lambda: change_sharing(by=request.viewer, relation=relation, **form.cleaned_data)
    ):
        messages.success(request, _("Changed. It holds from now."))
        return redirect("people:citizen_access", held.pk)
    return form_page(request, form, held, _("Change what is shared"), _("Save"), back="people:citizen_access")


@needs(Permission.REGISTER_CITIZENS)
@require_POST
def share_stop(request: HttpRequest, relation_id: uuid.UUID) -> HttpResponse:
    held, relation = _sharing(request, relation_id)
    return _at_once(
        request, held, lambda: stop_sharing(by=request.viewer, relation=relation),
        _("Stopped. The partner sees nothing of it any more."),
    )  # fmt: skip


def _sharing(request: HttpRequest, relation_id: uuid.UUID) -> tuple[Citizen, Relation]:
    relation = get_object_or_404(Relation, pk=relation_id)
    held = citizen_or_404(request, relation.citizen_id, "people.sharing")
    return held, get_object_or_404(sharing_to_change(request.viewer, held), pk=relation_id)


@needs(Permission.REGISTER_CITIZENS)
@require_http_methods(["GET", "POST"])
def guardian_new(request: HttpRequest, citizen_id: uuid.UUID) -> HttpResponse:
    viewer = request.viewer
    held = citizen_or_404(request, citizen_id, "people.guardian")
    form = GuardianForm(posted(request), initial={"valid_from": viewer.today})
    if request.method == "POST" and attempt(form, lambda: _guard(viewer, held, form)):
        messages.success(request, _("Registered. What they may see follows from the citizen's age."))
        return redirect("people:citizen_access", held.pk)
    return form_page(
        request, form, held, _("Register a parent or guardian"), _("Register"), back="people:citizen_access"
    )


def _guard(viewer: Viewer, held: Citizen, form: GuardianForm) -> Guardianship:
    names = ("kind", "withheld", "covers_health", "valid_from", "valid_to")
    return register_guardian(
        by=viewer, citizen=held, details=form.details(), **{name: form.cleaned_data[name] for name in names}
    )


@needs(Permission.REGISTER_CITIZENS)
@require_http_methods(["GET", "POST"])
def guardian_change(request: HttpRequest, guardianship_id: uuid.UUID) -> HttpResponse:
    found = get_object_or_404(Guardianship, pk=guardianship_id)
    held = citizen_or_404(request, found.citizen_id, "people.guardian")
    guardianship = get_object_or_404(guardianships_to_change(request.viewer, held), pk=guardianship_id)
    initial = {name: getattr(guardianship, name) for name in ("withheld", "covers_health", "valid_to")}
    form = GuardianRightsForm(posted(request), initial=initial)
    if request.method == "POST" and attempt(
        form, lambda: change_guardian(by=request.viewer, guardianship=guardianship, **form.cleaned_data)
    ):
        messages.success(request, _("Changed. It holds from now."))
        return redirect("people:citizen_access", held.pk)
    return form_page(
        request, form, held, _("Change for %(name)s") % {"name": guardianship.guardian.name}, _("Save"),
        back="people:citizen_access",
    )  # fmt: skip


def _at_once(request: HttpRequest, held: Citizen, act: Any, done: str) -> HttpResponse:
    """Do what a button asks for, and go back with what came of it."""
    try:
        act()
    except RefusedError as refused:
        messages.error(request, " ".join(refused.sentences))
    except PermissionDenied:
        raise Http404 from None
    else:
        messages.success(request, done)
    return _to_access(request.viewer, held)


def _to_access(viewer: Viewer, held: Citizen) -> HttpResponse:
    """Back to the page, unless one has just kept oneself out."""
    if can(viewer, FOLLOW, held).allowed:
        return redirect("people:citizen_access", held.pk)
    return redirect("people:find" if Permission.REGISTER_CITIZENS in viewer.permissions else "start")
