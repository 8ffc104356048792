"""Middleware of the shell."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url


class PrivateByDefault:
    """Nothing but static files may be kept by a browser or a proxy: a shared phone must show nothing on 'back'."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store, private")
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        return response


class WholePageToSignIn:
    """A live part that asks after the session has run out gets the whole page sent to sign in.

    Without this, htmx would follow the redirect and put the sign-in page into a corner of the open one.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        target = response.headers.get("Location", "")
        if request.headers.get("HX-Request") == "true" and target.startswith(resolve_url(settings.LOGIN_URL)):
            return HttpResponse(headers={"HX-Refresh": "true"})
        return response
