"""How large a file may be, and what a workbook may unpack to, found before anything is taken from it.

A workbook is a zip file, and a few kilobytes of zip can unpack to terabytes, or hold one cell so far out that the
empty sheet up to it fills the memory. What the file says about its own sizes may be untrue, so it is unpacked once,
piece by piece and without being kept, until it ends or a limit is passed.
"""

from __future__ import annotations

import copy
import io
import re
import zipfile
import zlib
from dataclasses import dataclass

from medvirk.tables.faults import Fault, TableFaults, gettext_noop


@dataclass(frozen=True)
class Limits:
    """file, unpacked: bytes. entries: files inside a workbook. cells: rows times columns of one sheet.

    What a file on the server's own disk may have; somebody who sends a file over the web gets smaller ones.
    """

    file: int = 1_000_000_000
    unpacked: int = 2_000_000_000
    entries: int = 2_000
    cells: int = 50_000_000


ON_DISK = Limits()

TOO_LARGE = gettext_noop("The file is larger than %(most)s megabytes. Divide it into several.")
TOO_MUCH_INSIDE = gettext_noop(
    "The workbook unpacks to more than can be read here. Save the sheet alone, as CSV."
)
TOO_WIDE = gettext_noop(
    "The table reaches to row %(row)s and column number %(column)s, which is more cells than can be read. Remove what "
    "stands far out, or save it as CSV."
)
NOT_A_WORKBOOK = gettext_noop(
    "This is a zip file, but not an Excel workbook. Save the table as .xlsx or CSV."
)
LOCKED = gettext_noop("This is an old or protected workbook. Save it as .xlsx or CSV without password.")
DAMAGED = gettext_noop("The workbook is damaged or not .xlsx. Save it again as .xlsx.")

#: What a workbook of Excel has inside, whatever the file is called.
WORKBOOK = "xl/workbook.xml"
PIECE = 1 << 20
# Where a cell (r="B7") or a row (r="7") stands. Two pieces overlap by more than such a word is long.
PLACE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{0,3})([0-9]{1,10})["']""")
OVERLAP = 64
ENCRYPTED = 0x1


def check_size(size: int, limits: Limits = ON_DISK) -> None:
    """Raises TableFaults when a file of `size` bytes is too large."""
    if size > limits.file:
        raise _fault(TOO_LARGE, most=limits.file // 1_000_000)


def check_cells(rows: int, columns: int, limits: Limits = ON_DISK) -> None:
    """Raises TableFaults when a table has more cells than can be held."""
    if rows * columns > limits.cells:
        raise _fault(TOO_WIDE, row=rows, column=columns)


def check_workbook(content: bytes, limits: Limits = ON_DISK) -> None:
    """Unpack all of a zip file once and keep nothing.

    Raises TableFaults when it is no workbook, damaged, protected, unpacks to too much, or names files outside itself.
    """
    check_size(len(content), limits)
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
            _check_names([entry.filename for entry in entries], limits)
            if any(entry.flag_bits & ENCRYPTED for entry in entries):
                raise _fault(LOCKED)
            left = limits.unpacked
            for entry in entries:
                left -= _unpack(archive, entry, left, limits)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, ValueError) as failure:
        if isinstance(failure, TableFaults):
            raise
        raise _fault(DAMAGED) from None


def _check_names(names: list[str], limits: Limits) -> None:
    if len(names) > limits.entries:
        raise _fault(TOO_MUCH_INSIDE)
    if WORKBOOK not in names:
        raise _fault(NOT_A_WORKBOOK)
    # Nothing here writes files out; but two readers may differ on what such names and twins mean.
    strange = any(
        name.startswith(("/", "\\")) or ":" in name or ".." in re.split(r"[/\\]", name) for name in names
    )
    if strange or len(set(names)) < len(names):
        raise _fault(DAMAGED)


def _unpack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, most: int, limits: Limits) -> int:
    """How many bytes the entry really has."""
    # The reader stops at the size the entry claims; so it is let claim more than will ever be read here.
    unbelieved = copy.copy(entry)
    unbelieved.file_size = most + 2 * PIECE
    is_xml = entry.filename.endswith(".xml")
    size, tail, row, column = 0, b"", 0, 0
    with archive.open(unbelieved) as stream:
        while piece := stream.read(PIECE):
            size += len(piece)
            if size > most:
                raise _fault(TOO_MUCH_INSIDE)
            if is_xml:
                if b"\0" in piece:  # UTF-16, in which the places below could not be seen
                    raise _fault(DAMAGED)
                row, column = _furthest(tail + piece, row, column)
                check_cells(row, column, limits)
                tail = piece[-OVERLAP:]
    if size != entry.file_size:
        raise _fault(DAMAGED)
    return size


def _furthest(xml: bytes, row: int, column: int) -> tuple[int, int]:
    """The largest row and column number so far."""
    for letters, number in PLACE.findall(xml):
        row = max(row, int(number))
        column = max(column, _column_number(letters))
    return row, column


def _column_number(letters: bytes) -> int:
    """A → 1, Z → 26, AA → 27; no letters → 0."""
    number = 0
    for letter in letters.upper():
        number = 26 * number + letter - ord("A") + 1
    return number


def _fault(problem: str, **facts: int) -> TableFaults:
    return TableFaults([Fault(None, None, None, problem, facts)])
