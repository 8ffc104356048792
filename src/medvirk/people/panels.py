"""What this room shows on a citizen's page."""

from __future__ import annotations

import math
from typing import Any

from django.http import HttpRequest

from medvirk.people.access import Viewer, contact_of
from medvirk.people.logic import emergency_in_use
from medvirk.people.models import Citizen
from medvirk.people.queries.requests import kept_words


def requests_panel(viewer: Viewer, citizen: Citizen) -> dict[str, Any]:
    """What the citizen waits for an answer to, and their words where nothing was changed."""
    return {"kept_words": kept_words(viewer, citizen)}


def emergency_strip(request: HttpRequest) -> dict[str, Any] | None:
    """Emergency access that opened what this page shows: how long it lasts, and a way to end it.

    From what was fetched to decide on access in this request; no query.
    """
    viewer: Viewer | None = getattr(request, "viewer", None)
    if not viewer:
        return None
    ties = [tie for each in viewer.facts.values() if (tie := emergency_in_use(each)) is not None]
    left = [
        {
            "relation_id": tie.relation_id,
            "ends_at": tie.ends_at,
            "minutes": math.ceil((tie.ends_at - viewer.now).total_seconds() / 60),
        }
        for tie in ties
        if tie.ends_at is not None
    ]
    return {"emergencies": left} if left else None


def shared_contact(viewer: Viewer, citizen: Citizen) -> dict[str, Any]:
    """How to reach the citizen, when they have shared it with this partner."""
    return {"contact": contact_of(viewer, citizen)}
