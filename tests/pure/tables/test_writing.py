import csv
import io
import re
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from medvirk.tables import csv_bytes, numbers, read_table, safe_text, write_csv


def test_writes_what_norwegian_excel_reads_and_we_read_back(tmp_path):
    path = tmp_path / "table.csv"

    write_csv(path, ["navn", "skåre"], [["Åse; kl. 2", 12.5], ["Bø", None], ["Li", -3]])

    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    table = read_table(path)
    assert table.rows[0]["navn"] == "Åse; kl. 2"
    assert numbers(table, "skåre") == [12.5, None, -3.0]


@pytest.mark.parametrize("text", ["=1+1", "+47", "-1", "@SUM(A1)", "\t=1", "\r=1"])
def test_a_text_that_looks_like_a_formula_is_kept_as_text(text):
    written = csv_bytes([text], [[text], [-1.5]]).decode("utf-8-sig").replace('"', "")

    assert written.startswith(f"'{text}\r\n'{text}\r\n")
    assert written.endswith("\r\n-1,5\r\n")


def test_refuses_rows_of_another_length_and_leaves_no_file(tmp_path):
    path = tmp_path / "table.csv"

    with pytest.raises(ValueError, match="Row 3 has 1 cells; there are 2 headings"):
        write_csv(path, ["a", "b"], [[1, 2], [1]])

    assert not path.exists()


def test_refuses_a_separator_that_is_also_the_decimal_sign():
    with pytest.raises(ValueError, match="also the decimal sign"):
        csv_bytes(["a"], [], delimiter=",")


#: What opens a formula in a spreadsheet, and what may stand in front of it without stopping it.
OPENERS = "=+-@\uff1d\uff0b\uff0d\uff20\ufe62\ufe66"
IN_FRONT = " \u00a0\u2003\u3000\u200b\ufeff\t\r\n\u202e"


def as_a_spreadsheet_takes_it(text: str) -> str:
    """What is left for a spreadsheet to begin a formula with: wide forms count, blanks in front do not."""
    return re.sub(f"^[{IN_FRONT}]+", "", text)[:1]


@given(st.text(IN_FRONT, max_size=4), st.sampled_from(OPENERS), st.text(max_size=20))
@example("", "=", 'HYPERLINK("http://a";"b")')
@example("\u3000", "\uff1d", "1+1")
def test_whatever_stands_in_front_a_formula_is_made_text(front, opener, rest):
    assert safe_text(front + opener + rest) == "'" + front + opener + rest


@given(st.text(max_size=30))
def test_a_written_text_begins_no_formula_and_is_kept_whole(text):
    written = safe_text(text)

    assert as_a_spreadsheet_takes_it(written) not in set(OPENERS)
    assert written in {text, f"'{text}"}


@given(st.lists(st.lists(st.text("ab=+-@\t\r\n;\"', ", max_size=8), min_size=2, max_size=2), max_size=4))
def test_no_cell_breaks_out_into_the_next(rows):
    content = csv_bytes(["a", "b"], rows).decode("utf-8-sig")

    read = list(csv.reader(io.StringIO(content, newline=""), delimiter=";"))
    assert read[1:] == [[safe_text(cell) for cell in row] for row in rows]


@given(st.one_of(st.integers(-(10**9), 10**9), st.floats(-1e9, 1e9)))
def test_numbers_are_written_as_numbers_and_come_back(number):
    content = csv_bytes(["n"], [[number]]).decode("utf-8-sig")

    (cell,) = content.split("\r\n")[1:2]
    assert not cell.startswith("'")
    assert float(cell.replace(",", ".")) == number


def test_nobody_else_writes_tables():
    """One place makes cells safe; a second way to write CSV or a workbook would go round it."""
    house = Path(__file__).resolve().parents[3] / "src" / "medvirk"
    other_ways = re.compile(r"csv\.(writer|DictWriter)|\bto_csv\(|\bto_excel\(|openpyxl|xlsxwriter|\bxlwt\b")

    found = [
        str(path.relative_to(house))
        for path in sorted(house.rglob("*.py"))
        if other_ways.search(path.read_text(encoding="utf-8"))
    ]

    assert found == ["tables/writing.py"]
