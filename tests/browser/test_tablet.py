"""The tablet in the waiting room: a code, a form, and nothing left for the next one."""

from __future__ import annotations

import os

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect

from medvirk.answers.models import AnswerLink, Submission
from medvirk.answers.tablet.codes import make_code

SMALL = {"width": 320, "height": 640}
LYING = {"width": 1024, "height": 768}
TABLET = reverse("answers:tablet")
SLIDER = "[data-line='life-now.q1'] input[type=range]"


@pytest.fixture
def session(care):
    return care.session()


def code_from(care, session) -> str:
    return make_code(by=care.viewer, occasion=session.asks("before"), now=timezone.now())


def to_the_form(page: Page, code: str) -> None:
    page.goto(TABLET)
    for digit in code:
        page.get_by_role("button", name=digit, exact=True).click()
    expect(page.locator("#code")).to_have_value(f"{code[:4]} {code[4:]}")
    page.get_by_role("button", name="Åpne skjemaet").click()
    page.locator("main form button.big").click()
    page.locator(SLIDER).wait_for()


@pytest.mark.parametrize("size", [SMALL, LYING], ids=["320", "1024"])
def test_from_the_code_to_the_thanks_and_back_to_the_code(window, care, session, size):
    page = window(size)
    to_the_form(page, code_from(care, session))
    page.locator(SLIDER).fill("3")
    page.locator("#own_words").fill("Bare mitt")
    page.locator("#answering button[type=submit]").last.click()
    page.locator("h1[data-arrived]").wait_for()
    page.get_by_role("button", name="Jeg er ferdig").click()
    page.wait_for_url(f"**{TABLET}")

    assert Submission.objects.get(occasion=session.asks("before")).channel == "tablet"
    if folder := os.environ.get("MEDVIRK_PICTURES"):
        page.screenshot(path=f"{folder}/tablet-{size['width']}.png", full_page=True)
    nothing_is_left(page)


def nothing_is_left(page: Page) -> None:
    assert page.locator("#code").input_value() == ""
    for _ in range(4):
        page.go_back()
        if page.url == "about:blank":
            break
        assert "Bare mitt" not in page.content()
        assert page.locator("#answering").count() == 0
    page.goto(TABLET)
    held = page.evaluate(
        """async () => {
            let rows = 0;
            for (const { name } of await indexedDB.databases()) {
                const database = await new Promise((done) => {
                    const opening = indexedDB.open(name);
                    opening.onsuccess = () => done(opening.result);
                });
                for (const store of database.objectStoreNames) {
                    rows += await new Promise((done) => {
                        const counting = database.transaction(store).objectStore(store).count();
                        counting.onsuccess = () => done(counting.result);
                    });
                }
            }
            return [localStorage.length, sessionStorage.length, rows, (await caches.keys()).length,
                (await navigator.serviceWorker.getRegistrations()).length];
        }"""
    )
    assert held == [0, 0, 0, 0, 0]


def test_who_walks_away_is_warned_and_then_the_tablet_is_cleared(window, care, session):
    page = window(LYING)
    page.clock.install()
    to_the_form(page, code_from(care, session))
    page.locator("#own_words").fill("Bare mitt")
    expect(page.locator("#kept")).not_to_be_empty()

    page.clock.run_for(140_000)
    assert not page.get_by_role("dialog").is_visible()
    page.clock.run_for(15_000)
    page.get_by_role("button", name="Jeg er her").click()
    assert not page.get_by_role("dialog").is_visible()
    page.clock.run_for(155_000)
    assert page.get_by_role("dialog").is_visible()
    page.clock.run_for(30_000)

    page.wait_for_url(f"**{TABLET}")
    assert AnswerLink.objects.get(channel="tablet").revoked_at is not None
    assert not Submission.objects.exists()
    nothing_is_left(page)


def test_the_thanks_go_by_themselves(window, care, session):
    page = window(LYING)
    page.clock.install()
    to_the_form(page, code_from(care, session))
    page.locator(SLIDER).fill("3")
    page.locator("#answering button[type=submit]").last.click()
    page.locator("h1[data-arrived]").wait_for()
    page.clock.run_for(2_000)

    page.clock.run_for(21_000)

    page.wait_for_url(f"**{TABLET}")


@pytest.mark.parametrize("answered_elsewhere", [False, True], ids=["taken", "refused"])
def test_an_answer_that_waits_for_contact_is_kept_but_what_it_led_to_is_shown_to_nobody(
    window, care, session, complaints, answered_elsewhere
):
    """Whoever comes next sees neither what was answered, nor the thanks, nor where the one before could get help."""
    page = window(LYING)
    page.clock.install()
    shown: list[str] = []

    def seen(text: str) -> None:
        shown.append(text)

    page.expose_function("seen", seen)
    page.add_init_script(
        """new MutationObserver(() => {
            for (const each of
                document.querySelectorAll("[data-arrived], [data-over], .signal--risk, main textarea[readonly]")) {
                seen(each.textContent.trim());
            }
        }).observe(document, { childList: true, subtree: true });"""
    )
    to_the_form(page, code_from(care, session))
    page.locator(SLIDER).fill("3")
    page.locator("#own_words").fill("Bare mitt")
    page.locator("[name='safety.q1'][value='2']").check()
    page.context.set_offline(True)
    page.locator("#answering button[type=submit]").last.click()
    page.locator("#unsent").wait_for()
    page.clock.run_for(185_000)
    expect(page.locator("#answering")).to_be_hidden()
    if answered_elsewhere:
        care.send(care.way_in(session.asks("before")), {"life-now.q1": "2"})
    page.context.set_offline(False)
    page.evaluate("dispatchEvent(new Event('online'))")

    page.wait_for_url(f"**{TABLET}")
    page.locator("#code").wait_for()
    assert shown == []
    sent = Submission.objects.get(occasion=session.asks("before"))
    assert sent.channel == ("phone" if answered_elsewhere else "tablet")
    nothing_is_left(page)
    complaints[:] = [
        each for each in complaints if "ERR_INTERNET_DISCONNECTED" not in each and "status of 4" not in each
    ]


def test_a_wrong_code_is_told_what_to_do_and_wrong_again_the_same(window, care, session):
    page = window(SMALL)
    page.goto(TABLET)
    for code in ("00000000", "11111111"):
        page.locator("#code").fill(code)
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_have_text(
            "Denne koden åpner ingenting nå. Spør i resepsjonen om en ny."
        )
        assert page.locator("#code").input_value() == ""


def test_without_script_the_keys_write_and_the_form_opens(window, care, session):
    code = code_from(care, session)
    page = window(SMALL, java_script_enabled=False)
    page.goto(TABLET)
    for digit in code:
        page.get_by_role("button", name=digit, exact=True).click()
    page.get_by_role("button", name="Åpne skjemaet").click()
    page.locator("main form button.big").click()
    page.locator("[name='life-now.q1'][value='4']").check()
    page.locator("#answering button[type=submit]").last.click()
    page.get_by_role("button", name="Jeg er ferdig").click()

    assert page.url.endswith(TABLET)
    assert Submission.objects.get(occasion=session.asks("before")).channel == "tablet"
