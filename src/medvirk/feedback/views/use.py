"""The use of feedback in a unit: how often it is asked and answered, month by month."""

from __future__ import annotations

import json
import uuid
from dataclasses import asdict
from functools import lru_cache
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_POST

from medvirk.answers.models import Channel, Help
from medvirk.feedback.actions import use as actions
from medvirk.feedback.forms.use import NoteForm
from medvirk.feedback.logic.goals import letter_of
from medvirk.feedback.logic.use import FEWEST, Noted, months_until, phases_from, total
from medvirk.feedback.queries.use import Use, units_to_see, use_of
from medvirk.feedback.wording import use as words
from medvirk.people.access import Permission, needs
from medvirk.people.models import Unit
from medvirk.people.queries.units import units_held
from medvirk.ui.charts import ControlPicture, Size, control_chart, to_svg
from medvirk.ui.languages import current_language


@needs(Permission.SEE_MEASURING)
@require_GET
def use(request: HttpRequest, unit_id: uuid.UUID | None = None) -> HttpResponse:
    """One unit, the first that the viewer may see unless another is chosen."""
    units = units_to_see(request.viewer)
    unit = next((each for each in units if unit_id in (None, each.pk)), None)
    if unit is None:
        if unit_id is None:
            return render(request, "feedback/use.html", {"units": []})
        raise Http404
    return _page(request, unit)


def _page(request: HttpRequest, unit: Unit, bound: NoteForm | None = None) -> HttpResponse:
    """`bound`: a note that was sent with faults."""
    found = use_of(request.viewer, unit, now=timezone.now())
    months = [month.first for month in found.months]
    leads = unit.pk in units_held(request.viewer, Permission.LEAD_TEAM)
    context = {
        "units": units_to_see(request.viewer),
        "notes": _lettered(found),
        "note_form": (bound or NoteForm(months=months)) if leads else None,
        "unit": unit,
        "found": found,
        "fewest": FEWEST,
        "forms": [
            _form(found, "before", gettext("The form about life, before the conversation")),
            _form(found, "after", gettext("The form about the conversation, after it")),
        ],
        "channels": _shown(words.named(dict(found.channels), Channel), found.answers),
        "helped": _shown(words.named(dict(found.helped), Help), found.answers),
        "when": _shown([(str(words.WHEN[when]), n) for when, n in found.when.items()], found.answers),
        "waited": words.waited_in_words(found.waited),
    }
    return render(request, "feedback/use.html", context, status=422 if bound else 200)


def _lettered(found: Use) -> list[tuple[str, Noted, str]]:
    """(letter, note, its month in words), the oldest first."""
    return [(letter_of(at), each, words.month_name(each.month)) for at, each in enumerate(found.notes)]


def _unit_led(request: HttpRequest, unit_id: uuid.UUID) -> Unit:
    if unit_id not in units_held(request.viewer, Permission.LEAD_TEAM):
        raise Http404
    return get_object_or_404(Unit, pk=unit_id)


@needs(Permission.LEAD_TEAM)
@require_POST
def add_note(request: HttpRequest, unit_id: uuid.UUID) -> HttpResponse:
    """Note what changed in the unit from a month on."""
    unit, now = _unit_led(request, unit_id), timezone.now()
    form = NoteForm(request.POST, months=months_until(timezone.localdate(now)))
    if not form.is_valid():
        return _page(request, unit, form)
    actions.note(by=request.viewer, unit=unit, now=now, **form.noted())
    messages.success(request, gettext("Noted. It stands on the charts of this unit."))
    return redirect("feedback:use_of_unit", unit_id=unit.pk)


@needs(Permission.LEAD_TEAM)
@require_POST
def remove_note(request: HttpRequest, unit_id: uuid.UUID, note_id: int) -> HttpResponse:
    """Take a note back."""
    unit = _unit_led(request, unit_id)
    actions.remove(by=request.viewer, unit=unit, note_id=note_id)
    messages.success(request, gettext("The note is taken away."))
    return redirect("feedback:use_of_unit", unit_id=unit.pk)


def _shown(rows: list[tuple[str, int]], whole: int) -> list[tuple[str, str]]:
    return [(name, words.share_of(count, whole)) for name, count in rows]


def _form(found: Use, which: str, title: str) -> dict[str, Any]:
    tallies = [getattr(month, which) for month in found.months]
    months = [month.first for month in found.months]
    chart = words.control_of(tallies, phases_from(months, found.notes))
    places = [(months.index(note.month), letter) for letter, note, _ in _lettered(found)]
    picture = words.picture_of(months, chart, title, places) if chart else None
    return {
        "key": which,
        "title": title,
        "words": words.in_words(total(tallies)),
        "said": words.said_of(months, chart) if chart else [],
        "wide": _drawn(picture, Size.WIDE) if picture else "",
        "narrow": _drawn(picture, Size.NARROW) if picture else "",
        "rows": [
            {
                "month": words.month_name(month),
                "share": words.share_of(tally.answered, tally.could_answer),
                "tally": tally if tally.could_answer >= FEWEST else None,
            }
            for month, tally in zip(months, tallies, strict=True)
        ],
    }


def _drawn(picture: ControlPicture, size: Size) -> SafeString:
    numbers = json.dumps(asdict(picture) | {"unusual": sorted(picture.unusual)})
    return mark_safe(_draw(numbers, size, current_language()))  # noqa: S308  our own drawing


@lru_cache(maxsize=64)
def _draw(numbers: str, size: Size, language: str) -> str:
    held = json.loads(numbers)
    return to_svg(
        control_chart(ControlPicture(**held | {"unusual": frozenset(held["unusual"])}), size), language
    )
