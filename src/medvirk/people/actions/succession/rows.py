"""How roles and relations of this room follow a reorganisation: the old row ends, another carries it on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.utils.translation import ngettext
from simple_history.utils import bulk_create_with_history

from medvirk.people.following import UnitRow, UnitRows
from medvirk.people.logic.units import Passage, day_before, longest, passage
from medvirk.people.models import Grant, Relation, Reorganisation, ReorganisedRow, Unit

Row = Any  # a Grant or a Relation: both are dated and stand in a unit
BATCH = 500


def not_over(day: date) -> Q:
    return Q(valid_to__isnull=True) | Q(valid_to__gte=day)


def _running(model: Any, units: Collection[UUID], day: date) -> list[UnitRow]:
    rows = model.objects.filter(not_over(day), unit_id__in=units).order_by("pk")
    if model is Grant:
        return [
            UnitRow(str(row.pk), row.unit_id, staff_id=row.staff_id) for row in rows.only("staff", "unit")
        ]
    return [
        UnitRow(str(row.pk), row.unit_id, citizens=frozenset({row.citizen_id}))
        for row in rows.only("citizen", "unit")
    ]


@dataclass(frozen=True)
class _Kind:
    """Roles, or relations. `identity`: what makes two of them in one unit the same."""

    model: Any
    name: str
    identity: Callable[[Row], Hashable]


def _move(kind: _Kind, reorganisation: Reorganisation, targets: Mapping[str, Unit], today: date) -> None:
    moving = [row for row in _locked(kind.model, targets) if targets[str(row.pk)].pk != row.unit_id]
    begun: list[Row] = []
    to_come: list[Row] = []
    for row in moving:
        goes_on = passage(row.valid_from, day=reorganisation.day, today=today) is Passage.CONTINUE
        (begun if goes_on else to_come).append(row)
    _repoint(kind, reorganisation, to_come, targets)
    _carry(kind, reorganisation, begun, targets)


def _repoint(
    kind: _Kind, reorganisation: Reorganisation, rows: Sequence[Row], targets: Mapping[str, Unit]
) -> None:
    """Rows that have not begun begin in the other unit."""
    ReorganisedRow.objects.bulk_create(
        [
            ReorganisedRow(
                reorganisation=reorganisation, kind=kind.name, old_key=str(row.pk), unit_before_id=row.unit_id
            )
            for row in rows
        ],
        batch_size=BATCH,
    )
    for target in dict.fromkeys(targets.values()):
        _set(kind.model, [row for row in rows if targets[str(row.pk)] == target], unit_id=target.pk)


def _carry(
    kind: _Kind, reorganisation: Reorganisation, rows: Sequence[Row], targets: Mapping[str, Unit]
) -> None:
    """Rows in force end the day before; one row for all that are the same in the other unit carries them on."""
    day = reorganisation.day
    held = _standing(kind, {unit.pk for unit in targets.values()}, day)
    together: dict[tuple[UUID, Hashable], list[Row]] = {}
    for row in rows:
        together.setdefault((targets[str(row.pk)].pk, kind.identity(row)), []).append(row)
    made: list[Row] = []
    carriers: list[tuple[Row, Row, bool]] = []
    for key, same in together.items():
        new, is_made = _carrier(kind.model, same, held.get(key, []), target=key[0], day=day)
        carriers += [(row, new, is_made) for row in same]
        if is_made:
            made.append(new)
    bulk_create_with_history(made, kind.model, batch_size=BATCH)
    ReorganisedRow.objects.bulk_create(
        [
            ReorganisedRow(
                reorganisation=reorganisation,
                kind=kind.name,
                old_key=str(old.pk),
                new_key=str(new.pk),
                made=is_made,
                last_day_before=old.valid_to,
            )
            for old, new, is_made in carriers
        ],
        batch_size=BATCH,
    )
    _set(kind.model, rows, valid_to=day_before(day))


def _set(model: Any, rows: Sequence[Row], **values: Any) -> None:
    """Give all of these rows the same values, with a line in the history of each.

    One statement for many rows: a value for each row in one statement took Django minutes for some thousand.
    """
    for start in range(0, len(rows), BATCH):
        keys = [row.pk for row in rows[start : start + BATCH]]
        model.objects.filter(pk__in=keys).update(**values)
    for row in rows:
        for name, value in values.items():
            setattr(row, name, value)
    model.history.bulk_history_create(rows, batch_size=BATCH, update=True)


def _locked(model: Any, keys: Collection[str]) -> list[Row]:
    """The rows themselves, locked; in pieces, for a database takes only so many values at once."""
    ordered = sorted(keys)
    found: list[Row] = []
    for start in range(0, len(ordered), BATCH):
        found += model.objects.select_for_update().filter(pk__in=ordered[start : start + BATCH])
    return found


def _standing(kind: _Kind, units: Collection[UUID], day: date) -> dict[tuple[UUID, Hashable], list[Row]]:
    """What is in force on the day already where the rows are moved to, by unit and what it is."""
    held: dict[tuple[UUID, Hashable], list[Row]] = {}
    for row in kind.model.objects.filter(not_over(day), unit_id__in=units, valid_from__lte=day):
        held.setdefault((row.unit_id, kind.identity(row)), []).append(row)
    return held


def _carrier(
    model: Any, rows: Sequence[Row], held: Sequence[Row], *, target: UUID, day: date
) -> tuple[Row, bool]:
    """The row that carries these on, and whether it has to be made.

    The same role in two units that become one is one role there, or ending it would leave the other.
    """
    last = longest(row.valid_to for row in rows)
    if held:
        longest_held = max(held, key=lambda row: row.valid_to or date.max)
        until = longest_held.valid_to
        if until is None or (last is not None and until >= last):
            return longest_held, False
        day = until + timedelta(days=1)
    first = rows[0]
    copied = {
        column.attname: getattr(first, column.attname)
        for column in model._meta.concrete_fields  # noqa: SLF001  Django's documented name
        if not column.primary_key
    }
    return model(**{**copied, "unit_id": target, "valid_from": day, "valid_to": last}), True


def _undo(kind: _Kind, reorganisation: Reorganisation) -> None:
    last_day = day_before(reorganisation.day)
    entries = list(reorganisation.rows.filter(kind=kind.name))
    rows = {str(row.pk): row for row in _locked(kind.model, {entry.old_key for entry in entries})}
    before: dict[tuple[str, Any], list[Row]] = {}
    for entry in entries:
        row = rows.get(entry.old_key)
        if row is None:
            continue
        if entry.unit_before_id is not None:
            before.setdefault(("unit_id", entry.unit_before_id), []).append(row)
        elif row.valid_to == last_day:
            # Else somebody ended it earlier in the meantime, and that stands.
            before.setdefault(("valid_to", entry.last_day_before), []).append(row)
    for (name, value), same in before.items():
        _set(kind.model, same, **{name: value})
    made = sorted({entry.new_key for entry in entries if entry.made})
    for start in range(0, len(made), BATCH):
        # They never were in force; their history says that they were planned.
        kind.model.objects.filter(pk__in=made[start : start + BATCH]).delete()


def _rows(kind: _Kind, count: Callable[[int], str]) -> UnitRows:
    return UnitRows(
        kind=kind.name,
        count=count,
        running=partial(_running, kind.model),
        move=partial(_move, kind),
        undo=partial(_undo, kind),
    )


GRANTS = _rows(
    _Kind(Grant, "people.grant", lambda grant: (grant.staff_id, grant.role)),
    lambda count: ngettext("%(count)d role", "%(count)d roles", count) % {"count": count},
)
RELATIONS = _rows(
    _Kind(
        Relation,
        "people.relation",
        lambda tie: (tie.citizen_id, tie.basis, tie.opens_all, tuple(sorted(tie.parts))),
    ),
    lambda count: (
        ngettext("%(count)d citizen tied to the team", "%(count)d citizens tied to the team", count)
        % {"count": count}
    ),
)


def late_rows(units: Collection[UUID], *, day: date, today: date) -> date | None:
    """The last day on which a role or a relation in these units began that is too late for `day`; None if none did.

    Such a row has been in force since a day that the reorganisation would have to deny.
    """
    if day > today:
        return None
    begun = [
        model.objects.filter(not_over(day), unit_id__in=units, valid_from__range=(day, today))
        .order_by("-valid_from")
        .values_list("valid_from", flat=True)
        .first()
        for model in (Grant, Relation)
    ]
    return max((each for each in begun if each is not None), default=None)
