"""What citizens share with a partner, and who may do what."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.template.loader import render_to_string
from django.views.decorators.http import require_GET

from medvirk.people.access import (
    PERMISSIONS,
    Permission,
    can,
    for_signed_in,
    log_access,
    log_listing,
    needs,
    shared_with,
)
from medvirk.people.hooks import shared_parts
from medvirk.people.models import AccessAction, Citizen, Role
from medvirk.people.queries.openings import shared_records
from medvirk.people.wording import PERMISSION_WORDS

RELATED = ("staff", "unit", "citizen__person")


@needs(Permission.SEE_SHARED)
@require_GET
def shared_list(request: HttpRequest) -> HttpResponse:
    """Citizens who share something with this partner now."""
    viewer = request.viewer
    records = shared_records(list(shared_with(viewer).select_related(*RELATED)))
    log_listing(viewer, [each.citizen.pk for each in records], "people.shared", basis="consent")
    return render(request, "people/shared_list.html", {"records": records})


@needs(Permission.SEE_SHARED)
@require_GET
def shared_record(request: HttpRequest, citizen_id: uuid.UUID) -> HttpResponse:
    """Exactly the parts this citizen shares with this partner."""
    viewer = request.viewer
    held = get_object_or_404(Citizen.objects.select_related("person"), pk=citizen_id)
    decision = can(viewer, Permission.SEE_SHARED, held)
    if not decision.allowed:
        raise Http404
    parts = [
        each for each in shared_parts() if can(viewer, Permission.SEE_SHARED, held, part=each.code).allowed
    ]
    for what in ("people.shared", *(each.code for each in parts)):
        log_access(viewer, [held.pk], what, action=AccessAction.OPENED, basis=decision.reason)
    (record,) = shared_records(list(shared_with(viewer).filter(citizen=held).select_related(*RELATED)))
    return render(request, "people/shared_record.html", {
        "citizen": held,
        "record": record,
        "parts": [
            (each.label, render_to_string(each.template, {**each.context(viewer, held)}, request))
            for each in parts
        ],
    })  # fmt: skip


@for_signed_in
@require_GET
def roles(request: HttpRequest) -> HttpResponse:
    """Who may do what: as the code decides it, in plain words."""
    return render(request, "people/roles.html", {
        "roles": [
            (role.label, [words for permission, words in PERMISSION_WORDS.items() if permission in PERMISSIONS[role]])
            for role in Role
        ],
        "citizen_words": PERMISSION_WORDS[Permission.OWN_PAGES],
        "mine": {role for role, _unit in request.viewer.grants} if request.viewer else set(),
    })  # fmt: skip
