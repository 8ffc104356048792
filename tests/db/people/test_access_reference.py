"""Who may open what, against a slow reference that reads as the rules are said and knows of no database."""

from __future__ import annotations

import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from medvirk.people.access import (
    Permission,
    can,
    citizens_of,
    citizens_open_to,
    citizens_sharing,
    shared_with,
    viewer_for,
)
from medvirk.people.models import Bar, Citizen, Grant, Guardianship, Person, Relation, Staff, Unit, User

OSLO = ZoneInfo("Europe/Oslo")
PARTS = ("people.contact", "feedback.course")
STAFF, UNITS, CITIZENS, OWN = range(3), range(2), range(3), range(2)

# The clocks go forward on the night to 29 March 2026 and back on the night to 25 October.
DAYS = [date(2026, 3, 28), date(2026, 3, 29), date(2026, 3, 30), date(2026, 10, 25), date(2026, 10, 26)]
SECOND = timedelta(seconds=1)
MIDNIGHTS = [datetime(day.year, day.month, day.day, tzinfo=OSLO).astimezone(UTC) for day in DAYS]
MOMENTS = sorted(
    {at + step for at in MIDNIGHTS for step in (-SECOND, timedelta(0), SECOND)}
    | {
        datetime(day.year, day.month, day.day, 1, tzinfo=UTC) + step
        for day in DAYS
        for step in (-SECOND, timedelta(0))
    }
    | {at + timedelta(hours=12) for at in MIDNIGHTS}
)
BIRTHS = [None, date(1980, 5, 5), date(2010, 3, 29), date(2010, 3, 30), date(2014, 3, 29), date(2014, 3, 30),
          date(2012, 2, 29), date(2018, 1, 1)]  # fmt: skip


# --- the rows, plain -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class World:
    grants: tuple[tuple[int, str, int, date, date | None], ...] = ()
    relations: tuple[dict, ...] = ()
    bars: tuple[tuple[int, int, str, datetime, datetime | None], ...] = ()
    guardians: tuple[dict, ...] = ()
    births: tuple[date | None, ...] = (None, None, None)
    deaths: tuple[date | None, ...] = (None, None, None)
    moments: tuple[datetime, ...] = field(default=tuple(MOMENTS[:1]))


period = st.tuples(st.sampled_from(DAYS), st.sampled_from([None, *DAYS])).filter(
    lambda each: each[1] is None or each[1] >= each[0]
)
moment = st.sampled_from(MOMENTS)


@st.composite
def relations(draw) -> dict:
    basis = draw(st.sampled_from(["service", "consent", "emergency"]))
    to_staff = basis == "emergency" or draw(st.booleans())
    opens_all = basis != "consent" or draw(st.booleans())
    first, last = draw(period)
    return {
        "citizen": draw(st.sampled_from(CITIZENS)),
        "staff": draw(st.sampled_from(STAFF)) if to_staff else None,
        "unit": None if to_staff else draw(st.sampled_from(UNITS)),
        "basis": basis,
        "opens_all": opens_all,
        "parts": [] if opens_all else draw(st.lists(st.sampled_from(PARTS), unique=True)),
        "valid_from": first,
        "valid_to": last,
        "ends_at": draw(moment if basis == "emergency" else st.one_of(st.none(), moment)),
    }


@st.composite
def guardianships(draw) -> dict:
    first, last = draw(period)
    return {
        "citizen": draw(st.sampled_from(CITIZENS)),
        "guardian": draw(st.sampled_from(OWN)),
        "kind": draw(st.sampled_from(["parent", "guardian"])),
        "withheld": draw(st.booleans()),
        "covers_health": draw(st.booleans()),
        "valid_from": first,
        "valid_to": last,
    }


ROLES = ["practitioner", "peer_worker", "team_leader", "manager", "secretary", "partner", "partner", "auditor",
         "practitioner"]  # fmt: skip


