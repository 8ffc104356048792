"""What an import reads out of a table, and what it finds wrong in it, before any database is asked."""

from __future__ import annotations

from datetime import date

import pytest
from django.utils import translation

from medvirk.instruments.loader import catalogue
from medvirk.interop.importing.columns import settle_columns
from medvirk.interop.importing.logic import Asked, content_of
from medvirk.interop.importing.reading import read_rows
from medvirk.tables import read_table

TODAY = date(2026, 5, 1)
HEADINGS = ("person", "given_name", "family_name", "unit", "worker", "episode_start", "session")
FIRST = {
    "person": "A1", "given_name": "Kari", "family_name": "Testesen", "unit": "North", "worker": "kari",
    "episode_start": "01.02.2026", "session": "01.02.2026 10:00",
}  # fmt: skip


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def read(tmp_path):
    """`read(row, …)`: the content and the faults of these rows, each a change of `FIRST`."""

    def content(*changes, instrument="", meeting="", today=TODAY):
        rows = [{**FIRST, **change} for change in changes]
        headings = list(dict.fromkeys(name for row in rows for name in row))
        lines = [headings, *([str(row.get(name, "")) for name in headings] for row in rows)]
        path = tmp_path / "table.csv"
        path.write_text("\n".join(";".join(line) for line in lines), encoding="utf-8")
        table = read_table(path)
        columns = settle_columns(table.columns)
        found, faults = read_rows(table, columns)
        asked = Asked(instrument, meeting, "life-now", "this-meeting")
        content = content_of(found, columns, catalogue=catalogue(), asked=asked, today=today)
        return content, [str(fault) for fault in (*faults, *content.faults)]

    return content


def first_session(content):
    return content.people[0].episodes[0].sessions[0]


def test_rows_become_people_with_episodes_and_sessions(read):
    content, faults = read(
        {"national_id": "018585 00112", "phone": "59 00 00 11"},
        {"session": "08.02.2026"},
        {"episode_start": "01.03.2026", "session": "2026-03-01"},
        {"person": "A2", "given_name": "Ola"},
    )

    assert faults == []
    kari, ola = content.people
    assert (kari.ref, kari.row, ola.ref, ola.row) == ("A1", 2, "A2", 5)
    assert kari.details.national_id == "01858500112"
    assert kari.details.birth_date == date(1985, 5, 1)
    assert kari.details.phone == "+4759000011"
    assert [len(episode.sessions) for episode in kari.episodes] == [2, 1]
    assert kari.episodes[0].sessions[0].starts.isoformat() == "2026-02-01T10:00:00"


def test_a_day_without_time_is_kept_apart_from_a_time(read):
    content, _ = read({"session": "08.02.2026"})

    session = first_session(content)
    assert (session.starts.isoformat(), session.timed) == ("2026-02-08T12:00:00", False)


def test_what_is_the_same_for_a_person_may_be_given_once(read):
    empty = dict.fromkeys(("given_name", "family_name", "unit", "worker"), "")

    content, faults = read({**empty}, {"session": "08.02.2026"})

    assert faults == []
    assert content.people[0].details.family_name == "Testesen"
    assert content.people[0].episodes[0].unit == "North"


def test_answers_are_scored_by_the_rules_of_the_instrument(read):
    answers = {f"q{number}": value for number, value in enumerate(("2,5", "4", "3", "2", "3,5"), start=1)}

    content, faults = read({"instrument": "life-now", "own_words": "=1+1", **answers})

    assert faults == []
    said = first_session(content).before
    assert said.values == {"q1": 2.5, "q2": 4.0, "q3": 3.0, "q4": 2.0, "q5": 3.5}
    assert said.main_value == 15.0
    assert said.own_words == "=1+1"


def test_too_few_answers_give_no_score_and_say_why(read):
    content, faults = read({"instrument": "life-now", "q1": "4", "q2": "", "q3": "3", "q4": "2", "q5": "3"})

    assert faults == []
    (score,) = first_session(content).before.scores
    assert (score.value, score.missing_reason, score.answered, score.of) == (None, "not_all_answered", 4, 5)


