"""How strongly somebody has signed in, and how strongly they must.

Whoever may open a record, find people or change who may, needs two factors: a password and a code or a passkey, a
passkey that asks for a finger or a PIN, or a provider that says it has asked for two. Only what shows no person
(`ONE_IS_ENOUGH`) is open by a password alone; a permission that is new needs two until somebody decides otherwise.
"""

from __future__ import annotations

from enum import StrEnum

from django.conf import settings
from django.http import HttpRequest

from medvirk.people.access import Permission

SESSION_KEY = "level"

#: Figures from everybody together, and texts that everybody reads.
ONE_IS_ENOUGH = frozenset({Permission.SEE_MEASURING, Permission.EDIT_TEXTS})


class Level(StrEnum):
    PASSWORD = "password"  # noqa: S105  a name, not a password
    TWO_FACTORS = "two factors"


def set_level(request: HttpRequest, level: Level) -> None:
    request.session[SESSION_KEY] = level


def needs_two(permissions: frozenset[str]) -> bool:
    """Does somebody with these permissions need two factors?"""
    return bool(permissions - ONE_IS_ENOUGH)


def lacks_a_factor(request: HttpRequest) -> bool:
    """Is the one who has signed in not yet let in, for want of a second factor?"""
    if settings.STAFF_LEVEL != "two" or request.session.get(SESSION_KEY) == Level.TWO_FACTORS:
        return False
    return needs_two(request.viewer.permissions)
