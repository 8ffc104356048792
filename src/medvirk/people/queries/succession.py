"""Reorganisations: what there was and is planned, and who has to be placed when a unit is divided."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from medvirk.people import following
from medvirk.people.access import Permission, Viewer, citizens_open_to
from medvirk.people.models import (
    Citizen,
    Relation,
    Reorganisation,
    ReorganisationKind,
    Staff,
    Unit,
    UnitSuccession,
)
from medvirk.people.queries.units import scope_of

#: The choice that lets citizens go where their worker goes.
WITH_THE_WORKER = "worker"


def reorganisations(viewer: Viewer) -> QuerySet[Reorganisation]:
    """Those of units that the viewer looks after, the newest day first. Two queries."""
    mine = scope_of(viewer, Permission.MANAGE_UNITS)
    touching = Q(successions__old__in=mine) | Q(successions__new__in=mine) | Q(places__unit__in=mine)
    # What was taken back touches no unit any more; who planned it may still see that.
    own = Q(undone_at__isnull=False, made_by=viewer.staff_id)
    pairs = UnitSuccession.objects.select_related("old", "new").order_by("old__name", "new__name")
    return (
        Reorganisation.objects.filter(touching | own)
        .distinct()
        .select_related("made_by__person")
        .prefetch_related(Prefetch("successions", queryset=pairs))
    )


def reorganisation(viewer: Viewer, key: uuid.UUID) -> Reorganisation | None:
    """One of them, or None."""
    return reorganisations(viewer).filter(pk=key).first()


def moved_in_words(described: Mapping[str, object]) -> list[str]:
    """What a reorganisation moved, or would move: "3 roles", "12 citizens tied to the team"."""
    moved = described.get("moved")
    counts: Mapping[str, int] = moved if isinstance(moved, dict) else {}
    return [rows.count(counts[rows.kind]) for rows in following.unit_rows() if counts.get(rows.kind)]


def same_named(units: Sequence[Unit], day: date) -> list[list[Unit]]:
    """Units of the same name and kind under different ones of `units`: those that may become one too. One query."""
    together: dict[tuple[str, str], list[Unit]] = {}
    for child in Unit.objects.on(day).under_on([unit.pk for unit in units], day):
        together.setdefault((child.name_then, child.kind), []).append(child)  # type: ignore[attr-defined]
    return [
        group
        for group in together.values()
        if len({child.parent_then for child in group}) > 1  # type: ignore[attr-defined]
    ]


@dataclass(frozen=True)
class ToPlace:
    """One line of the table: who or what has to be placed. `follows`: it may go where the worker goes."""

    name: str
    label: str
    detail: str = ""
    follows: uuid.UUID | None = None
    rows: tuple[tuple[str, str], ...] = ()
    unit: uuid.UUID | None = None


@dataclass(frozen=True)
class Placing:
    """Everything that goes on in a unit, in the lines by which it is placed."""

    units: tuple[ToPlace, ...]
    workers: tuple[ToPlace, ...]
    citizens: tuple[ToPlace, ...]
    # What is nobody's, such as documents: all of a kind go together.
    things: tuple[ToPlace, ...] = ()

    @property
    def lines(self) -> tuple[ToPlace, ...]:
        return (*self.units, *self.workers, *self.citizens, *self.things)

    def chosen(self, values: Mapping[str, str]) -> tuple[dict[uuid.UUID, int], dict[tuple[str, str], int]]:
        """(units, rows) with the number of the unit each goes to; what is not placed is left out."""
        numbers = {
            line.name: int(values[line.name]) for line in self.lines if values.get(line.name, "").isdigit()
        }
        of_worker = {line.follows: numbers[line.name] for line in self.workers if line.name in numbers}
        for line in self.citizens:
            if values.get(line.name) == WITH_THE_WORKER and line.follows in of_worker:
                numbers[line.name] = of_worker[line.follows]
        units = {line.unit: numbers[line.name] for line in self.units if line.unit and line.name in numbers}
        rows = {row: numbers[line.name] for line in self.lines if line.name in numbers for row in line.rows}
        return units, rows


@dataclass
class _Group:
    """Citizens who are placed together, since the same workers help them."""

    workers: frozenset[uuid.UUID]
    name: str = ""
    citizens: set[uuid.UUID] = field(default_factory=set)
    rows: list[tuple[str, str]] = field(default_factory=list)


def placing(viewer: Viewer, units: Sequence[Unit], day: date) -> Placing:
    """Who and what has to be placed when `units` are divided from `day`.

    Citizens stand by name only where the viewer may open their record; the others by who helps them, and how many
    they are: so also who looks after units without opening records can divide one. Queries: seven and one for each
    kind of row.
    """
    ids = [unit.pk for unit in units]
    mine = scope_of(viewer, Permission.MANAGE_UNITS)
    if not mine.issuperset(ids):
        return Placing((), (), ())
    found = [(rows.kind, row) for rows in following.unit_rows() for row in rows.running(ids, day)]
    roles: dict[uuid.UUID, list[tuple[str, str]]] = {}
    for kind, row in found:
        if row.staff_id is not None and not row.citizens:
            roles.setdefault(row.staff_id, []).append((kind, row.key))
    helping = _who_helps(found, frozenset(roles), day)
    staff = {
        each.pk: each.person.name for each in Staff.objects.filter(pk__in=roles).select_related("person")
    }
    children = Unit.objects.under_on(ids, day).exclude(valid_to__lt=day)
    return Placing(
        units=tuple(ToPlace(f"u-{child.pk}", child.name, unit=child.pk) for child in children),
        workers=tuple(
            ToPlace(f"w-{pk}", staff[pk], follows=pk, rows=tuple(rows))
            for pk, rows in sorted(roles.items(), key=lambda each: staff[each[0]])
        ),
        citizens=tuple(_lines(viewer, found, helping, staff)),
        things=tuple(_things(found)),
    )


def _things(found: Iterable[tuple[str, following.UnitRow]]) -> Iterable[ToPlace]:
    held: dict[str, list[tuple[str, str]]] = {}
    for kind, row in found:
        if row.staff_id is None and not row.citizens:
            held.setdefault(kind, []).append((kind, row.key))
    for rows in following.unit_rows():
        if keys := held.get(rows.kind):
            yield ToPlace(f"t-{rows.kind}", rows.count(len(keys)), rows=tuple(keys))


def _who_helps(
    found: Iterable[tuple[str, following.UnitRow]], workers: frozenset[uuid.UUID], day: date
) -> dict[uuid.UUID, set[uuid.UUID]]:
    """Which workers of the unit help each citizen: by a relation of their own, or as responsible for a course."""
    helping: dict[uuid.UUID, set[uuid.UUID]] = {}
    for _kind, row in found:
        for citizen in row.citizens:
            helping.setdefault(citizen, set()).update({row.staff_id} & workers if row.staff_id else ())
    own = Relation.objects.on(day).filter(staff__in=workers).values_list("citizen_id", "staff_id")
    for citizen, worker in own:
        if citizen in helping and worker is not None:
            helping[citizen].add(worker)
    return helping


def _lines(
    viewer: Viewer,
    found: Iterable[tuple[str, following.UnitRow]],
    helping: Mapping[uuid.UUID, set[uuid.UUID]],
    staff: Mapping[uuid.UUID, str],
) -> Iterable[ToPlace]:
    readable = {
        each.pk: each.person.name
        for each in citizens_open_to(viewer).filter(pk__in=helping).select_related("person")
    }
    groups: dict[tuple[frozenset[uuid.UUID], str], _Group] = {}
    for kind, row in found:
        if row.citizens:
            workers = frozenset[uuid.UUID]().union(*(helping[each] for each in row.citizens))
            names = sorted(readable[each] for each in row.citizens if each in readable)
            group = groups.setdefault((workers, ", ".join(names)), _Group(workers, ", ".join(names)))
            group.citizens |= row.citizens
            group.rows.append((kind, row.key))
    # First those that need a decision: nobody's own, and those with several workers.
    for group in sorted(
        groups.values(), key=lambda each: (len(each.workers) == 1, len(each.workers), each.name)
    ):
        who = ", ".join(sorted(staff[each] for each in group.workers)) or _("no worker of their own here")
        count = len(group.citizens)
        many = ngettext("%(count)d citizen", "%(count)d citizens", count) % {"count": count}
        key = hashlib.sha256(
            repr(
                (sorted(map(str, group.workers)), sorted(map(str, group.citizens) if group.name else ""))
            ).encode()
        )
        yield ToPlace(
            name=f"c-{key.hexdigest()[:16]}",
            label=group.name or many,
            detail=who,
            follows=next(iter(group.workers)) if len(group.workers) == 1 else None,
            rows=tuple(group.rows),
        )


def left_to_place(viewer: Viewer, held: Reorganisation) -> tuple[Placing, list[Unit]]:
    """What came into a divided unit after the division was planned, and the units it can go to."""
    if held.kind != ReorganisationKind.SPLIT or held.undone_at is not None:
        return Placing((), (), ()), []
    pairs = list(held.successions.select_related("old", "new").order_by("pk"))
    targets = [pair.new for pair in pairs]
    ended = list({pair.old for pair in pairs} - set(targets))
    left = placing(viewer, ended, held.day)
    # Units that stood under it were placed when it was divided.
    return Placing((), left.workers, left.citizens, left.things), targets


def citizens_named(viewer: Viewer, lines: Iterable[ToPlace]) -> QuerySet[Citizen]:
    """The citizens whom the table shows by name, for the log."""
    keys = [key for line in lines for kind, key in line.rows if kind == "people.relation"]
    return citizens_open_to(viewer).filter(relations__in=keys).distinct()
