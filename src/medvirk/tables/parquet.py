"""Parquet files, read into the same Table and written from the same cells as CSV (extra `parquet`).

Types of a column and what its cells become: whole numbers int; floats float, NaN empty; decimals int without
decimal places, else float; booleans bool; texts and dictionaries of texts str; dates date; timestamps datetime,
one with a time zone as the clock in that zone shows it; times time; durations timedelta; null empty. Finer
than microseconds is cut off. Nested columns and bytes are faults.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from medvirk.stats.faults import MissingExtraError, import_extra
from medvirk.tables.faults import Fault, TableFaults, gettext_noop
from medvirk.tables.limits import ON_DISK, Limits, check_cells
from medvirk.tables.table import Cell

# The first four bytes of a file, and of one whose footer is encrypted.
MAGIC, ENCRYPTED = b"PAR1", b"PARE"
# Rows turned into cells at a time, so that the columns and the rows never both stand in memory whole.
BATCH = 65536

NEEDS_EXTRA = gettext_noop("To read Parquet, install the extra: pip install 'medvirk[parquet]'.")
DAMAGED = gettext_noop("The Parquet file is damaged or not whole. Write or copy it again.")
IS_ENCRYPTED = gettext_noop("The Parquet file is encrypted. Write it again without encryption.")
NESTED = gettext_noop("This column is nested (%(type)s). Give each of its parts a column of its own.")
NO_CELL = gettext_noop(
    "This column holds %(type)s, which is no number, text or time. Write it as one of them."
)
NO_SUCH_ZONE = gettext_noop("This column has times in the time zone %(zone)s, which is not known here.")
TOO_FAR = gettext_noop("This column has a date or time outside the years 1 to 9999.")


def read_records(path: Path, limits: Limits = ON_DISK) -> Iterator[list[Cell]]:
    """The headings, then row by row the cells. The file is opened and its columns checked before the first row.

    Raises TableFaults when pyarrow is missing, or the file is encrypted, damaged or has columns that are no
    cells (all of them at once); OSError as `open`.
    """
    with path.open("rb") as file:
        if file.read(4) == ENCRYPTED:
            raise TableFaults([Fault(None, None, None, IS_ENCRYPTED)])
        try:
            parquet: Any = import_extra("pyarrow.parquet", extra="parquet", needed_for="Reading Parquet")
        except MissingExtraError:
            raise TableFaults([Fault(None, None, None, NEEDS_EXTRA)]) from None
        pa: Any = import_extra("pyarrow", extra="parquet", needed_for="Reading Parquet")
        try:
            source = parquet.ParquetFile(file, page_checksum_verification=True)
            names = list(source.schema_arrow.names)
            # A thousand million times the same value takes a few bytes in the file.
            check_cells(source.metadata.num_rows, len(names), limits)
            _check_columns(source.schema_arrow, pa)
            yield list(names)
            for batch in source.iter_batches(batch_size=BATCH):
                columns = [
                    _cells(column, name, pa) for name, column in zip(names, batch.columns, strict=True)
                ]
                yield from map(list, zip(*columns, strict=True))
        except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
            problem = IS_ENCRYPTED if "crypt" in str(error).lower() else DAMAGED
            raise TableFaults([Fault(None, None, None, problem)]) from None


def _check_columns(schema: Any, pa: Any) -> None:
    """Raises TableFaults with every column whose values are no cells."""
    faults = []
    for field in schema:
        kind = field.type.value_type if pa.types.is_dictionary(field.type) else field.type
        if pa.types.is_nested(kind):
            faults.append(Fault(None, field.name, None, NESTED, {"type": str(kind)}))
        elif _reader(kind, pa) is None:
            faults.append(Fault(None, field.name, None, NO_CELL, {"type": str(kind)}))
    if faults:
        raise TableFaults(faults)


def _reader(kind: Any, pa: Any) -> Callable[[Any], Any] | None:
    """How a column of this type is made ready for Python; None for a type that has no cells."""
    types = pa.types
    if types.is_decimal(kind):
        return lambda column: column.cast(
            pa.int64() if kind.scale == 0 and kind.precision <= 18 else pa.float64()
        )
    if types.is_timestamp(kind):
        return lambda column: column.cast(pa.timestamp("us", tz=kind.tz), safe=False)
    if types.is_time(kind):
        return lambda column: column.cast(pa.time64("us"), safe=False)
    if types.is_duration(kind):
        return lambda column: column.cast(pa.duration("us"), safe=False)
    plain = (types.is_null, types.is_boolean, types.is_integer, types.is_floating, types.is_date)
    texts = (types.is_string, types.is_large_string, types.is_string_view)
    return (lambda column: column) if any(test(kind) for test in (*plain, *texts)) else None


def _cells(column: Any, name: str, pa: Any) -> list[Cell]:
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    reader = _reader(column.type, pa)
    assert reader is not None, "checked before"
    try:
        cells = reader(column).to_pylist()
    except KeyError:
        raise TableFaults([Fault(None, name, None, NO_SUCH_ZONE, {"zone": str(column.type.tz)})]) from None
    except (ValueError, OverflowError) as error:
        if isinstance(error, pa.ArrowException | UnicodeDecodeError):
            raise
        raise TableFaults([Fault(None, name, None, TOO_FAR)]) from None
    if pa.types.is_floating(column.type):
        return [None if cell is None or cell != cell else cell for cell in cells]  # noqa: PLR0124 - only NaN differs
    if pa.types.is_timestamp(column.type):
        # A table's times have no zone; the clock on the wall is what people wrote down.
        return [cell.replace(tzinfo=None) if isinstance(cell, datetime) else None for cell in cells]
    return list(cells)


def parquet_bytes(columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> bytes:
    """A Parquet file with a typed column per heading; None is null, whole numbers among decimals are decimals.

    Raises MissingExtraError without pyarrow; ValueError when a row is not as long as the headings, two
    headings are the same, or a column mixes kinds of cells, such as texts and numbers.
    """
    parquet: Any = import_extra("pyarrow.parquet", extra="parquet", needed_for="Writing Parquet")
    pa: Any = import_extra("pyarrow", extra="parquet", needed_for="Writing Parquet")
    if len(set(columns)) < len(columns):
        raise ValueError("Two columns have the same heading; give each its own.")
    gathered: list[list[Cell]] = [[] for _ in columns]
    for number, row in enumerate(rows, start=2):
        if len(row) != len(columns):
            raise ValueError(f"Row {number} has {len(row)} cells; there are {len(columns)} headings.")
        for cells, cell in zip(gathered, row, strict=True):
            cells.append(cell)
    arrays = []
    for name, cells in zip(columns, gathered, strict=True):
        kinds = {
            "number" if type(cell) in {int, float} else type(cell).__name__
            for cell in cells
            if cell is not None
        }
        try:
            if len(kinds) > 1:
                raise ValueError(f"it mixes {' and '.join(sorted(kinds))}")
            arrays.append(pa.array(cells))
        except (ValueError, TypeError, OverflowError) as error:
            raise ValueError(f"The column {name!r} cannot be written: {error}.") from None
    stream = io.BytesIO()
    parquet.write_table(pa.table(arrays, names=list(columns)), stream)
    return stream.getvalue()


def write_parquet(path: Path | str, columns: Sequence[str], rows: Iterable[Sequence[Cell]]) -> None:
    """Write what `parquet_bytes` makes; it is made before the file is opened, so a fault leaves no half file."""
    Path(path).write_bytes(parquet_bytes(columns, rows))
