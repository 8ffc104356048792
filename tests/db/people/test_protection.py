"""Protected address: contact and place hidden, shown by one click to those who work with the citizen."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import override

from medvirk.people.access import Contact, contact_of, open_contact, place_of, viewer_for
from medvirk.people.actions import (
    RefusedError,
    change_contact,
    open_in_emergency,
    set_protection,
    set_protection_after_search,
    start_relation,
    start_relation_after_search,
    update_person,
)
from medvirk.people.logic import PersonDetails
from medvirk.people.matching import Criteria
from medvirk.people.models import AccessEvent, Person, User

PHONE, EMAIL = "90000001", "aa@example.no"


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


@pytest.fixture
def team(make):
    return make.unit("Team Hemmelig")


@pytest.fixture
def worker(make, team):
    return make.staff("practitioner", team)


@pytest.fixture
def leader(make, team):
    return make.staff("team_leader", team)


@pytest.fixture
def citizen(make, team, worker):
    details = make.details(national_id=make.national_id(), phone=PHONE, email=EMAIL)
    return make.citizen(worker=worker, team=team, details=details)


def protect(make, leader, citizen, protection="strictly_confidential"):
    citizen.person = set_protection(by=make.viewer(leader), citizen=citizen, protection=protection)


def test_contact_is_hidden_and_only_ones_own_worker_may_ask(make, team, worker, leader, citizen):
    protect(make, leader, citizen)

    shown = {who.pk: contact_of(make.viewer(who), citizen) for who in (worker, leader, make.staff())}

    assert [each.hidden for each in shown.values()] == [True, True, True]
    assert [each.may_show for each in shown.values()] == [True, False, False]
    with pytest.raises(Http404):
        open_contact(make.viewer(leader), citizen)
    assert open_contact(make.viewer(worker), citizen) == Contact("+4790000001", EMAIL)


def test_showing_the_contact_is_logged_by_itself(make, worker, leader, citizen):
    protect(make, leader, citizen)

    open_contact(make.viewer(worker), citizen)

    assert AccessEvent.objects.by([worker.pk]).filter(what="people.contact", basis="service:own").count() == 1


def test_without_protection_contact_is_shown_and_place_named(make, team, worker, citizen):
    assert contact_of(make.viewer(worker), citizen) == Contact("+4790000001", EMAIL)
    assert place_of(make.viewer(worker), citizen, team) == "Team Hemmelig"


def test_the_place_is_hidden_from_all_but_the_citizen(make, team, worker, leader, citizen):
    protect(make, leader, citizen, "confidential")
    me = viewer_for(User.objects.create(login="own", login_hash="own", person=citizen.person))

    assert "Hemmelig" not in place_of(make.viewer(worker), citizen, team)
    assert place_of(me, citizen, team) == "Team Hemmelig"
    assert contact_of(me, citizen) == Contact("+4790000001", EMAIL)


def test_emergency_access_does_not_show_the_contact(make, leader, citizen):
    protect(make, leader, citizen)
    outsider = make.staff()
    open_in_emergency(
        by=make.viewer(outsider),
        criteria=Criteria(national_id=citizen.person.national_id),
        reason="Danger to their life",
    )

    assert contact_of(make.viewer(outsider), citizen).may_show is False


def test_nobody_but_a_leader_starts_a_relation_from_a_search(make, team, leader, citizen):
    protect(make, leader, citizen)
    criteria = Criteria(national_id=citizen.person.national_id)

    for role in ("practitioner", "secretary"):
        with pytest.raises(RefusedError, match="Ask a team leader") as refused:
            start_relation_after_search(
                by=make.viewer(make.staff(role)), criteria=criteria, reason="Help", team=make.unit()
            )
        assert "address" not in str(refused.value)
    tied = start_relation_after_search(
        by=make.viewer(make.staff("team_leader")), criteria=criteria, reason="Help"
    )
    start_relation(
        by=make.viewer(leader), citizen=citizen, worker=make.staff(), reason="Help", valid_from=make.long_ago
    )

    assert tied.citizen == citizen


@pytest.mark.parametrize("role", ["practitioner", "peer_worker", "administrator", "manager"])
def test_others_do_not_set_or_clear_it(make, team, citizen, role):
    with pytest.raises(PermissionDenied):
        set_protection(by=make.viewer(make.staff(role, team)), citizen=citizen, protection="confidential")


def test_a_secretary_sets_it_from_a_search_and_never_weakens_it(make, leader, citizen):
    secretary = make.staff("secretary")
    criteria = Criteria(national_id=citizen.person.national_id)

    set_protection_after_search(
        by=make.viewer(secretary), criteria=criteria, protection="strictly_confidential"
    )
    set_protection_after_search(by=make.viewer(secretary), criteria=criteria, protection="confidential")

    assert Person.objects.get(pk=citizen.person_id).protection == "strictly_confidential"
    with pytest.raises(RefusedError, match="Choose which"):
        set_protection_after_search(by=make.viewer(secretary), criteria=criteria, protection="")


def test_strictly_protected_contact_is_stored_only_when_confirmed(make, worker, leader, citizen):
    protect(make, leader, citizen)

    with pytest.raises(RefusedError, match="Ask the citizen first"):
        change_contact(by=make.viewer(worker), citizen=citizen, phone="90000002", email="", confirmed=False)
    change_contact(by=make.viewer(worker), citizen=citizen, phone="", email="", confirmed=False)
    assert Person.objects.get(pk=citizen.person_id).phone == ""
    change_contact(by=make.viewer(worker), citizen=citizen, phone="90000002", email="", confirmed=True)

    assert Person.objects.get(pk=citizen.person_id).phone == "+4790000002"
    with pytest.raises(PermissionDenied):
        change_contact(by=make.viewer(leader), citizen=citizen, phone="1", email="", confirmed=True)


def test_changing_the_name_leaves_a_protected_contact_alone(make, worker, leader, citizen):
    protect(make, leader, citizen)
    person = citizen.person

    update_person(
        by=make.viewer(worker),
        citizen=citizen,
        details=PersonDetails(
            given_name="Ny", family_name="Navnesen", phone="90000009", national_id=person.national_id
        ),
    )

    changed = Person.objects.get(pk=person.pk)
    assert (changed.given_name, changed.phone, changed.email) == ("Ny", "+4790000001", EMAIL)
