"""The whole conversation in two browsers: a worker's desk, and a citizen's phone by keyboard alone."""

from __future__ import annotations

import re
import time

import pytest
from browsers import DESK, PHONE, SLIDER, press, tab_to
from playwright.sync_api import expect

from medvirk.answers.models import Answer, Draft, Score, Submission

KEPT = "[data-line='life-now.q{}'] input[type=hidden]"


@pytest.fixture
def session(care):
    return care.session(care.course([20.0, 24.0]))


@pytest.fixture
def form(care, session, live_server) -> str:
    """The address of today's form, the notice already read."""
    from django.utils import timezone

    from medvirk.answers.actions import see_notice
    from medvirk.answers.texts import text_for

    see_notice(occasion=session.asks("before"), digest=text_for("privacy", "nb").digest)
    care.now = timezone.now()
    return f"/a/{care.link(session.asks('before'))}/"


def test_the_conversation_from_the_code_to_the_curve(window, care, session):
    worker, citizen = window(DESK, care.worker), window(PHONE)
    worker.goto(f"/feedback/sessions/{session.pk}/")
    worker.locator("form[action$='/phone/before/'] button").click()
    link = worker.locator("#link").input_value()
    worker.locator(".back a").click()
    loads = []
    worker.on("framenavigated", lambda _: loads.append(worker.url))
    words = worker.locator(".in-words")
    expect(words).to_contain_text("24")

    citizen.goto(link)
    tab_to(citizen, "main button.big[type=submit]")
    press(citizen, "Enter")
    citizen.wait_for_selector("#answering .line")
    tab_to(citizen, SLIDER.format(1))
    press(citizen, "ArrowRight", "ArrowRight")
    tab_to(citizen, SLIDER.format(2))
    press(citizen, "Home")
    tab_to(citizen, SLIDER.format(3))
    press(citizen, "End")
    tab_to(citizen, SLIDER.format(4))
    press(citizen, "Space")
    tab_to(citizen, SLIDER.format(5))
    press(citizen, "Enter")
    tab_to(citizen, "[name='safety.q1']")
    press(citizen, "Space")
    tab_to(citizen, "#own_words")
    citizen.keyboard.type("Det går bedre")
    tab_to(citizen, "#answering button[type=submit]")
    press(citizen, "Enter")
    expect(citizen.locator("#answering")).to_have_count(0)
    sent = time.monotonic()

    expect(words).to_contain_text("26", timeout=2000)
    print(f"on the worker's screen after {time.monotonic() - sent:.2f} s")
    expect(worker.locator("#live")).to_contain_text("Det går bedre")
    assert loads == []
    assert Submission.objects.count() == 5  # twice two of the earlier sessions, and this one
    said = Answer.objects.get(submission__occasion=session.asks("before"), instrument_key="life-now").values
    assert said == {"q1": 6.0, "q2": 0.0, "q3": 10.0, "q4": 5.0, "q5": 5.0}


def test_the_page_with_the_code_goes_on_by_itself(window, care, session):
    worker, citizen = window(DESK, care.worker), window(PHONE)
    worker.goto(f"/feedback/sessions/{session.pk}/")
    worker.locator("form[action$='/phone/after/'] button").click()
    citizen.goto(worker.locator("#link").input_value())
    citizen.locator("main button.big[type=submit]").click()
    for number in range(1, 6):
        citizen.locator(f"[data-line='this-meeting.q{number}'] input[type=range]").fill("9")
    citizen.locator("#answering button[type=submit]").click()
    expect(citizen.locator("#answering")).to_have_count(0)

    worker.wait_for_url(f"**/feedback/sessions/{session.pk}/", timeout=5000)

    expect(worker.locator(".in-words")).to_contain_text("45")


