"""When somebody is invited to answer, and reminded of it. Worked out from facts each time: nothing is remembered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from enum import StrEnum

from medvirk.messages.logic import NORWAY, is_quiet

#: Hours. Further ahead, a weekday alone would not say which day is meant.
LONGEST_AHEAD, LONGEST_AFTER = 144, 48
#: A conversation has no end in the calendar; so long one is taken to last.
LENGTH = timedelta(hours=1)
#: Nothing is sent later than this before a conversation begins: one is on the way by then.
LEAST_AHEAD = timedelta(minutes=15)
#: Two messages about the same conversation never come closer than this.
APART = timedelta(hours=2)
#: What cannot be sent in the morning goes so long before the night begins.
BEFORE_NIGHT = timedelta(minutes=30)
#: So long after its time the message about a conversation that was is still worth sending.
AFTER_LASTS = timedelta(hours=18)
#: A link works this long after the conversation that it is about began, or its own message was sent.
LINK_LASTS = timedelta(hours=24)

Quiet = tuple[time, time]


class Kind(StrEnum):
    """`BY_HAND`: a worker pressed a button."""

    INVITATION = "invitation"
    REMINDER = "reminder"
    AFTER = "after"
    BY_HAND = "by_hand"


@dataclass(frozen=True)
class Plan:
    """What is sent in a unit. Hours; None for no such message."""

    sends: bool = False
    invite_hours: int | None = 24
    remind_hours: int | None = 3
    after_hours: int | None = None
    names_time: bool = True


@dataclass(frozen=True)
class Facts:
    """One citizen who is asked something around a conversation. `sent`: what was sent about it already, and when.

    `before`: it is asked before the conversation. `unreachable`: dead, erased, or has not said yes to messages.
    """

    starts_at: datetime
    before: bool
    answered: bool = False
    declined: bool = False
    closed: bool = False
    paused: bool = False
    cancelled: bool = False
    ended: bool = False
    unreachable: bool = False
    sent: Mapping[Kind, datetime] = field(default_factory=dict)

    @property
    def settled(self) -> bool:
        """Nothing is to be said about it any more, or nobody may say it."""
        return (
            self.answered
            or self.declined
            or self.closed
            or self.paused
            or self.cancelled
            or self.ended
            or self.unreachable
        )


@dataclass(frozen=True)
class Planned:
    """A message that is to be sent from `at` on, and is not wanted any more at `until`."""

    kind: Kind
    at: datetime
    until: datetime

    def is_due(self, now: datetime, quiet: Quiet) -> bool:
        return self.at <= now < self.until and not is_quiet(now, *quiet)


def planned(facts: Facts, plan: Plan, quiet: Quiet) -> tuple[Planned, ...]:
    """What is still to be sent, in order of time. Each kind at most once, never at night."""
    if not plan.sends or facts.settled:
        return ()
    found = _ahead(facts, plan, quiet) if facts.before else _afterwards(facts, plan, quiet)
    return tuple(each for each in found if each.at < each.until and not is_quiet(each.at, *quiet))


def _ahead(facts: Facts, plan: Plan, quiet: Quiet) -> list[Planned]:
    last = facts.starts_at - LEAST_AHEAD
    found: list[Planned] = []
    remind = None
    if plan.remind_hours is not None and Kind.REMINDER not in facts.sent:
        remind = _by_day(facts.starts_at - timedelta(hours=plan.remind_hours), last, quiet)
        if facts.sent:
            remind = _by_day(max(remind, max(facts.sent.values()) + APART), last, quiet, can_be_earlier=False)
    # What was sent by hand is an invitation too, and a reminder needs none after it.
    if plan.invite_hours is not None and not facts.sent:
        at = _by_day(facts.starts_at - timedelta(hours=plan.invite_hours), last, quiet)
        found.append(Planned(Kind.INVITATION, at, last if remind is None else min(remind, last)))
    if remind is not None:
        found.append(Planned(Kind.REMINDER, remind, last))
    return found


def _afterwards(facts: Facts, plan: Plan, quiet: Quiet) -> list[Planned]:
    if plan.after_hours is None or facts.sent:
        return []
    wanted = facts.starts_at + LENGTH + timedelta(hours=plan.after_hours)
    until = wanted + AFTER_LASTS
    return [Planned(Kind.AFTER, _by_day(wanted, until, quiet, can_be_earlier=False), until)]


def _by_day(moment: datetime, last: datetime, quiet: Quiet, *, can_be_earlier: bool = True) -> datetime:
    """The moment itself by day; for one at night the morning after or, where that is too late, the evening before."""
    if not is_quiet(moment, *quiet):
        return moment
    evening, morning = _night_around(moment, quiet)
    return morning if morning < last or not can_be_earlier else evening - BEFORE_NIGHT


def _night_around(moment: datetime, quiet: Quiet) -> tuple[datetime, datetime]:
    """When the quiet hours that a moment lies in begin and end, by the clock on the wall in Norway."""
    begins, ends = quiet
    local = moment.astimezone(NORWAY)
    first = last = local.date()
    if begins > ends:
        if local.time() >= begins:
            last += timedelta(days=1)
        else:
            first -= timedelta(days=1)
    utc = moment.tzinfo
    return (
        datetime.combine(first, begins, NORWAY).astimezone(utc),
        datetime.combine(last, ends, NORWAY).astimezone(utc),
    )


def longest_night(quiet: Quiet) -> timedelta:
    """By so much at most a message goes earlier than it was planned."""
    begins, ends = (timedelta(hours=each.hour, minutes=each.minute) for each in quiet)
    return (ends - begins) % timedelta(days=1) + BEFORE_NIGHT + timedelta(hours=1)


def when_it_goes(now: datetime, quiet: Quiet) -> datetime:
    """When a message that is asked for now leaves the house: at once, or in the morning."""
    return _night_around(now, quiet)[1] if is_quiet(now, *quiet) else now


def link_ends(starts_at: datetime, now: datetime) -> datetime:
    """Until when the link in a message that is made now works."""
    return max(starts_at, now) + LINK_LASTS


PLACEHOLDERS = ("{link}", "{when}")
LONGEST_TEXT = 300


def faulty_placeholder(text: str) -> str:
    """What is wrong with what is filled in in a text: `no link`, `two links`, `unknown`; empty for nothing."""
    if "{link}" not in text:
        return "no link"
    if text.count("{link}") > 1:
        return "two links"
    rest = text
    for name in PLACEHOLDERS:
        rest = rest.replace(name, "")
    return "unknown" if "{" in rest or "}" in rest else ""


def filled(text: str, *, link: str, when: str) -> str:
    """The text of a message, on one line: a text message costs by its length."""
    return " ".join(text.replace("{when}", when).replace("{link}", link).split())