@st.composite
def worlds(draw) -> World:
    bars = {}
    for citizen, staff, kind in draw(
        st.lists(
            st.tuples(
                st.sampled_from(CITIZENS), st.sampled_from(STAFF), st.sampled_from(["citizen", "relative"])
            ),
            max_size=2,
        )
    ):
        begins, ends = draw(moment), draw(st.one_of(st.none(), moment))
        if ends is None or ends >= begins:
            bars[citizen, staff, kind] = (begins, ends)
    return World(
        grants=tuple(
            (staff, role, unit, *days)
            for staff, role, unit, days in draw(
                st.lists(
                    st.tuples(st.sampled_from(STAFF), st.sampled_from(ROLES), st.sampled_from(UNITS), period),
                    min_size=2,
                    max_size=6,
                )
            )
        ),
        relations=tuple(draw(st.lists(relations(), max_size=6))),
        bars=tuple((*key, *value) for key, value in bars.items()),
        guardians=tuple(draw(st.lists(guardianships(), max_size=3))),
        births=tuple(draw(st.sampled_from(BIRTHS)) for _ in CITIZENS),
        deaths=tuple(draw(st.sampled_from([None, None, None, date(2026, 3, 29)])) for _ in CITIZENS),
        moments=tuple(draw(st.lists(moment, min_size=2, max_size=2, unique=True))),
    )


# --- the rules, as they are said -------------------------------------------------------------------------------------

#: Who gives help, who registers, and who is a partner: written out here, not read from the code.
HELPS = {"practitioner", "peer_worker", "team_leader"}
REGISTERS = {"practitioner", "team_leader", "secretary"}
PARTNER = {"partner"}


def runs(first: date, last: date | None, at: datetime) -> bool:
    """From the first day to the last, both counting, as days are counted in Norway."""
    day = at.astimezone(OSLO).date()
    return first <= day and (last is None or day <= last)


def roles_of(world: World, staff: int, at: datetime) -> list[tuple[str, int]]:
    return [
        (role, unit)
        for who, role, unit, first, last in world.grants
        if who == staff and runs(first, last, at)
    ]


def ties(world: World, staff: int, citizens: set[int], at: datetime, roles: set[str]) -> list[dict]:
    """Relations in force to the worker, or to a team in which they have one of these roles."""
    teams = {unit for role, unit in roles_of(world, staff, at) if role in roles}
    return [
        each
        for each in world.relations
        if each["citizen"] in citizens
        and runs(each["valid_from"], each["valid_to"], at)
        and (each["ends_at"] is None or at < each["ends_at"])
        and (each["staff"] == staff or (each["unit"] is not None and each["unit"] in teams))
    ]


def kept_out(world: World, staff: int, citizens: set[int], at: datetime) -> bool:
    # The first worker is the first citizen: nobody opens their own record as a worker.
    if staff == 0 and 0 in citizens:
        return True
    return any(
        who == staff and citizen in citizens and begins <= at and (ends is None or at < ends)
        for citizen, who, _kind, begins, ends in world.bars
    )


def worker_may(
    world: World, staff: int, permission: str, citizens: set[int], part: str | None, at: datetime
) -> bool:
    held = {role for role, _unit in roles_of(world, staff, at)}
    if kept_out(world, staff, citizens, at):
        return False
    if permission == "follow_citizens":
        return bool(held & HELPS) and any(
            each["opens_all"] for each in ties(world, staff, citizens, at, HELPS)
        )
    if permission == "register_citizens":
        # Changing a record needs that one may read it, too.
        may_read = worker_may(world, staff, "follow_citizens", citizens, part, at)
        return bool(held & REGISTERS) and may_read
    if permission == "see_shared":
        shared = [each for each in ties(world, staff, citizens, at, PARTNER) if each["basis"] == "consent"]
        return bool(held & PARTNER) and any(
            each["opens_all"] or (bool(each["parts"]) if part is None else part in each["parts"])
            for each in shared
        )
    return False


def years_old(born: date, day: date) -> int:
    return sum(1 for year in range(born.year + 1, day.year + 1) if birthday(born, year) <= day)


