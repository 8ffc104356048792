"""What was taken over into the municipality's own record system, from which conversation, by whom."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from medvirk.feedback.models.episodes import Episode, Session
from medvirk.people.fields import EncryptedTextField
from medvirk.people.models import Citizen, Staff

#: As long as the name of a record system may be.
LONGEST_NAME = 80


class JournalSummary(models.Model):
    """A summary about one citizen, of a conversation or (without one) of the whole course.

    The text itself is not kept: it follows from the parts that were chosen, and `text_digest` tells whether it would
    read the same today. One that is not taken over is being worked on: it keeps the worker's own note.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="journal_summaries")
    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, related_name="journal_summaries")
    session = models.ForeignKey(
        Session, null=True, blank=True, on_delete=models.PROTECT, related_name="journal_summaries"
    )
    # Codes of `logic.journal.JournalPart`.
    parts = models.JSONField(default=list)
    language = models.CharField(max_length=10)
    text_digest = models.CharField(max_length=64)
    note = EncryptedTextField(blank=True, default="")
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    taken_over_at = models.DateTimeField(null=True, blank=True)
    taken_over_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="journal_summaries"
    )
    # The name of the record system as it was then.
    taken_over_where = models.CharField(max_length=LONGEST_NAME, blank=True)

    class Meta:
        ordering = ["made_at", "pk"]
        indexes = [models.Index(fields=["episode", "citizen"], name="journal_by_course")]
        constraints = [
            models.CheckConstraint(
                condition=Q(taken_over_at__isnull=True, taken_over_by__isnull=True, taken_over_where="")
                | Q(taken_over_at__isnull=False, taken_over_by__isnull=False),
                name="what_is_taken_over_says_by_whom",
            ),
            models.UniqueConstraint(
                fields=["session", "citizen", "made_by"],
                condition=Q(taken_over_at__isnull=True, session__isnull=False),
                name="one_summary_of_a_conversation_in_work",
            ),
            models.UniqueConstraint(
                fields=["episode", "citizen", "made_by"],
                condition=Q(taken_over_at__isnull=True, session__isnull=True),
                name="one_summary_of_a_course_in_work",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    def record_of(self) -> frozenset[uuid.UUID]:
        """Whose record this is (`people.access.Record`)."""
        return frozenset({self.citizen_id})


class JournalChoice(models.Model):
    """Which parts a worker ticked the last time; never the citizen's own words, which are ticked anew each time."""

    staff = models.OneToOneField(Staff, on_delete=models.CASCADE, related_name="journal_choice")
    parts = models.JSONField(default=list)
    # The first summary that they took over: from then on it is told what is not in the record yet.
    since = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return str(self.staff_id)
