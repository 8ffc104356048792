"""Attacks on letting go: what was approved is made to mean more, done twice, or met by somebody who is writing."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta

import pytest
from django.utils import timezone

from medvirk.answers.models import Occasion, Submission
from medvirk.people.actions import retention
from medvirk.people.actions.merging import merge_persons
from medvirk.people.actions.requests import send_request
from medvirk.people.actions.retention import (
    approve_run,
    carry_out,
    carry_out_approved,
    decide_erasure,
    make_report,
    propose_erasure,
    set_retention,
)
from medvirk.people.logic import RefusedError
from medvirk.people.models import Citizen, Erasure, Relation, RequestKind, RetentionRun
from medvirk.people.queries.retention import citizens_due

LATER = datetime(2040, 1, 2, 12, tzinfo=timezone.get_default_timezone())
#: Due by ten years and by twelve; due by ten years only.
LONG_OVER, RECENT = date(2027, 6, 1), date(2029, 1, 1)


@pytest.fixture
def gone_by(make):
    """`gone_by(day)`: a citizen whose only relation ended that day."""

    def made(day: date) -> Citizen:
        citizen = make.citizen()
        citizen.relations.update(valid_to=day)
        return citizen

    return made


def approved(now=LATER) -> RetentionRun:
    made = make_report(by=None, now=now)
    return approve_run(by=None, run=made, now=now)


def erased() -> int:
    return Citizen.objects.filter(erased_at__isnull=False).count()


def test_a_yes_to_twelve_years_is_no_yes_to_ten(gone_by):
    gone_by(RECENT)
    set_retention(by=None, rule="journal", months=144)
    made = make_report(by=None, now=LATER)
    assert made.report["journal"] == {"people.citizens": 0}

    set_retention(by=None, rule="journal", months=None)

    with pytest.raises(RefusedError):
        approve_run(by=None, run=made, now=LATER)


@pytest.mark.parametrize("months", [None, 130])
def test_months_that_are_shortened_after_the_yes_count_from_the_next_report(gone_by, months):
    gone_by(RECENT)
    gone_by(LONG_OVER)
    set_retention(by=None, rule="journal", months=144)
    made = approved()
    set_retention(by=None, rule="journal", months=months)

    carry_out(run=made, now=LATER)

    assert erased() == 1


def test_months_that_are_prolonged_after_the_yes_count_at_once(gone_by):
    gone_by(RECENT)
    made = approved()
    set_retention(by=None, rule="journal", months=144)

    carry_out(run=made, now=LATER)

    assert erased() == 0


def test_two_who_carry_out_the_same_do_it_once(gone_by, monkeypatch):
    for _ in range(2):
        gone_by(LONG_OVER)
    made = approved()
    found = citizens_due

    def overtaken(before, *more, **others):
        """Another worker process has read the same list, and is done with it before this one begins."""
        listed = list(found(before, *more, **others))
        monkeypatch.setattr(retention, "citizens_due", found)
        carry_out(run=made, now=LATER)
        return listed

    monkeypatch.setattr(retention, "citizens_due", overtaken)
    carry_out(run=made, now=LATER)

    made.refresh_from_db()
    assert made.result["people.citizens"] == 2
    assert Erasure.objects.count() == 2


def test_who_is_found_to_be_somebody_else_in_the_middle_is_left_to_them(gone_by, make, monkeypatch):
    citizen, living = gone_by(LONG_OVER), make.citizen()
    made, found = approved(), citizens_due

    def meanwhile(before, *more, **others):
        listed = list(found(before, *more, **others))
        monkeypatch.setattr(retention, "citizens_due", found)
        merge_persons(by=None, kept=living.person, duplicate=citizen.person)
        return listed

    monkeypatch.setattr(retention, "citizens_due", meanwhile)
    carry_out(run=made, now=LATER)

    assert erased() == 0


def test_who_has_asked_for_something_is_not_due(gone_by, make):
    citizen = gone_by(LONG_OVER)
    own = make.viewer(make.own_account(citizen.person))
    assert list(citizens_due(date(2030, 1, 1))) == [citizen.pk]

    send_request(by=own, citizen=citizen, kind=RequestKind.WHO, text="Hvem har sett på meg?")

    assert list(citizens_due(timezone.localdate())) == []
    assert list(citizens_due(date(2060, 1, 1))) == [citizen.pk]


@pytest.fixture
def proposed(make, care):
    """`proposed(basis)`: (citizen, the proposal of their leader, an administrator)."""

    def made(basis: str):
        citizen = make.citizen(worker=care.worker)
        leader = make.staff("team_leader")
        Relation.objects.create(citizen=citizen, staff=leader, valid_from=date(2020, 1, 1), reason="Leads")
        erasure = propose_erasure(by=make.viewer(leader), citizen=citizen, basis=basis, reason="Case 1")
        return citizen, erasure, make.viewer(make.staff("administrator"))

    return made


def test_help_that_began_after_the_proposal_is_no_mistake_either(proposed, care):
    citizen, erasure, by = proposed("mistake")
    care.course([20, 25], episode=care.episode(citizen=citizen))

    with pytest.raises(RefusedError):
        decide_erasure(by=by, erasure=erasure, approve=True)

    citizen.refresh_from_db()
    assert citizen.erased_at is None
    assert decide_erasure(by=by, erasure=erasure, approve=False).declined_at is not None


@pytest.mark.parametrize("basis", ["mistake", "decision"])
def test_what_was_on_its_way_while_somebody_was_erased_goes_with_them(proposed, care, basis):
    """PostgreSQL lets one in who was let through before and stores after: nothing of it may stay."""
    citizen, erasure, by = proposed(basis)
    if basis == "decision":
        care.session(care.episode(citizen=citizen))
    other = care.episode().participations.get().citizen
    decide_erasure(by=by, erasure=erasure, approve=True)
    for occasion in Occasion.objects.filter(about=citizen):
        Submission.objects.create(
            occasion=occasion, client_id=uuid.uuid4(), submitted_at=by.now, own_words="Borghildur skrev"
        )
    Relation.objects.create(
        citizen=citizen, staff=care.worker, valid_from=date(2020, 1, 1), reason="Borghildur"
    )

    carry_out_approved(by.now + timedelta(minutes=10))

    assert not citizen.relations.exists()
    assert set(Submission.objects.values_list("own_words", flat=True)) <= {""}
    other.refresh_from_db()
    assert other.erased_at is None
    citizen.refresh_from_db()
    assert citizen.erased_at == by.now
