"""What a municipality adds to the shipped definitions: official wording, and its own numbers.

Of persons only who loaded it, encrypted. Which definition a row belongs to is told by key and version, because
definitions are files.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from medvirk.people.fields import EncryptedTextField


class LocalWording(models.Model):
    """An instrument's wording in one language, loaded from a file that the municipality may use."""

    instrument_key = models.CharField(max_length=60)
    version = models.PositiveSmallIntegerField()
    language = models.CharField(max_length=20)
    # {"title": …, "intro": …, "items": {item key: {"text": …, "low": …, "high": …, "options": […]}}}
    content = models.JSONField()
    translator = models.TextField()
    licence = models.TextField()
    source = models.TextField()
    loaded_by = EncryptedTextField(blank=True, default="")
    loaded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["instrument_key", "version", "language"], name="one_wording_per_version_and_language"
            )
        ]

    def __str__(self) -> str:
        return f"{self.instrument_key}@{self.version} {self.language}"


class LocalParameters(models.Model):
    """A scale's cut-off and reliable change as set by the municipality: of each, the newest one given holds.

    Rows are only added, so that it stays known by what an earlier change was judged. A row with neither
    number takes back everything before it.
    """

    instrument_key = models.CharField(max_length=60)
    version = models.PositiveSmallIntegerField()
    scale = models.CharField(max_length=60)
    cutoff = models.FloatField(null=True)
    reliable_change = models.FloatField(null=True)
    level = models.FloatField(null=True)
    source = models.TextField()
    set_by = EncryptedTextField(blank=True, default="")
    set_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["instrument_key", "version", "scale"], name="parameters_by_scale")]
        constraints = [
            models.CheckConstraint(condition=~Q(source=""), name="parameters_have_a_source"),
            models.CheckConstraint(
                condition=Q(reliable_change__isnull=True) | Q(reliable_change__gt=0),
                name="a_reliable_change_is_above_zero",
            ),
            models.CheckConstraint(
                condition=Q(level__isnull=True) | (Q(level__gt=0) & Q(level__lt=1)),
                name="a_level_is_a_probability",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instrument_key}@{self.version} {self.scale}"
