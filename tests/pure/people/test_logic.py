"""What a typed number, name or period means."""

from __future__ import annotations

import uuid
from datetime import date

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from medvirk.people.logic import (
    ROLE_DESCRIPTIONS,
    NationalIdKind,
    PersonDetails,
    RefusedError,
    check_phone,
    checked_details,
    normal_name,
    overlaps,
    parse_national_id,
    units_under,
    would_be_circle,
)
from medvirk.people.models import Role

TODAY = date(2026, 11, 16)


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("typed", "born", "kind", "synthetic"),
    [
        ("01818500100", date(1985, 1, 1), NationalIdKind.ORDINARY, True),
        ("41818500100", date(1985, 1, 1), NationalIdKind.D_NUMBER, True),
        ("01418500100", date(1985, 1, 1), NationalIdKind.ORDINARY, True),
        ("018185 00100", date(1985, 1, 1), NationalIdKind.ORDINARY, True),
        ("01010550000", date(2005, 1, 1), NationalIdKind.ORDINARY, False),
        ("01014590000", date(1945, 1, 1), NationalIdKind.ORDINARY, False),
        ("29820850000", date(2008, 2, 29), NationalIdKind.ORDINARY, True),
    ],
)
def test_national_id_gives_birth_date(typed, born, kind, synthetic):
    read = parse_national_id(typed, today=TODAY)

    assert (read.birth_date, read.kind, read.synthetic) == (born, kind, synthetic)
    assert read.digits == typed.replace(" ", "")


def test_control_digits_are_not_demanded():
    """They are computed in another way from 2032; whatever stands there must be taken."""
    births = {parse_national_id(f"018185001{last:02d}", today=TODAY).birth_date for last in range(100)}

    assert births == {date(1985, 1, 1)}


@pytest.mark.parametrize(
    ("typed", "part_of_fault"),
    [
        ("0181850010", "this one has 10"),
        ("018185001000", "this one has 12"),
        ("0181850O100", "digits only"),
        ("31828500100", "not a possible date of birth"),
        ("00818500100", "not a possible date of birth"),
        ("01135500100", "not a possible date of birth"),
        ("01813050000", "not a possible date of birth"),  # 2030: not born yet
        ("01816055000", "not a possible date of birth"),  # 1860
        (
            "01814560000",
            "not a possible date of birth",
        ),  # individual numbers 500–899 were not given in 1940–1953
    ],
)
def test_national_id_fault_is_named(typed, part_of_fault):
    with pytest.raises(RefusedError, match=part_of_fault):
        parse_national_id(typed, today=TODAY)


@given(
    born=st.dates(min_value=date(1940, 1, 1), max_value=date(1999, 12, 31)),
    individual=st.integers(min_value=0, max_value=499),
    offset=st.sampled_from([0, 40, 80]),
    d_number=st.booleans(),
)
def test_every_date_written_into_a_number_is_read_back(born, individual, offset, d_number):
    day = born.day + (40 if d_number else 0)
    typed = f"{day:02d}{born.month + offset:02d}{born.year % 100:02d}{individual:03d}00"

    read = parse_national_id(typed, today=TODAY)

    assert read.birth_date == born
    assert read.synthetic == (offset > 0)
    assert (read.kind is NationalIdKind.D_NUMBER) == d_number


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("900 00 001", "+4790000001"),
        ("+47 90000001", "+4790000001"),
        ("0047 900 00 001", "+4790000001"),
        ("4790000001", "+4790000001"),
        ("+46 70-123 45 67", "+46701234567"),
    ],
)
def test_phone_is_stored_in_one_way(typed, number):
    assert check_phone(typed) == number


@pytest.mark.parametrize(
    ("typed", "part_of_fault"),
    [
        ("9000001", "this one has 7"),
        ("900 00 o01", "digits only"),
        ("+1", "too short"),
        ("9000+0001", "digits only"),
    ],
)
def test_phone_fault_is_named(typed, part_of_fault):
    with pytest.raises(RefusedError, match=part_of_fault):
        check_phone(typed)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("Kari Anne", "Nordmann"), ("KARI", "Testesen Nordmann")),
        (("André", "Müller"), ("andre", "muller")),
        (("Anne-Lise", "Å"), ("anne", "å")),
    ],
)
def test_the_same_name_written_differently_is_the_same(one, other):
    assert normal_name(*one) == normal_name(*other)


def test_norwegian_letters_stay_apart():
    assert len({normal_name("Per", name) for name in ("Hås", "Has", "Høs", "Hos", "Hæs")}) == 5


def test_all_faults_in_details_come_at_once():
    details = PersonDetails(given_name=" ", family_name="Test", national_id="1", phone="12")

    with pytest.raises(RefusedError) as refused:
        checked_details(details, today=TODAY)

    assert len(refused.value.sentences) == 3


def test_birth_date_follows_from_the_national_id():
    details = PersonDetails(given_name=" Kari  Anne ", family_name="Test", national_id="018185 00100")

    checked = checked_details(details, today=TODAY)

    assert checked.birth_date == date(1985, 1, 1)
    assert checked.given_name == "Kari Anne"
    assert checked.national_id == "01818500100"


def test_birth_date_against_national_id_is_a_fault():
    details = PersonDetails("Kari", "Test", national_id="01818500100", birth_date=date(1985, 1, 2))

    with pytest.raises(RefusedError, match="do not agree"):
        checked_details(details, today=TODAY)


@pytest.mark.parametrize("born", [date(2026, 11, 17), date(1899, 1, 1)])
def test_impossible_birth_date_is_a_fault(born):
    with pytest.raises(RefusedError, match="Check the year"):
        checked_details(PersonDetails("Kari", "Test", birth_date=born), today=TODAY)


def test_circles_of_units_are_seen():
    top, middle, low = uuid.uuid4(), uuid.uuid4(), uuid.uuid4()
    parents = {top: None, middle: top, low: middle}

    assert would_be_circle(parents, top, low)
    assert would_be_circle(parents, middle, middle)
    assert not would_be_circle(parents, low, top)
    assert not would_be_circle(parents, middle, None)


def test_units_under_takes_all_floors_and_no_neighbours():
    top, left, right, below_left = (uuid.uuid4() for _ in range(4))
    parents = {top: None, left: top, right: top, below_left: left}

    assert units_under(parents, [left]) == {left, below_left}
    assert units_under(parents, [top]) == set(parents)


@pytest.mark.parametrize(
    ("first", "second", "shared"),
    [
        ((1, 3), (3, 5), True),
        ((1, 2), (3, None), False),
        ((1, None), (3, None), True),
        ((4, 5), (1, 3), False),
    ],
)
def test_periods_that_share_a_day(first, second, shared):
    def days(period):
        return [day and date(2026, 1, day) for day in period]

    assert overlaps(*days(first), *days(second)) is shared
    assert overlaps(*days(second), *days(first)) is shared


def test_every_role_says_what_it_does():
    assert set(ROLE_DESCRIPTIONS) == set(Role.values)
