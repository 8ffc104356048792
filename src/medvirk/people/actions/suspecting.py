"""What is said of two records before they are put together: that they may be, are not, or should be one person's."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from medvirk.people.access import Permission, Viewer, can, log_access
from medvirk.people.actions.checks import require
from medvirk.people.logic import RefusedError
from medvirk.people.matching import Criteria, MatchedBy, matching_citizens
from medvirk.people.models import (
    AccessAction,
    Citizen,
    Person,
    Relation,
    Staff,
    SuspectedDuplicate,
    SuspicionState,
)
from medvirk.people.queries.citizens import log_search
from medvirk.people.queries.merging import both_consents_differ, merges_here


@transaction.atomic
def say_different(*, by: Viewer | None, one: Person, other: Person) -> SuspectedDuplicate:
    """These are two people: they are not suggested again.

    Raises:
        PermissionDenied: not an administrator of the whole house.
    """
    require_the_house(by)
    return settle(by, one, other, SuspicionState.DIFFERENT)


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


@transaction.atomic
def propose_putting_together(
    *, by: Viewer, kept: Person, duplicate: Person, take: Collection[str] = ()
) -> SuspectedDuplicate:
    """Propose that the two are one, with `take` as in `merge_persons`. Another administrator agrees or declines.

    Raises:
        RefusedError: what would stop the merge stops this too, or it is proposed already.
        PermissionDenied: not an administrator of the whole house.
    """
    require_the_house(by)
    held = list(Person.objects.select_for_update().filter(pk__in=[kept.pk, duplicate.pk]).order_by("pk"))
    if faults := merge_faults(by, held):
        raise RefusedError(faults)
    first, second = held
    suspicion, _made = SuspectedDuplicate.objects.get_or_create(
        first=first, second=second, defaults={"at": by.now}
    )
    if suspicion.awaits_agreement:
        raise RefusedError([_("It is proposed already, and waits for a decision.")])
    suspicion.state, suspicion.decided_at, suspicion.decided_by = SuspicionState.OPEN, None, None
    suspicion.merge_proposed_by_id, suspicion.merge_proposed_at = by.staff_id, by.now
    suspicion.kept, suspicion.take = kept, sorted(take)
    suspicion.save()
    citizens = Citizen.objects.filter(person__in=held).values_list("pk", flat=True)
    log_access(by, citizens, "people.merge", action=AccessAction.CHANGED, basis="merge proposed")
    return suspicion


@transaction.atomic
def decline_putting_together(*, by: Viewer, suspicion: SuspectedDuplicate) -> SuspectedDuplicate:
    """Let it be, or take one's own proposal back. Whether they are one person stays open.

    Raises:
        RefusedError: nothing is proposed any longer.
        PermissionDenied: not an administrator of the whole house.
    """
    require_the_house(by)
    held = waiting_proposal(suspicion)
    held.forget_proposal()
    held.save()
    citizens = Citizen.objects.filter(person__in=[held.first_id, held.second_id]).values_list("pk", flat=True)
    log_access(by, citizens, "people.merge", action=AccessAction.CHANGED, basis="merge declined")
    return held


def waiting_proposal(suspicion: SuspectedDuplicate) -> SuspectedDuplicate:
    """The proposal, locked.

    Raises:
        RefusedError: it is decided or taken back.
    """
    held = SuspectedDuplicate.objects.select_for_update().get(pk=suspicion.pk)
    if not held.awaits_agreement:
        raise RefusedError([_("This is decided already.")])
    return held


def require_the_house(by: Viewer | None) -> None:
    """
    Raises:
        PermissionDenied: not an administrator of the whole house.
    """
    require(by, Permission.MERGE_PERSONS)
    if by is not None and not merges_here(by):
        raise PermissionDenied


def merge_faults(by: Viewer | None, both: Sequence[Person]) -> list[str]:
    """What stops this administrator from having these two records put together."""
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


def pair_of(one: uuid.UUID, other: uuid.UUID) -> Q:
    """Names the two in the order of their ids, as the table does."""
    first, second = sorted((one, other))
    return Q(first_id=first, second_id=second)


def settle(by: Viewer | None, one: Person, other: Person, state: SuspicionState) -> SuspectedDuplicate:
    """Write down what the two were found to be."""
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
