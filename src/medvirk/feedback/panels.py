"""What the feedback room shows on a citizen's page."""

from __future__ import annotations

from typing import Any

from medvirk.feedback.queries import episodes
from medvirk.people.access import Viewer
from medvirk.people.models import Citizen


def episodes_panel(viewer: Viewer, citizen: Citizen) -> dict[str, Any]:
    """The citizen's courses of help, the newest first."""
    return {"episodes": episodes(viewer).filter(citizens=citizen).order_by("-started_on"), "citizen": citizen}
