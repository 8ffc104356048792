"""Letting go: what is due, what the law keeps, and that what is gone is gone while what is left can be counted."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import override

from medvirk.answers.actions import save_draft
from medvirk.answers.models import Answer, AnswerLink, Draft, Occasion, Score, Submission
from medvirk.feedback.actions import end_episode, note_change
from medvirk.feedback.models import Agreement, Episode, Participation, Session
from medvirk.people import keeping
from medvirk.people.access import citizens_open_to
from medvirk.people.actions import retention
from medvirk.people.actions.merging import merge_persons
from medvirk.people.actions.retention import (
    approve_run,
    carry_out_approved,
    decide_erasure,
    make_report,
    propose_erasure,
    set_retention,
)
from medvirk.people.logic import RefusedError
from medvirk.people.logic.retention import RULES, Means, cutoff
from medvirk.people.models import (
    AccessEvent,
    Citizen,
    Erasure,
    Grant,
    Person,
    PersonKey,
    PersonMerge,
    Relation,
    RetentionRun,
    User,
)
from medvirk.people.privacy import every_rule
from medvirk.people.queries.retention import erasure_plan, months_in_force, retention_report

LATER = datetime(2040, 1, 2, 12, tzinfo=timezone.get_default_timezone())
NAMES = {"given_name": "Borghildur", "family_name": "Utsletten", "phone": "90123456"}


@pytest.fixture(autouse=True)
def in_english():
    with override("en"):
        yield


@pytest.fixture
def over(make, care):
    """A citizen whose help ended long ago, with a name, an answer with own words, and a change that was noted."""
    return help_that_ended(care, make.citizen(worker=care.worker, details=make.details(**NAMES)))


def help_that_ended(care, citizen, *others):
    """A course of three sessions with answers, own words and a change; everything about `citizen` has ended."""
    episode = care.episode(citizen=citizen)
    care.course([20, 25, 30], episode=episode)
    Submission.objects.all().update(own_words="")
    for submission in Submission.objects.all():
        submission.own_words = "Borghildur skrev dette"
        submission.save()
    session = episode.sessions.first()
    note_change(by=care.viewer, session=session, staff=care.worker, text="Borghildur går tur", now=care.now)
    end_episode(
        by=care.viewer, episode=episode, ended_on=timezone.localdate(care.now), ending="planned", now=care.now
    )
    for other in others:
        Participation.objects.create(episode=episode, citizen=other)
    citizen.relations.update(valid_to=timezone.localdate(care.now))
    return citizen


def due_of(key, now=LATER):
    return {
        line.key: line.count
        for each in retention_report(None, timezone.localdate(now))
        if each.rule.key == key
        for line in each.due
    }


def run(now=LATER):
    made = make_report(by=None, now=now)
    approve_run(by=None, run=made, now=now)
    carry_out_approved(now)
    made.refresh_from_db()
    return made


def everything() -> str:
    with connection.cursor() as cursor:
        found = []
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            found += [str(value) for row in cursor.fetchall() for value in row]
    return "\n".join(found)


def test_every_table_has_a_rule():
    assert {rule.retention for _model, rule in every_rule()} <= set(RULES)


def test_the_cutoff_is_a_day_of_its_month():
    assert cutoff(120, date(2036, 5, 31)) == date(2026, 5, 31)
    assert cutoff(1, date(2026, 3, 31)) == date(2026, 2, 28)
    assert cutoff(0, date(2026, 3, 31)) == date(2026, 3, 31)


def test_the_law_s_least_cannot_be_shortened_but_lengthened(make):
    with pytest.raises(RefusedError, match="120"):
        set_retention(by=None, rule="journal", months=119)
    set_retention(by=None, rule="journal", months=240)
    assert months_in_force()["journal"] == 240
    set_retention(by=None, rule="journal", months=None)
    assert months_in_force()["journal"] == 120
    with pytest.raises(RefusedError, match="kept"):
        set_retention(by=None, rule="statistics", months=1)


def test_a_report_changes_nothing_and_names_nobody(over):
    before = everything()

    made = make_report(by=None, now=LATER)

    assert made.report["journal"] == {"people.citizens": 1}
    RetentionRun.objects.all().delete()
    assert everything() == before


def test_nothing_is_done_before_somebody_approves(over):
    make_report(by=None, now=LATER)

    carry_out_approved(LATER)

    assert Citizen.objects.filter(erased_at=None).count() == 1


def test_an_old_report_cannot_be_approved(over):
    made = make_report(by=None, now=LATER)

    with pytest.raises(RefusedError, match="month old"):
        approve_run(by=None, run=made, now=LATER + timedelta(days=31))


def test_who_is_erased_cannot_be_found_and_what_is_left_can_be_counted(over):
    ids = [str(over.person_id)]
    scores = sorted(Score.objects.values_list("scale", "value"))
    episodes, sessions = Episode.objects.count(), Session.objects.count()

    made = run()

    assert made.done_at == LATER
    assert made.result["people.citizens"] == 1
    content = everything().casefold()
    assert [word for word in ("borghildur", "utsletten", "90123456") if word in content] == []
    person = Person.objects.get(pk=ids[0])
    assert (person.name.strip(), person.phone, person.birth_date, person.national_id) == ("", "", None, "")
    assert not PersonKey.objects.filter(person=person).exists()
    assert not person.history.exists()
    assert not Agreement.objects.exists()
    assert not Relation.objects.filter(citizen=over).exists()
    assert not Relation.history.filter(citizen_id=over.pk).exists()
    assert set(Submission.objects.values_list("own_words", flat=True)) == {""}
    assert all(values == {} for values in Answer.objects.values_list("values", flat=True))
    assert sorted(Score.objects.values_list("scale", "value")) == scores
    assert (Episode.objects.count(), Session.objects.count()) == (episodes, sessions)
    days = {timezone.localtime(each).day for each in Session.objects.values_list("starts_at", flat=True)}
    days |= {
        timezone.localtime(each).day for each in Submission.objects.values_list("submitted_at", flat=True)
    }
    days |= {timezone.localtime(each).day for each in Occasion.objects.values_list("opens_at", flat=True)}
    assert days == {1}


def test_sessions_keep_their_order(over):
    order = list(Session.objects.order_by("starts_at").values_list("pk", flat=True))

    run()

    assert list(Session.objects.order_by("starts_at").values_list("pk", flat=True)) == order


def test_doing_it_twice_does_it_once(over):
    first = run()
    second = run()

    assert first.result["people.citizens"] == 1
    assert "people.citizens" not in second.result
    assert Erasure.objects.filter(citizen=over, done_at__isnull=False).count() == 1


def test_who_comes_back_after_the_report_is_not_erased(over, make):
    made = make_report(by=None, now=LATER)
    approve_run(by=None, run=made, now=LATER)
    Relation.objects.create(citizen=over, staff=make.staff(), valid_from=date(2040, 1, 2), reason="Back")

    carry_out_approved(LATER)

    over.refresh_from_db()
    assert over.erased_at is None


def test_who_comes_back_while_it_is_carried_out_is_not_erased(over, make, monkeypatch):
    approve_run(by=None, run=make_report(by=None, now=LATER), now=LATER)
    found = retention.citizens_due

    def found_just_before(before):
        due = list(found(before))
        monkeypatch.setattr(retention, "citizens_due", found)
        Relation.objects.create(citizen=over, staff=make.staff(), valid_from=date(2040, 1, 2), reason="Back")
        return due

    monkeypatch.setattr(retention, "citizens_due", found_just_before)

    carry_out_approved(LATER)

    over.refresh_from_db()
    assert over.erased_at is None
    assert over.relations.exists()
    assert not Erasure.objects.exists()


@pytest.mark.parametrize("open_thing", ["relation", "course"])
def test_what_still_goes_on_is_never_due(make, care, open_thing):
    worker = make.staff()
    citizen = make.citizen(worker=worker)
    if open_thing == "course":
        care.episode(citizen=citizen, worker=worker)
        citizen.relations.update(valid_to=date(2026, 1, 1))

    assert due_of("journal") == {"people.citizens": 0}


def test_a_worker_who_was_a_citizen_goes_on_as_a_worker(make, care):
    worker = make.staff(details=make.details(**NAMES, national_id="01818512300"))
    citizen = make.citizen(worker=care.worker, details=make.details(**NAMES, national_id="01818512300"))
    assert citizen.person == worker.person
    help_that_ended(care, citizen)

    run()

    worker.person.refresh_from_db()
    citizen = Citizen.objects.get(pk=citizen.pk)
    assert worker.person.given_name == "Borghildur"
    assert citizen.person != worker.person
    assert citizen.person.name.strip() == ""
    assert not Citizen.objects.filter(person=worker.person).exists()
    assert not Occasion.objects.filter(respondent=worker.person).exists()


def test_a_record_that_was_put_together_goes_with_all_its_names(make, care):
    kept = make.citizen(worker=care.worker, details=make.details(**NAMES))
    second = make.citizen(details=make.details(given_name="Borghildurr", family_name="Utsletten"))
    third = make.citizen(details=make.details(given_name="Borghildurrr", family_name="Utsletten"))
    merge_persons(by=None, kept=second.person, duplicate=third.person)
    merge_persons(by=None, kept=kept.person, duplicate=second.person)
    help_that_ended(care, kept)
    Relation.objects.filter(citizen=kept).update(valid_to=timezone.localdate(care.now))

    assert due_of("journal") == {"people.citizens": 1}
    run()

    content = everything().casefold()
    assert [word for word in ("borghildur", "utsletten") if word in content] == []
    assert [person.given_name for person in Person.objects.exclude(staff__isnull=False)] == ["", "", ""]
    assert not PersonMerge.objects.exists()
    assert not Citizen.objects.filter(erased_at=None).exists()


def test_one_of_a_couple_goes_and_the_other_keeps_what_is_theirs(make, care):
    first, second = make.citizen(worker=care.worker), make.citizen(worker=care.worker)
    help_that_ended(care, first, second)

    run()

    first.refresh_from_db()
    second.refresh_from_db()
    assert first.erased_at is not None
    assert second.erased_at is None
    assert Agreement.objects.exists()


def test_drafts_links_and_unused_accounts_go_by_their_own_time(make, care):
    session = care.session()
    citizen, worker = session.asks("before").about, care.worker
    save_draft(
        way_in=care.way_in(session.asks("before")),
        client_id=uuid.uuid4(),
        content={"life-now.q1": "3"},
        now=care.now,
    )
    User.objects.create(person=citizen.person, login="", login_hash="x", created_at=timezone.now())
    links = AnswerLink.objects.count()

    run(timezone.now() + timedelta(days=20))
    assert Draft.objects.count() == 1
    run(timezone.now() + timedelta(days=500))

    assert not Draft.objects.exists()
    assert links > 0
    assert not AnswerLink.objects.exists()
    assert User.objects.filter(person=citizen.person).exists()
    run(timezone.now() + timedelta(days=800))
    assert not User.objects.filter(person=citizen.person).exists()
    assert worker.user is not None
    assert User.objects.filter(pk=worker.user_id).exists()


def test_an_erasure_is_all_or_nothing(over, monkeypatch):
    def breaks(citizen, now):
        raise RuntimeError

    broken = keeping.Parting("people", lambda ids: {}, lambda citizen: [], breaks)
    before = everything()
    made = make_report(by=None, now=LATER)
    approve_run(by=None, run=made, now=LATER)
    monkeypatch.setitem(keeping._partings, "people", broken)

    with pytest.raises(RuntimeError), transaction.atomic():
        carry_out_approved(LATER)

    RetentionRun.objects.all().delete()
    assert everything() == before


@pytest.fixture
def leader_of(make):
    def made(citizen):
        leader = make.staff("team_leader")
        Relation.objects.create(citizen=citizen, staff=leader, valid_from=date(2020, 1, 1), reason="Leads")
        return leader

    return made


def test_two_must_agree_to_erase_before_the_time(make, leader_of):
    citizen = make.citizen(details=make.details(**NAMES))
    leader = leader_of(citizen)
    proposed = propose_erasure(
        by=make.viewer(leader), citizen=citizen, basis="mistake", reason="Registered twice"
    )
    citizen.refresh_from_db()
    assert citizen.erased_at is None

    decide_erasure(by=make.viewer(make.staff("administrator")), erasure=proposed, approve=True)

    citizen.refresh_from_db()
    assert citizen.erased_at is not None
    assert "borghildur" not in everything().casefold()
    assert AccessEvent.objects.filter(what="people.erasure").count() == 2
    assert Erasure.objects.get().reason == ""


def test_whoever_leads_and_keeps_the_rules_still_needs_another(make, leader_of):
    citizen = make.citizen()
    both = leader_of(citizen)
    Grant.objects.create(staff=both, role="administrator", unit=make.unit(), valid_from=make.long_ago)
    proposed = propose_erasure(by=make.viewer(both), citizen=citizen, basis="decision", reason="Case 1")

    for approve in (True, False):
        with pytest.raises(RefusedError, match="Two must agree"):
            decide_erasure(by=make.viewer(both), erasure=proposed, approve=approve)

    citizen.refresh_from_db()
    proposed.refresh_from_db()
    assert (citizen.erased_at, proposed.done_at, proposed.declined_at) == (None, None, None)


def test_declined_is_as_if_nothing_had_been_proposed(make, leader_of):
    citizen = make.citizen()
    viewer = make.viewer(leader_of(citizen))
    proposed = propose_erasure(by=viewer, citizen=citizen, basis="decision", reason="Case 1")

    decide_erasure(by=make.viewer(make.staff("administrator")), erasure=proposed, approve=False)

    citizen.refresh_from_db()
    assert citizen.erased_at is None
    assert propose_erasure(by=viewer, citizen=citizen, basis="decision", reason="Case 2")


def test_help_that_was_given_is_no_mistake(over, leader_of, make):
    with pytest.raises(RefusedError, match="no mistake"):
        propose_erasure(by=make.viewer(leader_of(over)), citizen=over, basis="mistake", reason="Oops")


def test_nobody_proposes_or_decides_what_is_not_theirs(make, leader_of):
    citizen = make.citizen()
    leader = leader_of(citizen)
    for by in (make.viewer(make.staff("team_leader")), make.viewer(make.staff("administrator"))):
        with pytest.raises(PermissionDenied):
            propose_erasure(by=by, citizen=citizen, basis="decision", reason="x")
        assert erasure_plan(by, citizen) == []
    proposed = propose_erasure(by=make.viewer(leader), citizen=citizen, basis="decision", reason="x")
    with pytest.raises(PermissionDenied):
        decide_erasure(by=make.viewer(leader), erasure=proposed, approve=True)


def test_the_plan_says_what_would_happen(over):
    plan = erasure_plan(None, over)

    assert {line.means for line in plan} == set(Means)
    assert all(line.count for line in plan)


def test_nobody_opens_who_is_erased(over, make):
    workers = [make.viewer(each.staff) for each in User.objects.filter(staff__isnull=False)]

    run()

    assert [list(citizens_open_to(viewer)) for viewer in workers] == [[] for _each in workers]
