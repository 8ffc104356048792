"""Who is looking."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import SimpleLazyObject

from medvirk.people.access import EVERYONE, viewer_for


class CurrentViewer:
    """Sets `request.viewer`: the `Viewer` of who is signed in, else None. Loaded only where it is used."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.viewer = SimpleLazyObject(lambda: viewer_for(request.user))
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *_: Any
    ) -> HttpResponse | None:
        """Let nobody work on a password that somebody else knows: the log would not say who looked."""
        if getattr(view, "declares", None) == EVERYONE:
            return None
        first = request.user.is_authenticated and request.user.has_first_password
        if first and request.resolver_match.url_name != "account_change_password":
            return redirect("account_change_password")
        return None
