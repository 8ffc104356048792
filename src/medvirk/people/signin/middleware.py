"""The rules of sign-in, on every address: end what nobody uses, and let in only who has signed in strongly enough."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render

from medvirk.people.access import EVERYONE
from medvirk.people.signin import sessions
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
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *_: Any
    ) -> HttpResponse | None:
        if not request.user.is_authenticated:
            return None
        open_to_all = getattr(view, "declares", None) == EVERYONE
        if sessions.time_left(request).total_seconds() <= 0:
            return self._end(request, view, open_to_all=open_to_all)
        if not getattr(view, "is_polling", False):
            sessions.touch(request)
            # Known to the page, which warns in time.
            request.seconds_left = int(sessions.time_left(request).total_seconds())
        if open_to_all or request.resolver_match.url_name in TO_GET_A_FACTOR or not lacks_a_factor(request):
            return None
        return redirect("mfa_index")

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
