"""OpenID Connect: authorization code with PKCE, state and nonce, and every claim that matters looked at.

The library checks signature, algorithm, expiry, nonce and state. It takes an ID token that says nothing of its issuer
or audience, so those are checked here once more. No text of an exception is logged: they hold tokens and numbers.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any

import requests
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from requests_oauth2client import AuthorizationResponseError, BearerToken, OAuth2Client, OAuth2Error
from requests_oauth2client.exceptions import AccessDenied

from medvirk.people.logs import Code
from medvirk.people.signin.providers import CITIZENS, STAFF, Provider, accepted_levels

logger = logging.getLogger(__name__)

SESSION_KEY = "openid"
#: A sign-in that takes longer has been left, or is somebody else's.
LONGEST = 15 * 60
SECONDS_TO_WAIT = 8
#: So many seconds the provider's clock may be behind ours.
CLOCKS_DIFFER = 20


class NotSignedIn(Exception):
    """The sign-in came to nothing; the text says why and what to do."""


class Cancelled(NotSignedIn):
    """The person turned back."""


class TooWeak(NotSignedIn):
    """Signed in, but by a lower level than is needed."""


def client_of(provider: Provider) -> OAuth2Client:
    """The provider as it describes itself now.

    Raises:
        NotSignedIn: it does not answer, or describes itself as somebody else.
    """
    session = requests.Session()
    session.request = partial(session.request, timeout=SECONDS_TO_WAIT)  # type: ignore[method-assign]
    try:
        return OAuth2Client.from_discovery_endpoint(
            issuer=provider.issuer,
            client_id=provider.client_id,
            client_secret=provider.client_secret or None,
            private_key=dict(provider.client_key) if provider.client_key else None,
            session=session,
            dpop_bound_access_tokens=provider.dpop,
            testing=provider.is_local,
        )
    except (requests.RequestException, OAuth2Error, ValueError) as fault:
        raise _no_answer(provider, fault) from None


def begin(request: HttpRequest, provider: Provider, *, shared: bool = False, again: bool = False) -> str:
    """Note what the answer must hold, and give the address to send the browser to.

    `again` asks for a new sign-in: after one that was too weak, or where the provider may remember somebody else.

    Raises:
        NotSignedIn: the provider does not answer.
    """
    client = client_of(provider)
    levels = accepted_levels() if provider.key == CITIZENS else provider.acr_values
    asked = client.authorization_request(
        redirect_uri=_way_back(request, provider),
        scope=provider.scope,
        # The lowest that will do: a provider lets people sign in by a higher one of their own choice.
        acr_values=levels[:1] or None,
        ui_locales=get_language(),
        # The token is bound to a key made when it is fetched; the code, which PKCE binds, is not bound once more.
        dpop=False,
        **({"prompt": "login"} if again else {}),
        # Then the provider says when it asked (`asked_just_now`).
        max_age=0 if again and provider.key == STAFF else None,
    )
    request.session[SESSION_KEY] = {
        "provider": provider.key,
        "state": asked.state,
        "nonce": asked.nonce,
        "verifier": asked.code_verifier,
        "at": timezone.now().timestamp(),
        "shared": shared,
        "again": again,
    }
    if not provider.pushed:
        return str(asked.uri)
    try:
        return str(client.pushed_authorization_request(asked).uri)
    except (requests.RequestException, OAuth2Error, ValueError) as fault:
        raise _no_answer(provider, fault) from None


def finish(request: HttpRequest, provider: Provider) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    """(claims of the one who signed in, what `begin` noted). The note is used up, whatever comes of it.

    Raises:
        NotSignedIn: nothing was begun in this browser, or the answer does not hold.
        Cancelled: the person turned back.
    """
    noted = request.session.pop(SESSION_KEY, None)
    if not noted or noted["provider"] != provider.key or timezone.now().timestamp() - noted["at"] > LONGEST:
        raise NotSignedIn(_("This sign-in was not begun here, or it took too long. Try once more."))
    client = client_of(provider)
    try:
        asked = client.authorization_request(
            redirect_uri=_way_back(request, provider),
            state=noted["state"],
            nonce=noted["nonce"],
            code_verifier=noted["verifier"],
            scope=provider.scope,
            dpop=False,
        )
        answer = asked.validate_callback(request.build_absolute_uri())
        given = client.authorization_code(answer, dpop=provider.dpop, validate=False)
        # The library cannot validate what came with a bound token (it makes a second one without its key).
        token = BearerToken(given.access_token, id_token=given.id_token).validate_id_token(client, answer)
        claims = dict(token.id_token.claims)
    except AccessDenied:
        raise Cancelled(_("You turned back, so you are not signed in.")) from None
    except AuthorizationResponseError as fault:
        if getattr(fault, "error", "") == "access_denied":
            raise Cancelled(_("You turned back, so you are not signed in.")) from None
        raise _no_answer(provider, fault) from None
    except (requests.RequestException, OAuth2Error, ValueError, AttributeError, KeyError) as fault:
        raise _no_answer(provider, fault) from None
    _check(provider, claims)
    return claims, noted


def _check(provider: Provider, claims: Mapping[str, Any]) -> None:
    audience = claims.get("aud")
    audiences = audience if isinstance(audience, list) else [audience]
    holds = (
        claims.get("iss") == provider.issuer
        and provider.client_id in audiences
        and isinstance(claims.get("exp"), int)
        and bool(claims.get("sub"))
        and (not provider.tenant or claims.get("tid") == provider.tenant)
    )
    if not holds:
        raise _no_answer(provider, ValueError())


def level_is_enough(claims: Mapping[str, Any]) -> bool:
    """Has ID-porten signed the citizen in strongly enough?"""
    return claims.get("acr") in accepted_levels()


def asked_just_now(claims: Mapping[str, Any], noted: Mapping[str, Any]) -> bool:
    """Did the provider ask who it is after `begin`, and not merely remember?

    `prompt` alone shows nothing: it stands in an address that whoever sits there can change.
    """
    asked_at = claims.get("auth_time")
    return isinstance(asked_at, int | float) and asked_at > noted["at"] - CLOCKS_DIFFER


def shows_two_factors(provider: Provider, claims: Mapping[str, Any]) -> bool:
    """Does the provider say that it asked for two factors?"""
    for claim, values in provider.two_factors.items():
        said = claims.get(claim)
        if set(values) & set(said if isinstance(said, list) else [said]):
            return True
    return False


def _way_back(request: HttpRequest, provider: Provider) -> str:
    return request.build_absolute_uri(reverse("sign_in_back", args=[provider.key]))


def _no_answer(provider: Provider, fault: Exception) -> NotSignedIn:
    # The kind of fault alone: the text may hold a token or a number.
    logger.warning("Sign-in by %s failed: %s", Code(provider.key), type(fault).__name__)
    return NotSignedIn(
        _("%(name)s gave no answer that we can rely on, so you are not signed in. Try once more in a while.")
        % {"name": provider.name}
    )
