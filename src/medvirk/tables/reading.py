"""From a file to a Table: text with semicolons, commas or tabs, an Excel workbook, or Parquet.

What the file is shows in its first bytes, never in its name. Text is UTF-8 (with or without byte order mark),
UTF-16 (Excel's "Unicode text") or Windows-1252, which covers Latin-1.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path

from medvirk.tables import parquet
from medvirk.tables.faults import Fault, TableFaults, gettext_noop
from medvirk.tables.limits import DAMAGED, LOCKED, ON_DISK, Limits, check_size, check_workbook
from medvirk.tables.table import Cell, Table

# In the order preferred when a file reads equally well with several: a comma is also a decimal sign.
DELIMITERS = ("\t", ";", ",")
# A file cut by semicolons leaves the comma free for decimals, which is why Norwegian Excel does so; one cut
# by commas has the point. A tab tells nothing.
DECIMAL_SIGNS = {";": ",", ",": "."}
ROWS_LOOKED_AT = 50

WORKBOOK = b"PK\x03\x04"
OLD_WORKBOOK = b"\xd0\xcf\x11\xe0"
UTF16 = (b"\xff\xfe", b"\xfe\xff")


def read_table(path: Path | str, *, sheet: str | None = None, limits: Limits = ON_DISK) -> Table:
    """Read a table with its headings in the first row.

    path: a text file (.csv, .txt, .tsv), an Excel workbook (.xlsx, .xlsm) or Parquet (with the extra `parquet`).
    sheet: which sheet of a workbook; the first one when not given.
    limits: how large it may be, also unpacked.

    Blank rows are left out, and rows keep their number in Excel. A row shorter than the heading ends in empty
    cells, as Excel leaves out separators at the end of a line. Columns with neither heading nor content are
    left out. Rows of Parquet are numbered as if they stood in Excel: the first below the headings is row 2.

    Raises TableFaults when the file cannot be read, or a heading is blank or used twice; OSError as `open`.
    """
    path = Path(path)
    check_size(path.stat().st_size, limits)
    with path.open("rb") as file:
        start = file.read(4)
    if start in {parquet.MAGIC, parquet.ENCRYPTED}:
        if sheet is not None:
            raise _whole_file(gettext_noop("A Parquet file has no sheets. Leave out the name of the sheet."))
        return _table(parquet.read_records(path, limits), None, None)
    content = path.read_bytes()
    if content.startswith(OLD_WORKBOOK):
        raise _whole_file(LOCKED)
    if content.startswith(WORKBOOK):
        check_workbook(content, limits)
        records, name = _workbook(content, sheet)
        return _table(records, None, name)
    if sheet is not None:
        raise _whole_file(gettext_noop("A text file has no sheets. Leave out the name of the sheet."))
    text = _decode(content)
    records_of_text, delimiter = _records(text)
    return _table(records_of_text, DECIMAL_SIGNS.get(delimiter), None)


def _whole_file(problem: str, **facts: str | int) -> TableFaults:
    return TableFaults([Fault(None, None, None, problem, facts)])


def _decode(content: bytes) -> str:
    encodings = ["utf-16"] if content.startswith(UTF16) else ["utf-8-sig", "cp1252"]
    if "utf-16" not in encodings and b"\0" in content:
        raise _whole_file(gettext_noop("This is not a text file or .xlsx. Save the table as .xlsx or CSV."))
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise _whole_file(
        gettext_noop("The letters of this file cannot be read. Save it as “CSV UTF-8” in Excel.")
    )


def _records(text: str) -> tuple[list[list[Cell]], str]:
    """The records of a text file, and what separates its cells."""
    # Excel's own way to say what separates the cells; Excel does not show that line as a row.
    if stated := re.match(r'"?sep=(.)"?\r?\n', text):
        return _parse(text[stated.end() :], stated[1]), stated[1]
    delimiter = _delimiter(text)
    return _parse(text, delimiter), delimiter


def _delimiter(text: str) -> str:
    """The separator that cuts most rows into as many cells as the heading, and into the most cells."""
    best, best_score = ";", (0.0, 1)
    for delimiter in DELIMITERS:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        widths = []
        for record in reader:
            if record:
                widths.append(len(record))
            if len(widths) == ROWS_LOOKED_AT:
                break
        if not widths or widths[0] == 1:
            continue
        score = (sum(width == widths[0] for width in widths) / len(widths), widths[0])
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _parse(text: str, delimiter: str) -> list[list[Cell]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    records: list[list[Cell]] = []
    try:
        records.extend(list(record) for record in reader)
    except csv.Error:
        problem = gettext_noop(
            "The quotation marks do not come in pairs from this row on. Mend them or use .xlsx."
        )
        raise TableFaults([Fault(len(records) + 1, None, None, problem)]) from None
    return records


def _workbook(content: bytes, sheet: str | None) -> tuple[list[list[Cell]], str]:
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        names = workbook.sheet_names
        if sheet is not None and sheet not in names:
            problem = gettext_noop("The workbook has no sheet “%(sheet)s”. It has: %(names)s.")
            raise _whole_file(problem, sheet=sheet, names=", ".join(names))
        name = names[0] if sheet is None else sheet
        # A sheet is read first here, so a part that is missing or broken shows now.
        rows = workbook.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except (CalamineError, IndexError):
        raise _whole_file(DAMAGED) from None
    return [list(row) for row in rows], name


def _table(records: Iterable[Sequence[Cell]], decimal_sign: str | None, sheet: str | None) -> Table:
    lines = iter(records)
    first = [_clean(cell) for cell in next(lines, ())]
    if not any(cell is not None for cell in first):
        raise _whole_file(
            gettext_noop("There are no headings. The first row must say what each column holds.")
        )
    filled: list[tuple[int, list[Cell]]] = []
    for number, record in enumerate(lines, start=2):
        cells = [_clean(cell) for cell in record]
        if _has_content(cells):
            filled.append((number, cells))
    headings = _headings(first, max((len(record) for _, record in filled), default=0))
    faults = _heading_faults(headings, [record for _, record in filled])
    if faults:
        raise TableFaults(faults)
    places = [(at, name) for at, name in enumerate(headings) if name]
    rows = tuple(
        {name: record[at] if at < len(record) else None for at, name in places} for _, record in filled
    )
    return Table(
        tuple(name for _, name in places), rows, tuple(number for number, _ in filled), decimal_sign, sheet
    )


def _clean(cell: Cell) -> Cell:
    """An empty cell is None, however it was written."""
    if isinstance(cell, str):
        return cell.strip() or None
    return cell


def _has_content(record: Sequence[Cell]) -> bool:
    return any(cell is not None for cell in record)


def _headings(record: Sequence[Cell], width: int) -> list[str]:
    """One heading per column, blank where the file has none."""
    named = ["" if cell is None else _heading(cell) for cell in record]
    return named + [""] * (width - len(named))


def _heading(cell: Cell) -> str:
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return cell.date().isoformat() if isinstance(cell, datetime) else str(cell)


def _heading_faults(headings: Sequence[str], records: Sequence[Sequence[Cell]]) -> list[Fault]:
    faults = []
    for at, heading in enumerate(headings):
        if heading == "" and any(at < len(record) and record[at] is not None for record in records):
            problem = gettext_noop("Column %(letter)s has content but no heading. Give it one or remove it.")
            faults.append(Fault(1, None, None, problem, {"letter": column_letter(at)}))
    for heading, count in Counter(filter(None, headings)).items():
        if count > 1:
            letters = ", ".join(column_letter(at) for at, name in enumerate(headings) if name == heading)
            problem = gettext_noop(
                "The heading stands over several columns (%(letters)s). Give each its own."
            )
            faults.append(Fault(1, heading, None, problem, {"letters": letters}))
    return faults


def column_letter(index: int) -> str:
    """The letter Excel gives a column: 0 → A, 25 → Z, 26 → AA."""
    letters = ""
    number = index + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
