"""What the verbs of this room have in common."""

from __future__ import annotations


class Refused(Exception):
    """The step cannot be taken; `reason` is a code that the page puts into words. Nothing was changed."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)
