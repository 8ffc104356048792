"""Writing in the outbox: one function per verb.

A message is claimed, sent and settled in steps of their own, so that no transaction is open while a mail server thinks.
Every step is one conditional update: whoever no longer holds the lease changes nothing.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, QuerySet

from medvirk.messages.kinds import citizen_kind
from medvirk.messages.logic import LASTS, LEASE, MOST_ATTEMPTS, NotSent, after_failure
from medvirk.messages.models import OPEN, Message, Notice, State
from medvirk.people.access import Permission, Viewer
from medvirk.people.models import Citizen, ConsentPurpose, Person
from medvirk.people.queries.consents import agreeing

#: What is of no more use once a message has gone or will not go.
EMPTIED = {"address": "", "subject": "", "body": ""}
#: Of the receiver, what sending does not need is not decrypted.
UNREAD = ("given_name", "family_name", "national_id", "birth_date")


@dataclass(frozen=True)
class NewMessage:
    """`once`: of codes and row ids; a message with the same is stored already. `body` holds nothing about health.

    `address` stays empty for the kinds that citizens are sent (`kinds`).
    """

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
    unwilling = _unwilling((new.recipient_id, new.kind) for new in messages)
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
        if (new.recipient_id, new.kind) not in unwilling
    }
    # `ignore_conflicts` would also swallow rows that break another rule.
    Message.objects.bulk_create(
        rows.values(),
        batch_size=500,
        update_conflicts=True,
        unique_fields=["once_key"],
        update_fields=["once_key"],
    )


def _unwilling(wanted: Iterable[tuple[uuid.UUID, str]]) -> set[tuple[uuid.UUID, str]]:
    """Which of (person, kind) are not to be sent: the person gets help here and has not said yes to messages.

    Somebody who also works here is written to as a worker, but for the kinds that are for citizens. Three queries.
    """
    asked = {(person, kind) for person, kind in wanted if not _is_sent_after_a_no(kind)}
    citizens = Citizen.objects.filter(person__in={person for person, _kind in asked})
    willing = agreeing(ConsentPurpose.CONTACT).values("citizen_id")
    works_here = dict(citizens.exclude(pk__in=willing).values_list("person_id", "person__staff"))
    return {
        (person, kind)
        for person, kind in asked
        if person in works_here and (works_here[person] is None or citizen_kind(kind) is not None)
    }


def _is_sent_after_a_no(kind: str) -> bool:
    known = citizen_kind(kind)
    return known is not None and known.after_no


def stop_writing_to(citizen: Citizen, by: Viewer) -> None:  # noqa: ARG001  a hook's shape
    """What a no to messages means (`people.hooks.on_withdrawal`): what has not gone is called off at once, also what a
    worker has taken up and not come to yet: it looks again right before sending (`hold`)."""
    _call_off(_unwilling_among(Message.objects.filter(recipient=citizen.person_id, state__in=OPEN)))


def call_off_for(*, citizen_id: uuid.UUID) -> None:
    """Call off whatever waits for a citizen who has died; what they would get as a worker is not touched."""
    waiting = Message.objects.filter(recipient__citizen=citizen_id, state__in=OPEN)
    works_here = waiting.filter(recipient__staff__isnull=False)
    kept = {each.pk for each in works_here if citizen_kind(each.kind) is None}
    _call_off([each for each in waiting if each.pk not in kept])


def keep_wanted(*, messages: Sequence[Message]) -> list[Message]:
    """Of what was claimed, what is still to be sent: not to somebody who has died, or says no by now."""
    unwilling = _unwilling((each.recipient_id, each.kind) for each in messages)
    unwanted = [
        each
        for each in messages
        if (each.recipient_id, each.kind) in unwilling
        or (each.recipient.died_on is not None and citizen_kind(each.kind) is not None)
    ]
    _call_off(unwanted)
    return [each for each in messages if each not in unwanted]


def _unwilling_among(messages: Iterable[Message]) -> list[Message]:
    messages = list(messages)
    unwilling = _unwilling((each.recipient_id, each.kind) for each in messages)
    return [each for each in messages if (each.recipient_id, each.kind) in unwilling]


def _call_off(messages: Sequence[Message]) -> None:
    if messages:
        Message.objects.filter(pk__in=[each.pk for each in messages], state__in=OPEN).update(
            state=State.CANCELLED, lease=None, **EMPTIED
        )


def cancel(*, once: Iterable[str]) -> int:
    """Call off what has not gone; returns how many. One that is being sent at this very moment is not stopped, and is
    told as sent (`settle_sent`)."""
    waiting = Message.objects.filter(once_key__in=list(once), state__in=OPEN)
    return waiting.update(state=State.CANCELLED, lease=None, **EMPTIED)


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
    """Take up to `limit` messages that are due, those that do not wait for the day first, else the oldest first; nobody
    else takes them before the lease is over.

    quiet: it is night, so those that wait for the day are left.
    """
    due = Message.objects.filter(state__in=OPEN, due_at__lte=now, expires_at__gt=now, channel=channel)
    if quiet:
        due = due.filter(waits_for_day=False)
    # What staff are told at once does not wait behind ten thousand reminders.
    in_turn = due.order_by("waits_for_day", "due_at")
    # On PostgreSQL, rows that another worker is just taking are passed over; SQLite lets one write at a time.
    chosen = list(in_turn.select_for_update(skip_locked=True).values_list("pk", flat=True)[:limit])
    token = uuid.uuid4()
    due.filter(pk__in=chosen).update(
        state=State.CLAIMED, lease=token, due_at=now + lease, attempts=F("attempts") + 1
    )
    # Found by their ids: by the lease alone every message there has ever been would be gone through.
    held = (
        Message.objects.filter(pk__in=chosen, lease=token)
        .select_related("recipient")
        .defer(*(f"recipient__{name}" for name in UNREAD))
        .in_bulk()
    )
    return [held[pk] for pk in chosen if pk in held]


def hold(*, message: Message, now: datetime, lease: timedelta = LEASE) -> bool:
    """Make sure, right before sending, that this worker still has the message, and for long enough.

    While half of the lease is left, looking is enough: what is written must reach the disk, and that is dear.
    """
    held = _held(message).filter(due_at__gt=now)
    if message.due_at - now > lease / 2:
        return held.exists()
    message.due_at = now + lease
    return bool(held.update(due_at=message.due_at))


def settle_sent(*, message: Message, state: State, now: datetime, reference: str = "") -> bool:
    """The message has gone, by whomever: nobody sends it again, even where the lease was lost or it was called off
    while it was on its way.

    A report of what became of it may have come before.
    """
    mine = Message.objects.filter(pk=message.pk, state__in=(*OPEN, State.CANCELLED))
    gone = {"sent_at": now, "reference": reference, "last_error": ""}
    return bool(mine.update(state=state, lease=None, **gone, **EMPTIED))


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


def _held(message: Message) -> QuerySet[Message]:
    return Message.objects.filter(pk=message.pk, state=State.CLAIMED, lease=message.lease)
