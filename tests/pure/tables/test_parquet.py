"""Parquet: types of columns, what is refused, and that writing and reading undo each other."""

import importlib
import warnings
from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pyarrow as pa
import pyarrow.parquet as pq
import pyarrow.parquet.encryption as pe
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medvirk.stats.faults import MissingExtraError
from medvirk.tables import TableFaults, dates, numbers, parquet_bytes, read_table, texts, write_parquet


@pytest.fixture
def file(tmp_path):
    def write(**columns):
        path = tmp_path / "table.parquet"
        pq.write_table(pa.table(columns), path)
        return path

    return write


@pytest.mark.parametrize(
    ("column", "cells"),
    [
        (pa.array([1, None], pa.int8()), [1, None]),
        (pa.array([2**64 - 1, 0], pa.uint64()), [2**64 - 1, 0]),
        (pa.array([1.5, float("nan")], pa.float16()), [1.5, None]),
        (pa.array([0.1, None]), [0.1, None]),
        (pa.array([Decimal("12.50"), None]), [12.5, None]),
        (pa.array([Decimal(123456789012), None], pa.decimal128(12, 0)), [123456789012, None]),
        (pa.array([True, None]), [True, None]),
        (pa.array([" Åse ", ""]), ["Åse", None]),
        (pa.array(["a", None], pa.large_string()), ["a", None]),
        (pa.array(["a", None]).dictionary_encode(), ["a", None]),
        (pa.array([3, 4]).dictionary_encode(), [3, 4]),
        (pa.array([date(2024, 3, 1), None]), [date(2024, 3, 1), None]),
        (pa.array([time(9, 30), None]), [time(9, 30), None]),
        (pa.array([timedelta(days=2), None]), [timedelta(days=2), None]),
        (pa.array([1, 1_000_001_999], pa.timestamp("ns")), [datetime(1970, 1, 1), datetime(1970, 1, 1, 0, 0, 1, 1)]),  # noqa: DTZ001
        (pa.nulls(2), [None, None]),
    ],
    ids=lambda value: str(value.type) if isinstance(value, pa.Array) else "",
)  # fmt: skip
def test_types_of_columns(file, column, cells):
    table = read_table(file(id=["1", "2"], x=column))

    assert table.column("x") == cells
    assert [type(cell) for cell in table.column("x")] == [type(cell) for cell in cells]


def test_a_time_with_a_zone_is_what_the_clock_shows_there(file):
    late = datetime(2024, 6, 30, 22, 30)  # noqa: DTZ001 - in UTC, as the file stores it
    table = read_table(
        file(
            oslo=pa.array([late, None], pa.timestamp("ms", tz="Europe/Oslo")),
            utc=pa.array([late, late], pa.timestamp("ms", tz="UTC")),
        )
    )

    assert dates(table, "oslo") == [datetime(2024, 7, 1, 0, 30), None]  # noqa: DTZ001
    assert dates(table, "utc") == [late, late]


def test_rows_are_numbered_as_below_a_heading_and_blank_ones_left_out(file):
    table = read_table(file(id=["a", None, "c"], skåre=[1.5, float("nan"), 3]))

    assert (table.columns, table.row_numbers) == (("id", "skåre"), (2, 4))
    assert (numbers(table, "skåre"), texts(table, "id")) == ([1.5, 3.0], ["a", "c"])
    assert (table.decimal_sign, table.sheet) == (None, None)


def test_more_rows_than_are_read_at_a_time_keep_their_order(file):
    table = read_table(file(n=pa.array(range(70_000))))

    assert table.column("n") == list(range(70_000))
    assert table.row_numbers[-1] == 70_001


def test_a_file_without_rows_has_its_headings(file):
    table = read_table(file(id=pa.array([], pa.string()), x=pa.array([], pa.int32())))

    assert (table.columns, table.rows) == (("id", "x"), ())


def test_all_columns_that_are_no_cells_are_told_at_once(file):
    path = file(a=[[1]], b=[{"c": 1}], d=[b"x"], e=[1], f=pa.array([["x"]]))

    with pytest.raises(TableFaults) as caught:
        read_table(path)

    told = [(fault.column, fault.sentence().split(".")[0]) for fault in caught.value.faults]
    assert [column for column, _ in told] == ["a", "b", "d", "f"]
    assert told[0][1] == "This column is nested (list<element: int64>)"
    assert told[2][1].startswith("This column holds binary")


def test_headings_are_checked_as_in_other_files(file):
    path = file(**{"id": [1], " id ": [2], "": [3]})

    with pytest.raises(TableFaults) as caught:
        read_table(path)

    assert "Column C has content but no heading" in str(caught.value)
    # What surrounds a heading is no part of it, so these two are one.
    assert "stands over several columns (A, B)" in str(caught.value)


