"""Who sees to an answer about safety, how fast, by the hour of the day: as the municipality has decided it."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

NORWAY = ZoneInfo("Europe/Oslo")
SATURDAY = 6
#: How finely the week is looked through for hours that nobody has.
STEP = timedelta(minutes=30)
WEEK = 7


class Days(StrEnum):
    EVERY = "every"
    WORKDAYS = "workdays"
    WEEKEND = "weekend"


@dataclass(frozen=True)
class Line:
    """From `begins` (that minute counts) to `ends` (it does not), on these days, `who` sees to it within `within`.

    A stretch that passes midnight begins later than it ends, and belongs to the day it begins on. Equal times: all day.
    """

    days: Days
    begins: time
    ends: time
    who: str
    phone: str
    within: timedelta

    def covers(self, now: datetime) -> bool:
        """By the clock on the wall in Norway, summer and winter."""
        local = now.astimezone(NORWAY)
        clock = local.time().replace(second=0, microsecond=0)
        if self.begins < self.ends:
            return self.begins <= clock < self.ends and self._on(local)
        if self.begins == self.ends:
            return self._on(local)
        if clock >= self.begins:
            return self._on(local)
        return clock < self.ends and self._on(local - timedelta(days=1))

    def _on(self, local: datetime) -> bool:
        weekend = local.isoweekday() >= SATURDAY
        return self.days is Days.EVERY or (self.days is Days.WEEKEND) == weekend


def line_at(lines: Iterable[Line], now: datetime) -> Line | None:
    """The first line that covers this moment; None where nobody has it."""
    return next((line for line in lines if line.covers(now)), None)


def who_decides(
    above: Sequence[uuid.UUID],
    carried_on: Mapping[uuid.UUID, Sequence[uuid.UUID]],
    decided: Collection[uuid.UUID],
) -> tuple[uuid.UUID, ...]:
    """Whose lines hold in the first of `above` (a unit and those it stands under): its own; else those of the units it
    carries on (`carried_on`), of all of them where it was merged, so that no hour loses somebody; else those of the
    next above.
    """
    for unit in above:
        asked, met = [unit], {unit}
        while asked:
            if found := tuple(each for each in asked if each in decided):
                return found
            asked = [old for each in asked for old in carried_on.get(each, ()) if old not in met]
            asked = list(dict.fromkeys(asked))
            met.update(asked)
    return ()


@dataclass(frozen=True)
class Gap:
    """A stretch of the week that no line covers, by weekday (1 is Monday) and clock."""

    weekday: int
    begins: time
    ends: time


def gaps(lines: Sequence[Line]) -> list[Gap]:
    """The hours of an ordinary week that nobody has, to the half hour."""
    # A week without a change of the clock.
    monday = datetime(2025, 1, 6, tzinfo=NORWAY)
    found: list[Gap] = []
    for day in range(WEEK):
        began: time | None = None
        for at in range(int(timedelta(days=1) / STEP) + 1):
            moment = monday + timedelta(days=day) + at * STEP
            last = at == int(timedelta(days=1) / STEP)
            covered = last or line_at(lines, moment) is not None
            if not covered and began is None:
                began = moment.time()
            elif covered and began is not None:
                found.append(Gap(day + 1, began, moment.time()))
                began = None
    return found
