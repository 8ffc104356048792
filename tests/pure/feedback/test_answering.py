"""How asking went, counted honestly."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medvirk.feedback.logic.answering import Around, Way, tally, way_of

flags = st.booleans()
arounds = st.builds(Around, flags, flags, flags, flags, flags)
NOTHING = {"asked": True, "answered": False, "declined": False, "paused": False, "cancelled": False}


@pytest.mark.parametrize(
    ("what", "way"),
    [
        ({}, Way.NOT_ANSWERED),
        ({"declined": True}, Way.DECLINED),
        ({"declined": True, "answered": True}, Way.ANSWERED),
        ({"paused": True}, Way.PAUSED),
        ({"paused": True, "answered": True}, Way.ANSWERED),
        ({"paused": True, "asked": False}, Way.PAUSED),
        ({"cancelled": True, "declined": True}, Way.CANCELLED),
        ({"cancelled": True, "answered": True}, Way.ANSWERED),
        ({"asked": False}, Way.NOT_ASKED),
        # Only something beside the form was asked and answered.
        ({"asked": False, "answered": True}, Way.NOT_ASKED),
    ],
)
def test_each_way(what, way):
    assert way_of(Around(**{**NOTHING, **what})) == way


@given(st.lists(arounds, max_size=30))
def test_everybody_is_counted_once_and_who_was_excused_is_not_in_the_n(found):
    counted = tally(found)

    parts = (
        counted.answered, counted.declined, counted.paused, counted.cancelled, counted.not_asked,
        counted.not_answered,
    )  # fmt: skip
    assert sum(parts) == len(found)
    assert counted.could_answer + counted.paused + counted.cancelled + counted.not_asked == len(found)
