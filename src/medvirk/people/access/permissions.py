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


_CARE = frozenset({Permission.FOLLOW_CITIZENS, Permission.REGISTER_CITIZENS, Permission.EMERGENCY_ACCESS})
#: How well the questionnaires measure here, from all answers together: it shows no person.
_QUALITY = frozenset({Permission.SEE_MEASURING})
_ADMINISTRATION = (
    frozenset(
        {
            Permission.MANAGE_UNITS,
            Permission.MANAGE_STAFF,
            Permission.MANAGE_RETENTION,
            Permission.MERGE_PERSONS,
            Permission.EDIT_TEXTS,
        }
    )
    | _QUALITY
)

#: What each role may do. A record is opened by a relation on top of this, never by the role alone.
PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.PRACTITIONER: _CARE,
    Role.PEER_WORKER: frozenset({Permission.FOLLOW_CITIZENS}),
    Role.TEAM_LEADER: _CARE | _QUALITY,
    Role.MANAGER: _QUALITY,
    Role.COORDINATOR: _QUALITY,
    Role.SECRETARY: frozenset({Permission.REGISTER_CITIZENS}),
    Role.RESEARCHER: _QUALITY,
    Role.PARTNER: frozenset({Permission.SEE_SHARED}),
    Role.AUDITOR: frozenset({Permission.READ_LOG}),
    Role.ADMINISTRATOR: _ADMINISTRATION,
}

#: What somebody may do who has signed in for themselves: a citizen, a parent, a guardian.
FOR_ONESELF = frozenset({Permission.OWN_PAGES})


def roles_with(permission: Permission) -> list[Role]:
    """The roles that give a permission."""
    return [role for role, given in PERMISSIONS.items() if permission in given]
