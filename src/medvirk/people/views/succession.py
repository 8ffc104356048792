"""Merging, dividing, renaming and moving units from a day: seen first, then done."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from medvirk.people.access import Permission, log_listing, needs
from medvirk.people.actions.succession import (
    Placed,
    described,
    merge_units,
    move_unit,
    place_rest,
    split_unit,
    undo_reorganisation,
)
from medvirk.people.forms.over_time import MergeForm, MoveForm, SplitForm
from medvirk.people.logic import RefusedError
from medvirk.people.models import Reorganisation, Unit
from medvirk.people.queries import succession
from medvirk.people.queries.units import unit_in_scope, units_in_scope
from medvirk.people.views.steps import attempt, posted


@needs(Permission.MANAGE_UNITS)
def reorganisations(request: HttpRequest) -> HttpResponse:
    """What has been merged, divided and moved, and what is planned."""
    held = list(succession.reorganisations(request.viewer))
    return render(request, "people/over_time/reorganisations.html", {
        "coming": [each for each in held if each.day > request.viewer.today and each.undone_at is None],
        "past": [each for each in held if each.day <= request.viewer.today or each.undone_at is not None],
    })  # fmt: skip


@needs(Permission.MANAGE_UNITS)
def reorganisation(request: HttpRequest, reorganisation_id: uuid.UUID) -> HttpResponse:
    """One reorganisation: what it did, how to take it back, and who came in between and has to be placed."""
    viewer = request.viewer
    held = _held_or_404(request, reorganisation_id)
    placing, targets = succession.left_to_place(viewer, held)
    if request.method == "POST" and placing.lines:
        _units, rows = placing.chosen(request.POST)
        place_rest(by=viewer, reorganisation=held, placed=Placed(rows=rows))
        messages.success(request, _("Placed. It holds from the first day of the new structure."))
        return redirect("people:reorganisation", held.pk)
    _log_names(request, placing)
    return render(request, "people/over_time/reorganisation.html", {
        "held": held,
        "moved": succession.moved_in_words(held.described),
        "may_undo": held.undone_at is None and held.day > viewer.today,
        "placing": placing,
        "chosen": request.POST,
        "targets": [(str(number), each.name) for number, each in enumerate(targets)],
    })  # fmt: skip


@needs(Permission.MANAGE_UNITS)
@require_POST
def reorganisation_undo(request: HttpRequest, reorganisation_id: uuid.UUID) -> HttpResponse:
    """Take back what was planned."""
    held = _held_or_404(request, reorganisation_id)
    try:
        undo_reorganisation(by=request.viewer, reorganisation=held)
    except RefusedError as refused:
        for sentence in refused.sentences:
            messages.error(request, sentence)
        return redirect("people:reorganisation", held.pk)
    messages.success(request, _("Taken back. Everything is as it was before it was planned."))
    return redirect("people:reorganisations")


@needs(Permission.MANAGE_UNITS)
def units_merge(request: HttpRequest) -> HttpResponse:
    """Choose, see what will change, then merge."""
    viewer = request.viewer
    units = units_in_scope(viewer, Permission.MANAGE_UNITS)
    initial = {"day": viewer.today, "units": request.GET.getlist("unit")}
    form = MergeForm(posted(request), units=units, initial=initial)

    def act() -> Reorganisation:
        cleaned = form.cleaned_data
        chosen, day = list(cleaned["units"]), cleaned["day"]
        also = succession.same_named(chosen, day) if cleaned["same_named"] else []
        return merge_units(by=viewer, units=chosen, into=form.target(), day=day, also=also)

    done, told = _seen_then_done(request, form, act)
    if done is not None:
        return redirect("people:reorganisation", done.pk)
    return render(request, "people/over_time/merge.html", {
        "form": form, "told": told, "moved": succession.moved_in_words(told) if told else [],
    })  # fmt: skip


@needs(Permission.MANAGE_UNITS)
def unit_split(request: HttpRequest, unit_id: uuid.UUID) -> HttpResponse:
    """Name the new units, place everybody, see what will change, then divide."""
    viewer = request.viewer
    unit = _unit_or_404(request, unit_id)
    form = SplitForm(posted(request), initial={"day": viewer.today})
    context: dict[str, Any] = {"form": form, "unit": unit}
    if request.method == "POST" and form.is_valid():
        targets = form.targets(unit)
        placing = succession.placing(viewer, [unit], form.cleaned_data["day"])

        def act() -> Reorganisation:
            units, rows = placing.chosen(request.POST)
            placed = Placed(units=units, rows=rows)
            return split_unit(by=viewer, unit=unit, into=targets, day=form.cleaned_data["day"], placed=placed)

        told = None
        if "placing" in request.POST:
            done, told = _seen_then_done(request, form, act)
            if done is not None:
                return redirect("people:reorganisation", done.pk)
        _log_names(request, placing)
        context |= {
            "told": told, "moved": succession.moved_in_words(told) if told else [],
            "placing": placing, "chosen": request.POST,
            "targets": [(str(number), each.name) for number, each in enumerate(targets)],
        }  # fmt: skip
    return render(request, "people/over_time/split.html", context)


@needs(Permission.MANAGE_UNITS)
def unit_move(request: HttpRequest, unit_id: uuid.UUID) -> HttpResponse:
    """A new name or place from a day."""
    viewer = request.viewer
    unit = _unit_or_404(request, unit_id)
    parents = units_in_scope(viewer, Permission.MANAGE_UNITS).exclude(pk=unit.pk)
    parents |= Unit.objects.filter(pk=unit.parent_id)
    initial = {"name": unit.name, "parent": unit.parent, "day": viewer.today}
    form = MoveForm(posted(request), parents=parents, initial=initial)
    if request.method == "POST" and (
        done := attempt(form, lambda: move_unit(by=viewer, unit=unit, **form.cleaned_data))
    ):
        messages.success(request, _("Registered. Until that day everything is as it was."))
        return redirect("people:reorganisation", done.pk)
    return render(request, "people/form.html", {
        "form": form, "heading": _("Rename or move from a day"), "who": unit.name, "back": "people:unit",
        "back_id": unit.pk, "button": _("Save"),
    })  # fmt: skip


def _seen_then_done(
    request: HttpRequest, form: Any, act: Callable[[], Reorganisation]
) -> tuple[Reorganisation | None, dict[str, object] | None]:
    """(what was done, what would be done): done only when it is sent with `confirm`."""
    if request.method != "POST":
        return None, None
    if "confirm" not in request.POST:
        return None, attempt(form, lambda: described(act))
    done = attempt(form, act)
    if done is not None:
        messages.success(request, _("Registered. Access follows the new structure from its first day."))
    return done, None


def _log_names(request: HttpRequest, placing: succession.Placing) -> None:
    named = succession.citizens_named(request.viewer, placing.citizens).values_list("pk", flat=True)
    log_listing(request.viewer, named, "people.relation")


def _unit_or_404(request: HttpRequest, unit_id: uuid.UUID) -> Unit:
    held = unit_in_scope(request.viewer, Permission.MANAGE_UNITS, unit_id)
    if held is None:
        raise Http404
    return held


def _held_or_404(request: HttpRequest, key: uuid.UUID) -> Reorganisation:
    return get_object_or_404(succession.reorganisations(request.viewer), pk=key)
