"""`medvirk import FILE`: what is written, that nothing is written twice or by halves, and what is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner
from django.apps import apps
from django.utils import timezone

from medvirk.answers.models import Answer, Channel, Score, Submission
from medvirk.feedback.models import Episode, Session
from medvirk.interop.importing import actions
from medvirk.interop.importing.command import import_file
from medvirk.people.models import PersonKey, Relation

EXAMPLE = Path(__file__).resolve().parents[3] / "docs" / "examples" / "import.csv"
SECOND = {"session": "08.02.2025 10:00", "score": "24,5"}
OTHER = {"person": "A2", "given_name": "Ola", "national_id": "", "birth_date": "02.03.1990"}


def everything():
    """Every row of every table, decrypted."""
    return {model: list(model._default_manager.order_by("pk").values()) for model in apps.get_models()}


def told(result):
    return result.stderr.splitlines()


def test_people_episodes_sessions_and_answers_are_written(run, place):
    result = run({}, {**SECOND, "own_words": "=1+1"}, OTHER)

    assert result.exit_code == 0, result.output
    assert "people             2               0" in result.stdout
    assert "answers            3               0" in result.stdout
    assert result.stdout.endswith("Written.\n")
    citizen = PersonKey.objects.get(kind="national_id").person.citizen
    episode = citizen.episodes.get()
    assert (citizen.person.name, citizen.person.birth_date) == ("Kari Testesen", date(1985, 5, 1))
    assert (episode.unit, episode.responsible) == place
    assert (episode.started_on, episode.ended_on, episode.outcome_key) == (date(2025, 2, 1), None, "life-now")
    first, second = episode.sessions.all()
    assert timezone.localtime(first.starts_at).isoformat() == "2025-02-01T10:00:00+01:00"
    assert second.asks("before").submission.own_words == "=1+1"
    assert second.asks("before").submission.channel == Channel.IMPORT
    answer = second.asks("before").submission.answers.get()
    assert (answer.instrument_key, answer.instrument_version, answer.values) == ("life-now", 1, {})
    assert answer.scores.get().value == 24.5
    assert not hasattr(second.asks("after"), "submission")


def test_answers_are_scored_and_risk_keeps_its_mark(run):
    items = {f"q{number}": "1" for number in range(1, 10)}

    run({**items, "score": "", "instrument": "phq-9"})

    answer = Answer.objects.get()
    assert answer.values == {f"q{number}": 1.0 for number in range(1, 10)}
    assert answer.alerts == [{"item": "q9", "kind": "risk"}]
    assert (answer.scores.get().value, answer.scores.get().answered) == (9.0, 9)


def test_too_few_answers_are_stored_without_score_and_with_the_reason(run):
    run({"q1": "4", "q2": "5", "score": ""})

    score = Score.objects.get()
    assert (score.value, score.missing_reason, score.answered) == (None, "not_all_answered", 2)


def test_a_dry_run_says_the_same_and_writes_nothing(run):
    before = everything()

    dry = run({}, SECOND, OTHER, options=[])

    assert everything() == before
    assert "Nothing was written. Add --commit to write it." in dry.stdout
    committed = run({}, SECOND, OTHER)
    assert dry.stdout.splitlines()[:-1] == committed.stdout.splitlines()[:-1]


def test_the_same_file_again_changes_nothing(run):
    rows = (
        {"own_words": "Bedre nå", "q1": "4"} | {"score": ""},
        SECOND,
        OTHER,
        {**OTHER, **SECOND, "score": ""},
    )
    run(*rows)
    before = everything()

    again = run(*rows)

    assert everything() == before
    assert again.exit_code == 0
    assert "sessions           0               4" in again.stdout
    assert "nothing was changed" in again.stdout


def test_a_longer_file_adds_what_is_new(run):
    run({}, {"session": "08.02.2025 10:00", "score": ""})

    result = run({}, SECOND, {"session": "15.02.2025", "score": "30"}, OTHER)

    assert result.exit_code == 0, result.stderr
    assert "people             1               1" in result.stdout
    assert "sessions           2               2" in result.stdout
    assert "answers            3               1" in result.stdout
    assert Relation.objects.count() == 4


def test_three_faults_in_three_rows_come_together_and_nothing_is_written(run):
    before = everything()

    result = run({"session": "31.02.2025"}, {**OTHER, "unit": "Nord"}, {**SECOND, "score": "99"})

    assert result.exit_code == 2
    assert everything() == before
    checking, *faults, told_last = told(result)
    assert checking == "Checking 3 rows …"
    assert [fault.partition(": ")[0] for fault in faults] == [
        "row 2, column session, “31.02.2025”",
        "row 3, column unit, “Nord”",
        "row 4, column score, “99”",
    ]
    assert faults[1].endswith(
        "There is no unit of this name. Register it, or write one that there is: North."
    )
    assert told_last == "3 faults in table.csv. Nothing was written."


def test_names_that_are_not_registered_are_told_once_each(run):
    result = run(
        {"worker": "nobody"},
        {**OTHER, "worker": "nobody"},
        {**OTHER, "person": "A3", "given_name": "Per", "unit": "="},
    )

    assert len(told(result)) == 4
    assert "row 2, column worker, “nobody”: Nobody signs in by this name." in result.stderr
    assert "The same in 1 more episodes." in result.stderr
    assert "row 4, column unit, “=”: There is no unit of this name." in result.stderr


def test_a_unit_must_exist_all_through_the_episode(run, make):
    make.unit("Young", valid_from=date(2025, 3, 1))

    result = run({"unit": "Young"}, {**OTHER, "unit": "Young", "episode_start": "15.01.2025"})

    assert "row 3, column unit, “Young”: The unit exists from 01.03.2025 only, and an episode starts on " in (
        result.stderr
    )
    assert "15.01.2025" in result.stderr


def test_two_units_of_one_name_are_refused(run, make):
    make.unit("North")

    assert "Several units have this name" in run({}).stderr


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"score": "21"}, "row 2, column score, “21”: Already imported or answered with another value (20)."),
        ({"score": "", "q1": "4"}, "column q1, “4”: Already imported or answered with another value (20)."),
        ({"own_words": "Noe annet"}, "column own_words, “Noe annet”: Already imported or answered with"),
        ({"family_name": "Annen"}, "column family_name, “Kari Annen”: This person is registered under"),
        ({"national_id": "01858500201"}, "“018585•••••”: This reference was imported before for somebody"),
        ({"instrument": "phq-9"}, "“phq-9@1”: This episode is registered with life-now@1."),
        ({"episode_end": "01.03.2025", "ending": "planned"}, "“01.03.2025”: This episode is registered with"),
    ],
)  # fmt: skip
def test_what_is_registered_is_never_overwritten(run, change, fault):
    run({"own_words": "Bra"})
    before = everything()

    result = run({"own_words": "Bra", **change}, SECOND | {"own_words": ""} | _for_all_rows(change))

    assert result.exit_code == 2
    assert fault in result.stderr
    assert len(told(result)) == 3
    assert everything() == before


def _for_all_rows(change):
    """What is the same on all rows of a person or an episode."""
    return {name: value for name, value in change.items() if not name.startswith(("score", "own", "q"))}


def test_a_changed_answer_to_a_question_is_refused(run):
    answers = {"q1": "1", "q2": "2", "q3": "3", "q4": "4", "q5": "5", "score": ""}
    run(answers)

    result = run({**answers, "q1": "2", "q2": "1"})

    assert "column q1, q2, q3, q4, q5, “2, 1, 3, 4, 5”: Already imported" in result.stderr
    assert "(1, 2, 3, 4, 5)" in result.stderr
    assert run({**answers, "score": "15"}).exit_code == 0
    assert Score.objects.get().value == 15.0


def test_a_kill_in_the_middle_leaves_nothing(run, monkeypatch):
    before = everything()
    create = actions._create

    def killed_at_the_scores(model, batch, **rest):
        if model is Score:
            assert Answer.objects.exists()
            raise KeyboardInterrupt
        create(model, batch, **rest)

    monkeypatch.setattr(actions, "_create", killed_at_the_scores)

    result = run({}, SECOND)

    assert result.exit_code == 1
    assert "Written" not in result.stdout
    assert everything() == before


def test_a_cancelled_conversation_gets_no_answers(run, place):
    run({"score": ""})
    Session.objects.update(cancelled_at=timezone.now())

    assert "“20”: This conversation is cancelled in Medvirk" in run({}).stderr
    assert not Submission.objects.exists()


def test_a_conversation_after_the_end_of_a_registered_episode_is_refused(run):
    run({})
    Episode.objects.update(ended_on=date(2025, 2, 5), ending="planned")

    assert "“08.02.2025”: This episode ended in Medvirk on 05.02.2025" in run({}, SECOND).stderr
    assert run({}).exit_code == 0


def test_the_example_of_the_documentation_can_be_imported(make):
    unit = make.unit("Rask psykisk helsehjelp")
    make.unit("Rus og mestring")
    make.staff(unit=unit, login="Ingrid.Solvang")

    dry = CliRunner().invoke(import_file, [str(EXAMPLE)])
    result = CliRunner().invoke(import_file, [str(EXAMPLE), "--commit"])

    assert result.exit_code == 0, result.stderr
    documented = (EXAMPLE.parents[1] / "import.md").read_text(encoding="utf-8")
    assert dry.stdout in documented
    assert Session.objects.count() == 9


def test_a_heading_that_means_nothing_is_told(run):
    assert "Columns not used: kommentar." in run({"kommentar": "x"}).stdout


def test_a_source_without_name_is_refused(run):
    result = run({}, options=["--source", " "])

    assert result.exit_code == 2
    assert "--source needs a name" in result.stderr


def test_without_the_keys_of_the_database_nothing_is_looked_up(run, monkeypatch, settings, tmp_path):
    monkeypatch.delenv("MEDVIRK_KEYS")
    settings.KEY_FILE = tmp_path / "lost.key"

    result = CliRunner().invoke(import_file, [str(EXAMPLE)])

    assert result.exit_code == 1
    assert "No key for identifiers" in result.stderr


def test_a_database_that_refuses_is_told_in_a_sentence(run, monkeypatch):
    from django.db import IntegrityError

    def refuse(*_args, **_rest):
        raise IntegrityError("made up")

    monkeypatch.setattr(actions, "_create", refuse)

    result = run({})

    assert result.exit_code == 1
    assert "The database refused: made up. Nothing was written." in result.stderr


def test_the_number_of_queries_does_not_grow_with_the_table(table, place, django_assert_max_num_queries):
    from medvirk.tables import read_table

    rows = [{"person": f"P{n}", "family_name": f"N{n}", "national_id": "", "phone": ""} for n in range(30)]
    many = read_table(table(*rows))

    with django_assert_max_num_queries(12):
        checked = actions.check_import(table=many, request=actions.Request(), now=timezone.now())

    assert checked.matched.people.new == 30
