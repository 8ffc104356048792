"""A paper is typed in by keyboard alone, twice; a slip is found and settled."""

from __future__ import annotations

from urllib.parse import urlsplit

from browsers import DESK, PHONE, press
from playwright.sync_api import expect
from scanning import scanned_print

from medvirk.answers.models import Submission


def type_in(page, *values: str) -> None:
    """What one does with a hand on the number keys: a value, Enter, the next."""
    for value in values:
        page.keyboard.type(value)
        press(page, "Enter")


def test_a_paper_is_typed_in_twice_by_keyboard_and_the_slip_is_found(window, care):
    session = care.session()
    worker = window(DESK, care.worker)
    worker.goto(f"/feedback/sessions/{session.pk}/")
    worker.locator("main a[href*='/answering/']").first.click()
    worker.locator("main a[href*='/a/paper/']").first.click()
    worker.wait_for_selector("#paper")

    # The day, own words and who helped are passed by Enter too; the day stands as today.
    type_in(worker, "6", "7", "8", "-", "10", "0")
    worker.locator("#id_own_words").fill("Takk for sist")
    worker.locator("button[value=first]").click()
    expect(worker.locator("h1")).to_have_text("Skriv det inn en gang til")
    assert (
        worker.locator("#paper input.ds-input").evaluate_all("all => all.map(box => box.value)") == [""] * 6
    )

    type_in(worker, "6", "7", "8", "-", "1", "0")
    worker.wait_for_selector("button[value=again]:focus")
    with worker.expect_navigation():
        press(worker, "Enter")

    differing = worker.locator(".paper-difference")
    expect(differing).to_have_count(1)
    expect(differing).to_contain_text("10")
    assert not Submission.objects.exists()
    differing.locator("[value=first]").check()
    with worker.expect_navigation():
        worker.locator("button[value=settle]").click()

    expect(worker.locator("h1")).to_have_text("Papiret er lagret")
    sent = Submission.objects.get()
    assert (sent.channel, sent.own_words) == ("paper", "Takk for sist")
    life = sent.answers.get(instrument_key="life-now").values
    assert life == {"q1": 6.0, "q2": 7.0, "q3": 8.0, "q5": 10.0}
    worker.locator(".back a").click()
    worker.wait_for_url(f"**/feedback/sessions/{session.pk}/?citizen=*")


def test_the_code_on_the_paper_opens_the_right_form(window, care, live_server):
    """Two papers of one conversation, of two that are alike in all but whom and when they ask."""
    session, other = care.session(), care.session()
    worker, phone = window(DESK, care.worker), window(PHONE, care.worker)
    stranger = window(PHONE, care.make.staff("practitioner"))
    for asked in (session.asks("before"), session.asks("after"), other.asks("before")):
        worker.goto(f"/feedback/sessions/{asked.asking.session_id}/answering/")
        form = worker.locator(f"form[action$='/a/paper/{asked.pk}/print/']")
        printed = worker.request.post(
            live_server.url + form.get_attribute("action"),
            form={"csrfmiddlewaretoken": form.locator("[name=csrfmiddlewaretoken]").input_value()},
            headers={"Referer": worker.url},
        )

        address = scanned_print(printed.body())

        assert address == f"{live_server.url}/a/paper/{asked.pk}/"
        phone.goto(address)
        assert f"/feedback/sessions/{asked.asking.session_id}/" in phone.locator(".back a").get_attribute(
            "href"
        )
        names = {"before": "life-now.q1", "after": "this-meeting.q1"}
        expect(phone.locator(f"#paper [name='{names[asked.asking.moment]}']")).to_have_count(1)
        assert stranger.goto(urlsplit(address).path).status == 404
