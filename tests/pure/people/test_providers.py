"""The settings of sign-in services: what is wrong is said, and no secret is."""

from __future__ import annotations

import json

import pytest
from django.core.exceptions import ImproperlyConfigured

from medvirk.people.signin.openid import shows_two_factors
from medvirk.people.signin.providers import accepted_levels, parse_providers

GOOD = """
[staff]
name = "jobbkonto"
issuer = "https://login.example/tenant/v2.0"
client_id = "medvirk"
client_secret = "hush"
two_factors = { amr = ["mfa"], "helseid://claims/identity/security_level" = ["4"] }
"""


def test_settings_are_read():
    provider = parse_providers(GOOD)["staff"]

    assert (provider.name, provider.pushed, provider.is_local) == ("jobbkonto", False, False)
    assert "hush" not in repr(provider)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (("[staff]", "[doctors]"), "doctors"),
        (('name = "jobbkonto"\n', ""), "name"),
        (("https://", "http://"), "https"),
        (("client_secret", "client_sekret"), "client_sekret"),
        (('client_secret = "hush"\n', ""), "client_secret or client_key_file"),
        (('client_secret = "hush"', 'client_secret = "hush"\nclient_key_file = "/nowhere"'), "JWK"),
        (("[staff]", "[staff"), "TOML"),
    ],
)
def test_each_fault_has_a_sentence_without_the_secret(change, fault):
    with pytest.raises(ImproperlyConfigured, match=fault) as told:
        parse_providers(GOOD.replace(*change))

    assert "hush" not in str(told.value)


def test_a_client_key_needs_a_name_and_an_algorithm(tmp_path):
    path = tmp_path / "key.jwk"
    text = GOOD.replace('client_secret = "hush"', f'client_key_file = "{path}"')
    path.write_text(json.dumps({"kty": "RSA"}))
    with pytest.raises(ImproperlyConfigured, match="kid"):
        parse_providers(text)

    path.write_text(json.dumps({"kty": "RSA", "kid": "1", "alg": "RS256"}))
    assert parse_providers(text)["staff"].client_key["kid"] == "1"


@pytest.mark.parametrize(
    ("claims", "shown"),
    [
        ({"amr": ["pwd", "mfa"]}, True),
        ({"amr": "mfa"}, True),
        ({"amr": ["pwd"]}, False),
        ({"helseid://claims/identity/security_level": "4"}, True),
        ({"helseid://claims/identity/security_level": "3"}, False),
        ({}, False),
        ({"amr": None}, False),
    ],
)
def test_two_factors_are_shown_by_what_the_provider_says(claims, shown):
    assert shows_two_factors(parse_providers(GOOD)["staff"], claims) == shown


def test_a_provider_whose_word_is_not_described_shows_nothing():
    provider = parse_providers(GOOD[: GOOD.index("two_factors")])["staff"]

    assert not shows_two_factors(provider, {"amr": ["mfa"]})


@pytest.mark.parametrize(
    ("level", "accepted"),
    [
        ("high", ("idporten-loa-high",)),
        ("substantial", ("idporten-loa-substantial", "idporten-loa-high")),
    ],
)
def test_a_higher_level_is_always_enough(settings, level, accepted):
    settings.CITIZEN_LEVEL = level

    assert accepted_levels() == accepted
