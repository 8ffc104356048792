"""What the feedback room shows on a citizen's page."""

from __future__ import annotations

from typing import Any

from medvirk.feedback.queries import episodes
from medvirk.people.access import Viewer, place_of
from medvirk.people.models import Citizen


def episodes_panel(viewer: Viewer, citizen: Citizen) -> dict[str, Any]:
    """The citizen's courses of help, the newest first."""
    found = episodes(viewer).filter(citizens=citizen).order_by("-started_on")
    return {"episodes": [(each, place_of(viewer, citizen, each.unit)) for each in found], "citizen": citizen}
