"""What the verbs of this room have in common."""

from __future__ import annotations

import uuid

from django.core.exceptions import PermissionDenied

from medvirk.people.access import Viewer


class Refused(Exception):
    """The step cannot be taken; `reason` is a code that the page puts into words. Nothing was changed."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def worker(by: Viewer) -> uuid.UUID:
    """Who works here, as the rows name them.

    Raises:
        PermissionDenied: somebody who has signed in for themselves.
    """
    if by.staff_id is None:
        raise PermissionDenied
    return by.staff_id
