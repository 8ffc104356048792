"""The municipality's own procedure for an answer about safety: who sees to it, how fast, by the hour of the day."""

from __future__ import annotations

import uuid
from datetime import time
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dates import WEEKDAYS
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods

from medvirk.feedback.actions.risk import set_procedure
from medvirk.feedback.forms.risk import MOST_LINES, LineForms
from medvirk.feedback.logic.risk import Gap, gaps, line_at
from medvirk.feedback.queries.risk import Procedure, procedure_of, procedures_on, units_to_set
from medvirk.people.access import Permission, needs
from medvirk.people.models import Unit

MIDNIGHT = time(0)
#: So many empty lines stand ready beneath those there are.
SPARE_LINES = 2


@needs(Permission.SET_PROCEDURES)
@require_GET
def risk_units(request: HttpRequest) -> HttpResponse:
    """Units whose procedure the viewer may set, each with whom it asks now."""
    procedures = procedures_on(request.viewer.today)
    rows = [_row(unit, procedures.of(unit.pk)) for unit in units_to_set(request.viewer)]
    return render(request, "feedback/risk_units.html", {"rows": rows})


def _row(unit: Unit, procedure: Procedure) -> dict[str, Any]:
    return {
        "unit": unit,
        "own": procedure.units == (unit.pk,),
        "none": not procedure.lines,
        "now": line_at(procedure.lines, timezone.now()),
        "gaps": bool(procedure.lines) and bool(gaps(procedure.lines)),
    }


@needs(Permission.SET_PROCEDURES)
@require_http_methods(["GET", "POST"])
def risk_procedure(request: HttpRequest, unit_id: uuid.UUID) -> HttpResponse:
    """One unit's procedure, and the hours of the week that it leaves to nobody."""
    unit = next((each for each in units_to_set(request.viewer) if each.pk == unit_id), None)
    if unit is None:
        raise Http404
    procedure = procedure_of(unit.pk, day=request.viewer.today)
    forms = LineForms(request.POST or None, initial=_initial(procedure))
    if request.method == "POST" and forms.is_valid():
        lines = [form.line() for form in forms if not form.is_empty]
        set_procedure(by=request.viewer, unit=unit, lines=lines)
        messages.success(request, gettext("The procedure is saved and holds from now on."))
        return redirect("feedback:risk_procedure", unit_id=unit.pk)
    context = {
        "unit": unit,
        "forms": forms,
        "own": procedure.units == (unit.pk,),
        "lines": procedure.lines,
        "now": line_at(procedure.lines, timezone.now()),
        "gaps": [_words(gap) for gap in gaps(procedure.lines)] if procedure.lines else [],
    }
    return render(request, "feedback/risk_procedure.html", context, status=422 if forms.errors else 200)


def _initial(procedure: Procedure) -> list[dict[str, Any]]:
    """The lines that hold now, also those of the unit above, to be changed from; and a few empty ones."""
    held = [
        {
            "days": line.days.value,
            "begins": line.begins,
            "ends": line.ends,
            "who": line.who,
            "phone": line.phone,
            "within_minutes": int(line.within.total_seconds() // 60),
        }
        for line in procedure.lines
    ]
    return held + [{} for _ in range(min(SPARE_LINES, MOST_LINES - len(held)))]


def _words(gap: Gap) -> str:
    ends = "24:00" if gap.ends == MIDNIGHT else f"{gap.ends:%H:%M}"
    return f"{str(WEEKDAYS[gap.weekday - 1]).capitalize()} {gap.begins:%H:%M}–{ends}"
