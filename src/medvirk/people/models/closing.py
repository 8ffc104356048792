"""What is kept about access that was taken in an emergency, and about records that were closed after a death."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from medvirk.people.models.persons import Citizen, Staff
from medvirk.people.models.relations import Relation


class EmergencyReview(models.Model):
    """A leader has looked at one use of emergency access."""

    relation = models.OneToOneField(Relation, on_delete=models.PROTECT, related_name="review")
    reviewed_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    reviewed_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.pk)


class Death(models.Model):
    """A registered death, with what it closed, so that a mistake can be undone exactly."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, related_name="deaths")
    registered_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    registered_at = models.DateTimeField(default=timezone.now)
    # {"relations": [[id, last day, end by the clock] as they were], room: what the room closed}
    closed = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["citizen"], condition=Q(undone_at__isnull=True), name="one_registered_death"
            )
        ]

    def __str__(self) -> str:
        return str(self.id)
