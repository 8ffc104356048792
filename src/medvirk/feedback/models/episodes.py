"""Episodes of help, conversations, and what is asked around them."""

from __future__ import annotations

import uuid
from datetime import date

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from medvirk.answers.models import Capacity, Occasion
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
    DEATH = "death", _("ended by death")


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
    """A citizen takes part in an episode.

    `signals_due_at`: when the signals of their course are to be worked out again; None while nothing can have changed.
    """

    episode = models.ForeignKey(Episode, on_delete=models.CASCADE, related_name="participations")
    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, related_name="participations")
    signals_due_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    # First and last day, for who came later or left before the others.
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)

    history = HistoricalRecords(excluded_fields=["signals_due_at"])

    class Meta:
        indexes = [
            models.Index(
                fields=["signals_due_at"],
                condition=Q(signals_due_at__isnull=False),
                name="course_signals_due",
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["episode", "citizen"], name="one_takes_part_once"),
            models.CheckConstraint(
                condition=Q(since__isnull=True) | Q(until__isnull=True) | Q(until__gte=F("since")),
                name="nobody_leaves_before_they_came",
            ),
        ]

    def __str__(self) -> str:
        return str(self.citizen_id)

    def on(self, day: date) -> bool:
        """Whether they take part on this day."""
        return (self.since is None or self.since <= day) and (self.until is None or self.until >= day)


class Session(models.Model):
    """A conversation with those who take part in the episode. What is asked around it: `Asking`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    episode = models.ForeignKey(Episode, on_delete=models.PROTECT, related_name="sessions")
    starts_at = models.DateTimeField()
    cancelled_at = models.DateTimeField(null=True, blank=True)
    # What is asked at the end of a course is asked around this one.
    is_last = models.BooleanField(default=False)

    history = HistoricalRecords()

    class Meta:
        ordering = ["starts_at"]
        indexes = [models.Index(fields=["episode", "starts_at"], name="session_by_episode")]

    def __str__(self) -> str:
        return str(self.id)

    def asks(self, moment: str, citizen_id: uuid.UUID | None = None) -> Occasion:
        """What a citizen is asked themselves at that moment; the first who takes part, where none is named.

        Raises:
            LookupError: nobody is asked then.
        """
        own = sorted(
            (
                each
                for each in self.askings.all()
                if each.moment == moment and each.occasion.capacity == Capacity.SELF
            ),
            key=lambda each: each.pk,
        )
        asked = next((each for each in own if citizen_id in (None, each.citizen_id)), None)
        if asked is None:
            raise LookupError(f"Nobody is asked {moment} conversation {self.pk}.")
        return asked.occasion

    def record_of(self) -> frozenset[uuid.UUID]:
        """Whose record this is (`people.access.Record`)."""
        return self.episode.record_of()


class Moment(models.TextChoices):
    BEFORE = "before", _("before the conversation")
    AFTER = "after", _("after the conversation")


class Asking(models.Model):
    """Somebody is asked something before or after a conversation, about one of those who take part in it.

    Each who takes part is asked by themselves. `occasion.capacity` tells whether it is the citizen who answers, or
    somebody else about them.
    """

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="askings")
    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, related_name="askings")
    moment = models.CharField(max_length=10, choices=Moment.choices)
    occasion = models.OneToOneField(Occasion, on_delete=models.PROTECT, related_name="asking")

    class Meta:
        indexes = [models.Index(fields=["session", "moment"], name="asking_by_session")]

    def __str__(self) -> str:
        return f"{self.moment} {self.session_id}"
