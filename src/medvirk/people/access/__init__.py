"""Who may do what, and why: roles and permissions in code, decisions with a reason, every opening logged."""

from medvirk.people.access.contact import CONTACT, Contact, Hidden, contact_of, open_contact, place_of
from medvirk.people.access.decisions import (
    Record,
    can,
    citizens_closed_to,
    citizens_of,
    citizens_open_to,
    citizens_sharing,
    facts_of,
    may_tell_wish,
    partner_staff,
    partner_units,
    relations_of,
    shared_with,
)
from medvirk.people.access.declaring import (
    EVERYONE,
    SIGNED_IN,
    View,
    for_everyone,
    for_signed_in,
    logs_if_shown,
    needs,
)
from medvirk.people.access.log import actor_of, log_access, log_house, log_listing, open_record
from medvirk.people.access.permissions import FOR_ONESELF, PERMISSIONS, Permission, roles_with
from medvirk.people.access.viewer import Viewer, viewer_for
from medvirk.people.logic import Decision

__all__ = [
    "CONTACT",
    "EVERYONE",
    "FOR_ONESELF",
    "PERMISSIONS",
    "SIGNED_IN",
    "Contact",
    "Decision",
    "Hidden",
    "Permission",
    "Record",
    "View",
    "Viewer",
    "actor_of",
    "can",
    "citizens_closed_to",
    "citizens_of",
    "citizens_open_to",
    "citizens_sharing",
    "contact_of",
    "facts_of",
    "for_everyone",
    "for_signed_in",
    "log_access",
    "log_house",
    "log_listing",
    "logs_if_shown",
    "may_tell_wish",
    "needs",
    "open_contact",
    "open_record",
    "partner_staff",
    "partner_units",
    "place_of",
    "relations_of",
    "roles_with",
    "shared_with",
    "viewer_for",
]
