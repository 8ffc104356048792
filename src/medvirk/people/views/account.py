"""One's own account."""

from __future__ import annotations

from allauth.account.views import password_change
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _


def change_password(request: HttpRequest) -> HttpResponse:
    """Change one's password; who signs in without one (as in the demo) is told so."""
    if request.user.has_usable_password():
        return password_change(request)
    messages.info(request, _("You sign in here without a password, so there is none to change."))
    return redirect("start")
