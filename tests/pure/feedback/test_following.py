"""Following a signal through, decided: what an evaluation does, where a signal stands, and what is counted."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest

from medvirk.feedback.logic import RISK, Course, Found, Measure, Point
from medvirk.feedback.logic.following import (
    Known,
    Mark,
    Raise,
    Standing,
    Step,
    Taken,
    allowed,
    standing_of,
    what_happens,
)
from medvirk.feedback.logic.following_numbers import Counted, by_kind, months_back, numbers_of
from medvirk.stats.change import Direction

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)
WORSE, FALL, MISSING = "deteriorated", "alliance_falling", "missing_measure"
MEASURE = Measure("life-now", 1, "total", "Life", Direction.HIGHER, 0, 50, None, None, True, False)


def sid(number: int) -> uuid.UUID:
    return uuid.UUID(int=number)


def point(number: int, **more) -> Point:
    """Conversation `number`, one a week, measured before and after unless said otherwise."""
    given = {"answered": True, "outcome": 20.0, "meeting": 40.0, "at_risk": False} | more
    return Point(sid(number), NOW + 7 * number * DAY, **given)


def course(*points: Point) -> Course:
    return Course(MEASURE, MEASURE, tuple(points))


def known(kind=WORSE, *, at=1, last=None, standing=Standing.WAITING, talked_after=None) -> Known:
    """A signal raised at conversation `at`, talked about an hour into conversation `talked_after`."""
    talked = NOW + 7 * talked_after * DAY + timedelta(hours=1) if talked_after else None
    return Known(sid(100), kind, sid(at), sid(last or at), standing, talked)


def happens(points, found, *signals) -> list[tuple]:
    """`found`: {conversation: kinds that show there}; the last point is the course as it stands. Shortened marks."""
    held = course(*points)
    numbers = {each.session_id: place for place, each in enumerate(held.points, start=1)}
    by_session = [
        (sid(at), [Found(kind, numbers[sid(shown)], {}) for kind, shown in kinds])
        for at, kinds in found.items()
    ]
    return [
        ("raise", each.kind, each.session_id.int)
        if isinstance(each, Raise)
        else (str(each.step), each.session_id.int)
        for each in what_happens(held, by_session, signals)
    ]


TALKED = {"standing": Standing.TALKED}
CASES = {
    "a new one is raised": ([point(1)], {1: [(WORSE, 1)]}, [], [("raise", WORSE, 1)]),
    "two kinds are two signals": (
        [point(1)], {1: [(WORSE, 1), (FALL, 1)]}, [], [("raise", WORSE, 1), ("raise", FALL, 1)],
    ),
    "looked at twice, nothing more": ([point(1)], {1: [(WORSE, 1)]}, [known()], []),
    "it shows again": ([point(1), point(2)], {2: [(WORSE, 2)]}, [known()], [("again", 2)]),
    "shown again, looked at twice": ([point(1), point(2)], {2: [(WORSE, 2)]}, [known(last=2)], []),
    "another kind says nothing of it": (
        [point(1), point(2)], {2: [(FALL, 2)]}, [known()], [("gone", 2), ("raise", FALL, 2)],
    ),
    "gone with a new answer": ([point(1), point(2)], {2: []}, [known()], [("gone", 2)]),
    "put off and gone": ([point(1), point(2)], {2: []}, [known(standing=Standing.SNOOZED)], [("gone", 2)]),
    "norms worked out anew end nothing": ([point(1)], {1: []}, [known()], []),
    "a conversation without an answer ends nothing": (
        [point(1), point(2, answered=False, outcome=None, meeting=None)], {2: []}, [known()], [],
    ),
    "an answer after the conversation alone says nothing of life": (
        [point(1), point(2, outcome=None)], {2: []}, [known()], [],
    ),
    "an answer before it alone says nothing of the meeting": (
        [point(1), point(2, meeting=None)], {2: []}, [known(FALL)], [],
    ),
    "its conversation was cancelled": ([point(2)], {2: []}, [known(at=1)], [("gone", 2)]),
    "all conversations were cancelled": ([], {}, [known(at=1)], [("gone", 1)]),
    "the missing answer came late": ([point(1)], {1: []}, [known(MISSING)], [("gone", 1)]),
    "nobody but a person ends an answer about safety": ([point(1), point(2)], {2: []}, [known(RISK)], []),
    "moved at the first look": (
        [point(1), point(2)], {2: []}, [known(**TALKED, talked_after=1)], [("moved", 2)],
    ),
    "still there at the first look": (
        [point(1), point(2)], {2: [(WORSE, 2)]}, [known(**TALKED, talked_after=1)], [],
    ),
    "moved at the second look": (
        [point(1), point(2), point(3)], {2: [(WORSE, 2)], 3: []}, [known(**TALKED, talked_after=1)],
        [("moved", 3)],
    ),
    "not moved at the second look, and new": (
        [point(1), point(2), point(3)], {2: [(WORSE, 2)], 3: [(WORSE, 3)]}, [known(**TALKED, talked_after=1)],
        [("not_moved", 3), ("raise", WORSE, 3)],
    ),
    "a conversation without the measure is no look": (
        [point(1), point(2, outcome=None), point(3)], {2: [(WORSE, 1)], 3: [(WORSE, 3)]},
        [known(**TALKED, talked_after=1)], [],
    ),
    "the meeting of today is not rated yet": (
        [point(1), point(2), point(3, meeting=None)], {2: [(FALL, 2)], 3: [(FALL, 2)]},
        [known(FALL, **TALKED, talked_after=1)], [],
    ),
    "before the talk is no look": (
        [point(1), point(2)], {2: [(WORSE, 2)]}, [known(**TALKED, talked_after=2, last=2)], [],
    ),
    "a verdict stands": (
        [point(1), point(2), point(3)], {3: []}, [known(standing=Standing.MOVED, last=2)], [],
    ),
    "after a verdict a later one is new": (
        [point(1), point(2), point(3)], {3: [(WORSE, 3)]}, [known(standing=Standing.MOVED, last=2)],
        [("raise", WORSE, 3)],
    ),
    "after a verdict the old one is not raised anew": (
        [point(1), point(2), point(3)], {3: [(WORSE, 2)]}, [known(standing=Standing.MOVED, last=2)], [],
    ),
    "rather not answer is no missing answer": (
        [point(1, answered=False, outcome=None), point(2, answered=False, outcome=None, missing="declined")],
        {2: []}, [known(MISSING)], [("gone", 1)],
    ),
    "two that miss in a row are not moved": (
        [point(1), point(2, answered=False, outcome=None), point(3, answered=False, outcome=None)],
        {2: [(MISSING, 2)], 3: [(MISSING, 3)]}, [known(MISSING, **TALKED, talked_after=1)],
        [("not_moved", 3), ("raise", MISSING, 3)],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("points", "found", "signals", "expected"), CASES.values(), ids=CASES)
def test_what_an_evaluation_does(points, found, signals, expected):
    assert happens(points, found, *signals) == expected


def test_a_raised_signal_carries_the_score_it_was_raised_on():
    (raised,) = what_happens(course(point(1, outcome=12.5)), [(sid(1), [Found(WORSE, 1, {})])], [])

    assert raised == Raise(WORSE, sid(1), 12.5)


def test_a_mark_carries_the_score_it_was_judged_by():
    held = course(point(1), point(2, outcome=31.0))

    (mark,) = what_happens(held, [(sid(2), [])], [known(**TALKED, talked_after=1)])

    assert mark == Mark(sid(100), Step.MOVED, sid(2), 31.0)


# where it stands


@pytest.mark.parametrize(
    ("steps", "due_in", "expected"),
    [
        ([], 1, Standing.WAITING),
        ([], 0, Standing.OVERDUE),
        ([], -1, Standing.OVERDUE),
        ([(Step.SEEN, None)], -1, Standing.OVERDUE),
        ([(Step.SNOOZED, 2)], 3, Standing.SNOOZED),
        ([(Step.SNOOZED, 0)], 1, Standing.WAITING),
        ([(Step.SNOOZED, -1)], -1, Standing.OVERDUE),
        ([(Step.SNOOZED, 2), (Step.TALKED, None)], 3, Standing.TALKED),
        ([(Step.TALKED, None), (Step.REOPENED, None)], 1, Standing.WAITING),
        ([(Step.SNOOZED, 2), (Step.TALKED, None), (Step.REOPENED, None)], 1, Standing.WAITING),
        ([(Step.TALKED, None), (Step.MOVED, None)], -1, Standing.MOVED),
        ([(Step.TALKED, None), (Step.NOT_MOVED, None)], -1, Standing.NOT_MOVED),
        ([(Step.GONE, None)], -1, Standing.GONE),
        ([(Step.ENDED, None), (Step.REOPENED, None)], -1, Standing.OVERDUE),
    ],
)
def test_where_a_signal_stands(steps, due_in, expected):
    taken = [
        Taken(kind, NOW + place * timedelta(minutes=1), until=None if until is None else NOW + until * DAY)
        for place, (kind, until) in enumerate(steps)
    ]

    assert standing_of(taken, due_at=NOW + due_in * DAY, now=NOW) is expected


@pytest.mark.parametrize("standing", list(Standing))
def test_an_answer_about_safety_is_never_put_off(standing):
    assert Step.SNOOZED not in allowed(standing, RISK)


@pytest.mark.parametrize("standing", [Standing.MOVED, Standing.NOT_MOVED, Standing.GONE, Standing.ENDED])
def test_what_a_measure_has_judged_stands(standing):
    assert allowed(standing, WORSE) == frozenset()


# counted


def counted(
    number: int, *, talked=None, changed=False, standing=Standing.WAITING, raised=30, kind=WORSE
) -> Counted:
    """Of citizen `number`, raised so many days ago, talked about so many days after."""
    raised_at = NOW - raised * DAY
    return Counted(
        kind, sid(number), raised_at, None if talked is None else raised_at + talked * DAY, changed, standing
    )


def test_the_numbers_of_a_kind():
    signals = [
        counted(1, talked=1, changed=True, standing=Standing.MOVED),
        counted(2, talked=3, standing=Standing.NOT_MOVED),
        counted(3, talked=7, changed=True, standing=Standing.TALKED),
        counted(4, talked=8, standing=Standing.MOVED),
        counted(5, talked=20, standing=Standing.MOVED),
        counted(5),
        counted(6, raised=3),
        counted(7, standing=Standing.GONE),
        counted(8, standing=Standing.ENDED),
    ]

    found = numbers_of(WORSE, signals, now=NOW)

    assert (found.signals, found.people, found.talked) == (9, 8, 5)
    # Neither what is three days old, nor what vanished or ended by itself.
    assert (found.in_time.part, found.in_time.of) == (3, 6)
    assert found.median_days == 7
    assert (found.changed.part, found.changed.of) == (2, 5)
    assert (found.moved.part, found.moved.of) == (3, 4)
    assert not found.moved.shown
    assert found.shown


def test_an_answer_about_safety_is_counted_apart():
    found = by_kind([counted(1, kind=RISK), counted(2)], now=NOW, order=(RISK, WORSE))

    assert [(each.kind, each.signals) for each in found] == [("", 1), (RISK, 1), (WORSE, 1)]


def test_a_small_kind_cannot_be_told_by_difference():
    signals = [counted(n, kind=kind) for kind, many in (("a", 9), ("b", 6), ("c", 2)) for n in range(many)]

    found = {each.kind: each.shown for each in by_kind(signals, now=NOW, order="abc")}
    two_small = {
        each.kind: each.shown for each in by_kind([*signals, counted(1, kind="d")], now=NOW, order="abcd")
    }

    assert found == {"": True, "a": True, "b": False, "c": False}
    assert two_small == {"": True, "a": True, "b": True, "c": False, "d": False}


@pytest.mark.parametrize(
    ("today", "months", "first", "end"),
    [
        (date(2026, 3, 2), 3, date(2025, 12, 1), date(2026, 3, 1)),
        (date(2026, 1, 31), 12, date(2025, 1, 1), date(2026, 1, 1)),
        (date(2026, 12, 1), 1, date(2026, 11, 1), date(2026, 12, 1)),
    ],
)
def test_whole_months_before_this_one(today, months, first, end):
    assert months_back(today, months) == (first, end)
