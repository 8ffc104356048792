"""Putting together two records of one person, so that it can be taken apart again exactly."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Iterable
from dataclasses import fields
from datetime import date, datetime
from typing import Any

from django.apps import apps
from django.core import serializers
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from medvirk.people.access import Viewer, log_access
from medvirk.people.actions.persons import save_person
from medvirk.people.actions.suspecting import (
    merge_faults,
    pair_of,
    require_the_house,
    settle,
    waiting_proposal,
)
from medvirk.people.following import Link, OnConflict, links_to_persons, merge_rule, rows_of
from medvirk.people.logic import PersonDetails, RefusedError
from medvirk.people.models import (
    AccessAction,
    Citizen,
    KeyKind,
    Person,
    PersonKey,
    PersonMerge,
    PersonMergeMove,
    Protection,
    SuspectedDuplicate,
    SuspicionState,
)
from medvirk.people.queries.merging import others_who_merge

#: How this room's rows follow; what is in no unique constraint needs no rule.
MERGE_RULES = {
    # The two records of one person: where the kept one has none, it gets the other's; else it stays behind, empty.
    "people.Citizen.person": OnConflict.STAY,
    "people.User.person": OnConflict.STAY,
    "people.Staff.person": OnConflict.REFUSE,
    # Those of the duplicate still find, and lead to the kept person.
    "people.PersonKey.person": OnConflict.NEVER,
    # The same bar, consent or death stands at the kept one already.
    "people.Bar.citizen": OnConflict.STAY,
    "people.Consent.citizen": OnConflict.STAY,
    "people.Death.citizen": OnConflict.STAY,
    "people.Erasure.citizen": OnConflict.STAY,
    # They say what was found of these two.
    "people.PersonMerge.kept": OnConflict.NEVER,
    "people.PersonMerge.duplicate": OnConflict.NEVER,
    "people.SuspectedDuplicate.first": OnConflict.NEVER,
    "people.SuspectedDuplicate.second": OnConflict.NEVER,
    "people.SuspectedDuplicate.kept": OnConflict.NEVER,
}
DETAILS = tuple(each.name for each in fields(PersonDetails))
#: What of the duplicate may be chosen; the number is the kept person's where there is one.
CHOOSABLE = tuple(name for name in DETAILS if name != "national_id")
STRICTNESS = ("", Protection.CONFIDENTIAL, Protection.STRICT)
BATCH = 500


@transaction.atomic
def merge_persons(
    *, by: Viewer | None, kept: Person, duplicate: Person, take: Collection[str] = ()
) -> PersonMerge:
    """Let `kept` be the one record of somebody registered twice. All or nothing, in one transaction.

    Two must agree: where there is another administrator who may, it is proposed (`suspecting`) and agreed to.

    `take`: names of the details in which the duplicate is right. What the kept person lacks is taken anyway; of
    protection the stricter holds, and every bar.

    Raises:
        RefusedError: another must agree; the same record, one of them merged already, oneself, or both work here.
        PermissionDenied: not an administrator of the whole house.
    """
    require_the_house(by)
    if by is not None and others_who_merge(by).exists():
        raise RefusedError([_("Two must agree: propose it, and another administrator decides.")])
    return _merge(by, kept, duplicate, take, basis="merge" if by is None else "merge alone")


@transaction.atomic
def agree_to_merge(*, by: Viewer, suspicion: SuspectedDuplicate) -> PersonMerge:
    """Put together what another administrator has proposed, as they proposed it. All or nothing.

    Raises:
        RefusedError: decided already, proposed by oneself, or as in `merge_persons`.
        PermissionDenied: not an administrator of the whole house.
    """
    require_the_house(by)
    held = waiting_proposal(suspicion)
    if held.merge_proposed_by_id == by.staff_id:
        raise RefusedError([_("Two must agree: somebody else than the one who proposed it decides.")])
    kept, duplicate = (
        (held.first, held.second) if held.kept_id == held.first_id else (held.second, held.first)
    )
    return _merge(by, kept, duplicate, held.take, basis="merge")


def _merge(
    by: Viewer | None, kept: Person, duplicate: Person, take: Collection[str], *, basis: str
) -> PersonMerge:
    held = {
        each.pk: each for each in Person.objects.select_for_update().filter(pk__in=[kept.pk, duplicate.pk])
    }
    if faults := merge_faults(by, list(held.values())):
        raise RefusedError(faults)
    kept, duplicate = held[kept.pk], held[duplicate.pk]
    citizens = {each.person_id: each.pk for each in Citizen.objects.filter(person__in=[kept, duplicate])}
    kept_citizen, other_citizen = citizens.get(kept.pk), citizens.get(duplicate.pk)
    merge = PersonMerge.objects.create(
        kept=kept,
        duplicate=duplicate,
        kept_citizen_id=kept_citizen or other_citizen,
        duplicate_citizen_id=other_citizen if kept_citizen else None,
        made_by_id=by.staff_id if by else None,
    )
    for link in links_to_persons():
        if not link.to_citizen:
            _move(merge, link, duplicate.pk, kept.pk)
        elif kept_citizen and other_citizen:
            _move(merge, link, other_citizen, kept_citizen)
    _join_details(merge, kept, duplicate, take)
    Person.objects.filter(pk=duplicate.pk).update(merged_into=kept)
    settle(by, kept, duplicate, SuspicionState.SAME)
    log_access(
        by,
        filter(None, (kept_citizen, other_citizen)),
        "people.merge",
        action=AccessAction.CHANGED,
        basis=basis,
    )
    return merge


@transaction.atomic
def undo_merge(*, by: Viewer | None, merge: PersonMerge) -> PersonMerge:
    """Move everything back to where it was. What came to the kept person since then stays with them.

    Raises:
        RefusedError: undone already, or a later merge has to be undone first.
        PermissionDenied: not an administrator of the whole house.
    """
    require_the_house(by)
    held = PersonMerge.objects.select_for_update().get(pk=merge.pk)
    people = {each.pk: each for each in Person.objects.select_for_update().filter(merges__isnull=False)}
    kept = people[held.kept_id]
    if held.undone_at is not None:
        raise RefusedError([_("This has been taken apart already.")])
    if later_merges(held).exists():
        raise RefusedError(
            [
                _(
                    "One of these two was merged with somebody else after this. "
                    "Take that apart first, the latest first."
                )
            ]
        )
    _move_back(held)
    _part_details(held, kept)
    Person.objects.filter(pk=held.duplicate_id).update(merged_into=None)
    held.undone_at = timezone.now() if by is None else by.now
    held.undone_by_id = by.staff_id if by else None
    held.save(update_fields=["undone_at", "undone_by"])
    for suspicion in SuspectedDuplicate.objects.filter(pair_of(held.kept_id, held.duplicate_id)):
        suspicion.state, suspicion.decided_at, suspicion.decided_by = SuspicionState.OPEN, None, None
        suspicion.forget_proposal()
        suspicion.save()
    ids = filter(None, (held.kept_citizen_id, held.duplicate_citizen_id))
    log_access(by, ids, "people.merge", action=AccessAction.CHANGED, basis="merge undone")
    return held


def later_merges(merge: PersonMerge) -> models.QuerySet[PersonMerge]:
    """Merges in force, made after this one, of somebody who is in it too."""
    both = [merge.kept_id, merge.duplicate_id]
    return PersonMerge.objects.filter(
        Q(kept__in=both) | Q(duplicate__in=both), undone_at__isnull=True, made_at__gt=merge.made_at
    )


def _move(merge: PersonMerge, link: Link, old: uuid.UUID, new: uuid.UUID) -> None:
    """Point to `new` what points to `old`, and write down each row."""
    rule = merge_rule(link.name)
    if rule is OnConflict.NEVER:
        return
    rows = link.rows().filter(**{link.field: old})
    keys = list(rows.values_list("pk", flat=True))
    moved: list[Any] = []
    taken: list[PersonMergeMove] = []
    if link.constrained:
        for key in keys:
            if _moved_alone(rows.filter(pk=key), link.field, new):
                moved.append(key)
            elif rule is OnConflict.TAKE_OUT:
                taken.append(_take_out(merge, link, rows.get(pk=key), old, new))
            elif rule is not OnConflict.STAY:
                # Also what nobody has decided on: better not merged than half merged.
                raise RefusedError(
                    [_("Both have something that only one of them can have. They cannot be merged.")]
                )
    else:
        rows.update(**{link.field: new})
        moved = keys
    PersonMergeMove.objects.bulk_create(
        [
            *taken,
            *(
                PersonMergeMove(
                    merge=merge,
                    model=link.table,
                    row=str(key),
                    field=link.field,
                    old_value=old,
                    new_value=new,
                )
                for key in moved
            ),
        ],
        batch_size=BATCH,
    )


def _moved_alone(row: models.QuerySet[Any], field: str, new: uuid.UUID) -> bool:
    try:
        with transaction.atomic():
            row.update(**{field: new})
    except IntegrityError:
        return False
    return True


def _take_out(merge: PersonMerge, link: Link, row: Any, old: uuid.UUID, new: uuid.UUID) -> PersonMergeMove:
    content = serializers.serialize("json", [row], cls=_ToTheMicrosecond)
    taken = PersonMergeMove(
        merge=merge, model=link.table, row=str(row.pk), field=link.field,
        old_value=old, new_value=new, content=content,
    )  # fmt: skip
    row.delete()
    return taken


def _move_back(merge: PersonMerge) -> None:
    together: dict[tuple[str, str, uuid.UUID, uuid.UUID], list[str]] = {}
    taken: list[str] = []
    for move in merge.moves.order_by("-pk"):
        if move.content:
            taken.append(move.content)
        else:
            key = (move.model, move.field, move.old_value, move.new_value)
            together.setdefault(key, []).append(move.row)
    for (label, field, old, new), keys in together.items():
        model = apps.get_model(label)
        for start in range(0, len(keys), BATCH):
            # Only what still points where the merge made it point: what somebody moved on since stays there.
            here = rows_of(model).filter(pk__in=keys[start : start + BATCH], **{field: new})
            here.update(**{field: old})
    for content in taken:
        for row in serializers.deserialize("json", content):
            row.save()


def _details_of(person: Person) -> dict[str, Any]:
    return {
        **{name: getattr(person, name) or "" for name in DETAILS},
        "protection": person.protection,
        "died_on": person.died_on or "",
    }


def _join_details(merge: PersonMerge, kept: Person, duplicate: Person, take: Iterable[str]) -> None:
    """The kept person's details, with what the duplicate knows better or alone."""
    before, other = _details_of(kept), _details_of(duplicate)
    chosen = set(take) & set(CHOOSABLE)
    after = {
        name: other[name] if name in chosen and other[name] else before[name] or other[name]
        for name in before
    }
    after["protection"] = max(before["protection"], other["protection"], key=STRICTNESS.index)
    merge.details = _as_json({"before": before, "after": after})
    merge.save(update_fields=["details"])
    if after["national_id"] and not before["national_id"]:
        # A number belongs to one person only, so its key goes along.
        number = Link(PersonKey, "person", to_citizen=False, constrained=False)
        key = PersonKey.objects.filter(person=duplicate, kind=KeyKind.NATIONAL_ID).first()
        if key is not None:
            PersonMergeMove.objects.create(
                merge=merge, model=number.table, row=str(key.pk), field=number.field,
                old_value=duplicate.pk, new_value=kept.pk,
            )  # fmt: skip
            PersonKey.objects.filter(pk=key.pk).update(person=kept)
    _save_details(kept, after)


def _part_details(merge: PersonMerge, kept: Person) -> None:
    """Put back what the merge changed; what was changed by somebody since stays."""
    said = json.loads(merge.details)
    before, after = _from_json(said["before"]), _from_json(said["after"])
    now = _details_of(kept)
    _save_details(kept, {name: before[name] if now[name] == after[name] else now[name] for name in now})


def _save_details(person: Person, values: dict[str, Any]) -> None:
    if values == _details_of(person):
        return
    person.protection, person.died_on = values["protection"], values["died_on"] or None
    details = {name: values[name] for name in DETAILS}
    save_person(person, PersonDetails(**{**details, "birth_date": details["birth_date"] or None}))


class _ToTheMicrosecond(DjangoJSONEncoder):
    """Django's own cuts a moment off at the millisecond; what is put back must be the very same."""

    def default(self, o: object) -> Any:
        return o.isoformat() if isinstance(o, datetime) else super().default(o)


def _as_json(values: dict[str, Any]) -> str:
    return json.dumps(values, default=lambda value: value.isoformat())


def _from_json(values: dict[str, str]) -> dict[str, Any]:
    days = {name: date.fromisoformat(values[name]) for name in ("birth_date", "died_on") if values[name]}
    return {**values, **days}
