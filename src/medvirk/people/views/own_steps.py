"""Steps that all pages share which citizens have about themselves, in this room and those below.

Who reads them may be ill, ashamed or watched by somebody at home: the title says nothing, nothing stays in the
browser, and each page has a button that leaves at once.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse

from medvirk.people import hooks
from medvirk.people.access import Permission, citizens_of, logs_if_shown, open_record
from medvirk.people.models import AccessAction, Citizen


def own_citizen(
    request: HttpRequest, citizen_id: uuid.UUID, what: str, *, action: AccessAction = AccessAction.OPENED
) -> Citizen:
    """The citizen whose own pages these are, for themselves, a parent or a guardian. Showing is logged here.

    What is changed (POST) is logged by the action, unless `action` is another one than opening.

    Raises:
        Http404: they are not the viewer's.
    """
    citizen = get_object_or_404(Citizen.objects.select_related("person"), pk=citizen_id)
    if request.method == "POST" and action == AccessAction.OPENED:
        logs_if_shown(request, citizen, what, Permission.OWN_PAGES)
    else:
        open_record(request.viewer, citizen, what, action=action, permission=Permission.OWN_PAGES)
    return citizen


def own_page(
    request: HttpRequest,
    template: str,
    citizen: Citizen,
    context: Mapping[str, Any] | None = None,
    *,
    key: str = "",
    status: int = 200,
) -> HttpResponse:
    """A page with the menu of one's own pages; `key` is the one that is open.

    `behalf` is whose they are when somebody reads them for another.
    """
    viewer = request.viewer
    pages = [
        {"page": page, "address": reverse(page.url_name, args=[citizen.pk]), "open": page.key == key}
        for page in hooks.own_pages()
    ]
    own = citizen.person_id == viewer.own_person_id
    shell = {
        "citizen": citizen,
        "own_pages": pages,
        "at_home": not key,
        "is_self": own,
        "behalf": "" if own else citizen.person.name,
        "has_others": len(citizens_of(viewer)) > 1,
    }
    return render(request, template, {**shell, **(context or {})}, status=status)
