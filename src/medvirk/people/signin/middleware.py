"""The rules of sign-in, on every address: end what nobody uses, and let in only who has signed in strongly enough."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.mfa.utils import is_mfa_enabled
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from medvirk.people.access import EVERYONE
from medvirk.people.signin import handover, sessions
from medvirk.people.signin.levels import lacks_a_factor

#: Open while a second factor is missing: what one needs to get one, and the way out.
TO_GET_A_FACTOR = frozenset(
    {
        "mfa_index", "mfa_activate_totp", "mfa_add_webauthn", "mfa_view_recovery_codes", "account_reauthenticate",
        "account_change_password", "account_stay", "account_time_left", "account_sign_out_everywhere",
    }
)  # fmt: skip


class SignInRules:
    """Stands before Django's own check of who is signed in, and after the viewer is known."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        # Before anything asks who it is.
        handover.withhold(request)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *_: Any
    ) -> HttpResponse | None:
        open_to_all = getattr(view, "declares", None) == EVERYONE
        if request.handed_over is not None:
            return self._on_a_lent_screen(request, open_to_all=open_to_all)
        if not request.user.is_authenticated:
            return None
        if sessions.time_left(request).total_seconds() <= 0:
            return self._end(request, view, open_to_all=open_to_all)
        if not getattr(view, "is_polling", False):
            sessions.touch(request)
            # Known to the page, which warns in time.
            request.seconds_left = int(sessions.time_left(request).total_seconds())
        if open_to_all or not lacks_a_factor(request):
            return None
        if is_mfa_enabled(request.user):
            # It was set up since, elsewhere: whoever has the password alone must not add one of their own to it.
            return self._end(request, view, open_to_all=False)
        return None if request.resolver_match.url_name in TO_GET_A_FACTOR else redirect("mfa_index")

    def _on_a_lent_screen(self, request: HttpRequest, *, open_to_all: bool) -> HttpResponse | None:
        """What is done there is done by somebody else: it does not prolong the worker's session."""
        if sessions.time_left(request).total_seconds() <= 0:
            handover.end(request)
            return None if open_to_all else redirect("account_login")
        return None if handover.lets_through(request) else handover.to_the_lock(request)

    def _end(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *, open_to_all: bool
    ) -> HttpResponse | None:
        """End the session; a page goes to sign in, and what was sent is answered with what to do."""
        is_polling = getattr(view, "is_polling", False)
        is_page = request.method in {"GET", "HEAD"} and not is_polling
        sessions.end(request, return_to="" if open_to_all or not is_page else request.get_full_path())
        # `logout` leaves the viewer of a moment ago in place where it has been looked at.
        request.viewer = None
        if open_to_all:
            return None
        if is_page or request.headers.get("HX-Request") == "true":
            return redirect("account_login")
        if is_polling:
            return JsonResponse({"seconds": 0})
        return render(request, "account/session_over.html", status=403)
