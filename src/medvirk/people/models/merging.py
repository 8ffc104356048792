"""Two records of one person, put together and taken apart again."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from medvirk.people.fields import EncryptedTextField
from medvirk.people.models.persons import Person, Staff


class PersonMerge(models.Model):
    """`duplicate` was found to be the same as `kept`. Everything of it was moved, row by row, and can be moved back."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kept = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="merges")
    duplicate = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="merged_away")
    # The ids that the access log knows them by, for it is never rewritten. None where one was no citizen.
    kept_citizen_id = models.UUIDField(null=True, blank=True)
    duplicate_citizen_id = models.UUIDField(null=True, blank=True, db_index=True)
    # {"before": …, "after": …} of the kept person's details, as JSON.
    details = EncryptedTextField()
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-made_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["duplicate"], condition=Q(undone_at__isnull=True), name="a_person_is_merged_away_once"
            ),
            models.CheckConstraint(
                condition=~Q(kept=F("duplicate")), name="nobody_is_merged_with_themselves"
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)


class PersonMergeMove(models.Model):
    """One row that a merge moved, or took out because the kept person had the same already."""

    merge = models.ForeignKey(PersonMerge, on_delete=models.CASCADE, related_name="moves")
    model = models.CharField(max_length=100)
    row = models.CharField(max_length=40)
    field = models.CharField(max_length=60)
    old_value = models.UUIDField()
    new_value = models.UUIDField()
    # The whole row as JSON where it was taken out; empty where it was moved.
    content = EncryptedTextField(blank=True, default="")

    def __str__(self) -> str:
        return f"{self.model} {self.field}"


class SuspicionState(models.TextChoices):
    OPEN = "open", _("not decided")
    SAME = "same", _("the same person")
    DIFFERENT = "different", _("two different people")


class SuspectedDuplicate(models.Model):
    """Somebody who knows one of them says that two records are of the same person; an administrator decides."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    first = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    second = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=SuspicionState.choices, default=SuspicionState.OPEN)
    reason = EncryptedTextField(blank=True, default="")
    proposed_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    # An administrator proposes to put them together, so that `kept` goes on and of the other `take` is right (names
    # of details). It waits for another administrator as long as the state is open.
    merge_proposed_by = models.ForeignKey(
        Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    merge_proposed_at = models.DateTimeField(null=True, blank=True)
    kept = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    take = models.JSONField(default=list, blank=True)

    class Meta:
        constraints = [
            # The two stand in the order of their ids, so that a pair is there once.
            models.UniqueConstraint(fields=["first", "second"], name="a_pair_is_suspected_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="a_pair_stands_in_order"),
            models.CheckConstraint(
                condition=Q(merge_proposed_by__isnull=True, merge_proposed_at__isnull=True, kept__isnull=True)
                | Q(merge_proposed_by__isnull=False, merge_proposed_at__isnull=False)
                & (Q(kept=F("first")) | Q(kept=F("second"))),
                name="a_proposed_merge_keeps_one_of_the_pair",
            ),
        ]

    def __str__(self) -> str:
        return str(self.id)

    @property
    def awaits_agreement(self) -> bool:
        """Whether putting them together is proposed, and nobody has decided."""
        return self.state == SuspicionState.OPEN and self.merge_proposed_at is not None

    def forget_proposal(self) -> None:
        self.merge_proposed_by = self.merge_proposed_at = self.kept = None
        self.take = []
