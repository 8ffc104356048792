"""Ways to sign in."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac
from simple_history.models import HistoricalRecords

from medvirk.people.fields import EncryptedTextField


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        from medvirk.people.identity import sign_in_keys

        return self.get(login_hash__in=sign_in_keys(username or ""))


class User(AbstractBaseUser):
    """A way to sign in. Who it is stands on the person; the sign-in name is encrypted and found by hash."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    login = EncryptedTextField()
    login_hash = models.CharField(max_length=64, unique=True)
    is_active = models.BooleanField(default=True)
    # Somebody else chose the password: it must be changed before anything is opened in this person's name.
    has_first_password = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)
    # Who signs in for themselves: a citizen, a parent, a guardian. Workers sign in through `Staff.user`; somebody who
    # is both has two accounts, so that neither ever opens what belongs to the other.
    person = models.OneToOneField(
        "people.Person", null=True, blank=True, on_delete=models.PROTECT, related_name="own_user"
    )
    # Counts "sign out everywhere": a session holds the number it began under, and ends when that is no longer it.
    session_round = models.PositiveIntegerField(default=0)

    USERNAME_FIELD = "login_hash"
    REQUIRED_FIELDS = []
    objects = UserManager()

    def __str__(self) -> str:
        return str(self.id)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Django's, which ends sessions when the password changes, with `session_round` beside the password."""
        return salted_hmac(
            "medvirk.people.session",
            f"{self.session_round}:{self.password}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()


class JobAccount(models.Model):
    """A worker's account at the employer's sign-in service, by which the worker signs in here.

    Until the first sign-in, `identity` is the sign-in name that the administrator wrote down; afterwards it is the
    provider's own unchanging mark (issuer, tenant, subject), and the name opens nothing any more: names are given
    to new people, marks are not.
    """

    user = models.OneToOneField(User, on_delete=models.CASCADE, related_name="job_account")
    identity = EncryptedTextField()
    identity_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(default=timezone.now)
    bound_at = models.DateTimeField(null=True, blank=True)

    history = HistoricalRecords(excluded_fields=["identity", "identity_hash"])

    def __str__(self) -> str:
        return str(self.pk)
