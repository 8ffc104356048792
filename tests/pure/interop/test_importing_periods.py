"""Which part of an episode still needs a service relation."""

from __future__ import annotations

from datetime import date

import pytest

from medvirk.interop.importing.courses import uncovered

JAN, FEB, MAR, APR = (date(2025, month, 1) for month in (1, 2, 3, 4))
DAY_AFTER_FEB = date(2025, 2, 2)


@pytest.mark.parametrize(
    ("first", "last", "held", "left"),
    [
        (JAN, None, [], (JAN, None)),
        (JAN, MAR, [], (JAN, MAR)),
        (FEB, None, [(JAN, None)], None),
        (FEB, MAR, [(JAN, None)], None),
        (FEB, MAR, [(JAN, MAR)], None),
        # One that began later but lasts: the record opens today, which is all a relation can do.
        (JAN, None, [(FEB, None)], None),
        (JAN, None, [(JAN, FEB)], (DAY_AFTER_FEB, None)),
        (JAN, MAR, [(JAN, FEB)], (DAY_AFTER_FEB, MAR)),
        (MAR, None, [(JAN, FEB)], (MAR, None)),
        (JAN, FEB, [(MAR, APR)], (JAN, FEB)),
        (JAN, FEB, [(MAR, None)], (JAN, FEB)),
        (JAN, APR, [(MAR, APR), (JAN, FEB)], None),
    ],
)
def test_the_end_of_the_period_that_nothing_covers(first, last, held, left):
    assert uncovered(first, last, held) == left
