"""What puts a course on the agenda of a supervision, and what the measures did since."""

from __future__ import annotations

import uuid
from datetime import UTC, date, datetime, timedelta

import pytest

from medvirk.feedback.logic import Course, Found, Measure, Point
from medvirk.feedback.logic.supervision import (
    ORDER,
    TAKEN_UP,
    Facts,
    Moved,
    Reason,
    kept,
    moved_since,
    read_back,
    reasons_for,
)
from medvirk.instruments.loader import get
from medvirk.instruments.logic import reliable_change
from medvirk.stats.change import Direction

TODAY = date(2025, 6, 16)
NEW = {"started_on": TODAY - timedelta(days=40), "measured_on": TODAY - timedelta(days=7)}


def kinds(**facts) -> list[str]:
    return [each.kind for each in reasons_for(Facts(**{**NEW, **facts}), TODAY)]


def test_a_course_that_goes_as_it_should_is_not_on_the_agenda():
    assert kinds(conversations=5) == []


@pytest.mark.parametrize("kind", TAKEN_UP)
def test_each_signal_that_a_team_takes_up_is_a_reason(kind):
    assert kinds(found=[Found(kind, 4, {})]) == [kind]


@pytest.mark.parametrize("kind", ["risk", "missing_measure", "sudden_fall", "no_change_expected"])
def test_what_is_for_the_two_to_talk_about_at_once_does_not_wait_for_a_meeting(kind):
    assert kinds(found=[Found(kind, 4, {})]) == []


@pytest.mark.parametrize(("days", "is_long"), [(41, False), (42, True), (300, True)])
def test_six_weeks_without_a_measure_are_long(days, is_long):
    assert ("unmeasured" in kinds(measured_on=TODAY - timedelta(days=days))) == is_long


@pytest.mark.parametrize(("days", "is_long"), [(41, False), (42, True)])
def test_never_measured_counts_from_the_first_day(days, is_long):
    assert ("unmeasured" in kinds(measured_on=None, started_on=TODAY - timedelta(days=days))) == is_long


def test_a_pause_is_nobodys_neglect():
    assert kinds(measured_on=TODAY - timedelta(days=90), paused=True) == []


@pytest.mark.parametrize(
    ("conversations", "days", "is_long"), [(19, 364, False), (20, 40, True), (3, 365, True)]
)
def test_many_conversations_or_a_long_time_make_a_course_long(conversations, days, is_long):
    assert ("long" in kinds(conversations=conversations, started_on=TODAY - timedelta(days=days))) == is_long


def test_what_presses_most_comes_first_and_each_reason_is_said_once():
    found = [Found("alliance_low", 4, {}), Found("deteriorated", 4, {}), Found("alliance_low", 5, {})]

    told = kinds(found=found, overdue=2, asked=True, agreed=1, conversations=25)

    assert told == ["overdue", "asked", "deteriorated", "alliance_low", "agreed", "long"]
    assert told == sorted(told, key=ORDER.index)


def test_reasons_are_read_back_as_they_were_kept():
    found = reasons_for(
        Facts(**NEW, found=[Found("worse_expected", 3, {"chance": 0.4})], conversations=20, overdue=1), TODAY
    )

    assert read_back(kept(found)) == found
    assert read_back([{"kind": "of an older version", "facts": {}, "session": 0}]) == ()
    assert found[1] == Reason("worse_expected", {"chance": 0.4}, 3)


def course(scores: list[float | None], *, sign: str = "higher", knows_change: bool = True):
    fact = get("life-now").main_scale.reliable_change
    measure = Measure(
        "life-now", 1, "total", "Livet nå", Direction(sign), 0, 50, None,
        reliable_change(fact) if knows_change else None, rci_is_guess=True, validated=False,
    )  # fmt: skip
    start = datetime(2025, 5, 1, 9, tzinfo=UTC)
    points = [
        Point(uuid.UUID(int=number), start + timedelta(days=7 * number), outcome=score)
        for number, score in enumerate(scores)
    ]
    return Course(measure, None, tuple(points)), [each.starts_at.date() for each in points]


class TestMoved:
    DAY = date(2025, 5, 9)  # after the second conversation

    @pytest.mark.parametrize(
        ("scores", "expected"),
        [
            ([20.0, 20.0, 40.0], Moved.BETTER),
            ([40.0, 40.0, 20.0], Moved.WORSE),
            ([20.0, 20.0, 21.0], Moved.WITHIN_CHANCE),
            ([20.0, 20.0, None], Moved.NOT_MEASURED),
            ([None, None, 20.0], Moved.NOT_MEASURED),
            ([20.0, None, 40.0], Moved.BETTER),
        ],
    )
    def test_the_latest_score_is_held_against_the_one_at_that_day(self, scores, expected):
        assert moved_since(*course(scores), self.DAY).moved is expected

    def test_where_less_is_better_a_fall_is_better(self):
        assert moved_since(*course([40.0, 40.0, 20.0], sign="lower"), self.DAY).moved is Moved.BETTER

    def test_without_a_limit_nothing_is_claimed(self):
        since = moved_since(*course([20.0, 20.0, 40.0], knows_change=False), self.DAY)

        assert since.moved is Moved.NOT_KNOWN
        assert (since.before, since.after) == (20.0, 40.0)
