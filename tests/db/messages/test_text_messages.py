"""From the outbox to a real gateway and back: what it takes, refuses, postpones, and reports."""

from __future__ import annotations

import json
import logging
import socket
import uuid
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, transaction
from django.utils import timezone
from mail_server import certificate
from sms_gateway import TOKEN, sms_gateway

from medvirk.messages.actions import CitizenLetter, claim, note_report, settle_sent, write_to_citizen
from medvirk.messages.channels import sms
from medvirk.messages.logic import NORWAY
from medvirk.messages.logic.sms import parse_gateway
from medvirk.messages.models import Message, State
from medvirk.messages.queries import Delivery, delivery_of
from medvirk.messages.tasks import deliver_due
from medvirk.people.models import Person

NOON = datetime(2026, 3, 4, 12, tzinfo=NORWAY)
MINUTE = timedelta(minutes=1)
NUMBER = "+4791919191"


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as travelled:
        yield travelled


@pytest.fixture
def post(clock, willing, kind):
    """`post(once)`: a text message to a citizen waits; gives its row."""
    citizen = willing(phone=NUMBER)

    def put(once: str = "a", **more) -> Message:
        letter = CitizenLetter(
            citizen, kind.code, {"link": "https://x.test/a/1"}, once, channels=("sms",), **more
        )
        assert write_to_citizen(letter=letter, now=timezone.now()).channel == "sms"
        return Message.objects.get(once_key=once)

    return put


def deliver() -> dict[str, int]:
    return dict(deliver_due(timezone.now()))


def test_the_gateway_gets_what_the_contract_says_and_its_text_is_not_kept(gateway, post):
    row = post()

    assert deliver() == {"sent": 1}

    (head,) = gateway.asked
    assert head["Authorization"] == f"Bearer {TOKEN}"
    assert head["Content-Type"] == "application/json"
    assert gateway.taken == {
        str(row.pk): {
            "id": str(row.pk),
            "to": NUMBER,
            "text": "Noen spørsmål venter: https://x.test/a/1\n" + gateway_says_stop(),
            "sender": "2099",
        }
    }
    row.refresh_from_db()
    assert (row.state, row.sent_at, row.reference, row.body) == (State.SENT, NOON, "g-1", "")


def gateway_says_stop() -> str:
    from django.conf import settings

    from medvirk.messages.actions.citizens import stop_link

    assert not settings.SMS_WEBHOOK_SECRETS
    return f"Ingen flere meldinger: {stop_link(Message.objects.get().recipient_id)}"


def test_no_number_is_stored_with_the_message(gateway, post):
    assert post().address == ""


@pytest.mark.parametrize(
    ("answer", "state", "reason"),
    [
        (400, "failed", "gateway 400"),
        (422, "failed", "gateway 422"),
        (429, "waiting", "gateway 429"),
        (409, "waiting", "gateway 409"),
        (500, "waiting", "gateway 500"),
        (503, "waiting", "gateway 503"),
        (401, "waiting", "gateway sign in"),
        (404, "waiting", "gateway address"),
        (307, "waiting", "gateway address"),
    ],
)
def test_a_no_is_tried_again_or_given_up(gateway, post, clock, answer, state, reason):
    row = post()
    gateway.answers = [answer]

    assert deliver() == {"not sent": 1}
    row.refresh_from_db()
    assert (row.state, row.last_error, bool(row.body)) == (state, reason, True)
    assert len(gateway.asked) == 1
    if state == "waiting":
        clock.shift(MINUTE)
        assert deliver() == {"sent": 1}
        assert gateway.keys == {str(row.pk): 2}


@pytest.mark.parametrize(("answer", "asked"), [(429, 1), (503, 1), (401, 1), (302, 1), (500, 3), (400, 3)])
def test_where_the_next_would_fare_alike_the_rest_is_kept_without_an_attempt(gateway, post, answer, asked):
    for once in "abc":
        post(once)
    gateway.answers = [answer] * 3

    deliver()

    assert len(gateway.asked) == asked
    assert sum(Message.objects.values_list("attempts", flat=True)) == asked


def test_a_wrong_token_is_our_fault_and_loses_nothing(gateway, post, settings):
    settings.SMS_GATEWAY = parse_gateway(gateway.address, token="another")
    row = post()

    assert deliver() == {"not sent": 1}
    row.refresh_from_db()
    assert (row.state, row.last_error, gateway.taken) == ("waiting", "gateway sign in", {})


