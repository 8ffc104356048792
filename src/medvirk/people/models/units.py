"""Units over time."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import date
from typing import Self

from django.db import models
from django.db.models import Case, Exists, F, OuterRef, Q, Subquery, When
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from medvirk.people.models.periods import DatedQuerySet, dated


class UnitKind(models.TextChoices):
    MUNICIPALITY = "municipality", _("municipality")
    SERVICE = "service", _("service")
    DEPARTMENT = "department", _("department")
    TEAM = "team", _("team")


class UnitQuerySet(DatedQuerySet["Unit"]):
    def as_on(self, day: date) -> Self:
        """With `name_then` and `parent_then`: what each was called and where it stood on `day`."""
        place = UnitPlace.objects.filter(unit=OuterRef("pk"), day__lte=day).order_by("-day")

        def then(column: str, kind: models.Field) -> Case:
            said = Subquery(place.values(column)[:1])
            return Case(When(Exists(place), then=said), default=F(column), output_field=kind)

        return self.annotate(
            name_then=then("name", models.CharField()), parent_then=then("parent_id", models.UUIDField())
        )

    def parents_on(self, day: date) -> dict[uuid.UUID, uuid.UUID | None]:
        """Which unit each stood under on `day`."""
        return dict(self.as_on(day).values_list("pk", "parent_then"))

    def under_on(self, parents: Collection[uuid.UUID], day: date) -> Self:
        """Those that stood right under one of `parents` on `day`."""
        return self.as_on(day).filter(parent_then__in=parents)


class Unit(models.Model):
    """A municipality, service, department or team, as long as it exists.

    `name` and `parent` hold today; where they change on a day, `UnitPlace` says from when.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    name = models.CharField(max_length=200)
    kind = models.CharField(max_length=20, choices=UnitKind.choices)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )
    valid_from = models.DateField()
    valid_to = models.DateField(null=True, blank=True)

    objects = UnitQuerySet.as_manager()
    history = HistoricalRecords()

    class Meta:
        ordering = ["name"]
        constraints = [
            dated("unit"),
            models.CheckConstraint(condition=~Q(parent=F("id")), name="unit_is_not_its_own_parent"),
        ]

    def __str__(self) -> str:
        return self.name


class ReorganisationKind(models.TextChoices):
    MERGE = "merge", _("merged")
    SPLIT = "split", _("divided")
    MOVE = "move", _("renamed or moved")


class Reorganisation(models.Model):
    """A change of the structure from a day. What follows from it stands as dated rows and is never overwritten."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=ReorganisationKind.choices)
    # The first day of the new structure.
    day = models.DateField()
    # {"from": [names], "to": [names], "moved": {kind of row: count}}, as it was decided.
    described = models.JSONField(default=dict)
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(
        "people.Staff", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    # Taken back before its day; then nothing else is left of it.
    undone_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-day", "-made_at"]

    def __str__(self) -> str:
        return f"{self.kind} {self.day}"


class UnitSuccession(models.Model):
    """From the day of a reorganisation `new` carries on what `old` did, alone or with others.

    A unit that goes on through a merge or a split succeeds itself, so that its figures from before and after are
    never taken for the same.
    """

    reorganisation = models.ForeignKey(Reorganisation, on_delete=models.CASCADE, related_name="successions")
    old = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="successors")
    new = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="predecessors")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["reorganisation", "old", "new"], name="a_succession_is_said_once")
        ]

    def __str__(self) -> str:
        return str(self.pk)


class UnitPlace(models.Model):
    """From `day` a unit is called `name` and stands under `parent`."""

    unit = models.ForeignKey(Unit, on_delete=models.CASCADE, related_name="places")
    day = models.DateField()
    name = models.CharField(max_length=200)
    parent = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    # None for what held before the first change.
    reorganisation = models.ForeignKey(
        Reorganisation, null=True, blank=True, on_delete=models.CASCADE, related_name="places"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["unit", "day"], name="a_unit_has_one_place_a_day"),
            models.CheckConstraint(condition=~Q(parent=F("unit")), name="a_unit_is_not_placed_under_itself"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.day}"


class ReorganisedRow(models.Model):
    """What a reorganisation did to one row: which row carries it on, and what undoing it needs."""

    reorganisation = models.ForeignKey(Reorganisation, on_delete=models.CASCADE, related_name="rows")
    # "people.grant", "people.relation", or "people.unit" for a unit that came to an end.
    kind = models.CharField(max_length=60)
    old_key = models.CharField(max_length=40)
    new_key = models.CharField(max_length=40, blank=True)
    # Whether the row that carries on was made for it; else it was there, or was re-pointed before it began.
    made = models.BooleanField(default=False)
    last_day_before = models.DateField(null=True, blank=True)
    unit_before = models.ForeignKey(Unit, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    def __str__(self) -> str:
        return f"{self.kind} {self.old_key}"
