"""Documents, and every version there has been of them."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from medvirk.people.models import Reorganisation, Staff, Unit


class Kind(models.TextChoices):
    GUIDE = "guide", _("guide")
    BROCHURE = "brochure", _("brochure")
    ROUTINE = "routine", _("routine")
    REPORT = "report", _("report")
    PUBLICATION = "publication", _("publication")


class Audience(models.TextChoices):
    EVERYBODY = "everybody", _("everybody, also without signing in")
    STAFF = "staff", _("all staff")
    UNIT = "unit", _("staff of the unit and those under it")


class Document(models.Model):
    """Something to read or take along. What it says stands in its versions; what it is, here."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    audience = models.CharField(max_length=20, choices=Audience.choices)
    # Who looks after it, and whom it is for where the audience is a unit.
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="documents")
    # Small letters, parted by commas.
    tags = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    retired_at = models.DateTimeField(null=True, blank=True)

    history = HistoricalRecords()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="document_kind_is_known"),
            models.CheckConstraint(
                condition=Q(audience__in=Audience.values), name="document_audience_is_known"
            ),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class VersionManager(models.Manager["Version"]):
    """Without files: a list of documents must not fetch megabytes."""

    def get_queryset(self) -> models.QuerySet[Version]:
        return super().get_queryset().defer("content")


class Version(models.Model):
    """What a document says in one language from `valid_from`: a page or a file. Never changed, never deleted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    document = models.ForeignKey(Document, on_delete=models.PROTECT, related_name="versions")
    language = models.CharField(max_length=10)
    # Within the document and the language.
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    # Markdown; empty where there is a file.
    body = models.TextField(blank=True, default="")
    # The ending ("pdf"); empty where there is a page.
    file_type = models.CharField(max_length=10, blank=True, default="")
    file_size = models.PositiveIntegerField(default=0)
    # In the database, so that a backup is whole and of one moment.
    content = models.BinaryField(null=True)
    # Title and text in small letters: SQLite does not know that Å and å are the same.
    searched = models.TextField()
    note = models.CharField(max_length=500, blank=True, default="")
    valid_from = models.DateField()
    made_at = models.DateTimeField(default=timezone.now)
    made_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    objects = VersionManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document", "language", "number"], name="version_number_is_used_once"
            ),
            models.CheckConstraint(
                condition=(~Q(body="") & Q(file_type="", file_size=0, content__isnull=True))
                | (Q(body="", file_size__gt=0, content__isnull=False) & ~Q(file_type="")),
                name="version_is_a_page_or_a_file",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title} ({self.language} {self.number})"


class DocumentMove(models.Model):
    """From `day`, which is to come, `unit` looks after the document. Gone once that is so."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="moves")
    day = models.DateField()
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    reorganisation = models.ForeignKey(Reorganisation, on_delete=models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["document", "reorganisation"], name="a_reorganisation_moves_a_document_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.document_id} {self.day}"
