"""Putting together two records of one person, so that it can be taken apart again exactly."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import fields
from datetime import date
from typing import Any

from django.apps import apps
from django.core import serializers
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from medvirk.people.access import Permission, Viewer, can, log_access
from medvirk.people.actions.checks import require
from medvirk.people.actions.persons import save_person
from medvirk.people.following import Link, OnConflict, links_to_persons, merge_rule, rows_of
from medvirk.people.logic import PersonDetails, RefusedError
from medvirk.people.matching import Criteria, MatchedBy, matching_citizens
from medvirk.people.models import (
    AccessAction,
    Citizen,
    KeyKind,
    Person,
    PersonKey,
    PersonMerge,
    PersonMergeMove,
    Protection,
    Relation,
    Staff,
    SuspectedDuplicate,
    SuspicionState,
)
from medvirk.people.queries.citizens import log_search
from medvirk.people.queries.merging import both_consents_differ, merges_here

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

    `take`: names of the details in which the duplicate is right. What the kept person lacks is taken anyway; of
    protection the stricter holds, and every bar.

    Raises:
        RefusedError: the same record, one of them merged already, oneself, or both work here.
        PermissionDenied: not an administrator of the whole house.
    """
    _require_all(by)
    held = {
        each.pk: each for each in Person.objects.select_for_update().filter(pk__in=[kept.pk, duplicate.pk])
    }
    if faults := _faults(by, list(held.values())):
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
    _decide(by, kept, duplicate, SuspicionState.SAME)
    log_access(
        by,
        filter(None, (kept_citizen, other_citizen)),
        "people.merge",
        action=AccessAction.CHANGED,
        basis="merge",
    )
    return merge


@transaction.atomic
def undo_merge(*, by: Viewer | None, merge: PersonMerge) -> PersonMerge:
    """Move everything back to where it was. What came to the kept person since then stays with them.

    Raises:
        RefusedError: undone already, or a later merge has to be undone first.
        PermissionDenied: not an administrator of the whole house.
    """
    _require_all(by)
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
    SuspectedDuplicate.objects.filter(_pair(held.kept_id, held.duplicate_id)).update(
        state=SuspicionState.OPEN, decided_at=None, decided_by=None
    )
    ids = filter(None, (held.kept_citizen_id, held.duplicate_citizen_id))
    log_access(by, ids, "people.merge", action=AccessAction.CHANGED, basis="merge undone")
    return held


@transaction.atomic
def say_different(*, by: Viewer | None, one: Person, other: Person) -> SuspectedDuplicate:
    """These are two people: they are not suggested again.

    Raises:
        PermissionDenied: not an administrator of the whole house.
    """
    _require_all(by)
    return _decide(by, one, other, SuspicionState.DIFFERENT)


def propose_merge(*, by: Viewer, citizen: Citizen, criteria: Criteria, reason: str) -> SuspectedDuplicate:
    """Tell the administrator that a citizen whose record is open to the viewer is registered once more.

    Whom the search points out is not told: the other record may be closed to the viewer.

    Raises:
        RefusedError: no reason, or the search does not point out exactly one other citizen.
        PermissionDenied: the record is not open to the viewer.
    """
    if not can(by, Permission.FOLLOW_CITIZENS, citizen).allowed:
        raise PermissionDenied
    matches = {each: how for each, how in matching_citizens(criteria).items() if each != citizen.pk}
    log_search(by, matches)
    others = [each for each, how in matches.items() if how != {MatchedBy.NAME}]
    if not reason.strip():
        raise RefusedError([_("Say why you think that they are the same person.")])
    if len(others) != 1:
        raise RefusedError(
            [
                _(
                    "This does not point out exactly one other citizen. "
                    "Type the number, the phone, or name and birth date."
                )
            ]
        )
    other = Citizen.objects.get(pk=others[0])
    first, second = sorted((citizen.person_id, other.person_id))
    suspicion, _made = SuspectedDuplicate.objects.get_or_create(
        first_id=first,
        second_id=second,
        defaults={"reason": reason.strip(), "proposed_by_id": by.staff_id, "at": by.now},
    )
    return suspicion


def later_merges(merge: PersonMerge) -> models.QuerySet[PersonMerge]:
    """Merges in force, made after this one, of somebody who is in it too."""
    both = [merge.kept_id, merge.duplicate_id]
    return PersonMerge.objects.filter(
        Q(kept__in=both) | Q(duplicate__in=both), undone_at__isnull=True, made_at__gt=merge.made_at
    )


def _require_all(by: Viewer | None) -> None:
    require(by, Permission.MERGE_PERSONS)
    if by is not None and not merges_here(by):
        raise PermissionDenied


def _faults(by: Viewer | None, both: Sequence[Person]) -> list[str]:
    if len(both) < 2:
        return [_("These are the same record.")]
    faults = []
    if any(person.merged_into_id for person in both):
        faults.append(
            _("One of these records has been merged with another already. Choose that one instead.")
        )
    if by is not None and by.person_id in {person.pk for person in both}:
        faults.append(_("This is your own record. Ask another administrator."))
    if by is not None and _knows_one_of(by, both):
        # Whoever puts two records together must not win access to one of them by it.
        faults.append(
            _("You help one of them, so the merge would open the other to you. Ask another administrator.")
        )
    if Staff.objects.filter(person__in=both).count() > 1:
        faults.append(_("Both are registered as staff. Two staff members cannot be merged."))
    if both_consents_differ(*both):
        faults.append(
            _(
                "The two records have agreed to different things. Ask the citizen what holds, and let one of the "
                "answers be changed first."
            )
        )
    return faults


def _knows_one_of(by: Viewer, both: Sequence[Person]) -> bool:
    mine = Q(staff_id=by.staff_id) | Q(unit_id__in=[unit for _role, unit in by.grants])
    return Relation.objects.at(by.now).filter(mine, citizen__person__in=both).exists()


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
    content = serializers.serialize("json", [row])
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


def _as_json(values: dict[str, Any]) -> str:
    return json.dumps(values, default=lambda value: value.isoformat())


def _from_json(values: dict[str, str]) -> dict[str, Any]:
    days = {name: date.fromisoformat(values[name]) for name in ("birth_date", "died_on") if values[name]}
    return {**values, **days}


def _pair(one: uuid.UUID, other: uuid.UUID) -> Q:
    first, second = sorted((one, other))
    return Q(first_id=first, second_id=second)


def _decide(by: Viewer | None, one: Person, other: Person, state: SuspicionState) -> SuspectedDuplicate:
    first, second = sorted((one.pk, other.pk))
    suspicion, _made = SuspectedDuplicate.objects.update_or_create(
        first_id=first,
        second_id=second,
        defaults={
            "state": state,
            "decided_by_id": by.staff_id if by else None,
            "decided_at": timezone.now() if by is None else by.now,
        },
    )
    return suspicion
