"""What people do with a signal: see it, hand it on, put it off, talk about it, agree on something. Each is a row."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from medvirk.feedback.actions.checks import Refused
from medvirk.feedback.actions.raising import taken
from medvirk.feedback.logic.following import LONGEST_SNOOZE, Step, allowed, standing_of
from medvirk.feedback.models import Agreement, ChangeChoice, Session, Signal, SignalStep
from medvirk.feedback.queries.owners import able_on
from medvirk.people.access import Permission, Viewer, can, log_access
from medvirk.people.models import AccessAction, Staff

WHAT = "feedback.signal"


def _held(by: Viewer, signal: Signal, step: Step, now: datetime) -> Signal:
    """The signal, locked, after the step was found to be the viewer's to take and one that can be taken now.

    Raises:
        PermissionDenied: no relation. Refused: `not_now`, it does not stand so that this can be done.
    """
    decision = can(by, Permission.FOLLOW_CITIZENS, signal)
    if not decision.allowed or by.staff_id is None:
        raise PermissionDenied
    log_access(by, signal.record_of(), WHAT, action=AccessAction.CHANGED, basis=decision.reason)
    held = Signal.objects.select_for_update().get(pk=signal.pk)
    steps = [taken(each) for each in held.steps.all()]
    if step not in allowed(standing_of(steps, due_at=held.due_at, now=now), held.kind):
        raise Refused("not_now")
    return held


@transaction.atomic
def see(*, by: Viewer, signal: Signal, now: datetime) -> SignalStep:
    """Say that somebody has seen it: the proof that an answer about safety did not lie unread.

    From then on it is due as other signals are.

    Raises:
        PermissionDenied, Refused: see `_held`.
    """
    held = _held(by, signal, Step.SEEN, now)
    return _step(held, Step.SEEN, by, now)


@transaction.atomic
def assign(*, by: Viewer, signal: Signal, owner: Staff, now: datetime) -> SignalStep:
    """Hand a signal to a colleague, or take it oneself.

    Raises:
        PermissionDenied: see `_held`. Refused: see there; `cannot_own`, the colleague may not open the record.
    """
    held = _held(by, signal, Step.ASSIGNED, now)
    if not able_on(timezone.localdate(now), held.citizen).filter(pk=owner.pk).exists():
        raise Refused("cannot_own")
    held.owner = owner
    held.save(update_fields=["owner"])
    return _step(held, Step.ASSIGNED, by, now, owner=owner)


@transaction.atomic
def snooze(*, by: Viewer, signal: Signal, until: datetime, reason: str, now: datetime) -> SignalStep:
    """Put a signal off to a later day, with a reason; never one about safety.

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
    held.due_at = held.tell_at = until
    held.save(update_fields=["due_at", "tell_at"])
    return _step(held, Step.SNOOZED, by, now, until=until, text=reason.strip())


@dataclass(frozen=True)
class NewAgreement:
    """What is agreed: words of one's own, or of a line of the unit's list. `due_on`: when to look at it again."""

    text: str
    choice: ChangeChoice | None = None
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
        PermissionDenied, Refused: see `_held`.
    """
    held = _held(by, signal, Step.TALKED, now)
    held.settled_at = now
    held.save(update_fields=["settled_at"])
    step = _step(held, Step.TALKED, by, now, text=about.strip(), session=session)
    for each in agreed:
        Agreement.objects.create(
            episode_id=held.episode_id,
            session=session,
            signal=held,
            choice=each.choice,
            text=each.text,
            due_on=each.due_on,
            noted_by_id=by.staff_id,
            noted_at=now,
        )
    return step


@transaction.atomic
def reopen(*, by: Viewer, signal: Signal, now: datetime) -> SignalStep:
    """Undo that it was talked about.

    Raises:
        PermissionDenied: see `_held`. Refused: see there; `another_is_open`, the same has come up again since.
    """
    held = _held(by, signal, Step.REOPENED, now)
    same = Signal.objects.filter(
        episode=held.episode_id, citizen=held.citizen_id, kind=held.kind, settled_at__isnull=True
    )
    if same.exists():
        raise Refused("another_is_open")
    held.settled_at = None
    held.tell_at = max(held.due_at, now)
    held.save(update_fields=["settled_at", "tell_at"])
    return _step(held, Step.REOPENED, by, now)


def end_signals(*, episode_id: object, now: datetime) -> None:
    """The course of help has ended: what is open in it asks for nothing more. Call inside a transaction."""
    open_ones = list(
        Signal.objects.select_for_update(of=("self",)).filter(episode=episode_id, settled_at__isnull=True)
    )
    for signal in open_ones:
        SignalStep.objects.create(signal=signal, kind=str(Step.ENDED), at=now)
    Signal.objects.filter(pk__in=[each.pk for each in open_ones]).update(settled_at=now)


def reopen_signals(*, episode_id: object, now: datetime) -> None:
    """The end of a course was a slip: what was open in it is open again. Call inside a transaction."""
    for signal in Signal.objects.select_for_update(of=("self",)).filter(episode=episode_id):
        last = signal.steps.exclude(kind=str(Step.SEEN)).order_by("-at", "-pk").first()
        if last is None or last.kind != Step.ENDED:
            continue
        SignalStep.objects.create(signal=signal, kind=str(Step.REOPENED), at=now)
        Signal.objects.filter(pk=signal.pk).update(settled_at=None, tell_at=max(signal.due_at, now))


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
