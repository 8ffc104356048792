"""Staff, their roles and their way in."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import translation

from medvirk.people.actions import (
    NewGrant,
    RefusedError,
    change_staff,
    deactivate,
    end_role,
    grant_role,
    reactivate,
    register_staff,
    set_password,
)
from medvirk.people.models import Grant, Staff, User
from medvirk.people.queries import grants_to_end, staff_in_scope, staff_list

GOOD = "fem blå epler på bordet"


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def top(make):
    return make.unit("Fjordvik", kind="municipality")


@pytest.fixture
def service(make, top):
    return make.unit("Health", kind="service", parent=top)


@pytest.fixture
def chief(make, top):
    return make.staff("administrator", top)


@pytest.fixture
def local(make, service):
    return make.staff("administrator", service)


def test_registering_gives_account_role_and_a_password_to_be_changed(make, chief, service):
    grant = NewGrant("practitioner", service, make.long_ago)

    staff = register_staff(
        by=make.viewer(chief),
        details=make.details(),
        login=" Berit ",
        password=GOOD,
        grants=[grant],
        title="Nurse",
    )

    assert staff.user.check_password(GOOD)
    assert staff.user.has_first_password
    assert User.objects.get_by_natural_key("berit") == staff.user
    assert [(held.role, held.unit) for held in staff.grants.all()] == [("practitioner", service)]


def test_all_faults_at_once_and_nothing_saved(make, chief, service):
    taken = make.staff(login="taken")
    before = Staff.objects.count()

    with pytest.raises(RefusedError) as refused:
        register_staff(
            by=make.viewer(chief),
            details=make.details(given_name=""),
            login="TAKEN",
            password="short",
            grants=[NewGrant("practitioner", service, date(2000, 1, 1), date(1999, 1, 1))],
        )

    assert taken.user.login == "taken"
    assert len(refused.value.sentences) == 5
    assert Staff.objects.count() == before


@pytest.mark.parametrize("login", ["", "  ", "x" * 65])
def test_a_sign_in_name_has_a_length(make, chief, login):
    with pytest.raises(RefusedError, match="between 1 and 64"):
        register_staff(by=make.viewer(chief), details=make.details(), login=login, password=GOOD)


def test_roles_are_given_in_ones_own_units_only(make, local, top, service):
    staff = make.staff("practitioner", service)

    with pytest.raises(PermissionDenied):
        grant_role(by=make.viewer(local), staff=staff, grant=NewGrant("administrator", top, make.long_ago))
    with pytest.raises(PermissionDenied):
        register_staff(
            by=make.viewer(local), details=make.details(), login="n", password=GOOD,
            grants=[NewGrant("administrator", top, make.long_ago)],
        )  # fmt: skip


def test_the_same_role_twice_in_the_same_time_is_refused(make, chief, service):
    staff = make.staff("practitioner", service)
    today = make.viewer(chief).today

    with pytest.raises(RefusedError, match="already"):
        grant_role(by=make.viewer(chief), staff=staff, grant=NewGrant("practitioner", service, today))
    grant_role(by=make.viewer(chief), staff=staff, grant=NewGrant("team_leader", service, today))

    assert staff.grants.count() == 2


def test_an_ended_role_gives_nothing_the_day_after_and_keeps_history(make, chief, service):
    staff = make.staff("practitioner", service)
    viewer = make.viewer(chief)

    end_role(by=viewer, grant=staff.grants.get(), last_day=viewer.today - timedelta(days=1))

    assert make.viewer(staff).permissions == frozenset()
    assert Grant.history.filter(staff_id=staff.pk).count() == 2
    assert list(grants_to_end(viewer, staff)) == []


def test_the_last_administrator_stays(make, chief):
    viewer = make.viewer(chief)

    with pytest.raises(RefusedError, match="nobody could administer"):
        end_role(by=viewer, grant=chief.grants.get(), last_day=viewer.today)

    make.staff("administrator", chief.grants.get().unit)
    end_role(by=viewer, grant=chief.grants.get(), last_day=viewer.today)
    assert chief.grants.get().valid_to == viewer.today


def test_a_new_password_signs_others_out_and_must_be_changed(make, chief, service, client_of):
    staff = make.staff("practitioner", service)
    browser = client_of(staff)

    set_password(by=make.viewer(chief), staff=staff, password=GOOD)

    staff.user.refresh_from_db()
    assert staff.user.check_password(GOOD)
    assert staff.user.has_first_password
    assert browser.get("/people/find/").status_code == 302


def test_a_weak_password_is_refused(make, chief, service):
    staff = make.staff("practitioner", service)

    with pytest.raises(RefusedError, match="12"):
        set_password(by=make.viewer(chief), staff=staff, password="kort")

    assert User.objects.get(pk=staff.user_id).check_password(make.password)


def test_a_wider_role_cannot_be_taken_over_by_its_password(make, local, chief, top, service):
    both = make.staff("practitioner", service)
    grant_role(by=None, staff=both, grant=NewGrant("administrator", top, make.long_ago))

    for act in (lambda: set_password(by=make.viewer(local), staff=both, password=GOOD),
                lambda: deactivate(by=make.viewer(local), staff=both),
                lambda: reactivate(by=make.viewer(local), staff=chief)):  # fmt: skip
        with pytest.raises(PermissionDenied):
            act()


def test_an_account_is_closed_at_once_and_can_be_opened(make, chief, service, client_of):
    staff = make.staff("practitioner", service)
    browser = client_of(staff)

    deactivate(by=make.viewer(chief), staff=staff)
    closed = browser.get("/people/find/").status_code
    reactivate(by=make.viewer(chief), staff=staff)

    assert closed == 302
    assert browser.get("/people/find/").status_code == 200


def test_nobody_closes_their_own_account_or_that_of_the_last_administrator(make, chief):
    with pytest.raises(RefusedError, match="your own"):
        deactivate(by=make.viewer(chief), staff=chief)
    with pytest.raises(RefusedError, match="nobody could administer"):
        deactivate(by=None, staff=chief)


def test_staff_details_are_changed(make, chief, service):
    staff = make.staff("practitioner", service)

    change_staff(
        by=make.viewer(chief),
        staff=staff,
        details=make.details(given_name="Anna", phone="90000003"),
        title="Nurse",
    )

    staff = Staff.objects.select_related("person").get(pk=staff.pk)
    assert (staff.person.given_name, staff.person.phone, staff.title) == ("Anna", "+4790000003", "Nurse")


def test_one_sees_the_staff_of_ones_own_units_and_those_without_a_role(make, local, chief, service):
    mine, new = make.staff("practitioner", service), make.staff(None)
    make.staff("practitioner")

    assert set(staff_in_scope(make.viewer(local))) == {local, mine, new}
    assert chief not in staff_in_scope(make.viewer(local))
    assert list(staff_in_scope(make.viewer(mine))) == []


def test_staff_are_listed_under_their_units(make, chief, service):
    nurse = make.staff("practitioner", service)
    new = make.staff(None)
    viewer = make.viewer(chief)

    listed = [(group.unit and group.unit.name, group.staff) for group in staff_list(viewer, viewer.today)]

    assert listed == [("Fjordvik", (chief,)), ("Health", (nurse,)), (None, (new,))]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_the_same_queries_however_long(make, chief, service, rows, django_assert_num_queries):
    for _ in range(rows):
        make.staff("practitioner", service)
    viewer = make.viewer(chief)

    with django_assert_num_queries(3):
        staff_list(viewer, viewer.today)
