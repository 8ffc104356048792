"""Citizens and the relations that open their records."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from medvirk.people.access import Permission, Viewer, can, log_access
from medvirk.people.actions.checks import period_faults, require, require_open, today_of, within_faults
from medvirk.people.actions.persons import create_person, person_with_national_id, save_person
from medvirk.people.logic import DuplicateError, PersonDetails, RefusedError, checked_details, overlaps
from medvirk.people.matching import Criteria, MatchedBy, matching_citizens
from medvirk.people.models import AccessAction, Bar, Basis, Citizen, Person, Relation, Staff, Unit
from medvirk.people.queries.citizens import log_met, log_search, startable_citizen


def register_citizen(
    *,
    by: Viewer | None,
    details: PersonDetails,
    reason: str,
    team: Unit | None = None,
    worker: Staff | None = None,
    somebody_else: bool = False,
    registered_on: date | None = None,
) -> Citizen:
    """Register somebody who gets help, tied to the one who registers, or to a team.

    A viewer who follows citizens gets a relation of their own; a secretary chooses `team`; the command line
    gives `worker`, `team` or both. `reason` says why, in words the citizen would understand. `somebody_else`
    confirms that one with the same phone, or name and birth date, is another person. Staff who get help here
    too stay one person: their details are kept as they are.

    Raises:
        DuplicateError: somebody registered may be the same person.
        RefusedError: faults in the details, or nobody to tie the citizen to.
        PermissionDenied: no role of theirs gives this.
    """
    require(by, Permission.REGISTER_CITIZENS)
    today = today_of(by)
    if by is not None:
        worker = _own_staff(by)
    faults = _reason_faults(reason)
    if worker is None and team is None:
        faults.append(_("Choose the team that will help the citizen."))
    try:
        details = checked_details(details, today=today)
    except RefusedError as refused:
        faults += refused.sentences
    if faults:
        raise RefusedError(faults)
    # Outside the transaction: that somebody was met stays in the log also when nothing is saved.
    _refuse_duplicates(by, details, somebody_else=somebody_else)
    return _save_citizen(by, details, worker, team, reason=reason, first_day=registered_on or today)


@transaction.atomic
def _save_citizen(
    by: Viewer | None,
    details: PersonDetails,
    worker: Staff | None,
    team: Unit | None,
    *,
    reason: str,
    first_day: date,
) -> Citizen:
    person = person_with_national_id(details.national_id) or create_person(details)
    if Citizen.objects.filter(person=person).exists():
        raise RefusedError([_registered_already()])
    citizen = Citizen.objects.create(person=person)
    for staff, unit in ((worker, None), (None, team)):
        if staff or unit:
            _tie(citizen, staff, unit, reason=reason, valid_from=first_day)
    log_access(
        by,
        [citizen.pk],
        "people.person",
        action=AccessAction.CREATED,
        basis="register" if by else "command line",
    )
    return citizen


@transaction.atomic
def start_relation(
    *,
    by: Viewer | None,
    citizen: Citizen,
    reason: str,
    valid_from: date,
    valid_to: date | None = None,
    worker: Staff | None = None,
    team: Unit | None = None,
    basis: Basis = Basis.SERVICE,
) -> Relation:
    """Tie one more worker, or one more team, to a citizen whose record is open to the viewer.

    Raises:
        RefusedError: not exactly one of `worker` and `team`, no reason, an impossible period, tied already, or `by`
            has emergency access only.
        PermissionDenied: the record is not open to the viewer.
    """
    require_open(by, Permission.REGISTER_CITIZENS, citizen)
    Citizen.objects.select_for_update().get(pk=citizen.pk)
    faults = _relation_faults(citizen, worker, team, reason=reason, valid_from=valid_from, valid_to=valid_to)
    if faults:
        raise RefusedError(faults)
    relation = _tie(
        citizen, worker, team, reason=reason, valid_from=valid_from, valid_to=valid_to, basis=basis
    )
    _log_change(by, citizen, "people.relation", "start")
    return relation


@transaction.atomic
def start_relation_after_search(
    *, by: Viewer, criteria: Criteria, reason: str, team: Unit | None = None
) -> Relation:
    """Tie oneself (a secretary: a team) to the one registered citizen whom the search points out.

    The search is made again here, so that no id of somebody unseen is ever sent to the browser.

    Raises:
        RefusedError: no reason or no team, or the search does not point out exactly one.
        PermissionDenied: no role of theirs gives this.
    """
    require(by, Permission.REGISTER_CITIZENS)
    worker = _own_staff(by)
    citizen = startable_citizen(by, criteria)
    if citizen is None:
        raise RefusedError([_("The search no longer points out exactly one citizen. Search again.")])
    Citizen.objects.select_for_update().get(pk=citizen.pk)
    team = None if worker else team
    faults = _relation_faults(citizen, worker, team, reason=reason, valid_from=by.today, valid_to=None)
    if citizen.person.protection and Permission.LEAD_TEAM not in by.permissions:
        # Says nothing of the protection: who searched need not know of it.
        faults = [_("This relation cannot be started from a search. Ask a team leader, who can start it.")]
    if faults:
        raise RefusedError(faults)
    relation = _tie(citizen, worker, team, reason=reason, valid_from=by.today)
    _log_change(by, citizen, "people.relation", "start")
    return relation


@transaction.atomic
def end_relation(*, by: Viewer | None, relation: Relation, last_day: date) -> Relation:
    """Let a relation last until and with `last_day`.

    Raises:
        RefusedError: the day is before the relation began, or `by` has emergency access only.
        PermissionDenied: the record is not open to the viewer.
    """
    basis = require_open(by, Permission.REGISTER_CITIZENS, relation.citizen)
    held = Relation.objects.select_for_update().get(pk=relation.pk)
    if faults := period_faults(held.valid_from, last_day):
        raise RefusedError(faults)
    held.valid_to = last_day
    held.save()
    log_access(by, [held.citizen_id], "people.relation", action=AccessAction.CHANGED, basis=basis)
    return held


def update_person(*, by: Viewer | None, citizen: Citizen, details: PersonDetails) -> Person:
    """Change who a citizen is and how to reach them; they are found by the new details at once.

    Raises:
        RefusedError: faults in the details, or a national identity number that belongs to somebody else.
        PermissionDenied: the record is not open to the viewer.
    """
    require_open(by, Permission.REGISTER_CITIZENS, citizen, in_emergency=True)
    # Outside the transaction: that a number is somebody's is told, so it is logged also when nothing is saved.
    log_met(by, details.national_id, but=citizen)
    return _save_update(by, citizen, details)


@transaction.atomic
def _save_update(by: Viewer | None, citizen: Citizen, details: PersonDetails) -> Person:
    person = Person.objects.select_for_update().get(pk=citizen.person_id)
    if person.protection:
        # Their contact is changed by `change_contact` only, which asks whether it may be stored.
        details = replace(details, phone=person.phone, email=person.email)
    save_person(person, checked_details(details, today=today_of(by)))
    _log_change(by, citizen, "people.person", None)
    return person


def _own_staff(by: Viewer) -> Staff | None:
    """The worker behind the viewer, when they may follow citizens."""
    if by.staff_id is None or Permission.FOLLOW_CITIZENS not in by.permissions:
        return None
    return Staff.objects.filter(pk=by.staff_id).first()


def _log_change(by: Viewer | None, citizen: Citizen, what: str, basis: str | None) -> None:
    if by is None:
        basis = "command line"
    elif basis is None:
        basis = can(by, Permission.FOLLOW_CITIZENS, citizen).reason
    log_access(by, [citizen.pk], what, action=AccessAction.CHANGED, basis=basis)


def _tie(
    citizen: Citizen,
    worker: Staff | None,
    team: Unit | None,
    *,
    reason: str,
    valid_from: date,
    valid_to: date | None = None,
    basis: Basis = Basis.SERVICE,
) -> Relation:
    return Relation.objects.create(
        citizen=citizen,
        staff=worker,
        unit=team,
        basis=basis,
        reason=reason.strip(),
        valid_from=valid_from,
        valid_to=valid_to,
    )


def _reason_faults(reason: str) -> list[str]:
    if reason.strip():
        return []
    return [_("Say why, in words the citizen would understand. They have the right to read it.")]


def _relation_faults(
    citizen: Citizen,
    worker: Staff | None,
    team: Unit | None,
    *,
    reason: str,
    valid_from: date,
    valid_to: date | None,
) -> list[str]:
    faults = _reason_faults(reason) + period_faults(valid_from, valid_to)
    if (worker is None) == (team is None):
        return [*faults, _("Choose one worker or one team, not both and not neither.")]
    if worker is not None and (kept_out := _kept_out_faults(citizen, worker)):
        return kept_out
    if team is not None and not Unit.objects.on(valid_from).filter(pk=team.pk).exists():
        faults += within_faults(valid_from, valid_to or valid_from, team, team.name)
    same = Relation.objects.filter(citizen=citizen, staff=worker, unit=team)
    if any(overlaps(valid_from, valid_to, each.valid_from, each.valid_to) for each in same):
        faults.append(_("This relation exists already in that time."))
    return faults


def _kept_out_faults(citizen: Citizen, worker: Staff) -> list[str]:
    if worker.person_id == citizen.person_id:
        return [_("This is the citizen themselves. Choose somebody else.")]
    if Bar.objects.at(timezone.now()).filter(citizen=citizen, staff=worker).exists():
        return [_("This worker is kept out of this record. Choose somebody else.")]
    return []


def _registered_already() -> str:
    return _("A citizen with this national identity number is registered. Search for the number instead.")


def _refuse_duplicates(by: Viewer | None, details: PersonDetails, *, somebody_else: bool) -> None:
    criteria = Criteria(
        national_id=details.national_id,
        phone=details.phone,
        given_name=details.given_name,
        family_name=details.family_name,
        birth_date=details.birth_date,
    )
    matches = {
        citizen: matched
        for citizen, matched in matching_citizens(criteria).items()
        if matched != {MatchedBy.NAME}
    }
    if any(MatchedBy.NATIONAL_ID in matched for matched in matches.values()):
        log_search(by, matches)
        raise RefusedError([_registered_already()])
    if matches and not somebody_else:
        log_search(by, matches)
        raise DuplicateError(
            [
                ngettext(
                    "%(count)d registered citizen has the same phone, or the same name and date of birth. "
                    "Search for them, or confirm below that this is somebody else.",
                    "%(count)d registered citizens have the same phone, or the same name and date of birth. "
                    "Search for them, or confirm below that this is somebody else.",
                    len(matches),
                )
                % {"count": len(matches)}
            ]
        )
