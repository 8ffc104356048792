import numpy as np
import pytest

from medvirk.interop.scores.options import Options, settle
from medvirk.interop.scores.reading import read_scores
from medvirk.tables import TableFaults

PLAIN = {"person": "id", "time": "t", "score": "y", "direction": "lower", "score_range": "0,60", "rci": "9"}


def read(table, **options):
    return read_scores(table, settle(Options(**{**PLAIN, **options}), table.columns))


def faults_of(table, **options) -> list[str]:
    with pytest.raises(TableFaults) as caught:
        read(table, **options)
    return [str(fault) for fault in caught.value.faults]


def test_rows_come_in_order_of_person_and_time(make_table):
    table = make_table("id t y", ["b", "6", "10"], ["a", "0", "30"], ["b", "0", "20"], ["a", "3", None])

    scores = read(table)

    assert scores.person.tolist() == [0, 0, 1, 1]
    assert scores.time.tolist() == [0, 6, 0, 3]
    np.testing.assert_array_equal(scores.score, [20, 10, 30, np.nan])


def test_time_starts_at_the_first_row_also_when_that_has_no_score(make_table):
    table = make_table("id t y", ["a", "2", "NA"], ["a", "5", "30"], ["b", "0", "20"])

    scores = read(table)

    assert scores.since_first.tolist() == [0, 3, 0]
    assert scores.time.tolist() == [2, 5, 0]


def test_dates_become_weeks_since_the_persons_first(make_table):
    table = make_table(
        "id t y", ["a", "01.03.2024", "30"], ["a", "15.03.2024", "20"], ["b", "10.03.2024", "9"]
    )

    scores = read(table)

    assert scores.dated
    assert scores.since_first.tolist() == [0, 2, 0]
    assert scores.time.tolist() == [0, 2, 0]


def test_every_fault_of_every_row_comes_at_once(make_table):
    table = make_table(
        "id t y",
        ["a", "0", "61"],
        [None, "0", "5"],
        ["a", None, "5"],
        ["b", "soon", "5"],
        ["c", "1", "x"],
    )

    told = faults_of(table)

    assert len(told) == 5
    assert told[0].startswith("row 2, column y, “61”: The score must lie from 0 to 60")
    assert told[1].startswith("row 3, column id: The row does not say whose it is")
    assert told[2].startswith("row 4, column t: The row has no time")
    assert any(fault.startswith("row 5, column t, “soon”: This is not a number") for fault in told)
    assert any(fault.startswith("row 6, column y, “x”: This is not a number") for fault in told)


def test_a_score_outside_the_range_is_a_fault_with_row_column_and_value(make_table):
    table = make_table("id t y", ["a", "0", "61"], ["a", "1", "-1"], ["b", "0", "60"])

    told = faults_of(table)

    assert [fault.split(":")[0] for fault in told] == ["row 2, column y, “61”", "row 3, column y, “-1”"]
    assert "from 0 to 60" in told[0]


def test_the_same_person_and_time_twice_is_a_fault_that_names_the_other_row(make_table):
    table = make_table("id t y", ["a", "0", "1"], ["b", "0", "1"], ["a", "0,0", "2"])

    assert faults_of(table) == [
        "row 4, column id, t, “a, 0,0”: The same person and time stand in row 2 too. Keep one of them."
    ]


def test_items_are_scored_and_turned_by_the_instrument(make_table):
    columns = "id t " + " ".join(f"q{number}" for number in range(1, 21))
    # Items 4, 8, 12 and 16 count the other way: 3 there is the best answer.
    best = ["3" if number in {4, 8, 12, 16} else "0" for number in range(1, 21)]
    table = make_table(columns, ["a", "0", *best], ["a", "1", *["1"] * 19, None])

    scores = read(table, score=None, score_range=None, items="q1:q20", instrument="ces-d")

    np.testing.assert_array_equal(scores.score, [0, np.nan])
    np.testing.assert_array_equal(scores.items[0], np.zeros(20))
    assert scores.items[1, 3] == 2


def test_an_answer_the_item_cannot_have_is_a_fault_for_every_cell(make_table):
    columns = "id t " + " ".join(f"q{number}" for number in range(1, 21))
    table = make_table(columns, ["a", "0", "4", *["1"] * 18, "9"], ["a", "1", "1,5", *["1"] * 19])

    told = faults_of(table, score=None, score_range=None, items="q1:q20", instrument="ces-d")

    assert [fault.split(":")[0] for fault in told] == [
        "row 2, column q1, “4”",
        "row 2, column q20, “9”",
        "row 3, column q1, “1.5”",
    ]
    assert "allowed is 0, 1, 2, 3" in told[0]


def test_items_without_instrument_are_summed_when_all_are_there(make_table):
    table = make_table("id t a b", ["p", "0", "10", "20"], ["p", "1", "10", None], ["p", "2", "50", "50"])

    told = faults_of(table, score=None, items="a,b")

    assert told == [
        "row 4, column a … b, “100”: The score must lie from 0 to 60. Correct it, or leave the cell empty."
    ]


@pytest.mark.parametrize(
    ("rows", "options", "problem"),
    [
        ([], {}, "no rows"),
        ([["a", "0", None]], {}, "No row has a score"),
        ([["a", "0", "3"]], {"transform": "log"}, "needs times above 0"),
        ([["a", "01.03.2024", "3"]], {"transform": "log"}, "needs session numbers"),
    ],
)
def test_what_cannot_be_analysed_says_why(make_table, rows, options, problem):
    assert any(problem in fault for fault in faults_of(make_table("id t y", *rows), **options))
