"""What opens a record, and what bars it."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from medvirk.people.fields import EncryptedTextField
from medvirk.people.models.periods import DatedQuerySet, dated
from medvirk.people.models.persons import Citizen, Person, Staff
from medvirk.people.models.units import Unit


class Basis(models.TextChoices):
    """Why a record may be opened."""

    SERVICE = "service", _("gives help to this citizen")
    CONSENT = "consent", _("the citizen has agreed")
    EMERGENCY = "emergency", _("emergency")


class RelationQuerySet(DatedQuerySet["Relation"]):
    def at(self, now: datetime) -> Self:
        """Relations in force at a moment: on its day in Norway, and not ended by the clock."""
        return self.on(timezone.localdate(now)).filter(Q(ends_at__isnull=True) | Q(ends_at__gt=now))


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
    # Consent may cover some parts only (`access.parts`); service and emergency open all of the record.
    opens_all = models.BooleanField(default=True)
    parts = models.JSONField(default=list, blank=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)
    # Emergency access ends by the clock, not by the day.
    ends_at = models.DateTimeField(null=True, blank=True)

    objects = RelationQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        constraints = [
            dated("relation"),
            models.CheckConstraint(
                condition=Q(staff__isnull=False, unit__isnull=True)
                | Q(staff__isnull=True, unit__isnull=False),
                name="relation_is_to_a_worker_or_a_team",
            ),
            models.CheckConstraint(
                condition=Q(opens_all=True) | Q(basis="consent"), name="only_consent_opens_some_parts"
            ),
            models.CheckConstraint(
                condition=~Q(basis="emergency") | Q(ends_at__isnull=False, staff__isnull=False),
                name="emergency_is_one_workers_and_ends_by_the_clock",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class BarKind(models.TextChoices):
    """Why a worker may not open a record, whatever relation there is."""

    CITIZEN = "citizen", _("the citizen does not want it")
    RELATIVE = "relative", _("close to the citizen")


class BarQuerySet(models.QuerySet["Bar"]):
    def at(self, now: datetime) -> Self:
        return self.filter(Q(lifted_at__isnull=True) | Q(lifted_at__gt=now), set_at__lte=now)


class Bar(models.Model):
    """A worker who is kept out of a citizen's record. Stronger than any relation, emergency included."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, related_name="bars")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="bars")
    kind = models.CharField(max_length=20, choices=BarKind.choices)
    reason = EncryptedTextField(blank=True, default="")
    set_at = models.DateTimeField(default=timezone.now)
    lifted_at = models.DateTimeField(null=True, blank=True)

    objects = BarQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["citizen", "staff", "kind"],
                condition=Q(lifted_at__isnull=True),
                name="a_worker_is_barred_once_for_each_reason",
            ),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True) | Q(lifted_at__gte=F("set_at")),
                name="bar_is_lifted_after_it_is_set",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class GuardianKind(models.TextChoices):
    PARENT = "parent", _("parent with parental responsibility")
    GUARDIAN = "guardian", _("guardian (verge)")


class Guardianship(models.Model):
    """Somebody who may see and decide for a citizen, as far as the law gives it at the citizen's age."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, related_name="guardianships")
    guardian = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="guardianships")
    kind = models.CharField(max_length=20, choices=GuardianKind.choices)
    # The citizen, from 12 years, does not want this person told, for reasons that should be respected.
    withheld = models.BooleanField(default=False)
    # A guardian's mandate covers health matters (personal matters); without it nothing is seen.
    covers_health = models.BooleanField(default=True)
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    objects = DatedQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        constraints = [dated("guardianship")]

    def __str__(self) -> str:
        return str(self.id)
