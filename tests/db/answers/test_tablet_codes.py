"""Codes for the tablet in the waiting room: one form, one use, a quarter of an hour."""

from __future__ import annotations

import threading
from contextlib import nullcontext
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, connections
from factories_feedback import marks

from medvirk.answers.actions import NotTaken, close
from medvirk.answers.logic import State
from medvirk.answers.models import AnswerLink, Occasion, TabletCode
from medvirk.answers.parting import codes_due
from medvirk.answers.queries import way_in
from medvirk.answers.tablet import codes
from medvirk.answers.tablet.codes import LIFETIME, in_fours, leave_tablet, make_code, open_by_code

SECOND = timedelta(seconds=1)


@pytest.fixture
def occasion(care):
    return care.session().asks("before")


def test_the_code_opens_its_form_once(care, occasion):
    code = make_code(by=care.viewer, occasion=occasion, now=care.now)

    found = way_in(open_by_code(code=code, now=care.now), now=care.now)

    assert (found.occasion, found.state, found.on_tablet) == (occasion, State.OPEN, True)
    assert open_by_code(code=code, now=care.now) is None


def test_eight_digits_shown_as_two_fours_and_kept_nowhere(care, occasion):
    code = make_code(by=care.viewer, occasion=occasion, now=care.now)

    assert len(code) == 8
    assert code.isdecimal()
    assert in_fours(code) == f"{code[:4]} {code[4:]}"
    assert code not in "".join(map(str, TabletCode.objects.values_list()))


def test_the_hash_is_of_no_use_without_the_key(care, occasion, monkeypatch):
    from cryptography.fernet import Fernet

    code = make_code(by=care.viewer, occasion=occasion, now=care.now)

    monkeypatch.setenv(
        "MEDVIRK_KEYS", f'encryption = ["{Fernet.generate_key().decode()}"]\nsearch = "{"cd" * 32}"'
    )

    assert codes.code_key(code) != TabletCode.objects.get().code_hash


def test_it_runs_out_after_a_quarter_of_an_hour(care, occasion):
    code = make_code(by=care.viewer, occasion=occasion, now=care.now)

    assert open_by_code(code=code, now=care.now + LIFETIME) is None
    assert open_by_code(code=code, now=care.now + LIFETIME - SECOND) is not None


def test_a_newer_code_stops_the_old_one(care, occasion):
    old, new = (make_code(by=care.viewer, occasion=occasion, now=care.now) for _ in range(2))

    assert open_by_code(code=old, now=care.now) is None
    assert open_by_code(code=new, now=care.now) is not None


def test_answering_elsewhere_stops_it(care, occasion):
    code = make_code(by=care.viewer, occasion=occasion, now=care.now)
    care.send(care.way_in(occasion), marks("life-now", 20))

    assert open_by_code(code=code, now=care.now) is None


def test_closing_stops_it(care, occasion):
    code = make_code(by=care.viewer, occasion=occasion, now=care.now)
    close(by=care.viewer, occasions=Occasion.objects.filter(pk=occasion.pk), now=care.now + SECOND)

    assert open_by_code(code=code, now=care.now + 2 * SECOND) is None


def test_what_is_answered_or_closed_gets_no_code(care, occasion):
    care.send(care.way_in(occasion), marks("life-now", 20))
    other = care.session().asks("before")
    close(by=care.viewer, occasions=Occasion.objects.filter(pk=other.pk), now=care.now + SECOND)

    other.refresh_from_db()

    for each, state in ((occasion, State.ANSWERED), (other, State.CLOSED)):
        with pytest.raises(NotTaken) as refusal:
            make_code(by=care.viewer, occasion=each, now=care.now + 2 * SECOND)
        assert refusal.value.state is state


def test_who_has_no_relation_makes_none(make, care, occasion):
    with pytest.raises(PermissionDenied):
        make_code(by=make.viewer(make.staff()), occasion=occasion, now=care.now)


def test_two_that_live_are_never_alike(care, occasion, monkeypatch):
    drawn = iter([12345678, 12345678, 12345678, 7])
    monkeypatch.setattr(codes.secrets, "randbelow", lambda _most: next(drawn))
    other = care.session().asks("before")

    assert make_code(by=care.viewer, occasion=occasion, now=care.now) == "12345678"
    assert make_code(by=care.viewer, occasion=other, now=care.now) == "00000007"
    assert way_in(open_by_code(code="12345678", now=care.now), now=care.now).occasion == occasion


def test_one_that_ran_out_may_come_again(care, occasion, monkeypatch):
    monkeypatch.setattr(codes.secrets, "randbelow", lambda _most: 5)
    make_code(by=care.viewer, occasion=occasion, now=care.now)
    other = care.session().asks("before")

    make_code(by=care.viewer, occasion=other, now=care.now + LIFETIME)

    assert TabletCode.objects.get().occasion == other


def test_machines_without_randomness_make_no_code(care, occasion, monkeypatch):
    monkeypatch.setattr(codes.secrets, "randbelow", lambda _most: 5)
    make_code(by=care.viewer, occasion=care.session().asks("before"), now=care.now)

    with pytest.raises(RuntimeError):
        make_code(by=care.viewer, occasion=occasion, now=care.now)


def test_leaving_the_tablet_closes_the_way_in_and_keeps_the_draft(care, occasion):
    code = make_code(by=care.viewer, occasion=occasion, now=care.now)
    token = open_by_code(code=code, now=care.now)

    leave_tablet(way_in=way_in(token, now=care.now), now=care.now)

    assert way_in(token, now=care.now).state is State.REVOKED


def test_a_phone_is_not_left(care, occasion):
    token = care.link(occasion)

    leave_tablet(way_in=way_in(token, now=care.now), now=care.now)

    assert way_in(token, now=care.now).state is State.OPEN


def test_codes_that_ran_out_go_by_themselves(care, occasion):
    make_code(by=care.viewer, occasion=occasion, now=care.now)
    day = (care.now + LIFETIME).date()

    assert not codes_due(day - timedelta(days=1)).exists()
    assert codes_due(day + timedelta(days=2)).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_tablets_at_the_same_moment_open_it_once(care, occasion):
    """At once on PostgreSQL. A SQLite in memory cannot wait for a lock, so there they write in turn."""
    code = make_code(by=care.viewer, occasion=occasion, now=care.now)
    ready, opened = threading.Barrier(2), []
    turn = threading.Lock() if connection.vendor == "sqlite" else nullcontext()

    def use():
        try:
            ready.wait(timeout=10)
            with turn:
                opened.append(open_by_code(code=code, now=care.now))
        finally:
            connections.close_all()

    tablets = [threading.Thread(target=use) for _ in range(2)]
    for each in tablets:
        each.start()
    for each in tablets:
        each.join(timeout=30)

    assert sorted(token is None for token in opened) == [False, True]
    assert AnswerLink.objects.filter(occasion=occasion).count() == 1
