"""What the pages say about messages and recurring work."""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, override

from medvirk.messages.actions.citizens import EMAIL, SMS, stop_link, words_to_citizen
from medvirk.messages.channels import channels
from medvirk.messages.kinds import CitizenKind, citizen_kind, citizen_kinds
from medvirk.messages.logic.sms import gives_up, segments
from medvirk.messages.queries import unread
from medvirk.people.access import Viewer
from medvirk.people.hooks import notice_kind

#: The links on the page about what is sent lead nowhere.
NOBODY = uuid.UUID(int=0)
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
    "address": gettext_lazy(
        "The address cannot be written to, or there is none. Correct it on the person's page."
    ),
    "gateway connection": gettext_lazy(
        "The gateway of text messages could not be reached, or hung up. Look at MEDVIRK_SMS and the gateway itself."
    ),
    "gateway tls": gettext_lazy(
        "The line to the gateway of text messages is not safe: its certificate could not be verified. "
        "Look at the host name in MEDVIRK_SMS and at SSL_CERT_FILE."
    ),
    "gateway sign in": gettext_lazy(
        "The gateway of text messages did not accept our token. Look at MEDVIRK_SMS_TOKEN_FILE."
    ),
    "gateway address": gettext_lazy(
        "There is no gateway of text messages at this address, or it has moved. Look at MEDVIRK_SMS."
    ),
    "worker ended": gettext_lazy("The worker ended each time it tried. Look in its log."),
}


def _answered(by: str, code: str) -> Promise:
    if by == "sender":
        return gettext_lazy(
            "The mail server does not accept our sender address (answer %(code)s). Look at MEDVIRK_MAIL_FROM."
        )
    if by == "smtp":
        if code.startswith("5"):
            return gettext_lazy("The mail server refused it (answer %(code)s). Is the address right?")
        return gettext_lazy("The mail server asked us to wait (answer %(code)s).")
    if gives_up(int(code)):
        return gettext_lazy("The gateway of text messages refused it (answer %(code)s). Is the number right?")
    return gettext_lazy("The gateway of text messages asked us to wait (answer %(code)s).")


def words_for_reason(reason: str) -> str:
    """Why a message did not go, and what to do; never with an address in it."""
    if reason in REASONS:
        return str(REASONS[reason])
    if found := re.fullmatch(r"(smtp|sender|gateway) (\d+)", reason):
        return str(_answered(found[1], found[2])) % {"code": found[2]}
    return _("It failed for a reason of ours (%(reason)s). Look in the worker's log.") % {"reason": reason}


def name_of_kind(code: str) -> str:
    """What messages of a kind are about; the code where no room knows it any more."""
    for_citizens = citizen_kind(code)
    if for_citizens is not None:
        return str(for_citizens.name)
    kind = notice_kind(code)
    return str(kind.subject) if kind else code


@dataclass(frozen=True)
class KindWords:
    """One kind of message to citizens as an administrator reads it; `in_each` language: (code, name, words)."""

    name: str
    in_each: tuple[tuple[str, str, Words], ...]


@dataclass(frozen=True)
class Words:
    """`segments`: how many text messages the short one takes, with facts as long as they become."""

    subject: str
    text: str
    sms: str
    segments: int


def words_of_kinds() -> list[KindWords]:
    """Every kind of message to citizens, as it is sent in each language, with examples for what is filled in."""
    return [
        KindWords(
            str(kind.name), tuple((code, str(name), _words(kind, code)) for code, name in settings.LANGUAGES)
        )
        for kind in citizen_kinds()
    ]


def _words(kind: CitizenKind, language: str) -> Words:
    link = f"{settings.ADDRESS}/…"
    with override(language):
        subject, text = words_to_citizen(kind, kind.facts, EMAIL, stop_link=link)
        _none, sms = words_to_citizen(kind, kind.facts, SMS, stop_link=stop_link(NOBODY))
        return Words(subject, text, sms.replace(stop_link(NOBODY), link), segments(sms))


def note_on_unread(viewer: Viewer) -> str:
    """How many notices wait to be read, for pages where the day begins; empty for none. One query."""
    count = unread(viewer)
    return ngettext("%(n)d new message", "%(n)d new messages", count) % {"n": count} if count else ""


def name_of_channel(code: str) -> str:
    return next((str(channel.name) for channel in channels() if channel.code == code), code)
