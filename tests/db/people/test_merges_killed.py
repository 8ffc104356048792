"""Merging units or persons, and taking it back, is killed at any statement: all of it is done, or nothing."""

from __future__ import annotations

import json

import pytest
from installation import installations

PEOPLE = 30

#: One process with Django ready; each act is done by children of it, which kill themselves before a chosen statement.
KILLED_AT_ANY_STATEMENT = """
import json, os, random, signal
from datetime import date, timedelta
from django.apps import apps
from django.db import connection, connections, transaction
from django.utils import timezone
from medvirk.people.actions import register_unit
from medvirk.people.actions.merging import merge_persons, undo_merge
from medvirk.people.actions.succession import NewUnit, merge_units, undo_reorganisation
from medvirk.people.models import Citizen, Person, PersonMerge, Relation, Reorganisation, Unit

first_day = date(2020, 1, 1)
day = timezone.localdate() + timedelta(days=10)
teams = [register_unit(by=None, name=f"Team {n}", kind="team", valid_from=first_day) for n in range(2)]
citizens = list(Citizen.objects.order_by("pk"))
for number, citizen in enumerate(citizens):
    Relation.objects.create(citizen=citizen, unit=teams[number % 2], reason="x", valid_from=first_day)
one, other = citizens[:2]


def merge_teams():
    merge_units(by=None, units=teams, into=NewUnit("Together", "team"), day=day)


def take_back():
    undo_reorganisation(by=None, reorganisation=Reorganisation.objects.get(undone_at=None))


def merge_people():
    merge_persons(by=None, kept=Person.objects.get(citizen=one), duplicate=Person.objects.get(citizen=other))


def take_apart():
    undo_merge(by=None, merge=PersonMerge.objects.get(undone_at=None))


def everything():
    return {
        model._meta.label: sorted(repr(row) for row in model._base_manager.values_list())
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed
    }


class Count:
    def __init__(self, dies_at=None):
        self.seen, self.dies_at = 0, dies_at

    def __call__(self, execute, sql, params, many, context):
        self.seen += 1
        if self.seen == self.dies_at:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(sql, params, many, context)


def statements(act):
    count = Count()
    with transaction.atomic():
        with connection.execute_wrapper(count):
            act()
        transaction.set_rollback(True)
    # Alone, the act sets and releases no savepoint around itself.
    return count.seen - 2


def in_a_child(act, dies_at=None):
    connections.close_all()
    child = os.fork()
    if child == 0:
        with connection.execute_wrapper(Count(dies_at)):
            act()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


chance = random.Random(1)
told = {}
for act in (merge_teams, take_back, merge_people, take_apart):
    before = everything()
    total = statements(act)
    assert everything() == before
    for point in [1, total, *chance.sample(range(2, total), 6)]:
        assert in_a_child(act, point) == -signal.SIGKILL
        assert everything() == before, f"{act.__name__} was done by halves at {point} of {total}"
    assert in_a_child(act) == 0
    told[act.__name__] = [total, everything() != before]
print(json.dumps(told))
"""


@pytest.fixture
def installation(transactional_db, tmp_path):
    with installations(tmp_path, PEOPLE) as another:
        yield another()


def test_killed_at_any_statement_all_is_as_before_and_goes_through_the_next_time(installation):
    told = json.loads(installation.python(KILLED_AT_ANY_STATEMENT))

    assert set(told) == {"merge_teams", "take_back", "merge_people", "take_apart"}
    assert {act: changed for act, (_total, changed) in told.items()} == dict.fromkeys(told, True)
