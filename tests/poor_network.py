"""What browser tests of answering with poor network share: a phone, a form on it, and what is left on the device."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import timedelta

import pytest
from browsers import AXE, PHONE, SLIDER
from playwright.sync_api import BrowserContext, Page, Route, expect

from medvirk.answers.models import Answer

WORDS = "Lite søvn, men en god tur"
SEND = "#answering button[type=submit]"
UNSENT = "#unsent"
NOTHING = {"databases": [], "caches": [], "workers": 0, "local": 0, "session": 0}
ON_THE_DEVICE = """async () => ({
  databases: (await indexedDB.databases()).map((each) => each.name),
  caches: await caches.keys(),
  workers: (await navigator.serviceWorker.getRegistrations()).length,
  local: localStorage.length,
  session: sessionStorage.length,
})"""
EVERYTHING_KEPT = """async () => {
  const database = await new Promise((resolve) => {
    const opening = indexedDB.open("answering");
    opening.onsuccess = () => resolve(opening.result);
  });
  const rows = database.transaction("kept").objectStore("kept");
  const [keys, values] = await Promise.all([rows.getAllKeys(), rows.getAll()].map(
    (request) => new Promise((resolve) => { request.onsuccess = () => resolve(request.result); })));
  database.close();
  const text = (buffer) => new TextDecoder("latin1").decode(buffer);
  return JSON.stringify([keys, values.map((each) => [text(each.hidden), text(each.iv)]), await caches.keys()]);
}"""


def ask_today(care):
    """An occasion that asks about life and safety, the notice already read."""
    from django.utils import timezone

    from medvirk.answers.actions import ask, see_notice
    from medvirk.answers.texts import text_for

    care.now = timezone.now()
    citizen = care.make.citizen(worker=care.worker)
    occasion = ask(
        by=care.viewer,
        about=citizen,
        respondent=citizen.person,
        instruments=[("life-now", 1), ("safety", 1)],
        opens_at=care.now - timedelta(minutes=5),
    )
    see_notice(occasion=occasion, digest=text_for("privacy", "nb").digest)
    return occasion


@pytest.fixture
def asked(care):
    return ask_today(care)


@pytest.fixture
def form(care, asked, live_server) -> str:
    return f"/a/{care.link(asked)}/"


@pytest.fixture
def no_contact(complaints):
    """A browser without network complains of just that, and so it should."""
    yield
    complaints[:] = [each for each in complaints if "ERR_INTERNET_DISCONNECTED" not in each]


@pytest.fixture
def phone(window):
    """A phone whose worker does not send by itself, as in Firefox and Safari; Chromium's takes no notice of a network
    that is cut off for its pages only."""
    page = window(PHONE)
    page.context.add_init_script("delete self.SyncManager; delete ServiceWorkerRegistration.prototype.sync;")
    return page


def ready(page: Page) -> None:
    """The page and its parts are kept: from now on the network may go."""
    page.wait_for_selector("#answering .line")
    page.evaluate("async () => { await navigator.serviceWorker.ready; await Keeping.keep({}); }")


def fill_in(page: Page, mark: str = "7") -> None:
    for number in range(1, 6):
        page.locator(SLIDER.format(number)).fill(mark)
    page.locator("#own_words").fill(WORDS)


def cut_off(context: BrowserContext) -> None:
    """No network from now on. What is sent is stopped by a rule of its own too: a page that is opened later may send
    before Chromium has cut it off."""
    context.set_offline(True)
    context.route("**/a/**", _stop_sending)


def _stop_sending(route: Route) -> None:
    if route.request.method == "POST":
        route.abort("internetdisconnected")
    else:
        route.fallback()


def announce(context: BrowserContext) -> None:
    """The device says that it has contact, and nothing that is sent comes through yet."""
    context.set_offline(False)


def let_through(context: BrowserContext) -> None:
    context.unroute("**/a/**", _stop_sending)


def connect(context: BrowserContext) -> None:
    let_through(context)
    announce(context)


def put_away(page: Page) -> BrowserContext:
    """The page is closed. Chromium gives a page its network back while it closes it: nothing is sent then."""
    context = page.context
    page.evaluate("() => { self.fetch = () => new Promise(() => {}); }")
    page.close()
    return context


def send_without_network(page: Page, form: str) -> None:
    """The network goes in the middle of answering, and the person sends."""
    page.goto(form)
    ready(page)
    page.locator(SLIDER.format(1)).fill("7")
    cut_off(page.context)
    fill_in(page)
    page.locator(SEND).click()
    expect(page.locator(UNSENT)).to_be_visible()


def says(page: Page, words: str) -> None:
    """What is told about the sending, of which the page holds more than it shows."""
    expect(page.locator(UNSENT)).to_be_visible()
    expect(page.locator(UNSENT)).to_contain_text(words, use_inner_text=True)


def arrived(page: Page) -> None:
    """The thanks that the server sent are shown, and nothing stays behind on the device."""
    expect(page.locator("h1[data-arrived]")).to_be_visible()
    wait_until_empty(page)


def wait_until(
    holds: Callable[[], object],
    page: Page | None = None,
    *,
    found: Callable[[], object] = lambda: "it does not hold",
) -> None:
    """Until it holds, at most ten seconds. With a page, what the browser reports meanwhile is heard.

    `found`: what there is instead, for who reads that it failed.
    """
    end = time.monotonic() + 10
    while not holds():
        assert time.monotonic() < end, f"after ten seconds: {found()}"
        if page:
            page.wait_for_timeout(50)
        else:
            time.sleep(0.05)


def wait_until_empty(page: Page) -> None:
    def left() -> object:
        return page.evaluate(ON_THE_DEVICE)

    wait_until(lambda: left() == NOTHING, page, found=left)


def values(asked) -> dict[str, float]:
    return Answer.objects.get(submission__occasion=asked, instrument_key="life-now").values


def axe_finds(page: Page) -> list[str]:
    page.evaluate(AXE)
    return page.evaluate("async () => (await axe.run()).violations.map((each) => each.id)")


def lose_replies(page: Page, form: str) -> list[int]:
    """Everything that is sent arrives, and no reply comes back. Returns what the server answered."""
    lost: list[int] = []

    def lose(route: Route) -> None:
        if route.request.method != "POST":
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort("connectionreset")

    page.route(f"**{form}", lose)
    return lost


@pytest.fixture
def reply_lost(complaints):
    yield
    complaints[:] = [each for each in complaints if "ERR_CONNECTION_RESET" not in each]


def wake_the_worker(context: BrowserContext, form: str, live_server) -> None:
    """What the browser does when it has contact again and the page is closed."""
    page = context.new_page()
    page.goto(live_server.url + "/static/ui/icon.svg")
    session = context.new_cdp_session(page)
    found: list[str] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: found.extend(each["registrationId"] for each in event["registrations"]),
    )
    session.send("ServiceWorker.enable")
    wait_until(lambda: found, page)
    session.send(
        "ServiceWorker.dispatchSyncEvent",
        {"origin": live_server.url, "registrationId": found[-1], "tag": form, "lastChance": False},
    )
    page.close()
