"""Where on the axis something happened, and which goals stand beside the curve."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medvirk.feedback.logic import Point
from medvirk.feedback.logic.goals import goal_lines, letter_of, place_on_axis

days = st.lists(st.dates(date(2020, 1, 1), date(2030, 1, 1)), min_size=1, max_size=10).map(sorted)


@given(days, st.dates(date(2019, 1, 1), date(2031, 1, 1)))
def test_an_event_lies_on_the_axis_and_between_the_right_sessions(found, day):
    place = place_on_axis(day, found)

    assert 1 <= place <= len(found)
    if found[0] <= day <= found[-1]:
        assert found[int(place) - 1] <= day
        assert int(place) == len(found) or day <= found[int(place)]


@given(days, st.dates(date(2019, 1, 1), date(2031, 1, 1)), st.integers(0, 400))
def test_later_is_never_further_left(found, day, more):
    assert place_on_axis(day, found) <= place_on_axis(day + timedelta(days=more), found)


def test_halfway_between_two_sessions_is_halfway_on_the_axis():
    assert place_on_axis(date(2026, 1, 8), [date(2026, 1, 1), date(2026, 1, 15)]) == 1.5


def test_there_is_no_place_without_sessions():
    with pytest.raises(ValueError, match="no axis"):
        place_on_axis(date(2026, 1, 1), [])


def test_letters_go_on_after_z():
    assert [letter_of(number) for number in (0, 1, 25, 26, 51, 52, 701, 702)] == [
        "A", "B", "Z", "AA", "AZ", "BA", "ZZ", "AAA",
    ]  # fmt: skip


def test_a_goal_shows_while_it_is_one_and_afterwards_where_it_was_marked():
    marked, current, gone = (uuid.UUID(int=number) for number in (1, 2, 3))
    points = [
        Point(uuid.UUID(int=9), datetime(2026, 1, 1, tzinfo=UTC), goals={marked: 3.0}),
        Point(uuid.UUID(int=8), datetime(2026, 1, 8, tzinfo=UTC)),
    ]

    lines = goal_lines(points, [(marked, False), (current, True), (gone, False)])

    assert [(line.id, line.marks) for line in lines] == [(marked, (3.0, None)), (current, (None, None))]
