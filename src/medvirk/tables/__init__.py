"""Tables as people have them: what Norwegian Excel writes, or Parquet, read exactly or refused with row and column.

    from medvirk.tables import numbers, read_table

    table = read_table(path)
    scores = numbers(table, "score")

No database and no settings. A fault is told in English; `Fault.sentence(gettext)` tells it in the language
of the reader.
"""

from medvirk.tables.faults import Fault, FaultList, TableFaults, gettext_noop
from medvirk.tables.limits import Limits
from medvirk.tables.parquet import parquet_bytes, write_parquet
from medvirk.tables.parsing import MISSING, Times, TimeUnit, dates, dates_or_numbers, numbers, texts
from medvirk.tables.reading import read_table
from medvirk.tables.table import Cell, Table
from medvirk.tables.writing import csv_bytes, safe_text, write_csv

__all__ = [
    "MISSING",
    "Cell",
    "Fault",
    "FaultList",
    "Limits",
    "Table",
    "TableFaults",
    "TimeUnit",
    "Times",
    "csv_bytes",
    "dates",
    "dates_or_numbers",
    "gettext_noop",
    "numbers",
    "parquet_bytes",
    "read_table",
    "safe_text",
    "texts",
    "write_csv",
    "write_parquet",
]
