"""Where rooms below take part when something has been answered.

    when_answered(act)       # from AppConfig.ready

`act(submission, at_risk)` is done inside the transaction that stores the answer, at once: it must be short, for the one
who answers waits, and what it raises undoes the answer. What takes time is left to a duty (`people.duties`).
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Sequence

from medvirk.answers.models import Occasion, Submission

Act = Callable[[Submission, bool], None]
TakenBack = Callable[[Occasion], None]
Closed = Callable[[Collection[uuid.UUID]], None]
Place = Callable[[Occasion], str]
Units = Callable[[Occasion], Sequence[uuid.UUID]]
_acts: list[Act] = []
_taken_back: list[TakenBack] = []
_closed: list[Closed] = []
_places: list[Place] = []
_units: list[Units] = []


def when_answered(act: Act) -> None:
    """Called from `AppConfig.ready` of the room that has something to do then."""
    if act not in _acts:
        _acts.append(act)


def when_submitted() -> tuple[Act, ...]:
    return tuple(_acts)


def when_taken_back(act: TakenBack) -> None:
    """`act(occasion)` is done when what was typed in wrongly was taken back, inside that transaction."""
    if act not in _taken_back:
        _taken_back.append(act)


def taken_back(occasion: Occasion) -> None:
    for act in _taken_back:
        act(occasion)


def when_closed(act: Closed) -> None:
    """`act(occasion ids)` is done inside the transaction in which they are closed, or somebody would rather not."""
    if act not in _closed:
        _closed.append(act)


def closed(occasion_ids: Collection[uuid.UUID]) -> None:
    for act in _closed:
        act(occasion_ids)


def where_it_belongs(place: Place) -> None:
    """`place(occasion)` gives the path of the page where a worker looks at its answer; "" where it is not theirs."""
    if place not in _places:
        _places.append(place)


def place_of(occasion: Occasion) -> str:
    """The page where a worker looks at this answer; "" where no room has one."""
    return next((found for place in _places if (found := place(occasion))), "")


def asked_by_unit(units: Units) -> None:
    """`units(occasion)` gives the unit that asks and those it stands under, the nearest first; () where no unit of the
    room asks it. Called only where what a unit has written itself could be shown.
    """
    if units not in _units:
        _units.append(units)


def units_of(occasion: Occasion) -> Sequence[uuid.UUID]:
    """The unit that asks, and those above it; () where no room knows."""
    return next((found for units in _units if (found := units(occasion))), ())
