"""What a death closes here: what still waits for the citizen is called off, and is not written again."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from medvirk.messages.actions import call_off_for
from medvirk.people.hooks import Closing


def _close(citizen_id: uuid.UUID, now: datetime) -> dict[str, Any]:  # noqa: ARG001
    call_off_for(citizen_id=citizen_id)
    return {}


def _reopen(citizen_id: uuid.UUID, closed: Mapping[str, Any], now: datetime) -> None:
    """Nothing: their texts are emptied. Whoever writes to citizens writes anew what is still to be said."""


CLOSING = Closing("messages", _close, _reopen)
