"""When somebody is invited and reminded: never at night, never after a no, never more than was said."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medvirk.feedback.logic.reminding import (
    APART,
    LONGEST_AFTER,
    LONGEST_AHEAD,
    Facts,
    Kind,
    Plan,
    faulty_placeholder,
    filled,
    longest_night,
    planned,
    when_it_goes,
)
from medvirk.messages.logic import NORWAY, is_quiet
from medvirk.messages.logic.telling import telling_word

NIGHT = (time(21), time(8))
USUAL = Plan(sends=True)
HOUR = timedelta(hours=1)


def at(day: int, hour: int, minute: int = 0) -> datetime:
    """In November 2026; the 24th is a Tuesday."""
    return datetime(2026, 11, day, hour, minute, tzinfo=NORWAY)


# Around both changes of the clock, in every hour.
starts = st.one_of(
    st.integers(0, 7 * 24 * 60).map(
        lambda minute: datetime(2026, 3, 26, tzinfo=UTC) + timedelta(minutes=minute)
    ),
    st.integers(0, 7 * 24 * 60).map(
        lambda minute: datetime(2026, 10, 22, tzinfo=UTC) + timedelta(minutes=minute)
    ),
)
times = st.times().map(lambda each: each.replace(second=0, microsecond=0, tzinfo=None))
quiets = st.one_of(
    st.just(NIGHT), st.just((time(0), time(0))), st.just((time(1), time(2, 30))), st.tuples(times, times)
)
plans = st.builds(
    Plan,
    st.just(True),
    st.none() | st.integers(1, LONGEST_AHEAD),
    st.none() | st.integers(1, LONGEST_AHEAD),
    st.none() | st.integers(1, LONGEST_AFTER),
)


@given(starts, st.booleans(), plans, quiets)
def test_nothing_goes_at_night_or_after_its_time(start, before, plan, quiet):
    for each in planned(Facts(start, before), plan, quiet):
        assert not is_quiet(each.at, *quiet)
        assert each.at < each.until
        assert (each.until < start) if before else (each.at > start)


SETTLED = ("answered", "declined", "closed", "paused", "cancelled", "ended", "unreachable")


@given(starts, st.booleans(), plans, quiets, st.sets(st.sampled_from(SETTLED), min_size=1))
def test_nobody_is_written_to_about_what_is_settled(start, before, plan, quiet, why):
    assert planned(Facts(start, before, **dict.fromkeys(why, True)), plan, quiet) == ()


@given(starts, st.booleans(), plans)
def test_nothing_is_sent_where_nobody_has_decided_so(start, before, plan):
    assert planned(Facts(start, before), replace(plan, sends=False), NIGHT) == ()
    assert planned(Facts(start, before), Plan(), NIGHT) == ()


def lived_through(start: datetime, before: bool, plan: Plan, quiet, moves: dict[int, timedelta]) -> list:
    """Every quarter of an hour, what is due is sent; the conversation is moved now and then. What was sent, when."""
    facts, sent = Facts(start, before), []
    now = start - timedelta(days=7)
    for step in range(7 * 24 * 4 + 300):
        now += timedelta(minutes=15)
        if step in moves:
            facts = replace(facts, starts_at=facts.starts_at + moves[step])
        for each in planned(facts, plan, quiet):
            if each.is_due(now, quiet):
                sent.append((each.kind, now, facts.starts_at))
                facts = replace(facts, sent={**facts.sent, each.kind: now})
                break
    return sent


@given(
    starts,
    plans,
    quiets,
    st.dictionaries(st.integers(0, 670), st.integers(-72, 72).map(lambda n: n * HOUR), max_size=3),
)
def test_in_a_whole_week_nobody_gets_more_than_was_said_however_the_conversation_moves(
    start, plan, quiet, moves
):
    sent = lived_through(start, True, plan, quiet, moves)

    kinds = [kind for kind, _now, _start in sent]
    assert len(kinds) == len(set(kinds)) <= 2
    assert set(kinds) <= {Kind.INVITATION, Kind.REMINDER}
    assert all(now < begins and not is_quiet(now, *quiet) for _kind, now, begins in sent)
    assert all(later - earlier >= APART for (_, earlier, _), (_, later, _) in pairwise(sent))


@given(starts, plans, quiets)
def test_after_a_conversation_one_message_is_sent_at_most(start, plan, quiet):
    sent = lived_through(start, False, plan, quiet, {})

    assert len(sent) <= (plan.after_hours is not None)
    assert all(now > begins + HOUR and not is_quiet(now, *quiet) for _kind, now, begins in sent)


@given(starts, plans, quiets)
def test_nothing_goes_earlier_than_a_night_before_its_hour(start, plan, quiet):
    most = max(plan.invite_hours or 0, plan.remind_hours or 0) * HOUR + longest_night(quiet)

    assert all(each.at >= start - most for each in planned(Facts(start, before=True), plan, quiet))


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (at(24, 13), [(Kind.INVITATION, at(23, 13)), (Kind.REMINDER, at(24, 10))]),
        # At six nobody is woken; at eight there is still time.
        (at(24, 9), [(Kind.INVITATION, at(23, 9)), (Kind.REMINDER, at(24, 8))]),
        # At eight it begins: the evening before.
        (at(24, 8), [(Kind.INVITATION, at(23, 8)), (Kind.REMINDER, at(23, 20, 30))]),
        # The day before at half past nine in the evening is night: the morning after it, with the reminder after noon.
        (at(24, 21, 30), [(Kind.INVITATION, at(24, 8)), (Kind.REMINDER, at(24, 18, 30))]),
    ],
)
def test_the_usual_plan(start, expected):
    assert [(each.kind, each.at) for each in planned(Facts(start, before=True), USUAL, NIGHT)] == expected


def test_one_that_is_planned_late_gets_one_message():
    soon = planned(Facts(at(24, 13), before=True), USUAL, NIGHT)

    assert [each.kind for each in soon if each.is_due(at(24, 11), NIGHT)] == [Kind.REMINDER]


def test_a_reminder_keeps_away_from_what_was_just_sent():
    facts = Facts(at(24, 13), before=True, sent={Kind.BY_HAND: at(24, 9, 30)})

    assert [(each.kind, each.at) for each in planned(facts, USUAL, NIGHT)] == [
        (Kind.REMINDER, at(24, 11, 30))
    ]


def test_after_the_conversation_when_a_unit_wants_it():
    plan = replace(USUAL, after_hours=1)

    assert [each.at for each in planned(Facts(at(24, 13), before=False), plan, NIGHT)] == [at(24, 15)]
    # Late in the day: the next morning.
    assert [each.at for each in planned(Facts(at(24, 19), before=False), plan, NIGHT)] == [at(25, 8)]
    assert planned(Facts(at(24, 13), before=False), USUAL, NIGHT) == ()


def test_the_clock_that_is_put_forward_and_back():
    """Quiet until half past two, which does not exist on the one day and comes twice on the other."""
    quiet = (time(1), time(2, 30))
    forward = datetime(2026, 3, 29, 4, 0, tzinfo=NORWAY)
    back = datetime(2026, 10, 25, 4, 45, tzinfo=NORWAY)

    for start in (forward, back):
        for each in planned(Facts(start.astimezone(UTC), before=True), replace(USUAL, remind_hours=2), quiet):
            assert not is_quiet(each.at, *quiet)


def test_what_is_asked_for_at_night_goes_in_the_morning():
    assert when_it_goes(at(24, 23), NIGHT) == at(25, 8)
    assert when_it_goes(at(24, 7), NIGHT) == at(24, 8)
    assert when_it_goes(at(24, 12), NIGHT) == at(24, 12)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("Hei {link}", ""),
        ("Hei {when}: {link}", ""),
        ("Hei", "no link"),
        ("{link} {link}", "two links"),
        ("{name}: {link}", "unknown"),
        ("{link} }", "unknown"),
        ("{ link}", "no link"),
    ],
)
def test_what_is_filled_in_is_known(text, fault):
    assert faulty_placeholder(text) == fault


def test_a_message_stands_on_one_line():
    assert (
        filled("Hei {when}:\n\n {link}", link="https://x.test/a/1/", when="i dag")
        == "Hei i dag: https://x.test/a/1/"
    )


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Time hos oss", "Time hos"),
        ("Velkommen til psykisk helse", "psykisk"),
        ("Folkehelse for alle", "Folkehelse"),
        ("Rustjenesten", "Rustjenesten"),
        ("Noen spørsmål til deg før timen tirsdag", ""),
        ("Kom over brua, og husk struser", ""),
    ],
)
def test_a_word_that_tells_is_found_where_it_stands(text, word):
    assert telling_word(text).casefold() == word.casefold()
