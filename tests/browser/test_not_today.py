"""Who would rather not today, also without network: told truthfully, noted once, and nothing of it stays behind."""

from __future__ import annotations

import pytest
from browsers import PHONE, SLIDER
from django.utils import timezone
from playwright.sync_api import Page, expect
from poor_network import (
    NOTHING,
    ON_THE_DEVICE,
    SEND,
    UNSENT,
    WORDS,
    axe_finds,
    connect,
    cut_off,
    fill_in,
    lose_replies,
    put_away,
    ready,
    says,
    wait_until,
    wait_until_empty,
    wake_the_worker,
)

from medvirk.answers.models import Draft, Occasion, Submission
from medvirk.answers.tablet.codes import make_code

RATHER_NOT = "#not-today button[type=submit]"
ALL_RIGHT = "Det er helt greit."
ANSWER_KEPT = "async () => JSON.stringify(await Device.read(location.pathname.split('/')[2], 'answer'))"


def rather_not_without_network(page: Page, form: str) -> None:
    """Somebody has begun; the network goes; they would rather not."""
    page.goto(form)
    ready(page)
    page.locator("#own_words").fill(WORDS)
    expect(page.locator("#kept")).not_to_be_empty()
    cut_off(page.context)
    page.locator(RATHER_NOT).click()
    says(page, "Ikke sendt ennå")


def all_right(page: Page) -> None:
    expect(page.locator("h1[data-arrived]")).to_have_text(ALL_RIGHT)
    wait_until_empty(page)


def declined_at(asked):
    return Occasion.objects.get(pk=asked.pk).declined_at


@pytest.mark.usefixtures("no_contact")
def test_the_network_is_cut_in_the_middle(phone, form, asked):
    rather_not_without_network(phone, form)
    says(phone, "Du vil helst ikke i dag")
    says(phone, "lukke siden")
    assert phone.evaluate("document.activeElement.id") == "unsent"
    assert axe_finds(phone) == []
    kept = phone.evaluate(ANSWER_KEPT)
    assert '"declines":true' in kept
    assert WORDS not in kept

    phone.reload()
    says(phone, "Du vil helst ikke i dag")
    context = put_away(phone)
    phone = context.new_page()
    phone.goto(form)
    says(phone, "Ikke sendt ennå")
    assert declined_at(asked) is None

    connect(context)

    all_right(phone)
    assert declined_at(asked) is not None
    assert not Submission.objects.exists()
    assert not Draft.objects.exists()


def test_with_network_the_device_is_empty_after_it(phone, form, asked):
    phone.goto(form)
    ready(phone)
    fill_in(phone)
    expect(phone.locator("#kept")).not_to_be_empty()

    phone.locator(RATHER_NOT).click()

    all_right(phone)
    assert not Draft.objects.exists()
    phone.locator("main a[href^='/a/']").click()
    phone.wait_for_selector("#answering .line")
    assert phone.locator("#own_words").input_value() == ""
    phone.locator(SLIDER.format(1)).fill("2")
    phone.locator(SEND).click()
    expect(phone.locator("h1[data-arrived]")).to_be_visible()
    assert Submission.objects.filter(occasion=asked).count() == 1


@pytest.mark.usefixtures("reply_lost")
@pytest.mark.parametrize("closed", [False, True], ids=["stays", "closed"])
def test_a_lost_reply_is_asked_for_again_and_noted_once(phone, form, asked, closed):
    phone.goto(form)
    ready(phone)
    lost = lose_replies(phone, f"{form}not-today/")
    phone.locator(RATHER_NOT).click()
    says(phone, "så vidt vi vet")
    assert lost == [200]
    noted = declined_at(asked)
    context = phone.context
    if closed:
        put_away(phone)
        phone = context.new_page()
        phone.goto(form)
    else:
        phone.unroute(f"**{form}not-today/")

    all_right(phone)
    assert declined_at(asked) == noted


@pytest.mark.usefixtures("no_contact")
def test_who_changes_their_mind_before_it_is_sent_is_not_noted(phone, form, asked):
    rather_not_without_network(phone, form)
    phone.locator(SLIDER.format(1)).fill("2")
    expect(phone.locator(UNSENT)).to_be_hidden()
    expect(phone.locator("#kept")).to_contain_text("på denne enheten")

    connect(phone.context)
    phone.reload()
    expect(phone.locator(UNSENT)).to_be_hidden()
    assert phone.locator("#own_words").input_value() == WORDS
    phone.locator(SEND).click()

    expect(phone.locator("h1[data-arrived]")).to_be_visible()
    wait_until_empty(phone)
    assert declined_at(asked) is None
    assert Submission.objects.get(occasion=asked).own_words == WORDS


