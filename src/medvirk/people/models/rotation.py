"""How far a change of keys has come."""

from __future__ import annotations

from django.db import models


class RotationProgress(models.Model):
    """One table under one set of keys: `medvirk keys rotate` goes on after the row `after` when it was stopped."""

    keys = models.CharField(max_length=16)
    table = models.CharField(max_length=120)
    # Primary key of the last row done, as text; empty before the first.
    after = models.CharField(max_length=200, blank=True, default="")
    rows = models.PositiveBigIntegerField(default=0)
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["keys", "table"], name="one_progress_per_table_and_keys")
        ]

    def __str__(self) -> str:
        return f"{self.table} {self.rows}"