def test_a_score_without_answers_counts_none_as_answered(read):
    content, _ = read({"score": "17", "meeting_score": "33,5"}, instrument="phq-9@1", meeting="srs")

    session = first_session(content)
    (score,) = session.before.scores
    assert (score.scale, score.value, score.answered, score.of) == ("total", 17.0, 0, 9)
    assert session.before.values == {}
    assert session.after.main_value == 33.5


def test_a_row_without_answers_is_a_conversation_without_a_measure(read):
    content, faults = read({"score": "", "meeting_q1": ""})

    assert faults == []
    assert (first_session(content).before, first_session(content).after) == (None, None)
    assert content.people[0].episodes[0].outcome.id == "life-now@1"


def test_a_risk_answer_keeps_its_mark(read):
    answers = {f"q{number}": "1" for number in range(1, 10)}

    content, _ = read(answers, instrument="phq-9")

    assert [alert.item for alert in first_session(content).before.alerts] == ["q9"]


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"session": "31.02.2026"}, "row 2, column session, “31.02.2026”: There is no such day or time."),
        ({"session": "02/03/26"}, "row 2, column session, “02/03/26”: This is not a date"),
        ({"session": "02.05.2026"}, "row 2, column session, “02.05.2026”: This day has not come yet."),
        ({"session": "31.01.2026"}, "“31.01.2026”: The conversation is before the start of its episode"),
        ({"session": ""}, "row 2, column session: This cell is empty."),
        ({"person": ""}, "row 2, column person: This cell is empty."),
        ({"episode_start": ""}, "row 2, column episode_start: This cell is empty."),
        ({"family_name": ""}, "row 2, column family_name: No row of this person fills in this column."),
        ({"unit": ""}, "row 2, column unit: No row of this episode fills in this column."),
        ({"worker": "-"}, "row 2, column worker: No row of this episode fills in this column."),
        ({"given_name": "=HYPERLINK(0)"}, "column given_name, “=HYPERLINK(0)”: This looks like a formula"),
        ({"given_name": "@SUM(A1)"}, "“@SUM(A1)”: This looks like a formula"),
        ({"national_id": "1858500112"}, "“185850••••”: A national identity number has 11 digits; this one"),
        ({"national_id": "1858500112"}, "Excel drops a 0 at the beginning"),
        ({"national_id": "99999999999"}, "“999999•••••”: The first six digits"),
        ({"national_id": "01858500112", "birth_date": "02.05.1985"}, "column birth_date, “02.05.1985”: The"),
        ({"birth_date": "01.01.2027"}, "column birth_date, “01.01.2027”: The date of birth is in the future"),
        ({"phone": "12"}, "column phone, “12”: A Norwegian phone number has 8 digits; this one has 2."),
        ({"episode_end": "31.01.2026", "ending": "planned"}, "“31.01.2026”: The episode ends before it st"),
        ({"episode_end": "01.03.2026"}, "column ending: The episode has an end. Say how it ended"),
        ({"ending": "planlagt", "episode_end": ""}, "“planlagt”: The episode has an ending but no day."),
        ({"episode_end": "01.03.2026", "ending": "sluttet"}, "“sluttet”: This is no way of ending."),
        ({"episode_end": "01.06.2026", "ending": "moved"}, "“01.06.2026”: This day has not come yet."),
        ({"score": "51", "instrument": "life-now"}, "“51”: The score must lie from 0 to 50."),
        ({"score": "-1", "instrument": "life-now"}, "“-1”: The score must lie from 0 to 50."),
        ({"score": "mye", "instrument": "life-now"}, "column score, “mye”: This is not a number."),
        ({"score": "5"}, "row 2, column instrument: There are answers, but no instrument."),
        ({"meeting_score": "5"}, "column meeting_instrument: There are answers, but no instrument. Fill"),
        ({"score": "5", "instrument": "phq"}, "“phq”: There is no instrument 'phq'. There are: "),
        ({"score": "5", "instrument": "phq-9@7"}, "“phq-9@7”: phq-9 has no version 7. There are: 1."),
        ({"score": "5", "instrument": "phq-9@x"}, "“phq-9@x”: The version must be a whole number"),
        ({"score": "5", "instrument": "safety"}, "“safety”: safety@1 has no score"),
        ({"q1": "4", "instrument": "phq-9"}, "column q1, “4”: This is not an answer to the question"),
        ({"q8": "1", "instrument": "gad-7"}, "column q8, “1”: gad-7 has 7 questions only."),
        ({"q1": "1", "score": "5", "instrument": "gad-7"}, "“5”: The answers in this row are too few"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_told_with_row_column_and_value(read, change, fault):
    _, faults = read(change)

    assert len(faults) == 1
    assert fault in faults[0]


def test_a_score_that_its_answers_contradict_is_refused(read):
    answers = {f"q{number}": "1" for number in range(1, 8)}

    _, wrong = read({**answers, "score": "8"}, instrument="gad-7")
    content, right = read({**answers, "score": "7"}, instrument="gad-7")

    assert "“8”: The answers in this row give 7." in wrong[0]
    assert right == []
    assert first_session(content).before.main_value == 7.0


def test_after_the_end_of_the_episode(read):
    _, faults = read({"episode_end": "05.02.2026", "ending": "planned", "session": "06.02.2026"})

    assert len(faults) == 1
    assert "The conversation is after the end of its episode, 05.02.2026." in faults[0]


def test_rows_that_contradict_each_other(read):
    _, faults = read({}, {"session": "08.02.2026", "family_name": "Annen", "unit": "South"})

    assert faults == [
        f"row 3, column {place}: Row 2 gives the same {of} another value here. Make them the same."
        for place, of in (("family_name, “Annen”", "person"), ("unit, “South”", "episode"))
    ]


def test_the_same_row_twice(read):
    _, faults = read({}, {})

    assert faults == [
        "row 3, column session, “01.02.2026”: Row 2 is the same person at the same time. Keep one of them."
    ]


def test_one_person_under_two_references(read):
    number = {"national_id": "01858500112"}

    _, by_number = read(number, {**number, "person": "A2", "given_name": "Kaja"})
    _, by_name = read({"birth_date": "01.05.1985"}, {"birth_date": "01.05.1985", "person": "A2"})
    _, two_people = read(number, {"national_id": "01858500201", "person": "A2"})

    assert "row 3, column national_id, “018585•••••”: Row 2 has the same national" in by_number[0]
    assert "row 3, column person, “A2”: Row 2 has the same name and the same birth date" in by_name[0]
    assert (len(by_number), len(by_name), two_people) == (1, 1, [])


def test_all_faults_of_a_row_and_of_all_rows_come_together(read):
    _, faults = read(
        {"session": "31.02.2026", "score": "x", "phone": "1", "instrument": "life-now"},
        {"session": "08.02.2026", "score": "99"},
        {"person": "A2", "given_name": "=1"},
    )

    assert len(faults) == 5


def test_names_that_look_like_nothing_are_names(read):
    content, faults = read({"given_name": "Null", "family_name": "Na"})

    assert faults == []
    assert content.people[0].details.family_name == "Na"


def test_places_are_looked_at_also_where_the_person_is_faulty(read):
    content, _ = read({"phone": "1"})

    assert content.people == ()
    assert [(place.unit, place.worker) for place in content.places] == [("North", "kari")]


def test_a_table_with_headings_only_is_told(tmp_path):
    path = tmp_path / "table.csv"
    path.write_text(";".join(HEADINGS), encoding="utf-8")
    table = read_table(path)

    rows, faults = read_rows(table, settle_columns(table.columns))

    assert rows == []
    assert [str(fault) for fault in faults] == ["The file has headings but no rows."]
