"""How signals are followed through in a unit, counted. Pure: rows in, counts out."""

from __future__ import annotations

import statistics
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from medvirk.feedback.logic.courses import RISK
from medvirk.feedback.logic.following import TALK_WITHIN, Standing

#: Of a smaller number nothing is shown: it could be told who it is.
FEWEST = 5


@dataclass(frozen=True)
class Counted:
    """A signal as it is counted. `talked_at`: the talk that stands; `changed`: something was agreed in it."""

    kind: str
    citizen_id: uuid.UUID
    raised_at: datetime
    talked_at: datetime | None
    changed: bool
    standing: Standing


@dataclass(frozen=True)
class Share:
    """`part` of `of`."""

    part: int
    of: int

    @property
    def shown(self) -> bool:
        return self.of >= FEWEST


@dataclass(frozen=True)
class Numbers:
    """Of the signals of one kind, or of all. `people` are citizens with one or more of them.

    `in_time`: talked about within seven days, of those that have had seven days (or were talked about before) and did
    not vanish or end within them. `median_days` to the talk, of those talked about. `changed`: with an agreement, of
    those talked about. `moved`: of those whose verdict is in.
    """

    kind: str
    signals: int
    people: int
    in_time: Share
    talked: int
    median_days: float | None
    changed: Share
    moved: Share
    is_hidden: bool = False

    @property
    def shown(self) -> bool:
        return self.people >= FEWEST and not self.is_hidden


def numbers_of(kind: str, signals: Collection[Counted], *, now: datetime) -> Numbers:
    """Count signals that were raised before `now`."""
    talked = [each for each in signals if each.talked_at is not None]
    days = [(each.talked_at - each.raised_at).total_seconds() / 86400 for each in talked if each.talked_at]
    had_time = [each for each in signals if _had_time(each, now)]
    in_time = [each for each in had_time if each.talked_at and each.talked_at - each.raised_at <= TALK_WITHIN]
    judged = [each for each in talked if each.standing in {Standing.MOVED, Standing.NOT_MOVED}]
    return Numbers(
        kind=kind,
        signals=len(signals),
        people=len({each.citizen_id for each in signals}),
        in_time=Share(len(in_time), len(had_time)),
        talked=len(talked),
        median_days=statistics.median(days) if len(days) >= FEWEST else None,
        changed=Share(sum(each.changed for each in talked), len(talked)),
        moved=Share(sum(each.standing is Standing.MOVED for each in judged), len(judged)),
    )


def _had_time(signal: Counted, now: datetime) -> bool:
    """It could have been talked about in time: what vanished or ended by itself first asks nothing of anybody."""
    if signal.talked_at is not None:
        return True
    over = signal.standing in {Standing.GONE, Standing.ENDED}
    return not over and now - signal.raised_at >= TALK_WITHIN


def by_kind(signals: Iterable[Counted], *, now: datetime, order: Iterable[str]) -> list[Numbers]:
    """All together first (kind ""), then each kind there is, in this order. Answers about safety are counted apart:
    they have a procedure and a clock of their own."""
    held: dict[str, list[Counted]] = {}
    for each in signals:
        held.setdefault(each.kind, []).append(each)
    without_risk = [each for kind, some in held.items() if kind != RISK for each in some]
    kinds = [numbers_of(kind, held[kind], now=now) for kind in order if kind in held]
    return [numbers_of("", without_risk, now=now), *_beyond_difference(kinds)]


def _beyond_difference(kinds: list[Numbers]) -> list[Numbers]:
    """One hidden kind alone is what all together holds beyond the others: then the smallest other is hidden too."""
    parts = [each for each in kinds if each.kind != RISK]
    hidden = [each for each in parts if not each.shown]
    shown = [each for each in parts if each.shown]
    if len(hidden) != 1 or not shown:
        return kinds
    smallest = min(shown, key=lambda each: each.signals)
    return [replace(each, is_hidden=True) if each is smallest else each for each in kinds]


def months_back(today: date, months: int) -> tuple[date, date]:
    """(first day, day after the last) of the `months` whole months before this one."""
    end = today.replace(day=1)
    number = end.year * 12 + end.month - 1 - months
    return date(number // 12, number % 12 + 1, 1), end
