"""What stands beside a signal, as a unit or the house has it: the short list of changes, prompts, and the guides."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from medvirk.answers.texts import text_kind
from medvirk.feedback.actions import Refused, support
from medvirk.feedback.forms.signals import GuidesForm, LineForm
from medvirk.feedback.logic.support import RISK_TEXT, TOPICS
from medvirk.feedback.models import SignalGuide
from medvirk.feedback.queries.support import support_now
from medvirk.feedback.wording.courses import SIGNALS
from medvirk.library.queries import choices
from medvirk.people.access import Permission, needs
from medvirk.people.models import Unit
from medvirk.people.queries.units import units_led
from medvirk.ui.languages import current_language


@needs(Permission.LEAD_TEAM)
@require_GET
def overview(request: HttpRequest) -> HttpResponse:
    """The units that one leads."""
    units = units_led(request.viewer)
    return render(request, "feedback/support_units.html", {"units": units})


@needs(Permission.EDIT_TEXTS)
@require_http_methods(["GET", "POST"])
def house(request: HttpRequest) -> HttpResponse:
    """What holds in the whole house, where a unit has nothing of its own."""
    return _page(request, None)


@needs(Permission.LEAD_TEAM)
@require_http_methods(["GET", "POST"])
def unit(request: HttpRequest, unit_id: uuid.UUID) -> HttpResponse:
    """What holds in one's own unit and those under it."""
    return _page(request, get_object_or_404(units_led(request.viewer), pk=unit_id))


def _address(unit: Unit | None) -> str:
    return reverse("feedback:unit_support", args=[unit.pk]) if unit else reverse("feedback:house_support")


def _page(request: HttpRequest, unit: Unit | None) -> HttpResponse:
    chosen = dict(SignalGuide.objects.filter(unit=unit).values_list("kind", "document_id"))
    guides = GuidesForm(
        request.POST if request.POST.get("what") == "guides" else None,
        titles={kind: title for kind, (title, _reason) in SIGNALS.items()},
        chosen=chosen,
        documents=choices(request.viewer),
        inherits=unit is not None,
    )
    if request.method == "POST" and (request.POST.get("what") != "guides" or guides.is_valid()):
        _change(request, unit, guides, chosen)
        return redirect(_address(unit))
    lines = support_now(request.viewer.today).changes_for(unit.pk if unit else None)
    context = {
        "unit": unit,
        "lines": [_line(unit, place, line) for place, line in enumerate(lines, start=1)],
        "new_line": reverse("feedback:unit_line_new", args=[unit.pk])
        if unit
        else reverse("feedback:house_line_new"),
        "guides": guides,
        "texts": [text_kind(key) for key in (RISK_TEXT, *TOPICS)],
    }
    return render(request, "feedback/support.html", context)


def _line(unit: Unit | None, place: int, line) -> dict[str, object]:
    address = (
        reverse("feedback:unit_line", args=[unit.pk, place])
        if unit
        else reverse("feedback:house_line", args=[place])
    )
    return {"place": place, "said": line.said(current_language()), "address": address}


def _change(
    request: HttpRequest, unit: Unit | None, guides: GuidesForm, chosen: dict[str, uuid.UUID | None]
) -> None:
    now, what = timezone.now(), request.POST.get("what", "")
    by, verb, place = request.viewer, *(what.partition("-")[::2])
    try:
        if what == "guides":
            for kind, document_id in guides.documents().items():
                if chosen.get(kind) != document_id:
                    support.choose_guide(by=by, unit=unit, kind=kind, document_id=document_id, now=now)
            messages.success(request, gettext("The guides are chosen."))
        elif verb == "up" and place.isdigit():
            support.move_line_up(by=by, unit=unit, place=int(place), now=now)
        elif verb == "retire" and place.isdigit():
            support.retire_line(by=by, unit=unit, place=int(place), now=now)
            messages.success(request, gettext("The line is taken out. Where it was used, it stays."))
    except Refused as refused:
        told = {
            "last_line": gettext("This is the only line. Write another one before you take it out."),
            "no_such_line": gettext(
                "Somebody has changed the list in the meantime. Here is how it stands now."
            ),
        }
        messages.error(request, told[refused.reason])


@needs(Permission.EDIT_TEXTS)
@require_http_methods(["GET", "POST"])
def house_line(request: HttpRequest, place: int | None = None) -> HttpResponse:
    """A new line in the list of the house, or other words for one."""
    return _edit_line(request, None, place)


@needs(Permission.LEAD_TEAM)
@require_http_methods(["GET", "POST"])
def unit_line(request: HttpRequest, unit_id: uuid.UUID, place: int | None = None) -> HttpResponse:
    """A new line in the list of a unit, or other words for one."""
    return _edit_line(request, get_object_or_404(units_led(request.viewer), pk=unit_id), place)


def _edit_line(request: HttpRequest, unit: Unit | None, place: int | None) -> HttpResponse:
    lines = support_now(request.viewer.today).changes_for(unit.pk if unit else None)
    if place is not None and not 1 <= place <= len(lines):
        raise Http404
    form = LineForm(request.POST or None, line=lines[place - 1] if place else None)
    if request.method == "POST" and form.is_valid():
        now, words = timezone.now(), form.words()
        if place is None:
            support.add_line(by=request.viewer, unit=unit, words=words, now=now)
        else:
            support.change_line(by=request.viewer, unit=unit, place=place, words=words, now=now)
        messages.success(request, gettext("The list is saved. What was noted before keeps its words."))
        return redirect(_address(unit))
    context = {"form": form, "unit": unit, "back": _address(unit), "is_new": place is None}
    return render(request, "feedback/support_line.html", context)
