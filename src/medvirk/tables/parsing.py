"""From cells to numbers, dates and texts, column by column, with all faults found before anything is refused.

Missing. An empty cell is missing, and so are the texts in MISSING whatever their case. A code such as 99 or
-9 is a number like any other; it is caught where it lies outside the range.

Numbers. The decimal sign is settled for a whole column, never cell by cell:

1. Some cells can be read in one way only: `12,5`, `0,125` and `1.234,5` have a decimal comma, `12.5` and
   `1,234.5` a decimal point. They settle the column. If a column has both kinds, the cells of the rarer kind
   are faults.
2. If no cell settles it, the file does: semicolons between the cells go with a decimal comma, commas with a
   point. A workbook or a file with tabs tells nothing.
3. `1.234` and `1,234` could mean a thousand or one and a bit. They are read as decimals if their sign is the
   column's, and are faults otherwise, so a number is never silently a thousand times wrong.

A space between groups of three digits is fine, as is a scientific exponent. Numbers in a workbook are exact.

Dates. `dd.mm.yyyy` and `yyyy-mm-dd`, with or without a time of day, or a date cell in a workbook. Other ways
to write dates put the month in different places and are faults; so is a year of two digits.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import TypeVar

from medvirk.tables.faults import Fault, FaultList, gettext_noop
from medvirk.tables.table import Cell, Table

# Stata and SAS write a lone point, people write a dash, and #I/T is what Norwegian Excel calls #N/A.
MISSING = frozenset({"", "na", "n/a", "nan", "null", "#n/a", "#i/t", ".", "-", "–", "—"})

SPACES = re.compile(r"(?<=\d)[ \u00a0\u2009\u202f](?=\d{3}(?!\d))")
EXPONENT = r"(?:[eE][+-]?\d+)?"
INTEGER = re.compile(rf"[+-]?\d+{EXPONENT}")
ONE_SIGN = re.compile(rf"[+-]?(?P<whole>\d*)(?P<sign>[.,])(?P<rest>\d+){EXPONENT}")
GROUPED = re.compile(r"[+-]?\d{1,3}(?P<group>[.,])\d{3}(?:(?P=group)\d{3})*(?P<sign>(?!(?P=group))[.,])\d+")
ONLY_GROUPS = re.compile(r"[+-]?[1-9]\d{0,2}(?P<group>[.,])\d{3}(?:(?P=group)\d{3})+")
NORWEGIAN_DATE = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(?: (\d{1,2}):(\d{2})(?::(\d{2}))?)?")
ISO_DATE = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?)?")

Value = TypeVar("Value")

# Stands in a column until its faults are raised; never handed out.
NO_DAY = datetime.min  # noqa: DTZ901

NOT_A_NUMBER = gettext_noop("This is not a number. Write digits only, or leave the cell empty.")
DATE_NOT_NUMBER = gettext_noop(
    "This is a date, but a number is needed. Excel may have turned a number into a date."
)
AMBIGUOUS = gettext_noop("This could be a thousand or a decimal. Write it without a thousands separator.")
OTHER_SIGN = gettext_noop("Most of this column has the decimal sign “%(sign)s”. Use the same sign here.")
NOT_A_DATE = gettext_noop("This is not a date we can read. Write it as dd.mm.yyyy or yyyy-mm-dd.")
NO_SUCH_DAY = gettext_noop("There is no such day or time. Write dates as dd.mm.yyyy or yyyy-mm-dd.")


class TimeUnit(StrEnum):
    NUMBER = "number"
    DAY = "day"


@dataclass(frozen=True)
class Times:
    """A column of times. values: numbers as written, or days since 1 January of year 1; None is missing."""

    unit: TimeUnit
    values: tuple[float | None, ...]


def is_missing(cell: Cell) -> bool:
    """Whether a cell stands for "no value"."""
    return cell is None or (isinstance(cell, str) and cell.strip().casefold() in MISSING)


def as_text(cell: Cell) -> str:
    """A cell as a person would write it: 101.0 from a workbook is 101."""
    if isinstance(cell, datetime):
        return (
            cell.date().isoformat() if not (cell.hour or cell.minute or cell.second) else cell.isoformat(" ")
        )
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def texts(table: Table, column: str) -> list[str | None]:
    """A column as texts, such as identifiers; None is missing. Raises KeyError for an unknown heading."""
    return [None if is_missing(cell) else as_text(cell) for cell in table.column(column)]


def numbers(table: Table, column: str, faults: FaultList | None = None) -> list[float | None]:
    """A column as numbers; None is missing.

    With `faults`, a cell that cannot be read is added there and is NaN in the result, so that the caller can
    look for what else is wrong before it raises them together.

    Raises TableFaults with every cell that is not a number or can be read in two ways; KeyError for an
    unknown heading.
    """
    cells = table.column(column)
    sign = _decimal_sign(cells, table.decimal_sign)
    found = FaultList() if faults is None else faults
    values = _column(table, column, lambda cell: _number(cell, sign), found, math.nan)
    if faults is None:
        found.raise_if_any()
    return values


def dates(table: Table, column: str) -> list[datetime | None]:
    """A column as dates with time of day (midnight if none is written), without time zone; None is missing.

    Raises TableFaults with every cell that is not a date; KeyError for an unknown heading.
    """
    found = FaultList()
    values = _column(table, column, _date, found, NO_DAY)
    found.raise_if_any()
    return values


def dates_or_numbers(table: Table, column: str, faults: FaultList | None = None) -> Times:
    """A column of times: all dates or all numbers, whichever at least half of its cells are.

    With `faults`, as in `numbers`: a cell that cannot be read is NaN in the result.

    Raises TableFaults with every cell of the other kind; KeyError for an unknown heading.
    """
    cells = [cell for cell in table.column(column) if not is_missing(cell)]
    looks_like_dates = sum(_looks_like_date(cell) for cell in cells)
    if looks_like_dates == 0 or 2 * looks_like_dates < len(cells):
        return Times(TimeUnit.NUMBER, tuple(numbers(table, column, faults)))
    found = FaultList() if faults is None else faults
    days = _column(table, column, lambda cell: _days(_date(cell)), found, math.nan)
    if faults is None:
        found.raise_if_any()
    return Times(TimeUnit.DAY, tuple(days))


class _Unreadable(ValueError):
    """A cell that is a fault."""

    def __init__(self, problem: str, **facts: str) -> None:
        super().__init__(problem)
        self.problem = problem
        self.facts = facts


def _column(
    table: Table, column: str, read: Callable[[Cell], Value], faults: FaultList, unreadable: Value
) -> list[Value | None]:
    """Every cell through `read`; what cannot be read is a fault, and `unreadable` among the values."""
    values: list[Value | None] = []
    for number, cell in zip(table.row_numbers, table.column(column), strict=True):
        if is_missing(cell):
            values.append(None)
            continue
        try:
            values.append(read(cell))
        except _Unreadable as fault:
            faults.add(Fault(number, column, as_text(cell), fault.problem, fault.facts))
            values.append(unreadable)
    return values


def _decimal_sign(cells: Sequence[Cell], likely: str | None) -> str | None:
    """The decimal sign of a column: from cells that can be read in one way only, otherwise from the file."""
    found = Counter(
        sign
        for cell in cells
        if isinstance(cell, str) and (sign := _certain_sign(SPACES.sub("", cell.strip())))
    )
    if not found:
        return likely
    if found[","] == found["."]:
        return likely or ","
    return "," if found[","] > found["."] else "."


def _certain_sign(text: str) -> str | None:
    """The decimal sign that a number proves; None when it proves none."""
    if found := GROUPED.fullmatch(text):
        return found["sign"]
    if found := ONLY_GROUPS.fullmatch(text):
        return "," if found["group"] == "." else "."
    found = ONE_SIGN.fullmatch(text)
    return None if found is None or _could_be_thousands(found) else found["sign"]


def _could_be_thousands(found: re.Match[str]) -> bool:
    whole = found["whole"]
    return len(found["rest"]) == 3 and 1 <= len(whole) <= 3 and not whole.startswith("0")


def _number(cell: Cell, sign: str | None) -> float:
    """One number, read with the decimal sign of its column."""
    if isinstance(cell, date):
        raise _Unreadable(DATE_NOT_NUMBER)
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return _finite(float(cell))
    if not isinstance(cell, str):
        raise _Unreadable(NOT_A_NUMBER)
    text = SPACES.sub("", cell.strip().replace("\u2212", "-"))
    if INTEGER.fullmatch(text):
        return _finite(float(text))
    certain = _certain_sign(text)
    if certain is None and (found := ONE_SIGN.fullmatch(text)):
        if found["sign"] != sign:
            raise _Unreadable(AMBIGUOUS)
        certain = sign
    if certain is None:
        raise _Unreadable(DATE_NOT_NUMBER if _looks_like_date(text) else NOT_A_NUMBER)
    if certain != sign and sign is not None:
        raise _Unreadable(OTHER_SIGN, sign=sign)
    other = "." if certain == "," else ","
    return _finite(float(text.replace(other, "").replace(certain, ".")))


def _finite(value: float) -> float:
    if not math.isfinite(value):
        raise _Unreadable(NOT_A_NUMBER)
    return value


def _looks_like_date(cell: Cell) -> bool:
    if isinstance(cell, str):
        return bool(NORWEGIAN_DATE.fullmatch(cell.strip()) or ISO_DATE.fullmatch(cell.strip()))
    return isinstance(cell, date)


def _date(cell: Cell) -> datetime:
    if isinstance(cell, datetime):
        return cell.replace(tzinfo=None)
    if isinstance(cell, date):
        return datetime(cell.year, cell.month, cell.day)  # noqa: DTZ001 - a table's day has no time zone
    if not isinstance(cell, str):
        raise _Unreadable(NOT_A_DATE)
    if found := NORWEGIAN_DATE.fullmatch(cell.strip()):
        day, month, year, *clock = found.groups()
    elif found := ISO_DATE.fullmatch(cell.strip()):
        year, month, day, *clock = found.groups()
    else:
        raise _Unreadable(NOT_A_DATE)
    hour, minute, second = (int(part or 0) for part in clock)
    try:
        return datetime(int(year), int(month), int(day), hour, minute, second)  # noqa: DTZ001
    except ValueError:
        raise _Unreadable(NO_SUCH_DAY) from None


def _days(moment: datetime) -> float:
    """Days since 1 January of year 1, with the time of day as a fraction."""
    return (moment - datetime.min) / timedelta(days=1)  # noqa: DTZ901 - both without time zone
