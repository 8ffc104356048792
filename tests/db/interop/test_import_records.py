"""Whose record an import writes in: who is recognised, who may open it, what the citizen can read of it."""

from __future__ import annotations

import os
from datetime import date, datetime

from django.utils import timezone
from factories_feedback import stored_session

from medvirk.answers.models import Occasion
from medvirk.feedback.models import Episode, Participation, Session
from medvirk.interop.importing.keys import person_id
from medvirk.people.access import Permission, can
from medvirk.people.actions import update_person
from medvirk.people.logic import PersonDetails
from medvirk.people.models import AccessEvent, Citizen, Person, Relation

SECOND = {"session": "08.02.2025 10:00", "score": "24,5"}
OTHER = {"person": "A2", "given_name": "Ola", "national_id": "", "birth_date": "02.03.1990"}


def test_somebody_registered_is_recognised_by_the_number_with_episode_and_session(run, make, place):
    unit, worker = place
    details = PersonDetails("Kari", "Testesen", national_id="01858500112", phone="90000001")
    citizen = make.citizen(worker=worker, details=details)
    session = hand_made_session(citizen, unit, worker)

    result = run({"person": "by number", "phone": "90000002", "session": "01.02.2025"})

    assert result.exit_code == 0, result.stderr
    assert "people             0               1" in result.stdout
    assert "episodes           0               1" in result.stdout
    assert "sessions           0               1" in result.stdout
    assert "answers            1               0" in result.stdout
    assert session.asks("before").submission.answers.get().scores.get().value == 20
    citizen.person.refresh_from_db()
    assert citizen.person.phone == "+4790000001"
    assert list(AccessEvent.objects.filter(basis="import").values_list("what", "citizen_id")) == [
        ("feedback.session", citizen.pk)
    ]


def hand_made_session(citizen, unit, worker):
    episode = Episode.objects.create(
        unit=unit, responsible=worker, started_on=date(2025, 2, 1), outcome_key="life-now", outcome_version=1,
        meeting_key="this-meeting", meeting_version=1,
    )  # fmt: skip
    Participation.objects.create(episode=episode, citizen=citizen)
    starts_at = timezone.make_aware(datetime(2025, 2, 1, 14))  # noqa: DTZ001
    before, after = (
        Occasion.objects.create(about=citizen, respondent=citizen.person, opens_at=starts_at)
        for _ in range(2)
    )
    return stored_session(episode, starts_at, before=before, after=after)


def test_a_worker_who_also_gets_help_stays_one_person(run, make):
    details = PersonDetails("Kari", "Testesen", national_id="01858500112")
    worker = make.staff(details=details)

    assert run({}).exit_code == 0
    assert Citizen.objects.get().person == worker.person


def test_somebody_who_may_be_registered_already_is_refused_until_numbers_tell(run, make):
    citizen = make.citizen(details=PersonDetails("Kari", "Testesen", birth_date=date(1985, 5, 1)))

    assert (
        "column family_name, “Kari Testesen”: A citizen with this name and the same birth" in run({}).stderr
    )
    numbered = PersonDetails("Kari", "Testesen", national_id="01858500201")
    update_person(by=None, citizen=citizen, details=numbered)
    assert run({}).exit_code == 0
    assert Citizen.objects.count() == 2


def test_the_same_reference_of_another_source_is_another_person(run):
    other = {"given_name": "Ola", "national_id": ""}
    run({})

    result = run(other, options=["--commit", "--source", "other register"])

    assert result.exit_code == 0, result.stderr
    assert Citizen.objects.count() == 2


def test_relations_open_the_record_from_the_start_to_the_end_of_the_episode(run, make, place):
    unit, worker = place
    ended = {"episode_end": "01.03.2025", "ending": "planned"}

    run({}, {**OTHER, **ended}, {**OTHER, "episode_start": "01.02.2024", "session": "01.02.2024"})

    running = Citizen.objects.get(person__keys__kind="national_id")
    held = {(row.staff, row.unit, row.valid_from, row.valid_to) for row in running.relations.all()}
    assert held == {(worker, None, date(2025, 2, 1), None), (None, unit, date(2025, 2, 1), None)}
    assert can(make.viewer(worker), Permission.FOLLOW_CITIZENS, running).allowed
    other = Citizen.objects.exclude(pk=running.pk).get()
    # The second episode runs on, so the first one needs no relation beside it.
    assert other.relations.filter(valid_to=None).count() == 2


def test_of_an_ended_episode_the_record_is_closed(run, make, place):
    run({"episode_end": "01.03.2025", "ending": "planned"})

    citizen = Citizen.objects.get()
    assert {row.valid_to for row in citizen.relations.all()} == {date(2025, 3, 1)}
    assert not can(make.viewer(place[1]), Permission.FOLLOW_CITIZENS, citizen).allowed


def test_log_and_history_tell_of_the_import(run):
    run({}, SECOND)

    citizen = Citizen.objects.get()
    events = AccessEvent.objects.order_by("what").values_list("actor_id", "action", "what", "basis")
    assert list(events) == [
        (None, "created", what, "import")
        for what in ("feedback.episode", "feedback.session", "people.person")
    ]
    imported = {
        model: model.history.filter(history_change_reason="import import", history_type="+").count()
        for model in (Person, Relation, Episode, Session)
    }
    assert imported == {Person: 1, Relation: 2, Episode: 1, Session: 2}
    assert citizen.person.history.get().given_name == "Kari"


def test_ids_do_not_give_away_the_reference(run, monkeypatch):
    """Made from the reference alone, the id would tell whose it is to whoever tries all numbers."""
    run({"person": "01858500112"})
    person = Citizen.objects.get().person_id
    assert person_id("import", "01858500112") == person

    monkeypatch.setenv("MEDVIRK_KEYS", os.environ["MEDVIRK_KEYS"].replace("ab" * 32, "cd" * 32))

    assert person_id("import", "01858500112") != person


def test_another_name_and_another_answer_are_told_together(run):
    run({})

    result = run({"family_name": "Annet", "score": "30"})

    assert result.exit_code == 2
    assert "registered under another name" in result.stderr
    assert "column score, “30”" in result.stderr
    assert "2 faults" in result.stderr
