"""Goals in the citizen's own words: set, asked, answered, changed; and what happened in life."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from factories_feedback import DAY, marks

from medvirk.answers.actions import submit
from medvirk.answers.logic import Asked
from medvirk.answers.models import Ask
from medvirk.answers.queries import asked_instruments, given_at
from medvirk.feedback import queries
from medvirk.feedback.actions import Refused
from medvirk.feedback.actions import goals as actions
from medvirk.feedback.actions.asking import MOST_GOALS
from medvirk.feedback.models import Goal, LifeEvent
from medvirk.feedback.queries.goals import beside, events_of, goals_in
from medvirk.people.models import AccessEvent


@pytest.fixture
def episode(care):
    return care.episode()


@pytest.fixture
def citizen(episode):
    return episode.citizens.get()


def goal(care, episode, words="Gå en tur hver dag", **more):
    return actions.add_goal(
        by=more.pop("by", care.viewer),
        citizen=more.pop("citizen", None) or episode.citizens.get(),
        episode=episode,
        words=words,
        now=more.pop("now", care.now),
    )


def topics(session, moment="before"):
    asks = Ask.objects.filter(occasion=session.asks(moment), topic_id__isnull=False)
    return [ask.topic for ask in asks]


def rate(care, session, mark, life=30.0):
    """Answer the form and every goal it asks about."""
    occasion = session.asks("before")
    asked = [Asked(instrument, "nb", topic) for instrument, topic in asked_instruments(occasion)]
    sent = marks("life-now", life)
    sent |= {each.field(each.instrument.items[0]): str(mark) for each in asked if each.topic}
    submit(
        way_in=care.way_in(occasion),
        asked=asked,
        client_id=uuid.uuid4(),
        sent=sent,
        own_words="",
        now=care.now,
    )
    return given_at(care.viewer, [occasion.pk])[occasion.pk]


def test_a_goal_is_asked_about_with_the_form_before_each_conversation(care, episode):
    held = goal(care, episode)

    session = care.session(episode)

    assert topics(session) == ["Gå en tur hver dag"]
    assert topics(session, "after") == []
    given = rate(care, session, 4)
    assert given.rated[held.pk].value == 4
    assert given.scores["life-now", "total"].value == 30


def test_what_nobody_has_begun_asks_about_a_new_goal_at_once(care, episode):
    session = care.session(episode)

    goal(care, episode)

    assert topics(session) == ["Gå en tur hver dag"]


def test_what_somebody_has_begun_stays_as_it_was(care, episode):
    from medvirk.answers.actions import save_draft

    session = care.session(episode)
    save_draft(
        way_in=care.way_in(session.asks("before")), client_id=uuid.uuid4(), content={"a": "1"}, now=care.now
    )

    goal(care, episode)

    assert topics(session) == []


def test_other_words_are_asked_and_what_was_answered_keeps_the_old_ones(care, episode):
    held = goal(care, episode, "Gå tur")
    first = care.session(episode, at=care.now - DAY)
    rate(care, first, 3)
    second = care.session(episode)

    actions.reword(by=care.viewer, goal=held, words="Gå tur med Ola", now=care.now)

    given = given_at(care.viewer, [first.asks("before").pk])[first.asks("before").pk]
    assert given.rated[held.pk].words == "Gå tur"
    assert topics(second) == ["Gå tur med Ola"]
    assert [each.words for each in held.history.order_by("history_date")] == ["Gå tur", "Gå tur med Ola"]


@pytest.mark.parametrize("verb", [actions.reach, actions.drop])
def test_what_is_reached_or_let_go_is_asked_no_more_until_it_is_taken_up_again(care, episode, verb):
    held = goal(care, episode)
    session = care.session(episode)

    verb(by=care.viewer, goal=held, now=care.now)
    assert topics(session) == []

    actions.take_up_again(by=care.viewer, goal=held, now=care.now)
    assert topics(session) == ["Gå en tur hver dag"]


def test_five_at_once_and_no_more(care, episode):
    held = [goal(care, episode, f"Mål {number}") for number in range(MOST_GOALS)]

    with pytest.raises(Refused, match="enough_goals"):
        goal(care, episode, "Ett til")
    actions.reach(by=care.viewer, goal=held[0], now=care.now)
    goal(care, episode, "Ett til")
    with pytest.raises(Refused, match="enough_goals"):
        actions.take_up_again(by=care.viewer, goal=held[0], now=care.now)

    assert len(topics(care.session(episode))) == MOST_GOALS


@pytest.mark.parametrize(("words", "reason"), [(" \n ", "no_words"), ("x" * 201, "too_much")])
def test_a_goal_has_words_and_not_too_many(care, episode, words, reason):
    with pytest.raises(Refused, match=reason):
        goal(care, episode, words)
    assert not Goal.objects.exists()


def test_in_a_course_of_several_each_has_their_own(care, make):
    from medvirk.feedback.models import Participation

    episode = care.episode()
    first, second = episode.citizens.get(), make.citizen(worker=care.worker)
    Participation.objects.create(episode=episode, citizen=second)
    goal(care, episode, "Mitt mål", citizen=first)

    session = care.session(episode)

    asked = {
        citizen.pk: list(
            Ask.objects.filter(occasion=session.asks("before", citizen.pk), topic_id__isnull=False)
        )
        for citizen in (first, second)
    }
    assert [len(asked[citizen.pk]) for citizen in (first, second)] == [1, 0]


def test_a_goal_without_a_course_goes_with_every_one_and_another_course_does_not_have_it(care, make):
    citizen = make.citizen(worker=care.worker)
    one, other = (care.episode(citizen=citizen) for _ in range(2))
    actions.add_goal(by=care.viewer, citizen=citizen, words="Overalt", now=care.now)
    goal(care, one, "Bare her", now=care.now + timedelta(seconds=1))

    assert topics(care.session(one)) == ["Overalt", "Bare her"]
    assert topics(care.session(other)) == ["Overalt"]


# what stands beside the curve


def test_marks_and_events_stand_beside_the_curve(care, episode, citizen):
    held = goal(care, episode)
    rate(care, care.session(episode, at=care.now - 7 * DAY), 2)
    rate(care, care.session(episode, at=care.now - DAY), 6)
    actions.note_event(
        by=care.viewer,
        citizen=citizen,
        day=timezone.localdate(care.now) - 3 * DAY,
        words="Ny jobb",
        now=care.now,
    )

    chosen = queries.episodes(care.viewer).filter(pk=episode.pk)
    followed = queries.follow(care.viewer, queries.fetch(chosen), now=care.now, language="nb")[0]
    shown = beside(care.viewer, citizen, episode)

    assert [point.goals for point in followed.course.points] == [{held.pk: 2.0}, {held.pk: 6.0}]
    assert shown.goals == (held,)
    assert [event.words for event in shown.events] == ["Ny jobb"]
    assert shown.until(timezone.localdate(care.now) - 5 * DAY).events == ()


def test_an_event_has_happened(care, citizen):
    tomorrow = timezone.localdate(care.now) + timedelta(days=1)

    with pytest.raises(Refused, match="not_yet"):
        actions.note_event(by=care.viewer, citizen=citizen, day=tomorrow, words="x", now=care.now)
    assert not LifeEvent.objects.exists()


# who


def test_citizens_do_it_themselves_and_it_says_so(care, make, episode, citizen):
    me = make.viewer(make.own_account(citizen.person))
    session = care.session(episode)

    held = goal(care, None, "Mitt eget", by=me, citizen=citizen)
    actions.reach(by=me, goal=goal(care, episode, "Et annet"), now=care.now)
    event = actions.note_event(
        by=me, citizen=citizen, day=timezone.localdate(care.now), words="Flyttet", now=care.now
    )

    assert (held.set_by_id, event.noted_by_id) == (citizen.person_id, citizen.person_id)
    assert topics(session) == ["Mitt eget"]
    assert AccessEvent.objects.filter(what="feedback.goal").count() == 3


def test_nobody_else_sees_or_changes_them(care, make, episode, citizen):
    held = goal(care, episode)
    event = actions.note_event(
        by=care.viewer, citizen=citizen, day=timezone.localdate(care.now), words="x", now=care.now
    )
    for other in (make.own_account(make.citizen().person), make.staff("practitioner", care.unit)):
        viewer = make.viewer(other)
        assert not goals_in(viewer, citizen).exists()
        assert not events_of(viewer, citizen).exists()
        for change in (
            lambda viewer=viewer: goal(care, episode, "x", by=viewer),
            lambda viewer=viewer: actions.reword(by=viewer, goal=held, words="x", now=care.now),
            lambda viewer=viewer: actions.reach(by=viewer, goal=held, now=care.now),
            lambda viewer=viewer: actions.drop(by=viewer, goal=held, now=care.now),
            lambda viewer=viewer: actions.take_up_again(by=viewer, goal=held, now=care.now),
            lambda viewer=viewer: actions.remove_event(by=viewer, event=event),
        ):
            with pytest.raises(PermissionDenied):
                change()


def test_words_are_not_readable_in_the_database(care, episode):
    from django.db import connection

    goal(care, episode, "Slutte å drikke")
    care.session(episode)

    with connection.cursor() as cursor:
        for table, column in (
            ("feedback_goal", "words"),
            ("feedback_historicalgoal", "words"),
            ("answers_ask", "topic"),
        ):
            cursor.execute(f"SELECT {column} FROM {table}")
            assert not any("drikke" in row[0] for row in cursor.fetchall())


def test_with_the_citizen_they_go(care, episode, citizen):
    from medvirk.feedback.parting import part

    held = goal(care, episode)
    actions.reword(by=care.viewer, goal=held, words="Noe annet", now=care.now)

    part(citizen, care.now)

    assert not Goal.objects.exists()
    assert not Goal.history.exists()
