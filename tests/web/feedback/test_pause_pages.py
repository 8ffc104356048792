"""Pausing measuring, from the worker's pages and from the citizen's own."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from factories_feedback import DAY
from pages import read

from medvirk.feedback.models import MeasuringPause
from medvirk.people.models import AccessEvent


@pytest.fixture
def worker(care, client_of) -> Client:
    return client_of(care.worker)


@pytest.fixture
def session(care):
    return care.session(care.course([20.0]))


@pytest.fixture
def me(make, client_of, session) -> Client:
    return client_of(make.own_account(session.episode.citizens.get().person))


def on(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def of(session, name) -> str:
    return reverse(f"feedback:{name}", args=[session.episode_id])


def conversation(session) -> str:
    return reverse("feedback:conversation", args=[session.pk])


def test_from_the_conversation_to_a_pause_and_back(worker, session):
    page = read(worker.get(conversation(session)))
    link = next(has["href"] for has in page.all("a") if has["href"].startswith(of(session, "pause")))
    assert worker.get(link).status_code == 200

    sent = worker.post(
        of(session, "pause"), {"reason": "crisis", "until": on(14), "words": "", "session": session.pk}
    )

    assert sent.url == conversation(session)
    shown = read(worker.get(conversation(session))).text
    assert "Målingen er satt på pause til og med" in shown
    assert "en vanskelig tid" in shown
    assert "Spør igjen nå" in shown
    assert "På egen telefon" not in shown
    assert AccessEvent.objects.filter(what="feedback.pause").exists()


def test_asking_again_is_one_press(worker, session):
    worker.post(of(session, "pause"), {"reason": "wish", "until": on(14)})

    worker.post(of(session, "pause_end"), {"session": session.pk})

    shown = read(worker.get(conversation(session)))
    assert "satt på pause til og med" not in shown.text
    assert shown.all("form", action=reverse("feedback:phone", args=[session.pk, "before"]))


@pytest.mark.parametrize(
    "sent",
    [
        {},
        {"reason": "wish"},
        {"reason": "wish", "until": "2999-01-01"},
        {"reason": "wish", "until": "2001-01-01"},
        {"reason": "x", "until": "y"},
    ],
)
def test_a_pause_without_an_end_or_with_a_wrong_one_is_not_set(worker, session, sent):
    shown = worker.post(of(session, "pause"), sent)

    assert shown.status_code == 422
    assert read(shown).all("div", role="alert")
    assert not MeasuringPause.objects.exists()


def test_on_its_last_day_and_after_it_the_worker_is_asked_to_ask(care, worker, client_of, session):
    worker.post(of(session, "pause"), {"reason": "wish", "until": on(0)})
    assert "Pausen slutter i dag: spør om det passer igjen." in read(worker.get(conversation(session))).text

    for days, told in ((1, True), (20, False)):
        with time_machine.travel(care.now + days * DAY):
            later = read(client_of(care.worker).get(of(session, "episode"))).text
            assert ("Spør om det passer igjen før" in later) is told


def test_citizens_do_it_themselves(me, worker, session):
    citizen = session.episode.citizens.get()
    mine = reverse("feedback:own_course", args=[citizen.pk])
    pause = reverse("feedback:own_pause", args=[citizen.pk])
    assert read(me.get(mine)).all("a", href=pause)

    assert me.post(pause, {"until": on(7)}).url == pause

    assert "Du blir ikke spurt om noe til og med" in read(me.get(mine)).text
    assert "satt på pause til og med" in read(worker.get(conversation(session))).text
    me.post(reverse("feedback:own_pause_end", args=[citizen.pk]))
    assert "Du blir ikke spurt om noe til og med" not in read(me.get(mine)).text


def test_without_a_course_going_on_there_is_nothing_to_pause(make, client_of):
    citizen = make.citizen()
    client = client_of(make.own_account(citizen.person))

    page = read(client.get(reverse("feedback:own_pause", args=[citizen.pk])))

    assert not page.all("input", name="until")


def test_somebody_elses_are_not_there(make, client_of, session):
    stranger = client_of(make.own_account(make.citizen().person))
    citizen = session.episode.citizens.get()

    for name in ("own_pause", "own_pause_end"):
        assert (
            stranger.post(reverse(f"feedback:{name}", args=[citizen.pk]), {"until": on(3)}).status_code == 404
        )
    assert not MeasuringPause.objects.exists()


# would rather not


def decline(care, session):
    token = care.link(session.asks("before"))
    Client().post(reverse("answers:not_today", args=[token]))


def test_who_would_rather_not_is_thanked_and_not_asked_why(care, session):
    token = care.link(session.asks("before"))

    page = read(Client().post(reverse("answers:not_today", args=[token])))

    assert page.all("a", href=reverse("answers:answer", args=[token]))
    assert not any("name" in has for has in page.all("textarea"))


def test_it_is_told_on_the_conversation_and_in_the_table_and_is_not_missing(care, worker, session):
    decline(care, session)

    page = read(worker.get(conversation(session))).text

    assert "Vil helst ikke i dag" in page
    assert "ville helst ikke" in page
    assert "ikke besvart" not in page.lower().replace("ikke besvart ennå", "")


def test_three_in_a_row_are_told_quietly_and_to_the_worker_only(care, worker, me, session):
    for days in (3, 2, 1):
        decline(care, care.session(session.episode, at=care.now - days * DAY))

    words = "tre ganger på rad"
    assert words in read(worker.get(of(session, "episode"))).text
    mine = reverse("feedback:own_course", args=[session.episode.citizens.get().pk])
    assert words not in read(me.get(mine)).text
