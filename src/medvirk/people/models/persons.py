"""Persons, those of them who work here and those who get help."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from medvirk.people.fields import EncryptedDateField, EncryptedTextField
from medvirk.people.models.accounts import User
from medvirk.people.models.periods import DatedQuerySet, dated
from medvirk.people.models.units import Unit


class Protection(models.TextChoices):
    """Address protection in the population register (beskyttelsesloven; codes 7 and 6)."""

    CONFIDENTIAL = "confidential", _("confidential address (code 7)")
    STRICT = "strictly_confidential", _("strictly confidential address (code 6)")


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
    # Whether the address is protected in the population register; then contact and place are hidden everywhere.
    protection = models.CharField(max_length=30, choices=Protection.choices, blank=True, default="")
    died_on = models.DateField(null=True, blank=True)
    # The same person, registered twice: whoever is found here is that one (`models.merging`).
    merged_into = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="duplicates"
    )
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
    # Since then nothing tells who it was; what is left can be counted.
    erased_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.id)

    def record_of(self) -> frozenset[uuid.UUID]:
        """Whose record this is (`people.access.Record`)."""
        return frozenset({self.pk})
