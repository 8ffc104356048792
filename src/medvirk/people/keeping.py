"""Where each room says how long its rows are of use, and how it lets go of a citizen.

register_tidying(Tidying("answers.drafts", "draft", drafts_due))      # rows that go by themselves
register_parting(Parting("answers", last_entries, plan, part))       # a citizen who is erased
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils.functional import Promise

from medvirk.people.logic.retention import PlanLine
from medvirk.people.models import Citizen


@dataclass(frozen=True)
class Tidying:
    """`due(cutoff)` gives the rows whose time ended before the day `cutoff`; they are deleted in batches.

    `retention` is the class of `logic.retention.RULES` that says how long. Where rows cannot simply be deleted,
    `remove(cutoff)` takes the next batch away in a transaction of its own and gives how many; 0 ends it.
    """

    key: str
    label: str | Promise
    retention: str
    due: Callable[[date], QuerySet]  # type: ignore[type-arg]
    remove: Callable[[date], int] | None = None


@dataclass(frozen=True)
class Parting:
    """How a room lets go of a citizen. All rooms do it in one transaction, the lowest room first.

    `last_entries(ids)` gives the day of the last entry in this room for those who have one. `plan(citizen)` says what
    there is and what would happen to it; `part(citizen, now)` does it, and does nothing the second time.
    """

    room: str
    last_entries: Callable[[Collection[uuid.UUID]], Mapping[uuid.UUID, date]]
    plan: Callable[[Citizen], Iterable[PlanLine]]
    part: Callable[[Citizen, datetime], object]


_tidyings: dict[str, Tidying] = {}
_partings: dict[str, Parting] = {}


def register_tidying(tidying: Tidying) -> None:
    """Called from `AppConfig.ready`."""
    _tidyings[tidying.key] = tidying


def register_parting(parting: Parting) -> None:
    """Called from `AppConfig.ready`."""
    _partings[parting.room] = parting


def tidyings() -> tuple[Tidying, ...]:
    return tuple(_tidyings.values())


def partings() -> tuple[Parting, ...]:
    """Those of the lowest room first: what points to a row goes before the row."""
    return tuple(reversed(_partings.values()))