def birthday(born: date, year: int) -> date:
    """Somebody born on 29 February is a year older on 1 March in a year without that day."""
    try:
        return born.replace(year=year)
    except ValueError:
        return date(year, 3, 1)


def owner_may(world: World, own: int, permission: str, citizens: set[int], at: datetime) -> bool:
    if permission != "own_pages" or len(citizens) != 1:
        return False
    (citizen,) = citizens
    if world.deaths[citizen] is not None:
        return False
    if own == 0 and citizen == 1:
        return True  # The first account is the second citizen's own.
    born = world.births[citizen]
    for each in world.guardians:
        if each["citizen"] != citizen or each["guardian"] != own:
            continue
        if not runs(each["valid_from"], each["valid_to"], at):
            continue
        if each["kind"] == "guardian" and each["covers_health"]:
            return True
        if each["kind"] == "parent" and born is not None:
            age = years_old(born, at.astimezone(OSLO).date())
            if age < 12 or (age < 16 and not each["withheld"]):
                return True
    return False


# --- the same world in the database ----------------------------------------------------------------------------------


@dataclass
class House:
    """Who there is; what ties them is made anew for each example."""

    units: list[Unit]
    staff: list[Staff]
    citizens: list[Citizen]
    own: list[User]


@pytest.fixture
def house(db) -> House:
    def person(name: str) -> Person:
        return Person.objects.create(given_name=name, family_name="Prøvesen")

    def user(name: str, owner: Person | None = None) -> User:
        return User.objects.create(login=name, login_hash=name, person=owner)

    people = [person(f"Ansatt{n}") for n in STAFF]
    units = [Unit.objects.create(name=f"Team {n}", kind="team", valid_from=date(2020, 1, 1)) for n in UNITS]
    staff = [Staff.objects.create(person=each, user=user(f"ansatt{n}")) for n, each in enumerate(people)]
    persons = [people[0], person("Innbygger1"), person("Innbygger2")]
    citizens = [Citizen.objects.create(person=each) for each in persons]
    own = [user("own0", persons[1]), user("own1", person("Forelder"))]
    return House(units, staff, citizens, own)


@contextmanager
def stored(house: House, world: World):
    """The world's rows in the database, gone again afterwards."""
    with transaction.atomic():
        Grant.objects.bulk_create(
            Grant(
                staff=house.staff[staff], role=role, unit=house.units[unit], valid_from=first, valid_to=last
            )
            for staff, role, unit, first, last in world.grants
        )
        Relation.objects.bulk_create(
            Relation(
                **{
                    **each,
                    "citizen": house.citizens[each["citizen"]],
                    "staff": None if each["staff"] is None else house.staff[each["staff"]],
                    "unit": None if each["unit"] is None else house.units[each["unit"]],
                }
            )
            for each in world.relations
        )
        Bar.objects.bulk_create(
            Bar(
                citizen=house.citizens[citizen],
                staff=house.staff[who],
                kind=kind,
                set_at=begins,
                lifted_at=ends,
            )
            for citizen, who, kind, begins, ends in world.bars
        )
        Guardianship.objects.bulk_create(
            Guardianship(
                **{
                    **each,
                    "citizen": house.citizens[each["citizen"]],
                    "guardian": house.own[each["guardian"]].person,
                }
            )
            for each in world.guardians
        )
        for citizen, born, died in zip(house.citizens, world.births, world.deaths, strict=True):
            citizen.person.birth_date, citizen.person.died_on = born, died
            citizen.person.save_base(update_fields=["birth_date", "died_on"])
        yield
        transaction.set_rollback(True)


@dataclass(frozen=True)
class Several:
    """A record that belongs to more than one citizen."""

    ids: frozenset[uuid.UUID]

    def record_of(self) -> frozenset[uuid.UUID]:
        return self.ids


