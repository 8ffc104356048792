"""A browser whose storage never answers, as some have had, keeps nobody from answering."""

from __future__ import annotations

import pytest
from browsers import PHONE
from playwright.sync_api import Page, expect
from poor_network import SEND, UNSENT, WORDS, connect, cut_off, fill_in, says, wait_until_empty

from medvirk.answers.models import Occasion, Submission

#: What is asked of the device is taken, and nothing ever comes of it.
HANGING = {
    "database": """
        IDBFactory.prototype.open = IDBFactory.prototype.deleteDatabase = () => new EventTarget();
    """,
    "deleting": "IDBFactory.prototype.deleteDatabase = () => new EventTarget();",
    "parts": """
        CacheStorage.prototype.open = CacheStorage.prototype.delete = () => new Promise(() => {});
    """,
    "worker": "ServiceWorkerContainer.prototype.register = () => new Promise(() => {});",
}
#: The device is waited for twice, two seconds each: before it is sent, and before the thanks.
PATIENCE = 15_000


@pytest.fixture(params=HANGING)
def slow_phone(window, request) -> Page:
    page = window(PHONE)
    page.add_init_script(HANGING[request.param])
    return page


def test_the_answer_is_sent_and_thanked_for(slow_phone, form, asked):
    slow_phone.goto(form)
    slow_phone.wait_for_selector("#answering .line")
    fill_in(slow_phone)

    slow_phone.locator(SEND).click()

    expect(slow_phone.locator("h1[data-arrived]")).to_be_visible(timeout=PATIENCE)
    assert Submission.objects.get(occasion=asked).own_words == WORDS


def test_who_would_rather_not_is_heard(slow_phone, form, asked):
    slow_phone.goto(form)
    slow_phone.wait_for_selector("#answering .line")

    slow_phone.locator("#not-today button[type=submit]").click()

    expect(slow_phone.locator("h1[data-arrived]")).to_be_visible(timeout=PATIENCE)
    assert Occasion.objects.get(pk=asked.pk).declined_at is not None


@pytest.mark.usefixtures("no_contact")
def test_where_nothing_could_be_kept_the_page_says_that_it_must_stay_open(window, form, asked):
    phone = window(PHONE)
    phone.add_init_script(HANGING["database"])
    phone.goto(form)
    phone.wait_for_selector("#answering .line")
    cut_off(phone.context)
    fill_in(phone)
    phone.locator(SEND).click()

    expect(phone.locator(UNSENT)).to_be_visible(timeout=PATIENCE)
    says(phone, "Ikke lukk den")
    connect(phone.context)

    expect(phone.locator("h1[data-arrived]")).to_be_visible(timeout=PATIENCE)
    assert Submission.objects.filter(occasion=asked).count() == 1


def test_what_comes_to_the_device_after_the_thanks_does_not_stay_there(window, form, asked):
    """Style and scripts are fetched for the device while somebody answers; on a slow line they come last."""
    phone = window(PHONE)
    phone.add_init_script(
        """
        const addAll = Cache.prototype.addAll;
        const go = new Promise((resolve) => { self.letGo = resolve; });
        Cache.prototype.addAll = function (parts) {
          document.documentElement.dataset.fetching = "";
          return self.fetched = go.then(() => addAll.call(this, parts));
        };
        """
    )
    phone.goto(form)
    phone.wait_for_selector("#answering .line")
    phone.wait_for_selector("html[data-fetching]", state="attached")
    fill_in(phone)
    phone.locator(SEND).click()
    expect(phone.locator("h1[data-arrived]")).to_be_visible(timeout=PATIENCE)

    phone.evaluate("async () => { letGo(); await fetched; }")

    wait_until_empty(phone)
    assert Submission.objects.filter(occasion=asked).count() == 1
