"""A team's supervision: its meetings, the courses that were talked about in them, and what staff ask themselves.

What was agreed about a course is an `Agreement` that points to the case it was agreed in.
"""

from __future__ import annotations

import json
import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from medvirk.feedback.models.episodes import Asking, Episode
from medvirk.people.fields import EncryptedTextField
from medvirk.people.models import Staff, Unit


class Supervision(models.Model):
    """A meeting in which a team talks about its courses of help.

    Until it is begun its agenda is worked out anew each time it is shown; from then on `SupervisionCase` rows hold
    what was on it. `present` says who of the staff was there: what they may not hear of is not shown.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="supervisions")
    day = models.DateField()
    present = models.ManyToManyField(Staff, related_name="supervisions", blank=True)
    begun_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    planned_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    planned_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["day", "planned_at"]
        indexes = [models.Index(fields=["unit", "day"], name="supervision_by_unit")]
        constraints = [
            models.UniqueConstraint(
                fields=["unit"], condition=Q(ended_at__isnull=True), name="a_team_has_one_supervision_ahead"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(begun_at__isnull=False),
                name="a_supervision_begins_before_it_ends",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class SupervisionCase(models.Model):
    """A course that is on the agenda of a meeting, or was taken off it. Without a meeting: it waits for the next one.

    `why`: the reasons the house had, as codes with their numbers, as they stood when the meeting began. `asked`: what
    a worker wants to take up, in a sentence.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    supervision = models.ForeignKey(
        Supervision, null=True, blank=True, on_delete=models.CASCADE, related_name="cases"
    )
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="supervision_cases")
    why = models.JSONField(default=list, blank=True)
    asked = EncryptedTextField(blank=True, default="")
    asked_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(null=True, blank=True)
    taken_off_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    taken_off_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["supervision", "episode"], name="a_course_stands_once_on_an_agenda"
            ),
            models.UniqueConstraint(
                fields=["episode"], condition=Q(supervision__isnull=True), name="a_course_waits_once"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    def record_of(self) -> frozenset[uuid.UUID]:
        """Whose record this is (`people.access.Record`)."""
        return self.episode.record_of()


class SupervisionNote(models.Model):
    """What was written about a course in supervision. Rows are added; a slip is taken back and shown nowhere."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    case = models.ForeignKey(SupervisionCase, on_delete=models.CASCADE, related_name="notes")
    text = EncryptedTextField()
    written_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["written_at", "pk"]

    def __str__(self) -> str:
        return str(self.id)

    def record_of(self) -> frozenset[uuid.UUID]:
        """Whose record this is (`people.access.Record`)."""
        return self.case.record_of()


class SelfCheck(models.Model):
    """A worker's own check of their practice, or a team's. It is about no citizen.

    `staff`: whose own it is, and nobody else's to see; `unit`: the team's. Exactly one of them is set.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    instrument_key = models.CharField(max_length=60)
    instrument_version = models.PositiveSmallIntegerField()
    staff = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="self_checks"
    )
    unit = models.ForeignKey(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="self_checks"
    )
    day = models.DateField()
    # What was answered, by item, as JSON. Encrypted: nobody who looks after the database is to read it.
    marks = EncryptedTextField()
    answered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["day", "answered_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(staff__isnull=True, unit__isnull=False)
                | Q(staff__isnull=False, unit__isnull=True),
                name="a_self_check_is_a_workers_or_a_teams",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def values(self) -> dict[str, float]:
        """What was answered, by item."""
        return {str(key): float(value) for key, value in json.loads(self.marks).items()}


class MeetingGuess(models.Model):
    """What a worker thought, before it was answered, that the meeting would be rated. Their own, and for nobody else.

    `asking`: what the citizen is asked after the conversation.
    """

    asking = models.ForeignKey(Asking, on_delete=models.CASCADE, related_name="guesses")
    staff = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="guesses")
    score = models.FloatField()
    guessed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["asking", "staff"], name="a_worker_guesses_once"),
        ]

    def __str__(self) -> str:
        return str(self.pk)
