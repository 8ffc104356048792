"""A course as a page shows it: picture, words, table and signals."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from typing import Any

from django.utils import timezone

from medvirk.feedback.logic import RISK, Course, Point
from medvirk.feedback.logic.goals import GoalLine, goal_lines, letter_of, place_on_axis
from medvirk.feedback.models import LifeEvent, PauseReason
from medvirk.feedback.pictures import course_picture, drawn
from medvirk.feedback.queries import Followed
from medvirk.feedback.queries.fetching import Beside
from medvirk.feedback.wording.accuracy import METHOD, how_often_right, is_known
from medvirk.feedback.wording.courses import MISSING, caution_of, in_words, points, reason_of, title_of
from medvirk.feedback.wording.goals import goals_in_words, name_of
from medvirk.ui.charts import Size

NOTHING_BESIDE = Beside()


def course_context(
    followed: Followed, words: list[str] | None = None, *, beside: Beside = NOTHING_BESIDE
) -> dict[str, Any]:
    """The course as picture, words, table and signals. `words`: how it is said, else as in the conversation."""
    course, expected = followed.course, followed.expected
    lines = goal_lines(course.points, [(goal.pk, goal.is_current) for goal in beside.goals])
    # Those with a mark first, so that their numbers are the same everywhere.
    lines = sorted(lines, key=lambda line: not line.marked)
    drawn_lines = [line for line in lines if line.marked]
    words = (in_words(course, expected) if words is None else words) + goals_in_words(drawn_lines)
    marks = _marks(course, beside)
    picture = None
    if course.points or expected:
        places = [mark[:2] for mark in marks]
        picture = course_picture(course, expected, words, goals=drawn_lines, events=places)
    return {
        "followed": followed,
        "citizen": followed.citizen,
        "words": words,
        "wide": drawn(picture, Size.WIDE) if picture else "",
        "narrow": drawn(picture, Size.NARROW) if picture else "",
        "table": [_line(followed, index, drawn_lines) for index in range(len(course.points))],
        "signals": [
            {
                "kind": each.kind,
                "title": title_of(each),
                "reason": reason_of(each),
                "right": how_often_right(each, followed.accuracy),
                "said": course.points[each.session - 1].risk_words if each.kind == RISK else "",
            }
            for each in followed.found
        ],
        "caution": caution_of(followed.found),
        "method": METHOD if any(is_known(each, followed.accuracy) for each in followed.found) else "",
        "changes": [(number, text) for number, text in picture.changes] if picture else [],
        "goals": _goals(lines, beside),
        "events": [(letter, event) for _, letter, event in marks],
        "beside": beside,
        "pause_reason": PauseReason(followed.pause.pause.reason).label if followed.pause else "",
    }


def _marks(course: Course, beside: Beside) -> list[tuple[float, str, LifeEvent]]:
    """Where on the axis of sessions each event lies, and its letter."""
    days = [timezone.localdate(point.starts_at) for point in course.points]
    if not days:
        return []
    return [
        (place_on_axis(event.day, days), letter_of(number), event)
        for number, event in enumerate(beside.events)
    ]


def _goals(lines: Sequence[GoalLine], beside: Beside) -> list[dict[str, Any]]:
    """Goals with their numbers on the picture; those without a mark yet have none."""
    goal_of = {goal.pk: goal for goal in beside.goals}
    numbers = count(1)
    return [
        {
            "goal": goal_of[line.id],
            "name": name_of(next(numbers)) if line.marked else "",
            "now": points(line.marked[-1]) if line.marked else "",
        }
        for line in lines
    ]


def _other_form(point: Point) -> str:
    """Why there is no score on this form; a score on the one for another age stands under that form's name."""
    title, score = point.other_form or ("", None)
    return f"{title}: {points(score)}" if score is not None else str(MISSING.get(point.missing, ""))


def _line(followed: Followed, index: int, marked: Sequence[GoalLine]) -> dict[str, Any]:
    point, expected = followed.course.points[index], followed.expected
    number = index + 1
    band = (
        expected.wide[expected.sessions.index(number)] if expected and number in expected.sessions else None
    )
    rated = [(name_of(at), line.marks[index]) for at, line in enumerate(marked, start=1)]
    return {
        "number": number,
        "point": point,
        "goals": [f"{name}: {points(mark)}" for name, mark in rated if mark is not None],
        "outcome": points(point.outcome) if point.outcome is not None else _other_form(point),
        "meeting": points(point.meeting)
        if point.meeting is not None
        else MISSING.get(point.meeting_missing, ""),
        "band": f"{points(round(band[0]))}–{points(round(band[1]))}" if band and band[0] != band[1] else "",
    }
