"""What a citizen can share of a course of help with a partner: each part by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from medvirk.feedback.models import Episode, Session
from medvirk.feedback.pictures import course_picture, drawn
from medvirk.feedback.queries import Fetched, Followed, fetch, follow
from medvirk.feedback.queries.board import BOARD, own_tasks, plans_of
from medvirk.feedback.queries.goals import goals_of
from medvirk.feedback.wording.courses import in_words
from medvirk.people.access import Permission, Viewer, can
from medvirk.people.hooks import SharedPart, register_shared_part
from medvirk.people.models import Citizen
from medvirk.ui.charts import Size
from medvirk.ui.languages import current_language

COURSE, AGREEMENTS, NEXT = "feedback.course", "feedback.agreements", "feedback.next"
GOALS = "feedback.goals"


def _courses(viewer: Viewer, citizen: Citizen, part: str) -> list[Fetched]:
    """Running courses of this citizen alone: what is shared with others is not theirs alone to share."""
    if not can(viewer, Permission.SEE_SHARED, citizen, part=part).allowed:
        return []
    running = Episode.objects.filter(ended_on__isnull=True, citizens=citizen)
    return [each for each in fetch(running) if len(each.citizens) == 1]


def shared_course(viewer: Viewer, citizen: Citizen) -> dict[str, Any]:
    """The curve and its words.

    No signals, no answer about safety and no own words: those are for the citizen and those who help. What was changed
    is a part of its own, and how the meetings were rated is between the two.
    """
    courses = [replace(each, changes={}) for each in _courses(viewer, citizen, COURSE)]
    followed = follow(viewer, courses, now=timezone.now(), language=current_language(), part=COURSE)
    return {"courses": [_course(each) for each in followed]}


def _course(followed: Followed) -> dict[str, Any]:
    expected = followed.expected
    course = replace(followed.course, meeting_measure=None)
    picture = course_picture(course, expected) if course.points else None
    return {
        "measure": course.measure,
        "words": in_words(course, expected),
        "wide": drawn(picture, Size.WIDE) if picture else "",
        "narrow": drawn(picture, Size.NARROW) if picture else "",
    }


def shared_agreements(viewer: Viewer, citizen: Citizen) -> dict[str, Any]:
    """What was changed in the help, by day, the newest first."""
    changes = [
        (session.starts_at, text)
        for each in _courses(viewer, citizen, AGREEMENTS)
        for session in each.sessions
        for text in each.changes.get(session.pk, ())
    ]
    return {"changes": sorted(changes, key=lambda each: each[0], reverse=True)}


def shared_next(viewer: Viewer, citizen: Citizen) -> dict[str, Any]:
    """When the next conversations are; not where or with whom."""
    coming = Session.objects.filter(
        episode__in=[each.episode.pk for each in _courses(viewer, citizen, NEXT)],
        starts_at__gt=timezone.now(),
        cancelled_at__isnull=True,
    )
    return {"sessions": coming.order_by("starts_at")}


def shared_goals(viewer: Viewer, citizen: Citizen) -> dict[str, Any]:
    """What the citizen wants to reach, in their own words. How near they are is on the curve, which is another part."""
    if not can(viewer, Permission.SEE_SHARED, citizen, part=GOALS).allowed:
        return {"goals": []}
    return {"goals": goals_of(citizen).filter(dropped_on=None)}


def shared_board(viewer: Viewer, citizen: Citizen) -> dict[str, Any]:
    """The crisis plan that holds, and what somebody does by when."""
    return {
        "plan": plans_of(viewer, citizen).first(),
        "tasks": own_tasks(viewer, citizen, today=viewer.today),
    }


def register() -> None:
    """Called from `AppConfig.ready`."""
    for part in (
        SharedPart(COURSE, _("how life is going: the curve"), "feedback/shared_course.html", shared_course),
        SharedPart(
            AGREEMENTS,
            _("what was changed in the help"),
            "feedback/shared_agreements.html",
            shared_agreements,
        ),
        SharedPart(GOALS, _("own goals"), "feedback/shared_goals.html", shared_goals),
        SharedPart(BOARD, _("the board: my plan and tasks"), "feedback/shared_board.html", shared_board),
        SharedPart(NEXT, _("when the next conversations are"), "feedback/shared_next.html", shared_next),
    ):
        register_shared_part(part)
