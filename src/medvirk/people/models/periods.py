"""Periods of days, both ends counting."""

from __future__ import annotations

from datetime import date
from typing import Self, TypeVar

from django.db import models
from django.db.models import F, Q


def dated(name: str) -> models.CheckConstraint:
    """A period ends on or after the day it begins."""
    return models.CheckConstraint(
        condition=Q(valid_to__isnull=True) | Q(valid_to__gte=F("valid_from")),
        name=f"{name}_ends_after_it_begins",
    )


_Model = TypeVar("_Model", bound=models.Model)


class DatedQuerySet(models.QuerySet[_Model]):
    def on(self, day: date) -> Self:
        """Rows in force on `day` (both ends count)."""
        return self.filter(Q(valid_to__isnull=True) | Q(valid_to__gte=day), valid_from__lte=day)
