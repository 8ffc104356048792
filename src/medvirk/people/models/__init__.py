"""Units over time, accounts, persons, roles, what opens and bars a record, and the access log."""

from medvirk.people.models.accounts import JobAccount, User, UserManager
from medvirk.people.models.closing import Death, EmergencyReview
from medvirk.people.models.consents import Consent, ConsentPurpose, ConsentText, ConsentWay
from medvirk.people.models.log import (
    AccessAction,
    AccessEvent,
    ActorKind,
    AddOnlyQuerySet,
    LogSeal,
    LogStone,
    PatternKind,
    ReviewState,
    UnusualOpening,
)
from medvirk.people.models.merging import PersonMerge, PersonMergeMove, SuspectedDuplicate, SuspicionState
from medvirk.people.models.periods import DatedQuerySet, dated
from medvirk.people.models.persons import Citizen, Grant, KeyKind, Person, PersonKey, Protection, Role, Staff
from medvirk.people.models.relations import Bar, BarKind, Basis, GuardianKind, Guardianship, Relation
from medvirk.people.models.requests import CitizenRequest, Outcome, RequestKind
from medvirk.people.models.retention import Erasure, RetentionPeriod, RetentionRun
from medvirk.people.models.rotation import RotationProgress
from medvirk.people.models.units import (
    Reorganisation,
    ReorganisationKind,
    ReorganisedRow,
    Unit,
    UnitKind,
    UnitPlace,
    UnitSuccession,
)

__all__ = [
    "AccessAction",
    "AccessEvent",
    "ActorKind",
    "AddOnlyQuerySet",
    "Bar",
    "BarKind",
    "Basis",
    "Citizen",
    "CitizenRequest",
    "Consent",
    "ConsentPurpose",
    "ConsentText",
    "ConsentWay",
    "DatedQuerySet",
    "Death",
    "EmergencyReview",
    "Erasure",
    "Grant",
    "GuardianKind",
    "Guardianship",
    "JobAccount",
    "KeyKind",
    "LogSeal",
    "LogStone",
    "Outcome",
    "PatternKind",
    "Person",
    "PersonKey",
    "PersonMerge",
    "PersonMergeMove",
    "Protection",
    "Relation",
    "Reorganisation",
    "ReorganisationKind",
    "ReorganisedRow",
    "RequestKind",
    "RetentionPeriod",
    "RetentionRun",
    "ReviewState",
    "Role",
    "RotationProgress",
    "Staff",
    "SuspectedDuplicate",
    "SuspicionState",
    "Unit",
    "UnitKind",
    "UnitPlace",
    "UnitSuccession",
    "UnusualOpening",
    "User",
    "UserManager",
    "dated",
]
