"""Unusual openings: found every night from the log as it is, and looked into by those who may."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils import timezone

from medvirk.people.access import log_access, open_record
from medvirk.people.actions import register_citizen, start_relation_after_search
from medvirk.people.actions.review import review_log, settle_pattern
from medvirk.people.logic import RefusedError
from medvirk.people.matching import Criteria
from medvirk.people.models import AccessAction, Bar, Citizen, Role, Staff, UnusualOpening
from medvirk.people.queries.log import pattern_to_settle, patterns

NOON = timezone.make_aware(datetime(2026, 5, 4, 12))  # noqa: DTZ001
NEXT_NIGHT = NOON + timedelta(hours=16)


@pytest.fixture
def noon():
    with time_machine.travel(NOON, tick=False) as clock:
        yield clock


def look(make, worker, citizen, basis="service:own"):
    log_access(make.viewer(worker), [citizen.pk], "people.person", action=AccessAction.OPENED, basis=basis)


def kinds() -> dict[str, int]:
    return dict(UnusualOpening.objects.values_list("kind", "records"))


@pytest.mark.usefixtures("noon")
class TestFinding:
    def test_an_ordinary_day(self, make):
        worker = make.staff()
        for _ in range(10):
            look(make, worker, make.citizen(worker=worker))

        assert review_log(NEXT_NIGHT) == 0

    def test_many_records_of_other_teams(self, make):
        worker, team = make.staff(), make.unit()
        for _ in range(8):
            look(make, worker, make.citizen(team=team))

        review_log(NEXT_NIGHT)

        assert kinds() == {"other_units": 8}

    def test_citizens_of_a_colleague_elsewhere(self, make):
        worker, other = make.staff(), make.staff()
        for _ in range(8):
            look(make, worker, make.citizen(worker=other))

        review_log(NEXT_NIGHT)

        assert kinds() == {"other_units": 8}

    def test_the_same_family_name(self, make):
        worker = make.staff(details=make.details(family_name="Fjellbakk"))
        look(make, worker, make.citizen(worker=worker, details=make.details(family_name="fjellbakk")))

        review_log(NEXT_NIGHT)

        assert kinds() == {"same_name": 1}

    def test_the_same_phone(self, make):
        worker = make.staff(details=make.details(phone="59000001"))
        look(make, worker, make.citizen(worker=worker, details=make.details(phone="+47 59 00 00 01")))

        review_log(NEXT_NIGHT)

        assert kinds() == {"same_name": 1}

    def test_an_attempt_of_somebody_who_is_barred(self, make):
        worker = make.staff()
        citizen = make.citizen(worker=worker)
        Bar.objects.create(citizen=citizen, staff=worker, kind="citizen", set_at=NOON)

        with pytest.raises(Http404):
            open_record(make.viewer(worker), citizen, "people.person")
        review_log(NEXT_NIGHT)

        assert kinds() == {"refused": 1}

    def test_somebody_who_works_here(self, make):
        worker, colleague = make.staff(), make.staff()
        look(make, worker, Citizen.objects.create(person=colleague.person))

        review_log(NEXT_NIGHT)

        assert kinds() == {"colleague": 1}

    def test_at_night_but_not_on_shifts(self, make, noon):
        late, on_shift = make.staff(), make.staff()
        citizens = {worker: [make.citizen(worker=worker) for _ in range(5)] for worker in (late, on_shift)}
        for nights_ago in (9, 6, 3):
            noon.move_to(NOON.replace(hour=1) - timedelta(days=nights_ago))
            look(make, on_shift, citizens[on_shift][0])
        noon.move_to(NOON.replace(hour=2))
        for worker in (late, on_shift):
            for citizen in citizens[worker]:
                look(make, worker, citizen)

        review_log(NEXT_NIGHT)

        assert list(UnusualOpening.objects.values_list("kind", "staff", "records")) == [
            ("at_night", late.pk, 5)
        ]

    def test_a_relation_started_oneself_without_a_plan(self, make, noon, care):
        number = make.national_id()
        citizen = make.citizen(details=make.details(national_id=number))
        noon.move_to(NOON - timedelta(days=2))
        start_relation_after_search(
            by=make.viewer(care.worker), criteria=Criteria(national_id=number), reason="Hjelp", team=None
        )
        noon.move_to(NOON)
        look(make, care.worker, citizen)

        review_log(NEXT_NIGHT)

        assert kinds() == {"no_contact": 1}

    def test_with_a_conversation_planned_it_is_ordinary(self, make, noon, care):
        number = make.national_id()
        citizen = make.citizen(details=make.details(national_id=number))
        noon.move_to(NOON - timedelta(days=2))
        start_relation_after_search(
            by=make.viewer(care.worker), criteria=Criteria(national_id=number), reason="Hjelp", team=None
        )
        care.viewer = make.viewer(care.worker)
        care.session(care.episode(citizen=citizen), at=NOON + timedelta(days=3))
        noon.move_to(NOON)
        look(make, care.worker, citizen)

        review_log(NEXT_NIGHT)

        assert kinds() == {}

    def test_long_after_the_last_course_had_ended(self, make, care):
        from medvirk.feedback.models import Episode

        episode = care.episode()
        day = NOON.date() - timedelta(days=120)
        Episode.objects.filter(pk=episode.pk).update(started_on=day, ended_on=day, ending="planned")
        look(make, care.worker, episode.citizens.get())

        review_log(NEXT_NIGHT)

        assert kinds() == {"ended": 1}

    def test_again_changes_nothing_and_keeps_what_was_said(self, make):
        leader, pattern = one_pattern(make)
        settle_pattern(by=leader, pattern=pattern, state="explained", words="Vikar", now=NEXT_NIGHT)

        assert review_log(NEXT_NIGHT) == 0
        assert review_log(NEXT_NIGHT + timedelta(days=1)) == 0
        assert UnusualOpening.objects.get().words == "Vikar"

    def test_days_that_were_missed_are_made_good(self, make):
        one_pattern(make, review=False)

        assert review_log(NEXT_NIGHT + timedelta(days=6)) == 1

    @pytest.mark.parametrize("rows", [1, 3])
    def test_the_same_queries_however_many(self, make, rows, django_assert_num_queries):
        for _ in range(rows):
            worker, colleague = make.staff(), make.staff()
            look(make, worker, Citizen.objects.create(person=colleague.person))

        with django_assert_num_queries(20):
            assert review_log(NEXT_NIGHT) == rows


def one_pattern(make, *, review=True):
    """A worker who opened a colleague's record, and the viewer of their leader."""
    top = make.unit(kind="municipality")
    unit = make.unit(parent=top)
    worker, leader = make.staff("practitioner", unit), make.staff("team_leader", unit)
    look(make, worker, Citizen.objects.create(person=make.staff().person))
    if review:
        review_log(NEXT_NIGHT)
    return make.viewer(leader), UnusualOpening.objects.filter(staff=worker).first()


