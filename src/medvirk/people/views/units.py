"""Units over time."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from medvirk.people.access import Permission, needs
from medvirk.people.actions import change_unit, end_unit, register_unit
from medvirk.people.forms import LastDayForm, UnitForm
from medvirk.people.models import Unit, UnitKind
from medvirk.people.queries import unit_in_scope, units_in_scope, units_on
from medvirk.people.views.steps import attempt, posted


@needs(Permission.MANAGE_UNITS)
def units(request: HttpRequest) -> HttpResponse:
    """The tree of units on a day; today, if none is asked for."""
    day = _day(request.GET.get("day", "")) or request.viewer.today
    nodes = units_on(request.viewer, day)
    return render(request, "people/units.html", {"nodes": nodes, "day": day})


@needs(Permission.MANAGE_UNITS)
def unit_new(request: HttpRequest) -> HttpResponse:
    viewer = request.viewer
    initial = {"valid_from": viewer.today, "kind": UnitKind.TEAM, "parent": request.GET.get("under")}
    form = UnitForm(posted(request), parents=units_in_scope(viewer, Permission.MANAGE_UNITS), initial=initial)
    if request.method == "POST" and attempt(form, lambda: register_unit(by=viewer, **form.cleaned_data)):
        messages.success(request, _("The unit is registered."))
        return redirect("people:units")
    return render(request, "people/form.html", {
        "form": form, "heading": _("New unit"), "back": "people:units", "button": _("Register the unit"),
    })  # fmt: skip


@needs(Permission.MANAGE_UNITS)
def unit(request: HttpRequest, unit_id: uuid.UUID) -> HttpResponse:
    """Rename or move a unit."""
    viewer = request.viewer
    held = _unit_or_404(request, unit_id)
    initial = {name: getattr(held, name) for name in ("name", "kind", "parent", "valid_from")}
    parents = units_in_scope(viewer, Permission.MANAGE_UNITS).exclude(pk=held.pk)
    # An administrator of this unit only may keep it where it stands, though the unit above is not theirs.
    parents |= Unit.objects.filter(pk=held.parent_id)
    form = UnitForm(posted(request), parents=parents, initial=initial)
    if request.method == "POST" and attempt(
        form, lambda: change_unit(by=viewer, unit=held, **form.cleaned_data)
    ):
        messages.success(request, _("The unit is changed. What it was before is kept in its history."))
        return redirect("people:units")
    return render(request, "people/unit.html", {"form": form, "unit": held})


@needs(Permission.MANAGE_UNITS)
def unit_end(request: HttpRequest, unit_id: uuid.UUID) -> HttpResponse:
    viewer = request.viewer
    held = _unit_or_404(request, unit_id)
    form = LastDayForm(posted(request), initial={"last_day": held.valid_to or viewer.today})
    if request.method == "POST" and attempt(
        form, lambda: end_unit(by=viewer, unit=held, last_day=form.cleaned_data["last_day"])
    ):
        messages.success(request, _("The last day of the unit is set. Its history stays."))
        return redirect("people:units")
    return render(request, "people/form.html", {
        "form": form, "heading": _("End %(unit)s") % {"unit": held.name}, "back": "people:units",
        "button": _("Set the last day"),
    })  # fmt: skip


def _unit_or_404(request: HttpRequest, unit_id: uuid.UUID) -> Unit:
    held = unit_in_scope(request.viewer, Permission.MANAGE_UNITS, unit_id)
    if held is None:
        raise Http404
    return held


def _day(text: str):
    try:
        return parse_date(text)
    except ValueError:
        # The right form but no such day, such as 2026-02-30.
        return None
