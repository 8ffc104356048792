"""Steps that the pages share."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import TypeVar

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render

from medvirk.people.access import Permission, logs_if_shown, open_record
from medvirk.people.logic import DuplicateError, RefusedError
from medvirk.people.models import Citizen
from medvirk.ui.forms import DesignForm

Result = TypeVar("Result")


def posted(request: HttpRequest) -> QueryDict | None:
    """What was sent, for a form: None on GET."""
    return request.POST if request.method == "POST" else None


def attempt(form: DesignForm, act: Callable[[], Result]) -> Result | None:
    """Do it if the form is filled in right; what is refused is shown in the form, and gives None."""
    if not form.is_valid():
        return None
    try:
        return act()
    except DuplicateError:
        # The caller asks whether it is somebody else.
        raise
    except RefusedError as refused:
        form.add_faults(refused.sentences)
        return None


def citizen_or_404(request: HttpRequest, citizen_id: uuid.UUID, what: str) -> Citizen:
    """A citizen whose record is open to the viewer. Showing it is logged here; changing it, by the action.

    Raises:
        Http404: nothing opens it.
    """
    citizen = get_object_or_404(
        Citizen.objects.select_related("person__merged_into__citizen__person"), pk=citizen_id
    )
    if citizen.person.merged_into is not None:
        # An old address of somebody who was registered twice.
        citizen = citizen.person.merged_into.citizen
    if request.method == "POST":
        logs_if_shown(request, citizen, what, Permission.FOLLOW_CITIZENS)
    else:
        open_record(request.viewer, citizen, what)
    return citizen


def form_page(
    request: HttpRequest,
    form: DesignForm,
    held: Citizen,
    heading: str,
    button: str,
    *,
    back: str = "people:citizen",
    lead: str = "",
) -> HttpResponse:
    """A page with one form about a citizen; `back` is an address that takes the citizen."""
    context = {"form": form, "heading": heading, "who": held.person.name, "button": button, "lead": lead,
               "back": back, "back_id": held.pk}  # fmt: skip
    return render(request, "people/form.html", context)
