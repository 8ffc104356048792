"""Reading people. Every function takes the viewer and returns only what that viewer may see."""

from medvirk.people.queries.citizens import (
    FindResult,
    Hit,
    find_citizens,
    relations_to,
    startable_citizen,
    teams_to_choose,
    workers_to_choose,
)
from medvirk.people.queries.staff import grants_to_end, staff_in_scope, staff_list
from medvirk.people.queries.units import unit_in_scope, units_in_scope, units_on

__all__ = [
    "FindResult",
    "Hit",
    "find_citizens",
    "grants_to_end",
    "relations_to",
    "staff_in_scope",
    "staff_list",
    "startable_citizen",
    "teams_to_choose",
    "unit_in_scope",
    "units_in_scope",
    "units_on",
    "workers_to_choose",
]
