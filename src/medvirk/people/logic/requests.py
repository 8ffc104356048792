"""What citizens ask for: how far it has come, and until when it must be answered."""

from __future__ import annotations

import calendar
from datetime import date, datetime
from enum import StrEnum


class RequestState(StrEnum):
    SENT = "sent"
    SEEN = "seen"
    DONE = "done"
    REFUSED = "refused"
    CLOSED = "closed"


#: From each state the steps that can be taken.
STEPS: dict[RequestState, frozenset[RequestState]] = {
    RequestState.SENT: frozenset(
        {RequestState.SEEN, RequestState.DONE, RequestState.REFUSED, RequestState.CLOSED}
    ),
    RequestState.SEEN: frozenset({RequestState.DONE, RequestState.REFUSED, RequestState.CLOSED}),
    RequestState.DONE: frozenset({RequestState.CLOSED}),
    RequestState.REFUSED: frozenset({RequestState.CLOSED}),
    RequestState.CLOSED: frozenset(),
}
WAITING = frozenset({RequestState.SENT, RequestState.SEEN})


def state_of(*, seen_at: datetime | None, outcome: str, closed_at: datetime | None) -> RequestState:
    """How far a request has come; what happened last counts."""
    if closed_at is not None:
        return RequestState.CLOSED
    if outcome:
        return RequestState(outcome)
    return RequestState.SENT if seen_at is None else RequestState.SEEN


def answer_due(sent_on: date) -> date:
    """A month later (General Data Protection Regulation, article 12(3)): the same day, or the month's last."""
    year, month = (sent_on.year + 1, 1) if sent_on.month == 12 else (sent_on.year, sent_on.month + 1)
    return date(year, month, min(sent_on.day, calendar.monthrange(year, month)[1]))
