"""Two people answer alone, each on their own: neither sees, or is named to, the other."""

from __future__ import annotations

import re

from browsers import DESK, PHONE
from playwright.sync_api import expect

from medvirk.feedback.actions import add_member


def names_on(page) -> set[str]:
    return set(re.findall(r"\w+", page.locator("body").inner_text()))


def fill_in(page, mark: str) -> None:
    page.locator("main button.big[type=submit]").click()
    page.wait_for_selector("#answering .line")
    for number in range(1, 6):
        page.locator(f"[data-line='life-now.q{number}'] input[type=range]").fill(mark)
    page.locator("#answering button[type=submit]").click()
    page.wait_for_selector("[data-arrived]")


def test_a_couple_answers_alone_one_on_a_phone_and_one_on_the_handed_over_screen(window, care):
    session = care.session()
    first, second = session.asks("before").about, care.make.citizen(worker=care.worker)
    add_member(
        by=care.make.viewer(care.worker), episode=session.episode, citizen=second, kind="couple",
        since=care.viewer.today, now=care.now,
    )  # fmt: skip
    worker, phone = window(DESK, care.worker), window(PHONE)
    known = {each.person.given_name for each in (first, second)}
    worker.goto(f"/feedback/sessions/{session.pk}/?citizen={first.pk}")
    expect(worker.locator(".members [aria-current]")).to_have_text(first.person.name)
    worker.locator("form[action$='/phone/before/'] button").click()
    expect(worker.locator("main")).to_contain_text(first.person.given_name)
    phone.goto(worker.locator("#link").input_value())
    assert names_on(phone).isdisjoint(known)
    fill_in(phone, "2")
    worker.wait_for_url(f"**/feedback/sessions/{session.pk}/?citizen={first.pk}", timeout=5000)
    expect(worker.locator(".in-words")).to_contain_text("10")

    worker.locator(f".members a[href$='{second.pk}']").click()
    expect(worker.locator(".in-words")).not_to_contain_text("10")
    button = worker.locator("form[action$='/screen/before/'] button")
    expect(button).to_contain_text(second.person.given_name)
    button.click()
    assert names_on(worker).isdisjoint(known)
    fill_in(worker, "8")
    assert names_on(worker).isdisjoint(known)

    scores = {}
    for citizen in (first, second):
        occasion = session.asks("before", citizen.pk)
        scores[citizen] = occasion.submission.answers.get(instrument_key="life-now").scores.get().value
    assert scores == {first: 10.0, second: 40.0}
