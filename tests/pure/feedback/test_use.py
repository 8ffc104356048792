"""The use of feedback, counted by month."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from medvirk.feedback.logic.answering import Around, Tally
from medvirk.feedback.logic.use import (
    AT_THE_CONVERSATION,
    FEWEST,
    Noted,
    When,
    by_month,
    counts,
    months_until,
    phases_from,
    total,
    when_of,
)

ANSWERED = Around(asked=True, answered=True, declined=False, paused=False, cancelled=False)
SILENT = Around(asked=True, answered=False, declined=False, paused=False, cancelled=False)
PAUSED = Around(asked=False, answered=False, declined=False, paused=True, cancelled=False)


def test_the_months_are_whole_ones_and_the_last_is_over():
    months = months_until(date(2026, 2, 14), 14)
    assert (months[0], months[-1]) == (date(2024, 12, 1), date(2026, 1, 1))
    assert len(months) == len(set(months)) == 14


def test_each_conversation_counts_in_the_month_of_its_day_only():
    months = [date(2026, 1, 1), date(2026, 2, 1)]
    rows = [(date(2026, 1, 31), ANSWERED), (date(2026, 2, 1), SILENT), (date(2025, 12, 31), ANSWERED)]

    january, february = by_month(months, rows, [(date(2026, 2, 28), ANSWERED)])

    assert (january.before, january.after) == (Tally(answered=1), Tally())
    assert (february.before, february.after) == (Tally(not_answered=1), Tally(answered=1))


def test_a_month_with_too_few_is_a_gap_and_no_zero():
    few = Tally(answered=FEWEST - 1, paused=50)
    enough = Tally(answered=3, declined=1, not_answered=FEWEST - 4, cancelled=9)
    assert counts([few, enough]) == ([None, 3], [None, FEWEST])


def test_all_together():
    assert total([Tally(answered=1, paused=2), Tally(answered=3, declined=1)]) == Tally(
        answered=4, declined=1, paused=2
    )


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (-timedelta(days=2), When.DAYS_BEFORE),
        (-timedelta(hours=5), When.SAME_DAY),
        (-AT_THE_CONVERSATION, When.AT_IT),
        (AT_THE_CONVERSATION, When.AT_IT),
        (AT_THE_CONVERSATION + timedelta(seconds=1), When.AFTER),
    ],
)
def test_when_an_answer_was_given(sent, expected):
    starts = datetime(2026, 1, 5, 10, tzinfo=UTC)
    assert when_of(starts + sent, starts, same_day=abs(sent) < timedelta(hours=10)) is expected


def test_limits_begin_anew_only_where_a_leader_said_so_and_never_at_the_first_month():
    months = months_until(date(2026, 2, 14), 6)
    notes = [
        Noted(1, months[4], "Nytt skjema", True),
        Noted(2, months[2], "Opplæring", False),
        Noted(3, months[0], "Ny leder", True),
        Noted(4, date(2020, 1, 1), "Før bildet", True),
    ]
    assert phases_from(months, notes) == [(4, "Nytt skjema")]
