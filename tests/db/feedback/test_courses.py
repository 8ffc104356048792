"""Reading and writing courses of help: who sees what, what is counted, and how many queries it takes."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection
from factories_feedback import DAY, marks

from medvirk.answers.actions import NotTaken, make_link
from medvirk.answers.logic import State
from medvirk.answers.models import Occasion
from medvirk.answers.queries import given_at
from medvirk.answers.queries import way_in as found_way
from medvirk.feedback import actions, queries
from medvirk.feedback.actions import Refused
from medvirk.feedback.actions.asking import ask_around
from medvirk.feedback.actions.goals import add_goal
from medvirk.feedback.logic import Urgency
from medvirk.feedback.models import Agreement, Episode, Goal, LocalNorms, Session
from medvirk.feedback.norms.basis import bases_for, fit_with_prior
from medvirk.instruments.norms import prior_norms
from medvirk.people.actions import register_death
from medvirk.people.models import AccessEvent, Relation
from medvirk.stats.growth import Norms, fit

LIFE = ("life-now", 1, "total")
NB = {"language": "nb"}


def followed(care, episode, **more):
    chosen = queries.episodes(care.viewer).filter(pk=episode.pk)
    return queries.follow(care.viewer, queries.fetch(chosen), now=care.now, **NB, **more)[0]


def everything_read(viewer, session, now):
    """What each reading function gives this viewer about the session."""
    episode = session.episode
    return [
        list(queries.episodes(viewer).filter(pk=episode.pk)),
        queries.session_of(viewer, session.pk),
        queries.mark_of(viewer, session),
        [
            each
            for each in queries.caseload(viewer, now=now, whole_team=True, **NB)
            if each.episode == episode
        ],
        queries.fetch_one(queries.episodes(viewer).filter(sessions=session)),
        given_at(viewer, [session.asks("before").pk, session.asks("after").pk]),
    ]


@pytest.fixture
def answered(care):
    """A session with both forms answered, of a citizen with a relation to the worker alone."""
    return care.held(care.episode(), care.now - DAY, life=30.0, meeting=40.0)


# who sees what


def test_the_worker_sees_all_of_it(care, answered):
    assert all(everything_read(care.viewer, answered, care.now))


def test_a_colleague_without_relation_sees_nothing(care, answered):
    colleague = care.make.viewer(care.make.staff("practitioner", care.unit))

    assert not any(everything_read(colleague, answered, care.now))


def test_who_works_in_the_team_with_the_relation_sees_it(care):
    colleague = care.make.staff("peer_worker", care.unit)
    citizen = care.make.citizen(team=care.unit)
    session = care.held(care.episode(citizen=citizen), care.now - DAY, life=30.0, meeting=40.0)

    assert all(everything_read(care.make.viewer(colleague), session, care.now))


@pytest.mark.parametrize("role", ["secretary", "manager", "administrator", "researcher", "auditor"])
def test_a_role_in_the_team_that_does_not_follow_citizens_sees_nothing(care, role):
    citizen = care.make.citizen(team=care.unit)
    session = care.held(care.episode(citizen=citizen), care.now - DAY, life=30.0, meeting=40.0)

    assert not any(everything_read(care.make.viewer(care.make.staff(role, care.unit)), session, care.now))


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "seen"),
    [(-30, -1, False), (1, None, False), (0, None, True), (-30, 0, True)],
    ids=["ended yesterday", "begins tomorrow", "begins today", "ends today"],
)
def test_a_relation_opens_only_while_it_is_in_force(care, answered, valid_from, valid_to, seen):
    today = care.viewer.today
    Relation.objects.update(
        valid_from=today + valid_from * DAY, valid_to=None if valid_to is None else today + valid_to * DAY
    )

    assert any(everything_read(care.viewer, answered, care.now)) is seen


def test_my_caseload_is_mine_and_the_teams_is_more(care):
    colleague = care.make.staff("practitioner", care.unit)
    mine = care.episode(citizen=care.make.citizen(team=care.unit))
    theirs = care.episode(citizen=care.make.citizen(team=care.unit), worker=colleague)

    own = queries.caseload(care.viewer, now=care.now, **NB)
    team = queries.caseload(care.viewer, now=care.now, whole_team=True, **NB)

    assert [each.episode for each in own] == [mine]
    assert {each.episode for each in team} == {mine, theirs}


# the course


def test_a_course_holds_what_was_said_and_why_something_is_missing(care):
    episode = care.episode()
    care.held(episode, care.now - 3 * 7 * DAY, life=20.0, meeting=40.0)
    partly = care.session(episode, at=care.now - 2 * 7 * DAY)
    care.send(care.way_in(partly.asks("before")), {"life-now.q1": "4"}, own_words="Orket ikke mer")
    care.session(episode, at=care.now - 7 * DAY)

    points = followed(care, episode).course.points

    assert [point.outcome for point in points] == [20.0, None, None]
    assert [point.missing for point in points] == ["", "not_all_answered", "not_asked_or_not_sent"]
    assert [point.meeting for point in points] == [40.0, None, None]
    assert points[1].own_words == "Orket ikke mer"
    assert [point.answered for point in points] == [True, True, False]


def test_a_session_that_is_not_over_belongs_only_once_answered(care):
    episode = care.course([20.0])
    session = care.session(episode, at=care.now)
    assert len(followed(care, episode).course.points) == 1
    assert followed(care, episode).today == session

    care.send(care.way_in(session.asks("before")), marks("life-now", 25))

    assert [point.outcome for point in followed(care, episode).course.points] == [20.0, 25.0]


def test_an_earlier_conversation_shows_the_course_as_far_as_that(care):
    episode = care.course([20.0, 25.0, 30.0])
    second = episode.sessions.order_by("starts_at")[1]

    course = followed(care, episode, until=second).course

    assert [point.outcome for point in course.points] == [20.0, 25.0]


def test_a_cancelled_session_without_answer_is_off_the_course(care):
    episode = care.course([20.0])
    planned = care.session(episode, at=care.now - 2 * DAY)

    actions.cancel_session(by=care.viewer, session=planned, now=care.now)

    shown = followed(care, episode)
    assert [point.outcome for point in shown.course.points] == [20.0]
    assert shown.urgency is Urgency.NONE


def test_what_was_answered_is_shown_although_the_session_was_cancelled(care):
    episode = care.course([20.0])
    last = care.held(episode, care.now - 1 * DAY, life=12.0, safety=3)

    actions.cancel_session(by=care.viewer, session=last, now=care.now)

    shown = followed(care, episode)
    assert [point.outcome for point in shown.course.points] == [20.0, 12.0]
    assert shown.urgency is Urgency.RISK


@pytest.mark.parametrize("end", ["cancel", "end"])
def test_a_link_handed_out_earlier_takes_no_answer_that_nobody_would_look_for(care, end):
    session = care.session(care.course([20.0]))
    way_in = care.link(session.asks("before"))
    if end == "cancel":
        actions.cancel_session(by=care.viewer, session=session, now=care.now)
    else:
        actions.end_episode(
            by=care.viewer,
            episode=session.episode,
            ended_on=care.viewer.today,
            ending="planned",
            now=care.now,
        )

    assert found_way(way_in, now=care.now + timedelta(minutes=1)).state is State.CLOSED
    with pytest.raises(NotTaken):
        make_link(
            by=care.viewer,
            occasion=Occasion.objects.get(pk=session.asks("before").pk),
            channel="phone",
            now=care.now + timedelta(minutes=1),
        )

    if end == "cancel":
        actions.restore_session(by=care.viewer, session=session)
    else:
        actions.reopen_episode(by=care.viewer, episode=session.episode, now=care.now)
    assert found_way(way_in, now=care.now + timedelta(minutes=2)).state is State.OPEN


def test_the_worker_reads_what_was_chosen_and_the_heaviest_comes_first(care):
    lighter = care.episode()
    care.held(lighter, care.now - 7 * DAY, life=20.0, safety=1)
    heavier = care.episode()
    care.held(heavier, care.now - 7 * DAY, life=20.0, safety=3)

    rows = queries.caseload(care.viewer, now=care.now, language="nb")

    assert [row.episode for row in rows] == [heavier, lighter]
    assert rows[1].course.points[0].risk_words == "Av og til"


def test_no_session_before_the_course_began(care):
    episode = care.episode()

    with pytest.raises(actions.Refused, match="starts_before_the_episode"):
        actions.plan_session(
            by=care.viewer, episode=episode, starts_at=care.now - timedelta(days=40000), now=care.now
        )


def test_risk_is_told_until_the_question_is_answered_again(care):
    episode = care.episode()
    care.held(episode, care.now - 21 * DAY, life=20.0, safety=2)
    assert followed(care, episode).urgency is Urgency.RISK

    care.held(episode, care.now - 14 * DAY, life=20.0, meeting=40.0)
    assert followed(care, episode).urgency is Urgency.RISK

    care.held(episode, care.now - 7 * DAY, life=20.0, safety=0)
    assert followed(care, episode).urgency is Urgency.NONE


def test_changes_stand_at_their_session_and_unreadable_in_the_database(care):
    episode = care.course([20.0])
    session = episode.sessions.get()

    actions.note_change(by=care.viewer, session=session, staff=care.worker, text="Vi går tur", now=care.now)

    assert followed(care, episode).course.points[0].changes == ("Vi går tur",)
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM feedback_agreement")
        assert "tur" not in cursor.fetchone()[0]


def test_the_caseload_begins_with_those_who_need_attention(care):
    calm = care.course([20.0, 22.0])
    unmeasured = care.course([20.0, None])
    worse = care.course([40.0, 15.0])
    at_risk = care.episode()
    care.held(at_risk, care.now - 7 * DAY, life=20.0, safety=1)

    rows = queries.caseload(care.viewer, now=care.now, **NB)

    assert [row.episode for row in rows] == [at_risk, worse, unmeasured, calm]
    assert [row.urgency for row in rows] == [Urgency.RISK, Urgency.TALK, Urgency.MEASURE, Urgency.NONE]


def test_among_equals_the_next_conversation_comes_first(care):
    later, sooner, never = (care.course([20.0]) for _ in range(3))
    care.session(later, at=care.now + 3 * DAY)
    care.session(sooner, at=care.now + 2 * DAY)

    rows = queries.caseload(care.viewer, now=care.now, **NB)

    assert [row.episode for row in rows] == [sooner, later, never]


def test_today_is_today_where_the_house_stands(care):
    """Shortly after midnight in Oslo it is still yesterday in UTC."""
    oslo = ZoneInfo("Europe/Oslo")
    care.now = datetime(2025, 6, 12, 0, 30, tzinfo=oslo).astimezone(UTC)
    episode = care.episode()
    yesterday = care.session(episode, at=datetime(2025, 6, 11, 14, 0, tzinfo=oslo))
    today = care.session(episode, at=datetime(2025, 6, 12, 9, 0, tzinfo=oslo))

    row = followed(care, episode)

    assert row.today == today
    assert row.next_session == today
    assert yesterday.starts_at < today.starts_at


def test_an_ended_episode_is_off_the_caseload(care):
    episode = care.course([40.0, 15.0])
    actions.end_episode(
        by=care.viewer, episode=episode, ended_on=care.viewer.today, ending="planned", now=care.now
    )

    assert queries.caseload(care.viewer, now=care.now, **NB) == []
    assert followed(care, episode).urgency is Urgency.NONE


# plan, end, open again


def test_planning_asks_before_and_after_with_safety_beside_the_first(care):
    session = care.session(care.episode(asks_safety=True))
    without = care.session(care.episode(asks_safety=False))

    assert [str(ask) for ask in session.asks("before").asks.all()] == ["life-now@1", "safety@1"]
    assert [str(ask) for ask in session.asks("after").asks.all()] == ["this-meeting@1"]
    assert [str(ask) for ask in without.asks("before").asks.all()] == ["life-now@1"]


def test_a_planned_session_can_be_answered_from_now_on(care):
    session = care.session(at=care.now + 7 * DAY)

    receipt = care.send(care.way_in(session.asks("before")), marks("life-now", 25))

    assert receipt.submission.occasion == session.asks("before")


def test_ending_says_when_and_how(care):
    episode = care.episode()
    day = care.viewer.today

    ended = actions.end_episode(by=care.viewer, episode=episode, ended_on=day, ending="moved", now=care.now)

    assert (ended.ended_on, ended.ending) == (day, "moved")
    assert ended.history.count() == 2


def test_an_ended_episode_cannot_be_ended_or_planned_in_before_it_is_opened_again(care):
    episode = care.episode()
    ended = actions.end_episode(
        by=care.viewer, episode=episode, ended_on=care.viewer.today, ending="planned", now=care.now
    )

    with pytest.raises(Refused, match="ended_already"):
        actions.end_episode(
            by=care.viewer, episode=episode, ended_on=care.viewer.today, ending="moved", now=care.now
        )
    with pytest.raises(Refused, match="ended_already"):
        care.session(ended)
    assert (Episode.objects.get().ending, Session.objects.count()) == ("planned", 0)

    reopened = actions.reopen_episode(by=care.viewer, episode=ended, now=care.now)

    assert (reopened.ended_on, reopened.ending) == (None, "")
    assert care.session(reopened).pk


def test_an_episode_that_was_ended_meanwhile_takes_no_new_session(care):
    episode = care.episode()
    actions.end_episode(
        by=care.viewer, episode=episode, ended_on=care.viewer.today, ending="planned", now=care.now
    )

    with pytest.raises(Refused, match="ended_already"):
        care.session(episode)  # as it was read before somebody else ended it


def test_an_episode_does_not_end_before_it_starts(care):
    episode = care.episode()

    with pytest.raises(Refused, match="ends_before_it_starts"):
        actions.end_episode(
            by=care.viewer, episode=episode, ended_on=date(2019, 12, 31), ending="planned", now=care.now
        )


def test_nothing_is_written_without_a_relation(care, answered):
    stranger = care.make.viewer(care.make.staff("practitioner", care.unit))
    episode, citizen = answered.episode, answered.asks("before").about
    before = AccessEvent.objects.count()
    verbs = [
        lambda: actions.start_episode(
            by=stranger,
            citizen=citizen,
            unit=care.unit,
            responsible=care.worker,
            started_on=date(2025, 1, 1),
            outcome=("life-now", 1),
            meeting=("this-meeting", 1),
        ),
        lambda: actions.plan_session(by=stranger, episode=episode, starts_at=care.now, now=care.now),
        lambda: actions.end_episode(
            by=stranger, episode=episode, ended_on=stranger.today, ending="planned", now=care.now
        ),
        lambda: actions.reopen_episode(by=stranger, episode=episode, now=care.now),
        lambda: actions.cancel_session(by=stranger, session=answered, now=care.now),
        lambda: actions.note_change(by=stranger, session=answered, staff=care.worker, text="x", now=care.now),
    ]

    for verb in verbs:
        with pytest.raises(PermissionDenied):
            verb()

    assert (Episode.objects.count(), Session.objects.count(), Agreement.objects.count()) == (1, 1, 0)
    assert Session.objects.get().cancelled_at is None
    assert AccessEvent.objects.count() == before


def test_writing_is_logged_for_the_citizen(care):
    episode = care.episode()
    care.session(episode)

    events = AccessEvent.objects.about([episode.citizens.get().pk]).filter(what__startswith="feedback.")

    assert list(events.order_by("pk").values_list("action", "what", "actor_id")) == [
        ("created", "feedback.episode", care.worker.pk),
        ("created", "feedback.session", care.worker.pk),
    ]


# norms


def test_local_norms_are_those_of_the_same_rows(care):
    courses = {"a": [20.0, 25.0, None, 30.0], "b": [None, 10.0, 12.0], "c": [40.0]}
    for scores in courses.values():
        care.course(scores)

    rows = actions.fit_norms(now=care.now)

    person, number, score = zip(
        *[("a", 0, 20.0), ("a", 1, 25.0), ("a", 3, 30.0), ("b", 0, 10.0), ("b", 1, 12.0), ("c", 0, 40.0)],
        strict=True,
    )
    expected = Norms.from_scores(person=np.array(person), t=np.log1p(number), score=np.array(score))
    assert [(row.instrument_key, row.scale, row.persons) for row in rows] == [("life-now", "total", 3)]
    assert rows[0].norms == expected.to_dict()


def test_local_norms_are_made_anew_and_a_cancelled_session_without_answer_does_not_count(care):
    episode = care.course([20.0])
    actions.fit_norms(now=care.now)
    cancelled = care.session(episode, at=care.now - 5 * DAY)
    actions.cancel_session(by=care.viewer, session=cancelled, now=care.now)
    care.held(episode, care.now - 1 * DAY, life=25.0)

    actions.fit_norms(now=care.now + DAY)

    row = LocalNorms.objects.get()
    expected = Norms.from_scores(
        person=np.array(["a", "a"]), t=np.log1p([0.0, 1.0]), score=np.array([20.0, 25.0])
    )
    assert row.norms == expected.to_dict()
    assert row.fitted_at == care.now + DAY


def test_without_courses_there_are_no_local_norms(care):
    assert actions.fit_norms(now=care.now) == []


def test_the_model_rests_on_the_prior_and_on_what_was_found_here(care):
    for scores in ([10.0, 20.0], [30.0, 45.0], [25.0, 24.0]):
        care.course(scores)
    before = bases_for({LIFE})[LIFE].model
    row = actions.fit_norms(now=care.now)[0]

    after = bases_for({LIFE})[LIFE].model

    pooled = fit(prior_norms("life-now", 1) + Norms.from_dict(row.norms))
    assert after.persons == before.persons + 3
    assert after.beta == pytest.approx(pooled.beta)
    assert after.sigma2 == pytest.approx(pooled.sigma2)
    assert after.beta != pytest.approx(before.beta, abs=1e-6)


def test_an_instrument_without_prior_and_without_courses_has_no_model(db):
    key = ("phq-9", 1, "total")

    assert bases_for({key})[key].model is None


def test_too_few_courses_alone_give_no_model():
    local = Norms.from_scores(person=np.array(["a", "a"]), t=np.array([0.0, 1.0]), score=np.array([8.0, 6.0]))

    assert fit_with_prior(("phq-9", 1, "total"), local.to_dict()) is None


# how much it costs


def test_the_caseload_costs_the_same_for_three_and_for_thirty(care, django_assert_max_num_queries):
    def cost(citizens):
        while Episode.objects.count() < citizens:
            care.course([20.0, 25.0])
        with django_assert_max_num_queries(12) as captured:
            rows = queries.caseload(care.viewer, now=care.now, **NB)
            assert [row.citizen.person.name for row in rows if row.course.points[1].meeting == 40.0]
        assert len(rows) == citizens
        return len(captured)

    assert cost(3) == cost(30)


def test_conversations_are_fetched_by_the_ids_of_their_courses(care, django_assert_max_num_queries):
    """Asked in the same query who may see what, PostgreSQL joins every conversation there is before it chooses."""
    care.course([20.0, 25.0])
    with django_assert_max_num_queries(12) as captured:
        queries.caseload(care.viewer, now=care.now, **NB)

    asked = [each["sql"] for each in captured if 'FROM "feedback_session"' in each["sql"]]
    assert len(asked) == 1
    assert "people_relation" not in asked[0]


def test_a_session_that_does_not_exist_is_none(care):
    assert queries.session_of(care.viewer, uuid.uuid4()) is None


def test_what_a_citizen_is_asked_is_found_by_the_moment(care):
    session = care.session()
    citizen = session.asks("before").about_id

    assert session.asks("after", citizen) == session.asks("after") != session.asks("before")
    for moment, whom in (("during", citizen), ("before", uuid.uuid4())):
        with pytest.raises(LookupError):
            session.asks(moment, whom)


def test_from_a_page_opened_before_the_end_nothing_is_noted_after_it(care):
    session = care.session(care.course([20.0]))
    citizen = session.asks("before").about
    actions.end_episode(
        by=care.viewer, episode=session.episode, ended_on=care.viewer.today, ending="planned", now=care.now
    )

    for late in (
        lambda: actions.cancel_session(by=care.viewer, session=session, now=care.now),
        lambda: actions.note_change(
            by=care.viewer, session=session, staff=care.worker, text="Roligere", now=care.now
        ),
        lambda: add_goal(
            by=care.viewer, citizen=citizen, episode=session.episode, words="Gå tur", now=care.now
        ),
    ):
        with pytest.raises(actions.Refused, match="ended_already"):
            late()
    assert not Goal.objects.exists()


def test_nobody_asks_the_dead_and_their_course_is_not_opened_again(care):
    session = care.session(care.course([20.0]))
    citizen = session.asks("before").about
    with time_machine.travel(care.now, tick=False):
        register_death(by=care.viewer, citizen=citizen, died_on=care.viewer.today)

    with pytest.raises(actions.Refused, match="dead"):
        actions.reopen_episode(by=care.viewer, episode=session.episode, now=care.now)
    later = Session.objects.create(episode=session.episode, starts_at=care.now + timedelta(hours=1))
    ask_around(by=None, session=later, now=care.now)
    assert not later.askings.exists()
