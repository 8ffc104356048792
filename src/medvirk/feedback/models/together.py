"""Who else answers, and what those who take part together show each other."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from medvirk.answers.models import Occasion
from medvirk.feedback.models.episodes import Episode
from medvirk.people.models import Citizen, Staff


class ShownPart(models.TextChoices):
    CURVE = "curve", _("my curve")
    AGREED = "agreed", _("what was agreed about my signals")


class Showing(models.Model):
    """A yes or a no to showing the others who take part something of one's own. The latest counts; none is a no.

    `said_by`: the worker who was told; None where it was said on one's own pages.
    """

    episode = models.ForeignKey(Episode, on_delete=models.CASCADE, related_name="showings")
    citizen = models.ForeignKey(Citizen, on_delete=models.PROTECT, related_name="showings")
    part = models.CharField(max_length=10, choices=ShownPart.choices)
    yes = models.BooleanField()
    said_at = models.DateTimeField(default=timezone.now)
    said_by = models.ForeignKey(Staff, null=True, blank=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["episode", "citizen"], name="showing_by_course")]

    def __str__(self) -> str:
        return f"{self.part} {self.yes}"


class ProxyBasis(models.TextChoices):
    """Why somebody else could be asked about a citizen."""

    CITIZEN = "citizen", _("the citizen said yes")
    PARENT = "parent", _("a parent or guardian decides, and said yes")
    WORKER = "worker", _("a worker who helps the citizen, for their own work")


class ProxyAsking(models.Model):
    """Somebody else is asked how they see it, and by what right. What they answer is theirs, never the citizen's."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    occasion = models.OneToOneField(Occasion, on_delete=models.CASCADE, related_name="proxy_asking")
    basis = models.CharField(max_length=10, choices=ProxyBasis.choices)
    noted_by = models.ForeignKey(Staff, on_delete=models.PROTECT, related_name="+")
    noted_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return str(self.occasion_id)

    def record_of(self) -> frozenset[uuid.UUID]:
        """Whose record this is (`people.access.Record`)."""
        return self.occasion.record_of()
