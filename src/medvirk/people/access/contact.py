"""How to reach a citizen, and where they get help: shown, or hidden where the address is protected.

Nothing else reads a citizen's phone, e-mail or place for a page, a list or an export.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import Http404
from django.utils.translation import gettext as _

from medvirk.people.access.decisions import can, facts_of
from medvirk.people.access.log import log_access
from medvirk.people.access.permissions import Permission
from medvirk.people.access.viewer import Viewer
from medvirk.people.models import AccessAction, Citizen, Protection, Unit

#: The part that a citizen shares when a partner may reach them, and what opening it is called in the log.
CONTACT = "people.contact"


@dataclass(frozen=True)
class Contact:
    phone: str
    email: str
    hidden = False


@dataclass(frozen=True)
class Hidden:
    """`may_show`: the viewer may ask for it, which is logged by itself. `strict`: code 6."""

    strict: bool
    may_show: bool
    hidden = True


def contact_of(viewer: Viewer, citizen: Citizen) -> Contact | Hidden:
    """How to reach the citizen, as far as the viewer is shown it unasked. No query after `can`."""
    person = citizen.person
    (facts,) = facts_of(viewer, [citizen.pk])
    strict = person.protection == Protection.STRICT
    if not person.protection:
        sees = (
            can(viewer, Permission.FOLLOW_CITIZENS, citizen).allowed
            or can(viewer, Permission.SEE_SHARED, citizen, part=CONTACT).allowed
            or can(viewer, Permission.OWN_PAGES, citizen).allowed
        )
        return Contact(person.phone, person.email) if sees else Hidden(strict, may_show=False)
    if facts.own_account:
        return Contact(person.phone, person.email)
    works_with = any(tie.basis == "service" and tie.own for tie in facts.ties)
    may_show = works_with and can(viewer, Permission.FOLLOW_CITIZENS, citizen).allowed
    return Hidden(strict, may_show)


def open_contact(viewer: Viewer, citizen: Citizen) -> Contact:
    """The contact of a citizen with a protected address, for a worker of theirs who asks; logged by itself.

    Raises:
        Http404: it is not the viewer's to see.
    """
    contact = contact_of(viewer, citizen)
    if isinstance(contact, Hidden):
        if not contact.may_show:
            raise Http404
        contact = Contact(citizen.person.phone, citizen.person.email)
    reason = can(viewer, Permission.FOLLOW_CITIZENS, citizen).reason
    log_access(viewer, [citizen.pk], CONTACT, action=AccessAction.OPENED, basis=reason)
    return contact


def place_of(viewer: Viewer, citizen: Citizen, unit: Unit) -> str:
    """The name of the team or department that helps the citizen: it tells where they can be found.

    Where the address is protected only the citizen reads it, and workers on the page with the contact.
    """
    if citizen.person.protection and citizen.person_id != viewer.own_person_id:
        return _("hidden: protected address")
    return unit.name
