"""Staff, their roles and their way in."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from medvirk.people.access import Permission, needs
from medvirk.people.actions import (
    NewGrant,
    change_staff,
    deactivate,
    end_role,
    grant_role,
    reactivate,
    register_staff,
    set_password,
)
from medvirk.people.forms import GrantForm, LastDayForm, NewStaffForm, PasswordForm, StaffForm
from medvirk.people.logic import RefusedError
from medvirk.people.models import Grant, Staff
from medvirk.people.queries import grants_to_end, staff_in_scope, units_in_scope
from medvirk.people.queries import staff_list as query_staff_list
from medvirk.people.views.steps import attempt, posted


@needs(Permission.MANAGE_STAFF)
def staff_list(request: HttpRequest) -> HttpResponse:
    """Who works where today."""
    groups = query_staff_list(request.viewer, request.viewer.today)
    has_units = units_in_scope(request.viewer, Permission.MANAGE_STAFF).exists()
    return render(request, "people/staff_list.html", {"groups": groups, "has_units": has_units})


@needs(Permission.MANAGE_STAFF)
def staff_new(request: HttpRequest) -> HttpResponse:
    viewer = request.viewer
    form = NewStaffForm(
        posted(request),
        units=units_in_scope(viewer, Permission.MANAGE_STAFF),
        initial={"valid_from": viewer.today, "unit": request.GET.get("unit")},
    )
    if request.method == "POST" and (made := attempt(form, lambda: _register(request, form))):
        messages.success(
            request,
            _("Registered. Give the sign-in name and the first password to the person, and to nobody else."),
        )
        return redirect("people:staff", made.pk)
    return render(request, "people/form.html", {
        "form": form, "heading": _("New staff member"), "back": "people:staff_list", "button": _("Register"),
    })  # fmt: skip


def _register(request: HttpRequest, form: NewStaffForm) -> Staff:
    return register_staff(
        by=request.viewer,
        details=form.details(),
        title=form.cleaned_data["title"],
        login=form.cleaned_data["login"],
        password=form.cleaned_data["password"],
        grants=[_grant_of(form)],
    )


def _grant_of(form: GrantForm) -> NewGrant:
    return NewGrant(**{name: form.cleaned_data[name] for name in ("role", "unit", "valid_from", "valid_to")})


@needs(Permission.MANAGE_STAFF)
def staff(request: HttpRequest, staff_id: uuid.UUID) -> HttpResponse:
    """One staff member: contact, roles with dates, way in."""
    held = _staff_or_404(request, staff_id)
    grants = held.grants.select_related("unit").order_by("-valid_from", "role")
    ending = set(grants_to_end(request.viewer, held).values_list("pk", flat=True))
    return render(request, "people/staff.html", {
        "staff": held, "grants": grants, "ending": ending, "is_oneself": held.pk == request.viewer.staff_id,
    })  # fmt: skip


@needs(Permission.MANAGE_STAFF)
def staff_change(request: HttpRequest, staff_id: uuid.UUID) -> HttpResponse:
    held = _staff_or_404(request, staff_id)
    initial = {name: getattr(held.person, name) for name in ("given_name", "family_name", "phone", "email")}
    form = StaffForm(posted(request), initial={**initial, "title": held.title})
    if request.method == "POST" and attempt(form, lambda: _change(request, held, form)):
        messages.success(request, _("Changed."))
        return redirect("people:staff", held.pk)
    return _form_page(request, form, held, _("Name and contact"), _("Save"))


def _change(request: HttpRequest, held: Staff, form: StaffForm) -> Staff:
    return change_staff(
        by=request.viewer,
        staff=held,
        details=form.details(keep=held.person),
        title=form.cleaned_data["title"],
    )


@needs(Permission.MANAGE_STAFF)
def role_new(request: HttpRequest, staff_id: uuid.UUID) -> HttpResponse:
    viewer = request.viewer
    held = _staff_or_404(request, staff_id)
    units = units_in_scope(viewer, Permission.MANAGE_STAFF)
    form = GrantForm(posted(request), units=units, initial={"valid_from": viewer.today})
    if request.method == "POST" and attempt(
        form, lambda: grant_role(by=viewer, staff=held, grant=_grant_of(form))
    ):
        messages.success(request, _("The role is given."))
        return redirect("people:staff", held.pk)
    return _form_page(request, form, held, _("Give a role"), _("Give the role"))


@needs(Permission.MANAGE_STAFF)
def role_end(request: HttpRequest, staff_id: uuid.UUID, grant_id: int) -> HttpResponse:
    viewer = request.viewer
    held = _staff_or_404(request, staff_id)
    grant: Grant = get_object_or_404(grants_to_end(viewer, held), pk=grant_id)
    form = LastDayForm(posted(request), initial={"last_day": viewer.today})
    if request.method == "POST" and attempt(
        form, lambda: end_role(by=viewer, grant=grant, last_day=form.cleaned_data["last_day"])
    ):
        messages.success(request, _("The last day of the role is set."))
        return redirect("people:staff", held.pk)
    heading = _("End the role %(role)s in %(unit)s") % {
        "role": grant.get_role_display(), "unit": grant.unit.name
    }  # fmt: skip
    return _form_page(request, form, held, heading, _("Set the last day"))


@needs(Permission.MANAGE_STAFF)
def staff_password(request: HttpRequest, staff_id: uuid.UUID) -> HttpResponse:
    viewer = request.viewer
    held = _staff_or_404(request, staff_id)
    form = PasswordForm(posted(request))
    if request.method == "POST" and attempt(
        form, lambda: set_password(by=viewer, staff=held, password=form.cleaned_data["password"])
    ):
        messages.success(
            request, _("New first password set. Whoever was signed in with the old one is signed out.")
        )
        return redirect("people:staff", held.pk)
    return _form_page(request, form, held, _("New first password"), _("Set the password"))


@needs(Permission.MANAGE_STAFF)
@require_POST
def staff_account(request: HttpRequest, staff_id: uuid.UUID) -> HttpResponse:
    """Close somebody's way in, or open it again."""
    held = _staff_or_404(request, staff_id)
    act = reactivate if request.POST.get("open") else deactivate
    try:
        user = act(by=request.viewer, staff=held)
    except RefusedError as refused:
        for sentence in refused.sentences:
            messages.error(request, sentence)
        return redirect("people:staff", held.pk)
    messages.success(request, _("The account is open.") if user.is_active else _("The account is closed."))
    return redirect("people:staff", held.pk)


def _staff_or_404(request: HttpRequest, staff_id: uuid.UUID) -> Staff:
    return get_object_or_404(staff_in_scope(request.viewer).select_related("person", "user"), pk=staff_id)


def _form_page(request: HttpRequest, form, held: Staff, heading: str, button: str) -> HttpResponse:
    context = {"form": form, "heading": heading, "who": held.person.name, "button": button,
               "back": "people:staff", "back_id": held.pk}  # fmt: skip
    return render(request, "people/form.html", context)