def test_a_gateway_that_hangs_up_or_is_not_there_loses_nothing(gateway, post, settings, clock):
    row = post()
    gateway.hangs_up = True
    assert deliver() == {"not sent": 1}
    with sms_gateway() as gone:
        pass
    settings.SMS_GATEWAY = parse_gateway(gone.address)
    clock.shift(MINUTE)
    assert deliver() == {"not sent": 1}

    row.refresh_from_db()
    assert (row.state, row.last_error, row.attempts) == ("waiting", "gateway connection", 2)


def test_a_gateway_that_never_answers_is_left_after_a_while(post, settings, monkeypatch):
    monkeypatch.setattr(sms, "SECONDS_TO_WAIT", (0.2, 0.2))
    with socket.create_server(("127.0.0.1", 0)) as silent:
        settings.SMS_GATEWAY = parse_gateway(f"http://127.0.0.1:{silent.getsockname()[1]}/")
        row = post()

        assert deliver() == {"not sent": 1}

    row.refresh_from_db()
    assert (row.state, row.last_error) == ("waiting", "gateway connection")


@pytest.mark.parametrize(
    ("name", "trusted"), [("127.0.0.1", True), ("127.0.0.1", False), ("other.test", True)]
)
def test_only_a_verified_line_carries_a_number(post, settings, tmp_path, monkeypatch, name, trusted):
    tls, bundle = certificate(tmp_path, name)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    with sms_gateway(tls=tls) as gateway:
        settings.SMS_GATEWAY = parse_gateway(gateway.address, token=TOKEN)
        row = post()
        deliver()

    row.refresh_from_db()
    good = trusted and name == "127.0.0.1"
    assert (row.state, row.last_error) == (("sent", "") if good else ("waiting", "gateway tls"))
    assert bool(gateway.taken) == good


def test_a_token_in_netrc_does_not_take_the_place_of_ours(gateway, post, tmp_path, monkeypatch):
    file = tmp_path / "netrc"
    file.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(file))
    post()

    assert deliver() == {"sent": 1}


@pytest.mark.parametrize(
    ("body", "reference"),
    [
        (b'{"id": 17}', "17"),
        (b"{}", ""),
        (b"", ""),
        (b"[1]", ""),
        (b"\xff\xfe", ""),
        (b"{" * 20_000, ""),
        (json.dumps({"id": "x" * 101}).encode(), ""),
        (b'{"id": "a\\u0000b"}', ""),
        (b'{"id": true}', ""),
    ],
)
def test_a_yes_is_a_yes_whatever_else_is_said(gateway, post, body, reference):
    gateway.body = body
    row = post()

    assert deliver() == {"sent": 1}
    row.refresh_from_db()
    assert row.reference == reference


def test_no_number_and_no_text_in_the_log_whatever_goes_wrong(gateway, post, caplog):
    caplog.set_level(logging.DEBUG)
    gateway.answers = [400, 500, 302]
    for once in "abc":
        post(once)

    deliver()

    told = "".join(record.getMessage() for record in caplog.records)
    assert "91919191" not in told
    assert "Noen" not in told
    assert {row.last_error for row in Message.objects.all()} == {
        "gateway 400",
        "gateway 500",
        "gateway address",
    }


def test_a_number_that_has_changed_gets_it_and_a_number_given_up_does_not(gateway, post):
    row, person = post(), Person.objects.get(outbox__isnull=False)
    person.phone = "+4741414141"
    person.save()
    assert deliver() == {"sent": 1}
    assert gateway.taken[str(row.pk)]["to"] == "+4741414141"

    second = post("b")
    person.phone = ""
    person.save()
    assert deliver() == {"not sent": 1}
    second.refresh_from_db()
    assert (second.state, second.last_error) == ("failed", "address")
    assert len(gateway.taken) == 1


def test_text_messages_wait_for_the_day(gateway, post, clock):
    clock.move_to(NOON.replace(hour=22))
    post()

    assert deliver() == {}
    clock.move_to(NOON.replace(day=5, hour=8))
    assert deliver() == {"sent": 1}


