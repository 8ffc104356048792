"""Second factors: one-time codes from a phone, passkeys, and codes on paper for the day both are gone."""

from __future__ import annotations

from functools import wraps
from io import BytesIO
from typing import Any

import segno
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import AddWebAuthnForm
from django.http import HttpRequest, HttpResponseBase
from django.shortcuts import redirect
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from medvirk.people import crypto
from medvirk.people.access import View
from medvirk.people.models import User
from medvirk.people.signin.levels import Level, set_level

LONGEST_KEY_NAME = 60


class FactorAdapter(DefaultMFAAdapter):
    """Secrets stand encrypted under the key of identifiers; texts in plain words."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": _("This code is wrong or has run out. Wait for the next one and try again."),
        "cannot_generate_recovery_codes": _("Set up a code app or a passkey first."),
    }

    def encrypt(self, text: str) -> str:
        return crypto.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        return crypto.decrypt(encrypted_text)

    def build_totp_svg(self, url: str) -> str:
        drawn = BytesIO()
        segno.make_qr(url, error="m").save(drawn, kind="svg", scale=4, border=4, light="#fff", xmldecl=False)
        return drawn.getvalue().decode()

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return gettext("Passkey %(number)d") % {"number": number}

    def _get_user_identifier(self, user: User) -> str:
        return user.login

    def get_public_key_credential_user_entity(self, user: User) -> dict[str, Any]:
        entity = super().get_public_key_credential_user_entity(user)
        # Shown by the machine when it asks which passkey to use.
        return {**entity, "display_name": user.login}

    def _get_site_name(self) -> str:
        return "Medvirk"


class NewPasskeyForm(AddWebAuthnForm):
    """The name of a passkey is the owner's own words, so it is encrypted like other words about people."""

    def clean_name(self) -> str:
        return crypto.encrypt(super().clean_name()[:LONGEST_KEY_NAME])


def passkey_name(passkey: Authenticator) -> str:
    return crypto.decrypt(passkey.data["name"])


def shows_a_factor(view: View) -> View:
    """Setting up a code app or a passkey shows that one holds it, so one need not sign in anew.

    For workers alone: somebody who signs in for themselves does so at the level of the electronic identity, also when
    another person has had their phone in hand.
    """

    @wraps(view)
    def counted(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.user.person_id is not None:
            return redirect("mfa_index")
        own = Authenticator.objects.filter(user=request.user).exclude(type=Authenticator.Type.RECOVERY_CODES)
        before = own.count() if request.method == "POST" else 0
        response = view(request, *args, **kwargs)
        if request.method == "POST" and own.count() > before:
            set_level(request, Level.TWO_FACTORS)
        return response

    return counted
