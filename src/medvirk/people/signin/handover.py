"""A screen that a worker hands over: from then on the session is nobody's, until the same worker takes it back.

The lock stands in the session's row, so it holds in every tab and survives a reload. Each request of that session is
made anonymous before anything looks at it: what is let through by mistake shows nothing of the worker either.
"""

from __future__ import annotations

from dataclasses import dataclass

from allauth.account.adapter import get_adapter
from allauth.account.forms import ReauthenticateForm as PasswordForm
from allauth.mfa.webauthn.forms import ReauthenticateWebAuthnForm
from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from medvirk.people.models import User
from medvirk.people.signin import openid, sessions
from medvirk.people.signin.forms import ByFingerOrPin, CodeAgainForm
from medvirk.people.signin.providers import STAFF, Provider, providers

SESSION_KEY, ANEW = "handed_over", "show_anew"
#: Wrong tries until the session ends. Two of the five that a name has are left for signing in.
MOST_WRONG = 3
#: What is open beside the answering page: words for everybody, and what gives the screen back.
OPEN = frozenset({"set_language", "privacy:notice", "account_handed_over", "sign_in_back"})


class PasskeyForm(ByFingerOrPin, ReauthenticateWebAuthnForm):
    """A passkey of the worker whose session it is."""


#: What is written, by the way in which a worker shows that it is them.
FORMS: dict[str, type[forms.Form]] = {"password": PasswordForm, "code": CodeAgainForm, "passkey": PasskeyForm}
_FIELDS = {"password": "password", "code": "code", "passkey": "credential"}
_WAYS = {
    "reauthenticate": "password",
    "mfa_reauthenticate": "code",
    "mfa_reauthenticate:webauthn": "passkey",
}


@dataclass(frozen=True)
class HandedOver:
    """Whose the session is, the answering page it is lent to, and where the worker was."""

    user: User
    to: str
    back: str


def hand_over(request: HttpRequest, *, to: str, back: str) -> None:
    """Lock the session to the pages below the path `to`; `back` is where the worker goes on afterwards."""
    # What is still to be told is for the worker alone.
    list(messages.get_messages(request))
    # A sign-in that was begun before must not give the screen back: it asked for nothing of whoever holds it now.
    request.session.pop(openid.SESSION_KEY, None)
    request.session[SESSION_KEY] = {"to": to, "back": back, "wrong": 0}
    # A new row under a new key: what another tab has asked for already can no longer write the old one back.
    request.session.cycle_key()


def withhold(request: HttpRequest) -> None:
    """Note at `request.handed_over` whether the screen is handed over; if so, the request is nobody's."""
    request.handed_over = None
    noted = request.session.get(SESSION_KEY)
    if noted and request.user.is_authenticated:
        request.handed_over = HandedOver(request.user, noted["to"], noted["back"])
        request.user = AnonymousUser()


def lets_through(request: HttpRequest) -> bool:
    """Is this an address that whoever holds the screen may open?"""
    if request.path.startswith(request.handed_over.to) or request.resolver_match.view_name in OPEN:
        return True
    return request.path == reverse("sign_in_with", args=[STAFF])


def to_the_lock(request: HttpRequest) -> HttpResponse:
    """Lead to the page that says that the screen is handed over; a live part takes its whole page along."""
    place = reverse("account_handed_over")
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(headers={"HX-Redirect": place})
    return redirect(place)


def ways_back(user: User) -> list[str]:
    """How this worker can show that it is them, here and now: keys of `FORMS`."""
    return [_WAYS[each["id"]] for each in get_adapter().get_reauthentication_methods(user)]


def provider_of(user: User) -> Provider | None:
    """The sign-in service that knows the worker, if any."""
    return providers().get(STAFF) if hasattr(user, "job_account") else None


def must_show_anew(request: HttpRequest) -> bool:
    """Must the provider ask who it is, although it remembers? The screen is, or has been, in another's hands."""
    return request.handed_over is not None or bool(request.session.get(ANEW))


def is_wrong(way: str, form: forms.Form) -> bool:
    """Was this a wrong try? Nothing written, or a name that must wait, has tried nothing."""
    field = _FIELDS[way]
    return bool(form.data.get(field)) and not form.has_error(field, "too_many_login_attempts")


def count_wrong(request: HttpRequest) -> bool:
    """Count one wrong try. Returns whether that was one too many, so that the session has ended."""
    noted = request.session[SESSION_KEY]
    noted["wrong"] += 1
    request.session[SESSION_KEY] = noted
    if noted["wrong"] < MOST_WRONG:
        return False
    end(request)
    return True


def take_back(request: HttpRequest) -> str:
    """It is the worker: the session is theirs again. Returns where they were."""
    held: HandedOver = request.handed_over
    request.handed_over, request.user = None, held.user
    del request.session[SESSION_KEY]
    request.session.cycle_key()
    sessions.touch(request)
    return held.back


def end(request: HttpRequest) -> None:
    """End the session; the answering page needs none. The same worker comes back to where they were."""
    held: HandedOver = request.handed_over
    request.handed_over, request.user = None, held.user
    sessions.end(request, return_to=held.back)
    request.session[ANEW] = True


def is_free_in_the_demo(user: User) -> bool:
    """In the demo nobody has a password, so there is nothing to ask for."""
    return settings.DEMO and not ways_back(user) and provider_of(user) is None
