"""The use of feedback in a unit, month by month: how often it was asked and answered, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from medvirk.feedback.logic.answering import Around, Tally, tally

#: Where fewer could have answered, the month is not shown: it would tell of single people.
FEWEST = 5
#: So many whole months are shown.
MONTHS = 24
#: What was sent so shortly before the conversation was sent in the waiting room or at the table.
AT_THE_CONVERSATION = timedelta(minutes=30)


class When(StrEnum):
    """When an answer was given, seen from the conversation."""

    DAYS_BEFORE = "days_before"
    SAME_DAY = "same_day"
    AT_IT = "at_it"
    AFTER = "after"


def months_until(today: date, count: int = MONTHS) -> list[date]:
    """The first days of the last `count` whole months before the month of `today`, oldest first."""
    months = []
    year, month = today.year, today.month
    for _ in range(count):
        year, month = (year, month - 1) if month > 1 else (year - 1, 12)
        months.append(date(year, month, 1))
    return months[::-1]


def month_of(day: date) -> date:
    return day.replace(day=1)


@dataclass(frozen=True)
class Month:
    """One month. `before` and `after`: what came of the form about life, and of that about the conversation."""

    first: date
    before: Tally
    after: Tally


def by_month(
    months: Sequence[date],
    before: Iterable[tuple[date, Around]],
    after: Iterable[tuple[date, Around]],
) -> list[Month]:
    """Counts of each month, from (day of the conversation, what came of asking) of each citizen and conversation."""
    first, second = _grouped(before), _grouped(after)
    return [Month(month, tally(first.get(month, ())), tally(second.get(month, ()))) for month in months]


def _grouped(rows: Iterable[tuple[date, Around]]) -> Mapping[date, list[Around]]:
    grouped: dict[date, list[Around]] = {}
    for day, around in rows:
        grouped.setdefault(month_of(day), []).append(around)
    return grouped


def counts(tallies: Iterable[Tally]) -> tuple[list[float | None], list[float | None]]:
    """Answered, and could have, of each month as a control chart takes them; None where too few could have."""
    numerators: list[float | None] = []
    denominators: list[float | None] = []
    for each in tallies:
        shown = each.could_answer >= FEWEST
        numerators.append(each.answered if shown else None)
        denominators.append(each.could_answer if shown else None)
    return numerators, denominators


@dataclass(frozen=True)
class Noted:
    """What changed in a unit from a month on, in its leader's words. `new_limits`: months are compared anew from it."""

    id: int
    month: date
    words: str
    new_limits: bool


def phases_from(months: Sequence[date], notes: Iterable[Noted]) -> list[tuple[int, str]]:
    """(place of the month, words) of each change from which a control chart gets new limits.

    The first month begins the first limits anyway.
    """
    places = {month: place for place, month in enumerate(months)}
    found = ((places.get(each.month, 0), each.words) for each in notes if each.new_limits)
    return sorted((place, words) for place, words in found if place)


def total(tallies: Iterable[Tally]) -> Tally:
    """All of them as one."""
    listed = list(tallies)
    names = ("answered", "declined", "paused", "cancelled", "not_asked", "not_answered")
    return Tally(**{name: sum(getattr(each, name) for each in listed) for name in names})


def when_of(submitted_at: datetime, starts_at: datetime, *, same_day: bool) -> When:
    """When an answer was given, seen from its conversation. `same_day`: on the same day of the house."""
    if submitted_at > starts_at + AT_THE_CONVERSATION:
        return When.AFTER
    if submitted_at >= starts_at - AT_THE_CONVERSATION:
        return When.AT_IT
    return When.SAME_DAY if same_day else When.DAYS_BEFORE
