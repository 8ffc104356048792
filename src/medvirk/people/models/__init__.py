"""Units over time, accounts, persons, roles, what opens and bars a record, and the access log."""

from medvirk.people.models.accounts import User, UserManager
from medvirk.people.models.log import AccessAction, AccessEvent, AddOnlyQuerySet
from medvirk.people.models.periods import DatedQuerySet, dated
from medvirk.people.models.persons import Citizen, Grant, KeyKind, Person, PersonKey, Protection, Role, Staff
from medvirk.people.models.relations import Bar, BarKind, Basis, GuardianKind, Guardianship, Relation
from medvirk.people.models.units import Unit, UnitKind

__all__ = [
    "AccessAction",
    "AccessEvent",
    "AddOnlyQuerySet",
    "Bar",
    "BarKind",
    "Basis",
    "Citizen",
    "DatedQuerySet",
    "Grant",
    "GuardianKind",
    "Guardianship",
    "KeyKind",
    "Person",
    "PersonKey",
    "Protection",
    "Relation",
    "Role",
    "Staff",
    "Unit",
    "UnitKind",
    "User",
    "UserManager",
    "dated",
]
