"""The norms that the expected course rests on, and what was handed out of them."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from medvirk.feedback.models.episodes import Episode


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
