"""The access log in plain words: who did what with whose record, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from medvirk.people import hooks
from medvirk.people.models import AccessAction, AccessEvent

Words = Mapping[str, Promise]

#: As the citizen reads it.
DONE_TO_YOU: Words = {
    AccessAction.OPENED: gettext_lazy("%(who)s looked at %(what)s"),
    AccessAction.SEARCHED: gettext_lazy("%(who)s searched for you"),
    AccessAction.CREATED: gettext_lazy("%(who)s registered %(what)s"),
    AccessAction.CHANGED: gettext_lazy("%(who)s changed %(what)s"),
    AccessAction.EXPORTED: gettext_lazy("%(who)s took out a copy of %(what)s"),
    AccessAction.LISTED: gettext_lazy("%(who)s read this log"),
    AccessAction.TRIED: gettext_lazy("%(who)s tried to open your record, and was refused"),
}
#: As workers read it.
DONE: Words = {
    **DONE_TO_YOU,
    AccessAction.SEARCHED: gettext_lazy("%(who)s searched for the citizen"),
    AccessAction.TRIED: gettext_lazy("%(who)s tried to open the record, and was refused"),
}
#: What the citizen did themselves.
DONE_BY_YOU: Words = {
    AccessAction.OPENED: gettext_lazy("You looked at %(what)s"),
    AccessAction.CREATED: gettext_lazy("You registered %(what)s"),
    AccessAction.CHANGED: gettext_lazy("You changed %(what)s"),
    AccessAction.EXPORTED: gettext_lazy("You took out a copy of %(what)s"),
}
BECAUSE_OF_YOU: Words = {
    "service:own": gettext_lazy("because they have a service relation with you"),
    "service:team": gettext_lazy("because their team has a service relation with you"),
    "consent:own": gettext_lazy("because you have shared it with them"),
    "consent:team": gettext_lazy("because you have shared it with where they work"),
    "emergency:own": gettext_lazy("in an emergency"),
    "emergency:team": gettext_lazy("in an emergency"),
    "consent": gettext_lazy("in the list of what is shared with them"),
    "close": gettext_lazy("because they said that they know you"),
    "member:joined": gettext_lazy("when somebody joined the course of help"),
    "member:left": gettext_lazy("when somebody left the course of help"),
    "proxy:withdrawn": gettext_lazy("because somebody else is no longer asked about it"),
    "help:noted": gettext_lazy("to note who helped with the answers"),
    "relation": gettext_lazy("because a service relation opens it"),
    "supervision": gettext_lazy("in the supervision of the team"),
    "mistake": gettext_lazy("because it was registered by mistake"),
    "erasure": gettext_lazy("because it was decided to erase it"),
    "review": gettext_lazy("to look at how emergency access was used"),
    "list": gettext_lazy("in the list of those they help"),
    "search:national_id": gettext_lazy("by national identity number"),
    "search:phone": gettext_lazy("by phone number"),
    "search:name_and_birth_date": gettext_lazy("by name and date of birth"),
    "search:name": gettext_lazy("by name"),
    "register": gettext_lazy("when you were registered here"),
    "start": gettext_lazy("when they started a service relation with you"),
    "command line": gettext_lazy("at import or set-up"),
    "import": gettext_lazy("at import or set-up"),
    "own:sms": gettext_lazy("by text message from your phone"),
    "own:link": gettext_lazy("by the link in a message to you"),
    "audit": gettext_lazy("to check that nobody looks without a reason"),
    "twice": gettext_lazy("to see whether somebody is registered twice"),
    "merge": gettext_lazy("when two records of one person were put together"),
    "merge alone": gettext_lazy(
        "when two records of one person were put together, by one administrator alone, as there was no other"
    ),
    "merge proposed": gettext_lazy("when it was proposed to put two records together"),
    "merge declined": gettext_lazy("when it was decided not to put two records together"),
    "merge undone": gettext_lazy("when two records were taken apart again"),
    "refused:barred": gettext_lazy("because the record is closed to them"),
    "refused:own record": gettext_lazy("because nobody opens their own record at work"),
}
BECAUSE: Words = {
    **BECAUSE_OF_YOU,
    "service:own": gettext_lazy("because they have a service relation"),
    "service:team": gettext_lazy("because their team has a service relation"),
    "consent:own": gettext_lazy("because the citizen has shared it with them"),
    "consent:team": gettext_lazy("because the citizen has shared it with where they work"),
    "own:sms": gettext_lazy("by text message from the citizen's phone"),
    "own:link": gettext_lazy("by the link in a message to the citizen"),
    "close": gettext_lazy("because they said that they know the citizen"),
    "register": gettext_lazy("when the citizen was registered"),
    "start": gettext_lazy("when they started a service relation"),
}
#: Said by the rest of the sentence already.
UNSAID = {
    "own:self",
    "own:guardian",
    # What was set for a unit: the part that was changed says it.
    "columns",
    "procedure",
    "reminders",
    "schedule",
    "unit",
}


@dataclass(frozen=True)
class Who:
    """Whoever did it, in words. `is_you`: the one who reads; `speaks_for`: a parent or guardian."""

    words: str
    is_you: bool = False


def sentence(event: AccessEvent, who: Who, *, to_citizen: bool) -> str:
    """One line of the log as a sentence; `to_citizen` speaks to the citizen, else about them."""
    part = hooks.own_name_of_part(event.what) if to_citizen else hooks.name_of_part(event.what)
    done = DONE_TO_YOU if to_citizen else DONE
    if who.is_you and event.action in DONE_BY_YOU:
        done = DONE_BY_YOU
    did = str(done[event.action]) % {"who": who.words, "what": part}
    because = _because(event.basis, BECAUSE_OF_YOU if to_citizen else BECAUSE)
    text = _("%(did)s, %(because)s.") % {"did": did, "because": because} if because else f"{did}."
    return text[:1].upper() + text[1:]


def _because(basis: str, words: Words) -> str:
    if basis in UNSAID:
        return ""
    # A reason that nobody has given words for is shown as it stands, so that the log hides nothing.
    return str(words.get(basis, basis))
