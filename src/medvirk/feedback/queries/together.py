"""Who takes part, and what they show each other."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping

from django.db.models import QuerySet

from medvirk.feedback.models import Agreement, Episode, Participation, Showing
from medvirk.feedback.queries.fetching import episodes
from medvirk.people.access import Viewer, may_tell_wish
from medvirk.people.models import Citizen

Said = Mapping[tuple[uuid.UUID, str], Showing]


def members(viewer: Viewer, episode: Episode) -> QuerySet[Participation]:
    """Everybody who takes, or took, part, in the order in which they came."""
    mine = Participation.objects.filter(episode__in=episodes(viewer).filter(pk=episode.pk))
    return mine.select_related("citizen__person").order_by("pk")


def said_by_member(viewer: Viewer, episode: Episode) -> Said:
    """By citizen and part, the latest yes or no; of everybody. For a worker to whom the course is open."""
    rows = Showing.objects.filter(episode__in=episodes(viewer).filter(pk=episode.pk))
    return _latest(rows)


def own_said(viewer: Viewer, episode: Episode, citizen: Citizen) -> Said:
    """The same for one who may say what the citizen wants, of that citizen alone."""
    if not may_tell_wish(viewer, citizen).allowed:
        return {}
    return _latest(Showing.objects.filter(episode=episode, citizen=citizen))


def _latest(rows: QuerySet[Showing]) -> Said:
    found = rows.select_related("said_by__person").order_by("pk")
    return {(each.citizen_id, each.part): each for each in found}


def shows(said: Said, part: str, among: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those who have said yes to this part; silence is a no."""
    return {
        citizen for (citizen, which), row in said.items() if which == part and row.yes and citizen in among
    }


def agreed_about(
    viewer: Viewer, episode: Episode, citizens: Collection[uuid.UUID]
) -> dict[uuid.UUID, list[Agreement]]:
    """What was agreed about each one's own signals, the newest first.

    What was agreed in a conversation without a signal is about all of them: nobody alone can say yes to showing it.
    """
    found = Agreement.objects.filter(
        episode__in=episodes(viewer).filter(pk=episode.pk), signal__citizen__in=citizens
    ).select_related("signal")
    by_citizen: dict[uuid.UUID, list[Agreement]] = {}
    for each in found.exclude(signal__kind="risk").order_by("-noted_at"):
        assert each.signal is not None  # it was chosen by its signal
        by_citizen.setdefault(each.signal.citizen_id, []).append(each)
    return by_citizen
