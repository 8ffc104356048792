"""Pauses in measuring: which conversations lie in one, and what a worker is told of it."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

#: A pause always ends, so that nobody is forgotten in it; it can be set anew.
LONGEST = timedelta(days=90)
#: What is proposed.
USUAL = timedelta(days=28)
#: A pause that ran out by itself is told of for so long: the citizen has not been asked whether it suits again.
TOLD_FOR = timedelta(days=14)
#: So many conversations in a row at which somebody would rather not answer are worth a word about measuring itself.
RATHER_NOT = 3


@dataclass(frozen=True)
class Pause:
    """Nobody is asked from the first moment of `since` to the last of `until`, or until it was lifted."""

    since: date
    until: date
    reason: str = ""
    lifted_at: datetime | None = None
    id: uuid.UUID | None = None

    def covers(self, moment: datetime, day: date) -> bool:
        """Whether `moment`, which lies on `day` of the house, is in the pause."""
        if not self.since <= day <= self.until:
            return False
        return self.lifted_at is None or moment < self.lifted_at


@dataclass(frozen=True)
class Told:
    """What is said of a pause on the pages: it goes on, ends today, or ran out by itself (neither)."""

    pause: Pause
    going_on: bool
    ends_today: bool


def pause_at(pauses: Iterable[Pause], moment: datetime, day: date) -> Pause | None:
    """The pause that a moment lies in; the one that ends last, where it lies in several."""
    covering = [pause for pause in pauses if pause.covers(moment, day)]
    return max(covering, key=lambda pause: pause.until, default=None)


def told_of(pauses: Sequence[Pause], now: datetime, today: date) -> Told | None:
    """What a worker is told now; None where there is nothing to tell."""
    current = pause_at(pauses, now, today)
    if current is not None:
        return Told(current, going_on=True, ends_today=current.until == today)
    latest = max(pauses, key=lambda pause: (pause.until, pause.since), default=None)
    ran_out = latest is not None and latest.lifted_at is None and latest.until < today
    if latest is not None and ran_out and today <= latest.until + TOLD_FOR:
        return Told(latest, going_on=False, ends_today=False)
    return None


def rather_not(missing: Sequence[str], declined: str) -> bool:
    """Whether the last conversations at which somebody was asked were all declined. `missing`: why there is no answer.

    Conversations at which nobody was asked (paused, or not in the plan) are passed over by the caller.
    """
    return len(missing) >= RATHER_NOT and all(each == declined for each in missing[-RATHER_NOT:])
