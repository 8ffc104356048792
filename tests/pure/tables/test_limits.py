"""Files that are small to send and large to open, or not what they are called."""

from __future__ import annotations

import io
import struct
import zipfile

import pytest

from medvirk.tables import Limits, TableFaults, parquet_bytes, read_table
from medvirk.tables.limits import check_workbook

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGES = "http://schemas.openxmlformats.org/package/2006"
PARTS = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGES}/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGES}/relationships"><Relationship Id="r1" '
    f'Type="{RELATIONS}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>'
    '<sheet name="Ark1" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGES}/relationships">'
    f'<Relationship Id="r1" Type="{RELATIONS}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}


def sheet(*cells: str) -> str:
    return f'<worksheet xmlns="{MAIN}"><sheetData>{"".join(cells)}</sheetData></worksheet>'


HEADING = '<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c></row>'
GOOD = sheet(HEADING, '<row r="2"><c r="A2"><v>7</v></c></row>')


def workbook(more: dict[str, str | bytes] | None = None, **changed: str) -> bytes:
    parts = PARTS | {"xl/worksheets/sheet1.xml": GOOD} | changed | (more or {})
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(name, text)
    return stream.getvalue()


def table(tmp_path, content: bytes, name: str = "table.xlsx", **limits: int):
    path = tmp_path / name
    path.write_bytes(content)
    return read_table(path, limits=Limits(**limits))


def test_an_ordinary_workbook_passes_whatever_it_is_called(tmp_path):
    assert table(tmp_path, workbook(), "answers.csv").rows == ({"id": 7.0},)


def test_a_file_may_not_be_larger_than_the_limit(tmp_path):
    with pytest.raises(TableFaults, match="larger than 2 megabytes"):
        table(tmp_path, b"id\n" + b"7\n" * 1_000_000, "table.csv", file=2_000_000)


def test_a_workbook_that_unpacks_to_much_more_is_refused(tmp_path):
    bomb = workbook({"xl/media/zeros": b"\0" * 30_000_000})
    assert len(bomb) < 50_000

    with pytest.raises(TableFaults, match="unpacks to more than can be read"):
        table(tmp_path, bomb, unpacked=20_000_000)


def test_the_size_that_a_workbook_states_is_not_believed():
    bomb = bytearray(workbook({"xl/media/zeros": b"\0" * 30_000_000}))
    # Where the directory at the end says how large the entry is: let it say 10 bytes.
    place = bomb.rindex(b"xl/media/zeros") - 46
    assert bomb[place : place + 4] == b"PK\x01\x02"
    struct.pack_into("<I", bomb, place + 24, 10)

    with pytest.raises(TableFaults, match="unpacks to more than can be read"):
        check_workbook(bytes(bomb), Limits(unpacked=20_000_000))
    with pytest.raises(TableFaults, match="damaged"):
        check_workbook(bytes(bomb))


@pytest.mark.parametrize(
    "far",
    [
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>',
        "<row r='1048576'><c r = 'xfd1048576'><v>1</v></c></row>",
        '<row r="1048576"><c><v>1</v></c></row><row><c r="XFD3"><v>1</v></c></row>',
    ],
)
def test_one_cell_far_out_does_not_fill_the_memory(tmp_path, far):
    content = workbook(**{"xl/worksheets/sheet1.xml": sheet(HEADING, far)})

    with pytest.raises(TableFaults, match=r"reaches to row 1048576 and column number 16384.*Remove"):
        table(tmp_path, content)


def test_a_place_that_stands_across_two_pieces_is_seen(tmp_path, monkeypatch):
    monkeypatch.setattr("medvirk.tables.limits.PIECE", 37)
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'

    with pytest.raises(TableFaults, match="reaches to row"):
        table(tmp_path, workbook(**{"xl/worksheets/sheet1.xml": sheet(HEADING, far)}))


def test_letters_in_which_places_cannot_be_seen_are_refused(tmp_path):
    with pytest.raises(TableFaults, match="damaged"):
        table(tmp_path, workbook({"xl/worksheets/sheet1.xml": GOOD.encode("utf-16")}))


def test_too_many_files_inside_are_refused(tmp_path):
    with pytest.raises(TableFaults, match="unpacks to more"):
        table(tmp_path, workbook({f"xl/media/{number}": "" for number in range(60)}), entries=50)


@pytest.mark.parametrize("name", ["../outside.xml", "/etc/passwd", "xl\\..\\..\\a", "C:/a", "\\\\host\\a"])
def test_names_that_point_outside_are_refused(tmp_path, name):
    with pytest.raises(TableFaults, match="damaged"):
        table(tmp_path, workbook({name: "x"}))


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_two_entries_of_one_name_are_refused(tmp_path):
    stream = io.BytesIO(workbook())
    with zipfile.ZipFile(stream, "a") as archive:
        archive.writestr("xl/worksheets/sheet1.xml", GOOD)

    with pytest.raises(TableFaults, match="damaged"):
        table(tmp_path, stream.getvalue())


def test_another_kind_of_zip_is_told_apart(tmp_path):
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("word/document.xml", "<a/>")

    with pytest.raises(TableFaults, match="zip file, but not an Excel workbook"):
        table(tmp_path, stream.getvalue())


def test_an_encrypted_entry_is_told(tmp_path):
    content = bytearray(workbook())
    place = content.rindex(b"PK\x01\x02")
    content[place + 8] |= 1

    with pytest.raises(TableFaults, match="old or protected workbook"):
        table(tmp_path, bytes(content))


@pytest.mark.parametrize("cut", [40, 200, 700])
def test_a_workbook_cut_off_is_damaged(tmp_path, cut):
    with pytest.raises(TableFaults, match="damaged"):
        table(tmp_path, workbook()[:-cut])


def test_one_altered_byte_never_gives_another_error(tmp_path):
    good = workbook()
    for at in range(4, len(good), 7):
        content = bytearray(good)
        content[at] ^= 0x55
        try:
            check_workbook(bytes(content))
        except TableFaults:
            continue


def test_parquet_that_claims_too_many_cells_is_refused(tmp_path):
    content = parquet_bytes(["a", "b"], [[1, 2]] * 1000)

    with pytest.raises(TableFaults, match="more cells than can be read"):
        table(tmp_path, content, "table.parquet", cells=1999)
    assert len(table(tmp_path, content, "table.parquet", cells=2000).rows) == 1000
