"""My data: what the house holds about me, to take along."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from medvirk.interop.fhir.bundle import own_bundle
from medvirk.interop.portable.content import collect
from medvirk.interop.portable.files import as_json, as_pdf
from medvirk.people.access import Permission, needs
from medvirk.people.hooks import own_data
from medvirk.people.models import AccessAction
from medvirk.people.views.own_steps import own_citizen, own_page
from medvirk.ui.languages import current_language

WHAT = "interop.own_data"
#: What a file is called. Neutral: it lies among others on a phone.
NAMES = {"pdf": "copy-{day}.pdf", "json": "copy-{day}.json", "fhir": "copy-{day}.fhir.json"}
TYPES = {"pdf": "application/pdf", "json": "application/json", "fhir": "application/fhir+json"}


@needs(Permission.OWN_PAGES)
@require_GET
def own_data_page(request: HttpRequest, citizen_id: uuid.UUID) -> HttpResponse:
    """What is in it, and three ways to take it along."""
    held = own_citizen(request, citizen_id, WHAT)
    return own_page(request, "interop/own_data.html", held, {"kinds": own_data()}, key="data")


@needs(Permission.OWN_PAGES)
@require_POST
def own_data_file(request: HttpRequest, citizen_id: uuid.UUID, kind: str) -> HttpResponse:
    """Made while one waits, sent, and kept nowhere. Asked for by POST, so that no address brings it by itself."""
    if kind not in TYPES:
        raise Http404
    held = own_citizen(request, citizen_id, WHAT, action=AccessAction.EXPORTED)
    viewer, now, language = request.viewer, timezone.now(), current_language()
    if kind == "fhir":
        content = own_bundle(viewer, held, now=now, language=language)
    else:
        gathered = collect(viewer, held, now=now, language=language)
        content = as_pdf(gathered) if kind == "pdf" else as_json(gathered)
    response = HttpResponse(content, content_type=TYPES[kind])
    name = NAMES[kind].format(day=timezone.localdate(now).isoformat())
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
