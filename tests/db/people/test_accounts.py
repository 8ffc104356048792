"""Accounts of one's own and job accounts: who may tie them, and what stands in the database."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.db import connection

from medvirk.people.actions import (
    RefusedError,
    account_by_job,
    expect_job_account,
    forget_factors,
    let_job_account_go,
    own_account,
)
from medvirk.people.models import JobAccount, User

NAME = "ada.oslo@kommune.example"


def come(name: str = NAME, subject: str = "oid-1", tenant: str = "t") -> User | None:
    return account_by_job(by=None, issuer="https://login.example", tenant=tenant, subject=subject, name=name)


def test_an_administrator_ties_only_those_they_look_after(make):
    municipality = make.unit()
    here, there = make.unit(parent=municipality), make.unit(parent=municipality)
    administrator = make.viewer(make.staff("administrator", here))
    own, stranger = make.staff("practitioner", here), make.staff("practitioner", there)

    expect_job_account(by=administrator, staff=own, name=NAME)
    for act in (
        lambda: expect_job_account(by=administrator, staff=stranger, name="somebody"),
        lambda: let_job_account_go(by=administrator, staff=stranger),
        lambda: forget_factors(by=administrator, staff=stranger),
    ):
        with pytest.raises(PermissionDenied):
            act()

    assert JobAccount.objects.get().user == own.user


def test_two_workers_cannot_wait_by_one_name(make):
    expect_job_account(by=None, staff=make.staff(), name=NAME)

    with pytest.raises(RefusedError):
        expect_job_account(by=None, staff=make.staff(), name=f" {NAME.upper()}")


@pytest.mark.parametrize("name", ["", "  ", "x" * 255])
def test_a_name_is_needed(make, name):
    with pytest.raises(RefusedError):
        expect_job_account(by=None, staff=make.staff(), name=name)


def test_waiting_anew_lets_the_earlier_job_account_go(make):
    staff = make.staff()
    expect_job_account(by=None, staff=staff, name=NAME)
    assert come() == staff.user

    expect_job_account(by=None, staff=staff, name="new.name@kommune.example")

    assert come() is None
    assert come("new.name@kommune.example", "oid-2") == staff.user


def test_a_name_that_looks_like_a_mark_opens_nothing(make):
    staff = make.staff()
    expect_job_account(by=None, staff=staff, name=NAME)
    come()

    assert come(name='["https://login.example", "t", "oid-1"]', subject="oid-9") is None


def test_neither_name_nor_mark_stands_readable_in_any_table(make):
    staff = make.staff()
    expect_job_account(by=None, staff=staff, name=NAME)
    expect_job_account(by=None, staff=make.staff(), name="waiting@kommune.example")
    come(subject="subject-of-ada")

    with connection.cursor() as cursor:
        found = ""
        for table in ("people_jobaccount", "people_historicaljobaccount", "people_user"):
            cursor.execute(f"SELECT * FROM {table}")
            found += str(cursor.fetchall())

    assert JobAccount.objects.filter(bound_at__isnull=False).count() == 1
    for secret in (NAME, "waiting@kommune.example", "subject-of-ada", "login.example"):
        assert secret not in found


def test_an_own_account_is_made_once_and_only_for_somebody_known(make):
    number = make.national_id()
    citizen = make.citizen(details=make.details(national_id=number))
    before = User.objects.count()

    first, second = (own_account(by=None, national_id=number) for _ in range(2))

    assert first == second
    assert first.person == citizen.person
    assert not first.has_usable_password()
    assert own_account(by=None, national_id=make.national_id()) is None
    assert own_account(by=None, national_id="") is None
    assert User.objects.count() == before + 1


def test_a_closed_own_account_stays_closed(make):
    number = make.national_id()
    make.citizen(details=make.details(national_id=number))
    user = own_account(by=None, national_id=number)
    user.is_active = False
    user.save()

    assert own_account(by=None, national_id=number) is None


def test_lost_factors_are_taken_away_and_the_sessions_end(make):
    staff = make.staff()
    Authenticator.objects.create(user=staff.user, type="totp", data={"secret": "x"})
    before = staff.user.get_session_auth_hash()

    forget_factors(by=None, staff=staff)

    staff.user.refresh_from_db()
    assert not Authenticator.objects.exists()
    assert staff.user.get_session_auth_hash() != before
