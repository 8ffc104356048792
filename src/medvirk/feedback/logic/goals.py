"""What stands beside the curve: goals session by session, and where on the axis of sessions something happened."""

from __future__ import annotations

import string
import uuid
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from medvirk.feedback.logic.courses import Point


@dataclass(frozen=True)
class GoalLine:
    """A goal with its marks, 0–10, one element per session; None where it was not marked."""

    id: uuid.UUID
    marks: tuple[float | None, ...]

    @property
    def marked(self) -> tuple[float, ...]:
        return tuple(mark for mark in self.marks if mark is not None)


def goal_lines(points: Sequence[Point], goals: Iterable[tuple[uuid.UUID, bool]]) -> tuple[GoalLine, ...]:
    """The goals to show: current ones, and those that were marked in these sessions. goals: (id, is current)."""
    lines = (
        (GoalLine(goal, tuple(point.goals.get(goal) for point in points)), current) for goal, current in goals
    )
    return tuple(line for line, current in lines if current or line.marked)


def place_on_axis(day: date, days: Sequence[date]) -> float:
    """Where a day lies among sessions numbered from 1: between two of them in proportion, else at the nearest end.

    days: of the sessions, in order. Raises ValueError where there is none.
    """
    if not days:
        raise ValueError("There is no axis without sessions.")
    after = bisect_right(days, day)
    if after == 0:
        return 1.0
    if after == len(days):
        return float(len(days))
    gap = (days[after] - days[after - 1]).days
    return after + (day - days[after - 1]).days / gap


def letter_of(number: int) -> str:
    """A, B, …, Z, AA, AB, … for 0, 1, …"""
    word = ""
    number += 1
    while number:
        number, place = divmod(number - 1, len(string.ascii_uppercase))
        word = string.ascii_uppercase[place] + word
    return word