RECORDS = [{n} for n in CITIZENS] + [set(pair) for pair in combinations(CITIZENS, 2)]
ASKED = [
    Permission.FOLLOW_CITIZENS,
    Permission.REGISTER_CITIZENS,
    Permission.SEE_SHARED,
    Permission.OWN_PAGES,
]


def check_everybody(house: House, world: World, at: datetime) -> None:
    accounts = [(f"worker {n}", each.user, n, True) for n, each in enumerate(house.staff)]
    accounts += [(f"own {n}", each, n, False) for n, each in enumerate(house.own)]
    number = {citizen.pk: n for n, citizen in enumerate(house.citizens)}
    for name, user, n, works_here in accounts:
        viewer = viewer_for(user, at)
        says = lambda permission, record, part, n=n, works_here=works_here: (  # noqa: E731
            worker_may(world, n, permission, record, part, at)
            if works_here
            else owner_may(world, n, permission, record, at)
        )
        for record in RECORDS:
            held = Several(frozenset(house.citizens[each].pk for each in record))
            for permission in ASKED:
                for part in (None, *PARTS):
                    said = can(viewer, permission, held, part=part).allowed
                    assert said == says(permission, record, part), (name, at, permission, record, part)
        opened = {number[each.pk] for each in citizens_open_to(viewer)}
        assert opened == {c for c in CITIZENS if says("follow_citizens", {c}, None)}, (name, at)
        shared = {number[each.citizen_id] for each in shared_with(viewer)}
        assert shared == {c for c in CITIZENS if says("see_shared", {c}, None)}, (name, at)
        for part in PARTS:
            found = {number[each.pk] for each in citizens_sharing(viewer, part)}
            assert found == {c for c in CITIZENS if says("see_shared", {c}, part)}, (name, at, part)
        own = {number[each.pk] for each in citizens_of(viewer)}
        assert own == {c for c in CITIZENS if says("own_pages", {c}, None)}, (name, at)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(world=worlds())
def test_every_decision_and_every_list_is_as_the_rules_say(house, world):
    with stored(house, world):
        for at in world.moments:
            check_everybody(house, world, at)


def tied(**changes) -> dict:
    return {"citizen": 1, "staff": 1, "unit": None, "basis": "service", "opens_all": True, "parts": [],
            "valid_from": DAYS[0], "valid_to": DAYS[1], "ends_at": None, **changes}  # fmt: skip


HELPER = ((1, "practitioner", 0, DAYS[0], None),)


@pytest.mark.parametrize("at", MOMENTS, ids=str)
def test_days_begin_and_end_at_midnight_in_norway_also_when_the_clocks_change(house, at):
    ends = datetime(2026, 10, 25, 1, tzinfo=UTC)
    world = World(
        grants=HELPER,
        relations=(tied(), tied(basis="emergency", citizen=2, valid_to=DAYS[3], ends_at=ends)),
        guardians=(parent_of(2),),
        births=(None, None, date(2010, 3, 30)),
    )  # fmt: skip
    with stored(house, world):
        check_everybody(house, world, at)


def parent_of(citizen: int, **changes) -> dict:
    return {"citizen": citizen, "guardian": 1, "kind": "parent", "withheld": False, "covers_health": True,
            "valid_from": DAYS[0], "valid_to": None, **changes}  # fmt: skip


