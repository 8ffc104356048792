"""What citizens ask of those who hold their record: correct it, delete it, tell who looked."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from medvirk.people.fields import EncryptedTextField
from medvirk.people.models.persons import Citizen, Person, Staff


class RequestKind(models.TextChoices):
    CORRECT = "correct", _("Something is wrong and should be corrected")
    WHO = "who", _("I wonder who has looked, or why")
    DELETE = "delete", _("Something should be deleted")
    OBJECT = "object", _("I do not want something to be used like this")


class Outcome(models.TextChoices):
    DONE = "done", _("done")
    REFUSED = "refused", _("not done")


class CitizenRequest(models.Model):
    """Something a citizen, or a parent or guardian, asks for; answered by a worker with a relation.

    Its state follows from the times (`logic.requests.state_of`). When it is refused, the citizen's words stay with
    the record (helsepersonelloven § 42).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, related_name="requests")
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=RequestKind.choices)
    # Which of the citizen's own pages it is about; empty: not about one of them.
    about = models.CharField(max_length=60, blank=True, default="")
    text = EncryptedTextField()
    sent_at = models.DateTimeField(default=timezone.now)
    due_on = models.DateField()
    seen_at = models.DateTimeField(null=True, blank=True)
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True, default="")
    answer = EncryptedTextField(blank=True, default="")
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="answered_requests"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    # When the leaders were told that the time for an answer is over.
    overdue_told_at = models.DateTimeField(null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        indexes = [
            models.Index(fields=["citizen", "-sent_at"], name="request_by_citizen"),
            models.Index(
                fields=["due_on"],
                condition=Q(answered_at__isnull=True, closed_at__isnull=True),
                name="request_waiting_by_due",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True, outcome="")
                | (Q(answered_at__isnull=False, answered_by__isnull=False) & ~Q(outcome="")),
                name="an_answered_request_says_how_and_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    def record_of(self) -> frozenset[uuid.UUID]:
        """Whose record this is (`people.access.Record`)."""
        return frozenset({self.citizen_id})
