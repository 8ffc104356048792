"""What is asked at the end of a course of help."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from medvirk.feedback.actions.asking import ask_around, settle
from medvirk.feedback.actions.courses import plan_session
from medvirk.feedback.models import Episode, Session
from medvirk.people.access import Viewer


@transaction.atomic
def ask_last_measure(*, by: Viewer, episode: Episode, now: datetime) -> Session:
    """Let the next conversation be the last, so that what is asked at the end is asked around it.

    Where none stands in the calendar from today on, one begins now. Returns it.

    Raises:
        PermissionDenied: no relation. Refused: the episode has ended, or starts later.
    """
    today = timezone.make_aware(datetime.combine(timezone.localdate(now), datetime.min.time()))
    coming = episode.sessions.filter(cancelled_at__isnull=True, starts_at__gte=today)
    # One that is answered through is over, whatever its hour.
    waiting = coming.filter(askings__occasion__submission__isnull=True).distinct()
    session = waiting.order_by("starts_at").first()
    if session is None:
        session = plan_session(by=by, episode=episode, starts_at=now, now=now)
    session.is_last = True
    session.save(update_fields=["is_last"])
    ask_around(by=by, session=session, now=now)
    settle(session=session)
    return session
