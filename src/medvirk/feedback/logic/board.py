"""The team's board: where a card stands, how often it is met, and what belongs to today."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

#: Over so long it is counted how often somebody was met.
COUNTED = timedelta(days=28)


@dataclass(frozen=True)
class Column:
    """A column as it stands on a board, from the closest help to the rarest. `id`: None before the team has its own."""

    key: str
    name: str
    contacts: float | None
    starts_here: bool
    id: int | None = None


#: What a team has before it sets its own: three, and most stand in the middle.
DEFAULTS = (
    Column("intensive", "", 3.0, starts_here=False),
    Column("usual", "", 1.0, starts_here=True),
    Column("rarely", "", 0.5, starts_here=False),
)


@dataclass(frozen=True)
class Placed:
    """The latest move of a course."""

    column_id: int
    column_key: str
    since: date
    contacts: float | None


def place_of(columns: Sequence[Column], placed: Placed | None) -> int:
    """In which of the columns a course stands: where it was moved, else where courses begin.

    After a reorganisation, or when a column is gone, it stands in the column that is called the same in the list of
    three; else where courses begin, so that nobody falls off the board.
    """
    if placed is not None:
        for number, column in enumerate(columns):
            if column.id is not None and column.id == placed.column_id:
                return number
        for number, column in enumerate(columns):
            if column.key and column.key == placed.column_key:
                return number
    return next((number for number, column in enumerate(columns) if column.starts_here), 0)


def stands(columns: Sequence[Column], placed: Placed | None) -> tuple[int, date | None, float | None]:
    """(number of the column, since when, how often a week it should be met) of one course.

    `since` is None where nobody has moved it.
    """
    number = place_of(columns, placed)
    own = placed.contacts if placed is not None and _is_there(columns[number], placed) else None
    since = placed.since if placed is not None and _is_there(columns[number], placed) else None
    return number, since, own if own is not None else columns[number].contacts


def _is_there(column: Column, placed: Placed) -> bool:
    return column.id == placed.column_id or (bool(column.key) and column.key == placed.column_key)


def met_lately(held: Iterable[datetime], *, started_on: date, today: date, now: datetime) -> int | None:
    """How often somebody was met in the last four weeks; None in the first week of a course."""
    if (today - started_on).days < 7:
        return None
    return sum(now - COUNTED <= each <= now for each in held)
