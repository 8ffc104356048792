"""The forms of sign-in that differ from allauth's own."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm
from allauth.core import context
from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings as factors
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import LoginWebAuthnForm
from allauth.mfa.webauthn.internal.auth import parse_authentication_response
from django import forms
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from medvirk.people.models import User
from medvirk.people.signin import sessions


def shared_field() -> forms.BooleanField:
    return forms.BooleanField(required=False, label=_("Others use this machine too"))


class SignInForm(LoginForm):
    """Name, password, and whether the machine is shared: then the session ends sooner."""

    shared = shared_field()

    def login(self, request: HttpRequest, redirect_url: str | None = None) -> HttpResponse:
        request.session[sessions.SHARED] = self.cleaned_data["shared"]
        return super().login(request, redirect_url=redirect_url)


class ByFingerOrPin:
    """A passkey that is all one shows must have asked for a finger or a PIN: anybody can touch a key left lying.

    The challenge may be that of a second step, where a touch is enough, so the answer itself is looked at.
    """

    cleaned_data: dict[str, Any]

    def clean_credential(self) -> Authenticator:
        shown = parse_authentication_response(self.cleaned_data["credential"]).response.authenticator_data
        passkey: Authenticator = super().clean_credential()  # type: ignore[misc]
        if not shown.is_user_verified():
            raise get_adapter().validation_error("incorrect_code")
        return passkey


class PasskeySignInForm(ByFingerOrPin, LoginWebAuthnForm):
    """Signing in by a passkey alone; only workers have such."""

    shared = shared_field()

    def clean_credential(self) -> Authenticator:
        passkey = super().clean_credential()
        if passkey.user.person_id is not None:
            raise get_adapter().validation_error("incorrect_code")
        return passkey

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        context.request.session[sessions.SHARED] = cleaned.get("shared", False)
        return cleaned


class _CodeOnce:
    """A code is good once for as long as it is taken: allauth remembers a used one for half a minute only, but takes
    it for longer, since the clock of a phone may be off.
    """

    user: User

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]
        taken_for = factors.TOTP_PERIOD * (2 * factors.TOTP_TOLERANCE + 1)
        if not cache.add(f"code:{self.user.pk}:{normalize_user_code(code)}", True, taken_for):
            raise get_adapter().validation_error("incorrect_code")
        return code


class CodeForm(_CodeOnce, AuthenticateForm):
    pass


class CodeAgainForm(_CodeOnce, ReauthenticateForm):
    pass


class SetUpAppForm(_CodeOnce, ActivateTOTPForm):
    """The code that shows that the app is set up signs nobody in either."""
