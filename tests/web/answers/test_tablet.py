"""The tablet in the waiting room, as the one who answers and the one who guesses meet it."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from factories_feedback import marks

from medvirk.answers.models import Draft, Submission
from medvirk.answers.tablet.codes import LIFETIME, make_code

TABLET = reverse("answers:tablet")


@pytest.fixture
def session(care):
    return care.session()


@pytest.fixture
def occasion(session):
    return session.asks("before")


def new_code(care, occasion) -> str:
    return make_code(by=care.viewer, occasion=occasion, now=care.now)


def write(browser: Client, code: str, address: str = "10.0.0.1", **more: str):
    return browser.post(TABLET, {"code": code, **more}, REMOTE_ADDR=address)


def wrong(number: int) -> str:
    return f"{number:08d}"


def test_the_code_leads_from_the_notice_to_the_thanks(client, care, occasion):
    form = write(client, new_code(care, occasion)).url

    notice = client.get(form).content.decode()
    assert "Slutt, og tøm nettbrettet" in notice
    assert "life-now.q1" in client.post(f"{form}begin/", follow=True).content.decode()
    thanks = client.post(form, marks("life-now", 20)).content.decode()

    assert Submission.objects.get().channel == "tablet"
    assert f'data-tablet="{TABLET}"' in thanks
    assert 'data-seconds="20"' in thanks
    assert "data-keep" not in thanks


def test_the_worker_presses_once_and_reads_the_code_out(care, session, client, client_of):
    worker = client_of(care.worker)

    shown = worker.post(reverse("feedback:tablet", args=[session.pk, "before"])).content.decode()

    code = shown.partition('class="one-time-code">')[2].partition("<")[0]
    assert code[4] == " "
    assert write(client, code).status_code == 302
    assert TABLET in shown


def test_an_answered_form_gets_no_code(care, session, client_of):
    care.send(care.way_in(session.asks("before")), marks("life-now", 20))

    answer = client_of(care.worker).post(reverse("feedback:tablet", args=[session.pk, "before"]))

    assert answer.status_code == 302


@pytest.mark.parametrize("written", ["1234 5678", " 12345678", "1234-5678", "12 34 56 78"])
def test_it_may_be_written_in_any_way(client, care, occasion, written, monkeypatch):
    monkeypatch.setattr("medvirk.answers.tablet.codes.secrets.randbelow", lambda _most: 12345678)
    new_code(care, occasion)

    assert write(client, written).status_code == 302


def test_wrong_used_run_out_and_answered_get_the_very_same_page(client, care, occasion):
    used = new_code(care, occasion)
    write(client, used)
    other = care.session().asks("before")
    answered = new_code(care, other)
    care.send(care.way_in(other), marks("life-now", 20))
    old = new_code(care, care.session().asks("before"))
    pages = [write(client, each) for each in (used, answered, wrong(1))]
    with time_machine.travel(care.now + LIFETIME + timedelta(seconds=1), tick=False):
        pages.append(write(client, old))

    assert {page.status_code for page in pages} == {422}
    token = 'name="csrfmiddlewaretoken" value="'
    assert len({page.content.decode().split(token)[-1][64:] for page in pages}) == 1
    assert "Spør i resepsjonen" in pages[0].content.decode()


@pytest.mark.parametrize("written", ["", "1234567", "123456789", "abcdefgh", "١٢٣٤٥٦٧٨"])
def test_what_is_no_code_is_said_and_is_no_guess(client, db, written):
    for _ in range(25):
        page = write(client, written)

    assert page.status_code == 422
    assert "åtte sifre" in page.content.decode()


def test_the_keys_on_the_page_work_without_script(client, care, occasion):
    code = new_code(care, occasion)
    written = ""
    for digit in code:
        page = write(client, written, digit=digit)
        assert page.status_code == 200
        written = page.context["code"]
    assert write(client, written, digit="back").context["code"] == f"{code[:4]} {code[4:7]}"

    assert write(client, written).status_code == 302


def test_an_address_that_guesses_waits_and_then_even_the_right_code_does(client, care, occasion):
    code = new_code(care, occasion)
    answers = [write(client, wrong(n)).status_code for n in range(21)]

    assert answers == [422] * 20 + [429]
    assert write(client, code).status_code == 429
    # Elsewhere it still works, and later here.
    assert write(client, code, address="10.0.0.2").status_code == 302


def test_after_ten_minutes_it_may_be_tried_again_but_not_the_whole_day(client, db, care):
    wrong_ones = 0
    with time_machine.travel(care.now, tick=False) as clock:
        for _ in range(8):
            while write(client, wrong(wrong_ones)).status_code == 422:
                wrong_ones += 1
            clock.shift(timedelta(minutes=11))

    assert wrong_ones == 100


def test_a_full_waiting_room_behind_one_address_works(client, care):
    """Twenty people, each of whom writes it wrongly first."""
    for n in range(19):
        assert write(client, wrong(n)).status_code == 422
    for _ in range(20):
        assert write(client, new_code(care, care.session().asks("before"))).status_code == 302
        # What has been right is no wrong try.
    assert write(client, wrong(99)).status_code == 422


def test_guessing_from_everywhere_stops_strangers_and_no_tablet_of_ours(client, care):
    assert write(client, new_code(care, care.session().asks("before")), address="10.9.9.9").status_code == 302

    answers = [write(client, wrong(n), address=f"10.1.{n // 10}.1").status_code for n in range(101)]

    assert answers == [422] * 100 + [429]
    code = new_code(care, care.session().asks("before"))
    assert write(client, code, address="10.8.8.8").status_code == 429
    assert write(client, code, address="10.9.9.9").status_code == 302


def test_leaving_leaves_nothing_for_the_next_one(client, care, occasion):
    form = write(client, new_code(care, occasion)).url
    client.post(f"{form}begin/")
    client.post(f"{form}draft/", {"own_words": "Det er tungt"})

    assert client.post(f"{form}leave/").url == TABLET

    back = client.get(form)
    assert back.status_code == 410
    assert "tungt" not in back.content.decode()
    assert "no-store" in back.headers["Cache-Control"]
    assert client.post(f"{form}draft/", {"own_words": "x"}).status_code == 409
    # The same person goes on with a new code.
    assert Draft.objects.count() == 1
    again = write(client, new_code(care, occasion)).url
    assert "Det er tungt" in client.get(again).content.decode()


def test_only_what_is_sent_leaves(client, care, occasion):
    form = write(client, new_code(care, occasion)).url

    assert client.get(f"{form}leave/").status_code == 405
    assert client.get(form).status_code == 200
    assert client.post("/a/" + "x" * 32 + "/leave/").status_code == 404


def test_a_phone_has_nothing_of_the_tablet(client, care, occasion):
    page = client.get(reverse("answers:answer", args=[care.link(occasion)])).content.decode()

    assert "data-tablet" not in page
    assert "tablet.js" not in page


def test_a_machine_that_somebody_is_signed_in_on_says_so(care, client, client_of):
    assert "logget inn" in client_of(care.worker).get(TABLET).content.decode()
    assert "logget inn" not in client.get(TABLET).content.decode()
