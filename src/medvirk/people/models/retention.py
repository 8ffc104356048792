"""How long the municipality keeps what, and what was erased when."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from medvirk.people.fields import EncryptedTextField
from medvirk.people.models.persons import Citizen, Staff


class RetentionPeriod(models.Model):
    """The municipality's own number of months for a class of `logic.retention.RULES`."""

    rule = models.CharField(max_length=20, unique=True)
    months = models.PositiveIntegerField()

    history = HistoricalRecords()

    def __str__(self) -> str:
        return self.rule


class RetentionRun(models.Model):
    """A report of what is due, and, once somebody has approved it, the carrying out of it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    # Counts only: what is due, by class and kind of row, as it stood at `made_at`.
    report = models.JSONField(default=dict)
    # The months that were in force then, by class: a yes to this report is a yes to no fewer.
    months = models.JSONField(default=dict)
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    done_at = models.DateTimeField(null=True, blank=True)
    # Counts of what was really done; what came back to life between report and doing is not in it.
    result = models.JSONField(default=dict)

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | Q(approved_at__isnull=False),
                name="what_is_done_was_approved",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)


class Erasure(models.Model):
    """That somebody is, or is to be, erased: why, who decided, and the counts of what went and what stayed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, related_name="erasures")
    basis = models.CharField(
        max_length=20,
        choices=[
            ("retention", _("its time is over")),
            ("mistake", _("registered by mistake")),
            ("decision", _("a decision on erasure")),
        ],
    )
    # Why, until it is done; then it is emptied, for it tells of the one who is gone.
    reason = EncryptedTextField(blank=True, default="")
    run = models.ForeignKey(
        RetentionRun, null=True, blank=True, on_delete=models.PROTECT, related_name="erasures"
    )
    proposed_at = models.DateTimeField(default=timezone.now)
    proposed_by = models.ForeignKey(Staff, null=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)
    approved_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    declined_at = models.DateTimeField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    result = models.JSONField(default=list)

    class Meta:
        ordering = ["-proposed_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["citizen"],
                condition=Q(done_at__isnull=True, declined_at__isnull=True),
                name="one_erasure_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | Q(approved_at__isnull=False, reason=""),
                name="an_erasure_done_was_approved_and_tells_nothing",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)