@pytest.mark.usefixtures("noon")
class TestLookingInto:
    def test_the_leader_says_what_came_of_it(self, make):
        leader, pattern = one_pattern(make)

        ((row,),) = [day.rows for day in patterns(leader)]
        settle_pattern(
            by=leader, pattern=row.found, state="explained", words=" Hun var vikar ", now=NEXT_NIGHT
        )

        pattern.refresh_from_db()
        assert (pattern.state, pattern.words, pattern.looked_by_id) == (
            "explained",
            "Hun var vikar",
            leader.staff_id,
        )
        assert patterns(leader) == []
        assert [day.day for day in patterns(leader, settled=True)] == [NOON.date()]

    def test_nobody_reviews_themselves(self, make):
        unit = make.unit(kind="municipality")
        leader = make.staff("team_leader", unit)
        look(make, leader, Citizen.objects.create(person=make.staff().person))
        review_log(NEXT_NIGHT)
        pattern = UnusualOpening.objects.get()

        assert patterns(make.viewer(leader)) == []
        with pytest.raises(PermissionDenied):
            settle_pattern(by=make.viewer(leader), pattern=pattern, state="explained", words="x", now=NOON)

    def test_the_leader_of_another_unit_does_not_see_it(self, make):
        _leader, pattern = one_pattern(make)
        other = make.viewer(make.staff("team_leader", make.unit(parent=make.unit(kind="municipality"))))

        assert patterns(other) == []
        assert pattern_to_settle(other, pattern.pk) is None

    @pytest.mark.parametrize("role", sorted(set(Role) - {Role.TEAM_LEADER, Role.MANAGER, Role.AUDITOR}))
    def test_other_roles_do_not(self, make, role):
        _leader, pattern = one_pattern(make)
        unit = Staff.objects.get(pk=pattern.staff_id).grants.get().unit
        viewer = make.viewer(make.staff(role, unit))

        assert patterns(viewer) == []
        with pytest.raises(PermissionDenied):
            settle_pattern(by=viewer, pattern=pattern, state="explained", words="x", now=NOON)

    @pytest.mark.parametrize(("state", "words"), [("explained", "  "), ("open", "x"), ("fired", "x")])
    def test_it_takes_words(self, make, state, words):
        leader, pattern = one_pattern(make)

        with pytest.raises(RefusedError):
            settle_pattern(by=leader, pattern=pattern, state=state, words=words, now=NOON)

    def test_what_was_said_is_not_written_over(self, make):
        leader, pattern = one_pattern(make)
        settle_pattern(by=leader, pattern=pattern, state="followed_up", words="Samtale", now=NOON)

        with pytest.raises(RefusedError):
            settle_pattern(by=leader, pattern=pattern, state="explained", words="Likevel ikke", now=NOON)

    @pytest.mark.parametrize("rows", [1, 3])
    def test_the_same_queries_however_many(self, make, rows, django_assert_num_queries):
        unit = make.unit(kind="municipality")
        leader = make.staff("team_leader", unit)
        for _ in range(rows):
            look(make, make.staff("practitioner", unit), Citizen.objects.create(person=make.staff().person))
        review_log(NEXT_NIGHT)
        viewer = make.viewer(leader)

        with django_assert_num_queries(2):
            (day,) = patterns(viewer)

        assert len(day.rows) == rows


def test_registering_is_no_pattern(make):
    worker = make.staff()
    register_citizen(by=make.viewer(worker), details=make.details(), reason="Hjelp", team=None)

    assert review_log(timezone.now() + timedelta(days=1)) == 0
