"""From a table to scores in order of person and time, or every fault of every row."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medvirk.instruments.definitions import Item
from medvirk.instruments.logic import allowed_answers, score_table
from medvirk.interop.scores.options import Plan, Transform
from medvirk.stats.faults import Floats
from medvirk.stats.growth import TimeUnit as CountedIn
from medvirk.tables import (
    Fault,
    FaultList,
    Table,
    Times,
    TimeUnit,
    dates_or_numbers,
    gettext_noop,
    numbers,
    texts,
)

#: The length of a unit in days; a month is a twelfth of a year.
DAYS = {CountedIn.DAYS: 1.0, CountedIn.WEEKS: 7.0, CountedIn.MONTHS: 365.25 / 12}

NO_ROWS = gettext_noop("The file has headings but no rows.")
NO_PERSON = gettext_noop("The row does not say whose it is. Fill in the person, or remove the row.")
NO_TIME = gettext_noop("The row has no time. Fill in a number or a date, or remove the row.")
TWICE = gettext_noop("The same person and time stand in row %(first)s too. Keep one of them.")
OUTSIDE = gettext_noop("The score must lie from %(low)s to %(high)s. Correct it, or leave the cell empty.")
NOT_ALLOWED = gettext_noop(
    "This is not an answer to the item: allowed is %(allowed)s. Correct it, or leave it empty."
)
LOG_OF_DATES = gettext_noop("--transform log needs session numbers. With dates, use log1p or none.")
LOG_OF_ZERO = gettext_noop(
    "--transform log needs times above 0, such as session 1, 2, 3. Use log1p, or renumber."
)
NO_SCORES = gettext_noop("No row has a score. Check that the right column is named.")


@dataclass(frozen=True)
class Scores:
    """One element per row of the table, ordered by person (as they first appear) and time.

    person: (n,) number of the person, 0, 1, 2, …. names: (persons,) who that is in the file.
    time: (n,) the file's number, or for dates the time since the person's first row. since_first: (n,) the same
    counted from the person's first row, with or without a score. score: (n,) points, NaN is missing. items: (n, k)
    in points, reversed where the scale says so; None without items. dated: whether the file has dates. unit: what
    time is counted in, None where numbers stand in the file and nobody said. groups: for each column that was
    asked for (persons,) the value in the person's first row that has one, "" for none.
    """

    person: NDArray[np.int64]
    time: Floats
    since_first: Floats
    score: Floats
    items: Floats | None
    dated: bool
    names: tuple[str, ...]
    unit: CountedIn | None = None
    groups: tuple[tuple[str, ...], ...] = ()


def read_scores(table: Table, plan: Plan) -> Scores:
    """Raises TableFaults with every fault of every row; nothing is read half-way."""
    faults = FaultList()
    if not table.rows:
        faults.add(Fault(None, None, None, NO_ROWS))
    persons = _persons(table, plan, faults)
    times = _times(table, plan, faults)
    score, items = _column_score(table, plan, faults) if plan.score else _item_scores(table, plan, faults)
    _check_repeats(table, plan, persons, times, faults)
    if table.rows and not faults.faults and np.isnan(score).all():
        faults.add(Fault(None, plan.score_name, None, NO_SCORES))
    faults.raise_if_any()
    return _ordered(table, plan, persons=persons, times=times, score=score, items=items)


def _persons(table: Table, plan: Plan, faults: FaultList) -> list[str | None]:
    persons = texts(table, plan.person)
    for number, person in zip(table.row_numbers, persons, strict=True):
        if person is None:
            faults.add(Fault(number, plan.person, None, NO_PERSON))
    return persons


def _times(table: Table, plan: Plan, faults: FaultList) -> Times:
    times = dates_or_numbers(table, plan.time, faults)
    for number, time in zip(table.row_numbers, times.values, strict=True):
        if time is None:
            faults.add(Fault(number, plan.time, None, NO_TIME))
        elif plan.transform is Transform.LOG and times.unit is TimeUnit.NUMBER and time <= 0:
            faults.add(Fault(number, plan.time, f"{time:g}", LOG_OF_ZERO))
    if plan.transform is Transform.LOG and times.unit is TimeUnit.DAY:
        faults.add(Fault(None, plan.time, None, LOG_OF_DATES))
    return times


def _check_repeats(
    table: Table, plan: Plan, persons: list[str | None], times: Times, faults: FaultList
) -> None:
    first: dict[tuple[str, float], int] = {}
    for at, (number, person, time) in enumerate(zip(table.row_numbers, persons, times.values, strict=True)):
        if person is None or time is None or math.isnan(time):
            continue
        earlier = first.setdefault((person, time), number)
        if earlier != number:
            told = f"{person}, {table.rows[at][plan.time]}"
            faults.add(Fault(number, f"{plan.person}, {plan.time}", told, TWICE, {"first": earlier}))


def _as_array(values: list[float | None]) -> Floats:
    return np.array([math.nan if value is None else value for value in values], dtype=np.float64)


def _column_score(table: Table, plan: Plan, faults: FaultList) -> tuple[Floats, None]:
    score = _as_array(numbers(table, plan.score_name, faults))
    _check_range(table, plan, score, faults)
    return score, None


def _check_range(table: Table, plan: Plan, score: Floats, faults: FaultList) -> None:
    low, high = plan.measure.low, plan.measure.high
    for at in np.flatnonzero((score < low) | (score > high)):
        facts = {"low": f"{low:g}", "high": f"{high:g}"}
        faults.add(Fault(table.row_numbers[at], plan.score_name, f"{score[at]:g}", OUTSIDE, facts))


def _item_scores(table: Table, plan: Plan, faults: FaultList) -> tuple[Floats, Floats]:
    instrument, scale = plan.measure.instrument, plan.measure.scale
    answers = np.full((len(table.rows), len(plan.items)), math.nan)
    before = len(faults.faults)
    for at, column in enumerate(plan.items):
        answers[:, at] = _as_array(numbers(table, column, faults))
        if instrument is not None:
            _check_answers(table, column, answers[:, at], instrument.items[at], faults)
    if len(faults.faults) > before:
        return np.full(len(table.rows), math.nan), answers
    if instrument is None or scale is None:
        score = answers.sum(axis=1)
        _check_range(table, plan, score, faults)
        return score, answers
    keys = [item.key for item in instrument.items]
    score = score_table(instrument, scale.key, answers, keys)
    return score, _oriented(answers, instrument.items, scale.items, scale.reversed)


def _check_answers(table: Table, column: str, answers: Floats, item: Item, faults: FaultList) -> None:
    possible = np.isin(answers, item.options) if item.options else _within(answers, item)
    for at in np.flatnonzero(~possible & ~np.isnan(answers)):
        facts = {"allowed": allowed_answers(item)}
        faults.add(Fault(table.row_numbers[at], column, f"{answers[at]:g}", NOT_ALLOWED, facts))


def _within(answers: Floats, item: Item) -> NDArray[np.bool_]:
    low = -math.inf if item.low is None else item.low
    high = math.inf if item.high is None else item.high
    return np.asarray((answers >= low) & (answers <= high))


def _oriented(
    answers: Floats, items: tuple[Item, ...], used: tuple[str, ...], reversed_items: tuple[str, ...]
) -> Floats:
    """The items of the scale, all counting the same way, as alpha needs them."""
    columns = []
    for at, item in enumerate(items):
        if item.key not in used:
            continue
        low = min(item.options) if item.options else item.low or 0.0
        high = max(item.options) if item.options else item.high or 0.0
        columns.append(low + high - answers[:, at] if item.key in reversed_items else answers[:, at])
    return np.column_stack(columns)


def _ordered(
    table: Table,
    plan: Plan,
    *,
    persons: list[str | None],
    times: Times,
    score: Floats,
    items: Floats | None,
) -> Scores:
    codes = {name: code for code, name in enumerate(dict.fromkeys(persons))}
    person = np.array([codes[name] for name in persons], dtype=np.int64)
    time = np.array(times.values, dtype=np.float64)
    order = np.lexsort((time, person))
    person, time = person[order], time[order]
    first = np.searchsorted(person, np.arange(len(codes)))
    since_first = time - time[first][person]
    dated = times.unit is TimeUnit.DAY
    unit = plan.time_unit or (CountedIn.WEEKS if dated else None)
    if dated and unit is not None:
        number = np.arange(person.size) - first[person]
        since_first = number.astype(np.float64) if unit is CountedIn.SESSIONS else since_first / DAYS[unit]
    shown = since_first if dated else time
    return Scores(
        person, shown, since_first, score[order], None if items is None else items[order], dated,
        names=tuple(str(name) for name in codes), unit=unit,
        groups=tuple(_group(table, column, person, order) for column in plan.groups),
    )  # fmt: skip


def _group(table: Table, column: str, person: NDArray[np.int64], order: NDArray[np.int64]) -> tuple[str, ...]:
    """Each person's earliest value in a column."""
    values = texts(table, column)
    found = [""] * (int(person[-1]) + 1)
    for who, row in zip(person.tolist(), order.tolist(), strict=True):
        found[who] = found[who] or values[row] or ""
    return tuple(found)
