"""Plans on the pages: of a unit, of a course with its preview, and the last measure when it ends."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from factories_feedback import DAY
from pages import read

from medvirk.feedback.models import Schedule, ScheduleLine

LINE = {"do": "add", "form_id": "recovery@1", "moment": "before", "when": "every_nth", "number": "3"}


@pytest.fixture
def worker(care, client_of) -> Client:
    return client_of(care.worker)


@pytest.fixture
def leader(care, make, client_of) -> Client:
    return client_of(make.staff("team_leader", care.unit))


def of_course(episode) -> str:
    return reverse("feedback:episode_schedule", args=[episode.pk])


def test_a_leader_plans_for_new_courses_of_the_unit(care, leader):
    path = reverse("feedback:unit_schedule", args=[care.unit.pk])
    assert read(leader.get(reverse("feedback:unit_schedules"))).all("a", href=path)

    assert leader.post(path, LINE).url == path
    assert leader.post(path, {"do": "ease", "eases": "1"}).url == path

    schedule = Schedule.objects.get(unit=care.unit)
    assert schedule.eases
    page = read(leader.get(path)).text
    assert "før den første samtalen og så før hver 3." in page
    leader.post(path, {"do": "remove", "line": schedule.lines.get().pk})
    assert not ScheduleLine.objects.exists()


def test_a_unit_that_is_not_theirs_is_not_there(make, leader):
    assert leader.get(reverse("feedback:unit_schedule", args=[make.unit().pk])).status_code == 404


def test_questionnaires_without_wording_are_shown_and_cannot_be_chosen(care, leader):
    page = read(leader.get(reverse("feedback:unit_schedule", args=[care.unit.pk])))

    assert "ORS" in page.text
    assert "ors@1" not in {has["value"] for has in page.all("option")}
    sent = leader.post(reverse("feedback:unit_schedule", args=[care.unit.pk]), {**LINE, "form_id": "ors@1"})
    assert sent.status_code == 422


@pytest.mark.parametrize(
    "wrong", [{"number": ""}, {"number": "0"}, {"number": "x"}, {"when": "x"}, {"moment": ""}]
)
def test_a_line_that_does_not_say_when_is_shown_again(care, worker, wrong):
    shown = worker.post(of_course(care.episode()), {**LINE, **wrong})

    assert shown.status_code == 422
    assert not ScheduleLine.objects.exists()


def test_the_next_six_are_told_in_plain_words(care, worker):
    episode = care.course([20.0, 22.0])
    care.session(episode, at=care.now + 2 * DAY)
    worker.post(of_course(episode), LINE)

    page = read(worker.get(of_course(episode))).text

    for number in range(3, 9):
        assert f"Samtale {number}" in page
    # The first and then every third: the fourth and the seventh.
    parts = {number: page.split(f"Samtale {number}", 1)[1].split("Samtale", 1)[0] for number in range(3, 9)}
    title = "Min vei videre"
    with_it = [number for number, text in parts.items() if title in text]
    assert with_it == [4, 7]
    assert "omtrent" not in parts[3]
    assert "omtrent" in parts[4]


def test_the_question_about_safety_is_turned_off_and_on(care, worker):
    episode = care.episode()

    worker.post(of_course(episode), {"do": "safety"})
    episode.refresh_from_db()
    assert not episode.asks_safety

    worker.post(of_course(episode), {"do": "safety", "safety": "1"})
    episode.refresh_from_db()
    assert episode.asks_safety


def test_ending_offers_the_last_measure_where_the_plan_has_one(care, worker):
    episode = care.course([20.0])
    ending = reverse("feedback:end_episode", args=[episode.pk])
    last = reverse("feedback:last_measure", args=[episode.pk])
    assert not read(worker.get(ending)).all("form", action=last)

    worker.post(of_course(episode), {**LINE, "when": "end", "number": ""})

    assert read(worker.get(ending)).all("form", action=last)
    sent = worker.post(last)
    session = episode.sessions.get(is_last=True)
    assert sent.url == reverse("feedback:conversation", args=[session.pk])
    assert "recovery" in [ask.instrument_key for ask in session.asks("before").asks.all()]
    assert not read(worker.get(ending)).all("form", action=last)


def test_what_is_handed_out_asks_what_the_plan_says(care, worker):
    from medvirk.feedback.models import Rule

    episode = care.episode()
    session = care.session(episode)
    schedule = Schedule.objects.create(episode=episode)
    ScheduleLine.objects.create(
        schedule=schedule, instrument_key="recovery", instrument_version=1, moment="before", rule=Rule.START
    )

    worker.post(reverse("feedback:phone", args=[session.pk, "before"]))

    assert "recovery" in [ask.instrument_key for ask in session.asks("before").asks.all()]
