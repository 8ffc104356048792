"""Who looked, made readable: repeated openings folded, and patterns that may be worth a question."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Generic, TypeVar

#: Openings so close to one another are one look: a conversation, and what is written after it.
ONE_LOOK = timedelta(minutes=60)

Event = TypeVar("Event")


@dataclass(frozen=True)
class Look(Generic[Event]):
    """The same thing done one or more times in one go. `first` and `last` are the events at its ends."""

    first: Event
    last: Event
    times: int


def fold(
    events: Iterable[Event], *, key: Callable[[Event], Hashable], at: Callable[[Event], datetime]
) -> list[Look[Event]]:
    """Events, the newest first, folded where the same was done again within the hour; the newest first."""
    looks: list[Look[Event]] = []
    place: dict[Hashable, int] = {}
    for event in events:
        found = place.get(key(event))
        if found is not None and at(looks[found].first) - at(event) <= ONE_LOOK:
            look = looks[found]
            looks[found] = Look(event, look.last, look.times + 1)
        else:
            place[key(event)] = len(looks)
            looks.append(Look(event, event, 1))
    return looks


@dataclass(frozen=True)
class Opening:
    """A worker did something with a record. `at` is in the time of the house; `action` and `basis` as in the log."""

    staff_id: uuid.UUID
    citizen_id: uuid.UUID
    at: datetime
    action: str
    what: str
    basis: str


@dataclass(frozen=True)
class Facts:
    """What is known about those who meet in a day's log.

    names: the family name, as it is compared, of workers and citizens; phones likewise.
    units_of_staff, units_of_citizen: where the worker works, and where the citizen gets help from others.
    also_staff: citizens who work here themselves. ended: when the last help of a citizen ended, if all has.
    started: relations that the worker started to the citizen without anybody else, and nothing was planned since.
    nights: on how many other nights of the last four weeks the worker opened records.
    """

    names: Mapping[uuid.UUID, str] = field(default_factory=dict)
    phones: Mapping[uuid.UUID, str] = field(default_factory=dict)
    units_of_staff: Mapping[uuid.UUID, Collection[uuid.UUID]] = field(default_factory=dict)
    units_of_citizen: Mapping[uuid.UUID, Collection[uuid.UUID]] = field(default_factory=dict)
    also_staff: Collection[uuid.UUID] = ()
    ended: Mapping[uuid.UUID, date] = field(default_factory=dict)
    started: Collection[tuple[uuid.UUID, uuid.UUID]] = ()
    nights: Mapping[uuid.UUID, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Thresholds:
    """From where on a pattern is shown. Low enough to meet what is meant, high enough that a list stays short.

    other_units: a worker who covers for a colleague elsewhere opens a handful a day, seldom more than seven.
    night: one or two openings at night are a late note; five are work. `shifts`: whoever opened records on so many
    other nights of the last four weeks has night shifts, and nights say nothing.
    searches: a day of registering newcomers is about ten names.
    ended: notes, letters and complaints come within three months of the last conversation.
    planned: so long after starting a relation some conversation is planned, or the citizen was not to be reached.
    """

    other_units: int = 8
    night: int = 5
    night_from: int = 23
    night_to: int = 5
    shifts: int = 3
    searches: int = 15
    ended: timedelta = timedelta(days=90)
    planned: timedelta = timedelta(days=14)


DEFAULTS = Thresholds()


@dataclass(frozen=True)
class Pattern:
    """One worker, one day, one pattern. `records`: how many citizens' records it is about."""

    kind: str
    staff_id: uuid.UUID
    records: int
    first_at: datetime
    last_at: datetime


def unusual(openings: Sequence[Opening], facts: Facts, limits: Thresholds = DEFAULTS) -> list[Pattern]:
    """Patterns in one day's openings, in the order of their kinds and of when they began."""
    found = []
    for kind, (least, meets) in _RULES.items():
        by_staff: dict[uuid.UUID, list[Opening]] = {}
        for each in openings:
            if meets(each, facts, limits):
                by_staff.setdefault(each.staff_id, []).append(each)
        found += [
            _pattern(kind, staff, rows)
            for staff, rows in by_staff.items()
            if len({row.citizen_id for row in rows}) >= least(limits)
        ]
    return sorted(found, key=lambda each: (list(_RULES).index(each.kind), each.first_at, str(each.staff_id)))


def _pattern(kind: str, staff: uuid.UUID, rows: Sequence[Opening]) -> Pattern:
    times = [row.at for row in rows]
    return Pattern(kind, staff, len({row.citizen_id for row in rows}), min(times), max(times))


def _looked(each: Opening) -> bool:
    """Opened on purpose: a list of one's own citizens shows them all at once, and a search opens nothing."""
    return each.action not in {"searched", "tried"} and each.basis != "list"


def _other_units(each: Opening, facts: Facts, limits: Thresholds) -> bool:  # noqa: ARG001
    elsewhere = set(facts.units_of_citizen.get(each.citizen_id, ()))
    here = set(facts.units_of_staff.get(each.staff_id, ()))
    return _looked(each) and bool(elsewhere) and elsewhere.isdisjoint(here)


def _no_contact(each: Opening, facts: Facts, limits: Thresholds) -> bool:  # noqa: ARG001
    return _looked(each) and (each.staff_id, each.citizen_id) in facts.started


def _same_name(each: Opening, facts: Facts, limits: Thresholds) -> bool:  # noqa: ARG001
    return _looked(each) and any(
        known.get(each.staff_id) and known.get(each.staff_id) == known.get(each.citizen_id)
        for known in (facts.names, facts.phones)
    )


def _at_night(each: Opening, facts: Facts, limits: Thresholds) -> bool:
    night = each.at.hour >= limits.night_from or each.at.hour < limits.night_to
    return _looked(each) and night and facts.nights.get(each.staff_id, 0) < limits.shifts


def _refused(each: Opening, facts: Facts, limits: Thresholds) -> bool:  # noqa: ARG001
    return each.action == "tried"


def _searches(each: Opening, facts: Facts, limits: Thresholds) -> bool:  # noqa: ARG001
    return each.action == "searched" and each.basis in {"search:name", "search:name_and_birth_date"}


def _ended(each: Opening, facts: Facts, limits: Thresholds) -> bool:
    ended = facts.ended.get(each.citizen_id)
    return _looked(each) and ended is not None and each.at.date() - ended > limits.ended


def _colleague(each: Opening, facts: Facts, limits: Thresholds) -> bool:  # noqa: ARG001
    return _looked(each) and each.citizen_id in facts.also_staff


_Meets = Callable[[Opening, Facts, Thresholds], bool]
_Least = Callable[[Thresholds], int]


def _one(limits: Thresholds) -> int:  # noqa: ARG001
    return 1


#: Kind → from how many records on, and which openings count.
_RULES: dict[str, tuple[_Least, _Meets]] = {
    "refused": (_one, _refused),
    "no_contact": (_one, _no_contact),
    "colleague": (_one, _colleague),
    "same_name": (_one, _same_name),
    "ended": (_one, _ended),
    "other_units": (lambda limits: limits.other_units, _other_units),
    "at_night": (lambda limits: limits.night, _at_night),
    "searches": (lambda limits: limits.searches, _searches),
}


def kinds() -> Iterator[str]:
    """Every kind of pattern there is a rule for."""
    return iter(_RULES)
