"""Signals of what is over: a course has ended, somebody has left it or has died; and of an end that was a slip.

Call these inside the transaction that ends it, or takes that back.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping
from datetime import date, datetime, timedelta

from django.utils import timezone

from medvirk.feedback.logic import RISK
from medvirk.feedback.logic.following import Step
from medvirk.feedback.models import Participation, Signal, SignalStep


def day_after(day: date) -> datetime:
    """The moment at which a day is over."""
    return timezone.make_aware(datetime.combine(day + timedelta(days=1), datetime.min.time()))


def end_signals(
    *,
    episode_id: uuid.UUID,
    now: datetime,
    left: uuid.UUID | None = None,
    died: uuid.UUID | None = None,
) -> list[uuid.UUID]:
    """What is open in the course asks for nothing more. Returns the ids of what was.

    left: only this citizen takes part no more. An answer about safety stays with its owner then: it is no less urgent.
    died: only this citizen has died.
    """
    asking = Signal.objects.filter(episode=episode_id, settled_at__isnull=True)
    if left is not None:
        asking = asking.filter(citizen=left).exclude(kind=RISK)
    if died is not None:
        asking = asking.filter(citizen=died)
    open_ones = [each.pk for each in asking.select_for_update(of=("self",))]
    SignalStep.objects.bulk_create(SignalStep(signal_id=pk, kind=str(Step.ENDED), at=now) for pk in open_ones)
    Signal.objects.filter(pk__in=open_ones).update(settled_at=now)
    return open_ones


def reopen_signals(
    *, episode_id: uuid.UUID, now: datetime, only: Collection[uuid.UUID] | None = None
) -> None:
    """The end of a course was a slip: what it ended is open again; of these `only`, where they are given.

    What ended when somebody left, or died, stays so.
    """
    there = {
        each.citizen_id: each
        for each in Participation.objects.filter(episode=episode_id, citizen__person__died_on__isnull=True)
    }
    ended = Signal.objects.select_for_update(of=("self",)).filter(episode=episode_id)
    for signal in ended if only is None else ended.filter(pk__in=list(only)):
        last = signal.steps.exclude(kind=str(Step.SEEN)).order_by("-pk").first()
        if last is None or last.kind != Step.ENDED or _ended_before(signal, last, there, now):
            continue
        same = Signal.objects.filter(episode=episode_id, citizen=signal.citizen_id, kind=signal.kind)
        if same.filter(settled_at__isnull=True).exists():
            continue  # an answer about safety has come all the same, and stands
        SignalStep.objects.create(signal=signal, kind=str(Step.REOPENED), at=now)
        Signal.objects.filter(pk=signal.pk).update(settled_at=None, tell_at=max(signal.due_at, now))


def _ended_before(
    signal: Signal, last: SignalStep, there: Mapping[uuid.UUID, Participation], now: datetime
) -> bool:
    """Whether it was not the course that ended it, but that the citizen died or left."""
    part = there.get(signal.citizen_id)
    if part is None:
        return True
    if signal.kind == RISK:  # nobody's leaving ends one
        return False
    has_left = part.until is not None and part.until <= timezone.localdate(now)
    came_back = part.since is not None and timezone.localdate(last.at) < part.since
    return has_left or came_back
