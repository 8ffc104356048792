"""Merging, dividing, renaming and moving units from a day."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from medvirk.people import following
from medvirk.people.access import Permission, Viewer
from medvirk.people.actions.checks import require_scope, today_of
from medvirk.people.actions.succession.rows import late_rows, not_over
from medvirk.people.actions.units import require_place
from medvirk.people.logic import RefusedError, would_be_circle
from medvirk.people.logic.units import day_before
from medvirk.people.models import (
    Reorganisation,
    ReorganisationKind,
    ReorganisedRow,
    Unit,
    UnitKind,
    UnitPlace,
    UnitSuccession,
)

#: How far back what was decided in a meeting may be registered, and how far ahead it may be planned.
LONGEST_BACK = timedelta(days=62)
LONGEST_AHEAD = timedelta(days=3 * 366)


@dataclass(frozen=True)
class NewUnit:
    """A unit that begins with the reorganisation."""

    name: str
    kind: UnitKind | str
    parent: Unit | None = None


@dataclass(frozen=True)
class Placed:
    """Where in a division each thing goes: the number of the unit in the list of those it is divided into.

    `units`: by the id of a unit that stood under it. `rows`: by kind of row ("people.grant") and key.
    """

    units: Mapping[uuid.UUID, int] = field(default_factory=dict)
    rows: Mapping[tuple[str, str], int] = field(default_factory=dict)


@transaction.atomic
def merge_units(
    *,
    by: Viewer | None,
    units: Sequence[Unit],
    into: Unit | NewUnit,
    day: date,
    also: Sequence[Sequence[Unit]] = (),
) -> Reorganisation:
    """From `day`, `into` (which may be one of them) carries on what `units` do; what stands under them moves along.

    `also`: further units, in groups, each of which becomes one new unit of the first one's name under `into`; for
    departments of the same name in municipalities that merge.

    Raises:
        RefusedError: fewer than two units, one that does not exist then, a day too far off or before something that
            has begun since, or another change planned for the same units.
        PermissionDenied: a unit is not theirs to change.
    """
    today = today_of(by)
    groups = [list(dict.fromkeys(group)) for group in (units, *also)]
    everyone = [unit for group in groups for unit in group]
    existing = [into] if isinstance(into, Unit) else []
    require_scope(by, Permission.MANAGE_UNITS, {unit.pk for unit in (*everyone, *existing)})
    Unit.objects.select_for_update().count()
    faults = _day_faults(day, today) + _merge_faults(groups, existing)
    ending = [unit for unit in everyone if unit not in existing]
    faults += _unit_faults([*everyone, *existing], ending, day=day, today=today)
    if isinstance(into, Unit) and _stands_under(into, ending, day):
        faults.append(_("The unit that goes on cannot stand under one that ends. Move it first."))
    if faults:
        raise RefusedError(faults)
    reorganisation = _begin(by, ReorganisationKind.MERGE, day)
    target = _target(by, into, day, ending)
    carriers = {unit.pk: target for unit in [*groups[0], *existing]}
    for group in groups[1:]:
        first = group[0]
        new = _target(None, NewUnit(first.name, first.kind, target), day, ending)
        carriers.update({unit.pk: new for unit in group})
    _succeed(reorganisation, [(unit, carriers[unit.pk]) for unit in dict.fromkeys([*everyone, *existing])])
    _move_children(reorganisation, ending, lambda child: carriers[_parent_of(child)], today)
    moved = move_rows(reorganisation, ending, lambda _kind, row: carriers[row.unit_id], today)
    targets = list(dict.fromkeys(carriers.values()))
    return _finish(by, reorganisation, ending, everyone, targets=targets, moved=moved)


@transaction.atomic
def split_unit(
    *, by: Viewer | None, unit: Unit, into: Sequence[Unit | NewUnit], day: date, placed: Placed
) -> Reorganisation:
    """From `day`, the units of `into` (of which one may be `unit` itself) carry on what `unit` does.

    Raises:
        RefusedError: as `merge_units`; or somebody or something is not placed, which is counted.
        PermissionDenied: a unit is not theirs to change.
    """
    today = today_of(by)
    existing = [each for each in into if isinstance(each, Unit)]
    require_scope(by, Permission.MANAGE_UNITS, {unit.pk, *(each.pk for each in existing)})
    Unit.objects.select_for_update().count()
    ending = [] if unit in existing else [unit]
    faults = _day_faults(day, today) + _unit_faults([unit, *existing], [unit], day=day, today=today)
    if len(into) < 2 or len(set(existing)) < len(existing):
        faults.append(_("Divide it into at least two different units."))
    faults += _unplaced_faults(unit, day, placed, len(into))
    if any(_stands_under(each, ending, day) for each in existing):
        faults.append(_("The unit that goes on cannot stand under one that ends. Move it first."))
    if faults:
        raise RefusedError(faults)
    reorganisation = _begin(by, ReorganisationKind.SPLIT, day)
    targets = [_target(by, each, day, ending) for each in into]
    _succeed(reorganisation, [(unit, target) for target in targets])
    _move_children(reorganisation, [unit], lambda child: targets[placed.units[child.pk]], today)
    moved = move_rows(reorganisation, [unit], lambda kind, row: targets[placed.rows[kind, row.key]], today)
    return _finish(by, reorganisation, ending, [unit], targets=targets, moved=moved)


@transaction.atomic
def move_unit(*, by: Viewer | None, unit: Unit, day: date, name: str, parent: Unit | None) -> Reorganisation:
    """From `day` the unit is called `name` and stands under `parent`; it stays the same unit.

    Raises:
        RefusedError: no name, an impossible day or place, or another change planned for it.
        PermissionDenied: the unit or its new place is not theirs.
    """
    today = today_of(by)
    require_scope(by, Permission.MANAGE_UNITS, {unit.pk})
    Unit.objects.select_for_update().count()
    then = Unit.objects.as_on(day).get(pk=unit.pk)
    parent_id = parent.pk if parent else None
    if then.parent_then != parent_id:  # type: ignore[attr-defined]
        require_place(by, parent)
    faults = _day_faults(day, today) + _unit_faults([unit], [], day=day, today=today)
    if not name.strip():
        faults.append(_("The unit needs a name."))
    if parent is not None and not Unit.objects.on(day).filter(pk=parent.pk).exists():
        faults.append(_not_there(parent, day))
    parents = Unit.objects.parents_on(day)
    if would_be_circle(parents, unit.pk, parent_id):
        faults.append(_("A unit cannot stand under itself. Choose another unit above it."))
    if faults:
        raise RefusedError(faults)
    reorganisation = _begin(by, ReorganisationKind.MOVE, day)
    before = then.name_then  # type: ignore[attr-defined]
    _place(reorganisation, then, name=name.strip(), parent=parent, today=today)
    reorganisation.described = {"from": [before], "to": [name.strip()], "moved": {}}
    reorganisation.save(update_fields=["described"])
    return reorganisation


@transaction.atomic
def place_rest(*, by: Viewer | None, reorganisation: Reorganisation, placed: Placed) -> None:
    """Place what came into a divided unit after the division was planned. What is not placed is left for later.

    Raises:
        RefusedError: it has been taken back.
        PermissionDenied: a unit is not theirs to change.
    """
    if reorganisation.undone_at is not None:
        raise RefusedError([_("This reorganisation has been taken back.")])
    pairs = reorganisation.successions.select_related("old", "new").order_by("pk")
    targets = [pair.new for pair in pairs]
    units = list({pair.old for pair in pairs} - set(targets))
    require_scope(by, Permission.MANAGE_UNITS, {unit.pk for unit in (*units, *targets)})

    def choose(kind: str, row: following.UnitRow) -> Unit | None:
        number = placed.rows.get((kind, row.key))
        return None if number is None else targets[number]

    move_rows(reorganisation, units, choose, today_of(by))


def described(act: Callable[[], Reorganisation]) -> dict[str, object]:
    """What a reorganisation would do, found by doing it and taking it back: so it is what will be done.

    Raises:
        RefusedError: it would be refused; the sentences say why.
    """
    with transaction.atomic():
        found = dict(act().described)
        transaction.set_rollback(True)
    return found


def _begin(by: Viewer | None, kind: ReorganisationKind, day: date) -> Reorganisation:
    return Reorganisation.objects.create(kind=kind, day=day, made_by_id=by.staff_id if by else None)


def _target(by: Viewer | None, into: Unit | NewUnit, day: date, ending: Sequence[Unit]) -> Unit:
    if isinstance(into, Unit):
        return into
    faults = [] if into.name.strip() else [_("The unit needs a name.")]
    if into.parent in ending:
        faults.append(_("The new unit cannot stand under one that ends."))
    elif into.parent is not None and not Unit.objects.on(day).filter(pk=into.parent.pk).exists():
        faults.append(_not_there(into.parent, day))
    if faults:
        raise RefusedError(faults)
    if by is not None:
        require_place(by, into.parent)
    return Unit.objects.create(
        name=into.name.strip(), kind=UnitKind(into.kind), parent=into.parent, valid_from=day
    )


def _succeed(reorganisation: Reorganisation, pairs: Iterable[tuple[Unit, Unit]]) -> None:
    UnitSuccession.objects.bulk_create(
        UnitSuccession(reorganisation=reorganisation, old=old, new=new) for old, new in pairs
    )


def _parent_of(child: Unit) -> uuid.UUID:
    parent: uuid.UUID = child.parent_then  # type: ignore[attr-defined]
    return parent


def _children(units: Iterable[Unit], day: date) -> list[Unit]:
    """What stands under these units on the day, and what will stand there later."""
    parents = {unit.pk for unit in units}
    found = Unit.objects.filter(not_over(day)).under_on(parents, day)
    return [child for child in found if child.pk not in parents]


def _move_children(
    reorganisation: Reorganisation, units: Sequence[Unit], goes_to: Callable[[Unit], Unit], today: date
) -> None:
    ended = set(reorganisation.successions.values_list("old_id", flat=True))
    targets = set(reorganisation.successions.values_list("new_id", flat=True))
    for child in _children(units, reorganisation.day):
        parent = goes_to(child) if child.pk not in ended | targets else None
        if parent is not None and parent.pk != _parent_of(child):
            name = child.name_then  # type: ignore[attr-defined]
            _place(reorganisation, child, name=name, parent=parent, today=today)


def _place(
    reorganisation: Reorganisation, unit: Unit, *, name: str, parent: Unit | None, today: date
) -> None:
    """From the day of the reorganisation the unit is called so and stands there."""
    day = reorganisation.day
    held = Unit.objects.get(pk=unit.pk)
    if held.valid_from >= day:
        # It has not begun: it will begin there.
        ReorganisedRow.objects.create(
            reorganisation=reorganisation,
            kind="people.unit.parent",
            old_key=str(held.pk),
            unit_before=held.parent,
        )
        held.name, held.parent = name, parent
        held.save()
        return
    if not held.places.exists():
        UnitPlace.objects.create(unit=held, day=held.valid_from, name=held.name, parent=held.parent)
    UnitPlace.objects.create(unit=held, day=day, name=name, parent=parent, reorganisation=reorganisation)
    if day <= today:
        held.name, held.parent = name, parent
        held.save()


def move_rows(
    reorganisation: Reorganisation,
    units: Sequence[Unit],
    choose: Callable[[str, following.UnitRow], Unit | None],
    today: date,
) -> dict[str, int]:
    """Move what goes on in `units` to where it belongs from the day; how many rows of each kind were moved."""
    moved: dict[str, int] = {}
    for rows in following.unit_rows():
        targets = {
            row.key: target
            for row in rows.running([unit.pk for unit in units], reorganisation.day)
            if (target := choose(rows.kind, row)) is not None and target.pk != row.unit_id
        }
        if targets:
            rows.move(reorganisation, targets, today)
            moved[rows.kind] = len(targets)
    return moved


def _finish(
    by: Viewer | None,
    reorganisation: Reorganisation,
    ending: Sequence[Unit],
    sources: Sequence[Unit],
    *,
    targets: Sequence[Unit],
    moved: Mapping[str, int],
) -> Reorganisation:
    for unit in ending:
        held = Unit.objects.get(pk=unit.pk)
        ReorganisedRow.objects.create(
            reorganisation=reorganisation,
            kind="people.unit",
            old_key=str(held.pk),
            last_day_before=held.valid_to,
        )
        held.valid_to = day_before(reorganisation.day)
        held.save()
    reorganisation.described = {
        "from": [unit.name for unit in sources],
        "to": [unit.name for unit in targets],
        "moved": dict(moved),
    }
    reorganisation.save(update_fields=["described"])
    if by is not None:
        by.forget()
    return reorganisation


def _day_faults(day: date, today: date) -> list[str]:
    if day < today - LONGEST_BACK:
        return [_("The day is too long ago. Choose one of the last two months.")]
    if day > today + LONGEST_AHEAD:
        return [_("The day is too far ahead. Choose one within three years.")]
    return []


def _merge_faults(groups: Sequence[Sequence[Unit]], existing: Sequence[Unit]) -> list[str]:
    if len({*groups[0], *existing}) < 2 or any(len(group) < 2 for group in groups[1:]):
        return [_("Choose at least two units to merge.")]
    everyone = [unit for group in groups for unit in group]
    if len(set(everyone)) < len(everyone):
        return [_("A unit can be merged in one place only.")]
    return []


def _unit_faults(units: Sequence[Unit], leaving: Sequence[Unit], *, day: date, today: date) -> list[str]:
    """What stops a change of `units` from `day`; the rows of `leaving` are carried on elsewhere."""
    faults = [
        _not_there(unit, day)
        for unit in dict.fromkeys(units)
        if not (unit.valid_from < day and (unit.valid_to is None or unit.valid_to >= day))
    ]
    ids = {unit.pk for unit in units}
    planned = UnitPlace.objects.filter(day__gte=day, reorganisation__isnull=False)
    faults += [
        _("A change from %(day)s is planned for %(unit)s. Take that back first, or choose a later day.")
        % {"day": f"{place.day:%d.%m.%Y}", "unit": place.name}
        for place in planned.filter(unit_id__in=ids) | planned.filter(parent_id__in=ids)
    ]
    late = late_rows({unit.pk for unit in leaving}, day=day, today=today)
    if late is not None:
        faults.append(
            _("A role or a relation here began on %(day)s. Choose a later day than that.")
            % {"day": f"{late:%d.%m.%Y}"}
        )
    return faults


def _stands_under(unit: Unit, ending: Sequence[Unit], day: date) -> bool:
    parents = Unit.objects.parents_on(day)
    return any(would_be_circle(parents, each.pk, unit.pk) for each in ending if each != unit)


def _unplaced_faults(unit: Unit, day: date, placed: Placed, count: int) -> list[str]:
    def is_placed(number: int | None) -> bool:
        return number is not None and 0 <= number < count

    faults = []
    children = [child for child in _children([unit], day) if not is_placed(placed.units.get(child.pk))]
    if children:
        faults.append(_("Not placed yet: %(units)s.") % {"units": ", ".join(c.name for c in children)})
    for rows in following.unit_rows():
        left = [
            row
            for row in rows.running([unit.pk], day)
            if not is_placed(placed.rows.get((rows.kind, row.key)))
        ]
        if left:
            faults.append(_("Not placed yet: %(what)s.") % {"what": rows.count(len(left))})
    return faults


def _not_there(unit: Unit, day: date) -> str:
    return _("%(unit)s does not exist both before and on %(day)s. Choose another unit or another day.") % {
        "unit": unit.name,
        "day": f"{day:%d.%m.%Y}",
    }
