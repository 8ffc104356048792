"""Reading the room. Every function that pages call takes the viewer."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Count, QuerySet

from medvirk.messages.models import OPEN, DutyState, Message, Notice, State
from medvirk.people.access import Permission, Viewer

#: Who may follow what became of a message they had sent, or that was sent to them.
FOLLOWS: frozenset[str] = frozenset(
    {Permission.FOLLOW_CITIZENS, Permission.OWN_PAGES, Permission.SEE_OPERATION}
)
#: How far back the overview of deliveries counts.
COUNTED = timedelta(days=30)


@dataclass(frozen=True)
class Undelivered:
    """A message that was given up, without address and text."""

    id: uuid.UUID
    channel: str
    kind: str
    created_at: datetime
    attempts: int
    reason: str


@dataclass(frozen=True)
class Delivery:
    """What became of a message: `at` is when it was reported, sent, or will be sent; None where nothing of it was."""

    state: State
    at: datetime | None
    channel: str


def delivery_of(viewer: Viewer, once_keys: Iterable[str]) -> dict[str, Delivery]:
    """What became of the messages with these `once`; those that are not there are left out. One query for 500.

    The caller has opened the record that they are about; whoever opens none learns nothing here.
    """
    if not FOLLOWS & viewer.permissions:
        return {}
    keys = list(once_keys)
    fields = ("once_key", "state", "channel", "reported_at", "sent_at", "due_at")
    found: dict[str, Delivery] = {}
    for start in range(0, len(keys), 500):
        rows = Message.objects.filter(once_key__in=keys[start : start + 500]).values_list(*fields)
        for once, state, channel, reported_at, sent_at, due_at in rows:
            planned = due_at if state == State.WAITING else None
            found[once] = Delivery(State(state), reported_at or sent_at or planned, channel)
    return found


def called_off(once_keys: Iterable[str]) -> set[str]:
    """Which of these messages were called off and will never be sent, for the house itself, which sent for them."""
    rows = Message.objects.filter(once_key__in=list(once_keys), state=State.CANCELLED)
    return set(rows.values_list("once_key", flat=True))


def notices_of(viewer: Viewer) -> QuerySet[Notice]:
    """The viewer's own notices, newest first."""
    if viewer.person_id is None:
        return Notice.objects.none()
    return Notice.objects.filter(recipient_id=viewer.person_id).order_by("-created_at", "id")


def unread(viewer: Viewer) -> int:
    """How many notices the viewer has not read. One query."""
    return notices_of(viewer).filter(read_at=None).count()


def counts(viewer: Viewer, now: datetime) -> list[tuple[str, State, int]]:
    """Messages of the last 30 days, and all that still wait, by channel and state."""
    rows = _seen_by(viewer).filter(created_at__gte=now - COUNTED)
    rows |= _seen_by(viewer).filter(state__in=OPEN)
    found = rows.values_list("channel", "state").annotate(n=Count("pk")).order_by("channel", "state")
    return [(channel, State(state), n) for channel, state, n in found]


def undelivered(viewer: Viewer, limit: int) -> list[Undelivered]:
    """The newest of what was given up, newest first."""
    rows = _seen_by(viewer).filter(state=State.FAILED).order_by("-created_at", "id")
    fields = ("id", "channel", "kind", "created_at", "attempts", "last_error")
    return [Undelivered(*row) for row in rows.values_list(*fields)[:limit]]


def held_up(viewer: Viewer) -> dict[str, str]:
    """For each channel with messages that were tried in vain and wait: why the latest of them did not go."""
    rows = _seen_by(viewer).filter(state__in=OPEN).exclude(last_error="").order_by("created_at")
    return dict(rows.values_list("channel", "last_error"))


def duty_states(viewer: Viewer, names: Iterable[str]) -> dict[str, DutyState]:
    """When recurring work was done, by name; nothing for somebody who does not look after that."""
    if Permission.SEE_OPERATION not in viewer.permissions:
        return {}
    return DutyState.objects.in_bulk(list(names))


def latest_start(states: Iterable[DutyState]) -> datetime | None:
    """When a worker last began anything; None if none ever has."""
    return max((state.started_at for state in states if state.started_at), default=None)


def _seen_by(viewer: Viewer) -> QuerySet[Message]:
    if Permission.SEE_OPERATION not in viewer.permissions:
        return Message.objects.none()
    return Message.objects.all()
