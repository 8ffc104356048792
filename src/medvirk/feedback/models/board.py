"""The team's board: in which column each running course stands, who does what, and the crisis plan of each citizen."""

from __future__ import annotations

import uuid

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from medvirk.feedback.models.episodes import Episode
from medvirk.people.fields import EncryptedTextField
from medvirk.people.models import Citizen, Person, Staff, Unit

#: Three conversations a day, every day.
MOST_CONTACTS = 21


class ColumnKey(models.TextChoices):
    """The columns that a team has before it names its own, from the closest help to the rarest."""

    INTENSIVE = "intensive", _("Intensive")
    USUAL = "usual", _("Usual")
    RARELY = "rarely", _("Rarely")


class BoardColumn(models.Model):
    """A column of a team's board, from the closest help to the rarest. Old ones stay for what stood in them.

    `name` is the team's own; empty, that of `key`. `contacts`: how often a week those in it are met.
    """

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="board_columns")
    key = models.CharField(max_length=10, choices=ColumnKey.choices, blank=True, default="")
    name = models.CharField(max_length=40, blank=True, default="")
    position = models.PositiveSmallIntegerField(default=0)
    contacts = models.FloatField(
        null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(MOST_CONTACTS)]
    )
    # Where a course stands that nobody has moved.
    starts_here = models.BooleanField(default=False)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["unit"],
                condition=Q(starts_here=True, retired_at__isnull=True),
                name="a_board_begins_in_one_column",
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class BoardMove(models.Model):
    """From `day` the course stands in this column. Rows are only ever added."""

    episode = models.ForeignKey(Episode, on_delete=models.CASCADE, related_name="board_moves")
    column = models.ForeignKey(BoardColumn, on_delete=models.PROTECT, related_name="moves")
    day = models.DateField()
    reason = EncryptedTextField()
    # How often a week, where it is another number than the column's.
    contacts = models.FloatField(
        null=True, blank=True, validators=[MinValueValidator(0), MaxValueValidator(MOST_CONTACTS)]
    )
    moved_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    moved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["moved_at", "pk"]
        indexes = [models.Index(fields=["episode", "moved_at"], name="board_move_by_course")]

    def __str__(self) -> str:
        return str(self.pk)


class BoardTask(models.Model):
    """Somebody in the team does something about a course by a day."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="board_tasks")
    text = EncryptedTextField()
    who = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="board_tasks")
    due_on = models.DateField()
    made_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    done_at = models.DateTimeField(null=True, blank=True)
    done_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # Written by a slip: kept, and shown nowhere.
    dropped_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["due_on", "made_at"]
        indexes = [
            models.Index(
                fields=["episode", "due_on"], condition=Q(done_at__isnull=True), name="board_task_waiting"
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at__isnull=True, done_by__isnull=True)
                | Q(done_at__isnull=False, done_by__isnull=False),
                name="a_task_that_is_done_says_by_whom",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)

    def record_of(self) -> frozenset[uuid.UUID]:
        """Whose record this is (`people.access.Record`)."""
        return self.episode.record_of()


class BoardLook(models.Model):
    """The team has looked at this course on this day."""

    episode = models.ForeignKey(Episode, on_delete=models.CASCADE, related_name="board_looks")
    day = models.DateField()
    looked_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    looked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["episode", "day"], name="a_course_is_looked_at_once_a_day")
        ]

    def __str__(self) -> str:
        return str(self.pk)


class CrisisPlan(models.Model):
    """One version of a citizen's crisis plan, written with them. Each change is a new version; the latest holds."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, related_name="crisis_plans")
    signs = EncryptedTextField()
    helps = EncryptedTextField()
    calls = EncryptedTextField()
    # False where it had to be written without them, which the page then says.
    with_citizen = models.BooleanField(default=True)
    written_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    written_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["written_at", "pk"]
        indexes = [models.Index(fields=["citizen", "written_at"], name="crisis_plan_by_citizen")]

    def __str__(self) -> str:
        return str(self.id)

    def record_of(self) -> frozenset[uuid.UUID]:
        """Whose record this is (`people.access.Record`)."""
        return frozenset({self.citizen_id})


class PlanWish(models.Model):
    """What a citizen, or one who acts for them, wants changed in the crisis plan."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, related_name="plan_wishes")
    text = EncryptedTextField()
    wished_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    wished_at = models.DateTimeField(default=timezone.now)
    seen_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    seen_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["wished_at", "pk"]

    def __str__(self) -> str:
        return str(self.id)

    def record_of(self) -> frozenset[uuid.UUID]:
        """Whose record this is (`people.access.Record`)."""
        return frozenset({self.citizen_id})
