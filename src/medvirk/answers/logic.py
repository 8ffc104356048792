"""Pure decisions about asking and answering: is the way in open, and what do the sent values say."""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.translation import gettext

from medvirk.instruments.definitions import Format, Instrument, Item, ItemWording

OWN_WORDS_MOST = 2000
NUMBER = re.compile(r"[+-]?[0-9]+([.,][0-9]+)?")


class State(StrEnum):
    """What somebody who follows an answer link meets."""

    OPEN = "open"
    NOT_YET = "not_yet"
    CLOSED = "closed"
    ANSWERED = "answered"
    EXPIRED = "expired"
    REVOKED = "revoked"


def state_of(
    *,
    now: datetime,
    opens_at: datetime,
    closes_at: datetime | None,
    expires_at: datetime,
    revoked_at: datetime | None,
    answered: bool,
) -> State:
    """The state of a link at `now`. That it is answered comes first: the one who answered must hear that it arrived."""
    if answered:
        return State.ANSWERED
    if revoked_at is not None and revoked_at <= now:
        return State.REVOKED
    if expires_at <= now:
        return State.EXPIRED
    if now < opens_at:
        return State.NOT_YET
    if closes_at is not None and closes_at <= now:
        return State.CLOSED
    return State.OPEN


def hash_token(token: str) -> str:
    """64 hexadecimal digits. The token has 192 random bits, so a plain hash cannot be run backwards."""
    return hashlib.sha256(token.encode()).hexdigest()


class Problem(StrEnum):
    NOT_A_NUMBER = "not_a_number"
    OUTSIDE = "outside"
    TOO_LONG = "too_long"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Fault:
    """One sent value that cannot be taken: where, what it was, and why."""

    field: str
    value: str
    problem: Problem


Value = float | str


@dataclass(frozen=True)
class Topic:
    """Something of the citizen's own that an instrument asks about, in their words: a goal."""

    id: uuid.UUID
    words: str


@dataclass(frozen=True)
class Asked:
    """An instrument as it is shown: in which language, and about what of the citizen's own."""

    instrument: Instrument
    language: str
    topic: Topic | None = None

    def field(self, item: Item) -> str:
        """Name of the item's field on the answering page."""
        name = f"{self.instrument.key}.{item.key}"
        return f"{name}.{self.topic.id}" if self.topic else name


def readable(text: str) -> str:
    """Without signs that no one can see or write, such as NUL; line breaks and tabs stay."""
    return "".join(sign for sign in text if sign in "\n\t" or unicodedata.category(sign) != "Cc")


def read_values(asked: Asked, sent: Mapping[str, str]) -> tuple[dict[str, Value], list[Fault]]:
    """Answers to one instrument from a sent form.

    An empty or absent field is unanswered and is left out. Returns the values by item key, and every fault.
    """
    values: dict[str, Value] = {}
    faults: list[Fault] = []
    for item in asked.instrument.items:
        name = asked.field(item)
        raw = readable(sent.get(name, "")).strip()
        if not raw:
            continue
        read = _read(item, raw)
        if isinstance(read, Problem):
            faults.append(Fault(name, raw[:60], read))
        else:
            values[item.key] = read
    return values, faults


def _read(item: Item, raw: str) -> Value | Problem:
    if item.format is Format.TEXT:
        return raw if len(raw) <= OWN_WORDS_MOST else Problem.TOO_LONG
    if not NUMBER.fullmatch(raw):
        return Problem.NOT_A_NUMBER
    number = float(raw.replace(",", "."))
    if not math.isfinite(number):
        return Problem.NOT_A_NUMBER
    return number if _allowed(item, number) else Problem.OUTSIDE


def _allowed(item: Item, number: float) -> bool:
    if item.format is Format.YESNO:
        return number in {0.0, 1.0}
    if item.format is Format.LIKERT:
        return number in item.options
    return (item.low is None or number >= item.low) and (item.high is None or number <= item.high)


def line_marks(item: Item) -> list[str]:
    """The eleven places of a line, as they are chosen without script and numbered on paper."""
    low, high = item.low or 0.0, item.high or 10.0
    return [f"{low + (high - low) * step / 10:g}" for step in range(11)]


def options_of(item: Item, wording: ItemWording) -> list[tuple[str, str]]:
    """(value, label) of what can be chosen; empty for lines, numbers and texts."""
    if item.format is Format.LIKERT:
        return [(f"{value:g}", label) for value, label in zip(item.options, wording.options, strict=True)]
    if item.format is Format.YESNO:
        return [("1", gettext("Yes")), ("0", gettext("No"))]
    return []
