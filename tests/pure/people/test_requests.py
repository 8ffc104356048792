"""How far a citizen's request has come, and until when it must be answered."""

from __future__ import annotations

from datetime import UTC, date, datetime
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medvirk.people.logic.requests import STEPS, WAITING, RequestState, answer_due, state_of

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("sent_on", "due"),
    [
        (date(2026, 3, 4), date(2026, 4, 4)),
        (date(2026, 1, 31), date(2026, 2, 28)),
        (date(2028, 1, 31), date(2028, 2, 29)),
        (date(2026, 12, 15), date(2027, 1, 15)),
    ],
)
def test_an_answer_is_due_a_month_later(sent_on, due):
    assert answer_due(sent_on) == due


@given(st.dates(date(1990, 1, 1), date(2100, 1, 1)))
def test_a_month_is_never_shorter_than_february_nor_longer_than_a_month(sent_on):
    assert 28 <= (answer_due(sent_on) - sent_on).days <= 31


def test_what_happened_last_counts():
    assert state_of(seen_at=None, outcome="", closed_at=None) is RequestState.SENT
    assert state_of(seen_at=NOON, outcome="", closed_at=None) is RequestState.SEEN
    assert state_of(seen_at=NOON, outcome="done", closed_at=None) is RequestState.DONE
    assert state_of(seen_at=NOON, outcome="refused", closed_at=None) is RequestState.REFUSED
    assert state_of(seen_at=None, outcome="", closed_at=NOON) is RequestState.CLOSED
    assert state_of(seen_at=NOON, outcome="refused", closed_at=NOON) is RequestState.CLOSED


def test_nothing_goes_back_and_an_answer_is_given_once():
    order = list(RequestState)
    for earlier, later in product(order, order):
        if later in STEPS[earlier]:
            assert order.index(later) > order.index(earlier)
    assert STEPS[RequestState.DONE] == STEPS[RequestState.REFUSED] == {RequestState.CLOSED}
    assert all(STEPS[state] >= {RequestState.DONE, RequestState.REFUSED} for state in WAITING)
