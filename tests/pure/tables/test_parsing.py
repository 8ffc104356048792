# ruff: noqa: DTZ001 - a table's dates have no time zone
import math
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medvirk.tables import (
    Fault,
    FaultList,
    Table,
    TableFaults,
    TimeUnit,
    dates,
    dates_or_numbers,
    numbers,
    texts,
)


def column(*cells, decimal_sign=None) -> Table:
    rows = tuple({"x": cell} for cell in cells)
    return Table(("x",), rows, tuple(range(2, len(cells) + 2)), decimal_sign)


@pytest.mark.parametrize("cell", [None, " ", "NA", "n/a", "NaN", "null", ".", "-", "–", "#N/A", "#I/T"])
def test_what_stands_for_missing_is_none(cell):
    assert numbers(column(cell, "1"), "x") == [None, 1.0]
    assert texts(column(cell, "a"), "x") == [None, "a"]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["12,5", "1,234"], [12.5, 1.234]),
        (["12.5", "1.234"], [12.5, 1.234]),
        (["0,125", "7"], [0.125, 7.0]),
        (["1.234,5", "2,5"], [1234.5, 2.5]),
        (["1,234.5"], [1234.5]),
        (["1.234.567", "2,5"], [1234567.0, 2.5]),
        (["1 234,5", "12\u00a0345"], [1234.5, 12345.0]),
        (["−3", "+4", "1e3", "1,5E-1"], [-3.0, 4.0, 1000.0, 0.15]),
        ([12.5, 3, "4,5"], [12.5, 3.0, 4.5]),
    ],
)
def test_reads_numbers_as_people_write_them(cells, expected):
    assert numbers(column(*cells), "x") == pytest.approx(expected)


@pytest.mark.parametrize(
    ("cell", "decimal_sign", "expected"),
    [("1,234", ",", 1.234), ("1.234", ".", 1.234), ("123,456", ",", 123.456)],
)
def test_the_file_settles_a_column_that_does_not_settle_itself(cell, decimal_sign, expected):
    assert numbers(column(cell, decimal_sign=decimal_sign), "x") == [expected]


@pytest.mark.parametrize(
    ("cell", "decimal_sign"), [("1.234", ","), ("1,234", "."), ("1.234", None), ("1,234", None)]
)
def test_a_number_that_can_be_read_in_two_ways_is_a_fault(cell, decimal_sign):
    with pytest.raises(TableFaults, match="thousand or a decimal"):
        numbers(column("5", cell, decimal_sign=decimal_sign), "x")


def test_a_point_among_decimal_commas_is_a_fault_with_its_row():
    with pytest.raises(TableFaults) as caught:
        numbers(column("1,5", "2.5", "3,5", "1.234"), "x")

    assert [(fault.row, fault.value) for fault in caught.value.faults] == [(3, "2.5"), (5, "1.234")]
    assert "“,”" in str(caught.value.faults[0])


@pytest.mark.parametrize("cell", ["ten", "50 %", "1,2,3", "12,", "inf", "1e999", "1 2", True, "#REF!"])
def test_what_is_no_number_is_a_fault(cell):
    with pytest.raises(TableFaults, match="not a number"):
        numbers(column(cell), "x")


@pytest.mark.parametrize("cell", [date(2024, 5, 1), datetime(2024, 5, 1), "01.05.2024"])
def test_a_date_where_a_number_is_needed_says_what_excel_may_have_done(cell):
    with pytest.raises(TableFaults, match="Excel may have turned"):
        numbers(column(cell), "x")


def test_all_faults_of_a_column_come_at_once_with_row_column_and_value():
    with pytest.raises(TableFaults) as caught:
        numbers(column("1", "x1", "2", "y2"), "x")

    assert [(fault.row, fault.column, fault.value) for fault in caught.value.faults] == [
        (3, "x", "x1"),
        (5, "x", "y2"),
    ]


@pytest.mark.parametrize(
    ("cell", "expected"),
    [
        ("01.03.2024", datetime(2024, 3, 1)),
        ("1.3.2024 14:05", datetime(2024, 3, 1, 14, 5)),
        ("2024-03-01", datetime(2024, 3, 1)),
        ("2024-03-01T14:05:09", datetime(2024, 3, 1, 14, 5, 9)),
        (date(2024, 3, 1), datetime(2024, 3, 1)),
    ],
)  # fmt: skip
def test_reads_dates_as_norwegians_and_computers_write_them(cell, expected):
    assert dates(column(cell), "x") == [expected]


@pytest.mark.parametrize(
    ("cell", "problem"),
    [
        ("03/04/2024", "not a date we can read"),
        ("01.03.24", "not a date we can read"),
        (45352, "not a date we can read"),
        ("31.02.2024", "no such day"),
        ("2024-03-01 25:00", "no such day"),
    ],
)
def test_a_date_that_is_wrong_or_can_be_read_in_two_ways_is_a_fault(cell, problem):
    with pytest.raises(TableFaults, match=problem):
        dates(column(cell), "x")


def test_times_are_dates_or_numbers_never_both():
    days = dates_or_numbers(column("01.03.2024", None, "08.03.2024 12:00"), "x")
    months = dates_or_numbers(column("0", "6", "NA"), "x")

    assert days.unit is TimeUnit.DAY
    assert days.values[2] - days.values[0] == 7.5
    assert days.values[1] is None
    assert (months.unit, months.values) == (TimeUnit.NUMBER, (0.0, 6.0, None))
    with pytest.raises(TableFaults, match="not a date we can read"):
        dates_or_numbers(column("01.03.2024", "08.03.2024", "6"), "x")
    with pytest.raises(TableFaults, match="Excel may have turned"):
        dates_or_numbers(column("0", "6", "08.03.2024"), "x")


def test_identifiers_from_a_workbook_lose_no_more_than_the_decimal_zero():
    assert texts(column(101.0, 7, "007", 1.5), "x") == ["101", "7", "007", "1.5"]


def test_a_fault_is_told_in_the_readers_language():
    fault = Fault(3, "x", "99", "Must lie from %(low)s.", {"low": 0})

    told = fault.sentence({"Must lie from %(low)s.": "Må ligge fra %(low)s."}.get)

    assert told == "Må ligge fra 0."
    assert str(fault) == "row 3, column x, “99”: Must lie from 0."


def test_faults_of_several_steps_are_raised_together_in_the_order_of_rows():
    faults = FaultList()
    table = column("a", "1")

    values = numbers(table, "x", faults)
    faults.add(Fault(1, "y", None, "Unknown."))

    assert math.isnan(values[0])
    assert values[1] == 1.0
    with pytest.raises(TableFaults) as caught:
        faults.raise_if_any()
    assert [fault.row for fault in caught.value.faults] == [1, 2]


@given(st.lists(st.decimals(-99999, 99999, allow_nan=False, places=2), min_size=1))
def test_two_decimals_are_read_back_with_either_sign(values):
    for sign in ",.":
        cells = [str(value).replace(".", sign) for value in values]

        assert numbers(column(*cells), "x") == [float(value) for value in values]
