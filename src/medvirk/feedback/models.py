"""Episodes of help, sessions, what was changed, and the norms that the expected course rests on."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from medvirk.answers.models import Occasion
from medvirk.people.fields import EncryptedTextField
from medvirk.people.models import Citizen, Reorganisation, Staff, Unit


class EpisodeKind(models.TextChoices):
    INDIVIDUAL = "individual", _("one person")
    COUPLE = "couple", _("couple")
    FAMILY = "family", _("family")
    GROUP = "group", _("group")


class Ending(models.TextChoices):
    PLANNED = "planned", _("ended as planned")
    UNPLANNED = "unplanned", _("ended without a plan")
    MOVED = "moved", _("moved on to other help")


class Episode(models.Model):
    """A course of help, from a day, perhaps to a day, with what is measured in it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, choices=EpisodeKind.choices, default=EpisodeKind.INDIVIDUAL)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="episodes")
    responsible = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="episodes")
    citizens = models.ManyToManyField(Citizen, through="Participation", related_name="episodes")
    started_on = models.DateField()
    ended_on = models.DateField(null=True, blank=True)
    ending = models.CharField(max_length=20, choices=Ending.choices, blank=True)
    # What is asked: before each session how life is, after it how the meeting was.
    outcome_key = models.CharField(max_length=60)
    outcome_version = models.PositiveSmallIntegerField()
    meeting_key = models.CharField(max_length=60)
    meeting_version = models.PositiveSmallIntegerField()
    asks_safety = models.BooleanField(default=True)

    history = HistoricalRecords()

    class Meta:
        indexes = [models.Index(fields=["unit", "ended_on"], name="episode_by_unit")]
        constraints = [
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True) | Q(ended_on__gte=F("started_on")),
                name="episode_ends_after_it_starts",
            ),
            models.CheckConstraint(
                condition=Q(ended_on__isnull=True, ending="") | (Q(ended_on__isnull=False) & ~Q(ending="")),
                name="an_ended_episode_says_how",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    def record_of(self) -> frozenset[uuid.UUID]:
        """Whose record this is (`people.access.Record`)."""
        return frozenset(participation.citizen_id for participation in self.participations.all())


class EpisodeMove(models.Model):
    """From `day` the course belongs to `unit`. `Episode.unit` holds today; without any move, on every day."""

    episode = models.ForeignKey(Episode, on_delete=models.CASCADE, related_name="moves")
    day = models.DateField()
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    # None for where it began.
    reorganisation = models.ForeignKey(
        Reorganisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["episode", "reorganisation"], name="a_reorganisation_moves_an_episode_once"
            )
        ]
        indexes = [models.Index(fields=["episode", "day"], name="episode_move_by_day")]

    def __str__(self) -> str:
        return f"{self.episode_id} {self.day}"


class Participation(models.Model):
    """A citizen takes part in an episode."""

    episode = models.ForeignKey(Episode, on_delete=models.CASCADE, related_name="participations")
    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, related_name="participations")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["episode", "citizen"], name="one_takes_part_once")]

    def __str__(self) -> str:
        return str(self.citizen_id)


class Session(models.Model):
    """A conversation. What is asked before and after it are occasions of the room `answers`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="sessions")
    starts_at = models.DateTimeField()
    before = models.OneToOneField(Occasion, on_delete=models.PROTECT, related_name="before_session")
    after = models.OneToOneField(Occasion, on_delete=models.PROTECT, related_name="after_session")
    cancelled_at = models.DateTimeField(null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        ordering = ["starts_at"]
        indexes = [models.Index(fields=["episode", "starts_at"], name="session_by_episode")]

    def __str__(self) -> str:
        return str(self.id)

    def record_of(self) -> frozenset[uuid.UUID]:
        """Whose record this is (`people.access.Record`)."""
        return self.episode.record_of()


class HelpChange(models.Model):
    """What the two of them decided to do differently; a mark on the curve."""

    session = models.ForeignKey(Session, on_delete=models.PROTECT, related_name="changes")
    text = EncryptedTextField()
    noted_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    noted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["noted_at"]

    def __str__(self) -> str:
        return str(self.pk)


class LocalNorms(models.Model):
    """The sums of all local courses on one scale, as `stats.growth.Norms.to_dict` gives them.

    `accuracy`: how often signals on it were right here, as `accuracy.LocalAccuracy.to_dict` gives it; empty until it is
    worked out. `measuring`: how the scale stands against the stated criteria, as `measuring.LocalMeasuring.to_dict`
    gives it.
    """

    instrument_key = models.CharField(max_length=60)
    instrument_version = models.PositiveSmallIntegerField()
    scale = models.CharField(max_length=60)
    norms = models.JSONField()
    persons = models.PositiveIntegerField()
    accuracy = models.JSONField(default=dict, blank=True)
    measuring = models.JSONField(null=True, blank=True)
    fitted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["instrument_key", "instrument_version", "scale"], name="one_set_of_norms_per_scale"
            )
        ]

    def __str__(self) -> str:
        return f"{self.instrument_key}@{self.instrument_version} {self.scale}"


class NormsRelease(models.Model):
    """A norms file that was handed out, and the courses in it: a course is in one release only, for ever.

    `text` is the file itself, so that asking for it again gives the same one. It holds sums of ten or more people.
    """

    instrument_key = models.CharField(max_length=60)
    instrument_version = models.PositiveSmallIntegerField()
    scale = models.CharField(max_length=60)
    # As `stats.federation.Period` writes it: 2025, 2025-H1.
    period = models.CharField(max_length=7)
    municipality_number = models.CharField(max_length=4)
    checksum = models.CharField(max_length=71)
    text = models.TextField()
    made_at = models.DateTimeField(default=timezone.now)
    episodes = models.ManyToManyField(Episode, related_name="norms_releases")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["instrument_key", "instrument_version", "scale", "period"],
                name="a_period_is_released_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.instrument_key}@{self.instrument_version} {self.scale} {self.period}"
