"""Accounts: a citizen's own, and workers' job accounts at the employer's sign-in service."""

from __future__ import annotations

import json
import secrets
from datetime import timedelta

from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from medvirk.people.access import Viewer
from medvirk.people.actions.staff import require_theirs
from medvirk.people.identity import job_account_key, job_account_keys, national_id_keys, sign_in_key
from medvirk.people.logic import RefusedError
from medvirk.people.models import JobAccount, KeyKind, Person, Staff, User

#: A name that nobody has signed in by in this time opens nothing: it may have been given to somebody else.
NAME_LASTS = timedelta(days=30)
LONGEST_NAME = 254


@transaction.atomic
def own_account(*, by: None, national_id: str) -> User | None:  # noqa: ARG001  nobody is signed in yet
    """The account by which somebody with this number signs in for themselves; made at the first sign-in.

    None for somebody who is not known here, has died, or whose account is closed. Nothing is stored then.
    """
    person = (
        Person.objects.select_for_update(of=("self",))
        .filter(keys__kind=KeyKind.NATIONAL_ID, keys__digest__in=national_id_keys(national_id))
        .first()
    )
    if person is None or person.died_on is not None:
        return None
    user = User.objects.filter(person=person).first()
    if user is None:
        login = f"own:{secrets.token_urlsafe(24)}"
        user = User.objects.create(
            person=person, login=login, login_hash=sign_in_key(login), password=make_password(None)
        )
    return user if user.is_active else None


@transaction.atomic
def expect_job_account(*, by: Viewer | None, staff: Staff, name: str) -> JobAccount:
    """Let a worker's job account open their account here: the next sign-in by this name binds it.

    An earlier job account of theirs is let go.

    Raises:
        RefusedError: no account, no name, or somebody else's name.
        PermissionDenied: not a staff member they look after in full.
    """
    require_theirs(by, staff)
    user = User.objects.select_for_update().filter(staff=staff).first()
    if user is None:
        raise RefusedError([_("This person has no account to sign in with.")])
    identity = _as_name(name)
    if not identity or len(identity) > LONGEST_NAME:
        raise RefusedError([_("Write the name that the person signs in to the job account with.")])
    taken = JobAccount.objects.filter(identity_hash__in=job_account_keys(identity)).exclude(user=user)
    if taken.exists():
        raise RefusedError([_("Another worker is waiting to sign in by this name. Check whose it is.")])
    account, _made = JobAccount.objects.update_or_create(
        user=user,
        defaults={
            "identity": identity,
            "identity_hash": job_account_key(identity),
            "made_at": timezone.now(),
            "bound_at": None,
        },
    )
    return account


@transaction.atomic
def let_job_account_go(*, by: Viewer | None, staff: Staff) -> None:
    """A worker's job account opens nothing here any more, and whoever is signed in by it is signed out.

    Raises:
        PermissionDenied: not a staff member they look after in full.
    """
    require_theirs(by, staff)
    for account in JobAccount.objects.filter(user__staff=staff):
        account.delete()
        end_all_sessions(by=by, user=account.user)


@transaction.atomic
def account_by_job(*, by: None, issuer: str, tenant: str, subject: str, name: str) -> User | None:  # noqa: ARG001
    """The worker's account that this job account opens; the first time, by the name the administrator wrote.

    From then on the provider's own mark alone counts: somebody else who is given the same name gets nothing.
    """
    mark = json.dumps([issuer, tenant, subject])
    held = _open_account(
        JobAccount.objects.filter(identity_hash__in=job_account_keys(mark), bound_at__isnull=False)
    )
    if held is not None:
        return held.user
    waiting = JobAccount.objects.select_for_update(of=("self",)).filter(
        identity_hash__in=job_account_keys(_as_name(name)),
        bound_at__isnull=True,
        made_at__gt=timezone.now() - NAME_LASTS,
    )
    held = _open_account(waiting) if name.strip() else None
    if held is None:
        return None
    held.identity, held.identity_hash, held.bound_at = mark, job_account_key(mark), timezone.now()
    held.save()
    return held.user


@transaction.atomic
def forget_factors(*, by: Viewer | None, staff: Staff) -> None:
    """Take away a worker's code app, passkeys and codes on paper, all lost; whoever is signed in is signed out.

    Raises:
        PermissionDenied: not a staff member they look after in full.
    """
    require_theirs(by, staff)
    for user in User.objects.filter(staff=staff):
        # By the user, since commands that need no database go without allauth's tables.
        user.authenticator_set.all().delete()  # type: ignore[attr-defined]
        end_all_sessions(by=by, user=user)


@transaction.atomic
def end_all_sessions(*, by: Viewer | None, user: User) -> None:  # noqa: ARG001  one's own, or already checked
    """Sign somebody out wherever they are signed in."""
    User.objects.filter(pk=user.pk).update(session_round=F("session_round") + 1)


def _as_name(name: str) -> str:
    return name.strip().casefold()


def _open_account(found: QuerySet[JobAccount]) -> JobAccount | None:
    """The account, unless it is closed or is not a worker's."""
    return found.filter(user__is_active=True, user__staff__isnull=False).select_related("user").first()
