"""Answering without network: "not sent yet" is said until it is sent, nothing is stored twice, nothing stays behind."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from browsers import PHONE, SLIDER, press, tab_to
from django.utils import timezone
from playwright.sync_api import Page, expect
from poor_network import (
    EVERYTHING_KEPT,
    NOTHING,
    ON_THE_DEVICE,
    SEND,
    UNSENT,
    WORDS,
    announce,
    arrived,
    ask_today,
    axe_finds,
    connect,
    cut_off,
    fill_in,
    let_through,
    lose_replies,
    put_away,
    ready,
    says,
    send_without_network,
    values,
    wait_until,
    wait_until_empty,
    wake_the_worker,
)

from medvirk.answers.models import AnswerLink, Submission

LOOK_WHEN_IT_CHANGES = f"""() => {{
  self.found = new Promise((resolve) => {{
    new MutationObserver(() => resolve(({ON_THE_DEVICE})())).observe(document.documentElement, {{ childList: true }});
  }});
}}"""


@pytest.mark.usefixtures("no_contact")
def test_the_network_is_cut_in_the_middle(phone, form, asked):
    send_without_network(phone, form)
    says(phone, "Ikke sendt ennå.")
    assert phone.evaluate("document.activeElement.id") == "unsent"

    phone.reload()
    says(phone, "Ikke sendt ennå")
    assert phone.locator("#own_words").input_value() == WORDS
    assert phone.locator(SLIDER.format(5)).input_value() == "7"
    context = put_away(phone)
    phone = context.new_page()
    phone.goto(form)
    says(phone, "Ikke sendt ennå")
    assert phone.locator("#own_words").input_value() == WORDS
    assert Submission.objects.filter(occasion=asked).count() == 0

    connect(context)

    arrived(phone)
    assert Submission.objects.get(occasion=asked).own_words == WORDS
    assert values(asked) == {f"q{number}": 7.0 for number in range(1, 6)}


def test_with_network_the_device_is_empty_after_sending(phone, form, asked):
    phone.goto(form)
    ready(phone)
    fill_in(phone)
    expect(phone.locator("#kept")).not_to_be_empty()
    assert phone.evaluate(ON_THE_DEVICE) == {
        "databases": ["answering"], "caches": ["answering"], "workers": 1, "local": 0, "session": 0,
    }  # fmt: skip

    phone.locator(SEND).click()

    arrived(phone)
    assert phone.evaluate("document.activeElement.id") == "main"
    assert Submission.objects.filter(occasion=asked).count() == 1


@pytest.mark.usefixtures("no_contact")
def test_what_is_filled_in_but_not_sent_is_there_again_without_network(phone, form, asked):
    phone.goto(form)
    ready(phone)
    cut_off(phone.context)
    fill_in(phone, "3")
    expect(phone.locator("#kept")).to_contain_text("på denne enheten")

    phone.reload()

    expect(phone.locator("#kept")).to_contain_text("ikke sendt")
    assert phone.locator(SLIDER.format(2)).input_value() == "3"
    assert phone.locator("#own_words").input_value() == WORDS
    expect(phone.locator(UNSENT)).to_be_hidden()
    connect(phone.context)
    phone.reload()
    phone.locator("details", has_text=re.compile("116 123")).first.wait_for(state="attached")
    assert phone.locator("#own_words").input_value() == WORDS
    assert Submission.objects.filter(occasion=asked).count() == 0


@pytest.mark.usefixtures("no_contact")
def test_the_crisis_text_needs_no_network_and_is_there_for_everyone(phone, form):
    phone.goto(form)
    ready(phone)
    before = phone.locator("details.about").all_inner_texts()
    phone.locator("[name='safety.q1'][value='2']").check()
    cut_off(phone.context)
    phone.locator(SEND).click()
    expect(phone.locator(UNSENT)).to_be_visible()
    phone.reload()
    expect(phone.locator(UNSENT)).to_be_visible()

    # Beside what is said about sending, and where it always stands.
    expect(phone.locator(f"{UNSENT} a[href='tel:116123']")).to_be_visible()
    assert phone.locator("details.about").all_inner_texts() == before
    phone.locator("summary", has_text="noen å snakke med nå").click()
    expect(phone.locator("details.about a[href='tel:116123']")).to_be_visible()
    connect(phone.context)
    # Sent after all: the whole crisis text is shown, as if there had been contact all the while.
    expect(phone.locator(".signal--risk a[href='tel:116123']")).to_be_visible()


@pytest.mark.usefixtures("reply_lost")
def test_a_lost_reply_is_asked_for_again_and_stored_once(phone, form, asked):
    phone.goto(form)
    ready(phone)
    fill_in(phone)
    lost = lose_replies(phone, form)
    phone.locator(SEND).click()
    says(phone, "så vidt vi vet")
    assert lost == [200]
    assert Submission.objects.filter(occasion=asked).count() == 1

    phone.unroute(f"**{form}")

    arrived(phone)
    assert Submission.objects.filter(occasion=asked).count() == 1


@pytest.mark.usefixtures("reply_lost")
def test_a_page_closed_before_the_reply_came_hears_it_when_it_is_opened_again(phone, form, asked):
    phone.goto(form)
    ready(phone)
    phone.locator("[name='safety.q1'][value='2']").check()
    lose_replies(phone, form)
    phone.locator(SEND).click()
    expect(phone.locator(UNSENT)).to_be_visible()
    context = put_away(phone)

    again = context.new_page()
    again.goto(form)

    # The server calls the form answered; that it was answered by this very sending, and at risk, is asked for anew.
    arrived(again)
    expect(again.locator(".signal--risk")).to_be_visible()
    assert Submission.objects.filter(occasion=asked).count() == 1


@pytest.mark.usefixtures("reply_lost")
def test_what_is_changed_after_a_lost_reply_is_never_thanked_for(phone, form, asked):
    phone.goto(form)
    ready(phone)
    fill_in(phone, "7")
    lose_replies(phone, form)
    phone.locator(SEND).click()
    expect(phone.locator(UNSENT)).to_be_visible()
    phone.unroute(f"**{form}")

    phone.locator(SLIDER.format(1)).fill("1")
    expect(phone.locator(UNSENT)).to_be_hidden()
    phone.locator(SEND).click()

    expect(phone.locator("h1[data-over]")).to_be_visible()
    expect(phone.locator("[role=alert]")).to_contain_text("ikke tatt med")
    wait_until_empty(phone)
    assert values(asked)["q1"] == 7.0


def test_who_reads_the_thanks_can_rely_on_an_empty_device(phone, form):
    phone.clock.install()
    phone.goto(form)
    ready(phone)
    fill_in(phone)
    # However slow the machine: no time passes, so nothing is shown because somebody had waited long enough.
    phone.clock.pause_at(timezone.now() + timedelta(hours=1))
    phone.evaluate(LOOK_WHEN_IT_CHANGES)

    phone.locator(SEND).click()

    expect(phone.locator("h1[data-arrived]")).to_be_visible()
    assert phone.evaluate("() => self.found") == NOTHING


def test_two_tabs_and_one_is_sent(phone, form, asked):
    first = phone
    first.goto(form)
    ready(first)
    second = first.context.new_page()
    second.goto(form)
    ready(second)
    second.locator("#own_words").fill("Noe annet")
    expect(second.locator("#kept")).not_to_be_empty()
    fill_in(first)

    first.locator(SEND).click()

    arrived(first)
    # The other says that it is answered, and gives back what was only written there.
    expect(second.locator("h1[data-over]")).to_be_visible()
    assert second.locator("main textarea").input_value() == "Noe annet"
    wait_until_empty(second)
    assert Submission.objects.get(occasion=asked).own_words == WORDS


@pytest.mark.usefixtures("no_contact")
def test_two_tabs_that_wait_for_the_same_answer_store_it_once(phone, form, asked):
    first = phone
    send_without_network(first, form)
    second = first.context.new_page()
    second.goto(form)
    expect(second.locator(UNSENT)).to_be_visible()

    connect(first.context)

    for tab in (first, second):
        expect(tab.locator("h1[data-arrived]")).to_be_visible()
        wait_until_empty(tab)
    assert Submission.objects.filter(occasion=asked).count() == 1


@pytest.mark.usefixtures("no_contact")
@pytest.mark.parametrize("how", ["run out", "revoked", "answered elsewhere"])
def test_the_link_no_longer_works_when_there_is_contact(phone, care, form, asked, how):
    send_without_network(phone, form)
    if how == "answered elsewhere":
        found = care.way_in(asked)
        care.send(found, {"life-now.q1": "2"})
    elif how == "revoked":
        care.link(asked)
    else:
        long_ago = care.now - timedelta(days=9)
        AnswerLink.objects.filter(occasion=asked).update(
            created_at=long_ago, expires_at=long_ago + timedelta(hours=1)
        )

    connect(phone.context)

    expect(phone.locator("h1[data-over]")).to_be_visible()
    expect(phone.locator("main")).to_contain_text("Det du skrev, ble ikke tatt med")
    assert phone.locator("main textarea").input_value() == WORDS
    assert phone.evaluate(ON_THE_DEVICE) == NOTHING
    assert axe_finds(phone) == []
    assert all(each.own_words != WORDS for each in Submission.objects.filter(occasion=asked))
    phone.reload()
    expect(phone.locator("h1[data-over]")).to_be_visible()
    expect(phone.locator("main textarea")).to_have_count(0)


@pytest.mark.usefixtures("no_contact")
def test_a_screen_that_is_handed_over_keeps_nothing(window, care, asked, live_server):
    screen = window(PHONE)
    screen.goto(f"/a/{care.link(asked, channel='screen')}/")
    screen.wait_for_selector("#answering .line")
    fill_in(screen)
    expect(screen.locator("#kept")).not_to_be_empty()
    assert screen.evaluate(ON_THE_DEVICE) == NOTHING
    cut_off(screen.context)
    screen.locator(SEND).click()
    says(screen, "Ikke lukk den")
    assert screen.evaluate(ON_THE_DEVICE) == NOTHING

    connect(screen.context)

    arrived(screen)
    screen.go_back()
    screen.go_forward()
    expect(screen.locator("#answering")).to_have_count(0)
    assert Submission.objects.filter(occasion=asked).count() == 1


def test_nothing_is_kept_in_the_browser_of_a_worker(window, care, form):
    """Whoever opens a citizen's link there is not on the citizen's own device."""
    desk = window(PHONE, care.worker)
    desk.goto(form)
    desk.wait_for_selector("#answering .line")
    fill_in(desk)
    expect(desk.locator("#kept")).not_to_be_empty()

    assert desk.evaluate(ON_THE_DEVICE) == NOTHING


@pytest.mark.usefixtures("no_contact")
def test_what_waits_is_read_by_its_own_link_only(phone, care, make, form, asked):
    send_without_network(phone, form)

    kept = phone.evaluate(EVERYTHING_KEPT)

    assert form.split("/")[2] not in kept
    assert WORDS not in kept
    assert "life-now" not in kept
    connect(phone.context)
    arrived(phone)


@pytest.mark.usefixtures("no_contact")
def test_contact_that_is_announced_too_early_does_not_make_the_answer_wait_long(phone, form, asked):
    phone.clock.install()
    failed: list[str] = []
    phone.on(
        "requestfailed", lambda request: failed.append(request.url) if request.url.endswith(form) else None
    )
    send_without_network(phone, form)
    for count in range(2, 7):  # each time twice as long as before, until it tries once a minute
        phone.clock.run_for(61_000)
        wait_until(lambda count=count: len(failed) >= count, phone)
    announce(phone.context)
    wait_until(lambda: len(failed) >= 7, phone)

    let_through(phone.context)

    expect(phone.locator("h1[data-arrived]")).to_be_visible()
    assert Submission.objects.filter(occasion=asked).count() == 1


@pytest.mark.usefixtures("no_contact")
def test_the_next_person_meets_an_empty_form(phone, care, form, asked, live_server):
    send_without_network(phone, form)
    waiting = put_away(phone)
    other = ask_today(care)
    connect(waiting)
    page = waiting.new_page()
    page.goto(f"/a/{care.link(other)}/")
    page.wait_for_selector("#answering .line")

    expect(page.locator(".line--untouched")).to_have_count(5)
    assert page.locator("#own_words").input_value() == ""
    page.locator(SLIDER.format(1)).fill("2")
    page.locator(SEND).click()
    expect(page.locator("h1[data-arrived]")).to_be_visible()

    # Theirs is gone; the first one's waits on, and is sent when its own link is opened.
    assert page.evaluate(ON_THE_DEVICE)["databases"] == ["answering"]
    page.goto(form)
    arrived(page)
    assert values(other) == {"q1": 2.0}
    assert values(asked) == {f"q{number}": 7.0 for number in range(1, 6)}


@pytest.mark.usefixtures("no_contact")
def test_an_answer_is_sent_after_its_page_was_closed(window, care, form, asked, live_server):
    phone = window(PHONE)
    send_without_network(phone, form)
    context = put_away(phone)
    connect(context)

    wake_the_worker(context, form, live_server)

    wait_until(Submission.objects.filter(occasion=asked).exists)
    phone = context.new_page()
    phone.goto(form)
    expect(phone.locator("h1[data-over]")).to_be_visible()
    wait_until_empty(phone)
    assert Submission.objects.get(occasion=asked).own_words == WORDS


@pytest.mark.usefixtures("no_contact")
def test_words_that_could_not_be_added_wait_for_their_writer(window, care, form, asked, live_server):
    phone = window(PHONE)
    send_without_network(phone, form)
    context = put_away(phone)
    connect(context)
    care.link(asked)  # the link is revoked by a newer one

    wake_the_worker(context, form, live_server)
    phone = context.new_page()
    phone.goto(form)

    assert phone.locator("main textarea").input_value() == WORDS
    wait_until_empty(phone)


@pytest.mark.usefixtures("no_contact")
def test_a_page_older_than_its_cookie_can_still_be_sent(phone, form, asked):
    send_without_network(phone, form)
    phone.context.clear_cookies()

    connect(phone.context)

    arrived(phone)
    assert Submission.objects.filter(occasion=asked).count() == 1


@pytest.mark.usefixtures("no_contact")
def test_by_keyboard_on_a_small_phone(phone, form, asked):
    phone.goto(form)
    ready(phone)
    tab_to(phone, SLIDER.format(1))
    press(phone, "ArrowRight")
    cut_off(phone.context)
    tab_to(phone, SEND)
    press(phone, "Enter")
    expect(phone.locator(UNSENT)).to_be_focused()
    press(phone, "Tab", "Enter")
    expect(phone.locator(f"{UNSENT} button")).to_be_focused()
    assert axe_finds(phone) == []
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    connect(phone.context)
    arrived(phone)


def test_a_reply_that_is_not_ours_is_no_acknowledgement(phone, form, asked):
    """The sign-in page of some network answers 200 to everything."""
    phone.goto(form)
    ready(phone)
    fill_in(phone)
    phone.route(
        f"**{form}", lambda route: route.fulfill(status=200, content_type="text/html", body="<h1>Wi-Fi</h1>")
    )

    phone.locator(SEND).click()

    says(phone, "Ikke sendt ennå")
    phone.unroute(f"**{form}")
    arrived(phone)
    assert Submission.objects.filter(occasion=asked).count() == 1


VOICES = """
const voice = (lang, localService) => ({{ lang, localService, name: lang, voiceURI: lang, default: false }});
const said = window.said = [];
Object.defineProperty(window, "speechSynthesis", {{ value: Object.assign(new EventTarget(), {{
  getVoices: () => [{voices}],
  speak: (part) => said.push([part.text, part.voice.lang, part.voice.localService]),
  cancel: () => said.push("stopped"),
}}) }});
window.SpeechSynthesisUtterance = class {{ constructor(text) {{ this.text = text; }} }};
"""


def with_voices(page: Page, *voices: tuple[str, bool]) -> None:
    """Chromium has no voices of its own: these stand in for those of a telephone."""
    given = ", ".join(f'voice("{language}", {str(local).lower()})' for language, local in voices)
    page.add_init_script(VOICES.format(voices=given))


@pytest.mark.parametrize("voices", [[], [("nb-NO", False)], [("de-DE", True), ("nb-NO", False)]])
def test_without_a_voice_on_the_device_nothing_is_read(phone, form, voices):
    with_voices(phone, *voices)
    phone.goto(form)
    phone.wait_for_selector("#answering .line")

    expect(phone.locator(".read-aloud")).to_have_count(0)


def test_a_question_is_read_by_a_voice_on_the_device(phone, form):
    with_voices(phone, ("nb-NO", False), ("nb-NO", True))
    phone.goto(form)
    phone.wait_for_selector("#answering .line")
    phone.locator(SLIDER.format(1)).fill("6.5")
    question = phone.locator("[data-line='life-now.q1']")

    tab_to(phone, "[data-line='life-now.q1'] .read-aloud")
    press(phone, "Enter")

    spoken = [each for each in phone.evaluate("said") if each != "stopped"]
    texts = [text for text, *_ in spoken]
    assert {(lang, local) for _, lang, local in spoken} == {("nb-NO", True)}
    assert texts[0] == question.locator("legend").inner_text().strip()
    assert [text.split(":")[0] for text in texts[1:3]] == ["0", "10"]
    assert texts[3] == "Du har svart: 6.5"
    button = question.locator(".read-aloud")
    expect(button).to_have_text("Stopp lesingen")
    assert axe_finds(phone) == []
    press(phone, "Escape")
    expect(button).to_have_text("Les høyt")
    assert phone.evaluate("said.at(-1)") == "stopped"
