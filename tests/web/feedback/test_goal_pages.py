"""Goals and life events on the pages of workers and citizens."""

from __future__ import annotations

import uuid

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from factories_feedback import DAY, marks
from pages import read

from medvirk.feedback.actions.goals import add_goal, note_event
from medvirk.feedback.models import Goal, LifeEvent, Participation


@pytest.fixture
def worker(care, client_of) -> Client:
    return client_of(care.worker)


@pytest.fixture
def session(care):
    return care.session(care.course([20.0, 22.0]))


@pytest.fixture
def citizen(session):
    return session.episode.citizens.get()


@pytest.fixture
def me(make, client_of, citizen) -> Client:
    return client_of(make.own_account(citizen.person))


@pytest.fixture
def goal(care, citizen, session):
    return add_goal(
        by=care.viewer, citizen=citizen, episode=session.episode, words="Sove om natten", now=care.now
    )


def of(session, name, *more) -> str:
    return reverse(f"feedback:{name}", args=[session.episode_id, *more])


def conversation(session) -> str:
    return reverse("feedback:conversation", args=[session.pk])


def test_a_goal_is_set_in_the_conversation_asked_and_drawn(care, worker, session):
    sent = worker.post(of(session, "add_goal"), {"goal-words": "Sove om natten", "session": session.pk})
    assert sent.url == conversation(session)
    goal = Goal.objects.get()

    path = f"/a/{care.link(session.asks('before'))}/"
    citizen = Client()
    citizen.post(f"{path}begin/")
    page = read(citizen.get(path))
    assert "«Sove om natten»" in page.text
    thanks = citizen.post(path, {**marks("life-now", 35), f"own-goal.q1.{goal.pk}": "6.5"})
    assert thanks.templates[0].name == "answers/thanks.html"

    shown = worker.get(conversation(session))
    text = read(shown).text
    assert "Mål 1: merket én gang, 6,5 av 10." in text
    assert "Mål 1: «Sove om natten»" in text
    # The drawing is kept by the process: it names no words of anybody.
    drawings = [each.split("</svg>")[0] for each in shown.content.decode().split("<svg")[1:]]
    assert any("Mål 1" in each for each in drawings)
    assert not any("Sove" in each for each in drawings)


def test_the_page_reads_the_goal_before_its_question(care, session, goal):
    path = f"/a/{care.link(session.asks('before'))}/"
    client = Client()
    client.post(f"{path}begin/")

    page = read(client.get(path))

    assert page.text.index("Sove om natten") < page.text.index("Hvor nær er du nå?")
    # Who goes from field to field hears which goal is meant.
    assert page.all("p", id=f"topic-{goal.pk}")
    assert page.all("fieldset", **{"aria-describedby": f"topic-{goal.pk}"})


@pytest.mark.parametrize("sent", [{}, {"goal-words": " "}, {"goal-words": "x" * 201}])
def test_a_goal_without_words_is_shown_again(worker, session, sent):
    shown = worker.post(of(session, "add_goal"), sent)

    assert shown.status_code == 422
    assert not Goal.objects.exists()


def test_six_are_too_many_and_the_page_says_what_to_do(care, worker, session, citizen):
    for number in range(5):
        add_goal(
            by=care.viewer, citizen=citizen, episode=session.episode, words=f"Mål {number}", now=care.now
        )

    shown = worker.post(of(session, "add_goal"), {"goal-words": "Ett til"})

    assert shown.status_code == 422
    assert "Det er fem mål allerede" in read(shown).text


def test_reached_let_go_and_taken_up_again(worker, session, goal):
    for step, current in (("reach", False), ("again", True), ("drop", False)):
        sent = worker.post(of(session, "goal_step", goal.pk, step), {"session": session.pk})
        assert sent.url == conversation(session)
        assert Goal.objects.get().is_current is current

    assert worker.post(of(session, "goal_step", goal.pk, "win")).status_code == 404


def test_other_words(worker, session, goal):
    page = read(worker.get(of(session, "goal", goal.pk)))
    assert page.all("input", name="goal-words")[0]["value"] == "Sove om natten"

    worker.post(of(session, "goal", goal.pk), {"goal-words": "Sove seks timer"})

    assert Goal.objects.get().words == "Sove seks timer"


def test_a_goal_of_another_course_is_not_there(care, worker, session, make):
    other = care.episode()
    theirs = add_goal(
        by=care.viewer, citizen=other.citizens.get(), episode=other, words="En annens", now=care.now
    )

    assert worker.get(of(session, "goal", theirs.pk)).status_code == 404
    assert worker.post(of(session, "goal_step", theirs.pk, "reach")).status_code == 404
    assert worker.get(of(session, "goal", uuid.uuid4())).status_code == 404


