"""What the tests find does not hang on the day on which they are run, nor on the demo's hours."""

from __future__ import annotations

import time
from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from conftest import THE_DAY, real_time
from django.utils import timezone

from medvirk.config.demo.hours import next_time

NORWAY = ZoneInfo("Europe/Oslo")


def test_it_is_the_same_day_whenever_the_tests_run():
    assert timezone.localdate() == THE_DAY


def test_beside_other_processes_it_is_the_time_of_the_machine():
    with real_time():
        assert abs(time.time() - time_machine.escape_hatch.time.time()) < 60

    assert timezone.localdate() == THE_DAY


# The clock is put forward in the night to 28 March: the day after has fewer hours before two.
@pytest.mark.parametrize(
    ("now", "expected"),
    [
        (datetime(2027, 3, 27, 1, 30), datetime(2027, 3, 27, 14)),  # noqa: DTZ001
        (datetime(2027, 3, 27, 13, 59), datetime(2027, 3, 27, 14)),  # noqa: DTZ001
        (datetime(2027, 3, 27, 14, 0), datetime(2027, 3, 28, 14)),  # noqa: DTZ001
        (datetime(2027, 12, 31, 23, 59), datetime(2028, 1, 1, 14)),  # noqa: DTZ001
    ],
)
def test_a_conversation_of_the_demo_is_by_day(now, expected):
    assert next_time(now.replace(tzinfo=NORWAY), 14) == expected.replace(tzinfo=NORWAY)
