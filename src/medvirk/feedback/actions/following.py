"""What people do with a signal: see it, hand it on, put it off, talk about it, agree on something. Each is a row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction

from medvirk.feedback.actions.checks import Refused
from medvirk.feedback.actions.raising import tell_new_owner
from medvirk.feedback.logic import RISK
from medvirk.feedback.logic.following import LONGEST_SNOOZE, RISK_TALK_WITHIN, Step, allowed, standing_of
from medvirk.feedback.models import Agreement, Episode, Session, Signal, SignalStep
from medvirk.feedback.queries.owners import able_on
from medvirk.people.access import Permission, Viewer, can, log_access
from medvirk.people.models import AccessAction, Staff

WHAT = "feedback.signal"
#: What was put off to a day should be talked about within that day.
AFTER_SNOOZE = timedelta(days=1)


def _held(by: Viewer, signal: Signal, step: Step, now: datetime) -> Signal:
    """The signal, locked, after the step was found to be the viewer's to take and one that can be taken now.

    Raises:
        PermissionDenied: no relation. Refused: `not_now`, it does not stand so that this can be done.
    """
    decision = can(by, Permission.FOLLOW_CITIZENS, signal)
    if not decision.allowed or by.staff_id is None:
        raise PermissionDenied
    log_access(by, signal.record_of(), WHAT, action=AccessAction.CHANGED, basis=decision.reason)
    # The course first, as where it ends: it does not end meanwhile and leave an open signal behind.
    episode = Episode.objects.select_for_update(of=("self",)).get(pk=signal.episode_id)
    held = Signal.objects.select_for_update().get(pk=signal.pk)
    steps = [each.taken for each in held.steps.all()]
    standing = standing_of(steps, due_at=held.due_at, now=now)
    if step not in allowed(standing, held.kind, running=episode.ended_on is None):
        raise Refused("not_now")
    return held


@transaction.atomic
def see(*, by: Viewer, signal: Signal, now: datetime) -> SignalStep:
    """Say that somebody has seen it: the proof that an answer about safety did not lie unread.

    From then on there is a day until it should have been talked about.

    Raises:
        PermissionDenied, Refused: see `_held`.
    """
    held = _held(by, signal, Step.SEEN, now)
    if held.kind == RISK and not held.is_seen():
        # Seen in time; now it has a day to be talked about.
        held.due_at = held.tell_at = now + RISK_TALK_WITHIN
        held.save(update_fields=["due_at", "tell_at"])
    return _step(held, Step.SEEN, by, now)


@transaction.atomic
def assign(*, by: Viewer, signal: Signal, owner: Staff, now: datetime) -> SignalStep:
    """Hand a signal to a colleague, or take it oneself.

    Raises:
        PermissionDenied: see `_held`. Refused: see there; `cannot_own`, the colleague may not open the record.
    """
    held = _held(by, signal, Step.ASSIGNED, now)
    if not able_on(now, held.citizen).filter(pk=owner.pk).exists():
        raise Refused("cannot_own")
    held.owner = owner
    held.save(update_fields=["owner"])
    step = _step(held, Step.ASSIGNED, by, now, owner=owner)
    if owner.pk != by.staff_id:
        tell_new_owner(step, owner)
    return step


@transaction.atomic
def snooze(*, by: Viewer, signal: Signal, until: datetime, reason: str, now: datetime) -> SignalStep:
    """Put a signal off to a later day, with a reason; never one about safety. From `until` on it waits for a day again.

    Raises:
        PermissionDenied: see `_held`. Refused: see there; `too_long` or `too_soon`, the day; `no_reason`.
    """
    held = _held(by, signal, Step.SNOOZED, now)
    if until <= now:
        raise Refused("too_soon")
    if until > now + LONGEST_SNOOZE:
        raise Refused("too_long")
    if not reason.strip():
        raise Refused("no_reason")
    held.due_at = held.tell_at = until + AFTER_SNOOZE
    held.save(update_fields=["due_at", "tell_at"])
    return _step(held, Step.SNOOZED, by, now, until=until, text=reason.strip())


@dataclass(frozen=True)
class NewAgreement:
    """What is agreed: words of one's own, or of a line of the unit's list. `due_on`: when to look at it again."""

    text: str
    choice_id: int | None = None
    due_on: date | None = None


@transaction.atomic
def talk(
    *,
    by: Viewer,
    signal: Signal,
    about: str,
    agreed: Iterable[NewAgreement] = (),
    session: Session | None = None,
    now: datetime,
) -> SignalStep:
    """Say what was talked about, and what was agreed. The next measures will show whether it moved.

    Raises:
        PermissionDenied, Refused: see `_held`. ValueError: a conversation of another course.
    """
    held = _held(by, signal, Step.TALKED, now)
    if session is not None and session.episode_id != held.episode_id:
        raise ValueError("The conversation belongs to another course.")
    held.settled_at = now
    held.save(update_fields=["settled_at"])
    step = _step(held, Step.TALKED, by, now, text=about.strip(), session=session)
    assert by.staff_id is not None  # `_held` lets nobody else in
    for each in agreed:
        Agreement.objects.create(
            episode_id=held.episode_id,
            session=session,
            signal=held,
            choice_id=each.choice_id,
            text=each.text,
            due_on=each.due_on,
            noted_by_id=by.staff_id,
            noted_at=now,
        )
    return step


@transaction.atomic
def reopen(*, by: Viewer, signal: Signal, now: datetime) -> SignalStep:
    """Undo that it was talked about, and what was agreed in that talk.

    Raises:
        PermissionDenied: see `_held`. Refused: see there, also where the course has ended; `another_is_open`, the same
            has come up again since.
    """
    held = _held(by, signal, Step.REOPENED, now)
    same = Signal.objects.filter(
        episode=held.episode_id, citizen=held.citizen_id, kind=held.kind, settled_at__isnull=True
    )
    if same.exists():
        raise Refused("another_is_open")
    talk_at = held.steps.filter(kind=str(Step.TALKED)).latest("at", "pk").at
    Agreement.objects.filter(signal=held, noted_at__gte=talk_at).update(undone_at=now)
    held.settled_at = None
    held.tell_at = max(held.due_at, now)
    held.save(update_fields=["settled_at", "tell_at"])
    return _step(held, Step.REOPENED, by, now)


def _agreement(by: Viewer, agreement: Agreement) -> Agreement:
    """The agreement, locked, if it is the viewer's to change and not ended.

    Raises:
        PermissionDenied: no relation. Refused: `not_now`, it was done or dropped before.
    """
    decision = can(by, Permission.FOLLOW_CITIZENS, agreement)
    if not decision.allowed:
        raise PermissionDenied
    log_access(
        by, agreement.record_of(), "feedback.change", action=AccessAction.CHANGED, basis=decision.reason
    )
    held = Agreement.objects.select_for_update(of=("self",)).get(pk=agreement.pk)
    if held.done_on or held.dropped_on:
        raise Refused("not_now")
    return held


@transaction.atomic
def end_agreement(*, by: Viewer, agreement: Agreement, done: bool, on: date) -> None:
    """Say that what was agreed is done, or that it is dropped.

    Raises:
        PermissionDenied, Refused: see `_agreement`.
    """
    held = _agreement(by, agreement)
    if done:
        held.done_on = on
    else:
        held.dropped_on = on
    held.save(update_fields=["done_on", "dropped_on"])


@transaction.atomic
def look_again_on(*, by: Viewer, agreement: Agreement, day: date, today: date) -> None:
    """Give what was agreed a new day to be looked at again.

    Raises:
        PermissionDenied, Refused: see `_agreement`; `too_soon`, the day has passed.
    """
    held = _agreement(by, agreement)
    if day < today:
        raise Refused("too_soon")
    held.due_on = day
    held.save(update_fields=["due_on"])


def _step(
    signal: Signal,
    kind: Step,
    by: Viewer,
    now: datetime,
    *,
    owner: Staff | None = None,
    until: datetime | None = None,
    session: Session | None = None,
    text: str = "",
) -> SignalStep:
    return SignalStep.objects.create(
        signal=signal,
        kind=str(kind),
        at=now,
        by_id=by.staff_id,
        owner=owner,
        until=until,
        session=session,
        text=text,
    )
