"""Staff, their roles and their way in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from medvirk.people.access import Permission, Viewer
from medvirk.people.actions.checks import period_faults, require_scope, today_of, within_faults
from medvirk.people.actions.persons import create_person, save_person
from medvirk.people.identity import sign_in_key, sign_in_keys
from medvirk.people.logic import PersonDetails, RefusedError, checked_details, overlaps
from medvirk.people.models import Grant, Role, Staff, Unit, User
from medvirk.people.queries.staff import staff_in_scope

LONGEST_SIGN_IN_NAME = 64


@dataclass(frozen=True)
class NewGrant:
    """A role to be given: in `unit`, from a day, perhaps to a day (both count)."""

    role: Role | str
    unit: Unit
    valid_from: date
    valid_to: date | None = None


@transaction.atomic
def register_staff(
    *,
    by: Viewer | None,
    details: PersonDetails,
    login: str,
    password: str,
    grants: Sequence[NewGrant] = (),
    title: str = "",
    must_change_password: bool = True,
) -> Staff:
    """Register somebody who works here, with a way to sign in and roles.

    `must_change_password` stands for a password that somebody else chose: it lets its owner in only to
    change it.

    Raises:
        RefusedError: faults in details, sign-in name, password or roles.
        PermissionDenied: a role in a unit that is not theirs.
    """
    require_scope(by, Permission.MANAGE_STAFF, {grant.unit.pk for grant in grants})
    faults: list[str] = []
    try:
        details = checked_details(details, today=today_of(by))
    except RefusedError as refused:
        faults += refused.sentences
    faults += _sign_in_faults(login) + _password_faults(password)
    for grant in grants:
        faults += _grant_faults(grant)
    if faults:
        raise RefusedError(faults)
    person = create_person(details)
    user = User(login=login.strip(), login_hash=sign_in_key(login), has_first_password=must_change_password)
    user.set_password(password)
    user.save()
    staff = Staff.objects.create(person=person, user=user, title=title.strip())
    for grant in grants:
        _save_grant(staff, grant)
    return staff


@transaction.atomic
def change_staff(*, by: Viewer | None, staff: Staff, details: PersonDetails, title: str) -> Staff:
    """Change name, contact and title.

    Raises:
        RefusedError: faults in the details.
        PermissionDenied: not a staff member they look after.
    """
    require_theirs(by, staff)
    held = Staff.objects.select_for_update().select_related("person").get(pk=staff.pk)
    save_person(held.person, checked_details(details, today=today_of(by)))
    held.title = title.strip()
    held.save()
    return held


@transaction.atomic
def grant_role(*, by: Viewer | None, staff: Staff, grant: NewGrant) -> Grant:
    """Give a role in a unit for a time.

    Raises:
        RefusedError: the unit does not exist then, or the same role is held there already in that time.
        PermissionDenied: not a unit or a staff member they look after.
    """
    require_scope(by, Permission.MANAGE_STAFF, {grant.unit.pk})
    _require_visible(by, staff)
    Staff.objects.select_for_update().get(pk=staff.pk)
    faults = _grant_faults(grant)
    same = Grant.objects.filter(staff=staff, role=grant.role, unit=grant.unit)
    if any(overlaps(grant.valid_from, grant.valid_to, held.valid_from, held.valid_to) for held in same):
        faults.append(_("This person has the same role in the same unit in that time already."))
    if faults:
        raise RefusedError(faults)
    return _save_grant(staff, grant)


@transaction.atomic
def end_role(*, by: Viewer | None, grant: Grant, last_day: date) -> Grant:
    """Let a role last until and with `last_day`.

    Raises:
        RefusedError: before it began, or nobody would be left to administer Medvirk.
        PermissionDenied: a role in a unit that is not theirs.
    """
    require_scope(by, Permission.MANAGE_STAFF, {grant.unit_id})
    held = Grant.objects.select_for_update().get(pk=grant.pk)
    faults = period_faults(held.valid_from, last_day)
    if held.role == Role.ADMINISTRATOR and not _administrators_after(last_day).exclude(pk=held.pk).exists():
        faults.append(_no_administrator())
    if faults:
        raise RefusedError(faults)
    held.valid_to = last_day
    held.save()
    return held


@transaction.atomic
def set_password(
    *, by: Viewer | None, staff: Staff, password: str, must_change_password: bool = True
) -> User:
    """Give a new password; whoever is signed in with the old one is signed out.

    Raises:
        RefusedError: no account, or a password that is too weak.
        PermissionDenied: not a staff member they look after in full.
    """
    require_theirs(by, staff)
    user = _locked_user(staff)
    if faults := _password_faults(password):
        raise RefusedError(faults)
    user.set_password(password)
    user.has_first_password = must_change_password
    user.save(update_fields=["password", "has_first_password"])
    return user


@transaction.atomic
def deactivate(*, by: Viewer | None, staff: Staff) -> User:
    """Close somebody's way in, at once. Roles and history stay.

    Raises:
        RefusedError: it is oneself, or the last administrator.
        PermissionDenied: not a staff member they look after in full.
    """
    require_theirs(by, staff)
    user = _locked_user(staff)
    if by is not None and by.staff_id == staff.pk:
        raise RefusedError([_("You cannot close your own account. Ask another administrator.")])
    others = _administrators_after(today_of(by)).exclude(staff=staff)
    is_administrator = _administrators_after(today_of(by)).filter(staff=staff).exists()
    if is_administrator and not others.exists():
        raise RefusedError([_no_administrator()])
    user.is_active = False
    user.save(update_fields=["is_active"])
    return user


@transaction.atomic
def reactivate(*, by: Viewer | None, staff: Staff) -> User:
    """Open somebody's way in again.

    Raises:
        PermissionDenied: not a staff member they look after in full.
    """
    require_theirs(by, staff)
    user = _locked_user(staff)
    user.is_active = True
    user.save(update_fields=["is_active"])
    return user


def _require_visible(by: Viewer | None, staff: Staff) -> None:
    if by is not None and not staff_in_scope(by).filter(pk=staff.pk).exists():
        raise PermissionDenied


def require_theirs(by: Viewer | None, staff: Staff) -> None:
    """All of somebody's roles must be within reach: a password to a wider role would be a way up."""
    later = Q(valid_to__isnull=True) | Q(valid_to__gte=today_of(by))
    units = set(Grant.objects.filter(later, staff=staff).values_list("unit_id", flat=True))
    require_scope(by, Permission.MANAGE_STAFF, units)


