"""Moving a conversation to another time, with everything that hangs on when it is."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from medvirk.answers.models import Occasion
from medvirk.feedback.actions.asking import ask_around, settle, settle_coming
from medvirk.feedback.actions.checks import Refused
from medvirk.feedback.actions.courses import cancel_session, look_again, plan_session, stands_at
from medvirk.feedback.actions.doors import Closed, close_for, kept_closed, open_after
from medvirk.feedback.actions.reminding import call_off_moved
from medvirk.feedback.models import Asking, Episode, Moment, Reminder, Session
from medvirk.people.access import Permission, Viewer, can, log_access
from medvirk.people.models import AccessAction

#: What hangs on the day of a conversation.
BY_DAY = (Closed.PAUSED, Closed.LEFT)


@transaction.atomic
def move_session(*, by: Viewer, session: Session, starts_at: datetime, now: datetime) -> Session:
    """Let a conversation begin at another time; returns the one that stands at it now.

    An answer is about the day it was given, and so is "I would rather not today". So where something was said ahead and
    the day changes, it stays with the conversation that came to nothing, and a new one is planned, at which those who
    take part are asked anew.

    Raises:
        PermissionDenied: no relation. Refused: `ended_already`; `starts_before_the_episode`; `cancelled`;
            `there_already`, another is at that time; `held`, what is asked after it was answered on its day.
    """
    decision = can(by, Permission.FOLLOW_CITIZENS, session)
    if not decision.allowed:
        raise PermissionDenied
    log_access(
        by, session.record_of(), "feedback.session", action=AccessAction.CHANGED, basis=decision.reason
    )
    episode = Episode.objects.select_for_update().get(pk=session.episode_id)
    locked = Session.objects.select_for_update().get(pk=session.pk)
    if reason := _why_not(episode, locked, starts_at):
        raise Refused(reason)
    other_day = timezone.localdate(starts_at) != timezone.localdate(locked.starts_at)
    answered = Asking.objects.filter(session=locked, occasion__submission__isnull=False)
    if other_day and answered.filter(moment=Moment.AFTER).exists():
        raise Refused("held")
    declined = Asking.objects.filter(session=locked, occasion__declined_at__isnull=False)
    if other_day and (answered.exists() or declined.exists()):
        return _planned_anew(by, locked, starts_at, now)
    if starts_at == locked.starts_at:
        return locked
    locked.starts_at = starts_at
    locked.save(update_fields=["starts_at"])
    _ask_who_is_there(locked, now)
    settle_coming(by=None, episodes=[episode], now=now)
    call_off_moved(now)
    sent = Reminder.objects.filter(asking__session=locked, called_off_at=None, outdated_at=None)
    sent.update(outdated_at=now)
    look_again(episode.pk, now)
    return locked


def _why_not(episode: Episode, session: Session, starts_at: datetime) -> str:
    if episode.ended_on is not None:
        return "ended_already"
    if session.cancelled_at is not None:
        return "cancelled"
    if starts_at != session.starts_at and stands_at(episode, starts_at):
        return "there_already"
    return "starts_before_the_episode" if timezone.localdate(starts_at) < episode.started_on else ""


def _planned_anew(by: Viewer, session: Session, starts_at: datetime, now: datetime) -> Session:
    cancel_session(by=by, session=session, now=now)
    made = plan_session(by=by, episode=session.episode, starts_at=starts_at, now=now)
    if session.is_last:
        made.is_last = True
        made.save(update_fields=["is_last"])
        settle(session=made)
    return made


def _ask_who_is_there(session: Session, now: datetime) -> None:
    """Nobody is asked about who has left or pauses by the new day, nor are they; about who is there, all are."""
    around = Occasion.objects.filter(asking__session=session)
    for why in BY_DAY:
        open_after(why, around, now)
    held = kept_closed(around.filter(closes_at=None, submission=None), now)
    for why in BY_DAY:
        close_for(why, Occasion.objects.filter(pk__in=[pk for pk, by in held.items() if by is why]), now)
    ask_around(by=None, session=session, now=now)
    settle(session=session)
