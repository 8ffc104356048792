"""Emergency access: a reason, an hour, told to a leader."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils.translation import override

from medvirk.people import hooks
from medvirk.people.access import Permission, can, contact_of, open_record
from medvirk.people.actions import (
    RefusedError,
    bar_worker,
    end_emergency,
    end_relation,
    look_at_emergency,
    open_in_emergency,
    register_death,
    register_guardian,
    share_with,
    start_relation,
)
from medvirk.people.matching import Criteria
from medvirk.people.models import AccessEvent, GuardianKind, Relation
from medvirk.people.queries.emergencies import emergency_accesses

REASON = "Har ringt og sagt at livet er i fare"


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


@pytest.fixture
def told(monkeypatch):
    """Notices as the room that brings them gets them."""
    notices = []
    monkeypatch.setattr(hooks, "_takers", [lambda kind, notice: notices.append(notice)])
    return notices


@pytest.fixture
def team(make):
    return make.unit()


@pytest.fixture
def citizen(make, team):
    return make.citizen(team=team, details=make.details(national_id=make.national_id()))


@pytest.fixture
def criteria(citizen):
    return Criteria(national_id=citizen.person.national_id)


@pytest.fixture
def outsider(make):
    return make.staff("practitioner")


def opens(make, staff, citizen) -> str | None:
    decision = can(make.viewer(staff), Permission.FOLLOW_CITIZENS, citizen)
    return decision.reason if decision.allowed else None


def test_it_opens_for_an_hour_and_not_a_second_more(make, outsider, citizen, criteria, told, time_machine):
    time_machine.move_to("2026-03-28T23:30:00+01:00", tick=False)
    relation = open_in_emergency(by=make.viewer(outsider), criteria=criteria, reason=REASON)

    assert opens(make, outsider, citizen) == "emergency:own"
    time_machine.move_to(relation.ends_at - timedelta(seconds=1), tick=False)
    assert opens(make, outsider, citizen) == "emergency:own"
    time_machine.move_to(relation.ends_at, tick=False)
    assert opens(make, outsider, citizen) is None


def test_every_opening_is_marked_in_the_log(make, outsider, citizen, criteria, told):
    open_in_emergency(by=make.viewer(outsider), criteria=criteria, reason=REASON)

    open_record(make.viewer(outsider), citizen, "people.person")

    mine = AccessEvent.objects.by([outsider.pk])
    assert set(mine.values_list("basis", flat=True)) == {"emergency:own"}
    assert mine.count() == 2


def test_the_leaders_of_the_teams_that_help_are_told(make, team, outsider, citizen, criteria, told):
    leader = make.staff("team_leader", team)
    make.staff("team_leader")

    open_in_emergency(by=make.viewer(outsider), criteria=criteria, reason=REASON)

    (notice,) = told
    assert set(notice.person_ids) == {leader.person_id}
    assert REASON not in str(notice)
    assert citizen.person.family_name not in str(notice)


def test_without_a_team_the_nearest_leader_above_the_worker_is_told(make, told):
    top = make.unit("Fjordvik", kind="municipality")
    manager = make.staff("manager", top)
    outsider = make.staff("practitioner", make.unit(parent=top))
    citizen = make.citizen(worker=make.staff(), details=make.details(national_id=make.national_id()))

    open_in_emergency(
        by=make.viewer(outsider), criteria=Criteria(national_id=citizen.person.national_id), reason=REASON
    )

    assert [set(each.person_ids) for each in told] == [{manager.person_id}]


def test_a_leader_who_uses_it_is_not_the_one_who_is_told(make, team, criteria, told):
    leader, other = make.staff("team_leader"), make.staff("team_leader", team)

    open_in_emergency(by=make.viewer(leader), criteria=criteria, reason=REASON)

    assert [set(each.person_ids) for each in told] == [{other.person_id}]


@pytest.mark.parametrize("reason", ["", "   ", "nød"])
def test_it_takes_a_reason(make, outsider, citizen, criteria, told, reason):
    with pytest.raises(RefusedError, match="Say what the emergency is"):
        open_in_emergency(by=make.viewer(outsider), criteria=criteria, reason=reason)

    assert not told
    assert not Relation.objects.filter(basis="emergency").exists()


def test_it_is_not_prolonged_and_a_new_hour_takes_a_new_reason(make, outsider, criteria, told, time_machine):
    time_machine.move_to("2026-05-05T12:00:00+02:00", tick=False)
    open_in_emergency(by=make.viewer(outsider), criteria=criteria, reason=REASON)
    with pytest.raises(RefusedError):
        open_in_emergency(by=make.viewer(outsider), criteria=criteria, reason="Still in danger")
    time_machine.move_to("2026-05-05T13:00:00+02:00", tick=False)

    open_in_emergency(by=make.viewer(outsider), criteria=criteria, reason="Again in danger")

    assert Relation.objects.filter(basis="emergency").count() == 2
    assert len(told) == 2


def test_a_name_alone_opens_nothing(make, outsider, citizen, told):
    person = citizen.person

    with pytest.raises(RefusedError, match="Search again"):
        open_in_emergency(
            by=make.viewer(outsider),
            criteria=Criteria(given_name=person.given_name, family_name=person.family_name),
            reason=REASON,
        )


@pytest.mark.parametrize("role", ["peer_worker", "secretary", "partner", "administrator", "auditor"])
def test_other_roles_have_no_emergency_access(make, criteria, told, role):
    with pytest.raises(PermissionDenied):
        open_in_emergency(by=make.viewer(make.staff(role)), criteria=criteria, reason=REASON)


def test_one_ends_ones_own_and_nobody_elses(make, outsider, citizen, criteria, told):
    relation = open_in_emergency(by=make.viewer(outsider), criteria=criteria, reason=REASON)

    with pytest.raises(Relation.DoesNotExist):
        end_emergency(by=make.viewer(make.staff()), relation_id=relation.pk)
    end_emergency(by=make.viewer(outsider), relation_id=relation.pk)

    assert opens(make, outsider, citizen) is None


def test_leaders_list_what_concerns_their_units_and_mark_it(make, team, outsider, citizen, criteria, told):
    relation = open_in_emergency(by=make.viewer(outsider), criteria=criteria, reason=REASON)
    leader, own_leader = (
        make.staff("team_leader", team),
        make.staff("team_leader", outsider.grants.get().unit),
    )
    stranger = make.staff("team_leader")

    listed = [
        list(emergency_accesses(make.viewer(each))) for each in (leader, own_leader, stranger, outsider)
    ]

    assert listed == [[relation], [relation], [], []]
    look_at_emergency(by=make.viewer(leader), relation_id=relation.pk)
    look_at_emergency(by=make.viewer(own_leader), relation_id=relation.pk)
    assert emergency_accesses(make.viewer(leader)).get().review.reviewed_by == leader
    with pytest.raises(Relation.DoesNotExist):
        look_at_emergency(by=make.viewer(stranger), relation_id=relation.pk)


def test_a_leader_does_not_look_at_their_own_use(make, team, criteria, told):
    leader = make.staff("team_leader")
    relation = open_in_emergency(by=make.viewer(leader), criteria=criteria, reason=REASON)

    with pytest.raises(PermissionDenied):
        look_at_emergency(by=make.viewer(leader), relation_id=relation.pk)


def test_a_leader_who_is_kept_out_is_not_told_and_sees_nothing(make, team, outsider, citizen, criteria, told):
    leader, other = make.staff("team_leader", team), make.staff("team_leader", team)
    bar_worker(by=make.viewer(other), citizen=citizen, worker=leader)

    open_in_emergency(by=make.viewer(outsider), criteria=criteria, reason=REASON)

    assert [set(each.person_ids) for each in told] == [{other.person_id}]
    assert not emergency_accesses(make.viewer(leader)).exists()


def test_the_hour_opens_nothing_that_lasts(make, citizen, criteria, outsider, told):
    """Also of a protected address, which no worker ties themselves to from a search."""
    citizen.person.protection = "strictly_confidential"
    citizen.person.save()
    by, today = make.viewer(outsider), make.viewer(outsider).today
    open_in_emergency(by=by, criteria=criteria, reason=REASON)
    before = Relation.objects.count()
    lasting = {
        "oneself": lambda: start_relation(
            by=by, citizen=citizen, worker=outsider, reason="Videre hjelp", valid_from=today
        ),
        "a colleague": lambda: start_relation(
            by=by, citizen=citizen, worker=make.staff(), reason="Videre hjelp", valid_from=today
        ),
        "a partner": lambda: share_with(
            by=by, citizen=citizen, staff=make.staff("partner"), parts=["people.contact"], last_day=today
        ),
        "ending": lambda: end_relation(by=by, relation=citizen.relations.earliest("pk"), last_day=today),
        "a guardian": lambda: register_guardian(
            by=by, citizen=citizen, details=make.details(), kind=GuardianKind.GUARDIAN, valid_from=today
        ),
        "a bar": lambda: bar_worker(by=by, citizen=citizen, worker=make.staff()),
        "a death": lambda: register_death(by=by, citizen=citizen, died_on=today),
    }

    for act in lasting.values():
        by.forget()
        with pytest.raises(RefusedError, match="emergency access only"):
            act()

    assert Relation.objects.count() == before
    assert contact_of(by, citizen).may_show is False
