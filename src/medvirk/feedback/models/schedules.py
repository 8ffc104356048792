"""What is asked when: a plan per unit, which new courses of help start with, and each course's own."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from medvirk.feedback.models.episodes import Episode, Moment
from medvirk.people.models import Unit


class Rule(models.TextChoices):
    EVERY = "every", _("every conversation")
    EVERY_NTH = "every_nth", _("every few conversations")
    START = "start", _("at the start")
    AFTER_MONTHS = "after_months", _("after some months")
    END = "end", _("at the end")


class Schedule(models.Model):
    """What is asked besides the two forms that a course is followed by. Of a unit, or of one course of help.

    `eases`: fewer questions when nothing moves (`logic.schedules`).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    unit = models.OneToOneField(
        Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="schedule"
    )
    episode = models.OneToOneField(
        Episode, null=True, blank=True, on_delete=models.CASCADE, related_name="schedule"
    )
    eases = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(unit__isnull=True, episode__isnull=False)
                | Q(unit__isnull=False, episode__isnull=True),
                name="a_schedule_is_of_a_unit_or_of_a_course",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)


class ScheduleLine(models.Model):
    """One questionnaire, and when it is asked. `number`: of conversations or of months; 0 where the
    rule needs none.
    """

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="lines")
    instrument_key = models.CharField(max_length=60)
    instrument_version = models.PositiveSmallIntegerField()
    moment = models.CharField(max_length=10, choices=Moment.choices)
    rule = models.CharField(max_length=12, choices=Rule.choices)
    number = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(rule__in=["every_nth", "after_months"], number__gte=1)
                | (~Q(rule__in=["every_nth", "after_months"]) & Q(number=0)),
                name="a_schedule_line_has_the_number_it_needs",
            ),
            models.UniqueConstraint(
                fields=["schedule", "instrument_key", "moment", "rule", "number"],
                name="a_schedule_says_a_thing_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.instrument_key}@{self.instrument_version} {self.rule}"
