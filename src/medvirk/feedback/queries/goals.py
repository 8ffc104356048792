"""A citizen's own goals, and what happened in their life. The caller has opened the record or the own pages."""

from __future__ import annotations

from datetime import date

from django.db.models import Q, QuerySet

from medvirk.feedback.models import Episode, Goal, LifeEvent
from medvirk.feedback.queries.fetching import Beside
from medvirk.people.access import Permission, Viewer, can
from medvirk.people.models import Citizen


def _may_see(viewer: Viewer, citizen: Citizen) -> bool:
    wanted = Permission.OWN_PAGES if viewer.own_person_id is not None else Permission.FOLLOW_CITIZENS
    return can(viewer, wanted, citizen).allowed


def goals_in(viewer: Viewer, citizen: Citizen, episode: Episode | None = None) -> QuerySet[Goal]:
    """Their goals: those of this course and those that go with every one. Without a course: all."""
    if not _may_see(viewer, citizen):
        return Goal.objects.none()
    return goals_of(citizen, episode)


def goals_of(citizen: Citizen, episode: Episode | None = None) -> QuerySet[Goal]:
    """The same for the house itself, and for who has been let in already."""
    mine = Goal.objects.filter(citizen=citizen)
    return mine if episode is None else mine.filter(Q(episode=episode) | Q(episode__isnull=True))


def events_of(viewer: Viewer, citizen: Citizen, since: date | None = None) -> QuerySet[LifeEvent]:
    """What happened in their life, from a day on."""
    if not _may_see(viewer, citizen):
        return LifeEvent.objects.none()
    mine = LifeEvent.objects.filter(citizen=citizen)
    return mine if since is None else mine.filter(day__gte=since)


def beside(viewer: Viewer, citizen: Citizen, episode: Episode) -> Beside:
    """What belongs beside the curve of this course, for their own pages. Two queries."""
    return Beside(
        tuple(goals_in(viewer, citizen, episode)), tuple(events_of(viewer, citizen, episode.started_on))
    )