@pytest.mark.parametrize(
    ("column", "problem"),
    [
        (pa.array([10**15], pa.timestamp("ms")), "outside the years 1 to 9999"),
        (pa.array([0], pa.timestamp("ms", tz="Mars/Olympus")), "time zone Mars/Olympus, which is not known"),
    ],
)
def test_times_that_are_no_times_here(file, column, problem):
    with pytest.raises(TableFaults, match=problem) as caught:
        read_table(file(when=column))

    assert caught.value.faults[0].column == "when"


def whole_file(tmp_path):
    path = tmp_path / "whole.parquet"
    pq.write_table(pa.table({"x": list(range(5000))}), path, compression="snappy", write_page_checksum=True)
    return path.read_bytes()


def test_a_file_cut_off_or_changed_is_damaged(tmp_path):
    content = whole_file(tmp_path)
    path = tmp_path / "table.parquet"
    changed = bytearray(content)
    changed[200] ^= 0xFF

    for broken in (
        content[:4],
        content[: len(content) // 2],
        content[:-4],
        content[:-1] + b"x",
        bytes(changed),
    ):
        path.write_bytes(broken)
        with pytest.raises(TableFaults, match="damaged or not whole"):
            read_table(path)


class Keys(pe.KmsClient):
    """Wraps keys with nothing, which is enough to make an encrypted file."""

    def __init__(self, _config):
        super().__init__()

    def wrap_key(self, key_bytes, master_key_identifier):
        return key_bytes.hex()

    def unwrap_key(self, wrapped_key, master_key_identifier):
        return bytes.fromhex(wrapped_key)


@pytest.mark.parametrize("plain_footer", [False, True])
def test_an_encrypted_file_says_so(tmp_path, plain_footer):
    path = tmp_path / "table.parquet"
    table = pa.table({"x": [1, 2]})
    config = pe.EncryptionConfiguration("key", column_keys={"key": ["x"]}, plaintext_footer=plain_footer)
    properties = pe.CryptoFactory(Keys).file_encryption_properties(pe.KmsConnectionConfig(), config)
    with pq.ParquetWriter(path, table.schema, encryption_properties=properties) as writer:
        writer.write_table(table)

    with pytest.raises(TableFaults, match="is encrypted"):
        read_table(path)


def test_a_parquet_file_has_no_sheets(file):
    with pytest.raises(TableFaults, match="A Parquet file has no sheets"):
        read_table(file(x=[1]), sheet="Data")


def test_without_pyarrow_the_extra_is_named(file, monkeypatch):
    path = file(x=[1])
    real = importlib.import_module

    def without(name, package=None):
        if name.startswith("pyarrow"):
            raise ModuleNotFoundError(name)
        return real(name, package)

    monkeypatch.setattr("importlib.import_module", without)

    with pytest.raises(TableFaults, match=r"pip install 'medvirk\[parquet\]'"):
        read_table(path)
    with pytest.raises(MissingExtraError, match=r"medvirk\[parquet\]"):
        parquet_bytes(["x"], [[1]])


def test_what_is_written_is_typed_and_read_back(tmp_path):
    path = tmp_path / "out.parquet"
    rows = [["Åse", 12, 1.5, date(2024, 3, 1), None], [None, -3, 2, None, None]]

    write_parquet(path, ["navn", "n", "skåre", "dato", "tom"], rows)

    kinds = [str(field.type) for field in pq.read_schema(path)]
    assert kinds == ["string", "int64", "double", "date32[day]", "null"]
    assert [list(row.values()) for row in read_table(path).rows] == rows


@pytest.mark.parametrize(
    ("columns", "rows", "problem"),
    [
        (["a", "b"], [[1, 2], [1]], "Row 3 has 1 cells; there are 2 headings"),
        (["a", "a"], [[1, 2]], "Two columns have the same heading"),
        (["a"], [[1], ["x"]], "The column 'a' cannot be written: it mixes number and str"),
        (["a"], [[2**70]], "The column 'a' cannot be written"),
    ],
)
def test_what_cannot_be_written_leaves_no_file(tmp_path, columns, rows, problem):
    path = tmp_path / "out.parquet"

    with pytest.raises(ValueError, match=problem):
        write_parquet(path, columns, rows)

    assert not path.exists()


cells = st.one_of(
    st.lists(st.none() | st.integers(-(2**62), 2**62), min_size=1, max_size=5),
    st.lists(st.none() | st.floats(allow_nan=False), min_size=1, max_size=5),
    st.lists(st.none() | st.booleans(), min_size=1, max_size=5),
    st.lists(st.none() | st.dates(), min_size=1, max_size=5),
    st.lists(st.none() | st.datetimes(), min_size=1, max_size=5),
)


@given(cells)
def test_writing_and_reading_undo_each_other(tmp_path_factory, column):
    path = tmp_path_factory.mktemp("parquet") / "x.parquet"

    write_parquet(path, ["row", "x"], [[at, cell] for at, cell in enumerate(column)])

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert read_table(path).column("x") == column
