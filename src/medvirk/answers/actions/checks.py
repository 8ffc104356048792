"""What the verbs of this room have in common."""

from __future__ import annotations

from collections.abc import Iterable

from django.core.exceptions import PermissionDenied

from medvirk.answers.logic import (
    Fault,
    State,
)
from medvirk.answers.models import (
    Occasion,
)
from medvirk.people.access import Permission, Viewer, can
from medvirk.people.models import Citizen


class NotTaken(Exception):
    """What was sent could not be stored; nothing was. `faults` lists every value that was wrong."""

    def __init__(self, state: State, faults: Iterable[Fault] = ()) -> None:
        self.state = state
        self.faults = list(faults)
        super().__init__(state)


def must_follow(viewer: Viewer | None, record: Occasion | Citizen) -> None:
    """Without a viewer: for what the citizen themselves has set off, which the room that asks has let them do."""
    if viewer is not None and not can(viewer, Permission.FOLLOW_CITIZENS, record).allowed:
        raise PermissionDenied
