"""Pages of the shell itself."""

from __future__ import annotations

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string


def form_ran_out(request: HttpRequest, reason: str = "") -> HttpResponse:  # noqa: ARG001  Django's signature
    """A form without a valid token: nearly always one that stood open too long, or a browser without cookies."""
    return render(request, "ui/form_ran_out.html", status=403)


TOO_MUCH = (RequestDataTooBig, TooManyFieldsSent, TooManyFilesSent)


def not_taken(request: HttpRequest, exception: Exception) -> HttpResponse:  # noqa: ARG001  Django's signature
    """Something that no browser of ours sends: broken, altered, or more than is taken (413).

    Drawn without the request: what is broken in it may be what the page would look at.
    """
    too_much = isinstance(exception, TOO_MUCH)
    page = render_to_string("400.html", {"too_much": too_much})
    return HttpResponse(page, status=413 if too_much else 400)
