"""Each address says what it needs; a test walks them all."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase

from medvirk.people.access.permissions import Permission

EVERYONE = "everyone"
SIGNED_IN = "signed in"
View = Callable[..., HttpResponseBase]


def needs(permission: Permission) -> Callable[[View], View]:
    """Declare what a view needs. Without the permission the answer is 403."""

    def declare(view: View) -> View:
        @wraps(view)
        def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if permission not in request.viewer.permissions:  # type: ignore[attr-defined]
                raise PermissionDenied
            return view(request, *args, **kwargs)

        checked.declares = permission  # type: ignore[attr-defined]
        return checked

    return declare


def for_everyone(view: View) -> View:
    """Declare that a view is open without signing in."""
    view.declares = EVERYONE  # type: ignore[attr-defined]
    return login_not_required(view)


def for_signed_in(view: View) -> View:
    """Declare that a view is for whoever is signed in."""
    view.declares = SIGNED_IN  # type: ignore[attr-defined]
    return view
