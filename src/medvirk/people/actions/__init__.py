"""Writing people: one function per verb, each a transaction that checks, saves, and keeps history and log.

`by` is the viewer who does it; None is the command line, which stands outside the roles. All raise
`people.logic.RefusedError` with every fault at once, and `PermissionDenied` where the viewer may not.
"""

from medvirk.people.actions.citizens import (
    end_relation,
    register_citizen,
    start_relation,
    start_relation_after_search,
    update_person,
)
from medvirk.people.actions.staff import (
    NewGrant,
    change_staff,
    deactivate,
    end_role,
    grant_role,
    reactivate,
    register_staff,
    set_password,
)
from medvirk.people.actions.units import change_unit, end_unit, register_unit
from medvirk.people.logic import DuplicateError, PersonDetails, RefusedError

__all__ = [
    "DuplicateError",
    "NewGrant",
    "PersonDetails",
    "RefusedError",
    "change_staff",
    "change_unit",
    "deactivate",
    "end_relation",
    "end_role",
    "end_unit",
    "grant_role",
    "reactivate",
    "register_citizen",
    "register_staff",
    "register_unit",
    "set_password",
    "start_relation",
    "start_relation_after_search",
    "update_person",
]
