"""Protected address: code 7 (confidential) and code 6 (strictly confidential) of the population register."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from medvirk.people.access import CONTACT, Permission, Viewer, can, contact_of, log_access
from medvirk.people.actions.checks import require, require_open, today_of
from medvirk.people.actions.persons import save_person
from medvirk.people.logic import PersonDetails, RefusedError, checked_details
from medvirk.people.matching import Criteria
from medvirk.people.models import AccessAction, Citizen, Person, Protection
from medvirk.people.queries.citizens import pointed_out


@transaction.atomic
def set_protection(*, by: Viewer | None, citizen: Citizen, protection: str) -> Person:
    """Hide contact and place from this moment, or (an empty `protection`) show them again.

    It asks for no reason: that the population register protects somebody is known, why is nobody's business. What is
    stored of contact stays stored, hidden.

    Raises:
        PermissionDenied: no role of theirs gives this, or the record is not open to them.
        ValueError: no such protection.
    """
    basis = require_open(by, Permission.PROTECT_ADDRESSES, citizen)
    return _protect(by, citizen, protection, basis)


@transaction.atomic
def set_protection_after_search(*, by: Viewer, criteria: Criteria, protection: str) -> Person:
    """The same for the one citizen whom the search points out; a secretary opens no record.

    Only stricter: that a protection is gone must be decided by somebody who knows the citizen.

    Raises:
        RefusedError: the search does not point out exactly one, or no protection was chosen.
        PermissionDenied: no role of theirs gives this.
    """
    require(by, Permission.PROTECT_ADDRESSES)
    citizen = pointed_out(by, criteria)
    if citizen is None:
        raise RefusedError([_("The search no longer points out exactly one citizen. Search again.")])
    if protection not in Protection.values:
        raise RefusedError([_("Choose which protection it is.")])
    if citizen.person.protection == Protection.STRICT:
        return citizen.person
    return _protect(by, citizen, protection, "protect")


def _protect(by: Viewer | None, citizen: Citizen, protection: str, basis: str) -> Person:
    person = Person.objects.select_for_update().get(pk=citizen.person_id)
    person.protection = Protection(protection) if protection else ""
    person.save()
    log_access(by, [citizen.pk], "people.protection", action=AccessAction.CHANGED, basis=basis)
    return person


@transaction.atomic
def change_contact(*, by: Viewer | None, citizen: Citizen, phone: str, email: str, confirmed: bool) -> Person:
    """Change how to reach a citizen with a protected address.

    `confirmed`: the citizen has said, knowing who can read it, that it may be stored; demanded at code 6.

    Raises:
        RefusedError: not confirmed, or faults in what was typed.
        PermissionDenied: not a worker of theirs.
    """
    require(by, Permission.REGISTER_CITIZENS)
    if by is not None:
        contact = contact_of(by, citizen)
        if contact.hidden and not getattr(contact, "may_show", False):
            raise PermissionDenied
    person = Person.objects.select_for_update().get(pk=citizen.person_id)
    if person.protection == Protection.STRICT and (phone.strip() or email.strip()) and not confirmed:
        raise RefusedError(
            [_("Ask the citizen first whether this may be stored, and tick that they have said yes.")]
        )
    details = PersonDetails(
        given_name=person.given_name,
        family_name=person.family_name,
        national_id=person.national_id,
        birth_date=person.birth_date,
        phone=phone,
        email=email,
        language=person.language,
    )
    save_person(person, checked_details(details, today=today_of(by)))
    basis = can(by, Permission.FOLLOW_CITIZENS, citizen).reason if by else "command line"
    log_access(by, [citizen.pk], CONTACT, action=AccessAction.CHANGED, basis=basis)
    return person
