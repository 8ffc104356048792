"""From the outbox to a real mail server and back: what it takes, refuses, postpones, and dies over."""

from __future__ import annotations

import logging
import socket
import uuid
from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from mail_server import certificate, mail_server

from medvirk.messages import tasks
from medvirk.messages.actions import NewMessage, cancel, claim, hold, queue, release, settle_sent, try_again
from medvirk.messages.channels import _channels as known_channels
from medvirk.messages.channels import register_channel
from medvirk.messages.logic import LASTS, LEASE, MOST_ATTEMPTS, NORWAY, NotSent
from medvirk.messages.models import Message, State
from medvirk.messages.tasks import deliver_due
from medvirk.people.models import Person

NOON = datetime(2026, 3, 4, 12, tzinfo=NORWAY)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
ADDRESS = "hemmelig.adresse@example.test"


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as travelled:
        yield travelled


@pytest.fixture
def person(db, clock) -> Person:
    return Person.objects.create(given_name="Kari", family_name="Testesen")


@pytest.fixture
def post(person):
    """`post(once, …)`: queue a message; gives its row."""

    def put(once: str = "a", **changes) -> Message:
        new = {
            "recipient_id": person.pk, "channel": "email", "kind": "test", "address": ADDRESS,
            "subject": "Noe å vite", "body": "Logg inn for å se hva.\n", "once": once,
        }  # fmt: skip
        queue(messages=[NewMessage(**new | changes)], now=timezone.now())
        return Message.objects.get(once_key=once)

    return put


def deliver() -> dict[str, int]:
    return dict(deliver_due(timezone.now()))


def states() -> dict[str, str]:
    return dict(Message.objects.values_list("once_key", "state"))


# queueing


def test_the_same_message_queued_twice_is_stored_once(post):
    first = post("a")
    again = post("a", body="Something else")

    assert again.pk == first.pk
    assert again.body == first.body


def test_a_message_twice_in_one_batch_is_stored_once(person):
    new = NewMessage(person.pk, "email", "test", ADDRESS, "s", "b", "same")

    queue(messages=[new, new], now=NOON)

    assert states() == {"same": "waiting"}


def test_queueing_swallows_no_other_fault(person, post):
    with pytest.raises(IntegrityError), transaction.atomic():
        post("a", expires_at=NOON - HOUR)

    assert states() == {}


def test_nothing_is_sent_when_the_transaction_is_rolled_back(post, server):
    with transaction.atomic():
        post()
        transaction.set_rollback(True)

    assert deliver() == {}
    assert server.stored == []


@pytest.mark.parametrize(
    "change",
    [
        {"state": "lost"},
        {"state": "claimed"},
        {"state": "sent"},
        {"lease": uuid.UUID(int=1)},
        {"sent_at": NOON},
        {"expires_at": NOON - HOUR},
    ],
)
def test_the_database_refuses_a_row_that_contradicts_itself(post, change):
    row = post()

    with pytest.raises(IntegrityError), transaction.atomic():
        Message.objects.filter(pk=row.pk).update(**change)


def test_a_message_may_be_called_off_while_it_waits(post, server):
    post("a"), post("b")

    assert cancel(once=["a", "unknown"]) == 1
    assert deliver() == {"sent": 1}
    assert states() == {"a": "cancelled", "b": "sent"}
    assert cancel(once=["b"]) == 0


# a server that says yes


def test_a_message_arrives_as_it_was_written_and_its_text_is_not_kept(post, server):
    row = post()

    assert deliver() == {"sent": 1}

    (letter,) = server.stored
    assert letter["To"] == ADDRESS
    assert letter["From"] == "Medvirk <medvirk@fjordvik.test>"
    assert letter["Subject"] == "Noe å vite"
    assert letter["Message-ID"] == f"<{row.pk}@fjordvik.test>"
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter.get_content().strip() == "Logg inn for å se hva."
    row.refresh_from_db()
    assert (row.state, row.sent_at, row.attempts) == (State.SENT, NOON, 1)
    assert (row.address, row.subject, row.body) == ("", "", "")
    assert deliver() == {}
    assert len(server.stored) == 1


