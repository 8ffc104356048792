"""What the pages say about messages and recurring work."""

from __future__ import annotations

import re

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from medvirk.messages.channels import channels
from medvirk.messages.queries import unread
from medvirk.people.access import Viewer
from medvirk.people.hooks import notice_kind

REASONS: dict[str, str | Promise] = {
    "connection": gettext_lazy(
        "The mail server could not be reached, or hung up. Look at MEDVIRK_SMTP and the server itself."
    ),
    "tls": gettext_lazy(
        "The line to the mail server is not safe: its certificate could not be verified. "
        "Look at the host name in MEDVIRK_SMTP and at SSL_CERT_FILE."
    ),
    "sign in": gettext_lazy(
        "The mail server did not accept our sign-in. Look at the user and the password file."
    ),
    "not supported": gettext_lazy(
        "The mail server cannot do what we ask for, such as STARTTLS. Look at MEDVIRK_SMTP."
    ),
    "address": gettext_lazy("The address cannot be written to. Correct it on the staff member's page."),
    "worker ended": gettext_lazy("The worker ended each time it tried. Look in its log."),
}


def words_for_reason(reason: str) -> str:
    """Why a message did not go, and what to do; never with an address in it."""
    if reason in REASONS:
        return str(REASONS[reason])
    if found := re.fullmatch(r"(smtp|sender) (\d+)", reason):
        if found[1] == "sender":
            return _(
                "The mail server does not accept our sender address (answer %(code)s). Look at MEDVIRK_MAIL_FROM."
            ) % {"code": found[2]}
        if found[2].startswith("5"):
            return _("The mail server refused it (answer %(code)s). Is the address right?") % {
                "code": found[2]
            }
        return _("The mail server asked us to wait (answer %(code)s).") % {"code": found[2]}
    return _("It failed for a reason of ours (%(reason)s). Look in the worker's log.") % {"reason": reason}


def name_of_kind(code: str) -> str:
    """What messages of a kind are about; the code where no room knows it any more."""
    kind = notice_kind(code)
    return str(kind.subject) if kind else code


def note_on_unread(viewer: Viewer) -> str:
    """How many notices wait to be read, for pages where the day begins; empty for none. One query."""
    count = unread(viewer)
    return ngettext("%(n)d new message", "%(n)d new messages", count) % {"n": count} if count else ""


def name_of_channel(code: str) -> str:
    return next((str(channel.name) for channel in channels() if channel.code == code), code)
