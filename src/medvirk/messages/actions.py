"""Writing in the outbox: one function per verb.

A message is claimed, sent and settled in steps of their own, so that no transaction is open while a mail server thinks.
Every step is one conditional update: whoever no longer holds the lease changes nothing.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, QuerySet

from medvirk.messages.logic import LASTS, LEASE, MOST_ATTEMPTS, Letter, NotSent, after_failure
from medvirk.messages.models import OPEN, Message, Notice, State
from medvirk.people.access import Permission, Viewer
from medvirk.people.models import Citizen, ConsentPurpose, Person
from medvirk.people.queries.consents import agreeing

#: What is of no more use once a message has gone or will not go.
EMPTIED = {"address": "", "subject": "", "body": ""}


@dataclass(frozen=True)
class NewMessage:
    """`once`: of codes and row ids; a message with the same is stored already. `text` holds nothing about health."""

    recipient_id: uuid.UUID
    channel: str
    kind: str
    address: str
    subject: str
    body: str
    once: str
    due_at: datetime | None = None
    expires_at: datetime | None = None
    waits_for_day: bool = True


def queue(*, messages: Iterable[NewMessage], now: datetime) -> None:
    """Put messages into the outbox, inside the caller's transaction: if that is rolled back, nothing is sent.

    A citizen who has not said yes to messages gets none; a worker is written to as a worker.
    """
    messages = list(messages)
    unwilling = _unwilling({new.recipient_id for new in messages})
    rows = {
        new.once: Message(
            recipient_id=new.recipient_id,
            channel=new.channel,
            kind=new.kind,
            address=new.address,
            subject=new.subject,
            body=new.body,
            once_key=new.once,
            created_at=now,
            due_at=new.due_at or now,
            expires_at=new.expires_at or (new.due_at or now) + LASTS,
            waits_for_day=new.waits_for_day,
        )
        for new in messages
        if new.recipient_id not in unwilling
    }
    # `ignore_conflicts` would also swallow rows that break another rule.
    Message.objects.bulk_create(
        rows.values(),
        batch_size=500,
        update_conflicts=True,
        unique_fields=["once_key"],
        update_fields=["once_key"],
    )


def _unwilling(persons: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Those of `persons` who get help here, do not work here, and have not said yes to messages."""
    citizens = Citizen.objects.filter(person__in=persons, person__staff__isnull=True)
    willing = agreeing(ConsentPurpose.CONTACT).values("citizen_id")
    return set(citizens.exclude(pk__in=willing).values_list("person_id", flat=True))


def stop_writing_to(citizen: Citizen, by: Viewer) -> None:  # noqa: ARG001  a hook's shape
    """What a no to messages means (`people.hooks.on_withdrawal`): what still waits is called off at once."""
    waiting = Message.objects.filter(recipient=citizen.person_id, state=State.WAITING)
    waiting.filter(recipient__staff__isnull=True).update(state=State.CANCELLED, **EMPTIED)


def cancel(*, once: Iterable[str]) -> int:
    """Call off what still waits; returns how many. One that is being sent right now is not stopped."""
    waiting = Message.objects.filter(once_key__in=list(once), state=State.WAITING)
    return waiting.update(state=State.CANCELLED, **EMPTIED)


def tell(
    *,
    persons: Iterable[Person],
    kind: str,
    facts: Mapping[str, str],
    once: str,
    now: datetime,
) -> None:
    """Put a notice on the page Messages of each person, inside the caller's transaction."""
    rows = [
        Notice(
            recipient=person,
            kind=kind,
            facts=json.dumps(dict(facts)) if facts else "",
            once_key=f"{once}:{person.pk}",
            created_at=now,
        )
        for person in persons
    ]
    Notice.objects.bulk_create(
        rows, update_conflicts=True, unique_fields=["once_key"], update_fields=["once_key"]
    )


