"""A conversation that is moved: what is asked, who is asked, and what was sent, follow it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from factories_feedback import marks

from medvirk.answers.models import Occasion, Submission
from medvirk.feedback.actions import (
    Refused,
    ask_somebody,
    cancel_session,
    end_episode,
    move_session,
    restore_session,
)
from medvirk.feedback.actions.pauses import pause
from medvirk.feedback.models import Participation, PauseReason, Session
from medvirk.people.models import AccessEvent

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def move(care, session, at):
    return move_session(by=care.viewer, session=session, starts_at=at, now=care.now)


def pause_for_five_days(care, session, citizen) -> None:
    pause(
        by=care.viewer,
        citizen=citizen,
        episodes=[session.episode],
        reason=PauseReason.WISH,
        until=care.viewer.today + 5 * DAY,
        now=care.now,
    )


def open_now(session) -> set[str]:
    waiting = session.askings.filter(occasion__closes_at=None, occasion__submission=None)
    return set(waiting.values_list("moment", flat=True))


def test_the_same_conversation_is_at_another_time_and_is_still_asked_about(care):
    session = care.session(at=care.now + DAY)
    events = AccessEvent.objects.count()

    moved = move(care, session, care.now + 3 * DAY)

    assert moved.pk == session.pk
    assert Session.objects.get().starts_at == care.now + 3 * DAY
    assert open_now(session) == {"before", "after"}
    assert AccessEvent.objects.count() == events + 1


def test_what_was_answered_stays_with_its_day_and_is_asked_anew(care):
    session = care.session(at=care.now + DAY)
    Session.objects.update(is_last=True)
    care.send(care.way_in(session.asks("before")), marks("life-now", 20.0))

    moved = move(care, session, care.now + 8 * DAY)

    session.refresh_from_db()
    assert (moved.pk != session.pk, session.cancelled_at, moved.is_last) == (True, care.now, True)
    assert Submission.objects.get().occasion == session.asks("before")
    assert open_now(moved) == {"before", "after"}
    assert open_now(session) == set()


def test_the_hour_is_put_right_whatever_is_answered(care):
    session = care.held(care.episode(), care.now, life=20.0, meeting=30.0)

    assert move(care, session, care.now + timedelta(hours=1)).pk == session.pk
    with pytest.raises(Refused, match="held"):
        move(care, session, care.now + 2 * DAY)

    assert Session.objects.get().starts_at == care.now + timedelta(hours=1)


def test_moved_past_the_end_of_a_pause_they_are_asked_and_into_it_they_are_not(care):
    session = care.session(at=care.now + DAY)
    citizen = session.asks("before").about
    pause_for_five_days(care, session, citizen)
    assert open_now(session) == set()

    move(care, session, care.now + 9 * DAY)
    assert open_now(session) == {"before", "after"}

    move(care, session, care.now + 2 * DAY)
    assert open_now(session) == set()


def test_who_has_left_by_the_new_day_is_not_asked_and_who_has_joined_is(care):
    session = care.session(at=care.now + DAY)
    leaving, joining = session.asks("before").about, care.make.citizen(worker=care.worker)
    Participation.objects.update(until=care.viewer.today + 2 * DAY)
    since = care.viewer.today + 4 * DAY
    Participation.objects.create(episode=session.episode, citizen=joining, since=since)

    move(care, session, care.now + 6 * DAY)

    waiting = Occasion.objects.filter(closes_at=None)
    assert set(waiting.values_list("about", flat=True)) == {joining.pk}
    assert leaving.pk not in waiting.values_list("about", flat=True)

    move(care, session, care.now + DAY)
    assert set(Occasion.objects.filter(closes_at=None).values_list("about", flat=True)) == {leaving.pk}


def test_what_cannot_be_moved_says_why_and_stays(care, make):
    at = care.now + 3 * DAY
    cancelled, early, ended = (care.session(at=care.now + DAY) for _ in range(3))
    cancel_session(by=care.viewer, session=cancelled, now=care.now)
    end_episode(
        by=care.viewer, episode=ended.episode, ended_on=care.viewer.today, ending="planned", now=care.now
    )
    for session, when, why in (
        (cancelled, at, "cancelled"),
        (early, care.now - 4000 * DAY, "starts_before_the_episode"),
        (ended, at, "ended_already"),
    ):
        with pytest.raises(Refused, match=why):
            move(care, session, when)
    stranger = make.viewer(make.staff("practitioner", care.unit))
    with pytest.raises(PermissionDenied):
        move_session(by=stranger, session=early, starts_at=at, now=care.now)

    assert set(Session.objects.values_list("starts_at", flat=True)) == {care.now + DAY}


def test_rather_not_today_is_about_that_day_and_not_about_another(care):
    session = care.session(at=care.now + DAY)
    Occasion.objects.filter(pk=session.asks("before").pk).update(declined_at=care.now)

    moved = move(care, session, care.now + 8 * DAY)

    assert moved.pk != session.pk
    assert moved.asks("before").declined_at is None
    assert session.asks("before").declined_at == care.now


def test_others_who_were_asked_follow_the_one_they_answer_about(care):
    session = care.session(at=care.now + DAY)
    citizen = session.asks("before").about
    theirs = ask_somebody(
        by=care.viewer, session=session, citizen=citizen, whom=("Siv", "Nær"), basis="citizen", now=care.now
    )
    pause_for_five_days(care, session, citizen)
    for back in (9 * DAY, 2 * DAY, 9 * DAY):
        move(care, session, care.now + back)
        theirs.refresh_from_db()
        assert (theirs.closes_at is None) is (back == 9 * DAY)


def test_two_never_stand_at_the_same_time(care):
    first = care.session(at=care.now + DAY)
    other = care.session(first.episode, at=care.now + 2 * DAY)

    with pytest.raises(Refused, match="there_already"):
        care.session(first.episode, at=care.now + DAY)
    with pytest.raises(Refused, match="there_already"):
        move(care, other, care.now + DAY)
    cancel_session(by=care.viewer, session=first, now=care.now)
    assert move(care, other, care.now + DAY).pk == other.pk


def test_a_cancelled_one_is_not_on_again_where_another_stands_by_now(care):
    first = care.session(at=care.now + DAY)
    cancel_session(by=care.viewer, session=first, now=care.now)
    care.session(first.episode, at=care.now + DAY)

    with pytest.raises(Refused, match="there_already"):
        restore_session(by=care.viewer, session=first)
