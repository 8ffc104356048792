"""A course as pictures: the large one to look at together, and the small one on the caseload."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from functools import lru_cache

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from medvirk.feedback.logic import Course, Expected
from medvirk.feedback.logic.goals import GoalLine
from medvirk.feedback.wording.courses import in_words
from medvirk.feedback.wording.goals import name_of
from medvirk.ui.charts import CoursePicture, Size, course_chart, sparkline_svg, to_svg
from medvirk.ui.languages import current_language


def course_picture(
    course: Course,
    expected: Expected | None,
    words: Sequence[str] | None = None,
    *,
    goals: Sequence[GoalLine] = (),
    events: Sequence[tuple[float, str]] = (),
) -> CoursePicture:
    """What the chart shows. Sessions are numbered from 1. `words`: the same said; else as in the conversation.

    Goals have numbers and events (place, letter) letters: a drawing is kept, and must not hold what somebody wrote.
    """
    sessions = tuple(range(1, len(course.points) + 1))
    meeting = course.meeting_measure
    changes = [
        (number, text) for number, p in zip(sessions, course.points, strict=True) for text in p.changes
    ]
    return CoursePicture(
        sessions=sessions,
        scores=tuple(point.outcome for point in course.points),
        low=course.measure.low,
        high=course.measure.high,
        labels=_labels(course, in_words(course, expected) if words is None else words),
        band50=_band(expected, "half"),
        band80=_band(expected, "wide"),
        cutoff=course.measure.cutoff,
        meeting=tuple(point.meeting for point in course.points) if meeting else (),
        meeting_low=meeting.low if meeting else 0.0,
        meeting_high=meeting.high if meeting else 50.0,
        changes=tuple(changes),
        goals=tuple((name_of(number), line.marks) for number, line in enumerate(goals, start=1)),
        events=tuple(events),
    )


def _band(expected: Expected | None, which: str) -> tuple[tuple[float, float, float], ...]:
    if expected is None:
        return ()
    ends = getattr(expected, which)
    return tuple((number, low, high) for number, (low, high) in zip(expected.sessions, ends, strict=True))


def _labels(course: Course, words: Sequence[str]) -> dict[str, str]:
    return {
        "title": course.measure.title,
        "description": " ".join(words),
        "session": _("Conversation"),
        "score": course.measure.title,
        "score_axis": course.measure.title,
        "meeting": course.meeting_measure.title if course.meeting_measure else "",
        "meeting_axis": course.meeting_measure.title if course.meeting_measure else "",
        "cutoff": _("cut-off"),
        "band50": _("where half are expected"),
        "band80": _("where eight of ten are expected"),
    }


def drawn(picture: CoursePicture, size: Size) -> SafeString:
    """The SVG, drawn once for the same numbers and texts. It holds no name."""
    return mark_safe(_draw(json.dumps(asdict(picture)), size, current_language()))  # noqa: S308  our own drawing


@lru_cache(maxsize=256)
def _draw(numbers: str, size: Size, language: str) -> str:
    return to_svg(course_chart(CoursePicture(**json.loads(numbers)), size), language)


def sparkline(course: Course) -> SafeString:
    """The course one line high; the last scores stand in words beside it."""
    scores = [point.outcome for point in course.points[-12:]]
    return mark_safe(sparkline_svg(scores, course.measure.low, course.measure.high))  # noqa: S308  our own drawing
