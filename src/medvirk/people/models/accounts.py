"""Ways to sign in."""

from __future__ import annotations

import uuid

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils import timezone

from medvirk.people.fields import EncryptedTextField


class UserManager(BaseUserManager["User"]):
    def get_by_natural_key(self, username: str | None) -> User:
        from medvirk.people.identity import sign_in_key

        return self.get(login_hash=sign_in_key(username or ""))


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

    USERNAME_FIELD = "login_hash"
    REQUIRED_FIELDS = []
    objects = UserManager()

    def __str__(self) -> str:
        return str(self.id)
