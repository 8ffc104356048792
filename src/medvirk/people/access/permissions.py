"""Roles and what they may do: in code. Who holds which role, in which unit, from when: in the database."""

from __future__ import annotations

from enum import StrEnum

from medvirk.people.models import Role


class Permission(StrEnum):
    FOLLOW_CITIZENS = "follow_citizens"
    REGISTER_CITIZENS = "register_citizens"
    EMERGENCY_ACCESS = "emergency_access"
    SEE_SHARED = "see_shared"
    OWN_PAGES = "own_pages"
    MANAGE_UNITS = "manage_units"
    MANAGE_STAFF = "manage_staff"
    MANAGE_RETENTION = "manage_retention"
    MERGE_PERSONS = "merge_persons"
    EDIT_TEXTS = "edit_texts"
    SEE_MEASURING = "see_measuring"
    READ_LOG = "read_log"
    REVIEW_LOG = "review_log"
    LEAD_TEAM = "lead_team"
    SET_PROCEDURES = "set_procedures"
    PROTECT_ADDRESSES = "protect_addresses"
    REVIEW_EMERGENCY = "review_emergency"
    READ_MESSAGES = "read_messages"
    SEE_OPERATION = "see_operation"
    READ_LIBRARY = "read_library"
    EDIT_LIBRARY = "edit_library"


_CARE = frozenset({Permission.FOLLOW_CITIZENS, Permission.REGISTER_CITIZENS, Permission.EMERGENCY_ACCESS})
#: How well the questionnaires measure here, from all answers together: it shows no person.
_QUALITY = frozenset({Permission.SEE_MEASURING})
#: Unusual openings by those who work in their units: what was done, never what stands in a record.
_REVIEW = frozenset({Permission.REVIEW_LOG})
_ADMINISTRATION = (
    frozenset(
        {
            Permission.MANAGE_UNITS,
            Permission.MANAGE_STAFF,
            Permission.MANAGE_RETENTION,
            Permission.MERGE_PERSONS,
            Permission.EDIT_TEXTS,
            Permission.SET_PROCEDURES,
            Permission.SEE_OPERATION,
            Permission.EDIT_LIBRARY,
        }
    )
    | _QUALITY
)

#: Looks after a team: its citizens' protection, emergency access to their records, what was registered by mistake.
_LEADING = frozenset(
    {
        Permission.LEAD_TEAM,
        Permission.PROTECT_ADDRESSES,
        Permission.REVIEW_EMERGENCY,
        Permission.EDIT_LIBRARY,
        Permission.SET_PROCEDURES,
    }
)

#: Whoever has a role here can be told something.
_EVERYBODY = frozenset({Permission.READ_MESSAGES})
#: What is for staff is not for those who work elsewhere.
_OF_THE_HOUSE = frozenset({Permission.READ_LIBRARY})

#: What each role may do. A record is opened by a relation on top of this, never by the role alone.
PERMISSIONS: dict[Role, frozenset[Permission]] = {
    role: given | _EVERYBODY | (frozenset() if role == Role.PARTNER else _OF_THE_HOUSE)
    for role, given in {
        Role.PRACTITIONER: _CARE,
        Role.PEER_WORKER: frozenset({Permission.FOLLOW_CITIZENS}),
        Role.TEAM_LEADER: _CARE | _QUALITY | _REVIEW | _LEADING,
        Role.MANAGER: _QUALITY | _REVIEW | {Permission.REVIEW_EMERGENCY},
        Role.COORDINATOR: _QUALITY | {Permission.EDIT_LIBRARY},
        Role.SECRETARY: frozenset({Permission.REGISTER_CITIZENS, Permission.PROTECT_ADDRESSES}),
        Role.RESEARCHER: _QUALITY,
        Role.PARTNER: frozenset({Permission.SEE_SHARED}),
        Role.AUDITOR: frozenset({Permission.READ_LOG, Permission.REVIEW_LOG}),
        Role.ADMINISTRATOR: _ADMINISTRATION,
    }.items()
}

#: What somebody may do who has signed in for themselves: a citizen, a parent, a guardian.
FOR_ONESELF = frozenset({Permission.OWN_PAGES})


def roles_with(permission: Permission) -> list[Role]:
    """The roles that give a permission."""
    return [role for role, given in PERMISSIONS.items() if permission in given]
