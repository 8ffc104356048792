"""Who has looked: for those who help a citizen, for the auditor, and for those who review unusual openings."""

from __future__ import annotations

import uuid

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from medvirk.people.access import Permission, needs
from medvirk.people.actions.review import settle_pattern
from medvirk.people.forms.log import LogSearchForm, SettleForm
from medvirk.people.queries.log import INNOCENT, log_file, own_log, pattern_to_settle, patterns, search_log
from medvirk.people.views.steps import attempt, citizen_or_404, posted
from medvirk.tables import csv_bytes


@needs(Permission.FOLLOW_CITIZENS)
def citizen_log(request: HttpRequest, citizen_id: uuid.UUID) -> HttpResponse:
    """Everybody who has looked at a record, as far back as the log goes."""
    held = citizen_or_404(request, citizen_id, "people.log")
    log = own_log(request.viewer, held, _page(request.GET.get("page")))
    return render(request, "people/log/citizen.html", {"citizen": held, "log": log})


@needs(Permission.READ_LOG)
def log_search(request: HttpRequest) -> HttpResponse:
    """Search the log. By POST, so that numbers and names stay out of addresses, histories and server logs."""
    form = LogSearchForm(posted(request), viewer=request.viewer)
    page = None
    if form.is_bound and form.is_valid():
        page = search_log(request.viewer, form.search(), _page(request.POST.get("page")))
    typed = [(name, value) for name, value in request.POST.items() if name in form.fields and value]
    return render(request, "people/log/search.html", {"form": form, "page": page, "typed": typed})


@needs(Permission.READ_LOG)
@require_POST
def log_download(request: HttpRequest) -> HttpResponse:
    """The same rows as a file. Its name tells nothing."""
    form = LogSearchForm(request.POST, viewer=request.viewer)
    if not form.is_valid():
        return render(
            request, "people/log/search.html", {"form": form, "page": None, "typed": []}, status=422
        )
    headings, *rows = log_file(request.viewer, form.search())
    response = HttpResponse(csv_bytes(headings, rows), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="log.csv"'
    return response


@needs(Permission.REVIEW_LOG)
def patterns_page(request: HttpRequest) -> HttpResponse:
    """Unusual openings, day by day: those nobody has looked at, or those that somebody has."""
    settled = request.GET.get("show") == "settled"
    days = patterns(request.viewer, settled=settled)
    return render(request, "people/log/patterns.html", {"days": days, "settled": settled})


@needs(Permission.REVIEW_LOG)
def pattern(request: HttpRequest, pattern_id: uuid.UUID) -> HttpResponse:
    """Say what came of one."""
    viewer = request.viewer
    found = pattern_to_settle(viewer, pattern_id)
    if found is None:
        raise Http404
    form = SettleForm(posted(request))
    if request.method == "POST" and attempt(
        form, lambda: settle_pattern(by=viewer, pattern=found, now=viewer.now, **form.cleaned_data)
    ):
        messages.success(request, _("Written down."))
        return redirect("people:patterns")
    return render(request, "people/log/pattern.html", {
        "found": found,
        "form": form,
        "innocent": INNOCENT[found.kind],
        "may_search": Permission.READ_LOG in viewer.permissions,
    })  # fmt: skip


def _page(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 7 else 1
