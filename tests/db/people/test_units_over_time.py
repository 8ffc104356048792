"""Units merged, divided and moved from a day: access follows from that day, and nothing is lost."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone, translation

from medvirk.feedback.models import Episode
from medvirk.feedback.succession import with_unit_on
from medvirk.people.access import Permission, can, viewer_for
from medvirk.people.actions import RefusedError, register_unit, start_relation
from medvirk.people.actions.succession import (
    NewUnit,
    Placed,
    carry_on,
    described,
    merge_units,
    move_unit,
    place_rest,
    show_todays_structure,
    split_unit,
    undo_reorganisation,
)
from medvirk.people.logic.units import recount
from medvirk.people.models import Grant, Relation, Reorganisation, Unit, UnitPlace, UnitSuccession
from medvirk.people.queries.units import lineage, scope_of, steps, structure_on, units_on

ONE = timedelta(days=1)


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def today():
    return timezone.localdate()


@pytest.fixture
def town(make):
    """A municipality with two teams, a worker and a citizen in each, and an administrator."""

    class Town:
        top = make.unit("Fjordvik", kind="municipality")
        north = make.unit("North", parent=top)
        south = make.unit("South", parent=top)
        in_north = make.staff("practitioner", north)
        in_south = make.staff("practitioner", south)
        of_north = make.citizen(team=north)
        of_south = make.citizen(team=south)
        chief_staff = make.staff("administrator", top)
        chief = make.viewer(chief_staff)

    return Town


def noon(day: date):
    return timezone.make_aware(timezone.datetime(day.year, day.month, day.day, 12))


def opens(staff, citizen, day: date) -> bool:
    return can(viewer_for(staff.user, noon(day)), Permission.FOLLOW_CITIZENS, citizen).allowed


def rows_in_force(day: date) -> Counter:
    grants = Counter((grant.staff_id, grant.role, grant.unit_id) for grant in Grant.objects.on(day))
    return grants + Counter(
        (each.citizen_id, each.staff_id, each.unit_id) for each in Relation.objects.on(day)
    )


def everything() -> dict[str, list]:
    return {
        model.__name__: sorted(map(repr, model.objects.values_list()))
        for model in (Unit, Grant, Relation, UnitPlace, UnitSuccession, Episode)
    }


def test_access_follows_the_new_unit_from_its_day_and_not_before(town, today):
    day = today + timedelta(days=30)

    made = merge_units(
        by=town.chief, units=[town.north, town.south], into=NewUnit("Mid", "team", town.top), day=day
    )

    for staff, own, other in (
        (town.in_north, town.of_north, town.of_south),
        (town.in_south, town.of_south, town.of_north),
    ):
        assert [opens(staff, own, when) for when in (day - ONE, day, day + ONE)] == [True, True, True]
        assert [opens(staff, other, when) for when in (day - ONE, day, day + ONE)] == [False, True, True]
    assert made.described == {
        "from": ["North", "South"], "to": ["Mid"], "moved": {"people.grant": 2, "people.relation": 2}
    }  # fmt: skip


def test_what_was_before_the_day_is_as_it_was(town, today):
    day = today + timedelta(days=30)
    before = rows_in_force(day - ONE)

    merge_units(by=town.chief, units=[town.north, town.south], into=town.north, day=day)

    assert rows_in_force(day - ONE) == before
    # The unit that goes on keeps its rows; the other's end, and are carried on.
    assert Relation.objects.filter(citizen=town.of_north).count() == 1
    ended, begun = Relation.objects.filter(citizen=town.of_south).order_by("valid_from")
    assert (ended.unit, ended.valid_to) == (town.south, day - ONE)
    assert (begun.unit, begun.valid_from, begun.reason) == (town.north, day, ended.reason)
    town.south.refresh_from_db()
    assert town.south.valid_to == day - ONE


def test_the_same_role_in_two_merged_units_is_one_role_there(make, town, today):
    from medvirk.people.actions import NewGrant, end_role, grant_role

    grant_role(
        by=None,
        staff=town.in_north,
        grant=NewGrant("practitioner", town.south, make.long_ago, today + 90 * ONE),
    )
    day = today + timedelta(days=10)
    merge_units(by=town.chief, units=[town.north, town.south], into=NewUnit("Mid", "team", town.top), day=day)

    (grant,) = Grant.objects.on(day).filter(staff=town.in_north)
    assert grant.valid_to is None
    with time_machine.travel(noon(day)):
        end_role(by=None, grant=grant, last_day=day)
    assert not opens(town.in_north, town.of_north, day + ONE)


def test_a_planned_merge_is_taken_back_without_a_trace(town, today):
    before = everything()
    made = merge_units(
        by=town.chief,
        units=[town.north, town.south],
        into=NewUnit("Mid", "team", town.top),
        day=today + 5 * ONE,
    )
    assert everything() != before

    undo_reorganisation(by=town.chief, reorganisation=made)

    assert everything() == before
    made.refresh_from_db()
    assert made.undone_at is not None


def test_what_has_happened_is_not_taken_back(town, today):
    made = merge_units(by=town.chief, units=[town.north, town.south], into=town.north, day=today)

    with pytest.raises(RefusedError, match="Its day has come"):
        undo_reorganisation(by=town.chief, reorganisation=made)


def test_a_preview_says_what_will_be_done_and_does_nothing(town, today):
    before = everything()

    told = described(
        lambda: merge_units(by=town.chief, units=[town.north, town.south], into=town.north, day=today)
    )

    assert told["moved"] == {"people.grant": 1, "people.relation": 1}
    assert everything() == before
    assert not Reorganisation.objects.exists()


def test_who_comes_after_the_plan_is_carried_on_too(make, town, today):
    day = today + timedelta(days=10)
    merge_units(by=town.chief, units=[town.north, town.south], into=NewUnit("Mid", "team", town.top), day=day)
    late = make.citizen(worker=town.in_south)
    start_relation(by=None, citizen=late, team=town.south, reason="Came in between", valid_from=today)

    for _ in range(2):  # the duty may run again, or be killed and run anew
        carry_on(timezone.now())

    assert [opens(town.in_north, late, when) for when in (day - ONE, day)] == [False, True]
    assert Relation.objects.filter(citizen=late, staff=None).count() == 2


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"day": -100}, "too long ago"),
        ({"day": 5000}, "too far ahead"),
        ({"units": ["north"]}, "at least two"),
        ({"into": "top_under"}, "cannot stand under one that ends"),
    ],
)
def test_what_cannot_be_merged_is_refused_with_a_sentence(make, town, today, change, sentence):
    before = everything()
    inner = make.unit("Inner", parent=town.north)
    units = [getattr(town, name) for name in change.get("units", ["north", "south"])]
    into = {"top_under": inner}.get(change.get("into"), NewUnit("Mid", "team", town.top))
    if change.get("units"):
        into = town.north

    with pytest.raises(RefusedError) as refused:
        merge_units(by=town.chief, units=units, into=into, day=today + change.get("day", 5) * ONE)

    assert any(sentence in each for each in refused.value.sentences)
    Unit.objects.filter(pk=inner.pk).delete()
    assert everything() == before


def test_a_day_before_something_began_is_refused_with_that_day(make, town, today):
    start_relation(by=None, citizen=town.of_south, team=town.north, reason="Both", valid_from=today - 3 * ONE)

    with pytest.raises(RefusedError) as refused:
        merge_units(by=town.chief, units=[town.north, town.south], into=town.south, day=today - 5 * ONE)

    assert f"{today - 3 * ONE:%d.%m.%Y}" in refused.value.sentences[0]
    merge_units(by=town.chief, units=[town.north, town.south], into=town.south, day=today - 2 * ONE)


def test_who_looks_after_one_of_the_units_only_cannot_merge_them(make, town, today):
    local = make.viewer(make.staff("administrator", town.north))

    with pytest.raises(PermissionDenied):
        merge_units(by=local, units=[town.north, town.south], into=town.north, day=today)


def test_a_split_places_everybody_or_is_refused(make, town, today):
    day = today + timedelta(days=10)
    into = [NewUnit("North A", "team", town.top), NewUnit("North B", "team", town.top)]
    grant = Grant.objects.get(staff=town.in_north)
    relation = Relation.objects.get(citizen=town.of_north)

    with pytest.raises(RefusedError) as refused:
        split_unit(
            by=town.chief, unit=town.north, into=into, day=day,
            placed=Placed(rows={("people.grant", str(grant.pk)): 0}),
        )  # fmt: skip
    assert refused.value.sentences == ["Not placed yet: 1 citizen tied to the team."]

    rows = {("people.grant", str(grant.pk)): 0, ("people.relation", str(relation.pk)): 1}
    split_unit(by=town.chief, unit=town.north, into=into, day=day, placed=Placed(rows=rows))

    assert Grant.objects.on(day).get(staff=town.in_north).unit.name == "North A"
    assert Relation.objects.on(day).get(citizen=town.of_north).unit.name == "North B"
    assert opens(town.in_north, town.of_north, day - ONE)
    assert not opens(town.in_north, town.of_north, day)


def test_who_comes_into_a_divided_unit_waits_to_be_placed(make, town, today):
    day = today + timedelta(days=10)
    grant = Grant.objects.get(staff=town.in_north)
    relation = Relation.objects.get(citizen=town.of_north)
    rows = {("people.grant", str(grant.pk)): 0, ("people.relation", str(relation.pk)): 1}
    made = split_unit(
        by=town.chief, unit=town.north, day=day, placed=Placed(rows=rows),
        into=[NewUnit("North A", "team", town.top), NewUnit("North B", "team", town.top)],
    )  # fmt: skip
    late = make.citizen(worker=town.in_south)
    tie = start_relation(by=None, citizen=late, team=town.north, reason="Came in between", valid_from=today)
    carry_on(timezone.now())
    assert not opens(town.in_north, late, day)

    place_rest(by=town.chief, reorganisation=made, placed=Placed(rows={("people.relation", str(tie.pk)): 0}))

    assert opens(town.in_north, late, day)


def test_a_unit_renamed_from_a_day_is_called_so_from_that_day(town, today):
    day = today + timedelta(days=10)
    move_unit(by=town.chief, unit=town.north, day=day, name="Upper", parent=town.south)

    def shown(when):
        structure = structure_on(when)
        return structure.units[town.north.pk].name, structure.parents[town.north.pk]

    assert shown(day - ONE) == ("North", town.top.pk)
    assert shown(day) == ("Upper", town.south.pk)
    show_todays_structure(noon(day - ONE))
    town.north.refresh_from_db()
    assert town.north.name == "North"
    show_todays_structure(noon(day))
    town.north.refresh_from_db()
    assert (town.north.name, town.north.parent) == ("Upper", town.south)


def test_who_looks_after_units_follows_the_structure_of_the_day(make, town, today):
    chief_of_south = make.staff("administrator", town.south)
    day = today + timedelta(days=10)
    move_unit(by=town.chief, unit=town.north, day=day, name="North", parent=town.south)

    def scope(when):
        return scope_of(viewer_for(chief_of_south.user, noon(when)), Permission.MANAGE_UNITS)

    assert scope(day - ONE) == {town.south.pk}
    assert scope(day) == {town.south.pk, town.north.pk}


def test_a_unit_cannot_move_under_itself_by_two_moves(town, today):
    move_unit(by=town.chief, unit=town.north, day=today + 10 * ONE, name="North", parent=town.south)

    with pytest.raises(RefusedError, match="under itself"):
        move_unit(by=town.chief, unit=town.south, day=today + 20 * ONE, name="South", parent=town.north)


class Region:
    """Three municipalities that become one, as Drammen, Nedre Eiker and Svelvik did; names and figures made up."""

    def __init__(self, make, care) -> None:
        self.make, self.care = make, care
        self.tops = [make.unit(name, kind="municipality") for name in ("Fossby", "Eikeland", "Svelnes")]
        self.services = [make.unit("Rus og psykisk helse", kind="service", parent=top) for top in self.tops]
        self.teams = [
            make.unit(f"Team {number}", parent=service) for service in self.services for number in range(2)
        ]
        self.workers = [make.staff("practitioner", team) for team in self.teams]
        self.citizens = [[make.citizen(team=team) for _ in range(2)] for team in self.teams]
        self.episodes = []
        for team, worker, citizens in zip(self.teams, self.workers, self.citizens, strict=True):
            for citizen in citizens:
                episode = care.episode(citizen=citizen, worker=worker)
                Episode.objects.filter(pk=episode.pk).update(unit=team)
                self.episodes.append(episode)
        self.chief = make.staff("administrator", self.tops[0])
        for top in self.tops[1:]:
            from medvirk.people.actions import NewGrant, grant_role

            grant_role(by=None, staff=self.chief, grant=NewGrant("administrator", top, make.long_ago))
        self.viewer = make.viewer(self.chief)

    def counted(self, day: date) -> Counter:
        """Running courses by the unit they belonged to on `day`."""
        return Counter(with_unit_on(Episode.objects.all(), day).values_list("unit_then", flat=True))


def test_three_municipalities_become_one_and_a_department_is_divided_later(make, care, today):
    region = Region(make, care)
    merged_on, split_on = today + 10 * ONE, today + 400 * ONE
    before = region.counted(today)

    merge_units(
        by=region.viewer, units=region.tops, into=NewUnit("Nye Fossby", "municipality"), day=merged_on,
        also=[region.services],
    )  # fmt: skip

    new = structure_on(merged_on)
    (top,) = [unit for pk, unit in new.units.items() if new.parents[pk] is None and pk != care.unit.pk]
    (service,) = [unit for unit in new.units.values() if new.parents[unit.pk] == top.pk]
    assert (top.name, service.name) == ("Nye Fossby", "Rus og psykisk helse")
    assert {unit for unit, parent in new.parents.items() if parent == service.pk} == {
        t.pk for t in region.teams
    }
    # The old structure is still what it was, on its days.
    old = structure_on(merged_on - ONE)
    assert {old.units[each.pk].name for each in region.tops} == {"Fossby", "Eikeland", "Svelnes"}
    assert all(len(old.under(each.pk)) == 4 for each in region.tops)
    assert len(new.under(top.pk)) == 8
    # Teams are the same units, so that their figures are simply theirs; the whole is the sum.
    assert region.counted(merged_on) == before
    assert sum(region.counted(merged_on)[unit] for unit in new.under(top.pk)) == 12
    # The administrator of the three is one of the new whole, from its day.
    chief = viewer_for(region.chief.user, noon(merged_on))
    assert scope_of(chief, Permission.MANAGE_UNITS) == set(Unit.objects.values_list("pk", flat=True))

    team = region.teams[0]
    halves = [NewUnit("Team 0 øst", "team", service), NewUnit("Team 0 vest", "team", service)]
    first, second = region.citizens[0]
    rows = {("people.grant", str(Grant.objects.get(unit=team).pk)): 0}
    for number, citizen in enumerate((first, second)):
        rows["people.relation", str(Relation.objects.get(citizen=citizen, unit=team).pk)] = number
        episode = next(each for each in region.episodes if each.citizens.get() == citizen)
        rows["feedback.episode", str(episode.pk)] = number
    with time_machine.travel(noon(merged_on)):
        split_unit(by=chief, unit=team, into=halves, day=split_on, placed=Placed(rows=rows))

    east, west = Unit.objects.get(name="Team 0 øst"), Unit.objects.get(name="Team 0 vest")
    after = region.counted(split_on)
    assert (after[east.pk], after[west.pk], after[team.pk]) == (1, 1, 0)
    assert sum(after.values()) == 12
    # Under the structure of each day the sum is what was registered, and nothing is guessed.
    at = steps()
    registered = [(unit, today, count) for unit, count in before.items()]
    forward = recount(at, registered, under=split_on)
    assert forward.total == 12
    assert forward.undivided == {frozenset({east.pk, west.pk}): 2}
    backward = recount(at, [(unit, split_on, count) for unit, count in after.items()], under=today)
    assert backward.units == dict(before)
    assert backward.undivided == {}
    # Whole municipalities: many to one is exact, and back it is said that it cannot be divided.
    assert [unit.name for unit in lineage(region.tops[1], of=today, under=split_on).units] == ["Nye Fossby"]
    back = lineage(top, of=split_on, under=today)
    assert not back.divisible
    assert {unit.name for unit in back.units} == {"Fossby", "Eikeland", "Svelnes"}


def test_the_tree_of_the_page_is_that_of_the_day(make, care, today):
    region = Region(make, care)
    day = today + 10 * ONE
    merge_units(by=region.viewer, units=region.tops, into=region.tops[0], day=day)

    tops = [node.unit.name for node in units_on(region.viewer, day)]

    before = sorted(node.unit.name for node in units_on(region.viewer, day - ONE))
    assert tops == ["Fossby", care.unit.name]
    assert before == ["Eikeland", "Fossby", "Svelnes", care.unit.name]


def test_a_unit_that_goes_on_is_not_the_same_before_and_after(town, today):
    """Figures of the merged unit hold those of both; they are not divisible between the two that were."""
    merge_units(by=town.chief, units=[town.north, town.south], into=town.north, day=today)

    back = lineage(town.north, of=today, under=today - ONE)

    assert {unit.name for unit in back.units} == {"North", "South"}
    assert [unit.name for unit in lineage(town.south, of=today - ONE, under=today).units] == ["North"]


def test_new_units_have_no_past(make, town):
    later = register_unit(by=None, name="New", kind="team", valid_from=date(2022, 1, 1), parent=town.top)

    assert [unit.name for unit in lineage(later, of=date(2023, 1, 1), under=date(2022, 6, 1)).units] == [
        "New"
    ]
    assert later.pk not in structure_on(date(2021, 1, 1)).units


def test_a_course_stands_in_its_unit_of_the_day(make, care, town, today):
    from medvirk.feedback.succession import show_todays_units

    day = today + 10 * ONE
    episode = care.episode(citizen=make.citizen(worker=care.worker))
    Episode.objects.filter(pk=episode.pk).update(unit=town.north)
    merge_units(by=town.chief, units=[town.north, town.south], into=town.south, day=day)

    def stands_in(when):
        return with_unit_on(Episode.objects.all(), when).get(pk=episode.pk).unit_then

    assert [stands_in(when) for when in (episode.started_on, day - ONE, day)] == [
        town.north.pk, town.north.pk, town.south.pk
    ]  # fmt: skip
    for when, unit in ((day - ONE, town.north), (day, town.south)):
        show_todays_units(when)
        assert Episode.objects.get(pk=episode.pk).unit == unit
    # What it was is still known after the column has changed.
    assert stands_in(day - ONE) == town.north.pk
