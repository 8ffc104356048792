"""What rooms below know about help that is given, for those who review who has looked.

register_help(Help(planned=…, ended=…))       # from AppConfig.ready
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime

Pair = tuple[uuid.UUID, uuid.UUID]


@dataclass(frozen=True)
class Help:
    """`planned(pairs, since)`: of (worker, citizen) pairs, those with a conversation planned or held since then.

    `ended(citizen_ids)`: for citizens all of whose help has ended, the day the last of it did.
    """

    planned: Callable[[Collection[Pair], datetime], Collection[Pair]]
    ended: Callable[[Collection[uuid.UUID]], Mapping[uuid.UUID, date]]


_rooms: list[Help] = []


def register_help(room: Help) -> None:
    """Called from `AppConfig.ready` of the room that knows."""
    if room not in _rooms:
        _rooms.append(room)


def with_a_plan(pairs: Collection[Pair], since: datetime) -> set[Pair]:
    """Pairs with something planned or held, in any room."""
    return {pair for room in _rooms for pair in room.planned(pairs, since)}


def when_help_ended(citizen_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, date]:
    """Citizens all of whose help has ended, with the last day; one who gets help in any room is not among them."""
    found: dict[uuid.UUID, date] = {}
    for room in _rooms:
        for citizen, day in room.ended(citizen_ids).items():
            found[citizen] = max(day, found.get(citizen, day))
    return found
