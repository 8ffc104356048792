"""Moving a conversation to another time, with everything that hangs on when it is."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from medvirk.answers.models import Occasion
from medvirk.feedback.actions.asking import settle, settle_coming
from medvirk.feedback.actions.checks import Refused
from medvirk.feedback.actions.courses import (
    cancel_session,
    let_in,
    look_again,
    must_fit,
    must_run,
    plan_session,
)
from medvirk.feedback.actions.doors import Closed, close_where, open_after
from medvirk.feedback.actions.reminding import outdate
from medvirk.feedback.models import Asking, Moment, Session
from medvirk.people.access import Viewer
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
        PermissionDenied: no relation.
        Refused: see `must_run` and `must_fit`; `cancelled`; `held`, what is asked after it was answered on its day.
    """
    let_in(by, session, "feedback.session", AccessAction.CHANGED)
    episode = must_run(session.episode_id)
    locked = Session.objects.select_for_update().get(pk=session.pk)
    if locked.cancelled_at is not None:
        raise Refused("cancelled")
    if starts_at == locked.starts_at:
        return locked
    must_fit(episode, starts_at)
    if timezone.localdate(starts_at) != timezone.localdate(locked.starts_at):
        asked = Asking.objects.filter(session=locked)
        if asked.filter(moment=Moment.AFTER, occasion__submission__isnull=False).exists():
            raise Refused("held")
        said = Q(occasion__submission__isnull=False) | Q(occasion__declined_at__isnull=False)
        if asked.filter(said).exists():
            return _planned_anew(by, locked, starts_at, now)
    locked.starts_at = starts_at
    locked.save(update_fields=["starts_at"])
    outdate(locked, now)
    # Nobody is asked about who has left or pauses by the new day, nor are they; about who is there, all are.
    around = Occasion.objects.filter(asking__session=locked)
    for why in BY_DAY:
        open_after(why, around, now)
    close_where(BY_DAY, around, now)
    settle_coming(by=None, episodes=[episode], now=now)
    look_again(episode.pk, now)
    return locked


def _planned_anew(by: Viewer, session: Session, starts_at: datetime, now: datetime) -> Session:
    cancel_session(by=by, session=session, now=now)
    made = plan_session(by=by, episode=session.episode, starts_at=starts_at, now=now)
    if session.is_last:
        made.is_last = True
        made.save(update_fields=["is_last"])
        settle(session=made)
    return made
