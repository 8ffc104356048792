"""Where rooms below say how their rows follow when units change, and when two records turn out to be one person's."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from django.apps import apps
from django.db import models
from django.utils.functional import Promise

from medvirk.people.models import Citizen, Person, Reorganisation, Unit


@dataclass(frozen=True)
class UnitRow:
    """Something that is going on in a unit. `staff_id` is the worker it goes with, where there is one."""

    key: str
    unit_id: uuid.UUID
    citizens: frozenset[uuid.UUID] = frozenset()
    staff_id: uuid.UUID | None = None


@dataclass(frozen=True)
class UnitRows:
    """What a room keeps in units, and how it follows when units are merged or divided.

    `running(units, day)`: what is not over on `day`. `move(reorganisation, targets, today)`: from the day of the
    reorganisation each row, by its key, belongs to another unit; what was before stays as it was said.
    `undo(reorganisation)` takes back what has not begun. `count(n)` says "n courses of help" in words.
    """

    kind: str
    count: Callable[[int], str]
    running: Callable[[Collection[uuid.UUID], date], list[UnitRow]]
    move: Callable[[Reorganisation, Mapping[str, Unit], date], None]
    undo: Callable[[Reorganisation], None]


_unit_rows: dict[str, UnitRows] = {}


def register_unit_move(rows: UnitRows) -> None:
    """Called from `AppConfig.ready` of the room whose rows stand in units."""
    _unit_rows[rows.kind] = rows


def unit_rows() -> tuple[UnitRows, ...]:
    """Every kind of row that stands in units, in the order of the rooms."""
    return tuple(_unit_rows.values())


class OnConflict(StrEnum):
    """What a merge of persons does with a row of the duplicate where the kept person has the same already."""

    STAY = "stay"
    """It stays with the duplicate, where nothing finds it."""
    TAKE_OUT = "take out"
    """It would be seen twice: it is taken out, and put back when the merge is undone."""
    REFUSE = "refuse"
    """The two cannot be merged."""
    NEVER = "never"
    """It says something of the duplicate itself and is not moved at all."""


_merge_rules: dict[str, OnConflict] = {}


def register_merge_rule(field: str, rule: OnConflict) -> None:
    """Called from `AppConfig.ready`: how "feedback.Participation.citizen" follows a merge.

    A link to a person or a citizen that is in no unique constraint needs no rule: all of its rows are moved. A test
    fails on one that is in a constraint and has none.
    """
    _merge_rules[field.lower()] = rule


def merge_rule(field: str) -> OnConflict | None:
    return _merge_rules.get(field.lower())


@dataclass(frozen=True)
class Link:
    """A column that points to a person or to a citizen."""

    model: type[models.Model]
    field: str
    to_citizen: bool
    constrained: bool

    @property
    def table(self) -> str:
        """As `apps.get_model` takes it: "people.Relation"."""
        return self.model._meta.label  # noqa: SLF001  Django's documented name

    @property
    def name(self) -> str:
        return f"{self.table}.{self.field}"

    def rows(self) -> models.QuerySet[Any]:
        return rows_of(self.model)


def rows_of(model: type[models.Model]) -> models.QuerySet[Any]:
    """All rows, whatever the model's own manager leaves out."""
    return model._base_manager.all()  # noqa: SLF001  Django's documented name


def links_to_persons() -> list[Link]:
    """Every column of every table that points to a person or a citizen, but tables of changes, which stay as they were.

    Found in the models themselves, so that a new table follows a merge without being named anywhere.
    """
    found = []
    for model in apps.get_models(include_auto_created=True):
        meta = model._meta  # noqa: SLF001  Django's documented name
        if not meta.managed or hasattr(model, "history_object"):
            continue
        for column in meta.concrete_fields:
            target = column.related_model if column.is_relation else None
            if target in (Person, Citizen):
                found.append(Link(model, column.name, target is Citizen, _is_constrained(model, column)))
    return found


def _is_constrained(model: type[models.Model], column: models.Field[Any, Any]) -> bool:
    """Could the same row of another person stand in the way of moving this one?"""
    meta = model._meta  # noqa: SLF001  Django's documented name
    sets = [set(constraint.fields) for constraint in meta.total_unique_constraints]
    sets += [
        set(each.fields)
        for each in meta.constraints
        if isinstance(each, models.UniqueConstraint) and each.condition is not None
    ]
    sets += [set(names) for names in meta.unique_together]
    return column.unique or any(column.name in names for names in sets)


@dataclass(frozen=True)
class Tally:
    """How much of something is kept about each of these citizens: for comparing two records without opening them."""

    label: str | Promise
    count: Callable[[Collection[uuid.UUID]], Mapping[uuid.UUID, int]]


_tallies: list[Tally] = []


def register_tally(tally: Tally) -> None:
    """Called from `AppConfig.ready` of the room that keeps it."""
    if tally not in _tallies:
        _tallies.append(tally)


def tallies() -> tuple[Tally, ...]:
    return tuple(_tallies)
