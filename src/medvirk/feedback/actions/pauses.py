"""Pausing what is asked, and asking again."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from medvirk.answers.models import Occasion
from medvirk.feedback.actions.asking import settle_coming
from medvirk.feedback.actions.checks import Refused
from medvirk.feedback.actions.doors import Closed, close_for, open_after
from medvirk.feedback.actions.over import day_after
from medvirk.feedback.logic.pauses import LONGEST
from medvirk.feedback.models import Episode, MeasuringPause, Participation, PauseReason
from medvirk.feedback.queries.pauses import covering
from medvirk.people.access import Viewer, log_access, may_tell_wish
from medvirk.people.models import AccessAction, Citizen

MOST_WORDS = 500


def let_in_for(by: Viewer, citizen: Citizen, what: str, action: AccessAction) -> uuid.UUID:
    """Let a worker in by their relation, citizens and those who decide for them by their own pages; logged.

    Returns who they are as a person.

    Raises:
        PermissionDenied: neither.
    """
    decision = may_tell_wish(by, citizen)
    person_id = by.own_person_id or by.person_id
    if not decision.allowed or person_id is None:
        raise PermissionDenied
    log_access(by, [citizen.pk], what, action=action, basis=decision.reason)
    return person_id


def asking_viewer(by: Viewer) -> Viewer | None:
    """Who asks: the worker; the house itself, where the citizen has set it off."""
    return None if by.own_person_id is not None else by


@transaction.atomic
def pause(
    *,
    by: Viewer,
    citizen: Citizen,
    episodes: Iterable[Episode],
    reason: str,
    until: date,
    words: str = "",
    now: datetime,
) -> list[MeasuringPause]:
    """Ask this citizen nothing in these courses from today until a day; what waits is closed. Also to renew a pause.

    Raises:
        PermissionDenied: see `let_in_for`. Refused: `too_soon`, `too_long` or `too_much` (words); `ended_already`.
    """
    person_id = let_in_for(by, citizen, "feedback.pause", AccessAction.CREATED)
    today = timezone.localdate(now)
    if until < today:
        raise Refused("too_soon")
    if until > today + LONGEST:
        raise Refused("too_long")
    if len(words) > MOST_WORDS:
        raise Refused("too_much")
    made = []
    for episode in _running(citizen, episodes):
        # The new end stands instead of the old one.
        _lift(episode, citizen, person_id, now)
        made.append(
            MeasuringPause.objects.create(
                episode=episode,
                citizen=citizen,
                reason=PauseReason(reason),
                words=words.strip(),
                since=today,
                until=until,
                set_by_id=person_id,
                set_at=now,
            )
        )
        sessions = episode.sessions.filter(starts_at__lt=day_after(until))
        close_for(Closed.PAUSED, Occasion.objects.filter(asking__session__in=sessions, about=citizen), now)
        # Where a longer pause was made shorter, what was planned beyond its new end is asked after all.
        settle_coming(by=asking_viewer(by), episodes=[episode], now=now, citizen_id=citizen.pk)
    if not made:
        raise Refused("ended_already")
    return made


def _running(citizen: Citizen, episodes: Iterable[Episode]) -> list[Episode]:
    """Those of these courses that run and that the citizen takes part in; locked, so that none ends meanwhile."""
    mine = Participation.objects.filter(citizen=citizen).values("episode_id")
    chosen = [each.pk for each in episodes]
    return list(
        Episode.objects.select_for_update(of=("self",))
        .filter(pk__in=chosen, ended_on__isnull=True)
        .filter(pk__in=mine)
        .order_by("pk")
    )


def _lift(episode: Episode, citizen: Citizen, person_id: uuid.UUID, now: datetime) -> list[MeasuringPause]:
    """End the pauses that go on; what each of them closed is open again."""
    held = list(covering(now).filter(episode=episode, citizen=citizen))
    for each in held:
        each.lifted_at, each.lifted_by_id = now, person_id
        each.save(update_fields=["lifted_at", "lifted_by"])
    for each in held:
        asked = Occasion.objects.filter(asking__session__episode=episode, about=citizen)
        open_after(Closed.PAUSED, asked.filter(closes_at__gte=each.set_at), now)
    return held


@transaction.atomic
def ask_again(*, by: Viewer, citizen: Citizen, episodes: Iterable[Episode], now: datetime) -> bool:
    """End a pause before its day: what it closed is open again, and what is coming is asked. False: there was none.

    Raises:
        PermissionDenied: see `let_in_for`.
    """
    person_id = let_in_for(by, citizen, "feedback.pause", AccessAction.CHANGED)
    running = _running(citizen, episodes)
    lifted = [each for episode in running for each in _lift(episode, citizen, person_id, now)]
    if not lifted:
        return False
    settle_coming(by=asking_viewer(by), episodes=running, now=now, citizen_id=citizen.pk)
    return True
