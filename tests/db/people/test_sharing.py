"""What a citizen shares with a partner: exactly those parts, until the day they chose."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import override

from medvirk.people.access import Permission, can, citizens_sharing, shared_with, viewer_for
from medvirk.people.actions import RefusedError, bar_worker, change_sharing, share_with, stop_sharing
from medvirk.people.models import Relation, User

CONTACT, COURSE = "people.contact", "feedback.course"
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


@pytest.fixture
def worker(make):
    return make.staff("practitioner")


@pytest.fixture
def partner(make):
    return make.staff("partner")


@pytest.fixture
def citizen(make, worker):
    return make.citizen(worker=worker)


@pytest.fixture
def today():
    return timezone.localdate()


def sees(make, partner, citizen, part) -> bool:
    viewer = make.viewer(partner)
    said = can(viewer, Permission.SEE_SHARED, citizen, part=part).allowed
    assert said == citizens_sharing(viewer, part).filter(pk=citizen.pk).exists()
    return said


def share(make, worker, citizen, today, **more):
    given = {"parts": [CONTACT], "last_day": today + 30 * DAY, **more}
    return share_with(by=make.viewer(worker), citizen=citizen, **given)


def test_a_partner_sees_the_ticked_part_and_no_other(make, worker, partner, citizen, today):
    share(make, worker, citizen, today, staff=partner)

    assert sees(make, partner, citizen, CONTACT)
    assert not sees(make, partner, citizen, COURSE)
    assert not can(make.viewer(partner), Permission.FOLLOW_CITIZENS, citizen).allowed


def test_everybody_in_the_organisation_sees_what_is_shared_with_it(make, worker, citizen, today):
    organisation = make.unit("NAV Fjordvik")
    one, other = make.staff("partner", organisation), make.staff("partner", organisation)
    share(make, worker, citizen, today, unit=organisation)

    assert [sees(make, each, citizen, CONTACT) for each in (one, other, make.staff("partner"))] == [
        True,
        True,
        False,
    ]


def test_changing_and_stopping_hold_at_once(make, worker, partner, citizen, today):
    relation = share(make, worker, citizen, today, staff=partner)

    change_sharing(by=make.viewer(worker), relation=relation, parts=[COURSE], last_day=today)
    assert [sees(make, partner, citizen, part) for part in (CONTACT, COURSE)] == [False, True]
    stop_sharing(by=make.viewer(worker), relation=relation)

    assert not sees(make, partner, citizen, COURSE)
    assert not shared_with(make.viewer(partner)).exists()


def test_it_ends_by_itself_after_the_last_day(make, worker, partner, citizen, today, time_machine):
    share(make, worker, citizen, today, staff=partner, last_day=today)

    assert sees(make, partner, citizen, CONTACT)
    time_machine.move_to(timezone.now() + DAY, tick=False)
    assert not sees(make, partner, citizen, CONTACT)


def test_what_was_stopped_can_be_shared_anew_the_same_day(make, worker, partner, citizen, today):
    stop_sharing(by=make.viewer(worker), relation=share(make, worker, citizen, today, staff=partner))

    share(make, worker, citizen, today, staff=partner)

    assert sees(make, partner, citizen, CONTACT)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"parts": []}, "Tick at least one part"),
        ({"parts": ["people.everything"]}, "Tick at least one part"),
        ({"last_day": -1}, "has been already"),
        ({"staff": None}, "Choose one partner"),
        ({"staff": "colleague"}, "Choose a partner from the list"),
    ],
)
def test_what_cannot_be_shared_is_refused_and_nothing_stored(
    make, worker, partner, citizen, today, changes, fault
):
    given = {"staff": partner, **changes}
    if given.get("last_day") == -1:
        given["last_day"] = today - DAY
    if given["staff"] == "colleague":
        given["staff"] = make.staff("practitioner")

    with pytest.raises(RefusedError, match=fault):
        share(make, worker, citizen, today, **given)

    assert not Relation.objects.filter(basis="consent").exists()


def test_one_does_not_share_twice_with_the_same(make, worker, partner, citizen, today):
    share(make, worker, citizen, today, staff=partner)

    with pytest.raises(RefusedError, match="Change that instead"):
        share(make, worker, citizen, today, staff=partner)


def test_a_partner_who_is_kept_out_is_told_nothing(make, worker, partner, citizen, today):
    share(make, worker, citizen, today, staff=partner)

    bar_worker(by=make.viewer(worker), citizen=citizen, worker=partner)

    assert not sees(make, partner, citizen, CONTACT)
    assert not shared_with(make.viewer(partner)).exists()


def test_the_citizen_shares_and_stops_themselves(make, partner, citizen, today):
    user = User.objects.create(login="own", login_hash="own", person=citizen.person)

    relation = share_with(
        by=viewer_for(user),
        citizen=citizen,
        staff=partner,
        parts=[CONTACT],
        last_day=today,
        reason="For jobb",
    )
    stop_sharing(by=viewer_for(user), relation=relation)

    assert not sees(make, partner, citizen, CONTACT)


@pytest.mark.parametrize("who", ["colleague", "partner", "another citizen"])
def test_nobody_else_decides_what_is_shared(make, worker, partner, citizen, today, who):
    relation = share(make, worker, citizen, today, staff=partner)
    other = make.citizen().person
    viewers = {
        "colleague": lambda: make.viewer(make.staff("practitioner")),
        "partner": lambda: make.viewer(partner),
        "another citizen": lambda: viewer_for(
            User.objects.get_or_create(person=other, defaults={"login": "x", "login_hash": "x"})[0]
        ),
    }

    with pytest.raises(PermissionDenied):
        change_sharing(by=viewers[who](), relation=relation, parts=[COURSE], last_day=today)
    with pytest.raises(PermissionDenied):
        stop_sharing(by=viewers[who](), relation=relation)