NOONS = [at + timedelta(hours=12) for at in MIDNIGHTS]
ALWAYS = tied(valid_to=None)
SOME = ALWAYS | {"basis": "consent", "opens_all": False, "parts": PARTS[:1]}
OF_TWO = (ALWAYS, ALWAYS | {"citizen": 2})
HERE, ELSEWHERE = {"staff": None, "unit": 0}, {"staff": None, "unit": 1, "citizen": 2}
PARTNER_HERE = ((1, "partner", 0, DAYS[0], None),)
#: A world for each rule, with nothing in it but what the rule is about: drawn worlds meet some of them seldom.
EACH_RULE = {
    "one's own record": World(
        grants=((0, "practitioner", 0, DAYS[0], None),), relations=(ALWAYS | {"citizen": 0, "staff": 0},)
    ),
    "a bar": World(grants=HELPER, relations=OF_TWO, bars=((1, 1, "citizen", MOMENTS[0], None),)),
    "a bar from one moment to another": World(
        grants=HELPER, relations=OF_TWO, bars=((1, 1, "relative", NOONS[1], NOONS[3]),)
    ),
    "a bar for a partner": World(
        grants=PARTNER_HERE, relations=(SOME,), bars=((1, 1, "citizen", NOONS[1], None),)
    ),
    "an emergency that ends at a moment": World(
        grants=HELPER, relations=(ALWAYS | {"basis": "emergency", "ends_at": NOONS[1]},)
    ),
    "some parts, to who helps": World(grants=HELPER, relations=(SOME,)),
    "some parts, to a partner": World(grants=PARTNER_HERE, relations=(SOME,)),
    "some parts, to a partner's team": World(
        grants=PARTNER_HERE, relations=(SOME | HERE, SOME | ELSEWHERE)
    ),
    "a team": World(grants=HELPER, relations=(ALWAYS | HERE, ALWAYS | ELSEWHERE)),
    "a role that ends": World(grants=((1, "practitioner", 0, DAYS[1], DAYS[2]),), relations=(ALWAYS,)),
    "a parent, of one who turns 16": World(guardians=(parent_of(2),), births=(None, None, date(2010, 3, 29))),
    "a parent, of one who turns 12 and does not want it told": World(
        guardians=(parent_of(2, withheld=True),), births=(None, None, date(2014, 3, 29))
    ),
    "a parent, of one whose age is not known": World(guardians=(parent_of(2),)),
    "a guardian": World(guardians=(parent_of(2, kind="guardian"), parent_of(0, kind="guardian", covers_health=False))),
    "a guardian for a time": World(guardians=(parent_of(2, kind="guardian", valid_from=DAYS[1], valid_to=DAYS[2]),)),
    "death": World(
        grants=HELPER, relations=(ALWAYS,), guardians=(parent_of(2, kind="guardian"),),
        deaths=(None, date(2026, 3, 1), date(2026, 3, 1)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("rule", EACH_RULE)
def test_each_rule_by_itself(house, rule):
    with stored(house, EACH_RULE[rule]):
        for at in NOONS:
            check_everybody(house, EACH_RULE[rule], at)


def test_who_is_a_partner_in_one_team_and_helps_in_another_gets_no_whole_record_from_the_first(house):
    world = World(
        grants=((1, "partner", 0, DAYS[0], None), (1, "practitioner", 1, DAYS[0], None)),
        relations=(tied(staff=None, unit=0, valid_to=None),),
    )
    with stored(house, world):
        check_everybody(house, world, MOMENTS[5])


def test_the_reference_tells_worlds_apart():
    """What is compared with must be able to say both yes and no, or agreeing with it would mean nothing."""
    noon = MIDNIGHTS[1] + timedelta(hours=12)
    world = World(grants=HELPER, relations=(tied(),))

    assert worker_may(world, 1, "follow_citizens", {1}, None, noon)
    barred = replace(world, bars=((1, 1, "citizen", MOMENTS[0], None),))
    assert not worker_may(barred, 1, "follow_citizens", {1}, None, noon)
    assert not worker_may(world, 1, "follow_citizens", {1}, None, MIDNIGHTS[2])
    assert not worker_may(world, 2, "follow_citizens", {1}, None, noon)


def test_asking_about_a_record_takes_one_query_and_the_next_time_none(house):
    with stored(house, World(grants=HELPER, relations=(tied(),))):
        for user in (house.staff[1].user, house.own[0]):
            viewer = viewer_for(user, MOMENTS[4])
            with CaptureQueriesContext(connection) as asked:
                for permission in ASKED:
                    for part in (None, *PARTS):
                        can(viewer, permission, house.citizens[1], part=part)
            assert len(asked) <= 1
