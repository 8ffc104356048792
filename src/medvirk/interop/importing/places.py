"""The units and workers that a table names: they must be registered, and are never made on the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from medvirk.interop.importing.columns import Columns, Field
from medvirk.interop.importing.logic import Place
from medvirk.interop.importing.queries import Known
from medvirk.people.identity import sign_in_key
from medvirk.people.models import Staff, Unit
from medvirk.tables import Fault

NAMES_SHOWN = 20

NO_UNIT = "There is no unit of this name. Register it, or write one that there is: %(names)s."
NO_UNITS = "There are no units yet. Register them in Medvirk first."
TOO_EARLY = "The unit exists from %(day)s only, and an episode starts on %(start)s. Change its first day."
TOO_LATE = "The unit ended on %(day)s, before an episode of the table did. Write the one that took over."
SEVERAL = "Several units have this name at that time. Give them different names in Medvirk first."
NO_WORKER = "Nobody signs in by this name. Register the worker in Medvirk first, or correct the name."
MORE = " The same in %(more)s more episodes."


@dataclass(frozen=True)
class Found:
    """units: by name as written, first and last day of the episode. staff: by sign-in name as written."""

    units: Mapping[tuple[str, date, date | None], Unit]
    staff: Mapping[str, Staff]


def find_places(places: Iterable[Place], known: Known, columns: Columns) -> tuple[Found, list[Fault]]:
    """Look up all units and workers. What is wrong with one name is told once, at its first row."""
    units: dict[tuple[str, date, date | None], Unit] = {}
    staff: dict[str, Staff] = {}
    wrong: dict[tuple[Field, str, str], list[tuple[Place, dict[str, str]]]] = {}
    for place in places:
        unit = _unit(place, known) if place.unit else None
        if isinstance(unit, Unit):
            units[place.unit, place.started_on, place.ended_on] = unit
        elif unit is not None:
            wrong.setdefault((Field.UNIT, place.unit, unit[0]), []).append((place, unit[1]))
        worker = known.staff.get(sign_in_key(place.worker)) if place.worker else None
        if worker is not None:
            staff[place.worker] = worker
        elif place.worker:
            wrong.setdefault((Field.WORKER, place.worker, NO_WORKER), []).append((place, {}))
    return Found(units, staff), [
        _fault(columns.heading(field), name, problem, met) for (field, name, problem), met in wrong.items()
    ]


def _unit(place: Place, known: Known) -> Unit | tuple[str, dict[str, str]]:
    """The unit, or what is wrong, with its facts."""
    named = known.units.get(place.unit, ())
    if not named:
        names = list(known.units)
        more = " …" if len(names) > NAMES_SHOWN else ""
        return (NO_UNIT, {"names": ", ".join(names[:NAMES_SHOWN]) + more}) if names else (NO_UNITS, {})
    fitting = [unit for unit in named if _exists(unit, place)]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        return SEVERAL, {}
    first = min(unit.valid_from for unit in named)
    if place.started_on < first:
        return TOO_EARLY, {"day": f"{first:%d.%m.%Y}", "start": f"{place.started_on:%d.%m.%Y}"}
    last = max((unit.valid_to for unit in named if unit.valid_to), default=place.started_on)
    return TOO_LATE, {"day": f"{last:%d.%m.%Y}"}


def _exists(unit: Unit, place: Place) -> bool:
    """All through the episode; a unit without a last day outlives it."""
    lasts = unit.valid_to is None or (place.ended_on is not None and place.ended_on <= unit.valid_to)
    return unit.valid_from <= place.started_on and lasts


def _fault(heading: str, name: str, problem: str, met: list[tuple[Place, dict[str, str]]]) -> Fault:
    # The earliest start is the one that the unit's first day must be moved before.
    earliest: Callable[[tuple[Place, dict[str, str]]], date] = lambda each: each[0].started_on  # noqa: E731
    place, facts = min(met, key=earliest)
    if len(met) == 1:
        return Fault(place.row, heading, name, problem, facts)
    return Fault(place.row, heading, name, problem + MORE, {**facts, "more": len(met) - 1})
