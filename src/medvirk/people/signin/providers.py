"""The sign-in services that are set up: one for citizens, one for staff (docs/signin.md).

They stand in a TOML file, `MEDVIRK_SIGNIN_FILE`, or in `MEDVIRK_SIGNIN` itself where settings come from a vault.
"""

from __future__ import annotations

import json
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

CITIZENS, STAFF = "citizens", "staff"
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
#: Levels of ID-porten, the lowest first.
LEVELS = ("idporten-loa-low", "idporten-loa-substantial", "idporten-loa-high")


@dataclass(frozen=True)
class Provider:
    """One sign-in service. `two_factors` names claims and the values that show two factors were asked for."""

    key: str
    name: str
    issuer: str
    client_id: str
    client_secret: str = field(default="", repr=False)
    client_key: Mapping[str, Any] | None = field(default=None, repr=False)
    scope: str = "openid profile"
    acr_values: tuple[str, ...] = ()
    tenant: str = ""
    name_claim: str = "preferred_username"
    two_factors: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    pushed: bool = False
    dpop: bool = False

    @property
    def is_local(self) -> bool:
        """A provider on this machine, as in tests: the only one that may do without HTTPS."""
        return urlsplit(self.issuer).hostname in LOOPBACK


def accepted_levels() -> tuple[str, ...]:
    """What ID-porten may say about a citizen's sign-in for us to let them in."""
    return LEVELS[LEVELS.index(f"idporten-loa-{settings.CITIZEN_LEVEL}") :]


def parse_providers(text: str) -> dict[str, Provider]:
    """Read the providers from TOML.

    Raises:
        ImproperlyConfigured: a table or entry that is unknown, missing or malformed; no secret is in the message.
    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        raise ImproperlyConfigured("The settings of sign-in services cannot be read as TOML.") from None
    if strange := set(tables) - {CITIZENS, STAFF}:
        raise ImproperlyConfigured(
            f"Unknown table {sorted(strange)} in the settings of sign-in services: use [{CITIZENS}] and [{STAFF}]."
        )
    return {key: _provider(key, table) for key, table in tables.items()}


def _provider(key: str, table: dict[str, Any]) -> Provider:
    known = {each.name for each in fields(Provider)} - {"key", "client_key"} | {"client_key_file"}
    if strange := set(table) - known:
        raise ImproperlyConfigured(f"[{key}]: unknown settings {sorted(strange)}. Known: {sorted(known)}.")
    if missing := {"name", "issuer", "client_id"} - set(table):
        raise ImproperlyConfigured(f"[{key}]: {sorted(missing)} is missing.")
    values = dict(table)
    if path := values.pop("client_key_file", ""):
        values["client_key"] = _client_key(key, Path(path))
    if bool(values.get("client_secret")) == bool(values.get("client_key")):
        raise ImproperlyConfigured(f"[{key}]: give either client_secret or client_key_file.")
    if "two_factors" in values:
        values["two_factors"] = {claim: tuple(found) for claim, found in values["two_factors"].items()}
    values["acr_values"] = tuple(values.get("acr_values", ()))
    provider = Provider(key=key, **values)
    if urlsplit(provider.issuer).scheme != "https" and not provider.is_local:
        raise ImproperlyConfigured(f"[{key}]: the issuer must be an https:// address.")
    return provider


def _client_key(key: str, path: Path) -> Mapping[str, Any]:
    try:
        content: dict[str, Any] = json.loads(path.read_text())
    except (OSError, ValueError):
        content = {}
    if not {"kty", "kid", "alg"} <= set(content):
        raise ImproperlyConfigured(
            f"[{key}]: client_key_file must be a private key as JWK with `kid` and `alg`, readable by this user."
        )
    return content


@lru_cache(maxsize=1)
def providers() -> dict[str, Provider]:
    """The providers in use, by key; none where nothing is set up."""
    if text := os.environ.get("MEDVIRK_SIGNIN"):
        return parse_providers(text)
    path = Path(settings.SIGNIN_FILE)
    return parse_providers(path.read_text()) if path.exists() else {}
