"""Who may do what, and why: roles and permissions in code, decisions with a reason, every opening logged."""

from medvirk.people.access.decisions import (
    Record,
    can,
    citizens_closed_to,
    citizens_of,
    citizens_open_to,
    facts_of,
    relations_of,
    shared_with,
)
from medvirk.people.access.declaring import EVERYONE, SIGNED_IN, for_everyone, for_signed_in, needs
from medvirk.people.access.log import log_access, log_listing, open_record
from medvirk.people.access.permissions import FOR_ONESELF, PERMISSIONS, Permission, roles_with
from medvirk.people.access.viewer import Viewer, viewer_for
from medvirk.people.logic import Decision

__all__ = [
    "EVERYONE",
    "FOR_ONESELF",
    "PERMISSIONS",
    "SIGNED_IN",
    "Decision",
    "Permission",
    "Record",
    "Viewer",
    "can",
    "citizens_closed_to",
    "citizens_of",
    "citizens_open_to",
    "facts_of",
    "for_everyone",
    "for_signed_in",
    "log_access",
    "log_listing",
    "needs",
    "open_record",
    "relations_of",
    "roles_with",
    "shared_with",
    "viewer_for",
]
