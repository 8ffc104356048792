"""Which moments a pause covers, and what a worker is told."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from medvirk.feedback.logic.pauses import RATHER_NOT, TOLD_FOR, Pause, pause_at, rather_not, told_of

MONDAY = date(2026, 3, 2)
DAY = timedelta(days=1)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 12, tzinfo=UTC)


PAUSE = Pause(MONDAY, MONDAY + 6 * DAY, "crisis")


@pytest.mark.parametrize(("after", "covered"), [(-1, False), (0, True), (6, True), (7, False)])
def test_both_ends_are_in_it(after, covered):
    day = MONDAY + after * DAY

    assert PAUSE.covers(noon(day), day) is covered


def test_a_lifted_one_covers_what_was_before_only():
    lifted = Pause(MONDAY, MONDAY + 6 * DAY, lifted_at=noon(MONDAY + 2 * DAY))

    assert lifted.covers(noon(MONDAY + DAY), MONDAY + DAY)
    assert lifted.covers(noon(MONDAY + 2 * DAY) - timedelta(minutes=1), MONDAY + 2 * DAY)
    assert not lifted.covers(noon(MONDAY + 2 * DAY), MONDAY + 2 * DAY)
    assert not lifted.covers(noon(MONDAY + 3 * DAY), MONDAY + 3 * DAY)


def test_of_two_the_one_that_ends_last_is_told():
    longer = Pause(MONDAY, MONDAY + 20 * DAY, "wish")

    assert pause_at([longer, PAUSE], noon(MONDAY), MONDAY) == longer
    assert pause_at([PAUSE, longer], noon(MONDAY), MONDAY) == longer


def test_on_its_last_day_it_is_said_that_it_ends():
    last = MONDAY + 6 * DAY

    before, on = (told_of([PAUSE], noon(day), day) for day in (last - DAY, last))

    assert before is not None
    assert on is not None
    assert (before.going_on, before.ends_today) == (True, False)
    assert (on.going_on, on.ends_today) == (True, True)


def test_one_that_ran_out_is_told_of_for_a_while_and_a_lifted_one_is_not():
    lifted = Pause(MONDAY, MONDAY + 6 * DAY, lifted_at=noon(MONDAY))
    end = MONDAY + 6 * DAY

    told = told_of([PAUSE], noon(end + DAY), end + DAY)
    assert told is not None
    assert not told.going_on
    assert told_of([PAUSE], noon(end + TOLD_FOR), end + TOLD_FOR) is not None
    assert told_of([PAUSE], noon(end + TOLD_FOR + DAY), end + TOLD_FOR + DAY) is None
    assert told_of([lifted], noon(end + DAY), end + DAY) is None


def test_three_in_a_row_are_worth_a_word():
    assert not rather_not(["declined"] * (RATHER_NOT - 1), "declined")
    assert rather_not(["", *["declined"] * RATHER_NOT], "declined")
    assert not rather_not([*["declined"] * RATHER_NOT, ""], "declined")
