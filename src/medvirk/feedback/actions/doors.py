"""What closes the forms around conversations, and what opens them again.

Each step closes what is open and leaves its name there (`Occasion.closed_for`); undoing it opens exactly that. What by
then is kept closed by something else stays closed, and is opened with that. What was closed without a name (a question
that was withdrawn) is opened by none of these.

These check nothing themselves: they are called by verbs that have let somebody in to the course.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone

from medvirk.answers.actions import close, open_again
from medvirk.answers.models import Occasion
from medvirk.feedback.models import Asking, MeasuringPause, Participation


class Closed(StrEnum):
    """What keeps a form closed; the first that holds is the one told."""

    DEATH = "death"
    CANCELLED = "cancelled"
    ENDED = "ended"
    LEFT = "left"
    PAUSED = "paused"


def close_for(why: Closed, occasions: QuerySet[Occasion], now: datetime) -> None:
    """Close what is open of these, to be opened again by `open_after` the same."""
    close(by=None, occasions=occasions, now=now, why=why)


def open_after(why: Closed, occasions: QuerySet[Occasion], now: datetime) -> None:
    """Open again what `why`, which holds no more, had closed of these."""
    held = kept_closed(occasions.filter(closed_for=why, submission__isnull=True), now)
    open_again(by=None, occasions=Occasion.objects.filter(pk__in=list(held)))
    _close_each(Closed, held, now)


#: What ends a course or a conversation for somebody.
OVER = (Closed.CANCELLED, Closed.ENDED, Closed.LEFT)


def close_where(reasons: Collection[Closed], occasions: QuerySet[Occasion], now: datetime) -> None:
    """Close what is open of these though one of these reasons keeps it closed by now."""
    held = kept_closed(occasions.filter(closes_at__isnull=True, submission__isnull=True), now)
    _close_each(reasons, held, now)


def _close_each(reasons: Iterable[Closed], held: Mapping[uuid.UUID, Closed | None], now: datetime) -> None:
    for why in reasons:
        close_for(why, Occasion.objects.filter(pk__in=[pk for pk, by in held.items() if by is why]), now)


def kept_closed(occasions: QuerySet[Occasion], now: datetime) -> Mapping[uuid.UUID, Closed | None]:
    """What keeps each of these closed as things stand. Three queries."""
    rows = list(
        Asking.objects.filter(occasion__in=occasions.values("pk")).values(
            "occasion_id",
            "citizen_id",
            "citizen__person__died_on",
            "occasion__respondent__died_on",
            "session__episode_id",
            "session__episode__ended_on",
            "session__starts_at",
            "session__cancelled_at",
        )
    )
    episodes = {row["session__episode_id"] for row in rows}
    parts = {
        (each.episode_id, each.citizen_id): each
        for each in Participation.objects.filter(episode__in=episodes)
    }
    pauses: dict[tuple[uuid.UUID, uuid.UUID], list[MeasuringPause]] = {}
    unlifted = Q(lifted_at__isnull=True) | Q(lifted_at__gt=now)
    for pause in MeasuringPause.objects.filter(unlifted, episode__in=episodes).defer("words"):
        pauses.setdefault((pause.episode_id, pause.citizen_id), []).append(pause)
    found: dict[uuid.UUID, Closed | None] = {}
    for row in rows:
        course = row["session__episode_id"], row["citizen_id"]
        found[row["occasion_id"]] = _kept_closed(row, parts.get(course), pauses.get(course, ()), now)
    return found


def _kept_closed(
    row: Mapping[str, Any], part: Participation | None, pauses: Iterable[MeasuringPause], now: datetime
) -> Closed | None:
    day, today = timezone.localdate(row["session__starts_at"]), timezone.localdate(now)
    if row["citizen__person__died_on"] or row["occasion__respondent__died_on"]:
        return Closed.DEATH
    if row["session__cancelled_at"] is not None:
        return Closed.CANCELLED
    if row["session__episode__ended_on"] is not None:
        return Closed.ENDED
    if part is None or not part.on(day):
        return Closed.LEFT
    # A pause that goes on also closes what waits from before it.
    paused = any(day <= each.until and (each.since <= day or today <= each.until) for each in pauses)
    return Closed.PAUSED if paused else None
