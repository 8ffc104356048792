"""What is kept how long: the rules, a report of what is due, somebody's yes to it, and erasing one citizen."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from medvirk.people.access import Permission, needs
from medvirk.people.actions.retention import (
    approve_run,
    decide_erasure,
    make_report,
    propose_erasure,
    set_retention,
)
from medvirk.people.forms.retention import ErasureForm, MonthsForm
from medvirk.people.keeping import tidyings
from medvirk.people.logic import RefusedError
from medvirk.people.logic.retention import RULES
from medvirk.people.queries.retention import (
    erasure_plan,
    erasures_to_decide,
    months_in_force,
    retention_report,
    runs,
    waiting_erasure,
)
from medvirk.people.views.steps import attempt, citizen_or_404, posted


@needs(Permission.MANAGE_RETENTION)
def retention(request: HttpRequest) -> HttpResponse:
    """Every rule, what is due by it today, and the reports that were made."""
    viewer = request.viewer
    return render(request, "people/retention.html", {
        "rules": retention_report(viewer, viewer.today),
        "runs": runs(viewer)[:20],
        "waiting": erasures_to_decide(viewer),
    })  # fmt: skip


@needs(Permission.MANAGE_RETENTION)
def retention_period(request: HttpRequest, rule: str) -> HttpResponse:
    """Set the municipality's own number of months."""
    if rule not in RULES or RULES[rule].months is None:
        raise Http404
    held = RULES[rule]
    form = MonthsForm(posted(request), rule=held, initial={"months": months_in_force()[rule]})
    if request.method == "POST" and attempt(form, lambda: _set(request, form, rule)):
        messages.success(request, _("Saved. It counts from the next report."))
        return redirect("people:retention")
    return render(request, "people/form.html", {
        "form": form, "heading": str(held.label).capitalize(), "back": "people:retention", "button": _("Save"),
        "lead": held.why,
    })  # fmt: skip


def _set(request: HttpRequest, form: MonthsForm, rule: str) -> bool:
    set_retention(by=request.viewer, rule=rule, months=form.cleaned_data["months"])
    return True


@needs(Permission.MANAGE_RETENTION)
@require_POST
def retention_report_new(request: HttpRequest) -> HttpResponse:
    run = make_report(by=request.viewer, now=timezone.now())
    return redirect("people:retention_run", run.pk)


@needs(Permission.MANAGE_RETENTION)
def retention_run(request: HttpRequest, run_id: uuid.UUID) -> HttpResponse:
    """One report: what was due, and how far it has come. Approving it starts the erasing."""
    run = get_object_or_404(runs(request.viewer), pk=run_id)
    if request.method == "POST":
        try:
            approve_run(by=request.viewer, run=run, now=timezone.now())
            messages.success(
                request,
                _("Approved. It is carried out within some minutes; this page shows when it is done."),
            )
        except RefusedError as refused:
            messages.error(request, " ".join(refused.sentences))
        return redirect("people:retention_run", run.pk)
    names = {each.key: str(each.label) for each in tidyings()} | {
        "people.citizens": _("citizens with all about them")
    }
    lines = [
        (names.get(key, key), count, run.result.get(key, 0))
        for counts in run.report.values()
        for key, count in counts.items()
    ]
    return render(request, "people/retention_run.html", {
        "run": run, "lines": lines, "total": sum(count for _name, count, _done in lines),
    })  # fmt: skip


@needs(Permission.LEAD_TEAM)
def erasure(request: HttpRequest, citizen_id: uuid.UUID) -> HttpResponse:
    """What would happen if this citizen were erased, and a proposal to do so."""
    viewer = request.viewer
    held = citizen_or_404(request, citizen_id, "people.erasure")
    form = ErasureForm(posted(request))
    if request.method == "POST" and attempt(
        form, lambda: propose_erasure(by=viewer, citizen=held, **form.cleaned_data)
    ):
        messages.success(
            request, _("Proposed. One who keeps the rules decides; until then nothing is erased.")
        )
        return redirect("people:erasure", held.pk)
    return render(request, "people/erasure.html", {
        "citizen": held, "form": form, "plan": erasure_plan(viewer, held), "waiting": waiting_erasure(held),
    })  # fmt: skip


@needs(Permission.MANAGE_RETENTION)
@require_POST
def erasure_decide(request: HttpRequest, erasure_id: uuid.UUID) -> HttpResponse:
    """Approve, and erase at once, or decline."""
    held = get_object_or_404(erasures_to_decide(request.viewer), pk=erasure_id)
    if request.POST.get("approve") not in {"1", "0"}:
        raise Http404
    approve = request.POST["approve"] == "1"
    try:
        decide_erasure(by=request.viewer, erasure=held, approve=approve)
    except RefusedError as refused:
        messages.error(request, " ".join(refused.sentences))
    else:
        messages.success(
            request, _("Erased. It cannot be undone.") if approve else _("Declined. Nothing is erased.")
        )
    return redirect("people:retention")
