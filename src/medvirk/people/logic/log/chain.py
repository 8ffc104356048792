"""Rows, the seals over them, and the lines outside: how each is written so that a code can be made of it.

Nothing here knows a key: codes are made by a function that is handed in, `mac(kind, text)`.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

Mac = Callable[[str, str], str]
Ranges = tuple[tuple[int, int], ...]


def event_text(nonce: str, at: datetime, *texts: str) -> str:
    """What the code of a row covers; no two rows have the same."""
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    return json.dumps([nonce, moment, *texts], ensure_ascii=False, separators=(",", ":"))


def ranges_text(ids: Iterable[int]) -> str:
    """Ascending ids as "17-40,42"."""
    found: list[list[int]] = []
    for each in ids:
        if found and each == found[-1][1] + 1:
            found[-1][1] = each
        else:
            found.append([each, each])
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in found)


def parse_ranges(text: str) -> Ranges:
    """The ranges of "17-40,42".

    Raises:
        ValueError: it is something else, or they do not ascend.
    """
    found = []
    for part in text.split(","):
        first, _dash, last = part.partition("-")
        found.append((int(first), int(last or first)))
    flat = [end for pair in found for end in pair]
    if flat != sorted(flat):
        raise ValueError("The ranges do not ascend.")
    return tuple(found)


def count_of(ranges: Ranges) -> int:
    return sum(last - first + 1 for first, last in ranges)


@dataclass(frozen=True)
class Row:
    """A row of the log. `text`: what its code covers; `found`: whether its hashes are those of its ids."""

    id: int
    at: datetime
    text: str
    mac: str
    found: bool = True


@dataclass(frozen=True)
class Seal:
    """A link of the chain, in the database or as a line outside it."""

    number: int
    ids: str
    rows: int
    total: int
    digest: str
    sealed_at: datetime
    mac: str

    def text(self, previous_mac: str) -> str:
        moment = self.sealed_at.astimezone(UTC).isoformat(timespec="microseconds")
        whole = [self.number, self.ids, self.rows, self.total, self.digest, moment, previous_mac]
        return json.dumps(whole, separators=(",", ":"))


@dataclass(frozen=True)
class Stone:
    """All seals to `up_to` were removed with their rows, by a rule."""

    up_to: int
    last_id: int
    total: int
    last_mac: str
    removed_at: datetime
    rule: str
    mac: str

    def text(self) -> str:
        moment = self.removed_at.astimezone(UTC).isoformat(timespec="microseconds")
        return json.dumps(
            [self.up_to, self.last_id, self.total, self.last_mac, moment, self.rule], separators=(",", ":")
        )


@dataclass(frozen=True)
class Accepted:
    """A line outside: somebody has looked at how the lines above differ from the database, and said why.

    `number` is the last seal of the database then: from there on the two are compared again.
    """

    number: int
    at: datetime
    reason: str
    mac: str

    def text(self) -> str:
        moment = self.at.astimezone(UTC).isoformat(timespec="microseconds")
        return json.dumps([self.number, moment, self.reason], ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True)
class Outside:
    """The lines kept outside the database, in order. None as `lines`: there is no such file."""

    lines: Sequence[Seal | Accepted] | None
    unreadable: Sequence[int] = ()


def digest_of(macs: Iterable[str]) -> str:
    """The digest of rows' codes, in the order of their ids."""
    made = hashlib.sha256()
    for each in macs:
        made.update(each.encode())
    return made.hexdigest()


def make_seal(
    *, previous: Seal | Stone | None, ids: Sequence[int], macs: Iterable[str], now: datetime, mac: Mac
) -> Seal:
    """The next link of the chain, over rows in ascending order of ids."""
    number, total, previous_mac = end_of(previous)
    bare = Seal(number + 1, ranges_text(ids), len(ids), total + len(ids), digest_of(macs), now, "")
    return Seal(**{**bare.__dict__, "mac": mac("log seal", bare.text(previous_mac))})


def make_stone(*, last: Seal, last_id: int, rule: str, now: datetime, mac: Mac) -> Stone:
    bare = Stone(last.number, last_id, last.total, last.mac, now, rule, "")
    return Stone(**{**bare.__dict__, "mac": mac("log stone", bare.text())})


def end_of(previous: Seal | Stone | None) -> tuple[int, int, str]:
    if previous is None:
        return 0, 0, ""
    if isinstance(previous, Stone):
        return previous.up_to, previous.total, previous.last_mac
    return previous.number, previous.total, previous.mac