def test_a_message_waits_until_it_is_due(post, server, clock):
    post(due_at=NOON + HOUR)

    assert deliver() == {}
    clock.shift(HOUR)
    assert deliver() == {"sent": 1}


def test_what_may_sound_in_a_pocket_waits_for_the_day(post, server, clock):
    clock.move_to(NOON.replace(hour=21))
    post("at night"), post("at work", waits_for_day=False)

    assert deliver() == {"sent": 1}
    assert states() == {"at night": "waiting", "at work": "sent"}
    clock.move_to(NOON.replace(day=5, hour=7, minute=59))
    assert deliver() == {}
    clock.move_to(NOON.replace(day=5, hour=8))
    assert deliver() == {"sent": 1}


def test_many_go_in_batches_over_few_lines(post, server, person):
    new = [NewMessage(person.pk, "email", "test", f"a{n}@example.test", "s", "b", str(n)) for n in range(120)]
    queue(messages=new, now=NOON)

    assert deliver() == {"sent": 120}
    assert sorted(letter["To"] for letter in server.stored) == sorted(each.address for each in new)


# a server that says no


@pytest.mark.parametrize("step", ["RCPT", "DATA"])
def test_a_passing_no_is_tried_again(post, server, clock, step):
    row = post()
    server.answers, server.at = ["451 greylisted"], step

    assert deliver() == {"not sent": 1}
    row.refresh_from_db()
    assert (row.state, row.last_error, row.due_at, row.lease) == ("waiting", "smtp 451", NOON + MINUTE, None)
    assert row.address == ADDRESS
    assert deliver() == {}
    clock.shift(MINUTE)
    assert deliver() == {"sent": 1}
    assert len(server.stored) == 1


@pytest.mark.parametrize("step", ["RCPT", "DATA"])
def test_a_lasting_no_is_given_up_and_the_others_go(post, server, step):
    row = post("a", due_at=NOON - MINUTE)
    post("b")
    server.answers, server.at = [f"550 no mailbox {ADDRESS}"], step

    assert deliver() == {"not sent": 1, "sent": 1}
    row.refresh_from_db()
    assert (row.state, row.last_error, row.attempts) == ("failed", "smtp 550", 1)
    assert states()["b"] == "sent"


def test_a_message_is_given_up_after_so_many_attempts(post, server, clock):
    row = post(waits_for_day=False)
    server.answers = ["451 later"] * MOST_ATTEMPTS

    for _ in range(MOST_ATTEMPTS):
        assert deliver() == {"not sent": 1}
        row.refresh_from_db()
        clock.move_to(max(row.due_at, timezone.now()))

    assert (row.state, row.attempts) == ("failed", MOST_ATTEMPTS)
    assert timezone.now() < row.expires_at


def test_our_own_sender_refused_stops_the_batch_and_keeps_all(post, server):
    post("a"), post("b")
    server.answers, server.at = ["550 relaying denied"], "MAIL"

    assert deliver() == {"not sent": 1}
    assert server.asked == 1
    rows = Message.objects.order_by("-attempts")
    assert [(row.state, row.attempts, row.last_error) for row in rows] == [
        ("waiting", 1, "sender 550"),
        ("waiting", 0, ""),
    ]


def test_a_server_that_dies_in_the_middle_loses_nothing(post, server, clock):
    for once in "abc":
        post(once)
    server.hangs_up = True

    assert deliver() == {"not sent": 1}
    assert sorted(states().values()) == ["waiting"] * 3
    assert Message.objects.exclude(last_error="").get().last_error == "connection"

    server.hangs_up = False
    clock.shift(MINUTE)
    assert deliver() == {"sent": 3}
    assert len(server.stored) == 3


