"""What a gateway reports of a message that it was given."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.db.models import Q, Value
from django.db.models.functions import Coalesce

from medvirk.messages.actions.outbox import EMPTIED
from medvirk.messages.models import OPEN, Message, State


def note_report(
    *, channel: str, message_id: uuid.UUID | None, reference: str, state: State, now: datetime
) -> bool:
    """Note that a message was delivered, or that it was not; False where none is meant or nothing is changed.

    A report proves that the message has gone, also where the gateway's yes never reached us: nobody sends it again.
    That it arrived holds for good; that it did not may be corrected, and says nothing of one that we have let go of.
    """
    meant = Message.objects.filter(channel=channel)
    if message_id is not None:
        meant = meant.filter(pk=message_id)
    elif reference:
        meant = meant.filter(reference=reference)
    else:
        return False
    if state == State.DELIVERED:
        meant = meant.exclude(state__in=(State.DELIVERED, State.FILED))
    else:
        meant = meant.filter(Q(state__in=OPEN) | Q(state=State.SENT))
    return bool(
        meant.update(
            state=state,
            lease=None,
            sent_at=Coalesce("sent_at", Value(now)),
            reported_at=now,
            last_error="",
            **EMPTIED,
        )
    )
