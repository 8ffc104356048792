"""Middleware of the shell."""

from __future__ import annotations

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import resolve_url

# Everything a browser could be asked for; nothing of it is used but the keys by which people sign in, and the
# button that copies a link.
SWITCHED_OFF = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "clipboard-read", "display-capture",
    "encrypted-media", "fullscreen", "gamepad", "geolocation", "gyroscope", "hid", "idle-detection",
    "keyboard-map", "local-fonts", "magnetometer", "microphone", "midi", "payment", "picture-in-picture",
    "screen-wake-lock", "serial", "storage-access", "sync-xhr", "usb", "window-management",
    "xr-spatial-tracking",
)  # fmt: skip
OWN_PAGES_ONLY = ("clipboard-write", "publickey-credentials-create", "publickey-credentials-get")
PERMISSIONS_POLICY = ", ".join(
    [*(f"{name}=()" for name in SWITCHED_OFF), *(f"{name}=(self)" for name in OWN_PAGES_ONLY)]
)


class HeadersOfEveryResponse:
    """What every response carries: pages, faults, redirects and static files alike. So it stands outermost.

    Nothing but static files may be kept by a browser or a proxy: a shared phone must show nothing on 'back'.
    """

    HEADERS = {
        "Cache-Control": "no-store, private",
        "Permissions-Policy": PERMISSIONS_POLICY,
        # A page elsewhere can neither load anything of ours as its own picture or script, nor hold our window.
        "Cross-Origin-Resource-Policy": "same-origin",
        "Cross-Origin-Opener-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "X-Robots-Tag": "noindex, nofollow",
        # Instead of the name of the program in front, by which its faults could be looked up.
        "Server": "Medvirk",
    }

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        for name, value in self.HEADERS.items():
            response.headers.setdefault(name, value)
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