@transaction.atomic
def claim(
    *, channel: str, now: datetime, limit: int, quiet: bool = False, lease: timedelta = LEASE
) -> list[Message]:
    """Take up to `limit` messages that are due, oldest first; nobody else takes them before the lease is over.

    quiet: it is night, so those that wait for the day are left.
    """
    due = Message.objects.filter(state__in=OPEN, due_at__lte=now, expires_at__gt=now, channel=channel)
    if quiet:
        due = due.filter(waits_for_day=False)
    # On PostgreSQL, rows that another worker is just taking are passed over; SQLite lets one write at a time.
    chosen = list(
        due.select_for_update(skip_locked=True).order_by("due_at").values_list("pk", flat=True)[:limit]
    )
    token = uuid.uuid4()
    due.filter(pk__in=chosen).update(
        state=State.CLAIMED, lease=token, due_at=now + lease, attempts=F("attempts") + 1
    )
    held = Message.objects.filter(lease=token).in_bulk()
    return [held[pk] for pk in chosen if pk in held]


def hold(*, message: Message, now: datetime, lease: timedelta = LEASE) -> bool:
    """Make sure, right before sending, that this worker still has the message, and for long enough."""
    return bool(_held(message).filter(due_at__gt=now).update(due_at=now + lease))


def settle_sent(*, message: Message, state: State, now: datetime) -> bool:
    """The message has gone, by whomever: nobody sends it again, even where the lease was lost meanwhile."""
    mine = Message.objects.filter(pk=message.pk, state__in=OPEN)
    return bool(mine.update(state=state, lease=None, sent_at=now, last_error="", **EMPTIED))


def settle_not_sent(*, message: Message, fault: NotSent, now: datetime) -> bool:
    """Try again later, or give up. The text is kept either way, for an administrator may try again."""
    plan = after_failure(
        now=now,
        attempts=message.attempts,
        expires_at=message.expires_at,
        reason=fault.reason,
        verdict=fault.verdict,
    )
    held = _held(message)
    if plan.due_at is None:
        return bool(held.update(state=State.FAILED, lease=None, last_error=plan.reason))
    return bool(held.update(state=State.WAITING, lease=None, due_at=plan.due_at, last_error=plan.reason))


def release(*, messages: Sequence[Message], now: datetime) -> int:
    """Give back what was claimed but not tried."""
    ids = [message.pk for message in messages]
    tokens = {message.lease for message in messages}
    held = Message.objects.filter(pk__in=ids, lease__in=tokens)
    return held.update(state=State.WAITING, lease=None, due_at=now, attempts=F("attempts") - 1)


def let_go(*, now: datetime) -> int:
    """Let go of what came too late to be wanted, and of what ended every worker that took it; returns how many.

    What is being sent right now is not touched.
    """
    due = Message.objects.filter(state__in=OPEN, due_at__lte=now)
    late = due.filter(expires_at__lte=now).update(state=State.EXPIRED, lease=None, **EMPTIED)
    deadly = due.filter(state=State.CLAIMED, attempts__gte=MOST_ATTEMPTS)
    return late + deadly.update(state=State.FAILED, lease=None, last_error="worker ended")


def try_again(*, by: Viewer, message_id: uuid.UUID | None, now: datetime) -> int:
    """Send what was given up once more, one message or all; returns how many.

    Raises:
        PermissionDenied: no role of theirs gives it.
    """
    if Permission.SEE_OPERATION not in by.permissions:
        raise PermissionDenied
    failed = Message.objects.filter(state=State.FAILED)
    if message_id is not None:
        failed = failed.filter(pk=message_id)
    return failed.update(state=State.WAITING, due_at=now, expires_at=now + LASTS, attempts=0)


def read(*, by: Viewer, notices: QuerySet[Notice], now: datetime) -> int:
    """Mark the viewer's own notices among `notices` as read; returns how many were not."""
    return notices.filter(recipient_id=by.person_id, read_at=None).update(read_at=now)


def letter_of(message: Message) -> Letter:
    """What a channel is handed."""
    return Letter(message.pk, message.address, message.subject, message.body)


def _held(message: Message) -> QuerySet[Message]:
    return Message.objects.filter(pk=message.pk, state=State.CLAIMED, lease=message.lease)
