import io
import zipfile
from datetime import date, datetime

import pytest

from medvirk.tables import TableFaults, read_table


@pytest.fixture
def file(tmp_path):
    def write(content: bytes | str, name: str = "table.csv"):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
        return path

    return write


def workbook(rows: list[list[str]], sheets: tuple[str, ...] = ("Ark1",)) -> bytes:
    """The smallest .xlsx there is; each cell is given as its XML, the same rows in every sheet."""
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    packages = "http://schemas.openxmlformats.org/package/2006"
    body = "".join(f'<row r="{at}">{"".join(row)}</row>' for at, row in enumerate(rows, start=1))
    sheet_list = "".join(
        f'<sheet name="{name}" sheetId="{at}" r:id="r{at}"/>' for at, name in enumerate(sheets, 1)
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{packages}/content-types">'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Default Extension="rels" '
        'ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>',
        "_rels/.rels": f'<Relationships xmlns="{packages}/relationships"><Relationship Id="r1" '
        f'Type="{relations}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{main}" xmlns:r="{relations}">'
        f"<sheets>{sheet_list}</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{packages}/relationships">'
        + "".join(
            f'<Relationship Id="r{at}" Type="{relations}/worksheet" Target="sheet{at}.xml"/>'
            for at, _ in enumerate(sheets, 1)
        )
        + f'<Relationship Id="s" Type="{relations}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{main}"><cellXfs><xf numFmtId="0"/>'
        '<xf numFmtId="14"/></cellXfs></styleSheet>',
    } | {
        f"xl/sheet{at}.xml": f'<worksheet xmlns="{main}"><sheetData>{body}</sheetData></worksheet>'
        for at, _ in enumerate(sheets, 1)
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return stream.getvalue()


def text_cell(place: str, text: str) -> str:
    return f'<c r="{place}" t="inlineStr"><is><t>{text}</t></is></c>'


@pytest.mark.parametrize(
    ("content", "decimal_sign"),
    [
        ("navn;skåre\nÅse;12,5\n", ","),
        ("navn,skåre\nÅse,\"12,5\"\n", "."),
        ("navn\tskåre\nÅse\t12,5\n", None),
        ("sep=;\r\nnavn;skåre\r\nÅse;12,5\r\n", ","),
    ],
    ids=["semicolons", "commas", "tabs", "stated by Excel"],
)  # fmt: skip
def test_finds_what_separates_the_cells(file, content, decimal_sign):
    table = read_table(file(content))

    assert table.columns == ("navn", "skåre")
    assert table.rows == ({"navn": "Åse", "skåre": "12,5"},)
    assert table.decimal_sign == decimal_sign


def test_decimal_commas_do_not_make_a_comma_the_separator(file):
    table = read_table(file("id, som i registeret;skåre\n1;12,5\n2;13,5\n"))

    assert table.columns == ("id, som i registeret", "skåre")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "latin-1", "utf-16"])
def test_reads_norwegian_letters_in_each_encoding(file, encoding):
    table = read_table(file("navn;måned\nBjørg;før påske\n".encode(encoding)))

    assert table.rows[0]["navn"] == "Bjørg"
    assert table.columns == ("navn", "måned")


def test_rows_keep_their_number_in_excel_past_blank_rows_and_newlines_in_cells(file):
    table = read_table(file('id;ord\n1;"to\nlinjer"\n\n;\n2;ja\n;\n'))

    assert table.row_numbers == (2, 5)
    assert table.rows[0]["ord"] == "to\nlinjer"


def test_short_rows_end_in_empty_cells_and_empty_columns_are_left_out(file):
    table = read_table(file("id;a;b;;\n1;2\n3;4;5;;\n"))

    assert table.columns == ("id", "a", "b")
    assert [row["b"] for row in table.rows] == [None, "5"]


def test_all_faults_of_the_headings_come_at_once(file):
    path = file("id;skåre;;skåre\n1;2;3;4\n")

    with pytest.raises(TableFaults) as caught:
        read_table(path)

    assert [(fault.row, fault.column) for fault in caught.value.faults] == [(1, None), (1, "skåre")]
    assert "Column C has content but no heading" in str(caught.value)
    assert "B, D" in str(caught.value)


def test_a_cell_beyond_the_last_heading_is_a_fault(file):
    with pytest.raises(TableFaults, match="Column C has content but no heading"):
        read_table(file("id;skåre\n1;2;3\n"))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "no headings"),
        (b"\n1;2\n", "no headings"),
        (b"\x89PNG\0\0", "not a text file"),
        (b"navn;sk\x81re\n", "letters of this file"),
        (b"PK\x03\x04 and no more", "damaged"),
        (b"\xd0\xcf\x11\xe0 old", "old or protected workbook"),
    ],
)
def test_a_file_that_cannot_be_read_says_what_to_do(file, content, problem):
    with pytest.raises(TableFaults, match=problem):
        read_table(file(content))


def test_unpaired_quotation_marks_are_a_fault_with_their_row(file):
    with pytest.raises(TableFaults, match="quotation marks") as caught:
        read_table(file('id;ord\n1;ja\n2;"nei\n'))

    assert caught.value.faults[0].row == 3


def test_reads_a_workbook_with_numbers_dates_and_gaps(file):
    rows = [
        [text_cell("A1", "id"), text_cell("B1", "dato"), text_cell("C1", "skåre")],
        ['<c r="A2"><v>101</v></c>', '<c r="B2" s="1"><v>45352</v></c>', '<c r="C2"><v>12.5</v></c>'],
        [],
        ['<c r="A4"><v>102</v></c>', text_cell("C4", "NA")],
    ]

    table = read_table(file(workbook(rows), "table.xlsx"))

    assert table.row_numbers == (2, 4)
    assert table.rows[0]["dato"] in {date(2024, 3, 1), datetime(2024, 3, 1)}  # noqa: DTZ001
    assert table.rows[0]["skåre"] == 12.5
    assert table.rows[1]["dato"] is None
    assert (table.decimal_sign, table.sheet) == (None, "Ark1")


def test_a_sheet_is_chosen_by_name_and_an_unknown_one_lists_what_there_is(file):
    path = file(
        workbook([[text_cell("A1", "id")], [text_cell("A2", "1")]], ("Forside", "Data")), "table.xlsx"
    )

    assert read_table(path, sheet="Data").sheet == "Data"
    with pytest.raises(TableFaults, match="Forside, Data"):
        read_table(path, sheet="Skårer")


def test_a_text_file_has_no_sheets(file):
    with pytest.raises(TableFaults, match="no sheets"):
        read_table(file("id\n1\n"), sheet="Data")


@pytest.mark.parametrize("replacement", [None, b"<worksheet><sheetData><row"])
def test_a_workbook_without_a_whole_sheet_is_refused_in_a_sentence(file, replacement):
    whole = zipfile.ZipFile(io.BytesIO(workbook([[text_cell("A1", "id")]])))
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in whole.namelist():
            content = replacement if name == "xl/sheet1.xml" else whole.read(name)
            if content is not None:
                archive.writestr(name, content)

    with pytest.raises(TableFaults, match=r"damaged or not \.xlsx"):
        read_table(file(stream.getvalue(), "table.xlsx"))
