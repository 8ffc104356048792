"""What a death closes here: courses of help that were theirs alone, and their own part in those with others."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Q
from django.utils import timezone

from medvirk.answers.models import Occasion
from medvirk.feedback.actions.courses import look_again
from medvirk.feedback.actions.doors import OVER, Closed, close_where, open_after
from medvirk.feedback.actions.over import end_signals, reopen_signals
from medvirk.feedback.models import Ending, Episode, Participation


def close_after_death(citizen_id: uuid.UUID, now: datetime) -> dict[str, Any]:
    """End their running courses; one that others take part in on this day goes on for them. Gives what was ended.

    The forms that wait are closed by the room that asks them.
    """
    today = timezone.localdate(now)
    running = Episode.objects.select_for_update(of=("self",)).filter(
        participations__citizen=citizen_id, ended_on__isnull=True
    )
    ended, left = [], []
    for episode in running:
        parts = list(Participation.objects.select_for_update(of=("self",)).filter(episode=episode))
        mine = next(each for each in parts if each.citizen_id == citizen_id)
        if any(each.on(today) for each in parts if each is not mine):
            left.append(_leave(mine, now))
        else:
            episode.ended_on = max(today, episode.started_on)
            episode.ending = Ending.DEATH
            episode.save(update_fields=["ended_on", "ending"])
            ids = end_signals(episode_id=episode.pk, now=now)
            ended.append({"episode": str(episode.pk), "signals": [str(pk) for pk in ids]})
    return {"ended": ended, "left": left}


def _leave(part: Participation, now: datetime) -> dict[str, Any]:
    """Take no part after today; the course is looked at again for the others. Gives what is needed to take it back."""
    before, today = part.until, timezone.localdate(now)
    if before is None or before > today:
        part.until = max(today, part.since or today)
        part.save(update_fields=["until"])
    look_again(part.episode_id, now)
    ids = end_signals(episode_id=part.episode_id, died=part.citizen_id, now=now)
    return {
        "part": part.pk,
        "before": before and before.isoformat(),
        "until": part.until and part.until.isoformat(),
        "signals": [str(pk) for pk in ids],
    }


def reopen_after_mistake(citizen_id: uuid.UUID, closed: Mapping[str, Any], now: datetime) -> None:
    """Take `close_after_death` back, apart from what was changed since."""
    # What was closed before each end told of its signals has only the ids of the courses.
    earlier = [{"episode": pk, "signals": None} for pk in closed.get("episodes", ())]
    for each in [*closed.get("ended", ()), *earlier]:
        episode = Episode.objects.select_for_update().filter(pk=each["episode"], ending=Ending.DEATH).first()
        if episode is None:
            continue
        episode.ended_on, episode.ending = None, ""
        episode.save(update_fields=["ended_on", "ending"])
        look_again(episode.pk, now)
        ids = each["signals"] and [uuid.UUID(pk) for pk in each["signals"]]
        reopen_signals(episode_id=episode.pk, only=ids, now=now)
    for each in closed.get("left", ()):
        _come_back(each, now)
    theirs = Occasion.objects.filter(Q(about=citizen_id) | Q(respondent__citizen=citizen_id))
    open_after(Closed.DEATH, theirs, now)
    # The room that asks has opened all that the death closed; what ended since stays ended.
    close_where(OVER, theirs, now)


def _come_back(held: Mapping[str, Any], now: datetime) -> None:
    part = Participation.objects.select_related("episode").filter(pk=held["part"]).first()
    if part is None:  # two records have become one since
        return
    Episode.objects.select_for_update(of=("self",)).get(pk=part.episode_id)
    if (part.until and part.until.isoformat()) == held["until"]:
        part.until = held["before"] and date.fromisoformat(held["before"])
        part.save(update_fields=["until"])
    look_again(part.episode_id, now)
    if part.episode.ended_on is None:
        ids = [uuid.UUID(pk) for pk in held["signals"]]
        reopen_signals(episode_id=part.episode_id, only=ids, now=now)
