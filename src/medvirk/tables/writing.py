"""Tables that a spreadsheet opens as they were meant, and that run nothing when opened."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterable, Sequence
from pathlib import Path

from medvirk.tables.table import Cell

# A spreadsheet takes a text that begins so for a formula. An apostrophe in front makes it text again.
FORMULA_STARTS = ("=", "+", "-", "@")
CONTROLS = ("\t", "\r", "\n")
#: What spreadsheets pass over in front of the first sign: blanks, and signs that no one can see.
UNSEEN = {"Zs", "Zl", "Zp", "Cc", "Cf"}


def safe_text(text: str) -> str:
    """The text, with an apostrophe in front if a spreadsheet would otherwise take it for a formula.

    Blanks in front do not make it safe, nor do the wide forms of these signs that East Asian keyboards write.
    """
    return f"'{text}" if text.startswith(CONTROLS) or _first_sign(text) in FORMULA_STARTS else text


def _first_sign(text: str) -> str:
    """The first sign that can be seen, in its plain form; empty if there is none."""
    seen = next((sign for sign in text if unicodedata.category(sign) not in UNSEEN), "")
    return unicodedata.normalize("NFKC", seen)


def csv_bytes(
    columns: Sequence[str], rows: Iterable[Sequence[Cell]], *, delimiter: str = ";", decimal_sign: str = ","
) -> bytes:
    """A CSV file as Norwegian Excel writes it: semicolons, decimal commas, UTF-8 with byte order mark.

    columns: the headings. rows: one sequence of cells per row, as long as `columns`.
    None is written as an empty cell, dates as yyyy-mm-dd, texts that look like formulas with an apostrophe in
    front.

    Raises ValueError when a row is not as long as the headings, or delimiter and decimal sign are the same.
    """
    if delimiter == decimal_sign:
        raise ValueError(f"The cells cannot be separated by “{delimiter}”, which is also the decimal sign.")
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow([safe_text(column) for column in columns])
    for number, row in enumerate(rows, start=2):
        if len(row) != len(columns):
            raise ValueError(f"Row {number} has {len(row)} cells; there are {len(columns)} headings.")
        writer.writerow([_written(cell, decimal_sign) for cell in row])
    return stream.getvalue().encode("utf-8-sig")


def write_csv(
    path: Path | str,
    columns: Sequence[str],
    rows: Iterable[Sequence[Cell]],
    *,
    delimiter: str = ";",
    decimal_sign: str = ",",
) -> None:
    """Write what `csv_bytes` makes; it is made before the file is opened, so a fault leaves no half file."""
    Path(path).write_bytes(csv_bytes(columns, rows, delimiter=delimiter, decimal_sign=decimal_sign))


def _written(cell: Cell, decimal_sign: str) -> str:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return repr(cell).replace(".", decimal_sign)
    return safe_text(str(cell)) if isinstance(cell, str) else str(cell)
