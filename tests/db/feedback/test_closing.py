"""A death ends the courses that were the citizen's alone; a mistake is taken back."""

from __future__ import annotations

import pytest
from django.utils import timezone
from factories_feedback import marks

from medvirk.feedback.models import Ending, Participation, Signal
from medvirk.people.actions import register_death, undo_death

pytestmark = pytest.mark.django_db


@pytest.fixture
def episode(care):
    """A course with an open signal."""
    session = care.session()
    sent = marks("life-now", 20) | {"safety.q1": "2"}
    care.send(care.way_in(session.asks("before")), sent, asked=("life-now", "safety"))
    return session.episode


def died(care, episode):
    citizen = episode.participations.order_by("pk").first().citizen
    return register_death(by=care.viewer, citizen=citizen, died_on=timezone.localdate())


def test_the_course_ends_with_its_signals_and_is_taken_back_whole(care, make, episode):
    death = died(care, episode)

    episode.refresh_from_db()
    assert (episode.ended_on, episode.ending) == (timezone.localdate(), Ending.DEATH)
    assert Signal.objects.get().settled_at is not None

    undo_death(by=make.viewer(make.staff("team_leader", care.unit)), death_id=death.pk)

    episode.refresh_from_db()
    assert (episode.ended_on, episode.ending) == (None, "")
    assert Signal.objects.get().settled_at is None


def test_a_course_that_others_take_part_in_goes_on(care, make, episode):
    other = make.citizen(worker=care.worker)
    Participation.objects.create(episode=episode, citizen=other)

    died(care, episode)

    episode.refresh_from_db()
    assert episode.ended_on is None
