"""Writing people: one function per verb, each a transaction that checks, saves, and keeps history and log.

`by` is the viewer who does it; None is the command line, which stands outside the roles. All raise
`people.logic.RefusedError` with every fault at once, and `PermissionDenied` where the viewer may not.
"""

from medvirk.people.actions.accounts import (
    account_by_job,
    end_all_sessions,
    expect_job_account,
    forget_factors,
    let_job_account_go,
    own_account,
)
from medvirk.people.actions.bars import bar_oneself_after_search, bar_worker, lift_bar
from medvirk.people.actions.citizens import (
    end_relation,
    register_citizen,
    start_relation,
    start_relation_after_search,
    update_person,
)
from medvirk.people.actions.deaths import register_death, undo_death
from medvirk.people.actions.emergency import end_emergency, look_at_emergency, open_in_emergency
from medvirk.people.actions.guardians import change_guardian, register_guardian
from medvirk.people.actions.protection import change_contact, set_protection, set_protection_after_search
from medvirk.people.actions.sharing import change_sharing, share_with, stop_sharing
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
    "account_by_job",
    "bar_oneself_after_search",
    "bar_worker",
    "change_contact",
    "change_guardian",
    "change_sharing",
    "change_staff",
    "change_unit",
    "deactivate",
    "end_all_sessions",
    "end_emergency",
    "end_relation",
    "end_role",
    "end_unit",
    "expect_job_account",
    "forget_factors",
    "grant_role",
    "let_job_account_go",
    "lift_bar",
    "look_at_emergency",
    "open_in_emergency",
    "own_account",
    "reactivate",
    "register_citizen",
    "register_death",
    "register_guardian",
    "register_staff",
    "register_unit",
    "set_password",
    "set_protection",
    "set_protection_after_search",
    "share_with",
    "start_relation",
    "start_relation_after_search",
    "stop_sharing",
    "undo_death",
    "update_person",
]
