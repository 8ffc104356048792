"""Parents and guardians: who may see and decide for a citizen."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from medvirk.people.access import Permission, Viewer, log_access
from medvirk.people.actions.checks import period_faults, require_open, today_of
from medvirk.people.actions.persons import create_person, person_with_national_id
from medvirk.people.logic import (
    HEARD,
    MAJORITY_IN_HEALTH,
    PersonDetails,
    RefusedError,
    age_on,
    checked_details,
    normal_name,
    overlaps,
)
from medvirk.people.models import AccessAction, Citizen, GuardianKind, Guardianship, Person
from medvirk.people.queries.citizens import log_met


def register_guardian(
    *,
    by: Viewer | None,
    citizen: Citizen,
    details: PersonDetails,
    kind: GuardianKind,
    valid_from: date,
    valid_to: date | None = None,
    withheld: bool = False,
    covers_health: bool = True,
) -> Guardianship:
    """Register a parent with parental responsibility, or a guardian (verge), of a citizen.

    Somebody registered with the same national identity number is the same person; their details are kept. `withheld`:
    the child, from 12 years, does not want this person told. What each may see follows from the age by itself, and for
    parents ends at 16.

    Raises:
        RefusedError: faults in the details or the dates, a name that is not the one registered with the number, the
            citizen themselves, a parent of somebody who is 16, or registered already.
        PermissionDenied: the record is not open to the viewer.
    """
    basis = require_open(by, Permission.REGISTER_CITIZENS, citizen)
    # Outside the transaction: that a number is somebody's is told, so it is logged also when nothing is saved.
    log_met(by, details.national_id, but=citizen)
    return _save_guardian(
        by, citizen, details, kind,
        valid_from=valid_from, valid_to=valid_to, withheld=withheld, covers_health=covers_health, basis=basis,
    )  # fmt: skip


@transaction.atomic
def _save_guardian(
    by: Viewer | None,
    citizen: Citizen,
    details: PersonDetails,
    kind: GuardianKind,
    *,
    valid_from: date,
    valid_to: date | None,
    withheld: bool,
    covers_health: bool,
    basis: str,
) -> Guardianship:
    today = today_of(by)
    Citizen.objects.select_for_update().get(pk=citizen.pk)
    faults = period_faults(valid_from, valid_to) + _age_faults(citizen, kind, withheld=withheld, today=today)
    try:
        details = checked_details(details, today=today)
    except RefusedError as refused:
        faults += refused.sentences
    if faults:
        raise RefusedError(faults)
    person = _person(details)
    faults = _person_faults(citizen, person, kind, valid_from, valid_to)
    if faults:
        raise RefusedError(faults)
    made = Guardianship.objects.create(
        citizen=citizen,
        guardian=person,
        kind=kind,
        withheld=withheld,
        covers_health=covers_health,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    log_access(by, [citizen.pk], "people.guardian", action=AccessAction.CHANGED, basis=basis)
    return made


@transaction.atomic
def change_guardian(
    *,
    by: Viewer | None,
    guardianship: Guardianship,
    withheld: bool,
    covers_health: bool,
    valid_to: date | None,
) -> Guardianship:
    """Change what the child wishes, what the mandate covers, or the last day. It holds from this moment.

    Raises:
        RefusedError: the last day is before the first, or the child is under 12.
        PermissionDenied: the record is not open to the viewer.
    """
    basis = require_open(by, Permission.REGISTER_CITIZENS, guardianship.citizen)
    held = Guardianship.objects.select_for_update().get(pk=guardianship.pk)
    faults = period_faults(held.valid_from, valid_to)
    if withheld and not held.withheld:
        faults += _age_faults(held.citizen, None, withheld=True, today=today_of(by))
    if faults:
        raise RefusedError(faults)
    held.withheld, held.covers_health, held.valid_to = withheld, covers_health, valid_to
    held.save()
    log_access(by, [held.citizen_id], "people.guardian", action=AccessAction.CHANGED, basis=basis)
    return held


def _person(details: PersonDetails) -> Person:
    known = person_with_national_id(details.national_id)
    if known is None:
        return create_person(details)
    # A number alone must not tell whose it is.
    typed = normal_name(details.given_name, details.family_name)
    if normal_name(known.given_name, known.family_name) != typed:
        raise RefusedError(
            [_("The name is not the one registered with this national identity number. Check both.")]
        )
    return known


def _age_faults(citizen: Citizen, kind: GuardianKind | None, *, withheld: bool, today: date) -> list[str]:
    age = age_on(citizen.person.birth_date, today)
    if kind == GuardianKind.PARENT and age is None:
        return [_("Register the citizen's date of birth first: what a parent may see follows from the age.")]
    if kind == GuardianKind.PARENT and age is not None and age >= MAJORITY_IN_HEALTH:
        return [
            _(
                "The citizen is 16 or older and decides alone. A parent is not told, so there is nothing to register."
            )
        ]
    if withheld and age is not None and age < HEARD:
        return [_("A child can ask from the age of 12 that a parent is not told.")]
    return []


def _person_faults(
    citizen: Citizen, person: Person, kind: GuardianKind, valid_from: date, valid_to: date | None
) -> list[str]:
    if person.pk == citizen.person_id:
        return [_("This is the citizen themselves.")]
    same = Guardianship.objects.filter(citizen=citizen, guardian=person, kind=kind)
    if any(overlaps(valid_from, valid_to, each.valid_from, each.valid_to) for each in same):
        return [_("This person is registered already in that time.")]
    return []
