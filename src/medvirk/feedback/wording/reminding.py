"""What invitations and reminders say, and what is said about them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise, lazy
from django.utils.translation import get_language, gettext, gettext_lazy, override

from medvirk.feedback.logic.reminding import LONGEST_TEXT, Kind, Plan, Planned, faulty_placeholder
from medvirk.feedback.queries.reminder_texts import INVITATION, Written, text_key, text_of
from medvirk.feedback.queries.reminding import Sent
from medvirk.messages.actions.citizens import SMS, stop_link, words_to_citizen
from medvirk.messages.kinds import CitizenKind
from medvirk.messages.logic import NORWAY
from medvirk.messages.logic.sms import segments
from medvirk.messages.logic.telling import telling_word
from medvirk.messages.models import State
from medvirk.messages.wording import NOBODY

#: The link of an example, as long as they become.
EXAMPLE_LINK = "https://medvirk.fjordvik.no/a/" + "x" * 32 + "/"
#: A Thursday, whose name is as long as any.
EXAMPLE_TIME = datetime(2026, 11, 26, 10, tzinfo=NORWAY)


def text_fault(text: str) -> str:
    """What is wrong with a text that a unit has written, as a sentence; empty for nothing."""
    found = faulty_placeholder(text)
    if found == "no link":
        return gettext("The text must hold {link}, where the link to the questions is put in.")
    if found == "two links":
        return gettext("Write {link} once only.")
    if found:
        return gettext("Only {link} and {when} are filled in. Take other braces out.")
    if len(text) > LONGEST_TEXT:
        return gettext("This is too long for a text message. Write at most 300 characters.")
    if word := telling_word(text):
        return gettext(
            "“%(word)s” tells whoever sees the phone something about health. Write it without that word."
        ) % {"word": word}
    return ""


def _example() -> str:
    return text_of(
        INVITATION, get_language() or "nb", written={}, above=(), starts_at=EXAMPLE_TIME, link=EXAMPLE_LINK
    )


_lazy_example = lazy(_example, str)


def citizen_kinds() -> list[CitizenKind]:
    """Messages to citizens as the outbox knows them; their words are made here, by unit and language."""
    names = {
        Kind.INVITATION: gettext_lazy("Invitation to answer before a conversation"),
        Kind.REMINDER: gettext_lazy("Reminder to answer before a conversation"),
        Kind.AFTER: gettext_lazy("Invitation to answer after a conversation"),
        Kind.BY_HAND: gettext_lazy("Invitation to answer, sent by a worker"),
    }
    subject = gettext_lazy("Some questions for you")
    return [
        CitizenKind(f"feedback.{kind}", name, subject, "%(words)s", "%(words)s", {"words": _lazy_example()})
        for kind, name in names.items()
    ]


BY_CHANNEL: Mapping[str, str | Promise] = {
    "sms": gettext_lazy("by text message"),
    "email": gettext_lazy("by e-mail"),
}
WHY_NOT: Mapping[str, str | Promise] = {
    "no consent": gettext_lazy("Not sent: has not said yes to messages"),
    "no address": gettext_lazy("Not sent: no number or e-mail known"),
    "no channel": gettext_lazy("Not sent: this installation has no way to send it"),
    "no longer here": gettext_lazy("Not sent"),
}


def sent_in_words(sent: Sent) -> str:
    """What became of a message, and no more than is known."""
    if sent.reminder.why_not:
        return str(WHY_NOT.get(sent.reminder.why_not, WHY_NOT["no longer here"]))
    facts = {"how": BY_CHANNEL.get(sent.reminder.channel, sent.reminder.channel)}
    known = sent.delivery
    at = known.at if known and known.at else sent.reminder.made_at
    facts["when"] = short_time(at)
    told = str(_became(known.state if known else None, sent.reminder.channel)) % facts
    if not sent.about_another_time:
        return told
    return gettext("%(told)s. It was about the time before the conversation was moved") % {"told": told}


BECAME: Mapping[State, str | Promise] = {
    State.WAITING: gettext_lazy("Is on its way %(how)s, %(when)s"),
    State.CLAIMED: gettext_lazy("Is on its way %(how)s, %(when)s"),
    State.SENT: gettext_lazy("Sent %(how)s %(when)s. Not reported as delivered yet"),
    State.DELIVERED: gettext_lazy("Sent %(how)s, delivered %(when)s"),
    State.UNDELIVERED: gettext_lazy("Could not be delivered %(how)s. Is the number or address right?"),
    State.FAILED: gettext_lazy("Could not be delivered %(how)s. Is the number or address right?"),
    State.FILED: gettext_lazy(
        "Not sent: written to a file %(when)s, because nothing to send it by is set up"
    ),
    State.EXPIRED: gettext_lazy("Not sent: it was too late"),
    State.CANCELLED: gettext_lazy("Not sent: called off"),
}


def _became(state: State | None, channel: str) -> str:
    if state == State.SENT and channel == "email":
        return gettext("Handed to the mail server %(when)s. Nobody knows whether it was read")
    if state is None:
        return gettext("Queued %(how)s %(when)s. What became of it is not kept any more")
    return str(BECAME[state])


def own_sent_in_words(sent: Sent) -> str:
    """The same to the one it was sent to."""
    facts = {"how": BY_CHANNEL.get(sent.reminder.channel, ""), "when": short_time(sent.reminder.made_at)}
    state = sent.delivery.state if sent.delivery else None
    if state in {State.CANCELLED, State.EXPIRED}:
        return gettext("%(when)s: a message %(how)s that was called off") % facts
    if state in {State.FAILED, State.UNDELIVERED}:
        return gettext("%(when)s: a message %(how)s that did not reach you") % facts
    return gettext("%(when)s: a message %(how)s") % facts


def coming_in_words(coming: Planned, now: datetime) -> str:
    """When a message will go."""
    if coming.at <= now:
        return gettext("A message goes within minutes")
    return gettext("A message goes %(when)s") % {"when": short_time(coming.at)}


def short_time(moment: datetime) -> str:
    """As 24.11. 09:00, by the clock in Norway."""
    return date_format(timezone.localtime(moment), "j.n. H:i")


def preview(language: str, plan: Plan, *, written: Written, above: Sequence[UUID]) -> list[tuple[Kind, str]]:
    """What is sent in a unit, in a language, with an example of time and link."""
    kinds = {
        Kind.INVITATION: plan.invite_hours,
        Kind.REMINDER: plan.remind_hours,
        Kind.AFTER: plan.after_hours,
    }
    return [
        (
            kind,
            text_of(
                text_key(kind, before=kind is not Kind.AFTER, names_time=plan.names_time),
                language,
                written=written,
                above=above,
                starts_at=EXAMPLE_TIME,
                link=EXAMPLE_LINK,
            ),
        )
        for kind, hours in kinds.items()
        if hours is not None
    ]


def text_sizes(text: str, language: str) -> tuple[int, int]:
    """How many text messages it takes, and how many as the first one in a course, which says how to stop them."""
    kind = citizen_kinds()[0]
    with override(language):
        _none, first = words_to_citizen(kind, {"words": text}, SMS, stop_link=stop_link(NOBODY))
    return segments(text), segments(first)
