"""What a death closes here: courses of help that were theirs alone, with the signals in them."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.utils import timezone

from medvirk.feedback.actions.following import end_signals, reopen_signals
from medvirk.feedback.models import Ending, Episode, Participation


def close_after_death(citizen_id: uuid.UUID, now: datetime) -> dict[str, Any]:
    """End their running courses; one that others take part in goes on for them. Gives what was ended."""
    others = Participation.objects.exclude(citizen=citizen_id).values("episode_id")
    running = Episode.objects.select_for_update(of=("self",)).filter(
        participations__citizen=citizen_id, ended_on__isnull=True
    )
    ended = []
    for episode in running.exclude(pk__in=others):
        episode.ended_on = max(timezone.localdate(now), episode.started_on)
        episode.ending = Ending.DEATH
        episode.save(update_fields=["ended_on", "ending"])
        end_signals(episode_id=episode.pk, now=now)
        ended.append(str(episode.pk))
    return {"episodes": ended}


def reopen_after_mistake(citizen_id: uuid.UUID, closed: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001
    """Take `close_after_death` back, apart from courses whose end was changed since."""
    for episode in Episode.objects.filter(pk__in=closed["episodes"], ending=Ending.DEATH):
        episode.ended_on, episode.ending = None, ""
        episode.save(update_fields=["ended_on", "ending"])
        reopen_signals(episode_id=episode.pk, now=now)
