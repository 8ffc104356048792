"""Where a card stands on the team's board, and how often somebody was met."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from medvirk.feedback.logic.board import DEFAULTS, Column, Placed, met_lately, stands
from medvirk.feedback.wording.board import contacts_words, met_words

NOW = datetime(2025, 6, 16, 12, tzinfo=UTC)
OWN = (
    Column("intensive", "Hver dag", 5.0, starts_here=False, id=11),
    Column("", "Vanlig", 1.0, starts_here=True, id=12),
    Column("rarely", "", 0.25, starts_here=False, id=13),
)


def test_whom_nobody_has_moved_stands_where_courses_begin():
    assert stands(DEFAULTS, None) == (1, None, 1.0)
    assert stands(OWN, None) == (1, None, 1.0)


def test_whom_somebody_has_moved_stands_there_since_that_day():
    since = date(2025, 6, 2)

    assert stands(OWN, Placed(11, "intensive", since, None)) == (0, since, 5.0)
    assert stands(OWN, Placed(11, "intensive", since, 2.0)) == (0, since, 2.0)


def test_in_another_team_they_stand_in_the_column_that_is_called_the_same():
    since = date(2025, 6, 2)

    assert stands(OWN, Placed(99, "rarely", since, None)) == (2, since, 0.25)


def test_a_column_that_is_gone_lets_nobody_fall_off_the_board():
    assert stands(OWN, Placed(99, "", date(2025, 6, 2), 7.0)) == (1, None, 1.0)


@pytest.mark.parametrize(("days", "held", "expected"), [(60, 8, 8), (60, 0, 0), (14, 4, 4), (6, 3, None)])
def test_how_often_somebody_was_met_counts_four_weeks(days, held, expected):
    at = [NOW - timedelta(days=1, hours=number) for number in range(held)]

    found = met_lately(at, started_on=NOW.date() - timedelta(days=days), today=NOW.date(), now=NOW)

    assert found == expected


def test_what_is_to_come_and_what_is_long_ago_is_not_counted():
    at = [NOW + timedelta(hours=1), NOW - timedelta(days=29), NOW - timedelta(days=27)]

    found = met_lately(at, started_on=date(2024, 1, 1), today=NOW.date(), now=NOW)

    assert found == 1


def test_how_often_is_said_in_words():
    assert [met_words(each) for each in (None, 0, 1, 3)] == [
        "new: nothing to count yet",
        "not met in the last 4 weeks",
        "met once in the last 4 weeks",
        "met 3 times in the last 4 weeks",
    ]
    assert [contacts_words(each) for each in (0.5, 1.0, 2.5, None)] == [
        "every second week", "1 time a week", "2.5 times a week", "",
    ]  # fmt: skip
