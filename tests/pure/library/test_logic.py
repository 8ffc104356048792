"""Which version holds, what a file is, and what is refused."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from library_files import HTML, JPEG, OLD_WORD, PDF, PNG, SVG, WITH_MACROS, WORD, packed

from medvirk.library.logic import (
    LONGEST_NOTE,
    LONGEST_TITLE,
    MOST_BYTES,
    MOST_SIGNS,
    FileKind,
    NewVersion,
    checked,
    in_force,
    kind_of_file,
    tags_of,
    words_of,
)
from medvirk.people.logic import RefusedError

TODAY = date(2026, 11, 16)
DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@dataclass(frozen=True)
class Row:
    language: str
    number: int
    valid_from: date


def test_the_newest_that_has_begun_holds_in_each_language():
    rows = [
        Row("nb", 1, TODAY - 9 * DAY),
        Row("nb", 2, TODAY),
        Row("nb", 3, TODAY + DAY),
        Row("en", 1, TODAY - DAY),
    ]

    held = in_force(rows, TODAY)

    assert {code: each.number for code, each in held.items()} == {"nb": 2, "en": 1}


def test_a_correction_does_not_keep_a_planned_version_away():
    rows = [Row("nb", 1, TODAY - DAY), Row("nb", 2, TODAY + 5 * DAY), Row("nb", 3, TODAY)]

    assert in_force(rows, TODAY)["nb"].number == 3
    assert in_force(rows, TODAY + 5 * DAY)["nb"].number == 2


@given(
    st.lists(
        st.tuples(st.sampled_from(["nb", "nn"]), st.dates(date(2026, 1, 1), date(2026, 12, 31))), max_size=12
    ),
    st.dates(date(2026, 1, 1), date(2026, 12, 31)),
)
def test_no_later_day_takes_a_language_away_and_nothing_of_tomorrow_holds(begun, today):
    rows = [Row(code, number, day) for number, (code, day) in enumerate(begun)]

    held = in_force(rows, today)

    assert all(each.valid_from <= today for each in held.values())
    assert set(held) <= set(in_force(rows, today + DAY))
    for code, each in held.items():
        assert each.valid_from == max(
            r.valid_from for r in rows if r.language == code and r.valid_from <= today
        )


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (PDF, FileKind.PDF),
        (PNG, FileKind.PNG),
        (JPEG, FileKind.JPEG),
        (WORD, FileKind.DOCX),
        (packed("xl/workbook.xml"), FileKind.XLSX),
        (packed("ppt/presentation.xml"), FileKind.PPTX),
        (packed("content.xml", mimetype="application/vnd.oasis.opendocument.text"), FileKind.ODT),
        (packed("content.xml", mimetype="application/vnd.oasis.opendocument.presentation"), FileKind.ODP),
    ],
)
def test_a_file_is_known_by_what_it_holds(content, kind):
    assert kind_of_file(content) is kind


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (HTML, "not taken"),
        (SVG, "not taken"),
        (b"", "not taken"),
        (b"MZ" + bytes(80), "not taken"),
        (b" %PDF-1.7", "not taken"),
        (packed("a.exe"), "not taken"),
        (packed("content.xml", mimetype="text/html"), "not taken"),
        (OLD_WORD, "older Office file"),
        (WITH_MACROS, "macros"),
        (packed("Basic/script-lc.xml", mimetype="application/vnd.oasis.opendocument.text"), "macros"),
        (b"PK\x03\x04" + bytes(60), "damaged"),
        (WORD[:-30], "damaged"),
    ],
    ids=lambda value: value if isinstance(value, str) else value[:4].hex(),
)
def test_what_is_not_taken_says_why(content, says):
    assert says in kind_of_file(content)


@given(st.binary(max_size=200))
def test_no_bytes_make_it_fall_over(content):
    for begun in (content, b"PK\x03\x04" + content, WORD + content, WORD[: len(content)] + content):
        assert isinstance(kind_of_file(begun), FileKind | str)


PAGE = NewVersion("nb", " Om  signaler ", TODAY, body="\r\n# Snakk\r\nsammen\r\n")


def test_a_page_is_trimmed():
    cleaned, kind = checked(PAGE, before=None)

    assert (cleaned.title, cleaned.body, kind) == ("Om signaler", "# Snakk\nsammen", None)


def test_a_file_is_known():
    new = replace(PAGE, body="", content=PDF, size=len(PDF))

    assert checked(new, before=None)[1] is FileKind.PDF


BEFORE = Row("nb", 1, TODAY)


@pytest.mark.parametrize(
    ("change", "before", "says"),
    [
        ({"title": "  "}, None, "The title has"),
        ({"title": "x" * (LONGEST_TITLE + 1)}, None, "The title has"),
        ({"language": "tlh"}, None, "one of the languages"),
        ({"body": "  \n"}, None, "one of the two"),
        ({"content": PDF, "size": len(PDF)}, None, "one of the two"),
        ({"body": "x" * (MOST_SIGNS + 1)}, None, "more than"),
        ({"body": "", "content": b"", "size": MOST_BYTES + 1}, None, "11 MB, and at most 10 MB"),
        ({"body": "", "content": HTML, "size": 9}, None, "not taken"),
        ({"note": "x" * (LONGEST_NOTE + 1)}, None, "what is changed"),
        ({}, BEFORE, "Say what is changed"),
        ({"note": "Nytt", "valid_from": TODAY - DAY}, BEFORE, "holds from 16.11.2026"),
    ],
)
def test_each_fault_has_its_sentence(change, before, says):
    with pytest.raises(RefusedError) as refused:
        checked(replace(PAGE, **change), before=before)

    assert len(refused.value.sentences) == 1
    assert says in refused.value.sentences[0]


def test_all_faults_come_at_once():
    with pytest.raises(RefusedError) as refused:
        checked(NewVersion("", "", TODAY - DAY), before=BEFORE)

    assert len(refused.value.sentences) == 5


def test_tags_are_kept_once_in_small_letters():
    assert tags_of(" Åpen dør,signal,, ÅPEN  DØR ,") == "åpen dør, signal"
    assert words_of("Ærlig\0 \t Svar") == ["ærlig", "svar"]
