"""Who sees to an answer about safety, by the hour of the day."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medvirk.feedback.logic.risk import NORWAY, Days, Gap, Line, gaps, line_at, who_decides


def line(days: Days, begins: str, ends: str, who: str = "team leader") -> Line:
    return Line(days, time.fromisoformat(begins), time.fromisoformat(ends), who, "", timedelta(minutes=30))


DAYTIME = line(Days.WORKDAYS, "08:00", "15:30")
NIGHT = line(Days.EVERY, "22:00", "07:00", "the emergency unit")


@pytest.mark.parametrize(
    ("of", "when", "covered"),
    [
        (DAYTIME, "2026-01-05 08:00", True),  # a Monday; the first minute counts
        (DAYTIME, "2026-01-05 15:30", False),  # the last does not
        (DAYTIME, "2026-01-05 15:29", True),
        (DAYTIME, "2026-01-10 10:00", False),  # a Saturday
        (NIGHT, "2026-01-05 22:00", True),
        (NIGHT, "2026-01-06 06:59", True),
        (NIGHT, "2026-01-06 07:00", False),
        (line(Days.WEEKEND, "22:00", "06:00"), "2026-01-12 03:00", True),  # Monday night belongs to Sunday
        (line(Days.WEEKEND, "22:00", "06:00"), "2026-01-10 03:00", False),  # Saturday night belongs to Friday
        (line(Days.EVERY, "00:00", "00:00"), "2026-01-10 13:37", True),
    ],
)
def test_a_line_covers_its_hours_by_the_clock_on_the_wall(of, when, covered):
    assert of.covers(datetime.fromisoformat(when).replace(tzinfo=NORWAY)) is covered


def test_winter_and_summer_time_are_those_of_norway():
    eight_in_norway = datetime(2026, 7, 6, 6, 0, tzinfo=UTC)
    assert DAYTIME.covers(eight_in_norway)
    assert not DAYTIME.covers(datetime(2026, 1, 5, 6, 0, tzinfo=UTC))


def test_the_first_line_that_fits_counts():
    both = (line(Days.EVERY, "07:00", "12:00", "the duty phone"), DAYTIME)
    assert line_at(both, datetime(2026, 1, 5, 10, tzinfo=NORWAY)).who == "the duty phone"
    assert line_at(both, datetime(2026, 1, 5, 13, tzinfo=NORWAY)).who == "team leader"
    assert line_at(both, datetime(2026, 1, 5, 20, tzinfo=NORWAY)) is None


def test_hours_that_nobody_has_are_told():
    found = gaps((DAYTIME, NIGHT))
    assert Gap(1, time(7), time(8)) in found
    assert Gap(1, time(15, 30), time(22)) in found
    assert Gap(6, time(7), time(22)) in found
    assert gaps((line(Days.EVERY, "00:00", "00:00"),)) == []
    assert gaps((line(Days.WEEKEND, "00:00", "00:00"), line(Days.WORKDAYS, "00:00", "00:00"))) == []


def test_a_week_without_lines_is_seven_whole_days():
    assert gaps(()) == [Gap(day, time(0), time(0)) for day in range(1, 8)]


halves = st.integers(0, 47).map(lambda half: time(half // 2, 30 * (half % 2)))
lines = st.lists(st.builds(line, st.sampled_from(Days), halves.map(str), halves.map(str)), max_size=4)


@given(lines, st.integers(0, 7 * 48 - 1))
def test_an_hour_is_in_a_gap_exactly_when_no_line_covers_it(held, half):
    moment = datetime(2025, 1, 6, tzinfo=NORWAY) + half * timedelta(minutes=30)
    in_a_gap = any(
        gap.weekday == moment.isoweekday()
        and gap.begins <= moment.time()
        and (moment.time() < gap.ends or gap.ends == time(0))
        for gap in gaps(held)
    )
    assert in_a_gap == (line_at(held, moment) is None)


A, B, C, D, TOP = (uuid.UUID(int=number) for number in range(1, 6))


@pytest.mark.parametrize(
    ("above", "carried_on", "decided", "whose"),
    [
        ((A, TOP), {}, {A, TOP}, (A,)),
        ((A, TOP), {}, {TOP}, (TOP,)),
        ((A, TOP), {}, set(), ()),
        # Merged from two that each had lines: nobody's hour is lost, and what stands above does not take over.
        ((C, TOP), {C: (A, B)}, {A, B, TOP}, (A, B)),
        # Carried on twice; the middle one never decided anything.
        ((D, TOP), {D: (C,), C: (A,)}, {A}, (A,)),
        # Its own goes before what it carries on.
        ((C, TOP), {C: (A, B)}, {A, C}, (C,)),
        # A ring, which the tables should not hold, ends.
        ((A,), {A: (B,), B: (A,)}, set(), ()),
        # A unit above that was merged itself.
        ((B, C), {C: (A,)}, {A}, (A,)),
    ],
)
def test_a_units_procedure_follows_it_through_mergers(above, carried_on, decided, whose):
    assert who_decides(above, carried_on, decided) == whose
