"""Parents and guardians: what each may see on the day, by the citizen's age."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.utils.translation import override

from medvirk.people.access import Permission, can, citizens_of, viewer_for
from medvirk.people.actions import (
    RefusedError,
    bar_worker,
    change_guardian,
    register_guardian,
    share_with,
    update_person,
)
from medvirk.people.models import AccessAction, AccessEvent, GuardianKind, Guardianship, Person, User
from medvirk.people.queries.openings import guardians_of
from medvirk.people.wording import guardian_words

BORN = date(2014, 5, 17)


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


@pytest.fixture(autouse=True)
def the_day(time_machine):
    """The child is eleven."""
    time_machine.move_to("2026-03-02T12:00:00+01:00", tick=False)
    return time_machine


@pytest.fixture
def worker(make):
    return make.staff("practitioner")


@pytest.fixture
def child(make, worker):
    return make.citizen(worker=worker, details=make.details(birth_date=BORN))


def guard(make, worker, child, *, kind=GuardianKind.PARENT, **more):
    given = {"details": make.details(national_id=make.national_id()), "valid_from": make.long_ago, **more}
    return register_guardian(by=make.viewer(worker), citizen=child, kind=kind, **given)


def account(guardianship):
    user, _new = User.objects.get_or_create(
        person=guardianship.guardian, defaults={"login": "own", "login_hash": str(guardianship.guardian_id)}
    )
    return viewer_for(user)


def sees(guardianship) -> bool:
    viewer = account(guardianship)
    citizen = Guardianship.objects.get(pk=guardianship.pk).citizen
    said = can(viewer, Permission.OWN_PAGES, citizen).allowed
    assert said == (citizen.pk in {each.pk for each in citizens_of(viewer)})
    return said


@pytest.mark.parametrize(
    ("moment", "plain", "withheld"),
    [
        ("2026-05-16T23:59:59+02:00", True, True),  # eleven: it cannot be withheld yet
        ("2026-05-17T00:00:00+02:00", True, False),  # twelve
        ("2029-05-17T12:00:00+02:00", True, False),  # fifteen
        ("2030-05-16T23:59:59+02:00", True, False),
        ("2030-05-17T00:00:00+02:00", False, False),  # sixteen: it ends by itself
    ],
)
def test_what_a_parent_sees_changes_on_the_birthday(make, worker, child, the_day, moment, plain, withheld):
    open_one, kept_one = guard(make, worker, child), guard(make, worker, child)
    Guardianship.objects.filter(pk=kept_one.pk).update(withheld=True)

    the_day.move_to(moment, tick=False)

    assert (sees(open_one), sees(kept_one)) == (plain, withheld)


@pytest.mark.parametrize(
    ("moment", "still"),
    [
        ("2028-02-28T23:59:59+01:00", True),
        ("2028-02-29T00:00:00+01:00", False),  # a leap year again, sixteen years later
        ("2028-03-01T00:00:00+01:00", False),
    ],
)
def test_who_is_born_on_29_february_is_sixteen_on_that_day(make, worker, the_day, moment, still):
    parent = guard(
        make, worker, make.citizen(worker=worker, details=make.details(birth_date=date(2012, 2, 29)))
    )

    the_day.move_to(moment, tick=False)

    assert sees(parent) is still


@pytest.mark.parametrize(
    ("moment", "told"), [("2024-02-28T12:00:00+01:00", True), ("2024-02-29T00:00:00+01:00", False)]
)
def test_who_is_born_on_29_february_is_twelve_on_that_day(make, worker, the_day, moment, told):
    parent = guard(
        make, worker, make.citizen(worker=worker, details=make.details(birth_date=date(2012, 2, 29)))
    )
    Guardianship.objects.filter(pk=parent.pk).update(withheld=True)

    the_day.move_to(moment, tick=False)

    assert sees(parent) is told


def test_a_guardian_sees_what_the_mandate_covers_at_any_age(make, worker, child, the_day):
    covered = guard(make, worker, child, kind=GuardianKind.GUARDIAN)
    money = guard(make, worker, child, kind=GuardianKind.GUARDIAN, covers_health=False)

    assert (sees(covered), sees(money)) == (True, False)
    the_day.move_to("2050-01-01T12:00:00+01:00", tick=False)
    assert (sees(covered), sees(money)) == (True, False)


def test_it_ends_after_its_last_day_and_at_death(make, worker, child, the_day):
    ended = guard(make, worker, child, valid_to=date(2026, 3, 2))
    running = guard(make, worker, child)

    assert sees(ended)
    the_day.move_to("2026-03-03T00:00:00+01:00", tick=False)
    assert not sees(ended)
    assert sees(running)
    Person.objects.filter(pk=child.person_id).update(died_on=date(2026, 3, 1))
    assert not sees(running)


def test_what_the_child_wishes_holds_at_once(make, worker, child, the_day):
    the_day.move_to("2027-01-01T12:00:00+01:00", tick=False)
    parent = guard(make, worker, child)

    change_guardian(
        by=make.viewer(worker), guardianship=parent, withheld=True, covers_health=True, valid_to=None
    )

    assert not sees(parent)
    assert "does not want it told" in guardian_words(guardians_of(make.viewer(worker), child)[0])


def test_a_child_under_twelve_cannot_withhold_it(make, worker, child):
    parent = guard(make, worker, child)

    with pytest.raises(RefusedError, match="age of 12"):
        change_guardian(
            by=make.viewer(worker), guardianship=parent, withheld=True, covers_health=True, valid_to=None
        )
    with pytest.raises(RefusedError, match="age of 12"):
        guard(make, worker, child, withheld=True)


@pytest.mark.parametrize(
    ("born", "fault"), [(date(2009, 1, 1), "16 or older"), (None, "date of birth first")]
)
def test_a_parent_of_whom_nothing_follows_is_not_registered(make, worker, born, fault):
    citizen = make.citizen(worker=worker, details=make.details(birth_date=born))

    with pytest.raises(RefusedError, match=fault):
        guard(make, worker, citizen)


def test_a_number_does_not_tell_whose_it_is(make, worker, child):
    known = make.details(national_id=make.national_id())
    make.citizen(details=known)

    with pytest.raises(RefusedError, match="not the one registered"):
        guard(make, worker, child, details=make.details(national_id=known.national_id))
    people = Person.objects.count()
    made = guard(make, worker, child, details=known)

    assert made.guardian.citizen is not None
    assert Person.objects.count() == people


def test_nobody_guards_themselves_or_twice(make, worker):
    details = make.details(national_id=make.national_id(), birth_date=None)
    adult = make.citizen(worker=worker, details=details)
    other = make.details(national_id=make.national_id())
    guard(make, worker, adult, kind=GuardianKind.GUARDIAN, details=other)

    with pytest.raises(RefusedError, match="themselves"):
        guard(make, worker, adult, kind=GuardianKind.GUARDIAN, details=details)
    with pytest.raises(RefusedError, match="already"):
        guard(make, worker, adult, kind=GuardianKind.GUARDIAN, details=other)


def test_a_worker_without_relation_registers_nobody(make, child):
    with pytest.raises(PermissionDenied):
        guard(make, make.staff(), child)


def test_a_parent_decides_for_the_child_and_no_longer_at_sixteen(make, worker, child, the_day):
    parent, partner = guard(make, worker, child), make.staff("partner")
    colleague = make.staff()

    bar_worker(by=account(parent), citizen=child, worker=colleague)
    share_with(
        by=account(parent), citizen=child, staff=partner, parts=["people.contact"], last_day=date(2026, 4, 1)
    )

    the_day.move_to("2030-05-17T00:00:00+02:00", tick=False)
    with pytest.raises(PermissionDenied):
        bar_worker(by=account(parent), citizen=child, worker=worker)


def test_a_number_tried_for_a_parent_or_in_ones_own_record_is_logged_as_a_search(make, worker, child):
    """Else whose number is registered could be tried out unseen, one by one."""
    known = make.citizen(details=make.details(national_id=make.national_id()))
    tried = replace(make.details(), national_id=known.person.national_id)
    attempts = [
        lambda: guard(make, worker, child, details=tried),
        lambda: update_person(by=make.viewer(worker), citizen=child, details=tried),
    ]

    for number, attempt in enumerate(attempts, start=1):
        with pytest.raises(RefusedError):
            attempt()
        rows = AccessEvent.objects.about([known.pk]).filter(action=AccessAction.SEARCHED)
        assert rows.count() == number
        assert set(rows.values_list("basis", flat=True)) == {"search:national_id"}