def test_a_server_that_is_not_there_costs_one_attempt_not_one_for_each(post, point_to):
    with mail_server() as gone:
        pass
    point_to(gone)
    for once in "abc":
        post(once)

    assert deliver() == {"not sent": 1}
    assert sum(Message.objects.values_list("attempts", flat=True)) == 1


def test_a_server_that_never_answers_is_left_after_a_while(post, point_to):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = type("Server", (), {"host": "127.0.0.1", "port": silent.getsockname()[1]})
        point_to(server, EMAIL_TIMEOUT=0.2)
        row = post()

        assert deliver() == {"not sent": 1}

    row.refresh_from_db()
    assert (row.state, row.last_error) == ("waiting", "connection")


@pytest.mark.parametrize("address", ["kari@example.test\nBcc: x@example.test", "ø" * 80])
def test_what_is_no_address_is_given_up_before_the_server_hears_of_it(post, server, address):
    row = post(address=address)

    assert deliver() == {"not sent": 1}
    row.refresh_from_db()
    assert (row.state, row.last_error) == ("failed", "address")
    assert server.stored == []


def test_no_address_and_no_text_in_the_log_whatever_goes_wrong(post, server, caplog):
    caplog.set_level(logging.DEBUG)
    server.answers = [f"550 no mailbox {ADDRESS}", f"451 {ADDRESS}", f"554 {ADDRESS} spam"]
    for once in "abc":
        post(once)

    deliver()

    # The mail server of the test keeps a log of its own.
    ours = [record.getMessage() for record in caplog.records if record.name != "mail.log"]
    assert ADDRESS not in "".join(ours)
    for row in Message.objects.all():
        assert row.last_error in {"smtp 550", "smtp 451", "smtp 554"}


def test_a_channel_that_stumbles_over_one_message_sends_the_others(post, person):
    class Odd:
        code, name = "odd", "odd"

        def is_set_up(self):
            return True

        def session(self):
            from contextlib import nullcontext

            return nullcontext(self.send)

        def send(self, letter):
            if letter.body == "bad":
                raise RuntimeError(letter.address)
            return State.SENT

    register_channel(Odd())
    try:
        post("a", channel="odd", body="bad"), post("b", channel="odd")
        assert deliver() == {"not sent": 1, "sent": 1}
    finally:
        del known_channels["odd"]
    assert Message.objects.get(once_key="a").last_error == "RuntimeError"


# the line


