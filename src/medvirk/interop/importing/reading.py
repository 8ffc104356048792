"""From cells to typed rows. A cell that cannot be read is a fault; the rest of its row is still looked at."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TypeVar

from medvirk.interop.importing.columns import Columns, Field
from medvirk.tables import Fault, Table, TableFaults, dates, numbers, texts
from medvirk.tables.parsing import as_text

Value = TypeVar("Value")

#: Anything may be a name: Na and Null are family names, so these columns know no codes for "missing".
TAKEN_AS_WRITTEN = (Field.PERSON, Field.GIVEN_NAME, Field.FAMILY_NAME, Field.OWN_WORDS)
NO_ROWS = "The file has headings but no rows."


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: one person at one session.

    number: as in Excel. Empty text, None and an absent item mean that the cell is empty. session: local
    time without zone; midnight where the file gives the day only. items: answers by item number, 1 and up.
    broken: headings whose cell could not be read, which is told already.
    """

    number: int
    person: str = ""
    given_name: str = ""
    family_name: str = ""
    national_id: str = ""
    birth_date: date | None = None
    phone: str = ""
    unit: str = ""
    worker: str = ""
    episode_start: date | None = None
    episode_end: date | None = None
    ending: str = ""
    session: datetime | None = None
    instrument: str = ""
    score: float | None = None
    items: Mapping[int, float] = field(default_factory=dict)
    own_words: str = ""
    meeting_instrument: str = ""
    meeting_score: float | None = None
    meeting_items: Mapping[int, float] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()


def read_rows(table: Table, columns: Columns) -> tuple[list[Row], list[Fault]]:
    """Every row, and every cell that is not the date or number that its column asks for."""
    reader = _Reader(table, columns)
    dates_of = {each: reader.field(each, dates) for each in _DATES}
    numbers_of = {each: reader.field(each, numbers) for each in (Field.SCORE, Field.MEETING_SCORE)}
    items = {number: reader.column(name, numbers) for number, name in columns.items.items()}
    meeting = {number: reader.column(name, numbers) for number, name in columns.meeting_items.items()}
    words = {each: reader.field(each, _written) for each in TAKEN_AS_WRITTEN}
    codes = {each: reader.field(each, texts) for each in _CODES}
    rows = [
        Row(
            number=number,
            person=words[Field.PERSON][at] or "",
            given_name=words[Field.GIVEN_NAME][at] or "",
            family_name=words[Field.FAMILY_NAME][at] or "",
            national_id=codes[Field.NATIONAL_ID][at] or "",
            birth_date=_day(dates_of[Field.BIRTH_DATE][at]),
            phone=codes[Field.PHONE][at] or "",
            unit=codes[Field.UNIT][at] or "",
            worker=codes[Field.WORKER][at] or "",
            episode_start=_day(dates_of[Field.EPISODE_START][at]),
            episode_end=_day(dates_of[Field.EPISODE_END][at]),
            ending=codes[Field.ENDING][at] or "",
            session=dates_of[Field.SESSION][at],
            instrument=codes[Field.INSTRUMENT][at] or "",
            score=numbers_of[Field.SCORE][at],
            items=_answered(items, at),
            own_words=words[Field.OWN_WORDS][at] or "",
            meeting_instrument=codes[Field.MEETING_INSTRUMENT][at] or "",
            meeting_score=numbers_of[Field.MEETING_SCORE][at],
            meeting_items=_answered(meeting, at),
            broken=frozenset(reader.broken.get(number, ())),
        )
        for at, number in enumerate(table.row_numbers)
    ]
    return rows, [*reader.faults, *([] if rows else [Fault(None, None, None, NO_ROWS)])]


_DATES = (Field.BIRTH_DATE, Field.EPISODE_START, Field.EPISODE_END, Field.SESSION)
_CODES = (
    Field.NATIONAL_ID,
    Field.PHONE,
    Field.UNIT,
    Field.WORKER,
    Field.ENDING,
    Field.INSTRUMENT,
    Field.MEETING_INSTRUMENT,
)


class _Reader:
    """Reads columns of one table and gathers what cannot be read."""

    def __init__(self, table: Table, columns: Columns) -> None:
        self.table = table
        self.columns = columns
        self.faults: list[Fault] = []
        self.broken: dict[int, set[str]] = {}

    def field(
        self, name: Field, read: Callable[[Table, str], Sequence[Value | None]]
    ) -> Sequence[Value | None]:
        """A column of the documentation; all empty where the file does not have it."""
        heading = self.columns.headings.get(name)
        return [None] * len(self.table.rows) if heading is None else self.column(heading, read)

    def column(
        self, heading: str, read: Callable[[Table, str], Sequence[Value | None]]
    ) -> Sequence[Value | None]:
        """The column; a cell that cannot be read is told and taken as empty."""
        table = self.table
        while True:
            try:
                return read(table, heading)
            except TableFaults as found:
                self.faults += found.faults
                bad = {fault.row for fault in found.faults}
                for fault in found.faults:
                    if fault.row is not None:
                        self.broken.setdefault(fault.row, set()).add(heading)
                table = _without(table, heading, bad)


def _without(table: Table, heading: str, rows: set[int | None]) -> Table:
    """The table with some cells of one column emptied."""
    emptied = tuple(
        {**row, heading: None} if number in rows else row
        for number, row in zip(table.row_numbers, table.rows, strict=True)
    )
    return replace(table, rows=emptied)


def _written(table: Table, heading: str) -> list[str | None]:
    return [None if cell is None else as_text(cell).strip() for cell in table.column(heading)]


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


def _answered(items: Mapping[int, Sequence[float | None]], at: int) -> dict[int, float]:
    return {number: value for number, values in items.items() if (value := values[at]) is not None}


def shown(name: Field, value: str) -> str:
    """A cell as a fault may show it: of a national identity number only the date of birth."""
    digits = re.sub(r"\s", "", value)
    is_number = name is Field.NATIONAL_ID or (name is Field.PERSON and re.fullmatch(r"\d{10,11}", digits))
    return f"{digits[:6]}{'•' * len(digits[6:])}" if is_number else value
