"""The use of feedback in a unit: counted once, in its unit of that day, and shown to those who may see it."""

from __future__ import annotations

from datetime import datetime, time, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from factories_feedback import marks

from medvirk.feedback.actions import cancel_session
from medvirk.feedback.logic.use import When, total
from medvirk.feedback.models import EpisodeMove
from medvirk.feedback.queries.use import units_to_see, use_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def last_month(care) -> datetime:
    """Ten in the morning in the middle of the last whole month."""
    first = timezone.localdate(care.now).replace(day=1)
    day = (first - timedelta(days=1)).replace(day=14)
    return timezone.make_aware(datetime.combine(day, time(10)))


@pytest.fixture
def leader(care, make):
    return make.viewer(make.staff("team_leader", care.unit))


def test_each_way_is_counted_by_itself(care, leader, last_month):
    episode = care.episode()
    answered, silent, cancelled = (
        care.session(episode, at=last_month + timedelta(days=day)) for day in range(3)
    )
    at = last_month - timedelta(hours=3)
    care.send(care.way_in(answered.asks("before")), marks("life-now", 20), now=at)
    cancel_session(by=care.viewer, session=cancelled, now=care.now)

    found = use_of(leader, care.unit, now=care.now)

    month = found.months[-1]
    assert (month.before.answered, month.before.not_answered, month.before.cancelled) == (1, 1, 1)
    assert (month.after.answered, month.after.not_answered) == (0, 2)
    assert (found.answers, found.channels, found.when) == (1, {"phone": 1}, {When.SAME_DAY: 1})
    assert found.waited is None, "one answer is too few for a median"
    assert total(each.before for each in found.months).could_answer == 2
    assert silent.asks("before").declined_at is None


def test_this_month_waits_until_it_is_over(care, leader):
    care.held(care.episode(), care.now - timedelta(minutes=1), life=20)
    found = use_of(leader, care.unit, now=care.now)
    assert found.answers == 0
    assert all(month.before.could_answer == 0 for month in found.months)


def test_a_conversation_counts_in_the_unit_of_its_day(care, make, leader, last_month):
    elsewhere = make.unit("Team Vest")
    episode = care.episode()
    care.held(episode, last_month, life=20)
    care.held(episode, last_month + timedelta(days=7), life=20)
    # It moved in between.
    EpisodeMove.objects.create(episode=episode, day=make.long_ago, unit=care.unit)
    moved = timezone.localdate(last_month + timedelta(days=3))
    EpisodeMove.objects.create(episode=episode, day=moved, unit=elsewhere)
    other = make.viewer(make.staff("team_leader", elsewhere))

    assert use_of(leader, care.unit, now=care.now).answers == 1
    assert use_of(other, elsewhere, now=care.now).answers == 1


def test_units_under_it_count_in_it(care, make, last_month):
    above = make.unit("Helse", kind="service")
    care.unit.parent = above
    care.unit.save()
    manager = make.viewer(make.staff("manager", above))
    care.held(care.episode(), last_month, life=20)

    assert {unit.name for unit in units_to_see(manager)} == {"Helse", "Team Nord"}
    assert use_of(manager, above, now=care.now).answers == 1


def test_only_those_who_may_see_figures_see_them(care, make):
    elsewhere = make.viewer(make.staff("manager", make.unit("Team Vest")))
    for stranger in (elsewhere, care.viewer):
        with pytest.raises(PermissionDenied):
            use_of(stranger, care.unit, now=care.now)


def test_queries_do_not_grow_with_the_conversations(care, leader, last_month, django_assert_max_num_queries):
    for _ in range(4):
        care.held(care.episode(), last_month, life=20)
    with django_assert_max_num_queries(14):
        use_of(leader, care.unit, now=care.now)


def test_teams_that_were_merged_since_count_in_the_unit_above_as_they_stood_then(care, make, last_month):
    from medvirk.people.actions.succession.changes import NewUnit, merge_units

    above = make.unit("Helse", kind="service")
    nord, sor = make.unit("Nord", parent=above), make.unit("Sør", parent=above)
    for unit in (nord, sor):
        episode = care.episode()
        type(episode).objects.filter(pk=episode.pk).update(unit=unit)
        care.held(episode, last_month - timedelta(days=60), life=20)
    manager = make.viewer(make.staff("manager", above))
    before = use_of(manager, above, now=care.now).answers
    into = NewUnit("Nord og Sør", "team", above)
    merge_units(by=None, units=[nord, sor], into=into, day=care.viewer.today)
    assert before == 2
    assert use_of(manager, above, now=care.now).answers == 2


def test_a_helper_who_answers_about_the_citizen_is_no_answer_of_theirs(care, leader, last_month):
    from medvirk.answers.models import Occasion

    session = care.held(care.episode(), last_month, life=20)
    Occasion.objects.filter(asking__session=session, asking__moment="before").update(capacity="kin")
    found = use_of(leader, care.unit, now=care.now)
    assert found.answers == 0
    assert found.months[-1].before.answered == 0


def test_each_of_a_couple_counts_and_one_who_came_later_does_not_count_before(care, make, leader, last_month):
    from medvirk.feedback.actions.members import add_member

    episode = care.episode()
    care.held(episode, last_month - timedelta(days=3), life=20)
    partner = make.citizen(worker=care.worker)
    since = timezone.localdate(last_month) - timedelta(days=1)
    add_member(by=care.viewer, episode=episode, citizen=partner, kind="couple", since=since, now=care.now)
    care.held(episode, last_month, life=20)
    month = use_of(leader, care.unit, now=care.now).months[-1]
    assert (month.before.answered, month.before.not_answered) == (2, 1)


def test_pauses_and_rather_nots_are_counted_by_themselves(care, leader, last_month):
    from medvirk.answers.models import Occasion
    from medvirk.feedback.models import MeasuringPause

    declined, paused = (
        care.session(care.episode(), at=last_month),
        care.session(care.episode(), at=last_month),
    )
    asked = Occasion.objects.filter(asking__session=declined, asking__moment="before")
    asked.update(declined_at=last_month)
    citizen = paused.asks("before").about
    day = timezone.localdate(last_month)
    MeasuringPause.objects.create(
        episode=paused.episode,
        citizen=citizen,
        reason="crisis",
        since=day,
        until=day,
        set_by=care.worker.person,
    )
    before = use_of(leader, care.unit, now=care.now).months[-1].before
    assert (before.declined, before.paused, before.not_answered, before.could_answer) == (1, 1, 0, 1)
