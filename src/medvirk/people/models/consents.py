"""What somebody was asked to agree to, and what they answered."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from medvirk.people.models.persons import Citizen, Person, Staff


class ConsentPurpose(models.TextChoices):
    """What is asked. Care and service statistics rest on the law and are never asked about."""

    CONTACT = "contact", _("messages by e-mail and text")
    SHARING = "sharing", _("sharing with somebody outside the service")
    IMPROVEMENT = "improvement", _("own words to make the service better")
    RESEARCH = "research", _("being asked to take part in research")


class ConsentWay(models.TextChoices):
    """How a no came that was not given after signing in. Whoever holds the phone or the e-mail can send it."""

    SMS = "sms", _("by text message from their phone")
    LINK = "link", _("by the link in a message to them")


class ConsentText(models.Model):
    """The municipality's own version of what is asked. Once published it is never changed: a new version is made."""

    purpose = models.CharField(max_length=20, choices=ConsentPurpose.choices)
    version = models.PositiveIntegerField()
    # By language, then by part: title, summary, body.
    body = models.JSONField()
    asks_again = models.BooleanField(default=False)
    published_at = models.DateTimeField(default=timezone.now)
    published_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["purpose", "version"], name="a_version_is_published_once")
        ]

    def __str__(self) -> str:
        return f"{self.purpose}@{self.version}"


class Consent(models.Model):
    """One answer, yes or no, to one version. A new answer ends the one before; no row is ever changed otherwise."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, related_name="consents")
    purpose = models.CharField(max_length=20, choices=ConsentPurpose.choices)
    version = models.PositiveIntegerField()
    language = models.CharField(max_length=5)
    digest = models.CharField(max_length=64)
    yes = models.BooleanField()
    answered_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    # Who answered: the citizen, or a parent or guardian. Empty where a worker wrote down what was said in the room.
    answered_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    noted_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    way = models.CharField(max_length=10, choices=ConsentWay.choices, blank=True, default="")

    class Meta:
        ordering = ["-answered_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["citizen", "purpose"],
                condition=Q(ended_at__isnull=True),
                name="one_answer_in_force_per_purpose",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("answered_at")),
                name="consent_ends_after_it_is_given",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose}@{self.version}"