def test_without_a_gateway_they_wait_and_in_the_demo_they_are_written_to_files(
    post, settings, tmp_path, gateway
):
    row = post()
    settings.SMS_GATEWAY, settings.DEMO, settings.DATA = None, False, tmp_path
    assert deliver() == {}

    settings.DEMO = True
    assert deliver() == {"filed": 1}
    (file,) = (tmp_path / "outbox").iterdir()
    assert file.name == f"{row.pk}.sms.txt"
    assert NUMBER in file.read_text()


# what becomes of them


def report(row: Message, state: State, *, by_reference: bool = False, now: datetime = NOON) -> bool:
    return note_report(
        channel="sms",
        message_id=None if by_reference else row.pk,
        reference=row.reference if by_reference else "",
        state=state,
        now=now,
    )


@pytest.mark.parametrize("by_reference", [False, True])
@pytest.mark.parametrize("state", [State.DELIVERED, State.UNDELIVERED])
def test_what_became_of_it_is_noted_with_its_time(gateway, post, state, by_reference):
    row = post()
    deliver()
    row.refresh_from_db()

    assert report(row, state, by_reference=by_reference, now=NOON + MINUTE)

    row.refresh_from_db()
    assert (row.state, row.sent_at, row.reported_at) == (state, NOON, NOON + MINUTE)
    assert deliver() == {}


def test_a_report_before_our_own_note_of_the_yes_is_believed(gateway, post):
    post()
    (row,) = claim(channel="sms", now=NOON, limit=1)

    assert report(row, State.DELIVERED)
    assert not settle_sent(message=row, state=State.SENT, now=NOON, reference="late")

    row.refresh_from_db()
    assert (row.state, row.lease, row.body, row.sent_at) == (State.DELIVERED, None, "", NOON)


def test_a_report_after_a_lost_yes_stops_the_second_sending(gateway, post, clock):
    row = post()
    gateway.answers = [500]
    deliver()

    assert report(row, State.DELIVERED)
    clock.shift(MINUTE)
    assert deliver() == {}
    assert len(gateway.asked) == 1


def test_that_it_arrived_holds_and_that_it_did_not_may_be_corrected(gateway, post):
    row = post()
    deliver()

    assert report(row, State.UNDELIVERED)
    assert not report(row, State.UNDELIVERED)
    assert report(row, State.DELIVERED)
    assert not report(row, State.UNDELIVERED)
    assert not report(row, State.DELIVERED)


def test_a_report_of_nothing_known_changes_nothing(gateway, post, person_with_mail):
    row = post()

    assert not note_report(
        channel="sms", message_id=uuid.uuid4(), reference="", state=State.DELIVERED, now=NOON
    )
    assert not note_report(channel="sms", message_id=None, reference="", state=State.DELIVERED, now=NOON)
    # An e-mail cannot be reported on by the gateway of text messages.
    assert not report(person_with_mail, State.DELIVERED)
    row.refresh_from_db()
    assert row.state == State.WAITING


@pytest.fixture
def person_with_mail(willing, kind, server, clock) -> Message:
    citizen = willing(email="kari@example.test")
    write_to_citizen(letter=CitizenLetter(citizen, kind.code, {"link": "x"}, "mail"), now=NOON)
    return Message.objects.get(once_key="mail")


@pytest.mark.parametrize("change", [{"state": "delivered", "sent_at": NOON}, {"reported_at": NOON}])
def test_the_database_refuses_a_report_without_its_time_or_the_other_way_round(post, gateway, change):
    row = post()

    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.filter(pk=row.pk).update(**change)


def test_pages_can_show_what_became_of_each(gateway, post, make, clock, django_assert_num_queries):
    worker = make.viewer(make.staff("practitioner"))
    for once in "abc":
        post(once)
    deliver()
    report(Message.objects.get(once_key="a"), State.DELIVERED, now=NOON + MINUTE)
    report(Message.objects.get(once_key="b"), State.UNDELIVERED, now=NOON + MINUTE)
    later = post("d", due_at=NOON + 5 * MINUTE).due_at

    with django_assert_num_queries(1):
        found = delivery_of(worker, ["a", "b", "c", "d", "unknown"])

    assert found == {
        "a": Delivery(State.DELIVERED, NOON + MINUTE, "sms"),
        "b": Delivery(State.UNDELIVERED, NOON + MINUTE, "sms"),
        "c": Delivery(State.SENT, NOON, "sms"),
        "d": Delivery(State.WAITING, later, "sms"),
    }
    assert delivery_of(make.viewer(make.staff("researcher")), ["a"]) == {}