def test_of_a_couple_only_the_goals_of_those_whose_record_is_open(care, worker, session, citizen, make):
    colleague = make.staff("practitioner", care.unit)
    partner = make.citizen(worker=colleague)
    Participation.objects.create(episode=session.episode, citizen=partner)
    theirs = Goal.objects.create(
        citizen=partner, words="Partnerens", set_on=timezone.localdate(care.now), set_by=colleague.person
    )
    event = LifeEvent.objects.create(
        citizen=partner, day=timezone.localdate(care.now), words="Flyttet", noted_by=colleague.person
    )
    # The course is open through the other one.
    assert worker.get(of(session, "goals")).status_code == 200

    shown = worker.get(of(session, "goal", theirs.pk))

    assert shown.status_code == 404
    assert worker.post(of(session, "goal_step", theirs.pk, "reach")).status_code == 404
    assert worker.post(of(session, "remove_event", event.pk)).status_code == 404
    own = add_goal(by=care.viewer, citizen=citizen, episode=session.episode, words="Eget", now=care.now)
    assert worker.get(of(session, "goal", own.pk)).status_code == 200


def test_a_life_event_is_a_letter_on_the_curve(care, worker, session):
    day = timezone.localdate(care.now) - 3 * DAY

    worker.post(of(session, "add_event"), {"event-day": day.isoformat(), "event-words": "Fikk jobb"})

    page = read(worker.get(conversation(session))).text
    assert f"A {day:%d.%m.%Y}: Fikk jobb" in page
    worker.post(of(session, "remove_event", LifeEvent.objects.get().pk))
    assert not LifeEvent.objects.exists()


def test_an_event_to_come_is_shown_again(worker, session):
    shown = worker.post(of(session, "add_event"), {"event-day": "2999-01-01", "event-words": "x"})

    assert shown.status_code == 422
    assert not LifeEvent.objects.exists()


# the citizen's own


def test_citizens_set_change_and_reach_them_themselves(me, citizen):
    mine = reverse("feedback:own_goals", args=[citizen.pk])
    assert me.post(mine, {"goal-words": "Ringe Ola"}).url == mine
    goal = Goal.objects.get()
    one = reverse("feedback:own_goal", args=[citizen.pk, goal.pk])

    me.post(one, {"goal-words": "Ringe Ola hver uke"})
    assert "«Ringe Ola hver uke»" in read(me.get(mine)).text
    reached = me.post(reverse("feedback:own_goal_step", args=[citizen.pk, goal.pk, "reach"]), follow=True)
    assert "Nådd!" in read(reached).text

    assert Goal.objects.get().reached_on is not None
    assert goal.set_by_id == citizen.person_id


def test_citizens_note_what_happened_and_take_away_only_what_they_noted_themselves(care, me, citizen):
    mine = reverse("feedback:own_goals", args=[citizen.pk])
    today = timezone.localdate(care.now)
    theirs = note_event(by=care.viewer, citizen=citizen, day=today, words="Notert av andre", now=care.now)
    assert me.post(mine, {"event-day": today.isoformat(), "event-words": "Fikk hund"}).url == mine
    own = LifeEvent.objects.exclude(pk=theirs.pk).get()

    answers = [
        me.post(reverse("feedback:own_event_remove", args=[citizen.pk, each.pk])).status_code
        for each in (theirs, own)
    ]

    assert answers == [404, 302]
    assert list(LifeEvent.objects.all()) == [theirs]


def test_faults_are_shown_where_they_are(me, citizen):
    mine = reverse("feedback:own_goals", args=[citizen.pk])

    assert me.post(mine, {"goal-words": ""}).status_code == 422
    shown = me.post(mine, {"event-day": "", "event-words": "Fikk hund"})

    assert shown.status_code == 422
    assert read(shown).all("input", name="event-words")[0]["value"] == "Fikk hund"
    assert not Goal.objects.exists()


def test_somebody_elses_goals_are_not_there(make, client_of, citizen, goal):
    stranger = make.citizen()
    client = client_of(make.own_account(stranger.person))

    assert client.get(reverse("feedback:own_goals", args=[citizen.pk])).status_code == 404
    assert client.get(reverse("feedback:own_goal", args=[stranger.pk, goal.pk])).status_code == 404
    answer = client.post(reverse("feedback:own_goal_step", args=[stranger.pk, goal.pk, "reach"]))
    assert answer.status_code == 404
