"""Pausing what is asked: nobody is asked meanwhile, nothing counts as missing, and it ends."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from factories_feedback import DAY, marks

from medvirk.answers.actions import NotTaken, decline, make_link
from medvirk.answers.models import Occasion
from medvirk.answers.queries import way_in
from medvirk.feedback import queries
from medvirk.feedback.actions import Refused
from medvirk.feedback.actions.pauses import ask_again, pause
from medvirk.feedback.logic.answering import Tally
from medvirk.feedback.logic.pauses import LONGEST
from medvirk.feedback.models import MeasuringPause, Moment, Session
from medvirk.feedback.queries.answering import tally_of
from medvirk.feedback.queries.pauses import is_paused, paused_pairs
from medvirk.people.models import AccessEvent


@pytest.fixture
def episode(care):
    return care.episode()


@pytest.fixture
def citizen(episode):
    return episode.citizens.get()


def paused(care, episode, *, by=None, days=14, **more):
    today = timezone.localdate(care.now)
    return pause(
        by=by or care.viewer,
        citizen=episode.citizens.get(),
        episodes=[episode],
        reason=more.pop("reason", "crisis"),
        until=more.pop("until", today + timedelta(days=days)),
        now=more.pop("now", care.now),
        **more,
    )


def point(care, episode, number=-1, **more):
    chosen = queries.episodes(care.viewer).filter(pk=episode.pk)
    now = more.pop("now", care.now)
    followed = queries.follow(care.viewer, queries.fetch(chosen), now=now, language="nb", **more)[0]
    return followed.course.points[number], followed


def test_a_conversation_in_a_pause_asks_nobody_and_one_after_it_does(care, episode):
    paused(care, episode, days=14)

    within = care.session(episode, at=care.now + 7 * DAY)
    after = care.session(episode, at=care.now + 15 * DAY)

    assert not within.askings.exists()
    assert after.askings.count() == 2


def test_what_waits_is_closed_and_open_again_when_it_is_lifted(care, episode, citizen):
    waiting = care.session(episode)
    later = care.session(episode, at=care.now + 30 * DAY)
    paused(care, episode)
    soon = care.now + timedelta(minutes=1)

    waiting = Session.objects.get(pk=waiting.pk)
    with pytest.raises(NotTaken):
        make_link(by=care.viewer, occasion=waiting.asks("before"), channel="phone", now=soon)
    assert care.link(later.asks("before"))

    assert ask_again(by=care.viewer, citizen=citizen, episodes=[episode], now=care.now)

    waiting = Session.objects.get(pk=waiting.pk)
    care.send(care.way_in(waiting.asks("before")), marks("life-now", 20))
    assert not ask_again(by=care.viewer, citizen=citizen, episodes=[episode], now=care.now)


def test_lifting_asks_at_the_conversations_that_were_planned_meanwhile(care, episode, citizen):
    paused(care, episode)
    planned = care.session(episode, at=care.now + 7 * DAY)

    ask_again(by=care.viewer, citizen=citizen, episodes=[episode], now=care.now)

    assert set(planned.askings.values_list("moment", flat=True)) == set(Moment.values)


def test_what_was_cancelled_or_answered_meanwhile_stays_as_it_is(care, episode, citizen):
    from medvirk.feedback.actions import cancel_session

    answered = care.held(episode, care.now - DAY, life=20.0)
    cancelled = care.session(episode)
    paused(care, episode)
    cancel_session(by=care.viewer, session=cancelled, now=care.now)

    ask_again(by=care.viewer, citizen=citizen, episodes=[episode], now=care.now)

    assert Session.objects.get(pk=cancelled.pk).asks("before").closes_at is not None
    assert Session.objects.get(pk=answered.pk).asks("before").submission.pk


def test_a_conversation_without_an_answer_in_a_pause_is_not_missing(care, episode):
    care.course([20.0, 22.0], episode=episode)
    paused(care, episode, now=care.now - 3 * DAY, days=14)
    care.session(episode, at=care.now - 2 * DAY)

    there, followed = point(care, episode)

    assert (there.missing, there.meeting_missing) == ("paused", "paused")
    assert "missing_measure" not in {found.kind for found in followed.found}
    assert followed.pause is not None
    assert followed.pause.going_on


def test_the_same_without_a_pause_is_missing(care, episode):
    care.course([20.0, 22.0], episode=episode)
    care.session(episode, at=care.now - 2 * DAY)

    there, followed = point(care, episode)

    assert there.missing == "not_asked_or_not_sent"
    assert "missing_measure" in {found.kind for found in followed.found}


def test_a_new_end_stands_instead_of_the_old_one(care, episode, citizen):
    paused(care, episode, days=60)
    paused(care, episode, days=7, reason="wish")

    now, later = care.now + DAY, care.now + 10 * DAY
    assert is_paused(episode, citizen, now)
    assert not is_paused(episode, citizen, later)
    assert MeasuringPause.objects.count() == 2


def test_who_would_be_reminded_is_told_in_one_query(care, episode, citizen, django_assert_num_queries):
    other = care.episode()
    paused(care, episode)

    with django_assert_num_queries(1):
        pairs = paused_pairs([episode.pk, other.pk], care.now)

    assert pairs == {(episode.pk, citizen.pk)}


@pytest.mark.parametrize(
    ("after", "reason"), [(-1, "too_soon"), (LONGEST.days + 1, "too_long"), (0, None), (LONGEST.days, None)]
)
def test_a_pause_ends_and_not_too_far_away(care, episode, after, reason):
    if reason is None:
        assert paused(care, episode, days=after)
        return
    with pytest.raises(Refused, match=reason):
        paused(care, episode, days=after)
    assert not MeasuringPause.objects.exists()


def test_an_ended_course_is_not_paused(care, episode):
    from medvirk.feedback.actions import end_episode

    end_episode(
        by=care.viewer, episode=episode, ended_on=timezone.localdate(care.now), ending="planned", now=care.now
    )

    with pytest.raises(Refused, match="ended_already"):
        paused(care, episode)


# who


def test_citizens_pause_and_ask_again_themselves(care, make, episode, citizen):
    me = make.viewer(make.own_account(citizen.person))
    care.session(episode)

    (held,) = paused(care, episode, by=me, reason="wish")

    assert held.set_by_id == citizen.person_id
    assert not Occasion.objects.filter(closes_at__isnull=True).exists()
    assert ask_again(by=me, citizen=citizen, episodes=[episode], now=care.now)
    assert not Occasion.objects.filter(closes_at__isnull=False).exists()
    assert AccessEvent.objects.filter(what="feedback.pause").count() == 2


def test_nobody_else_does(care, make, episode, citizen):
    for other in (make.own_account(make.citizen().person), make.staff("practitioner", care.unit)):
        with pytest.raises(PermissionDenied):
            paused(care, episode, by=make.viewer(other))
        with pytest.raises(PermissionDenied):
            ask_again(by=make.viewer(other), citizen=citizen, episodes=[episode], now=care.now)
    assert not MeasuringPause.objects.exists()


# declining, and counting


def declined(care, session):
    decline(way_in=way_in(care.link(session.asks("before")), now=care.now), now=care.now)
    return session


def test_declining_is_told_and_is_not_missing(care, episode):
    care.course([20.0], episode=episode)
    declined(care, care.session(episode, at=care.now - DAY))

    there, followed = point(care, episode)

    assert there.missing == "declined"
    assert not followed.rather_not
    assert "missing_measure" not in {found.kind for found in followed.found}


def test_after_three_in_a_row_measuring_itself_is_worth_a_word(care, episode):
    for back in (4, 3, 2):
        declined(care, care.session(episode, at=care.now - back * DAY))

    assert point(care, episode)[1].rather_not


def test_every_way_is_counted_and_nobody_excused_is_in_the_n(care, episode):
    from medvirk.feedback.actions import cancel_session

    care.held(episode, care.now - 9 * DAY, life=20.0)
    declined(care, care.session(episode, at=care.now - 8 * DAY))
    care.session(episode, at=care.now - 7 * DAY)
    gone = care.session(episode, at=care.now - 6 * DAY)
    cancel_session(by=care.viewer, session=gone, now=care.now)
    paused(care, episode, now=care.now - 3 * DAY, days=1)
    care.session(episode, at=care.now - 3 * DAY)

    counted = tally_of(Session.objects.filter(episode=episode))

    assert counted == Tally(answered=1, declined=1, not_answered=1, cancelled=1, paused=1)
    assert counted.could_answer == 3


def test_counting_takes_as_many_queries_for_many(care, django_assert_num_queries):
    for _ in range(3):
        care.course([20.0, None])

    with django_assert_num_queries(4):
        counted = tally_of(Session.objects.all())

    assert (counted.answered, counted.not_answered) == (3, 3)
