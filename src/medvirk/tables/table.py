"""What a file becomes once it is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

# Text files give text only; workbooks also give numbers and dates. None is an empty cell.
Cell = str | int | float | bool | date | datetime | time | timedelta | None


@dataclass(frozen=True)
class Table:
    """A table with one heading row.

    columns: the headings, in the order of the file.
    rows: one mapping from heading to cell per row that is not blank.
    row_numbers: the number each of `rows` has in Excel, where the header is row 1.
    decimal_sign: "," or "." where the way the file separates its cells tells which is likely, otherwise None.
    sheet: the sheet it was read from; None for a text file.
    """

    columns: tuple[str, ...]
    rows: tuple[Mapping[str, Cell], ...]
    row_numbers: tuple[int, ...]
    decimal_sign: str | None = None
    sheet: str | None = None

    def column(self, name: str) -> list[Cell]:
        """The cells of one column, in the order of `rows`. Raises KeyError for an unknown heading."""
        if name not in self.columns:
            raise KeyError(name)
        return [row[name] for row in self.rows]
