"""The page on which a handed-over screen is given back."""

from __future__ import annotations

from typing import Any

from allauth.mfa.webauthn.internal.auth import begin_authentication
from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from medvirk.people.access import for_everyone
from medvirk.people.signin import handover


@for_everyone
@require_http_methods(["GET", "HEAD", "POST"])
def handed_over(request: HttpRequest) -> HttpResponse:
    """Say that the screen is handed over; let the worker, and nobody else, take it back."""
    if request.handed_over is None:
        return redirect("start" if request.user.is_authenticated else "account_login")
    if request.method != "POST":
        return _page(request)
    way = request.POST.get("way", "")
    if way == "leave":
        handover.end(request)
        return redirect("account_login")
    if way == "demo" and handover.is_free_in_the_demo(request.handed_over.user):
        return redirect(handover.take_back(request))
    return _try(request, way)


def _try(request: HttpRequest, way: str) -> HttpResponse:
    """Look at what was shown: password, code or passkey of the one who handed the screen over."""
    user = request.handed_over.user
    if way not in handover.ways_back(user):
        return _page(request)
    form = handover.FORMS[way](data=request.POST, user=user)
    if form.is_valid():
        back = handover.take_back(request)
        if hasattr(form, "save"):
            # Notes when a passkey or a code app was used.
            form.save()
        return redirect(back)
    if handover.is_wrong(way, form) and handover.count_wrong(request):
        messages.warning(request, _("It was wrong too many times, so you are signed out. Sign in again."))
        return redirect("account_login")
    return _page(request, way, form)


def _page(request: HttpRequest, tried: str = "", form: forms.Form | None = None) -> HttpResponse:
    held = request.handed_over
    ways = handover.ways_back(held.user)
    context: dict[str, Any] = {
        "held": held,
        "ways": ways,
        "tried": tried,
        "form": form,
        "provider": handover.provider_of(held.user),
        "in_the_demo": handover.is_free_in_the_demo(held.user),
    }
    if "passkey" in ways:
        context["js_data"] = {"request_options": begin_authentication(held.user)}
    return render(request, "account/handed_over.html", context, status=422 if form else 200)
