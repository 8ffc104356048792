"""What the gateway of text messages calls, and the page on which somebody says that they want no more messages."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pages import read

from medvirk.messages.actions import stop_token
from medvirk.messages.logic import NORWAY
from medvirk.messages.logic.sms import WINDOW, parse_gateway, signature
from medvirk.messages.models import Message, State
from medvirk.people.actions.consents import answer_consent
from medvirk.people.models import AccessEvent, Citizen, Consent, ConsentPurpose
from medvirk.people.queries.consents import agrees, current_texts

CONTACT = ConsentPurpose.CONTACT
NOON = datetime(2026, 3, 4, 12, tzinfo=NORWAY)
SECRET = "a" * 32
PHONE = "+4791919191"
REPORT, IN = "/messages/sms/report/", "/messages/sms/in/"


@pytest.fixture(autouse=True)
def clock(settings) -> Iterator[time_machine.Traveller]:
    settings.SMS_WEBHOOK_SECRETS = (SECRET,)
    settings.SMS_GATEWAY = parse_gateway("http://127.0.0.1:9/", sender="2099")
    with time_machine.travel(NOON, tick=False) as travelled:
        yield travelled


@pytest.fixture
def citizen(make) -> Citizen:
    made = make.citizen(details=make.details(phone=PHONE))
    answer_consent(
        by=make.viewer(make.own_account(made.person)),
        citizen=made,
        purpose=CONTACT,
        yes=True,
        version=current_texts()["contact"].version,
        language="nb",
    )
    return made


def call(path: str, told: object, *, secret: str = SECRET, ago: timedelta = timedelta(0), **headers: str):
    """As the gateway calls: no cookie, no CSRF token."""
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    header = signature(secret, int((timezone.now() - ago).timestamp()), body)
    return Client(enforce_csrf_checks=True).post(
        path,
        body,
        content_type="application/json",
        headers={"Medvirk-Signature": header, **headers},
    )


def sent(citizen: Citizen) -> Message:
    return Message.objects.create(
        recipient=citizen.person, channel="sms", kind="k", once_key="a", due_at=NOON, reference="g-1",
        created_at=NOON, expires_at=NOON + timedelta(days=1), state=State.SENT, sent_at=NOON,
    )  # fmt: skip


# reports


@pytest.mark.parametrize("state", ["delivered", "undelivered"])
@pytest.mark.parametrize("by", ["id", "reference"])
def test_a_signed_report_is_noted(citizen, state, by):
    row = sent(citizen)

    response = call(
        REPORT, {"id": str(row.pk), "state": state} if by == "id" else {"reference": "g-1", "state": state}
    )

    assert (response.status_code, response.content) == (204, b"")
    row.refresh_from_db()
    assert (row.state, row.reported_at) == (state, NOON)


def test_a_report_of_something_unknown_tells_nothing(citizen):
    sent(citizen)

    assert call(REPORT, {"reference": "g-2", "state": "delivered"}).status_code == 204
    assert call(REPORT, {"id": "0" * 32, "state": "delivered"}).status_code == 204
    assert Message.objects.get().state == State.SENT


@pytest.mark.parametrize(
    "told",
    [
        b"", b"{", b"[]", b"null", b"\xff", b"[" * 9_000, {}, {"state": "delivered"},
        {"state": "delivered", "id": "x"}, {"state": "sent", "reference": "g-1"}, {"state": None, "reference": "g-1"},
        {"state": "delivered", "reference": 1}, {"state": "delivered", "reference": "g-1\0"},
        {"state": "delivered", "reference": "x" * 101},
    ],
)  # fmt: skip
def test_what_is_no_report_is_refused(citizen, told):
    sent(citizen)

    assert call(REPORT, told).status_code == 400
    assert Message.objects.get().state == State.SENT


# answers


@pytest.mark.parametrize("text", ["STOPP", " stop.", "Slutt!"])
@pytest.mark.parametrize("sender", [PHONE, "4791919191", "91919191", "004791919191"])
def test_the_stop_word_ends_messages_and_is_confirmed(citizen, text, sender):
    assert call(IN, {"from": sender, "to": "2099", "text": text}).status_code == 204

    assert not agrees(citizen, CONTACT)
    answer = Message.objects.get()
    assert (answer.kind, answer.channel, answer.waits_for_day) == ("messages.stopped", "sms", False)


def test_a_number_that_nobody_has_is_answered_alike(citizen):
    known, unknown = (call(IN, {"from": each, "text": "STOPP"}) for each in (PHONE, "+4799999999"))

    assert (known.status_code, known.content, known.headers.keys()) == (
        unknown.status_code, unknown.content, unknown.headers.keys(),
    )  # fmt: skip


def test_other_words_are_neither_heard_nor_kept(citizen, django_assert_num_queries):
    with django_assert_num_queries(0):
        assert call(IN, {"from": PHONE, "text": "Jeg har det ikke bra"}).status_code == 204

    assert agrees(citizen, CONTACT)


@pytest.mark.parametrize("told", [b"x", {}, {"from": PHONE}, {"text": "STOPP"}, {"from": 1, "text": "STOPP"}])
def test_what_is_no_answer_is_refused(citizen, told):
    assert call(IN, told).status_code == 400
    assert agrees(citizen, CONTACT)


def test_their_own_page_and_log_say_how_it_came(citizen, make, client_of):
    call(IN, {"from": PHONE, "text": "STOPP"})
    account = (
        citizen.person.own_user if hasattr(citizen.person, "own_user") else make.own_account(citizen.person)
    )
    browser = client_of(account)

    page = read(
        browser.get(reverse("people:own_consents", args=[citizen.pk]), headers={"accept-language": "en"})
    )
    log = read(browser.get(reverse("people:own_log", args=[citizen.pk]), headers={"accept-language": "en"}))

    assert "by text message from their phone" in page.text
    assert "You changed what you have agreed to, by text message from your phone." in log.text


# who may call


@pytest.mark.parametrize("path", [REPORT, IN])
def test_only_the_gateway_may_call_and_only_now(citizen, path, settings):
    told = {"from": PHONE, "text": "STOPP", "reference": "g-1", "state": "delivered"}
    sent(citizen)
    before = AccessEvent.objects.count()

    assert call(path, told, secret="b" * 32).status_code == 401
    assert call(path, told, ago=WINDOW + timedelta(seconds=1)).status_code == 401
    assert call(path, told, **{"Medvirk-Signature": ""}).status_code == 401
    assert call(path, b"x" * 10_001).status_code == 413
    assert Client().get(path).status_code == 405
    settings.SMS_WEBHOOK_SECRETS = ()
    assert call(path, told).status_code == 404

    assert agrees(citizen, CONTACT)
    assert Message.objects.get().state == State.SENT
    assert AccessEvent.objects.count() == before


def test_a_new_secret_may_follow_an_old_one(citizen, settings):
    settings.SMS_WEBHOOK_SECRETS = ("b" * 32, SECRET)

    assert call(IN, {"from": PHONE, "text": "STOPP"}).status_code == 204
    assert not agrees(citizen, CONTACT)


# the page


@pytest.fixture
def link(citizen) -> str:
    return reverse("messages:stop", args=[stop_token(citizen.person_id)])


@pytest.mark.parametrize("method", ["get", "head"])
def test_looking_at_the_link_changes_nothing(citizen, link, method):
    rows = Consent.objects.count()

    assert getattr(Client(), method)(link).status_code == (200 if method == "get" else 405)
    assert agrees(citizen, CONTACT)
    assert Consent.objects.count() == rows


def test_one_button_ends_it_without_signing_in(citizen, link):
    page = Client().get(link, headers={"accept-language": "en"})
    assert "Send me no more messages" in read(page).text

    done = Client(enforce_csrf_checks=True).post(link)

    assert done.status_code == 200
    assert not agrees(citizen, CONTACT)
    assert Consent.objects.get(citizen=citizen, ended_at=None).way == "link"


def test_a_mail_program_may_press_it(citizen, link):
    response = Client(enforce_csrf_checks=True).post(link, {"List-Unsubscribe": "One-Click"})

    # RFC 8058: no redirect.
    assert response.status_code == 200
    assert not agrees(citizen, CONTACT)


def test_the_page_says_nothing_about_whom_it_is_for(citizen, link):
    page = Client().get(link)
    before = page.content
    Client().post(link)

    assert read(Client().get(link)).text == read(page).text
    for secret in (citizen.person.given_name, citizen.person.family_name, "91919191"):
        assert secret.encode() not in before


def test_a_link_that_is_no_link_of_ours_is_not_found_and_guessing_is_stopped(citizen, link):
    client = Client()
    assert client.post(link.replace(":", ":x")).status_code == 404

    statuses = {client.get(f"/messages/stop/{n}/").status_code for n in range(40)}

    assert statuses == {404, 429}
    assert agrees(citizen, CONTACT)
