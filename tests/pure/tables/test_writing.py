import pytest

from medvirk.tables import csv_bytes, numbers, read_table, write_csv


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
