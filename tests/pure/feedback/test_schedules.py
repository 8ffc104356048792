"""What is asked when. Whatever the plan, what must be asked is, and nobody is asked the same twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medvirk.feedback.logic.schedules import (
    AFTER,
    BEFORE,
    CHANCES,
    SELDOM,
    STEADY,
    Held,
    Line,
    Plan,
    When,
    ahead,
    due,
    months_after,
    nothing_moves,
    usual_gap,
)

LIFE, MEETING, SAFETY, WHO = ("life-now", 1), ("this-meeting", 1), ("safety", 1), ("recovery", 1)
PLAN = Plan(LIFE, MEETING, SAFETY)
START = date(2026, 1, 5)
WEEK = timedelta(days=7)

lines = st.builds(
    Line,
    form=st.sampled_from([WHO, ("citizenship", 1), ("who-5", 1), LIFE, MEETING]),
    moment=st.sampled_from([BEFORE, AFTER]),
    when=st.sampled_from(When),
    number=st.integers(1, 12),
)
plans = st.builds(
    Plan,
    outcome=st.just(LIFE),
    meeting=st.just(MEETING),
    safety=st.sampled_from([SAFETY, None]),
    lines=st.lists(lines, max_size=6).map(tuple),
    eases=st.booleans(),
)


def held(number: int, **more) -> Held:
    return Held(START, tuple(START + at * WEEK for at in range(number)), **more)


def course(plan: Plan, length: int, *, still: bool = False, answers: bool = True) -> list[tuple]:
    """What is asked at each conversation of a course in which everything, or nothing, is answered."""
    answered: dict[str, set[int]] = {}
    asked = []
    for number in range(1, length + 1):
        here = held(number, answered=dict(answered), still=still and number > STEADY)
        forms = (due(plan, here, BEFORE), due(plan, here, AFTER))
        asked.append(forms)
        if answers:
            for key, _ in (*forms[0], *forms[1]):
                answered[key] = answered.get(key, set()) | {number}
    return asked


def at_which(asked: list[tuple], key: str) -> list[int]:
    return [
        number for number, forms in enumerate(asked, start=1) if key in {k for k, _ in (*forms[0], *forms[1])}
    ]


def test_who_sets_nothing_is_asked_as_always():
    assert all(forms == ((LIFE, SAFETY), (MEETING,)) for forms in course(PLAN, 20, still=True))


@given(plans, st.integers(1, 30), st.booleans(), st.booleans())
def test_what_must_be_asked_is(plan, length, still, answers):
    asked = course(plan, length, still=still, answers=answers)

    outcome = at_which(asked, "life-now")
    assert outcome[0] == 1
    assert all(later - earlier <= 2 for earlier, later in zip(outcome, [*outcome[1:], length], strict=True))
    assert all(MEETING in after for _, after in asked)
    assert all((SAFETY in before) == (plan.safety is not None) for before, _ in asked)


@given(plans, st.integers(1, 30), st.booleans())
def test_nobody_is_asked_the_same_twice_at_once(plan, length, still):
    for before, after in course(plan, length, still=still):
        assert len({key for key, _ in before}) == len(before)
        assert len({key for key, _ in after}) == len(after)


@given(plans, st.integers(1, 30))
def test_easing_never_asks_more(plan, length):
    hard, easy = replace(plan, eases=False), replace(plan, eases=True)

    for full, less in zip(course(hard, length), course(easy, length, still=True), strict=True):
        assert set(less[0]) <= set(full[0])
        assert set(less[1]) <= set(full[1])


@given(plans, st.integers(1, 30))
def test_without_easing_it_does_not_matter_whether_anything_moves(plan, length):
    hard = replace(plan, eases=False)

    assert course(hard, length, still=True) == course(hard, length)


@pytest.mark.parametrize(
    ("line", "at"),
    [
        (Line(WHO, BEFORE, When.EVERY), list(range(1, 13))),
        (Line(WHO, BEFORE, When.EVERY_NTH, 4), [1, 5, 9]),
        (Line(WHO, BEFORE, When.START), [1]),
        # The tenth conversation is on 9 March, the first after two months.
        (Line(WHO, BEFORE, When.AFTER_MONTHS, 2), [10]),
        (Line(WHO, AFTER, When.END), []),
    ],
)
def test_when_a_line_asks(line, at):
    assert at_which(course(replace(PLAN, lines=(line,)), 12), "recovery") == at


@pytest.mark.parametrize(("when", "number"), [(When.START, 0), (When.AFTER_MONTHS, 1)])
def test_what_is_due_once_is_asked_again_a_few_times_and_then_let_be(when, number):
    asked = course(replace(PLAN, lines=(Line(WHO, BEFORE, when, number),)), 20, answers=False)

    found = at_which(asked, "recovery")
    assert len(found) == CHANCES
    assert found == list(range(found[0], found[0] + CHANCES))


def test_the_end_is_asked_at_the_last_one_and_everything_with_it():
    plan = replace(PLAN, lines=(Line(WHO, BEFORE, When.END),), eases=True)
    last = held(12, is_last=True, still=True, answered={"life-now": {11}})

    assert due(plan, last, BEFORE) == (LIFE, SAFETY, WHO)


def test_easing_asks_the_outcome_every_second_and_the_rest_every_fourth():
    plan = replace(PLAN, lines=(Line(WHO, BEFORE, When.EVERY),), eases=True)

    asked = course(plan, 16, still=True)

    assert at_which(asked, "life-now") == [1, 2, 3, 4, 5, 6, 8, 10, 12, 14, 16]
    assert at_which(asked, "recovery") == [1, 2, 3, 4, 5, 6, 9, 13]
    assert SELDOM == 4


scores = st.lists(st.integers(0, 50).map(float), max_size=12)


@given(scores, st.floats(0.5, 20))
def test_a_signal_or_too_few_scores_or_an_unknown_limit_and_something_may_move(found, chance):
    assert not nothing_moves(found, chance, signalled=True)
    assert not nothing_moves(found, None, signalled=False)
    assert not nothing_moves(found[: STEADY - 1], chance, signalled=False)


@given(scores.filter(lambda each: len(each) >= STEADY), st.floats(0.5, 20))
def test_nothing_moves_means_that_no_two_of_the_last_six_differ_by_a_reliable_change(found, chance):
    last = found[-STEADY:]
    most = max(abs(one - other) for one in last for other in last)

    assert nothing_moves(found, chance, signalled=False) == (most < chance)


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(0, 60))
def test_months_after_is_the_same_day_or_the_last_of_its_month(day, months):
    later = months_after(day, months)

    assert (later.year * 12 + later.month) - (day.year * 12 + day.month) == months
    assert later.day == day.day or (later + timedelta(days=1)).day == 1


def test_the_last_of_february():
    assert months_after(date(2026, 11, 30), 3) == date(2027, 2, 28)


def test_ahead_shows_what_is_planned_first_and_then_guesses_at_the_usual_distance():
    plan = replace(PLAN, lines=(Line(WHO, BEFORE, When.EVERY_NTH, 3),))
    today = START + 3 * WEEK

    coming = ahead(plan, held(3), [today + timedelta(days=2)], today)

    assert [each.number for each in coming] == [4, 5, 6, 7, 8, 9]
    assert [each.planned for each in coming] == [True, *[False] * 5]
    assert coming[1].day - coming[0].day == WEEK
    assert [WHO in each.before for each in coming] == [True, False, False, True, False, False]


@given(st.lists(st.dates(date(2020, 1, 1), date(2030, 1, 1)), max_size=8).map(sorted))
def test_the_usual_gap_is_at_least_a_day(days):
    assert usual_gap(days) >= timedelta(days=1)
