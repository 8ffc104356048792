"""Repeated openings are folded, and each pattern is found where it is and nowhere else."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta

import pytest

from medvirk.people.logic.looking import DEFAULTS, Facts, Opening, Thresholds, fold, kinds, unusual

NOON = datetime(2026, 5, 4, 12)  # noqa: DTZ001  the time of the house, as it is handed in
NIGHT = NOON.replace(hour=23, minute=30)
KARI, OLA = uuid.UUID(int=1), uuid.UUID(int=2)
HERE, THERE = uuid.UUID(int=11), uuid.UUID(int=12)


def citizen(number: int) -> uuid.UUID:
    return uuid.UUID(int=1000 + number)


def opening(staff=KARI, of=0, at=NOON, action="opened", basis="service:own") -> Opening:
    return Opening(staff, citizen(of), at, action, "people.person", basis)


def found(openings, facts=None, limits=DEFAULTS) -> list[tuple[str, int]]:
    return [(each.kind, each.records) for each in unusual(openings, facts or Facts(), limits)]


def test_an_ordinary_day_has_no_patterns():
    facts = Facts(
        names={KARI: "nordmann", citizen(0): "testesen"},
        phones={KARI: "+4790000001", citizen(0): "+4790000002"},
        units_of_staff={KARI: {HERE}},
        units_of_citizen={citizen(number): {HERE} for number in range(30)},
        ended={citizen(0): NOON.date() - timedelta(days=20)},
    )

    assert found([opening(of=number) for number in range(30)], facts) == []


@pytest.mark.parametrize(("number", "expected"), [(7, []), (8, [("other_units", 8)])])
def test_many_records_of_citizens_who_get_help_elsewhere(number, expected):
    facts = Facts(
        units_of_staff={KARI: {HERE}}, units_of_citizen={citizen(each): {THERE} for each in range(number)}
    )

    assert found([opening(of=each) for each in range(number) for _twice in range(2)], facts) == expected


def test_a_citizen_without_other_help_is_nobody_elses():
    assert found([opening(of=each) for each in range(20)], Facts(units_of_staff={KARI: {HERE}})) == []


def test_a_list_opens_nobody_on_purpose():
    facts = Facts(also_staff={citizen(0)}, names={KARI: "x", citizen(0): "x"})

    assert found([opening(basis="list")], facts) == []


def test_a_relation_of_ones_own_making_without_a_plan():
    assert found([opening(), opening(OLA)], Facts(started={(KARI, citizen(0))})) == [("no_contact", 1)]


@pytest.mark.parametrize("known", ["names", "phones"])
def test_same_name_or_phone(known):
    assert found([opening()], Facts(**{known: {KARI: "the same", citizen(0): "the same"}})) == [
        ("same_name", 1)
    ]


def test_no_name_is_not_the_same_name():
    assert found([opening()], Facts(phones={KARI: "", citizen(0): ""})) == []


@pytest.mark.parametrize(
    ("number", "nights", "expected"),
    [(4, 0, []), (5, 0, [("at_night", 5)]), (5, 2, [("at_night", 5)]), (9, 3, [])],
)
def test_nights_but_not_of_those_who_work_at_night(number, nights, expected):
    openings = [opening(of=each, at=NIGHT) for each in range(number)]

    assert found(openings, Facts(nights={KARI: nights})) == expected


@pytest.mark.parametrize(("hour", "late"), [(22, False), (23, True), (0, True), (4, True), (5, False)])
def test_when_night_is(hour, late):
    openings = [opening(of=each, at=NOON.replace(hour=hour)) for each in range(5)]

    assert bool(found(openings)) == late


def test_one_attempt_at_a_closed_record_is_enough():
    assert found([opening(action="tried", basis="refused:barred")]) == [("refused", 1)]


@pytest.mark.parametrize(("number", "expected"), [(14, []), (15, [("searches", 15)])])
def test_searches_by_name(number, expected):
    by_name = [opening(of=each, action="searched", basis="search:name") for each in range(number)]
    by_number = [opening(of=99 + each, action="searched", basis="search:national_id") for each in range(30)]

    assert found(by_name + by_number) == expected


@pytest.mark.parametrize(("days", "expected"), [(90, []), (91, [("ended", 1)])])
def test_long_after_the_help_had_ended(days, expected):
    assert found([opening()], Facts(ended={citizen(0): NOON.date() - timedelta(days=days)})) == expected


def test_a_colleagues_record():
    assert found([opening()], Facts(also_staff={citizen(0)})) == [("colleague", 1)]


def test_each_worker_stands_alone():
    openings = [opening(staff, of) for staff in (KARI, OLA) for of in range(5)]
    facts = Facts(
        units_of_staff={KARI: {HERE}, OLA: {HERE}},
        units_of_citizen={citizen(each): {THERE} for each in range(5)},
    )

    assert found(openings, facts) == []
    assert found(openings, facts, Thresholds(other_units=5)) == [("other_units", 5), ("other_units", 5)]


def test_they_come_by_when_and_never_by_how_many():
    first = [opening(OLA, 1, NOON)]
    later = [opening(KARI, number, NOON + timedelta(hours=1)) for number in range(4)]
    facts = Facts(also_staff={citizen(number) for number in range(4)})

    told = unusual(later + first, facts)

    assert [(each.staff_id, each.records) for each in told] == [(OLA, 1), (KARI, 4)]
    assert (told[0].first_at, told[0].last_at) == (NOON, NOON)


def test_every_kind_has_its_words():
    from medvirk.people.models import PatternKind
    from medvirk.people.queries.log import INNOCENT

    assert set(kinds()) == set(PatternKind) == set(INNOCENT)


def test_folding_keeps_the_order_and_the_ends():
    events = [("a", 100), ("b", 95), ("a", 60), ("a", 30), ("b", 20), ("a", -90)]
    day = datetime.combine(date(2026, 5, 4), datetime.min.time())

    looks = fold(events, key=lambda each: each[0], at=lambda each: day + timedelta(minutes=each[1]))

    assert [(look.last, look.first, look.times) for look in looks] == [
        (("a", 100), ("a", 30), 3),
        (("b", 95), ("b", 95), 1),
        (("b", 20), ("b", 20), 1),
        (("a", -90), ("a", -90), 1),
    ]
