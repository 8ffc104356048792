"""Lock-out and limits: how often names, passwords and links may be guessed, and what the person is told."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

import pytest
import time_machine
from django.core.cache import cache, caches
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

NOW = datetime.fromisoformat("2026-05-04T08:00:00+02:00")


@pytest.fixture(autouse=True)
def empty_counts():
    cache.clear()


@pytest.fixture
def clock():
    with time_machine.travel(NOW, tick=False) as travelled:
        yield travelled


def attempt(staff, password, *, address="198.51.100.7", **more) -> Client:
    client = Client(REMOTE_ADDR=address)
    client.page = client.post(
        reverse("account_login"), {"login": staff.user.login, "password": password}, **more
    )
    return client


def test_five_wrong_passwords_close_a_name_for_five_minutes_from_everywhere(make, clock):
    staff = make.staff()
    for number in range(5):
        attempt(staff, "wrong", address=f"198.51.100.{number}")

    refused = attempt(staff, make.password, address="203.0.113.9")
    assert "_auth_user_id" not in refused.session
    assert "fem minutter" in refused.page.content.decode()

    clock.move_to(NOW + timedelta(minutes=5, seconds=1))
    assert "_auth_user_id" in attempt(staff, make.password).session


def test_names_are_counted_in_whatever_case_they_are_written(make, clock):
    staff = make.staff(login="ada.oslo")
    for name in ("ada.oslo", "ADA.OSLO", " Ada.Oslo", "ada.Oslo ", "aDa.oslo"):
        Client().post(reverse("account_login"), {"login": name, "password": "wrong"})

    assert "_auth_user_id" not in attempt(staff, make.password).session


def test_many_names_from_one_address_are_stopped(make, clock):
    staff = make.staff()
    for number in range(10):
        Client(REMOTE_ADDR="198.51.100.7").post(
            reverse("account_login"), {"login": f"nobody{number}", "password": "wrong"}
        )

    assert "_auth_user_id" not in attempt(staff, make.password).session
    assert "_auth_user_id" in attempt(staff, make.password, address="203.0.113.9").session


def test_right_passwords_are_not_counted(make, clock):
    staff = make.staff()
    for _ in range(12):
        assert "_auth_user_id" in attempt(staff, make.password).session


def test_no_name_stands_in_the_cache_not_even_as_a_hash_that_anybody_can_make(make, clock):
    staff = make.staff(login="ada.oslo@kommune.example")
    attempt(staff, "wrong")

    kept = str(list(cache._cache.items()))

    assert ":login_failed:" in kept
    for name in ("ada.oslo@kommune.example", "testserver:ada.oslo@kommune.example"):
        assert name not in kept
        assert hashlib.sha256(name.encode()).hexdigest() not in kept


def test_the_address_is_the_browsers_unless_a_proxy_of_ones_own_says_otherwise(make, clock, settings):
    staff = make.staff()
    # Anybody can write this header: it must not give a new address for each guess.
    for number in range(10):
        Client(REMOTE_ADDR="198.51.100.7", HTTP_X_FORWARDED_FOR=f"203.0.113.{number}").post(
            reverse("account_login"), {"login": f"nobody{number}", "password": "wrong"}
        )
    assert "_auth_user_id" not in attempt(staff, make.password).session

    cache.clear()
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    for number in range(10):
        Client(REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR=f"1.2.3.4, 203.0.113.{number}").post(
            reverse("account_login"), {"login": f"nobody{number}", "password": "wrong"}
        )
    assert "_auth_user_id" in attempt(staff, make.password, address="127.0.0.1",
                                      HTTP_X_FORWARDED_FOR="1.2.3.4, 203.0.113.1").session  # fmt: skip


def test_links_cannot_be_guessed_and_the_page_says_when_to_try_again(db, clock):
    guesser = Client(REMOTE_ADDR="198.51.100.7")
    statuses = [guesser.get(f"/a/guess{number}/").status_code for number in range(40)]

    assert statuses[:30] == [404] * 30
    assert set(statuses[32:]) == {429}
    page = guesser.get("/a/guess/")
    assert page.headers["Retry-After"] == "600"
    assert "10 minutter" in page.content.decode()
    assert Client(REMOTE_ADDR="203.0.113.9").get("/a/guess/").status_code == 404
    clock.move_to(NOW + timedelta(minutes=11))
    assert guesser.get("/a/guess/").status_code == 404


@pytest.mark.parametrize("part", ["begin", "draft"])
def test_no_other_door_is_left_open_to_guesses(db, clock, part):
    guesser = Client(REMOTE_ADDR="198.51.100.7")
    for number in range(40):
        guesser.post(f"/a/guess{number}/{part}/")

    assert guesser.get("/a/guess/").status_code == 429


def test_those_with_a_link_are_never_counted(clock, care):
    link = reverse("answers:answer", args=[care.link(care.session().asks("before"))])
    browser = Client(REMOTE_ADDR="198.51.100.7")

    assert {browser.get(link).status_code for _ in range(60)} == {200}


def test_beginning_with_a_provider_is_limited_too(client, db, clock, monkeypatch):
    from medvirk.people.signin.providers import providers

    monkeypatch.setenv("MEDVIRK_SIGNIN", "")
    providers.cache_clear()
    statuses = [client.get("/accounts/login/citizens/").status_code for _ in range(31)]

    assert statuses == [404] * 30 + [429]


@pytest.fixture
def shared_cache(db, settings):
    """The cache as in real use, a table, with room for twenty."""
    from medvirk.config import settings as real

    settings.CACHES = {"default": {**real.CACHES["default"], "OPTIONS": {"MAX_ENTRIES": 20}}}
    call_command("createcachetable", verbosity=0)
    return caches["default"]


def test_counts_stand_in_a_table_that_empties_itself(shared_cache):
    with time_machine.travel(NOW, tick=False) as clock:
        for number in range(20):
            shared_cache.set(f"old{number}", 1, 60)
        clock.move_to(NOW + timedelta(minutes=2))
        for number in range(20):
            shared_cache.set(f"new{number}", 1, 60)

        assert [shared_cache.get(f"new{number}") for number in range(20)] == [1] * 20
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ui_cache")
        assert cursor.fetchone() == (20,)


def test_the_limit_holds_in_the_shared_cache(make, shared_cache, clock):
    staff = make.staff()
    for number in range(5):
        attempt(staff, "wrong", address=f"198.51.100.{number}")

    assert "_auth_user_id" not in attempt(staff, make.password, address="203.0.113.9").session
