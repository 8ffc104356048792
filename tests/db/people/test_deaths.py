"""A death closes what is open and keeps what was written; a mistake is undone exactly."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import override

from medvirk.answers.actions import ask, make_link
from medvirk.answers.models import AnswerLink, Occasion
from medvirk.people.access import Permission, can, citizens_of, viewer_for
from medvirk.people.actions import RefusedError, register_death, share_with, undo_death
from medvirk.people.models import Death, Person, Relation, User

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


@pytest.fixture(autouse=True)
def the_day(time_machine):
    time_machine.move_to("2026-05-05T10:00:00+02:00", tick=False)
    return time_machine


@pytest.fixture
def team(make):
    return make.unit()


@pytest.fixture
def worker(make, team):
    return make.staff("practitioner", team)


@pytest.fixture
def citizen(make, worker, team):
    return make.citizen(worker=worker, team=team)


@pytest.fixture
def partner(make, worker, citizen):
    partner = make.staff("partner")
    share_with(
        by=make.viewer(worker), citizen=citizen, staff=partner, parts=["people.contact"],
        last_day=timezone.localdate() + 30 * DAY,
    )  # fmt: skip
    return partner


def occasion(make, worker, citizen, **more):
    return ask(
        by=make.viewer(worker), about=citizen, respondent=citizen.person, instruments=[("life-now", 1)],
        opens_at=timezone.now(), **more,
    )  # fmt: skip


def everything(citizen) -> list:
    """What a death may close, row by row."""
    return [
        list(Relation.objects.filter(citizen=citizen).order_by("pk").values()),
        list(Occasion.objects.order_by("pk").values()),
        list(AnswerLink.objects.order_by("pk").values()),
        list(Person.objects.filter(pk=citizen.person_id).values("died_on")),
    ]


def died(make, worker, citizen):
    return register_death(by=make.viewer(worker), citizen=citizen, died_on=timezone.localdate() - DAY)


def test_what_is_shared_closes_at_once_and_relations_at_the_days_end(make, worker, partner, citizen, the_day):
    user = User.objects.create(login="own", login_hash="own", person=citizen.person)
    assert citizens_of(viewer_for(user))

    died(make, worker, citizen)

    assert not citizens_of(viewer_for(user))
    assert not can(make.viewer(partner), Permission.SEE_SHARED, citizen).allowed
    assert can(make.viewer(worker), Permission.FOLLOW_CITIZENS, citizen).allowed
    the_day.move_to("2026-05-06T00:00:00+02:00", tick=False)
    assert not can(make.viewer(worker), Permission.FOLLOW_CITIZENS, citizen).allowed


def test_links_stop_working_and_nobody_is_asked_any_more(make, worker, citizen):
    waiting = occasion(make, worker, citizen)
    make_link(by=make.viewer(worker), occasion=waiting, channel="phone", now=timezone.now())

    died(make, worker, citizen)

    waiting.refresh_from_db()
    assert waiting.closes_at <= timezone.now() + timedelta(milliseconds=1)
    assert AnswerLink.objects.get().revoked_at == timezone.now()


def test_a_mistake_is_undone_exactly(make, worker, partner, citizen, team, the_day):
    first = occasion(make, worker, citizen)
    occasion(make, worker, citizen, closes_at=timezone.now() + DAY)
    make_link(by=make.viewer(worker), occasion=first, channel="phone", now=timezone.now())
    occasion(make, worker, make.citizen(worker=worker))
    Relation.objects.create(citizen=citizen, unit=make.unit(), valid_from=timezone.localdate() + 9 * DAY)
    before = everything(citizen)

    death = died(make, worker, citizen)
    assert everything(citizen) != before
    the_day.shift(3 * DAY)
    leader = make.staff("team_leader", team)
    undo_death(by=make.viewer(leader), death_id=death.pk)

    assert everything(citizen) == before
    assert Death.objects.get().undone_at == timezone.now()
    died(make, worker, citizen)


@pytest.mark.parametrize("days", [31])
def test_it_is_undone_within_a_month(make, worker, citizen, team, the_day, days):
    death = died(make, worker, citizen)
    the_day.shift(days * DAY)

    with pytest.raises(Death.DoesNotExist):
        undo_death(by=make.viewer(make.staff("team_leader", team)), death_id=death.pk)


def test_others_do_not_undo_it(make, worker, citizen, team, the_day):
    death = died(make, worker, citizen)
    the_day.shift(DAY)

    for who in (worker, make.staff("team_leader"), make.staff("administrator", team)):
        with pytest.raises(Death.DoesNotExist):
            undo_death(by=make.viewer(who), death_id=death.pk)
    with pytest.raises(Death.DoesNotExist):
        undo_death(by=make.viewer(make.staff("team_leader", team)), death_id=uuid.uuid4())


def test_a_day_to_come_or_a_second_death_is_refused(make, worker, citizen):
    with pytest.raises(RefusedError, match="still to come"):
        register_death(by=make.viewer(worker), citizen=citizen, died_on=timezone.localdate() + DAY)
    died(make, worker, citizen)
    with pytest.raises(RefusedError, match="already"):
        died(make, worker, citizen)


def test_without_a_relation_nobody_registers_a_death(make, citizen):
    with pytest.raises(PermissionDenied):
        died(make, make.staff(), citizen)
