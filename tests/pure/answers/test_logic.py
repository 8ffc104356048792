"""Is the way in open, and what do the sent values say."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from medvirk.answers.logic import (
    OWN_WORDS_MOST,
    Asked,
    Fault,
    Problem,
    State,
    hash_token,
    read_values,
    readable,
    state_of,
)
from medvirk.instruments.definitions import (
    Confidence,
    Format,
    Instrument,
    Item,
    Licence,
    LicenceClass,
    Status,
)
from medvirk.instruments.loader import get

NOW = datetime(2025, 3, 10, 12, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
OPEN = {
    "opens_at": NOW - HOUR,
    "closes_at": None,
    "expires_at": NOW + HOUR,
    "revoked_at": None,
    "answered": False,
}


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, State.OPEN),
        ({"opens_at": NOW}, State.OPEN),
        ({"opens_at": NOW + SECOND}, State.NOT_YET),
        ({"closes_at": NOW + SECOND}, State.OPEN),
        ({"closes_at": NOW}, State.CLOSED),
        ({"expires_at": NOW + SECOND}, State.OPEN),
        ({"expires_at": NOW}, State.EXPIRED),
        ({"revoked_at": NOW}, State.REVOKED),
        ({"revoked_at": NOW + SECOND}, State.OPEN),
        ({"answered": True}, State.ANSWERED),
        # What has happened goes before what would have been in the way.
        ({"answered": True, "revoked_at": NOW, "expires_at": NOW, "closes_at": NOW}, State.ANSWERED),
        ({"revoked_at": NOW, "expires_at": NOW - SECOND}, State.REVOKED),
        ({"expires_at": NOW, "opens_at": NOW + HOUR}, State.EXPIRED),
        ({"expires_at": NOW, "closes_at": NOW}, State.EXPIRED),
    ],
)
def test_the_state_of_a_link(change, expected):
    assert state_of(now=NOW, **(OPEN | change)) is expected


def test_a_token_is_kept_as_its_hash():
    # The SHA-256 of "abc" as FIPS 180-2 gives it.
    assert hash_token("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


def instrument(*items: Item) -> Instrument:
    return Instrument(
        key="form",
        version=1,
        name="Form",
        about={},
        status=Status.NOT_VALIDATED,
        source="made up",
        confidence=Confidence.GUESS,
        licence=Licence("CC0-1.0", "nobody", LicenceClass.FREE, wording_may_ship=True),
        items=items,
    )


LINE = Item("a", Format.VAS, low=0, high=10, step=0.5)
LIKERT = Item("a", Format.LIKERT, options=(0.0, 1.0, 2.5))
NUMBER = Item("a", Format.NUMBER, low=-5, high=40)
ENDLESS = Item("a", Format.NUMBER)
YESNO = Item("a", Format.YESNO)
TEXT = Item("a", Format.TEXT)


@pytest.mark.parametrize(
    ("item", "sent", "expected"),
    [
        (LINE, "0", 0.0),
        (LINE, "10", 10.0),
        (LINE, "7.5", 7.5),
        (LINE, "7,5", 7.5),
        (LINE, " 3 ", 3.0),
        (LIKERT, "2.5", 2.5),
        (LIKERT, "2,50", 2.5),
        (LIKERT, "0", 0.0),
        (NUMBER, "-5", -5.0),
        (NUMBER, "36,6", 36.6),
        (ENDLESS, "123456", 123456.0),
        (YESNO, "1", 1.0),
        (YESNO, "0", 0.0),
        (TEXT, "to, eller tre", "to, eller tre"),
        (TEXT, "nan", "nan"),
        (TEXT, "x" * OWN_WORDS_MOST, "x" * OWN_WORDS_MOST),
    ],
)
def test_what_can_be_answered_is_read(item, sent, expected):
    assert read_values(Asked(instrument(item), "nb"), {"form.a": sent}) == ({"a": expected}, [])


@pytest.mark.parametrize(
    ("item", "sent", "problem"),
    [
        (LINE, "-0.1", Problem.OUTSIDE),
        (LINE, "10.01", Problem.OUTSIDE),
        (LINE, "ti", Problem.NOT_A_NUMBER),
        (LINE, "nan", Problem.NOT_A_NUMBER),
        (LINE, "inf", Problem.NOT_A_NUMBER),
        (LINE, "-Infinity", Problem.NOT_A_NUMBER),
        (LINE, "1e999", Problem.NOT_A_NUMBER),
        (LINE, "1,000.5", Problem.NOT_A_NUMBER),
        (LIKERT, "2", Problem.OUTSIDE),
        (LIKERT, "NaN", Problem.NOT_A_NUMBER),
        (NUMBER, "40,1", Problem.OUTSIDE),
        (ENDLESS, "inf", Problem.NOT_A_NUMBER),
        (YESNO, "0.5", Problem.OUTSIDE),
        (YESNO, "2", Problem.OUTSIDE),
        (YESNO, "ja", Problem.NOT_A_NUMBER),
        (TEXT, "x" * (OWN_WORDS_MOST + 1), Problem.TOO_LONG),
    ],
)
def test_what_cannot_be_answered_is_a_fault_with_field_and_value(item, sent, problem):
    assert read_values(Asked(instrument(item), "nb"), {"form.a": sent}) == (
        {},
        [Fault("form.a", sent[:60], problem)],
    )


@pytest.mark.parametrize("item", [LINE, LIKERT, NUMBER, YESNO, TEXT], ids=lambda item: str(item.format))
@pytest.mark.parametrize("sent", [{}, {"form.a": ""}, {"form.a": "  \n"}, {"other.a": "1"}])
def test_an_empty_field_is_unanswered_and_no_value(item, sent):
    assert read_values(Asked(instrument(item), "nb"), sent) == ({}, [])


def test_all_faults_are_told_at_once_and_the_good_values_kept():
    asked = instrument(
        Item("a", Format.VAS, low=0, high=10), Item("b", Format.YESNO), Item("c", Format.VAS, low=0, high=10)
    )

    values, faults = read_values(Asked(asked, "nb"), {"form.a": "11", "form.b": "kanskje", "form.c": "4"})

    assert values == {"c": 4.0}
    assert [(fault.field, fault.problem) for fault in faults] == [
        ("form.a", Problem.OUTSIDE),
        ("form.b", Problem.NOT_A_NUMBER),
    ]


def test_a_field_is_named_by_its_instrument_and_item():
    assert Asked(instrument(LINE), "nb").field(LINE) == "form.a"


@pytest.mark.parametrize("raw", ["1_0", "٣", "0x5", "1e1", "5 5"])
def test_a_number_is_written_in_plain_digits(raw):
    instrument = get("life-now")

    values, faults = read_values(Asked(instrument, "nb"), {"life-now.q1": raw})

    assert values == {}
    assert [fault.problem for fault in faults] == [Problem.NOT_A_NUMBER]


def test_signs_that_nobody_can_see_are_not_an_answer():
    assert readable("a\x00b\r\nc\td\x7f") == "ab\nc\td"
    assert read_values(Asked(get("life-now"), "nb"), {"life-now.q1": "\x00"}) == ({}, [])
