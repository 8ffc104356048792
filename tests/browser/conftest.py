"""A real Chromium against a running server. A missing Chromium is a failure, not a skip."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.core.signals import request_finished, request_started
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from conftest import real_time
from factories_feedback import care  # noqa: F401
from poor_network import asked, form, no_contact, phone, reply_lost  # noqa: F401

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.allow_hosts(["127.0.0.1", "::1"]))


@pytest.fixture(scope="module", autouse=True)
def time_of_the_browser() -> Iterator[None]:
    """Chromium goes by the machine's clock, and so does the server it talks to.

    Of a module: a folder without `__init__` is no package to pytest, and the tests after it would keep that time.
    """
    with real_time():
        yield


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium") or shutil.which("google-chrome")
    assert path, "Chromium is missing: run `make browser`, which installs it or says how."
    # Playwright keeps an event loop in this thread, which Django would take for asynchronous code.
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def complaints() -> Iterator[list[str]]:
    """What the browsers of a test complained about; a test with a complaint has failed."""
    heard: list[str] = []
    yield heard
    assert heard == []


@pytest.fixture
def served(live_server) -> Iterator[None]:
    """Waits until the server has answered all: a draft on its way must not meet a database being emptied."""
    going: list[None] = []

    def began(**_: object) -> None:
        going.append(None)

    def ended(**_: object) -> None:
        if going:
            going.pop()

    request_started.connect(began)
    request_finished.connect(ended)
    yield
    quiet_since, end = time.monotonic(), time.monotonic() + 10
    while time.monotonic() < min(quiet_since + 0.15, end):
        time.sleep(0.02)
        if going:
            quiet_since = time.monotonic()
    request_started.disconnect(began)
    request_finished.disconnect(ended)


@pytest.fixture
def window(chromium, live_server, served, client_of, complaints) -> Iterator[Callable[..., Page]]:
    """`window(size, staff)`: a page of its own browser, in which `staff` has signed in, if anybody."""
    contexts: list[BrowserContext] = []

    def opened(size: dict[str, int], staff: object = None, **more: object) -> Page:
        context = chromium.new_context(viewport=size, base_url=live_server.url, locale="nb-NO", **more)
        context.set_default_timeout(10_000)
        contexts.append(context)
        if staff is not None:
            session = client_of(staff).cookies["sessionid"].value
            context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda fault: complaints.append(f"{page.url}: {fault}"))
        page.on("console", lambda message: _listen(page, message, complaints))
        page.on("request", lambda request: _stay_at_home(request.url, live_server.url, complaints))
        return page

    yield opened
    for context in contexts:
        context.close()


def _stay_at_home(address: str, home: str, complaints: list[str]) -> None:
    """No page asks anything of anybody but us: a picture from elsewhere would tell who reads."""
    if not address.startswith((f"{home}/", "data:")):
        complaints.append(f"asked {address}, which is not ours")


def _listen(page: Page, message: object, complaints: list[str]) -> None:
    # A page that answers 404 or 422 on purpose is shown as such; its parts must load.
    about_the_page = message.location.get("url") == page.url and "status of 4" in message.text
    if message.type in {"error", "warning"} and not about_the_page:
        complaints.append(f"{page.url}: {message.text}")
