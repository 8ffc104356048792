"""Headings of an import: what they stand for, and what docs/import.md says about them."""

from __future__ import annotations

from pathlib import Path

import pytest

from medvirk.interop.importing.columns import ALIASES, REQUIRED, Field, settle_columns
from medvirk.tables import TableFaults

DOCUMENTATION = Path(__file__).resolve().parents[3] / "docs" / "import.md"
NEEDED = tuple(str(field) for field in REQUIRED)


@pytest.mark.parametrize(
    ("heading", "field"),
    [
        ("fødselsnummer", Field.NATIONAL_ID),
        ("  Fødselsnummer ", Field.NATIONAL_ID),
        ("Forløp-start", Field.EPISODE_START),
        ("FORLØP START", Field.EPISODE_START),
        # o with a stroke does not decompose, but å does: as macOS writes it.
        ("ska\u030are", Field.SCORE),
        ("egne_ord", Field.OWN_WORDS),
    ],
)
def test_norwegian_headings_are_understood_however_they_are_typed(heading, field):
    needed = [name for name in NEEDED if name != field]

    columns = settle_columns([*needed, heading])

    assert columns.headings[field] == heading
    assert columns.heading(field) == heading
    assert columns.unused == ()


def test_items_are_found_by_number_before_and_after_the_conversation():
    columns = settle_columns([*NEEDED, "q1", "Q10", "spm2", "meeting_q1", "møte_spm2"])

    assert columns.items == {1: "q1", 10: "Q10", 2: "spm2"}
    assert columns.meeting_items == {1: "meeting_q1", 2: "møte_spm2"}


def test_headings_without_meaning_are_named_and_not_refused():
    columns = settle_columns([*NEEDED, "kommentar", "q0", "q100"])

    assert columns.unused == ("kommentar", "q0", "q100")


def test_every_lacking_column_and_every_double_one_is_told_at_once():
    with pytest.raises(TableFaults) as found:
        settle_columns(["ref", "person", "fornavn", "etternavn", "avdeling", "behandler", "dto"])

    told = [str(fault) for fault in found.value.faults]
    assert len(told) == 3
    assert "column person: This column means the same as the column “ref”" in told[0]
    assert "“episode_start” (or forløp_start, forlop_start)" in told[1]
    assert "“session”" in told[2]
    assert "not understood: dto" in told[2]


def test_every_heading_is_documented():
    text = DOCUMENTATION.read_text(encoding="utf-8")
    rows = {line.split("|")[1].strip(" `"): line for line in text.splitlines() if line.startswith("| `")}

    for field in Field:
        for name in (str(field), *ALIASES[field]):
            assert f"`{name}`" in rows[field], name


def test_headings_without_meaning_are_told_once_and_not_all_of_very_many():
    with pytest.raises(TableFaults) as found:
        settle_columns([f"extra {number}" for number in range(1, 31)])

    told = [str(fault) for fault in found.value.faults]
    assert len(told) == len(REQUIRED)
    assert sum("not understood" in each for each in told) == 1
    assert told[-1].endswith("extra 19, extra 20, ….")
