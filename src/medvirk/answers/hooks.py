"""Where rooms below take part when something has been answered.

    when_answered(act)       # from AppConfig.ready

`act(submission, at_risk)` is done inside the transaction that stores the answer, at once: it must be short, for the one
who answers waits, and what it raises undoes the answer. What takes time is left to a duty (`people.duties`).
"""

from __future__ import annotations

from collections.abc import Callable

from medvirk.answers.models import Submission

Act = Callable[[Submission, bool], None]
_acts: list[Act] = []


def when_answered(act: Act) -> None:
    """Called from `AppConfig.ready` of the room that has something to do then."""
    if act not in _acts:
        _acts.append(act)


def when_submitted() -> tuple[Act, ...]:
    return tuple(_acts)
