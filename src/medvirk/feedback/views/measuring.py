"""How well the questionnaires measure here: the list of those in use, and a page for each."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from medvirk.feedback.measuring import FEWEST, instruments_in_use, measuring
from medvirk.feedback.wording.measuring import criterion_rows, number_rows, percent, question_rows
from medvirk.instruments.definitions import Status, in_language
from medvirk.people.access import Permission, needs
from medvirk.stats.reliability import State
from medvirk.ui.languages import current_language


@needs(Permission.SEE_MEASURING)
@require_GET
def measuring_list(request: HttpRequest) -> HttpResponse:
    """The instruments that have been answered here, and which of them are validated."""
    language = current_language()
    rows = [
        {
            "row": row,
            "title": row.instrument.title(language),
            "about": in_language(row.instrument.about, language),
        }
        for row in instruments_in_use(request.viewer, now=timezone.now())
    ]
    return render(request, "feedback/measuring_list.html", {"rows": rows, "fewest": FEWEST})


@needs(Permission.SEE_MEASURING)
@require_GET
def measuring_page(request: HttpRequest, instrument_key: str, version: int) -> HttpResponse:
    """How well one instrument measures here."""
    found = measuring(request.viewer, instrument_key, version, now=timezone.now())
    if found is None:
        raise Http404
    language, description = current_language(), found.description
    retest = description.retest if description else None
    pairs = retest.pairs if retest else None
    context = {
        "found": found,
        "title": found.instrument.title(language),
        "scale_title": in_language(found.scale.title, language),
        "validated_elsewhere": found.instrument.status is Status.VALIDATED,
        "fewest": FEWEST,
        "criteria": criterion_rows(found),
        "met": sum(each.state is State.MET for each in found.verdicts),
        "numbers": number_rows(found),
        "questions": question_rows(found, language),
        "missing": percent(description.missing_share) if description else "",
        "reliability_used": description.reliability_used if description else None,
        "pairs": pairs,
        "pairs_shown": len(pairs.first) if pairs and len(pairs.first) >= FEWEST else None,
    }
    return render(request, "feedback/measuring.html", context)
