"""Each address says what it needs; a test walks them all."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase, HttpResponseNotAllowed

from medvirk.people.access.decisions import Record, can
from medvirk.people.access.log import open_record
from medvirk.people.access.permissions import Permission

EVERYONE = "everyone"
SIGNED_IN = "signed in"
View = Callable[..., HttpResponseBase]
#: What a page may be asked by. Others (HEAD, OPTIONS) would be answered with the same page.
METHODS = ("GET", "POST")


def needs(permission: Permission) -> Callable[[View], View]:
    """Declare what a view needs. Without the permission the answer is 403.

    A form that is shown again with its faults shows the record it is about: it is logged here (`logs_if_shown`).
    """

    def declare(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if permission not in request.viewer.permissions:  # type: ignore[attr-defined]
                raise PermissionDenied
            if request.method not in METHODS:
                return HttpResponseNotAllowed(METHODS)
            response = view(request, *args, **kwargs)
            if response.status_code in SHOWN:
                for opening in getattr(request, "openings", ()):
                    opening()
            return response

        checked.declares = permission  # type: ignore[attr-defined]
        return checked

    return declare


#: Answers with a page; whatever was done is answered by leading on.
SHOWN = frozenset({200, 422})


def logs_if_shown(request: HttpRequest, record: Record, what: str, permission: Permission) -> None:
    """Log the opening of a record, or a refusal, if the answer to what was sent shows it; changes log themselves.

    Raises:
        Http404: nothing opens it.
    """
    viewer = request.viewer  # type: ignore[attr-defined]
    opening = partial(open_record, viewer, record, what, permission=permission)
    if not can(viewer, permission, record).allowed:
        opening()
    request.openings = [*getattr(request, "openings", ()), opening]  # type: ignore[attr-defined]


def for_everyone(view: View) -> View:
    """Declare that a view is open without signing in."""
    view.declares = EVERYONE  # type: ignore[attr-defined]
    return login_not_required(view)


def for_signed_in(view: View) -> View:
    """Declare that a view is for whoever is signed in."""
    view.declares = SIGNED_IN  # type: ignore[attr-defined]
    return view
