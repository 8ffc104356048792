"""When a session ends: nobody there, a working day gone; and what is left for the next person: nothing."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.urls import reverse

NOW = datetime.fromisoformat("2026-05-04T08:00:00+02:00")
PAGE = "mfa_index"


@pytest.fixture
def clock(settings):
    settings.IDLE_MINUTES = 15
    with time_machine.travel(NOW, tick=False) as travelled:
        yield travelled


def is_in(client) -> bool:
    return client.get(reverse(PAGE)).status_code == 200


def later(clock, **time: float) -> None:
    clock.move_to(datetime.now().astimezone() + timedelta(**time))


def test_a_session_that_nobody_uses_ends(make, client_of, clock):
    client = client_of(make.staff())
    assert is_in(client)

    later(clock, minutes=14)
    assert is_in(client)
    later(clock, minutes=14)
    assert is_in(client)
    later(clock, minutes=15, seconds=1)
    assert not is_in(client)


def test_it_ends_sooner_where_others_use_the_machine_too(make, client, clock):
    staff = make.staff()
    client.post(
        reverse("account_login"), {"login": staff.user.login, "password": make.password, "shared": "on"}
    )
    assert is_in(client)

    later(clock, minutes=5, seconds=1)

    assert not is_in(client)


@pytest.mark.parametrize("name", ["feedback:news", "feedback:arrived", "account_time_left"])
def test_what_the_page_asks_by_itself_does_not_prolong_it(care, client_of, clock, name):
    client = client_of(care.worker)
    path = reverse(name, args=[care.session().pk] if ":" in name else [])
    assert is_in(client)

    for _ in range(15):
        later(clock, minutes=1)
        assert client.get(path, headers={"HX-Request": "true"}).status_code in {200, 204}
    later(clock, seconds=1)

    assert not is_in(client)


def test_saying_that_one_is_there_prolongs_it(make, client_of, clock):
    client = client_of(make.staff())
    assert is_in(client)
    later(clock, minutes=14)

    assert client.post(reverse("account_stay")).status_code == 200

    later(clock, minutes=14)
    assert client.get(reverse("account_time_left")).json() == {"seconds": 60}
    assert is_in(client)


def test_a_working_day_is_the_longest(make, client_of, clock):
    client = client_of(make.staff())
    for _ in range(8 * 6):
        assert is_in(client)
        later(clock, minutes=10)

    assert not is_in(client)


def test_the_same_person_returns_to_where_they_were_and_nobody_else_does(make, client_of, clock):
    staff, other = make.staff(), make.staff()
    for who, lands in ((staff, True), (other, False)):
        client = client_of(staff)
        client.get(reverse(PAGE))
        later(clock, minutes=16)
        place = reverse("account_change_password")
        ended = client.get(place)
        assert ended.url == reverse("account_login")
        assert place not in client.get(ended.url).content.decode()

        back = client.post(ended.url, {"login": who.user.login, "password": make.password})

        assert (back.url == place) == lands


def test_nothing_of_the_earlier_person_is_left(make, client_of, clock):
    staff = make.staff()
    client = client_of(staff)
    session = client.session
    session["search"] = "something the worker looked for"
    session.save()
    earlier = client.session.session_key
    client.get(reverse(PAGE))
    later(clock, minutes=16)

    page = client.get("/", follow=True).content.decode()

    assert staff.person.family_name not in page
    assert not Session.objects.filter(session_key=earlier).exists()
    assert "search" not in client.session


def test_what_was_sent_too_late_is_not_done_and_one_is_told(make, client_of, clock):
    client = client_of(make.staff("administrator"))
    client.get(reverse(PAGE))
    later(clock, minutes=16)

    answer = client.post(reverse("people:unit_new"), {"name": "Too late"})

    assert answer.status_code == 403
    assert "Ingenting er lagret" in answer.content.decode()
    assert not is_in(client)


def test_a_live_part_sends_the_whole_page_to_sign_in(care, client_of, clock):
    client = client_of(care.worker)
    path = reverse("feedback:news", args=[care.session().pk])
    client.get(reverse(PAGE))
    later(clock, minutes=16)

    answer = client.get(path, headers={"HX-Request": "true"})

    assert answer.headers["HX-Refresh"] == "true"


def test_a_page_for_everyone_shows_nobodys_name_when_the_time_is_over(make, client_of, clock):
    staff = make.staff()
    client = client_of(staff)
    client.get(reverse(PAGE))
    later(clock, minutes=16)

    page = client.get("/a/no-such-link/").content.decode()

    assert staff.person.family_name not in page
    assert not is_in(client)


def test_the_clock_starts_anew_at_each_sign_in(make, client, clock):
    staff = make.staff()
    for _ in range(2):
        client.post(reverse("account_login"), {"login": staff.user.login, "password": make.password})
        assert is_in(client)
        later(clock, minutes=16)
        assert not is_in(client)


def test_what_is_seen_is_written_down_rarely(make, client_of, clock, django_assert_num_queries):
    client = client_of(make.staff())
    client.get(reverse("account_time_left"))
    client.get(reverse(PAGE))
    seen = client.session["seen"]

    later(clock, seconds=29)
    client.get(reverse(PAGE))
    assert client.session["seen"] == seen
    later(clock, seconds=2)
    client.get(reverse(PAGE))
    assert client.session["seen"] > seen