@pytest.mark.usefixtures("no_contact")
@pytest.mark.parametrize("last", [RATHER_NOT, SEND], ids=["rather not", "send"])
def test_what_was_pressed_last_is_what_is_sent(phone, form, asked, last):
    first = SEND if last == RATHER_NOT else RATHER_NOT
    phone.goto(form)
    ready(phone)
    fill_in(phone)
    cut_off(phone.context)
    phone.locator(first).click()
    says(phone, "Ikke sendt ennå")
    phone.locator(last).click()
    expect(phone.locator(f"form:has({UNSENT}) [type=submit]")).to_have_text(
        phone.locator(last).inner_text().strip()
    )

    connect(phone.context)

    expect(phone.locator("h1[data-arrived]")).to_be_visible()
    wait_until_empty(phone)
    noted = (declined_at(asked) is not None, Submission.objects.filter(occasion=asked).count())
    assert noted == ((True, 0) if last == RATHER_NOT else (False, 1))


@pytest.mark.usefixtures("no_contact")
def test_it_is_sent_after_its_page_was_closed(window, form, asked, live_server):
    phone = window(PHONE)
    rather_not_without_network(phone, form)
    context = put_away(phone)
    connect(context)

    wake_the_worker(context, form, live_server)

    wait_until(lambda: declined_at(asked))
    phone = context.new_page()
    phone.goto(live_server.url + "/static/ui/icon.svg")
    wait_until_empty(phone)


@pytest.mark.usefixtures("no_contact")
def test_who_has_answered_elsewhere_meanwhile_is_not_told_that_something_was_lost(
    phone, care, form, asked, complaints
):
    rather_not_without_network(phone, form)
    care.send(care.way_in(asked, "screen"), {"life-now.q1": "2"})

    connect(phone.context)

    expect(phone.locator("h1[data-over]")).to_be_visible()
    expect(phone.locator("[role=alert]")).to_have_count(0)
    expect(phone.locator("main textarea")).to_have_count(0)
    wait_until_empty(phone)
    assert declined_at(asked) is None
    complaints[:] = [each for each in complaints if "409 (Conflict)" not in each]


def test_without_script_it_is_a_form_like_any_other(window, form, asked):
    page = window(PHONE, java_script_enabled=False)
    page.goto(form)

    page.locator(RATHER_NOT).click()

    expect(page.locator("h1")).to_have_text(ALL_RIGHT)
    assert declined_at(asked) is not None


def on_the_tablet(window, care, asked) -> Page:
    page = window({"width": 1024, "height": 768})
    page.clock.install()
    page.goto("/a/tablet/")
    page.locator("#code").fill(make_code(by=care.viewer, occasion=asked, now=timezone.now()))
    page.keyboard.press("Enter")
    page.wait_for_selector("#answering .line")
    page.locator("#own_words").fill("Bare mitt")
    expect(page.locator("#kept")).not_to_be_empty()
    return page


def test_on_the_tablet_the_next_one_meets_the_page_for_codes(window, care, asked):
    page = on_the_tablet(window, care, asked)

    page.locator(RATHER_NOT).click()
    expect(page.locator("h1[data-arrived]")).to_have_text(ALL_RIGHT)
    page.clock.run_for(2_000)
    page.clock.run_for(21_000)

    page.wait_for_url("**/a/tablet/")
    page.go_back()
    assert "Bare mitt" not in page.content()
    assert page.locator("#answering").count() == 0
    assert declined_at(asked) is not None


@pytest.mark.usefixtures("no_contact")
def test_on_a_tablet_without_contact_it_waits_unseen(window, care, asked):
    page = on_the_tablet(window, care, asked)
    cut_off(page.context)
    page.locator(RATHER_NOT).click()
    expect(page.locator(UNSENT)).to_be_visible()
    assert page.evaluate(ON_THE_DEVICE) == NOTHING

    page.clock.run_for(185_000)

    expect(page.locator("#answering")).to_be_hidden()
    expect(page.locator("#not-today")).to_be_hidden()
    expect(page.locator(UNSENT)).to_be_hidden()
    connect(page.context)
    page.evaluate("dispatchEvent(new Event('online'))")
    page.wait_for_url("**/a/tablet/")
    assert declined_at(asked) is not None
