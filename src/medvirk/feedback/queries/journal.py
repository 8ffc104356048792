"""What is, and is not yet, in the municipality's own record system."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils import timezone

from medvirk.feedback.logic.journal import TICKED_AT_FIRST, JournalPart, parts_of
from medvirk.feedback.models import Episode, JournalChoice, JournalSummary, Participation
from medvirk.feedback.queries.fetching import episodes
from medvirk.people.access import Permission, Viewer, can
from medvirk.people.models import Citizen


def parts_ticked(viewer: Viewer) -> tuple[JournalPart, ...]:
    """What the viewer ticked the last time; else what is sensible. One query."""
    chosen = JournalChoice.objects.filter(staff=viewer.staff_id).values_list("parts", flat=True).first()
    return TICKED_AT_FIRST if chosen is None else parts_of(chosen)


def summaries(viewer: Viewer, episode: Episode, citizen: Citizen) -> Sequence[JournalSummary]:
    """All of one citizen in one course, the oldest first. Without a relation: none. One query."""
    if not can(viewer, Permission.FOLLOW_CITIZENS, citizen).allowed:
        return ()
    found = JournalSummary.objects.filter(episode=episode, citizen=citizen)
    return tuple(found.select_related("taken_over_by__person", "session"))


@dataclass(frozen=True)
class Waiting:
    """A conversation that was held, of one who took part in it, and that is not in the record system."""

    session_id: uuid.UUID
    starts_at: datetime
    episode_id: uuid.UUID
    citizen: Citizen


def waiting(viewer: Viewer, *, now: datetime, session_id: uuid.UUID | None = None) -> list[Waiting]:
    """The viewer's own conversations that are not taken over, the newest first; or of one conversation only. One query.

    Counted from the day the viewer took over the first: who documents in another way is not reminded of anything.
    """
    if viewer.staff_id is None:
        return []
    rows = _held(viewer, now)
    if session_id is not None:
        rows = rows.filter(held=session_id)
    return [
        Waiting(row.held, row.held_at, row.episode_id, row.citizen)
        for row in rows.select_related("citizen__person")
        if row.on(timezone.localdate(row.held_at))
    ]


def _held(viewer: Viewer, now: datetime) -> Any:
    """Who took part in each such conversation, with `held` and `held_at`."""
    since = JournalChoice.objects.filter(staff=viewer.staff_id, since__isnull=False)
    taken = JournalSummary.objects.filter(citizen=OuterRef("citizen"), taken_over_at__isnull=False)
    whole = Q(session__isnull=True, episode=OuterRef("episode"), taken_over_at__gte=OuterRef("held_at"))
    return (
        Participation.objects.filter(
            episode__responsible=viewer.staff_id, episode__in=episodes(viewer).values("pk")
        )
        .annotate(
            held=F("episode__sessions__pk"),
            held_at=F("episode__sessions__starts_at"),
            held_not=F("episode__sessions__cancelled_at"),
        )
        .filter(held_at__lte=now, held_not__isnull=True, held_at__gte=Subquery(since.values("since")[:1]))
        .exclude(Exists(taken.filter(Q(session=OuterRef("held")) | whole)))
        .order_by("-held_at", "pk")
    )
