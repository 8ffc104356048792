"""What is done again and again without anybody asking: each room registers its duties, `medvirk worker` runs them.

    # From AppConfig.ready:
    register_duty("people.seal_log", _("seals the log"), every=timedelta(minutes=1), run=seal_due)
    register_duty("feedback.norms", _("fits the norms"), every=timedelta(days=1), at=time(3, 15), run=fit_norms_tonight)

`run(now)` does what is due and returns nothing that anybody needs. It may be killed at any moment and run again, also
on another machine, so it does its work in transactions of its own and finds out itself what is left to do. What it
raises is logged by its class only, for the text of an exception may name somebody.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.utils.functional import Promise

Run = Callable[[datetime], object]


@dataclass(frozen=True)
class Duty:
    """`label` says what is done, in words that whoever looks after the installation understands.

    `every`: from one start to the next. `at`: the time of day in Norway, for what is done once a day or rarer.

    `lease`: no other worker begins the same duty so long after it began, unless it has ended. A duty that takes longer
    may run twice at the same time, so it is well above what it ever takes.
    """

    name: str
    label: str | Promise
    every: timedelta
    run: Run
    at: time | None
    lease: timedelta


_duties: dict[str, Duty] = {}


def register_duty(
    name: str,
    label: str | Promise,
    *,
    every: timedelta,
    run: Run,
    at: time | None = None,
    lease: timedelta = timedelta(minutes=30),
) -> None:
    """Called from `AppConfig.ready` of the room that owns the work. The name is `<room>.<what>`, at most 60 signs.

    Raises:
        ValueError: the name is too long, or the time between two runs is none, or `at` is given for what is done
            more often than once a day.
    """
    if not 0 < len(name) <= 60:
        raise ValueError(f"The name of a duty has between 1 and 60 signs: {name!r}.")
    if every <= timedelta(0) or (at is not None and every < timedelta(days=1)):
        raise ValueError(f"{name}: a duty is done now and then; at a time of day only once a day or rarer.")
    _duties[name] = Duty(name, label, every, run, at, lease)


def duties() -> tuple[Duty, ...]:
    """All duties there are, by name."""
    return tuple(_duties[name] for name in sorted(_duties))
