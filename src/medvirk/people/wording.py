"""What permissions and a guardian's rights mean, in plain words."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from medvirk.people.access import Permission
from medvirk.people.models import GuardianKind
from medvirk.people.queries.openings import Guards

PERMISSION_WORDS: dict[Permission, Promise] = {
    Permission.FOLLOW_CITIZENS: gettext_lazy(
        "opens the record of citizens whom a service relation ties to them or to their team, and of nobody else"
    ),
    Permission.REGISTER_CITIZENS: gettext_lazy("searches for citizens, registers them and starts relations"),
    Permission.EMERGENCY_ACCESS: gettext_lazy(
        "opens a record in an emergency, with a reason, for 60 minutes; a leader is told and the citizen can see it"
    ),
    Permission.LEAD_TEAM: gettext_lazy(
        "ties workers to citizens with a protected address, and undoes that a worker is marked as close to a citizen"
    ),
    Permission.SET_PROCEDURES: gettext_lazy(
        "decides for their units who sees to an answer about safety, and how fast, at every hour"
    ),
    Permission.PROTECT_ADDRESSES: gettext_lazy("registers that an address is protected (code 6 and 7)"),
    Permission.REVIEW_EMERGENCY: gettext_lazy(
        "sees who used emergency access in their units and why, and marks it as looked at"
    ),
    Permission.SEE_SHARED: gettext_lazy(
        "sees exactly what a citizen has shared with them, until the day the citizen chose"
    ),
    Permission.SEE_MEASURING: gettext_lazy("sees how well the questionnaires measure; no person is shown"),
    Permission.READ_LOG: gettext_lazy("searches the log of who has looked; no record is shown"),
    Permission.REVIEW_LOG: gettext_lazy(
        "goes through unusual openings by those who work in their units; no record is shown"
    ),
    Permission.SEE_OPERATION: gettext_lazy(
        "sees whether messages are sent; neither whom they are to nor what they say"
    ),
    Permission.MANAGE_UNITS: gettext_lazy("registers units and merges or splits them"),
    Permission.MANAGE_STAFF: gettext_lazy("registers staff and gives roles"),
    Permission.EDIT_TEXTS: gettext_lazy("edits the municipality's own texts"),
    Permission.MERGE_PERSONS: gettext_lazy("merges two entries that are the same person"),
    Permission.MANAGE_RETENTION: gettext_lazy("decides how long data are kept, and has them deleted"),
    Permission.READ_LIBRARY: gettext_lazy("reads guides and routines that are for staff"),
    Permission.EDIT_LIBRARY: gettext_lazy("writes guides, brochures and routines for their units"),
    Permission.READ_MESSAGES: gettext_lazy("reads messages to themselves from Medvirk"),
    Permission.OWN_PAGES: gettext_lazy("sees their own record, who has looked, and decides what is shared"),
}


def guardian_words(guards: Guards) -> str:
    """What a parent or guardian may see and decide at the citizen's age today, with the paragraph."""
    rights = guards.rights
    if guards.guardianship.kind == GuardianKind.GUARDIAN:
        if rights.sees:
            return _("Sees and decides what the mandate covers (vergemålsloven § 32).")
        return _("Sees nothing: the mandate does not cover health (vergemålsloven § 32).")
    return {
        "age not known": _("Sees nothing until the citizen's date of birth is registered."),
        "16 or older": _(
            "Sees nothing any more: from 16 a person decides about their own health (pasient- og "
            "brukerrettighetsloven § 4-3)."
        ),
        "the child does not want it told": _(
            "Sees nothing: the child, who is 12 or older, does not want it told (pasient- og "
            "brukerrettighetsloven § 3-4). Decides all the same (§ 4-4)."
        ),
        "parent of a child under 16": _(
            "Sees the record and decides, because the child is under 16 (pasient- og brukerrettighetsloven §§ 3-4 "
            "and 4-4)."
        ),
    }[rights.reason]