def _locked_user(staff: Staff) -> User:
    user = User.objects.select_for_update().filter(staff=staff).first()
    if user is None:
        raise RefusedError([_("This person has no account to sign in with.")])
    return user


def _save_grant(staff: Staff, grant: NewGrant) -> Grant:
    return Grant.objects.create(
        staff=staff,
        role=Role(grant.role),
        unit=grant.unit,
        valid_from=grant.valid_from,
        valid_to=grant.valid_to,
    )


def _grant_faults(grant: NewGrant) -> list[str]:
    faults = period_faults(grant.valid_from, grant.valid_to)
    inner_to = grant.valid_to
    if inner_to is None and grant.unit.valid_to and grant.unit.valid_to >= grant.valid_from:
        faults.append(
            _("%(unit)s ends on %(day)s. Give the role a last day no later than that.")
            % {"unit": grant.unit.name, "day": f"{grant.unit.valid_to:%d.%m.%Y}"}
        )
        inner_to = grant.unit.valid_to
    return faults + within_faults(grant.valid_from, inner_to, grant.unit, grant.unit.name)


def _sign_in_faults(login: str) -> list[str]:
    name = login.strip()
    if not name or len(name) > LONGEST_SIGN_IN_NAME:
        return [_("The sign-in name needs between 1 and %(count)d signs.") % {"count": LONGEST_SIGN_IN_NAME}]
    if User.objects.filter(login_hash__in=sign_in_keys(name)).exists():
        return [_("Somebody has this sign-in name already. Choose another.")]
    return []


def _password_faults(password: str) -> list[str]:
    try:
        validate_password(password)
    except ValidationError as invalid:
        return [str(message) for message in invalid.messages]
    return []


def _administrators_after(day: date) -> QuerySet[Grant]:
    lasting = Q(valid_to__isnull=True) | Q(valid_to__gt=day)
    return Grant.objects.filter(
        lasting, role=Role.ADMINISTRATOR, valid_from__lte=day, staff__user__is_active=True
    )


def _no_administrator() -> str:
    return _("Then nobody could administer Medvirk. Give somebody else the role administrator first.")
