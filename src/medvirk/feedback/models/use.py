"""What happened in a unit that can have changed how feedback is used there."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from medvirk.people.models import Staff, Unit

LONGEST_NOTE = 120


class UseNote(models.Model):
    """A month in which something changed in a unit, in its leader's words: a training, new premises.

    `new_limits`: from this month on the months are compared with each other only, because what was usual before is not
    usual any more. Only a leader decides that: limits that moved by themselves would hide every change.
    """

    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="use_notes")
    month = models.DateField()
    words = models.CharField(max_length=LONGEST_NOTE)
    new_limits = models.BooleanField(default=False)
    noted_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    noted_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["month", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["unit", "month"], name="one_note_of_a_month_in_a_unit"),
            models.CheckConstraint(condition=~Q(words=""), name="a_note_of_use_has_words"),
        ]

    def __str__(self) -> str:
        return f"{self.unit_id} {self.month}"
