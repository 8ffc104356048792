"""Units over time."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from medvirk.people.access import Permission, Viewer
from medvirk.people.actions.checks import period_faults, require, require_scope, today_of, within_faults
from medvirk.people.logic import RefusedError, would_be_circle
from medvirk.people.models import Unit, UnitKind
from medvirk.people.queries.units import scope_of


@transaction.atomic
def register_unit(
    *, by: Viewer | None, name: str, kind: UnitKind | str, valid_from: date, parent: Unit | None = None
) -> Unit:
    """Make a unit, under `parent` or at the top.

    Raises:
        RefusedError: no name, or the parent does not exist then.
        PermissionDenied: the parent, or the top, is not theirs to build under.
    """
    require_place(by, parent)
    faults = _faults(name, parent, valid_from, None)
    if faults:
        raise RefusedError(faults)
    return Unit.objects.create(name=name.strip(), kind=UnitKind(kind), parent=parent, valid_from=valid_from)


@transaction.atomic
def change_unit(
    *,
    by: Viewer | None,
    unit: Unit,
    name: str,
    kind: UnitKind | str,
    valid_from: date,
    parent: Unit | None = None,
) -> Unit:
    """Rename or move a unit. What it was is kept in its history.

    Raises:
        RefusedError: as `register_unit`, and when it would come under itself.
        PermissionDenied: the unit or its new place is not theirs.
    """
    require_scope(by, Permission.MANAGE_UNITS, {unit.pk})
    if unit.parent_id != (parent.pk if parent else None):
        require_place(by, parent)
    # All rows: a circle can be made of two moves at once, each of them innocent.
    units = {each.pk: each for each in Unit.objects.select_for_update()}
    held = units[unit.pk]
    faults = _faults(name, parent, valid_from, held.valid_to)
    faults += period_faults(valid_from, held.valid_to)
    parents = {each.pk: each.parent_id for each in units.values()}
    if would_be_circle(parents, held.pk, parent.pk if parent else None):
        faults.append(_("A unit cannot stand under itself. Choose another unit above it."))
    if faults:
        raise RefusedError(faults)
    held.name, held.kind, held.parent, held.valid_from = name.strip(), UnitKind(kind), parent, valid_from
    held.save()
    # Where it has had other names or places, this one is what holds today.
    place = held.places.filter(day__lte=today_of(by)).order_by("-day").first()
    if place is not None:
        place.name, place.parent = held.name, parent
        place.save()
    return held


@transaction.atomic
def end_unit(*, by: Viewer | None, unit: Unit, last_day: date) -> Unit:
    """Let a unit exist until and with `last_day`.

    Raises:
        RefusedError: something still runs in it after that day; each kind is named and counted.
        PermissionDenied: the unit is not theirs.
    """
    require_scope(by, Permission.MANAGE_UNITS, {unit.pk})
    held = Unit.objects.select_for_update().get(pk=unit.pk)
    faults = period_faults(held.valid_from, last_day) + _still_running(held, last_day)
    if faults:
        raise RefusedError(faults)
    held.valid_to = last_day
    held.save()
    return held


def require_place(by: Viewer | None, parent: Unit | None) -> None:
    """
    Raises:
        PermissionDenied: the place under `parent`, or the top, is not theirs to build in.
    """
    if parent is not None:
        require_scope(by, Permission.MANAGE_UNITS, {parent.pk})
    else:
        # A new top belongs to those who look after everything.
        require(by, Permission.MANAGE_UNITS)
        if by is not None:
            tops = set(Unit.objects.filter(parent=None).values_list("pk", flat=True))
            require_scope(by, Permission.MANAGE_UNITS, tops or scope_of(by, Permission.MANAGE_UNITS))


def _faults(name: str, parent: Unit | None, valid_from: date, valid_to: date | None) -> list[str]:
    faults = [] if name.strip() else [_("The unit needs a name.")]
    if parent is not None:
        # A unit that ends after its parent shows at the top of the tree; beginning before it is only a slip.
        last = valid_to or (parent.valid_to if parent.valid_to and parent.valid_to >= valid_from else None)
        faults += within_faults(valid_from, last, parent, parent.name)
    return faults


def _still_running(unit: Unit, last_day: date) -> list[str]:
    later = Q(valid_to__isnull=True) | Q(valid_to__gt=last_day)
    units = unit.children.filter(later).count()
    roles = unit.grants.filter(later).count()
    relations = unit.relations.filter(later).count()
    counted = [
        (
            units,
            ngettext(
                "%(count)d unit under this one goes on after that day. End or move it first.",
                "%(count)d units under this one go on after that day. End or move them first.",
                units,
            ),
        ),
        (
            roles,
            ngettext(
                "%(count)d role here goes on after that day. End it first.",
                "%(count)d roles here go on after that day. End them first.",
                roles,
            ),
        ),
        (
            relations,
            ngettext(
                "%(count)d citizen is tied to this unit after that day. Tie them to another team first.",
                "%(count)d citizens are tied to this unit after that day. Tie them to another team first.",
                relations,
            ),
        ),
    ]
    return [sentence % {"count": count} for count, sentence in counted if count]