def test_a_verified_line_and_a_password(post, point_to, tmp_path, monkeypatch):
    tls, bundle = certificate(tmp_path, "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    with mail_server(tls=tls, password="gul sykkel") as server:
        point_to(server, EMAIL_USE_SSL=True, EMAIL_HOST_USER="medvirk", EMAIL_HOST_PASSWORD="gul sykkel")
        post()

        assert deliver() == {"sent": 1}


def test_starttls_with_a_verified_certificate(post, point_to, tmp_path, monkeypatch):
    tls, bundle = certificate(tmp_path, "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    with mail_server(tls=tls, starttls=True) as server:
        point_to(server, EMAIL_USE_TLS=True)
        post()

        assert deliver() == {"sent": 1}


@pytest.mark.parametrize(("name", "trusted"), [("127.0.0.1", False), ("other.test", True)])
@pytest.mark.parametrize("starttls", [False, True])
def test_a_certificate_of_somebody_else_gets_no_message(
    post, point_to, tmp_path, monkeypatch, name, trusted, starttls
):
    tls, bundle = certificate(tmp_path, name)
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(bundle))
    with mail_server(tls=tls, starttls=starttls) as server:
        point_to(server, EMAIL_USE_SSL=not starttls, EMAIL_USE_TLS=starttls)
        row = post()

        assert deliver() == {"not sent": 1}
        assert server.stored == []

    row.refresh_from_db()
    assert (row.state, row.last_error) == ("waiting", "tls")


def test_a_server_without_starttls_gets_no_message(post, server, settings):
    settings.EMAIL_USE_TLS = True
    row = post()

    deliver()

    row.refresh_from_db()
    assert (row.state, row.last_error, server.stored) == ("waiting", "not supported", [])


def test_a_wrong_password_is_our_fault_and_loses_nothing(post, point_to, tmp_path, monkeypatch):
    with mail_server(password="gul sykkel") as server:
        point_to(server, EMAIL_HOST_USER="medvirk", EMAIL_HOST_PASSWORD="rød sykkel")
        row = post()

        deliver()

    row.refresh_from_db()
    assert (row.state, row.last_error) == ("waiting", "sign in")


# leases


def take(limit=10, now=None, **more) -> list[str]:
    return [row.once_key for row in claim(channel="email", now=now or timezone.now(), limit=limit, **more)]


def test_nobody_takes_what_another_holds_until_the_lease_is_over(post):
    post("a", due_at=NOON - MINUTE), post("b")

    assert take(limit=1) == ["a"]
    assert take() == ["b"]
    assert take(now=NOON + LEASE - timedelta(seconds=1)) == []
    assert sorted(take(now=NOON + LEASE)) == ["a", "b"]


def test_the_oldest_goes_first(post):
    post("later", due_at=NOON - MINUTE), post("first", due_at=NOON - HOUR)

    assert take(limit=1) == ["first"]


def test_who_has_lost_the_lease_does_not_send(post):
    post()
    (slow,) = claim(channel="email", now=NOON, limit=1)
    assert hold(message=slow, now=NOON + MINUTE)
    assert not hold(message=slow, now=NOON + MINUTE + LEASE)
    (quick,) = claim(channel="email", now=NOON + HOUR, limit=1)

    assert not hold(message=slow, now=NOON + HOUR)
    assert hold(message=quick, now=NOON + HOUR)


def test_the_lease_is_renewed_when_half_of_it_is_over(post):
    post()
    (held,) = claim(channel="email", now=NOON, limit=1)

    assert hold(message=held, now=NOON + MINUTE)
    assert Message.objects.get().due_at == NOON + LEASE
    assert hold(message=held, now=NOON + 3 * MINUTE)
    assert Message.objects.get().due_at == held.due_at == NOON + 3 * MINUTE + LEASE
    assert hold(message=held, now=NOON + 2 * MINUTE + LEASE)


def test_what_is_known_to_have_gone_meanwhile_is_not_sent(post):
    post()
    (held,) = claim(channel="email", now=NOON, limit=1)
    Message.objects.update(state=State.SENT, lease=None, sent_at=NOON)

    assert not hold(message=held, now=NOON)


def test_what_is_urgent_does_not_wait_behind_reminders(post):
    post("reminder", due_at=NOON - HOUR), post("urgent", waits_for_day=False)

    assert take(limit=1) == ["urgent"]


def test_a_channel_gives_the_worker_back_after_its_turn(post, server, monkeypatch):
    monkeypatch.setattr(tasks, "BATCH", 2)
    monkeypatch.setattr(tasks, "LONGEST_TURN", 0.0)
    for once in "abcde":
        post(once)

    assert deliver() == {}
    monkeypatch.setattr(tasks, "LONGEST_TURN", 60)
    assert deliver() == {"sent": 5}


def test_sending_one_more_costs_two_queries_whatever_has_been_sent_before(post, server):
    def asked(count: int, prefix: str) -> int:
        for n in range(count):
            post(f"{prefix}{n}")
        with CaptureQueriesContext(connection) as queries:
            assert deliver() == {"sent": count}
        return len(queries)

    few, many = asked(2, "a"), asked(12, "b")

    assert many - few == 20


def test_the_next_are_found_by_an_index_and_the_held_by_their_keys(post):
    """A worker takes two hundred batches of ten thousand: none may go through all messages there have ever been."""
    post()
    with CaptureQueriesContext(connection) as queries:
        take()
    chosen, _update, held = [each["sql"] for each in queries if each["sql"].startswith(("SELECT", "UPDATE"))]

    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {chosen}")
            assert "message_next" in repr(cursor.fetchall())
    assert '"outbox_message"."id" IN' in held


def test_what_has_gone_is_not_sent_by_the_next_holder(post, server, clock):
    row = post()
    (slow,) = claim(channel="email", now=NOON, limit=1)
    (quick,) = claim(channel="email", now=NOON + HOUR, limit=1)

    # The slow one got its yes after all.
    settle_sent(message=slow, state=State.SENT, now=NOON + HOUR)

    assert not hold(message=quick, now=NOON + HOUR)
    row.refresh_from_db()
    assert row.state == State.SENT


def test_what_was_not_tried_counts_as_no_attempt(post):
    post("a"), post("b")
    batch = claim(channel="email", now=NOON, limit=2)

    assert release(messages=batch, now=NOON) == 2
    assert set(Message.objects.values_list("attempts", "state", "lease")) == {(0, "waiting", None)}


def test_a_message_that_ends_every_worker_is_given_up(post, server, clock):
    row = post(expires_at=NOON + 30 * HOUR)
    for _ in range(MOST_ATTEMPTS):
        assert take() == ["a"]
        clock.shift(LEASE)

    assert deliver() == {}
    row.refresh_from_db()
    assert (row.state, row.last_error, server.stored) == ("failed", "worker ended", [])


def test_what_came_too_late_is_let_go_and_emptied(post, server, clock):
    row = post()
    clock.shift(LASTS)

    assert deliver() == {}
    row.refresh_from_db()
    assert (row.state, row.body, row.address, server.stored) == ("expired", "", "", [])


# without a mail server


def test_without_a_mail_server_messages_wait(post, settings):
    settings.EMAIL_HOST, settings.DEMO = "", False
    post()

    assert deliver() == {}
    assert states() == {"a": "waiting"}


def test_in_the_demo_they_are_written_to_files(post, settings, tmp_path):
    settings.EMAIL_HOST, settings.DEMO, settings.DATA = "", True, tmp_path
    row = post()

    assert deliver() == {"filed": 1}
    (file,) = (tmp_path / "outbox").iterdir()
    assert file.name == f"{row.pk}.eml"
    assert ADDRESS.encode() in file.read_bytes()
    row.refresh_from_db()
    assert (row.state, row.sent_at) == ("filed", NOON)


def test_a_channel_that_nobody_has_registered_is_left_alone(post, server):
    post(channel="pigeon")

    assert deliver() == {}
    assert states() == {"a": "waiting"}


# the administrator


def test_what_was_given_up_can_be_tried_again(post, server, make, clock):
    row = post()
    server.answers = ["550 no mailbox"]
    deliver()
    clock.shift(timedelta(days=10))

    assert try_again(by=make.viewer(make.staff("administrator")), message_id=row.pk, now=timezone.now()) == 1
    assert deliver() == {"sent": 1}
    row.refresh_from_db()
    assert (row.state, row.attempts, row.last_error) == ("sent", 1, "")


def test_nobody_else_may_try_again(post, make):
    from django.core.exceptions import PermissionDenied

    with pytest.raises(PermissionDenied):
        try_again(by=make.viewer(make.staff("team_leader")), message_id=None, now=NOON)


def test_a_stolen_database_shows_no_address_and_no_text(post):
    post(subject="Emnet", body="Brødteksten")
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM outbox_message")
        stored = repr(cursor.fetchall())

    assert "test" in stored
    for secret in (ADDRESS, "Emnet", "Brødteksten"):
        assert secret not in stored


def test_a_fault_of_a_channel_names_no_address():
    assert ADDRESS not in repr(NotSent("smtp 550"))
