"""Where a conversation belongs: what units have written themselves is shown around it."""

from __future__ import annotations

import uuid

from django.utils import timezone

from medvirk.answers.models import Occasion
from medvirk.feedback.models import Asking
from medvirk.people.logic.units import units_above
from medvirk.people.models import Unit


def units_asking(occasion: Occasion) -> tuple[uuid.UUID, ...]:
    """The unit of the course that an occasion was asked in, and those above it, the nearest first (`answers.hooks`).

    It tells of nobody: who holds the link is asked there. Two queries.
    """
    unit = Asking.objects.filter(occasion=occasion).values_list("session__episode__unit", flat=True).first()
    return units_above(Unit.objects.parents_on(timezone.localdate()), unit) if unit else ()