def test_an_untouched_line_is_unanswered_and_never_the_middle(window, form, session):
    phone = window(PHONE)
    phone.goto(form)
    expect(phone.locator(".line--untouched")).to_have_count(5)
    # Passing by with the Tab key is not a touch.
    for number in range(1, 6):
        tab_to(phone, SLIDER.format(number))
    expect(phone.locator(".line--untouched")).to_have_count(5)
    phone.locator(SLIDER.format(3)).fill("2")

    phone.locator("#answering button[type=submit]").click()
    expect(phone.locator("#answering")).to_have_count(0)

    answer = Answer.objects.get(submission__occasion=session.asks("before"), instrument_key="life-now")
    assert answer.values == {"q3": 2.0}
    assert Score.objects.get(answer=answer).missing_reason == "not_all_answered"


def test_a_touch_in_the_very_middle_counts_and_can_be_taken_back(window, form):
    phone = window(PHONE)
    phone.goto(form)

    phone.locator(SLIDER.format(1)).click()
    assert phone.locator(KEPT.format(1)).input_value() == "5"
    expect(phone.locator(SLIDER.format(1))).to_have_attribute("aria-valuetext", re.compile("^5 "))

    tab_to(phone, "[data-line='life-now.q1'] .line__clear")
    press(phone, "Enter")

    assert phone.locator(KEPT.format(1)).input_value() == ""
    expect(phone.locator(".line--untouched")).to_have_count(5)
    assert Submission.objects.filter(occasion__links__revoked_at__isnull=True, channel="phone").count() == 4


def test_what_was_touched_is_there_again_after_a_reload(window, form):
    phone = window(PHONE)
    phone.goto(form)
    tab_to(phone, SLIDER.format(2))
    press(phone, "ArrowRight")
    phone.locator("#own_words").fill("Halvferdig")
    expect(phone.locator("#kept")).not_to_be_empty()
    assert Draft.objects.count() == 1

    phone.reload()

    assert phone.locator(KEPT.format(2)).input_value() == "5.5"
    assert phone.locator(SLIDER.format(2)).input_value() == "5.5"
    assert phone.locator("#own_words").input_value() == "Halvferdig"
    expect(phone.locator(".line--untouched")).to_have_count(4)


def test_pressing_send_twice_stores_once(window, form, session):
    phone = window(PHONE)
    phone.goto(form)
    phone.locator(SLIDER.format(1)).fill("7")

    phone.locator("#answering button[type=submit]").dblclick()
    expect(phone.locator("#answering")).to_have_count(0)

    assert Submission.objects.filter(occasion=session.asks("before")).count() == 1
    assert Draft.objects.count() == 0


def test_changing_the_language_loses_nothing(window, form):
    phone = window(PHONE)
    phone.goto(form)
    phone.locator(SLIDER.format(1)).fill("7")

    phone.locator(".languages button[value=en]").click()
    phone.wait_for_selector("html[lang=en] #answering .line")

    assert phone.locator(KEPT.format(1)).input_value() == "7"
    expect(phone.locator("#answering button[type=submit]")).to_have_text("Send my answer")


def test_without_contact_it_says_so_and_keeps_what_is_on_the_page(window, form, complaints):
    phone = window(PHONE)
    phone.goto(form)
    unkept = phone.locator("#answering").get_attribute("data-text-on-device")

    phone.context.set_offline(True)
    phone.locator(SLIDER.format(1)).fill("7")

    expect(phone.locator("#kept")).to_have_text(unkept)
    phone.context.set_offline(False)
    phone.locator(SLIDER.format(2)).fill("7")
    expect(phone.locator("#kept")).not_to_have_text(unkept)
    assert phone.locator(KEPT.format(1)).input_value() == "7"
    complaints[:] = [each for each in complaints if "ERR_INTERNET_DISCONNECTED" not in each]


def test_without_script_the_form_works_by_keyboard(window, form, session):
    phone = window(PHONE, java_script_enabled=False)
    phone.goto(form)

    phone.locator("[name='life-now.q1'][value='4']").focus()
    press(phone, "Space", "ArrowRight")
    for number in range(2, 6):
        phone.locator(f"[name='life-now.q{number}'][value='6']").check()
    phone.locator("#answering button[type=submit]").click()
    phone.wait_for_selector("h1")

    assert Score.objects.get(answer__submission__occasion=session.asks("before")).value == 29.0
