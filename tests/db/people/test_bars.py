"""Keeping a named worker out of a record."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.utils.translation import override

from medvirk.people.access import Permission, can, citizens_open_to
from medvirk.people.actions import (
    RefusedError,
    bar_oneself_after_search,
    bar_worker,
    lift_bar,
    open_in_emergency,
    start_relation,
    start_relation_after_search,
)
from medvirk.people.matching import Criteria
from medvirk.people.models import Bar, BarKind, User
from medvirk.people.queries import find_citizens

FOLLOW = Permission.FOLLOW_CITIZENS


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


@pytest.fixture
def team(make):
    return make.unit()


@pytest.fixture
def worker(make, team):
    return make.staff("practitioner", team)


@pytest.fixture
def colleague(make, team):
    return make.staff("practitioner", team)


@pytest.fixture
def citizen(make, team):
    return make.citizen(team=team, details=make.details(national_id=make.national_id()))


def own_viewer(citizen):
    from medvirk.people.access import viewer_for

    user = User.objects.create(login="own", login_hash=f"own{citizen.pk}", person=citizen.person)
    return viewer_for(user)


def test_the_citizen_keeps_a_worker_out_at_once_and_lets_them_in_again(make, citizen, worker, colleague):
    me = own_viewer(citizen)

    bar = bar_worker(by=me, citizen=citizen, worker=colleague, reason="Vi er naboer")

    assert not can(make.viewer(colleague), FOLLOW, citizen).allowed
    assert not citizens_open_to(make.viewer(colleague)).exists()
    assert can(make.viewer(worker), FOLLOW, citizen).allowed
    lift_bar(by=own_viewer_again(me), bar=bar)
    assert can(make.viewer(colleague), FOLLOW, citizen).allowed


def own_viewer_again(viewer):
    from medvirk.people.access import viewer_for

    return viewer_for(User.objects.get(pk=viewer.user_id))


def test_a_worker_who_was_told_registers_it(make, citizen, worker, colleague):
    viewer = make.viewer(worker)

    bar_worker(by=viewer, citizen=citizen, worker=colleague)

    assert not can(make.viewer(colleague), FOLLOW, citizen).allowed
    with pytest.raises(RefusedError, match="already"):
        bar_worker(by=make.viewer(worker), citizen=citizen, worker=colleague)


def test_one_who_is_kept_out_cannot_lift_it(make, citizen, worker, colleague):
    bar = bar_worker(by=make.viewer(worker), citizen=citizen, worker=colleague)

    with pytest.raises(PermissionDenied):
        lift_bar(by=make.viewer(colleague), bar=bar)

    assert Bar.objects.get().lifted_at is None


@pytest.mark.parametrize(("role", "may"), [("practitioner", False), ("team_leader", True)])
def test_only_a_leader_undoes_that_somebody_is_close(make, team, citizen, worker, role, may):
    bar = bar_worker(by=make.viewer(worker), citizen=citizen, worker=worker, kind=BarKind.RELATIVE)
    viewer = make.viewer(make.staff(role, team))

    if may:
        lift_bar(by=viewer, bar=bar)
    else:
        with pytest.raises(PermissionDenied):
            lift_bar(by=viewer, bar=bar)

    assert can(make.viewer(worker), FOLLOW, citizen).allowed is may


def test_another_citizen_decides_nothing_here(make, citizen, worker):
    stranger = own_viewer(make.citizen())

    with pytest.raises(PermissionDenied):
        bar_worker(by=stranger, citizen=citizen, worker=worker)

    assert not Bar.objects.exists()


def test_nobody_hands_over_to_one_who_is_kept_out(make, citizen, worker, colleague):
    bar_worker(by=make.viewer(worker), citizen=citizen, worker=colleague)

    with pytest.raises(RefusedError, match="kept out"):
        start_relation(
            by=make.viewer(worker), citizen=citizen, reason="Help", valid_from=make.long_ago, worker=colleague
        )


def test_one_marks_somebody_one_knows_without_opening_anything(make, citizen):
    outsider = make.staff("practitioner")
    criteria = Criteria(national_id=citizen.person.national_id)

    bar = bar_oneself_after_search(by=make.viewer(outsider), criteria=criteria)

    assert (bar.staff, bar.kind) == (outsider, BarKind.RELATIVE)
    with pytest.raises(RefusedError):
        start_relation_after_search(by=make.viewer(outsider), criteria=criteria, reason="Help")
    with pytest.raises(RefusedError, match="also not in an emergency"):
        open_in_emergency(by=make.viewer(outsider), criteria=criteria, reason="Danger to their life")
    assert not find_citizens(make.viewer(outsider), criteria).known


def test_ones_own_record_is_never_opened_in_an_emergency(make):
    details = make.details(national_id=make.national_id())
    me = make.staff("practitioner", details=details)
    make.citizen(details=details)

    with pytest.raises(RefusedError, match="also not in an emergency"):
        open_in_emergency(
            by=make.viewer(me), criteria=Criteria(national_id=details.national_id), reason="Danger to my life"
        )
