"""Pauses in measuring: a citizen is not asked for a while."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from medvirk.feedback.models.episodes import Episode
from medvirk.people.fields import EncryptedTextField
from medvirk.people.models import Citizen, Person


class PauseReason(models.TextChoices):
    CRISIS = "crisis", _("a hard time")
    WISH = "wish", _("own wish")
    OTHER = "other", _("another reason")


class MeasuringPause(models.Model):
    """Nobody asks this citizen anything in this course of help from `since` until `until`, or until it is lifted.

    A pause that has run out needs no touch: whether a conversation lies in it follows from its time (`logic.pauses`).
    `set_by` and `lifted_by`: a worker, the citizen, or somebody who acts for them.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    episode = models.ForeignKey(Episode, on_delete=models.CASCADE, related_name="pauses")
    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, related_name="pauses")
    reason = models.CharField(max_length=10, choices=PauseReason.choices)
    words = EncryptedTextField(blank=True, default="")
    since = models.DateField()
    until = models.DateField()
    set_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    set_at = models.DateTimeField(default=timezone.now)
    lifted_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["set_at", "pk"]
        indexes = [models.Index(fields=["episode", "citizen"], name="pause_by_course")]
        constraints = [
            models.CheckConstraint(condition=Q(until__gte=F("since")), name="a_pause_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True)
                | Q(lifted_at__isnull=False, lifted_by__isnull=False),
                name="a_lifted_pause_says_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    def record_of(self) -> frozenset[uuid.UUID]:
        """Whose record this is (`people.access.Record`)."""
        return frozenset({self.citizen_id})
