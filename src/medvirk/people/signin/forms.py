"""The forms of sign-in that differ from allauth's own."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm
from allauth.core import context
from allauth.mfa.webauthn.forms import LoginWebAuthnForm
from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from medvirk.people.signin import sessions


def shared_field() -> forms.BooleanField:
    return forms.BooleanField(required=False, label=_("Others use this machine too"))


class SignInForm(LoginForm):
    """Name, password, and whether the machine is shared: then the session ends sooner."""

    shared = shared_field()

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        request.session[sessions.SHARED] = self.cleaned_data["shared"]
        return super().login(request, redirect_url=redirect_url)


class PasskeySignInForm(LoginWebAuthnForm):
    shared = shared_field()

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        context.request.session[sessions.SHARED] = cleaned.get("shared", False)
        return cleaned
