"""The OpenID provider of `tests/oidc_provider.mjs` as a process of its own, and the way through it."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest
import requests
from django.test import Client
from jwskate import Jwk

ROOT = Path(__file__).resolve().parents[1]
HOME = "http://testserver"
KEYS = ("citizens", "staff")


class Provider:
    """A running provider. `will_sign_in` says who comes next, `will_err` what is wrong with the next ID token."""

    def __init__(self, port: int, client_key: Jwk) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self.client_key = client_key

    def _tell(self, what: str, told: Mapping[str, object]) -> None:
        requests.post(f"{self.issuer}/_test/{what}", json=told, timeout=10).raise_for_status()

    def forget(self) -> None:
        self._tell("forget", {})

    def will_sign_in(
        self, account: str, *, acr: str | None = None, amr: list[str] | None = None, **claims
    ) -> None:
        self._tell("next", {"account": account, "acr": acr, "amr": amr, "claims": claims})

    def will_turn_back(self) -> None:
        self._tell("next", {"error": "access_denied"})

    def will_err(self, **fault: object) -> None:
        self._tell("fault", fault)

    def settings(
        self, key: str, *more: str, name: str = "ID-porten", secret: str = "a secret between two"
    ) -> str:
        return "\n".join([
            f"[{key}]", f'name = "{name}"', f'issuer = "{self.issuer}"', 'client_id = "medvirk"',
            f'client_secret = "{secret}"', *more, "",
        ])  # fmt: skip

    def through(self, address: str) -> str:
        """Follow the provider's redirects as a browser does; the path at which it sends one back."""
        with requests.Session() as browser:
            for _ in range(10):
                answer = browser.get(address, allow_redirects=False, timeout=10)
                assert answer.status_code in {302, 303}, f"{answer.status_code}: {answer.text[:300]}"
                address = requests.compat.urljoin(address, answer.headers["location"])
                if address.startswith(HOME):
                    return address.removeprefix(HOME)
        raise AssertionError("no way back")


def sign_in(client: Client, provider: Provider, key: str = "citizens", *, query: str = ""):
    """All the way: to the provider and back. The page one ends at."""
    begun = client.get(f"/accounts/login/{key}/{query}")
    assert begun.status_code == 302, begun.content.decode()
    return client.get(provider.through(begun.url))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture(scope="session")
def running_provider() -> Iterator[Provider]:
    node = shutil.which("node") or str(ROOT / ".tools" / "bin" / "node")
    port, key = free_port(), Jwk.generate(alg="RS256", kid="client")
    told = {
        "back": [f"{HOME}/accounts/login/{each}/back/" for each in KEYS],
        "key": key.public_jwk().to_dict(),
    }
    process = subprocess.Popen(
        [node, "tests/oidc_provider.mjs", str(port), json.dumps(told)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    try:
        for line in process.stdout:
            if line.strip() == "ready":
                break
        else:
            raise AssertionError(
                "The OpenID provider did not start: is node there, and has `make install` run?"
            )
        yield Provider(port, key)
    finally:
        process.terminate()
        process.wait(timeout=10)
        process.stdout.close()


@pytest.fixture
def provider(time_of_the_machine: None, running_provider: Provider) -> Provider:
    """A process of its own, which goes by the machine's clock."""
    running_provider.forget()
    return running_provider


@pytest.fixture
def set_up(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    """`set_up(toml)`: the sign-in services of this test."""
    from medvirk.people.signin.providers import providers

    def use(*tables: str) -> None:
        monkeypatch.setenv("MEDVIRK_SIGNIN", "\n".join(tables))
        providers.cache_clear()

    yield use
    providers.cache_clear()
