"""Attacks on signing in: codes used again, factors slipped in, keys that ask for nobody, counts wiped."""

from __future__ import annotations

import json
import re
import secrets
from datetime import datetime, timedelta
from hashlib import sha256

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from django.urls import reverse
from fido2.cose import ES256
from fido2.utils import websafe_encode
from fido2.webauthn import (
    Aaguid,
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorData,
    CollectedClientData,
)

from medvirk.people.actions import deactivate, end_all_sessions

NOW = datetime.fromisoformat("2026-05-04T10:00:00+02:00")
ORIGIN, RP_HASH = "https://testserver", sha256(b"testserver").digest()
FLAG = AuthenticatorData.FLAG


@pytest.fixture(autouse=True)
def two_factors_are_needed(settings):
    settings.STAFF_LEVEL = "two"


class SecurityKey:
    """A key on a ring: it signs for whoever touches it, and asks for a PIN only when `verified`."""

    def __init__(self, *, verified: bool) -> None:
        self.private = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.flags = FLAG.UP | (FLAG.UV if verified else 0)

    def _told(self, kind: str, challenge: str) -> CollectedClientData:
        return CollectedClientData.create(type=kind, challenge=challenge, origin=ORIGIN)

    def _around(self, response: dict) -> str:
        key = websafe_encode(self.id)
        return json.dumps({"id": key, "rawId": key, "type": "public-key", "response": response,
                           "clientExtensionResults": {}})  # fmt: skip

    def register(self, challenge: str) -> str:
        data = AttestedCredentialData.create(
            Aaguid.NONE, self.id, ES256.from_cryptography_key(self.private.public_key())
        )
        shown = AuthenticatorData.create(RP_HASH, self.flags | FLAG.AT, 0, data)
        return self._around({
            "clientDataJSON": websafe_encode(self._told("webauthn.create", challenge)),
            "attestationObject": websafe_encode(AttestationObject.create("none", shown, {})),
        })  # fmt: skip

    def sign(self, challenge: str, user) -> str:
        told, shown = self._told("webauthn.get", challenge), AuthenticatorData.create(RP_HASH, self.flags, 1)
        signature = self.private.sign(bytes(shown) + told.hash, ec.ECDSA(hashes.SHA256()))
        return self._around({
            "clientDataJSON": websafe_encode(told),
            "authenticatorData": websafe_encode(shown),
            "signature": websafe_encode(signature),
            "userHandle": websafe_encode(str(user.pk).encode()),
        })  # fmt: skip


def by_password(make, staff, client: Client | None = None, *, address="198.51.100.7") -> Client:
    client = client or Client(REMOTE_ADDR=address)
    client.post(reverse("account_login"), {"login": staff.user.login, "password": make.password})
    return client


