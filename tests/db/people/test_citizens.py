"""Registering, finding and tying citizens."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import translation

from medvirk.people.access import Permission, can
from medvirk.people.actions import (
    DuplicateError,
    RefusedError,
    end_relation,
    register_citizen,
    start_relation,
    start_relation_after_search,
    update_person,
)
from medvirk.people.matching import Criteria
from medvirk.people.models import AccessAction, AccessEvent, Citizen, Person, PersonKey, Relation
from medvirk.people.queries import find_citizens, relations_to, startable_citizen

BORN = date(1985, 1, 1)


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def details(make):
    return make.details(
        given_name="Åse", family_name="Prøvesen", national_id=make.national_id(), phone="90000001"
    )


def test_registering_ties_the_citizen_to_the_one_who_registers(make, details):
    worker = make.staff()

    citizen = register_citizen(by=make.viewer(worker), details=details, reason="Help with sleep")

    relation = citizen.relations.get()
    assert (relation.staff, relation.unit, relation.reason) == (worker, None, "Help with sleep")
    assert citizen.person.birth_date == BORN
    assert citizen.person.phone == "+4790000001"
    event = AccessEvent.objects.about([citizen.pk]).get()
    assert (event.action, event.actor_id) == (AccessAction.CREATED, worker.pk)


def test_a_secretary_ties_the_citizen_to_a_team_and_cannot_open_the_record(make, details):
    secretary, team = make.staff("secretary"), make.unit()
    viewer = make.viewer(secretary)

    citizen = register_citizen(by=viewer, details=details, reason="Referred", team=team)

    assert citizen.relations.get().unit == team
    assert not can(viewer, Permission.FOLLOW_CITIZENS, citizen).allowed


def test_a_secretary_must_choose_a_team(make, details):
    with pytest.raises(RefusedError, match="Choose the team"):
        register_citizen(by=make.viewer(make.staff("secretary")), details=details, reason="Referred")

    assert not Citizen.objects.exists()


def test_who_may_not_register_is_stopped(make, details):
    with pytest.raises(PermissionDenied):
        register_citizen(by=make.viewer(make.staff("manager")), details=details, reason="Referred")


def test_all_faults_at_once_and_nothing_saved(make, details):
    viewer = make.viewer(make.staff("secretary"))
    before = Person.objects.count()

    with pytest.raises(RefusedError) as refused:
        register_citizen(by=viewer, details=replace(details, national_id="1", phone="2"), reason=" ")

    assert len(refused.value.sentences) == 4
    assert Person.objects.count() == before


def test_the_same_national_id_is_never_registered_twice(make, details):
    make.citizen(details=details)
    other = make.details(national_id=details.national_id)

    with pytest.raises(RefusedError, match="registered"):
        register_citizen(by=make.viewer(make.staff()), details=other, reason="Help", somebody_else=True)

    assert Citizen.objects.count() == 1


@pytest.mark.parametrize("shared", ["phone", "name"])
def test_a_possible_duplicate_must_be_confirmed_and_the_meeting_is_logged(make, details, shared):
    known = make.citizen(details=replace(details, national_id="", birth_date=BORN))
    same = (
        {"phone": details.phone}
        if shared == "phone"
        else {"given_name": "ÅSE", "family_name": "Prøvesen", "birth_date": BORN}
    )
    other = make.details(**same)
    worker = make.viewer(make.staff())

    with pytest.raises(DuplicateError):
        register_citizen(by=worker, details=other, reason="Help")
    confirmed = register_citizen(by=worker, details=other, reason="Help", somebody_else=True)

    assert confirmed.pk != known.pk
    assert AccessEvent.objects.about([known.pk]).filter(action=AccessAction.SEARCHED).exists()


def test_staff_who_get_help_stay_one_person(make, details):
    colleague = make.staff(details=details)

    citizen = make.citizen(details=details)

    assert citizen.person == colleague.person


@pytest.mark.parametrize(
    "criteria",
    [
        {"national_id": "national_id"},
        {"phone": "900 00 001"},
        {"given_name": "åse", "family_name": "PRØVESEN"},
        {"given_name": "Åse", "family_name": "Prøvesen", "birth_date": BORN},
    ],
    ids="+".join,
)
def test_ones_own_citizen_is_found_by_name_and_number(make, details, criteria):
    worker = make.staff()
    citizen = make.citizen(worker=worker, details=details)
    if "national_id" in criteria:
        criteria = {"national_id": details.national_id}

    result = find_citizens(make.viewer(worker), Criteria(**criteria))

    assert [(hit.citizen_id, hit.name) for hit in result.known] == [(citizen.pk, "Åse Prøvesen")]
    assert (result.hidden, result.startable) == (0, False)


def test_a_hit_without_relation_tells_nothing_but_that_it_is_there(make, details):
    citizen = make.citizen(details=details)
    stranger = make.viewer(make.staff())

    result = find_citizens(stranger, Criteria(national_id=details.national_id))

    assert (result.known, result.hidden, result.startable) == ((), 1, True)
    assert "Åse" not in repr(result)
    assert str(citizen.pk) not in repr(result)


def test_every_hit_is_logged_with_how_it_was_searched(make, details):
    citizen = make.citizen(details=details)
    stranger = make.staff()

    find_citizens(make.viewer(stranger), Criteria(national_id=details.national_id, phone="90000001"))

    event = AccessEvent.objects.about([citizen.pk]).get(action=AccessAction.SEARCHED)
    assert (event.actor_id, event.basis) == (stranger.pk, "search:national_id")


def test_a_name_alone_points_out_nobody(make, details):
    make.citizen(details=details)
    stranger = make.viewer(make.staff())

    result = find_citizens(stranger, Criteria(given_name="Åse", family_name="Prøvesen"))

    assert (result.hidden, result.startable) == (1, False)


def test_a_phone_shared_by_two_points_out_nobody(make, details):
    make.citizen(details=replace(details, national_id=""))
    make.citizen(details=make.details(phone=details.phone))

    citizen = startable_citizen(make.viewer(make.staff()), Criteria(phone=details.phone))

    assert citizen is None


def test_the_national_id_settles_who_is_meant_among_those_with_the_same_phone(make, details):
    meant = make.citizen(details=details)
    register_citizen(
        by=None,
        details=make.details(phone=details.phone),
        reason="Help",
        team=make.unit(),
        somebody_else=True,
    )

    criteria = Criteria(national_id=details.national_id, phone=details.phone)

    assert startable_citizen(make.viewer(make.staff()), criteria) == meant


def test_another_birth_date_is_another_person(make, details):
    make.citizen(details=details)

    criteria = Criteria(given_name="Åse", family_name="Prøvesen", birth_date=date(1990, 1, 1))

    assert find_citizens(make.viewer(make.staff()), criteria).is_empty


def test_who_may_not_register_finds_nobody(make, details):
    make.citizen(details=details)

    result = find_citizens(make.viewer(make.staff("peer_worker")), Criteria(phone=details.phone))

    assert result.is_empty
    assert not AccessEvent.objects.filter(action=AccessAction.SEARCHED).exists()


def test_a_relation_after_search_opens_the_record_and_is_logged(make, details):
    citizen = make.citizen(details=details)
    worker = make.viewer(make.staff())

    relation = start_relation_after_search(
        by=worker, criteria=Criteria(phone=details.phone), reason="Takes over from a colleague"
    )

    assert relation.citizen == citizen
    assert can(worker, Permission.FOLLOW_CITIZENS, citizen).reason == "service:own"
    assert AccessEvent.objects.about([citizen.pk]).filter(what="people.relation").exists()


@pytest.mark.parametrize(
    "criteria", [{"given_name": "Åse", "family_name": "Prøvesen"}, {"phone": "90000002"}, {}]
)
def test_no_relation_after_a_search_that_points_out_nobody(make, details, criteria):
    make.citizen(details=details)

    with pytest.raises(RefusedError, match="Search again"):
        start_relation_after_search(
            by=make.viewer(make.staff()), criteria=Criteria(**criteria), reason="Help"
        )

    assert Relation.objects.count() == 1


def test_a_relation_needs_a_reason(make, details):
    make.citizen(details=details)

    with pytest.raises(RefusedError, match="Say why"):
        start_relation_after_search(
            by=make.viewer(make.staff()), criteria=Criteria(phone=details.phone), reason=" "
        )


def test_only_who_may_open_the_record_ties_others_to_it(make):
    worker, colleague = make.staff(), make.staff()
    citizen = make.citizen(worker=worker)
    today = make.viewer(worker).today

    with pytest.raises(PermissionDenied):
        start_relation(
            by=make.viewer(colleague), citizen=citizen, worker=colleague, reason="Curious", valid_from=today
        )
    start_relation(
        by=make.viewer(worker), citizen=citizen, worker=colleague, reason="Two of us", valid_from=today
    )

    assert can(make.viewer(colleague), Permission.FOLLOW_CITIZENS, citizen).allowed


def test_a_relation_is_not_doubled(make):
    worker = make.staff()
    citizen = make.citizen(worker=worker)

    with pytest.raises(RefusedError, match="exists already"):
        start_relation(
            by=make.viewer(worker),
            citizen=citizen,
            worker=worker,
            reason="Again",
            valid_from=make.viewer(worker).today,
        )


def test_neither_worker_nor_team_is_a_fault(make):
    worker = make.staff()
    citizen = make.citizen(worker=worker)
    viewer = make.viewer(worker)

    with pytest.raises(RefusedError, match="one worker or one team"):
        start_relation(by=viewer, citizen=citizen, reason="Why", valid_from=viewer.today)


def test_an_ended_relation_closes_the_record_the_day_after(make):
    worker = make.staff()
    citizen = make.citizen(worker=worker)
    viewer = make.viewer(worker)
    yesterday = viewer.today - timedelta(days=1)

    end_relation(by=viewer, relation=citizen.relations.get(), last_day=yesterday)

    assert not can(viewer, Permission.FOLLOW_CITIZENS, citizen).allowed
    assert Relation.history.count() == 2
    assert list(relations_to(viewer, citizen)) == []


def test_a_relation_cannot_end_before_it_began(make):
    worker = make.staff()
    relation = make.citizen(worker=worker).relations.get()

    with pytest.raises(RefusedError, match="before the first day"):
        end_relation(by=make.viewer(worker), relation=relation, last_day=date(2019, 1, 1))


def test_changed_details_are_found_at_once_and_the_old_no_longer(make, details):
    worker = make.staff()
    viewer = make.viewer(worker)
    citizen = make.citizen(worker=worker, details=details)

    update_person(by=viewer, citizen=citizen, details=replace(details, phone="", given_name="Anna"))

    assert find_citizens(viewer, Criteria(phone=details.phone)).is_empty
    assert len(find_citizens(viewer, Criteria(given_name="Anna", family_name="Prøvesen")).known) == 1
    assert set(PersonKey.objects.filter(person=citizen.person).values_list("kind", flat=True)) == {
        "name",
        "national_id",
    }


def test_a_change_to_somebody_elses_number_is_refused_and_undone(make, details):
    worker = make.staff()
    make.citizen(details=details)
    citizen = make.citizen(worker=worker, details=make.details(given_name="Ola"))

    with pytest.raises(RefusedError, match="Somebody else"):
        update_person(by=make.viewer(worker), citizen=citizen, details=details)

    citizen.person.refresh_from_db()
    assert citizen.person.given_name == "Ola"


def test_ones_own_relation_is_named_before_that_of_the_team(make):
    unit = make.unit()
    worker = make.staff("practitioner", unit)
    citizen = make.citizen(worker=worker, team=unit)
    by_team = make.citizen(team=unit)
    viewer = make.viewer(worker)

    assert can(viewer, Permission.FOLLOW_CITIZENS, citizen).reason == "service:own"
    assert can(viewer, Permission.FOLLOW_CITIZENS, by_team).reason == "service:team"
