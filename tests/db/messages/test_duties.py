"""Recurring work: when it is due, by one worker at a time, and what becomes of it when it fails."""

from __future__ import annotations

import logging
import threading
from datetime import datetime, time, timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.core.management import call_command
from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from medvirk.config import settings as settings_in_use
from medvirk.messages import work
from medvirk.messages.logic import NORWAY
from medvirk.messages.models import DutyState
from medvirk.messages.tasks import clear_run_out
from medvirk.messages.work import Went, Worker, claim_duty, due_duties, know, run_duty
from medvirk.people import duties as registry
from medvirk.people.duties import Duty, duties, register_duty

NOON = datetime(2026, 3, 4, 12, tzinfo=NORWAY)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
LEASE = timedelta(minutes=30)


@pytest.fixture
def clock():
    with time_machine.travel(NOON, tick=False) as travelled:
        yield travelled


@pytest.fixture
def only(monkeypatch, db, clock):
    """`only(run, every, …)`: the one duty there is; gives it."""
    monkeypatch.setattr(registry, "_duties", {})

    def register(run=lambda now: None, every=10 * MINUTE, **more) -> Duty:
        register_duty("test.duty", "does it", every=every, run=run, **more)
        (duty,) = duties()
        return duty

    return register


def state() -> DutyState:
    return DutyState.objects.get(name="test.duty")


def test_the_rooms_have_registered_their_duties():
    names = {duty.name for duty in duties()}

    assert {"messages.deliver", "messages.clear_run_out", "feedback.norms"} <= names
    at = {duty.name: duty.at for duty in duties()}
    assert at["feedback.norms"] == time(3, 15)


@pytest.mark.parametrize(
    ("name", "more", "part"),
    [
        ("", {"every": DAY}, "between 1 and 60"),
        ("x" * 61, {"every": DAY}, "between 1 and 60"),
        ("a", {"every": timedelta(0)}, "now and then"),
        ("a", {"every": HOUR, "at": time(3)}, "once a day or rarer"),
    ],
)
def test_a_duty_that_cannot_be_is_refused(only, name, more, part):
    with pytest.raises(ValueError, match=part):
        register_duty(name, "does it", run=lambda now: None, **more)


def test_a_new_duty_is_done_at_once_and_then_in_its_time(only, clock):
    ran = []
    only(ran.append)
    worker = Worker()

    worker.run_once(), worker.run_once()
    assert ran == [NOON]
    clock.shift(10 * MINUTE)
    worker.run_once()
    assert ran == [NOON, NOON + 10 * MINUTE]
    assert (state().done_at, state().lease, state().failures) == (NOON + 10 * MINUTE, None, 0)


def test_a_nightly_duty_waits_for_the_night_and_is_made_up_for_once(only, clock):
    ran = []
    only(ran.append, every=DAY, at=time(3, 15))
    worker = Worker()

    worker.run_once()
    assert ran == []
    clock.move_to(NOON + 3 * DAY)
    worker.run_once(), worker.run_once()
    assert ran == [NOON + 3 * DAY]
    assert state().due_at == datetime(2026, 3, 8, 3, 15, tzinfo=NORWAY)


def test_no_other_worker_takes_it_before_the_lease_is_over(only):
    duty = only()
    know([duty], NOON)

    assert claim_duty(duty, NOON)
    assert claim_duty(duty, NOON + LEASE - MINUTE) is None
    assert claim_duty(duty, NOON + LEASE)


def test_while_one_runs_it_another_finds_nothing_to_do(only):
    inner = []
    duty = only(lambda now: inner.append((run_duty(duty, now), due_duties(now))))
    know([duty], NOON)

    assert run_duty(duty, NOON) is Went.WELL
    assert inner == [(Went.NOT_OURS, [])]


def test_one_that_comes_back_too_late_changes_nothing(only, clock):
    def overslept(now):
        clock.shift(2 * LEASE)
        claim_duty(duty, timezone.now())

    duty = only(overslept)
    know([duty], NOON)
    run_duty(duty, NOON)

    assert state().lease is not None
    assert state().due_at == NOON + 3 * LEASE
    assert state().done_at is None


def test_a_failing_duty_is_tried_again_and_told_by_its_class_only(only, clock, caplog):
    def fail(now):
        raise ValueError("Kari Testesen")

    only(fail, every=DAY)
    worker = Worker()
    waits = []
    for _ in range(3):
        assert worker.run_once() == 1
        waits.append(state().due_at - timezone.now())
        clock.move_to(state().due_at)

    assert waits == [MINUTE, 3 * MINUTE, 9 * MINUTE]
    assert (state().failures, state().last_error, state().done_at) == (3, "ValueError", None)
    assert "test.duty failed: ValueError" in caplog.text
    assert "Kari" not in caplog.text


