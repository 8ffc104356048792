"""Which parts of a conversation, or of a course, a worker takes over into the municipality's own record system."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class JournalPart(StrEnum):
    """In the order in which a summary says them."""

    CONTACT = "contact"
    SCORES = "scores"
    EXPECTED = "expected"
    SIGNALS = "signals"
    GOALS = "goals"
    EVENTS = "events"
    OWN_WORDS = "own_words"
    SAFETY = "safety"
    NEXT = "next"


#: Ticked until the worker has chosen: what a record must say of help that was given, and nothing of private life.
TICKED_AT_FIRST = (
    JournalPart.CONTACT,
    JournalPart.SCORES,
    JournalPart.SIGNALS,
    JournalPart.GOALS,
    JournalPart.SAFETY,
    JournalPart.NEXT,
)
#: Ticked anew each time: what somebody wrote in confidence goes no further because of what was ticked last week.
NEVER_REMEMBERED = frozenset({JournalPart.OWN_WORDS})


def parts_of(codes: Iterable[str]) -> tuple[JournalPart, ...]:
    """The parts of these codes, in their order; a code that is no part any more is left out."""
    known = set(codes)
    return tuple(part for part in JournalPart if part in known)


def to_remember(parts: Iterable[JournalPart]) -> list[str]:
    """What is ticked for the worker the next time."""
    return [str(part) for part in parts_of(parts) if part not in NEVER_REMEMBERED]
