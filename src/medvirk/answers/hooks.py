"""Where rooms below take part when something has been answered.

    when_answered(act)       # from AppConfig.ready

`act(submission, at_risk)` is done inside the transaction that stores the answer, at once: it must be short, for the one
who answers waits, and what it raises undoes the answer. What takes time is left to a duty (`people.duties`).
"""

from __future__ import annotations

from collections.abc import Callable

from medvirk.answers.models import Occasion, Submission

Act = Callable[[Submission, bool], None]
TakenBack = Callable[[Occasion], None]
Place = Callable[[Occasion], str]
_acts: list[Act] = []
_taken_back: list[TakenBack] = []
_places: list[Place] = []


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


def where_it_belongs(place: Place) -> None:
    """`place(occasion)` gives the path of the page where a worker looks at its answer; "" where it is none of theirs."""
    if place not in _places:
        _places.append(place)


def place_of(occasion: Occasion) -> str:
    """The page where a worker looks at this answer; "" where no room has one."""
    return next((found for place in _places if (found := place(occasion))), "")
