"""The worker that keeps an answering page on the person's own device until it is sent (docs/answering.md)."""

from __future__ import annotations

import json

from csp.utils import build_policy
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from medvirk.people.access import for_everyone
from medvirk.ui.middleware import HeadersOfEveryResponse


@for_everyone
@require_GET
def worker(request: HttpRequest) -> HttpResponse:
    """The script of the service worker. It stands at the answering addresses because it may rule only those."""
    headers = HeadersOfEveryResponse.HEADERS | {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Security-Policy": build_policy(),
        "Referrer-Policy": settings.SECURE_REFERRER_POLICY,
    }
    return render(
        request, "answers/worker.js", {"headers": json.dumps(headers)}, content_type="text/javascript"
    )