def code_of(secret: str, at: datetime) -> str:
    return format_hotp_value(hotp_value(secret, int(at.timestamp()) // 30))


def set_up_app(client: Client, at: datetime) -> str:
    page = client.get(reverse("mfa_activate_totp")).content.decode()
    secret = re.search(r'long-code">([A-Z2-7]+)<', page)[1]
    answer = client.post(reverse("mfa_activate_totp"), {"code": code_of(secret, at)})
    assert answer.status_code == 302, answer.content.decode()
    return secret


def challenge_of(client: Client) -> str:
    """What the key is to sign; whoever is shown none makes one up."""
    return client.session.get("mfa.webauthn.state", {"challenge": "AAAA"})["challenge"]


def add_key(client: Client, key: SecurityKey):
    client.get(reverse("mfa_add_webauthn"))
    return client.post(
        reverse("mfa_add_webauthn"),
        {"name": "x", "credential": key.register(challenge_of(client))},
        secure=True,
    )


def is_in(client: Client) -> bool:
    return client.get(reverse("feedback:my_citizens")).status_code == 200


@pytest.mark.parametrize("later", [0, 31, 59])
def test_a_code_is_used_up_for_as_long_as_it_would_be_taken(make, later):
    staff = make.staff()
    with time_machine.travel(NOW, tick=False) as clock:
        secret = set_up_app(by_password(make, staff), NOW)
        at = NOW + timedelta(minutes=5)
        clock.move_to(at)
        # The phone is half a minute ahead, so its code is taken for a minute and a half.
        code = code_of(secret, at + timedelta(seconds=30))
        first = by_password(make, staff)
        first.post(reverse("mfa_authenticate"), {"code": code})
        assert is_in(first)

        clock.move_to(at + timedelta(seconds=later))
        overheard = by_password(make, staff)
        overheard.post(reverse("mfa_authenticate"), {"code": code})

        assert not is_in(overheard)


def test_the_code_that_set_up_the_app_signs_nobody_in(make):
    staff = make.staff()
    with time_machine.travel(NOW, tick=False):
        secret = set_up_app(by_password(make, staff), NOW)

        overheard = by_password(make, staff)
        overheard.post(reverse("mfa_authenticate"), {"code": code_of(secret, NOW)})

        assert not is_in(overheard)


@pytest.mark.parametrize("change", ["password", "everywhere"])
def test_a_first_step_does_not_outlive_the_password_it_was_taken_by(make, change):
    staff = make.staff()
    with time_machine.travel(NOW) as clock:
        secret = set_up_app(by_password(make, staff), NOW)
        clock.move_to(NOW + timedelta(minutes=5))
        thief = by_password(make, staff)
        if change == "password":
            staff.user.set_password("en helt annen frase")
            staff.user.save()
        else:
            end_all_sessions(by=None, user=staff.user)

        thief.post(reverse("mfa_authenticate"), {"code": code_of(secret, NOW + timedelta(minutes=5))})

        assert not is_in(thief)


def test_a_session_by_password_alone_cannot_add_a_factor_to_an_account_that_has_one(make):
    staff = make.staff()
    with time_machine.travel(NOW, tick=False):
        thief = by_password(make, staff)
        set_up_app(by_password(make, staff), NOW)

        add_key(thief, SecurityKey(verified=True))
        codes = thief.get(reverse("mfa_view_recovery_codes")).content.decode()

        assert not Authenticator.objects.filter(type="webauthn").exists()
        assert re.findall(r"<code>\d{8}</code>", codes) == []
        assert not is_in(thief)


def test_a_citizen_cannot_trade_the_electronic_identity_for_a_passkey(make, client_of):
    citizen = make.citizen()
    client = client_of(make.own_account(citizen.person))

    add_key(client, SecurityKey(verified=True))
    client.get(reverse("mfa_activate_totp"))

    assert not Authenticator.objects.exists()
    assert "mfa.totp.secret" not in client.session


def test_a_key_signs_in_by_itself_only_when_it_asked_who_holds_it(make):
    victim, other = make.staff(), make.staff()
    found, own = SecurityKey(verified=False), SecurityKey(verified=True)
    assert add_key(by_password(make, victim), found).status_code == 302
    assert add_key(by_password(make, other), own).status_code == 302

    # The challenge of one's own second step asks for no PIN. When that sign-in is forgotten, it lies there still,
    # and must not be good at the door where the key is all that is shown.
    with time_machine.travel(NOW, tick=False) as clock:
        thief = by_password(make, other)
        thief.get(reverse("mfa_authenticate"))
        assertion = found.sign(challenge_of(thief), victim.user)
        clock.move_to(NOW + timedelta(minutes=16))
        thief.post(reverse("mfa_login_webauthn"), {"credential": assertion}, secure=True)

        assert "_auth_user_id" not in thief.session


def test_a_key_of_somebody_else_is_no_second_step(make):
    victim, thief = make.staff(), make.staff()
    own = SecurityKey(verified=True)
    add_key(by_password(make, victim), SecurityKey(verified=True))
    add_key(by_password(make, thief), own)

    client = by_password(make, victim)
    client.get(reverse("mfa_authenticate"))
    for user in (thief.user, victim.user):
        client.post(
            reverse("mfa_authenticate"), {"credential": own.sign(challenge_of(client), user)}, secure=True
        )

    assert not is_in(client)


def test_an_assertion_works_once_and_a_closed_account_not_at_all(make):
    staff, key = make.staff(), SecurityKey(verified=True)
    add_key(by_password(make, staff), key)
    client = Client(headers={"X-Requested-With": "XMLHttpRequest"})
    client.get(reverse("mfa_login_webauthn"))
    assertion = key.sign(challenge_of(client), staff.user)

    client.post(reverse("mfa_login_webauthn"), {"credential": assertion}, secure=True)
    assert is_in(client)
    client.post(reverse("account_logout"))
    client.post(reverse("mfa_login_webauthn"), {"credential": assertion}, secure=True)
    assert not is_in(client)

    deactivate(by=None, staff=staff)
    client.get(reverse("mfa_login_webauthn"))
    client.post(
        reverse("mfa_login_webauthn"), {"credential": key.sign(challenge_of(client), staff.user)}, secure=True
    )
    assert not is_in(client)


def test_signing_in_oneself_in_between_gives_no_more_guesses_at_others(make):
    insider, victim = make.staff(), make.staff()
    with time_machine.travel(NOW) as clock:
        secret = set_up_app(by_password(make, insider), NOW)
        clock.move_to(NOW + timedelta(minutes=5))
        for number in range(9):
            Client(REMOTE_ADDR="198.51.100.7").post(
                reverse("account_login"), {"login": f"nobody{number}", "password": "wrong"}
            )
        own = by_password(make, insider)
        own.post(reverse("mfa_authenticate"), {"code": code_of(secret, NOW + timedelta(minutes=5))})
        assert is_in(own)
        Client(REMOTE_ADDR="198.51.100.7").post(
            reverse("account_login"), {"login": "nobody10", "password": "wrong"}
        )

        guess = Client(REMOTE_ADDR="198.51.100.7")
        page = guess.post(reverse("account_login"), {"login": victim.user.login, "password": "wrong"})

    assert "for mange ganger" in page.content.decode()
