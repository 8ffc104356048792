"""Who takes part in a course of help: somebody joins, somebody leaves. Nothing of what was is taken away."""

from __future__ import annotations

from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from medvirk.answers.models import Occasion
from medvirk.feedback.actions.asking import ask_around, coming
from medvirk.feedback.actions.checks import Refused
from medvirk.feedback.actions.doors import Closed, close_for, open_after
from medvirk.feedback.actions.over import end_signals
from medvirk.feedback.models import Episode, EpisodeKind, Participation
from medvirk.people.access import Permission, Viewer, can, log_access
from medvirk.people.models import AccessAction, Bar, Citizen


@transaction.atomic
def add_member(
    *, by: Viewer, episode: Episode, citizen: Citizen, kind: str, since: date, now: datetime
) -> None:
    """Let one more citizen take part from a day on; they are asked from the next conversation.

    `kind`: what the course is from now on. Who has taken part before takes part again.

    Raises:
        PermissionDenied: the course or the citizen is not open to the viewer.
        Refused: `ended_already`, `takes_part_already`, `starts_before_the_episode`, `not_for_one` (a kind for one
            person), or `kept_out`: the citizen does not want the one who is responsible to see their record.
    """
    _let_in(by, episode)
    if not can(by, Permission.FOLLOW_CITIZENS, citizen).allowed:
        raise PermissionDenied
    held = Episode.objects.select_for_update().get(pk=episode.pk)
    if held.ended_on is not None:
        raise Refused("ended_already")
    if since < held.started_on:
        raise Refused("starts_before_the_episode")
    if EpisodeKind(kind) == EpisodeKind.INDIVIDUAL:
        raise Refused("not_for_one")
    if Bar.objects.at(now).filter(citizen=citizen, staff=held.responsible_id).exists():
        raise Refused("kept_out")
    part = Participation.objects.select_for_update().filter(episode=held, citizen=citizen).first()
    if part is None:
        part = Participation(episode=held, citizen=citizen)
    elif part.until is None or part.until >= since:
        raise Refused("takes_part_already")
    # Of an earlier time there the history tells; what was answered then stays on the curve.
    part.since, part.until, part.signals_due_at = since, None, now
    part.save()
    held.kind = kind
    held.save(update_fields=["kind"])
    log_access(by, [citizen.pk], "feedback.episode", action=AccessAction.CHANGED, basis="member:joined")
    theirs = Occasion.objects.filter(asking__session__episode=held, asking__citizen=citizen)
    open_after(Closed.LEFT, theirs, now)
    for session in coming([held], now):
        ask_around(by=by, session=session, now=now, citizen_id=citizen.pk)


@transaction.atomic
def remove_member(*, by: Viewer, episode: Episode, citizen: Citizen, until: date, now: datetime) -> None:
    """Let somebody take part no more after a day. What they said stays; what waits for them is closed.

    Raises:
        PermissionDenied: the course is not open to the viewer.
        Refused: `not_there`, they take no part; `leaves_before_coming`; `last_one`: then the course ends instead.
    """
    _let_in(by, episode)
    Episode.objects.select_for_update().get(pk=episode.pk)
    parts = {
        each.citizen_id: each for each in Participation.objects.select_for_update().filter(episode=episode)
    }
    leaving = parts.get(citizen.pk)
    if leaving is None or leaving.until is not None:
        raise Refused("not_there")
    if until < (leaving.since or episode.started_on):
        raise Refused("leaves_before_coming")
    if not any(each.until is None for each in parts.values() if each is not leaving):
        raise Refused("last_one")
    has_left = until <= timezone.localdate(now)
    leaving.until = until
    if not has_left:
        leaving.signals_due_at = now  # the house sees to it when the day has come
    leaving.save(update_fields=["until", "signals_due_at"])
    later = [
        session.pk for session in episode.sessions.all() if timezone.localdate(session.starts_at) > until
    ]
    waiting = Occasion.objects.filter(asking__session__in=later, asking__citizen=citizen)
    close_for(Closed.LEFT, waiting, now)
    if has_left:
        end_signals(episode_id=episode.pk, left=citizen.pk, now=now)
    log_access(by, [citizen.pk], "feedback.episode", action=AccessAction.CHANGED, basis="member:left")


def _let_in(viewer: Viewer, episode: Episode) -> None:
    decision = can(viewer, Permission.FOLLOW_CITIZENS, episode)
    if not decision.allowed:
        raise PermissionDenied
    log_access(
        viewer, episode.record_of(), "feedback.episode", action=AccessAction.CHANGED, basis=decision.reason
    )
