"""Pages of the shell itself."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def form_ran_out(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001  Django's signature
    """A form without a valid token: nearly always one that stood open too long, or a browser without cookies."""
    return render(request, "ui/form_ran_out.html", status=403)
