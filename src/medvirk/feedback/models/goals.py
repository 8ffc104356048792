"""What a citizen wants to reach, in their own words, and what happens in life beside the help."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from simple_history.models import HistoricalRecords

from medvirk.feedback.models.episodes import Episode
from medvirk.people.fields import EncryptedTextField
from medvirk.people.models import Citizen, Person


class Goal(models.Model):
    """A goal of one citizen, also where several take part in the course. Without a course: it goes with every one.

    What was answered keeps the words as they stood then (`answers.Answer.topic`). Who set it: the citizen, somebody
    who acts for them, or a worker who wrote it down with them.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, related_name="goals")
    episode = models.ForeignKey(
        Episode, null=True, blank=True, on_delete=models.PROTECT, related_name="goals"
    )
    words = EncryptedTextField()
    set_on = models.DateField()
    set_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)
    reached_on = models.DateField(null=True, blank=True)
    dropped_on = models.DateField(null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        ordering = ["set_at", "pk"]
        indexes = [models.Index(fields=["citizen", "set_at"], name="goal_by_citizen")]
        constraints = [
            models.CheckConstraint(
                condition=Q(reached_on__isnull=True) | Q(dropped_on__isnull=True),
                name="a_goal_is_not_both_reached_and_dropped",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def is_current(self) -> bool:
        return self.reached_on is None and self.dropped_on is None

    def record_of(self) -> frozenset[uuid.UUID]:
        """Whose record this is (`people.access.Record`)."""
        return frozenset({self.citizen_id})


class LifeEvent(models.Model):
    """Something that happened in a citizen's life, so that the curve can be read beside it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, related_name="life_events")
    day = models.DateField()
    words = EncryptedTextField()
    noted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    noted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["day", "noted_at", "pk"]
        indexes = [models.Index(fields=["citizen", "day"], name="life_event_by_citizen")]

    def __str__(self) -> str:
        return str(self.id)

    def record_of(self) -> frozenset[uuid.UUID]:
        """Whose record this is (`people.access.Record`)."""
        return frozenset({self.citizen_id})
