"""Units over time, persons, roles, service relations and the access log."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any, NoReturn, Self, TypeVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from medvirk.people.fields import EncryptedDateField, EncryptedTextField


class UnitKind(models.TextChoices):
    MUNICIPALITY = "municipality", _("municipality")
    SERVICE = "service", _("service")
    DEPARTMENT = "department", _("department")
    TEAM = "team", _("team")


class Role(models.TextChoices):
    PRACTITIONER = "practitioner", _("practitioner")
    PEER_WORKER = "peer_worker", _("peer worker")
    TEAM_LEADER = "team_leader", _("team leader")
    MANAGER = "manager", _("manager")
    COORDINATOR = "coordinator", _("coordinator")
    SECRETARY = "secretary", _("secretary")
    RESEARCHER = "researcher", _("researcher")
    PARTNER = "partner", _("partner")
    AUDITOR = "auditor", _("auditor")
    ADMINISTRATOR = "administrator", _("administrator")


class Basis(models.TextChoices):
    """Why a record may be opened."""

    SERVICE = "service", _("gives help to this citizen")
    CONSENT = "consent", _("the citizen has agreed")
    EMERGENCY = "emergency", _("emergency")


def dated(name: str) -> models.CheckConstraint:
    """A period ends on or after the day it begins."""
    return models.CheckConstraint(
        condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
        name=f"{name}_ends_after_it_begins",
    )


_Model = TypeVar("_Model", bound=models.Model)


class DatedQuerySet(models.QuerySet[_Model]):
    def on(self, day: date) -> Self:
        """Rows in force on `day` (both ends count)."""
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day), valid_from__lte=day)


class Unit(models.Model):
    """A municipality, service, department or team, as long as it exists."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=UnitKind.choices)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    objects = DatedQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["name"]
        constraints = [
            dated("unit"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="unit_is_not_its_own_parent"),
        ]

    def __str__(self) -> str:
        return self.name


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

    USERNAME_FIELD = "login_hash"
    REQUIRED_FIELDS = []
    objects = UserManager()

    def __str__(self) -> str:
        return str(self.id)


class Person(models.Model):
    """Somebody known to the municipality. What identifies them is encrypted; `PersonKey` finds them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    given_name = EncryptedTextField()
    family_name = EncryptedTextField()
    national_id = EncryptedTextField(blank=True, default="")
    birth_date = EncryptedDateField(blank=True, default="")
    phone = EncryptedTextField(blank=True, default="")
    email = EncryptedTextField(blank=True, default="")
    language = models.CharField(max_length=5, default="nb")
    created_at = models.DateTimeField(default=timezone.now)

    history = HistoricalRecords()

    def __str__(self) -> str:
        # Never the name: this text reaches logs and error pages.
        return str(self.id)

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.family_name}"


class KeyKind(models.TextChoices):
    NATIONAL_ID = "national_id", _("national identity number")
    PHONE = "phone", _("phone")
    EMAIL = "email", _("e-mail")
    NAME = "name", _("name")


class PersonKey(models.Model):
    """A keyed hash by which a person is found exactly."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="keys")
    kind = models.CharField(max_length=20, choices=KeyKind.choices)
    digest = models.CharField(max_length=64)

    class Meta:
        indexes = [models.Index(fields=["digest", "kind"], name="person_key_by_digest")]
        constraints = [
            models.UniqueConstraint(fields=["person", "kind"], name="one_key_of_a_kind_per_person"),
            models.UniqueConstraint(
                fields=["digest"], condition=Q(kind="national_id"), name="a_national_id_belongs_to_one_person"
            ),
        ]

    def __str__(self) -> str:
        return self.kind


class Staff(models.Model):
    """Somebody who works here, paid or as a peer worker."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="staff")
    user = models.OneToOneField(User, null=True, blank=True, on_delete=models.PROTECT, related_name="staff")
    title = models.CharField(max_length=100, blank=True)

    history = HistoricalRecords()

    def __str__(self) -> str:
        return str(self.id)


class Grant(models.Model):
    """A role in a unit, from a day, perhaps to a day."""

    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=20, choices=Role.choices)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="grants")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    objects = DatedQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        constraints = [dated("grant")]

    def __str__(self) -> str:
        return self.role


class Citizen(models.Model):
    """Somebody who gets, or has had, help."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="citizen")
    registered_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.id)

    def record_of(self) -> frozenset[uuid.UUID]:
        """Whose record this is (`people.access.Record`)."""
        return frozenset({self.pk})


class Relation(models.Model):
    """What opens a record: a dated tie between a citizen and one worker or one team, on a stated basis."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, related_name="relations")
    staff = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="relations"
    )
    unit = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="relations")
    basis = models.CharField(max_length=20, choices=Basis.choices, default=Basis.SERVICE)
    # In words the citizen would understand: they can read it. Often about health, so it is encrypted too.
    reason = EncryptedTextField(blank=True, default="")
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    objects = DatedQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        constraints = [
            dated("relation"),
            models.CheckConstraint(
                condition=Q(staff__isnull=False, unit__isnull=True)
                | Q(staff__isnull=True, unit__isnull=False),
                name="relation_is_to_a_worker_or_a_team",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class AccessAction(models.TextChoices):
    OPENED = "opened", _("opened")
    SEARCHED = "searched", _("searched for")
    CREATED = "created", _("registered")
    CHANGED = "changed", _("changed")
    EXPORTED = "exported", _("exported")


class AddOnlyQuerySet(models.QuerySet["AccessEvent"]):
    """Rows are added and read; nothing else."""

    def update(self, **kwargs: Any) -> NoReturn:  # noqa: ARG002
        raise TypeError("An access event is never changed.")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:  # noqa: ARG002
        raise TypeError("An access event is never changed.")

    def delete(self) -> NoReturn:
        raise TypeError("An access event is never deleted.")


class AccessEvent(models.Model):
    """One opening of a citizen's record. Rows are only ever added.

    No foreign keys: the log outlives what it tells about. `what` is a code (`people.person`,
    `feedback.session`), shown in plain words; `basis` says why access was given.
    """

    at = models.DateTimeField(default=timezone.now)
    actor_id = models.UUIDField(null=True)
    citizen_id = models.UUIDField()
    action = models.CharField(max_length=20, choices=AccessAction.choices)
    what = models.CharField(max_length=60)
    basis = models.CharField(max_length=200)

    objects = AddOnlyQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["citizen_id", "-at"], name="access_event_by_citizen")]

    def __str__(self) -> str:
        return f"{self.action} {self.what}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("An access event is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:  # noqa: ARG002
        raise TypeError("An access event is never deleted.")
