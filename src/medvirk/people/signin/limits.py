"""How often something may be tried from one address. The counts stand in the cache that all workers share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render

from medvirk.people.crypto import keyed_hash

#: allauth's notation: how often, in how long, by what.
RATES = {
    "provider": "30/m/ip", "unknown_link": "30/10m/ip", "password": "10/m/ip",
    # Codes for a tablet (`answers.tablet.tries`).
    "tablet_code": "20/10m/ip,100/d/ip", "tablet_codes_of_strangers": "100/h/key,500/d/key",
}  # fmt: skip
BLOCKED_FOR = 10 * 60


def too_many(request: HttpRequest, *, minutes: int = 5) -> HttpResponse:
    """The page that says when to try again."""
    response = render(request, "account/too_many.html", {"minutes": minutes}, status=429)
    response.headers["Retry-After"] = str(minutes * 60)
    return response


def limited(action: str) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Let a view be called only as often as `RATES[action]` allows from one address, GET included."""

    def wrap(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if count(request, action) is None:
                return too_many(request, minutes=1)
            return view(request, *args, **kwargs)

        return counted

    return wrap


def not_for_guessers(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Stop an address from which many answers by links that do not exist were asked for.

    The view answers 404 for such a link. Links that exist cost one look into the cache and no counting.
    """

    @wraps(view)
    def watched(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        blocked = f"guesser:{keyed_hash('address', ratelimit.get_ip(request))}"
        if cache.get(blocked):
            return too_many(request, minutes=BLOCKED_FOR // 60)
        response = view(request, *args, **kwargs)
        if response.status_code == 404 and count(request, "unknown_link") is None:
            cache.set(blocked, True, BLOCKED_FOR)
        return response

    return watched


def count(request: HttpRequest, action: str, key: str | None = None) -> ratelimit.RateLimitUsage | None:
    """Count one more, which can be taken back by `rollback()`; None when it is one too many.

    `key` is what is counted by where a rate says so.
    """
    return ratelimit.consume(request, app="medvirk", action=action, config=RATES, limit_get=True, key=key)
