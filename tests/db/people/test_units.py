"""Units over time, and who looks after them."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import translation

from medvirk.people.access import Permission
from medvirk.people.actions import RefusedError, change_unit, end_unit, register_unit
from medvirk.people.models import Unit
from medvirk.people.queries import unit_in_scope, units_in_scope, units_on


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def tree(make):
    """Municipality → service → team, with an administrator of the municipality and one of the service."""

    class Tree:
        top = make.unit("Fjordvik", kind="municipality")
        service = make.unit("Health", kind="service", parent=top)
        team = make.unit("Team North", parent=service)
        other = make.unit("Library", kind="service", parent=top)
        chief = make.viewer(make.staff("administrator", top))
        local = make.viewer(make.staff("administrator", service))

    return Tree


def names(nodes) -> list:
    return [(node.unit.name, node.managed, names(node.children)) for node in nodes]


def test_the_tree_shows_what_the_viewer_looks_after(tree):
    team = ("Team North", True, [])

    assert names(units_on(tree.local, tree.local.today)) == [
        ("Fjordvik", False, [("Health", True, [team]), ("Library", False, [])])
    ]
    assert set(units_in_scope(tree.local, Permission.MANAGE_UNITS)) == {tree.service, tree.team}
    assert set(units_in_scope(tree.chief, Permission.MANAGE_UNITS)) == set(Unit.objects.all())


def test_the_tree_of_another_day_is_another(tree):
    end_unit(by=tree.chief, unit=tree.team, last_day=date(2022, 6, 30))

    def north_on(day):
        return "Team North" in str(names(units_on(tree.chief, day)))

    assert north_on(date(2022, 6, 30))
    assert not north_on(date(2022, 7, 1))
    assert not north_on(date(2019, 1, 1))


def test_a_unit_whose_parent_is_gone_stands_at_the_top(tree):
    Unit.objects.filter(pk=tree.service.pk).update(valid_to=date(2022, 1, 1))

    tops = [node.unit.name for node in units_on(tree.chief, date(2023, 1, 1))]

    assert tops == ["Fjordvik", "Team North"]


def test_who_has_no_role_sees_no_units(make, tree):
    assert units_in_scope(make.viewer(make.staff(None)), Permission.MANAGE_UNITS).count() == 0


@pytest.mark.parametrize("rows", [1, 3])
def test_the_tree_takes_the_same_queries_however_many_units(make, tree, rows, django_assert_num_queries):
    for _ in range(rows):
        make.unit(parent=tree.team)

    with django_assert_num_queries(2):
        units_on(tree.chief, tree.chief.today)


def test_one_builds_under_ones_own_units_only(tree):
    made = register_unit(
        by=tree.local, name=" New team ", kind="team", valid_from=date(2026, 1, 1), parent=tree.team
    )

    assert made.name == "New team"
    for parent in (tree.other, tree.top, None):
        with pytest.raises(PermissionDenied):
            register_unit(by=tree.local, name="X", kind="team", valid_from=date(2026, 1, 1), parent=parent)


def test_who_looks_after_everything_can_make_a_new_top(tree):
    merged = register_unit(
        by=tree.chief, name="New Fjordvik", kind="municipality", valid_from=date(2027, 1, 1)
    )

    assert unit_in_scope(tree.chief, Permission.MANAGE_UNITS, merged.pk) == merged
    assert unit_in_scope(tree.local, Permission.MANAGE_UNITS, merged.pk) is None


def test_a_unit_cannot_begin_before_the_one_above(tree):
    with pytest.raises(RefusedError) as refused:
        register_unit(by=tree.chief, name=" ", kind="team", valid_from=date(2000, 1, 1), parent=tree.top)

    assert refused.value.sentences == [
        "The unit needs a name.",
        "Fjordvik exists from 01.01.2020 only. Choose that day or a later one.",
    ]


def test_a_unit_is_renamed_and_moved_with_history(tree):
    change_unit(
        by=tree.chief,
        unit=tree.team,
        name="Team South",
        kind="team",
        valid_from=make_day(),
        parent=tree.other,
    )

    tree.team.refresh_from_db()
    assert (tree.team.name, tree.team.parent) == ("Team South", tree.other)
    assert [row.name for row in tree.team.history.all()] == ["Team South", "Team North"]


def make_day() -> date:
    return date(2020, 1, 1)


def test_one_may_rename_the_unit_one_looks_after_where_it_stands(tree):
    change_unit(
        by=tree.local, unit=tree.service, name="Health and care", kind="service",
        valid_from=make_day(), parent=tree.top,
    )  # fmt: skip

    assert Unit.objects.get(pk=tree.service.pk).name == "Health and care"


def test_one_may_not_move_a_unit_out_of_ones_reach(tree):
    with pytest.raises(PermissionDenied):
        change_unit(
            by=tree.local, unit=tree.team, name="T", kind="team", valid_from=make_day(), parent=tree.other
        )


def test_a_unit_never_stands_under_itself(tree):
    with pytest.raises(RefusedError, match="under itself"):
        change_unit(
            by=tree.chief, unit=tree.service, name="Health", kind="service",
            valid_from=make_day(), parent=tree.team,
        )  # fmt: skip


def test_a_unit_in_use_is_not_ended_and_all_reasons_come_at_once(make, tree):
    make.staff("practitioner", tree.service)
    make.citizen(team=tree.service)

    with pytest.raises(RefusedError) as refused:
        end_unit(by=tree.chief, unit=tree.service, last_day=tree.chief.today)

    assert refused.value.sentences == [
        "1 unit under this one goes on after that day. End or move it first.",
        "2 roles here go on after that day. End them first.",
        "1 citizen is tied to this unit after that day. Tie them to another team first.",
    ]


def test_a_unit_does_not_end_before_it_begins(tree):
    with pytest.raises(RefusedError, match="before the first day"):
        end_unit(by=tree.chief, unit=tree.other, last_day=make_day() - timedelta(days=1))
