"""The municipality's own procedure for an answer about safety."""

from __future__ import annotations

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from medvirk.feedback.logic.risk import Days
from medvirk.people.models import Unit

#: A day: longer is no answer to somebody who does not want to live.
MOST_MINUTES = 1440


class RiskDays(models.TextChoices):
    EVERY = Days.EVERY.value, _("every day")
    WORKDAYS = Days.WORKDAYS.value, _("Monday to Friday")
    WEEKEND = Days.WEEKEND.value, _("Saturday and Sunday")


class RiskLine(models.Model):
    """One line of a unit's procedure: who sees to it at these hours, and how fast. A function, not a person's name.

    A unit without lines of its own follows the nearest unit above it.
    """

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="risk_lines")
    days = models.CharField(max_length=10, choices=RiskDays.choices, default=RiskDays.EVERY)
    begins = models.TimeField()
    ends = models.TimeField()
    who = models.CharField(max_length=120)
    phone = models.CharField(max_length=30, blank=True)
    within_minutes = models.PositiveSmallIntegerField(
        validators=[MinValueValidator(1), MaxValueValidator(MOST_MINUTES)]
    )
    position = models.PositiveSmallIntegerField(default=0)
    changed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(within_minutes__range=(1, MOST_MINUTES)),
                name="a_risk_line_says_how_fast",
            )
        ]

    def __str__(self) -> str:
        return self.who
