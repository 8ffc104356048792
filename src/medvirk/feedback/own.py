"""One's own course: what the citizen reads on their own pages. Every function takes the viewer."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from django.db.models import QuerySet

from medvirk.answers.models import Capacity
from medvirk.feedback.models import Episode, Session
from medvirk.feedback.queries import Fetched, Followed, fetch, follow
from medvirk.people.access import Permission, Viewer, can
from medvirk.people.models import Citizen


def own_episodes(viewer: Viewer, citizen: Citizen) -> QuerySet[Episode]:
    """The citizen's courses of help, the newest first, for themselves or a parent or guardian who may see them."""
    if not can(viewer, Permission.OWN_PAGES, citizen).allowed:
        return Episode.objects.none()
    return Episode.objects.filter(citizens=citizen).select_related("unit").order_by("-started_on", "pk")


def own_course(
    viewer: Viewer, citizen: Citizen, episode: Episode, *, now: datetime, language: str
) -> tuple[Followed | None, bool]:
    """The course of one of `own_episodes`, and whether others take part in it.

    It is made of the citizen's own answers only. What was noted in a conversation with several people is about all of
    them, so it is not shown here. None where nothing is scored.
    """
    chosen = own_episodes(viewer, citizen).filter(pk=episode.pk)
    courses = [_own_part(each, citizen) for each in fetch(chosen)]
    with_others = any(others for _, others in courses)
    followed = follow(viewer, [each for each, _ in courses], now=now, language=language)
    return (followed[0] if followed else None), with_others


def _own_part(each: Fetched, citizen: Citizen) -> tuple[Fetched, bool]:
    own = set(
        Session.objects.filter(
            episode=each.episode, askings__citizen=citizen, askings__occasion__capacity=Capacity.SELF
        ).values_list("pk", flat=True)
    )
    others = len(each.citizens) > 1
    sessions = tuple(session for session in each.sessions if session.pk in own)
    asked = {
        key: tuple(one for one in some if one.citizen_id == citizen.pk and one.capacity == Capacity.SELF)
        for key, some in each.asked.items()
    }
    changes = {} if others else each.changes
    part = replace(each, citizens=(citizen,), sessions=sessions, changes=changes, asked=asked)
    return part, others