def test_after_a_failure_that_passes_all_is_well(only, clock):
    faults = [ValueError()]

    def run(now):
        if faults:
            raise faults.pop()

    only(run)
    worker = Worker()
    worker.run_once()
    clock.shift(MINUTE)

    assert worker.run_once() == 0
    assert (state().failures, state().last_error, state().done_at) == (0, "", NOON + MINUTE)


def test_one_that_fails_does_not_hold_up_the_others(only):
    ran = []

    def fail(now):
        raise ValueError

    only(fail)
    register_duty("test.other", "does it", every=HOUR, run=ran.append)

    assert Worker().run_once() == 1
    assert ran == [NOON]


def test_told_to_stop_no_further_duty_is_begun(only):
    worker, ran = Worker(), []
    only(worker.stop)
    register_duty("test.later", "does it", every=HOUR, run=ran.append)
    know(duties(), NOON)
    DutyState.objects.filter(name="test.duty").update(due_at=NOON - HOUR)

    worker.run_once()

    assert ran == []
    assert state().done_at == NOON


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("fault", [OperationalError, InterfaceError])
def test_a_worker_waits_for_a_database_that_is_gone(only, monkeypatch, caplog, fault):
    worker, tries = Worker(), []

    def gone():
        tries.append(None)
        if len(tries) == 3:
            worker.stop()
        raise fault("password=hemmelig")

    monkeypatch.setattr(worker, "run_once", gone)
    monkeypatch.setattr(work, "TICK", 0.0)
    monkeypatch.setattr(work, "close_old_connections", lambda: None)
    with caplog.at_level(logging.ERROR):
        worker.run()

    assert len(tries) == 3
    assert caplog.text.count(f"waits for the database: {fault.__name__}") == 1
    assert "hemmelig" not in caplog.text


@pytest.fixture
def soon_told_to_stop():
    """A worker that would wait for ever ends after a while, so that the test fails instead."""
    worker = Worker()
    alarm = threading.Timer(20, worker.stop)
    alarm.start()
    yield worker
    alarm.cancel()


def test_a_worker_within_a_transaction_that_is_broken_does_not_wait_for_ever(only, soon_told_to_stop):
    only()

    with transaction.atomic():
        transaction.set_rollback(True)
        with pytest.raises(DatabaseError):
            soon_told_to_stop.run()


@pytest.mark.django_db(transaction=True)
def test_a_duty_that_breaks_its_transaction_harms_neither_its_note_nor_the_next(only, soon_told_to_stop):
    worker, ran = soon_told_to_stop, []

    def fail(now):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT nothing_of_this_name FROM people_unit")

    def later(now):
        ran.append(now)
        worker.stop()

    only(fail)
    register_duty("test.later", "does it", every=HOUR, run=later)
    worker.run()

    assert ran == [NOON]
    assert (state().failures, state().lease, state().due_at) == (1, None, NOON + MINUTE)


@pytest.mark.django_db(transaction=True)
def test_a_duty_under_which_the_server_ends_the_connection_is_noted_at_once(only, soon_told_to_stop):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no server that could end a connection")
    worker, ran = soon_told_to_stop, []

    def cut_off(now):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    def later(now):
        ran.append(now)
        worker.stop()

    only(cut_off)
    register_duty("test.later", "does it", every=HOUR, run=later)
    worker.run()

    assert ran == [NOON]
    assert (state().failures, state().lease, state().due_at) == (1, None, NOON + MINUTE)


def test_looking_for_work_costs_one_query(only, django_assert_num_queries):
    only()
    Worker().run_once()

    with django_assert_num_queries(1):
        Worker().run_once()


def test_sessions_and_cached_values_that_have_run_out_are_deleted(db, settings, clock):
    from importlib import import_module

    settings.CACHES = settings_in_use.CACHES
    call_command("createcachetable", verbosity=0)
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for name, seconds in (("old", 60), ("new", 7200)):
        caches["default"].set(name, "value", seconds)
        session = store()
        session["name"] = name
        session.set_expiry(seconds)
        session.save()
    clock.shift(HOUR)

    clear_run_out(timezone.now())

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ui_cache")
        assert cursor.fetchone() == (1,)
    assert caches["default"].get("new") == "value"
    assert Session.objects.count() == 1
