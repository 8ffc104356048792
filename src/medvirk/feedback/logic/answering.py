"""How asking went: what came of each form, counted so that nobody who was excused counts as not having answered."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum


class Way(StrEnum):
    """What came of asking one citizen at one conversation."""

    ANSWERED = "answered"
    DECLINED = "declined"
    PAUSED = "paused"
    CANCELLED = "cancelled"
    NOT_ASKED = "not_asked"
    NOT_ANSWERED = "not_answered"


#: Where an answer could have come. A share of answers is a share of these.
COULD_ANSWER = (Way.ANSWERED, Way.DECLINED, Way.NOT_ANSWERED)


@dataclass(frozen=True)
class Around:
    """What is known of one citizen at one conversation, at one moment of it.

    `asked`: the form of the course was asked there, not only something beside it.
    """

    asked: bool
    answered: bool
    declined: bool
    paused: bool
    cancelled: bool


def way_of(around: Around) -> Way:
    """What was answered is answered, whatever else holds; a conversation that was not is nobody's to answer about."""
    if around.answered and around.asked:
        return Way.ANSWERED
    if around.cancelled:
        return Way.CANCELLED
    if around.paused:
        return Way.PAUSED
    if not around.asked:
        return Way.NOT_ASKED
    return Way.DECLINED if around.declined else Way.NOT_ANSWERED


@dataclass(frozen=True)
class Tally:
    """How many of each way."""

    answered: int = 0
    declined: int = 0
    paused: int = 0
    cancelled: int = 0
    not_asked: int = 0
    not_answered: int = 0

    @property
    def could_answer(self) -> int:
        """The n that a share of answers is of."""
        return self.answered + self.declined + self.not_answered


def tally(arounds: Iterable[Around]) -> Tally:
    """Count them."""
    counted = Counter(way_of(each) for each in arounds)
    return Tally(**{str(way): counted[way] for way in Way})
