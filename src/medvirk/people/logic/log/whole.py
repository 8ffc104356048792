"""Is the access log whole? A pure answer on plain rows, seals, stones and the lines kept outside the database."""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from itertools import pairwise

from medvirk.people.logic.log.chain import (
    Accepted,
    Mac,
    Outside,
    Row,
    Seal,
    Stone,
    count_of,
    end_of,
    parse_ranges,
)

#: So many findings of one kind are told one by one; of the rest only the number.
TOLD_OF_EACH = 20


class Kind(StrEnum):
    WRONG_KEY = "wrong key"
    ALTERED = "altered"
    INSERTED = "inserted"
    HIDDEN = "hidden"
    REMOVED = "removed"
    REPLACED = "replaced"
    COPIED = "copied"
    SEAL_ALTERED = "seal altered"
    SEAL_REMOVED = "seal removed"
    STONE_ALTERED = "stone altered"
    NO_HEAD = "no head outside"
    HEAD_ALTERED = "head outside altered"
    HEAD_BEHIND = "head outside behind"
    OLDER = "older than the head outside"
    UNSEALED = "unsealed"
    UNGUARDED = "unguarded"
    INTERRUPTED = "interrupted"


@dataclass(frozen=True)
class Finding:
    """`where`: row ids or numbers of seals. `since`, `until`: between when it was. `more`: so many others alike."""

    kind: Kind
    where: str = ""
    since: datetime | None = None
    until: datetime | None = None
    more: int = 0


@dataclass(frozen=True)
class Verdict:
    findings: tuple[Finding, ...]
    rows: int
    seals: int
    sealed: int
    oldest_unsealed: datetime | None
    last: Seal | None

    @property
    def is_whole(self) -> bool:
        return not self.findings


@dataclass
class _Told:
    """Findings, of each kind no more than can be read."""

    by_kind: dict[Kind, list[Finding]] = field(default_factory=dict)
    counts: dict[Kind, int] = field(default_factory=dict)

    def add(
        self, kind: Kind, where: object = "", since: datetime | None = None, until: datetime | None = None
    ) -> None:
        listed = self.by_kind.setdefault(kind, [])
        self.counts[kind] = self.counts.get(kind, 0) + 1
        if len(listed) < TOLD_OF_EACH:
            listed.append(Finding(kind, str(where), since, until))

    def findings(self) -> Iterator[Finding]:
        for kind in Kind:
            yield from self.by_kind.get(kind, ())
            if (more := self.counts.get(kind, 0) - TOLD_OF_EACH) > 0:
                yield Finding(kind, more=more)


def verify(
    *, rows: Iterable[Row], seals: Iterable[Seal], stones: Sequence[Stone], outside: Outside, mac: Mac
) -> Verdict:
    """Everything that shows that rows, seals, stones or the lines outside are not as they were written.

    rows: by ascending id; read once, as a stream. seals: by ascending number.
    """
    told = _Told()
    chain = _chain(list(seals), _stone(stones, mac, told), mac, told)
    accepted, lines = _outside(outside, chain, mac, told)
    # What the head outside names and the chain does not is looked for among the rows too.
    ahead = [each for each in lines if each.number > chain.end and each.number > accepted]
    seen = _Rows(chain, ahead, mac, told)
    for row in rows:
        seen.meet(row)
    seen.finish()
    if seen.count and seen.wrong == seen.count and told.counts.get(Kind.SEAL_ALTERED, 0) >= len(chain.seals):
        told.by_kind = {Kind.WRONG_KEY: [Finding(Kind.WRONG_KEY)]}
        told.counts = {}
    last = chain.seals[-1] if chain.seals else None
    return Verdict(
        tuple(told.findings()), seen.count, len(chain.seals), last.total if last else 0, seen.oldest, last
    )


@dataclass
class _Chain:
    """The seals of the database after the newest stone, checked among themselves."""

    seals: list[Seal]
    stone: Stone | None
    sound: dict[int, Seal]

    @property
    def end(self) -> int:
        return self.seals[-1].number if self.seals else (self.stone.up_to if self.stone else 0)


def _stone(stones: Sequence[Stone], mac: Mac, told: _Told) -> Stone | None:
    newest = None
    for stone in sorted(stones, key=lambda each: each.up_to):
        if stone.mac != mac("log stone", stone.text()):
            told.add(Kind.STONE_ALTERED, stone.up_to, stone.removed_at)
            continue
        newest = stone
    return newest


def _chain(seals: list[Seal], stone: Stone | None, mac: Mac, told: _Told) -> _Chain:
    number, total, previous_mac = end_of(stone)
    sound = {}
    before = stone.removed_at if stone else None
    for seal in seals:
        if seal.number > number + 1:
            missing = f"{number + 1}-{seal.number - 1}" if seal.number > number + 2 else number + 1
            told.add(Kind.SEAL_REMOVED, missing, before, seal.sealed_at)
        elif seal.mac != mac("log seal", seal.text(previous_mac)) or seal.total != total + seal.rows:
            told.add(Kind.SEAL_ALTERED, seal.number, seal.sealed_at)
        # Also after a gap the seal itself can be believed when it is what stands outside; see `_outside`.
        if _readable(seal):
            sound[seal.number] = seal
        else:
            told.add(Kind.SEAL_ALTERED, seal.number, seal.sealed_at)
        number, total, previous_mac, before = seal.number, seal.total, seal.mac, seal.sealed_at
    return _Chain(seals, stone, sound)


def _readable(seal: Seal) -> bool:
    try:
        return count_of(parse_ranges(seal.ids)) == seal.rows
    except ValueError:
        return False


def _outside(outside: Outside, chain: _Chain, mac: Mac, told: _Told) -> tuple[int, list[Seal]]:
    """Compare chain and lines; gives up to which number differences were accepted, and the lines after it."""
    for number in outside.unreadable:
        told.add(Kind.HEAD_ALTERED, number)
    if outside.lines is None:
        if chain.end:
            told.add(Kind.NO_HEAD)
        return 0, []
    accepted, lines = _since_accepted(outside.lines, mac, told)
    known: dict[int, Seal] = {}
    for line in lines:
        if line.number in known or not _readable(line):
            told.add(Kind.HEAD_ALTERED, line.number, line.sealed_at)
        known[line.number] = line
    _compare(chain, known, accepted, told)
    return accepted, [known[number] for number in sorted(known)]


def _compare(chain: _Chain, known: Mapping[int, Seal], accepted: int, told: _Told) -> None:
    for seal in chain.seals:
        if seal.number <= accepted or known.get(seal.number) == seal:
            continue
        kind = Kind.HEAD_ALTERED if seal.number in known else Kind.HEAD_BEHIND
        told.add(kind, seal.number, seal.sealed_at)
    stone = chain.stone
    if stone and stone.up_to > accepted:
        before = known.get(stone.up_to)
        if before is None or before.mac != stone.last_mac:
            told.add(Kind.HEAD_ALTERED, stone.up_to, stone.removed_at)


def _since_accepted(given: Sequence[Seal | Accepted], mac: Mac, told: _Told) -> tuple[int, list[Seal]]:
    lines, accepted = list[Seal](), 0
    for line in given:
        if isinstance(line, Seal):
            lines.append(line)
        elif line.mac == mac("log accepted", line.text()):
            lines, accepted = [], line.number
        else:
            told.add(Kind.HEAD_ALTERED, line.number, line.at)
    return accepted, lines


@dataclass
class _Span:
    """The rows that a seal names, as they come by."""

    seal: Seal
    in_chain: bool
    left: int
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)
    missing: list[int] = field(default_factory=list)
    wrong: bool = False


class _Rows:
    """Meets the rows one by one, in ascending order of ids."""

    def __init__(self, chain: _Chain, ahead: Sequence[Seal], mac: Mac, told: _Told) -> None:
        self.mac, self.told, self.chain = mac, told, chain
        self.count = self.wrong = 0
        self.oldest: datetime | None = None
        self.codes = array("Q")
        self.ahead: list[_Span] = []
        spans = []
        for seal, in_chain in [(each, True) for each in chain.sound.values()] + [
            (each, False) for each in ahead
        ]:
            if not _readable(seal):
                continue
            span = _Span(seal, in_chain, seal.rows)
            spans += [(first, last, span) for first, last in parse_ranges(seal.ids)]
            if not in_chain:
                self.ahead.append(span)
        self.spans = sorted(spans, key=lambda each: each[:2])
        self.at = 0
        # The next id that must come.
        self.due = self.spans[0][0] if self.spans else None

    def meet(self, row: Row) -> None:
        self.count += 1
        span = self._span_of(row.id)
        right = row.mac == self.mac("access event", row.text)
        self.codes.append(_short(row.mac))
        if not right:
            self.wrong += 1
            self.told.add(Kind.INSERTED if span is None else Kind.ALTERED, row.id, row.at)
        elif not row.found:
            self.told.add(Kind.HIDDEN, row.id, row.at)
        if span is None:
            self._unsealed(row)
            return
        span.digest.update(row.mac.encode())
        span.wrong |= not right
        span.left -= 1
        if not span.left:
            self._close(span)

    def _unsealed(self, row: Row) -> None:
        if self.oldest is None or row.at < self.oldest:
            self.oldest = row.at

    def _span_of(self, row_id: int) -> _Span | None:
        """The seal that names the row; rows that should have come before it are missing."""
        while self.at < len(self.spans):
            first, last, span = self.spans[self.at]
            due = first if self.due is None else max(first, self.due)
            if row_id < due:
                return None
            if row_id <= last:
                self._miss(span, due, row_id - 1)
                self.due = row_id + 1
                if row_id == last:
                    self._next()
                return span
            self._miss(span, due, last)
            self._next()
        return None

    def _next(self) -> None:
        self.at += 1
        self.due = self.spans[self.at][0] if self.at < len(self.spans) else None

    def _miss(self, span: _Span, first: int, last: int) -> None:
        if last < first:
            return
        span.missing += [first, last]
        span.left -= last - first + 1
        if span.in_chain:
            where = f"{first}-{last}" if last > first else first
            self.told.add(Kind.REMOVED, where, until=span.seal.sealed_at)
        if not span.left:
            self._close(span)

    def _close(self, span: _Span) -> None:
        if not span.in_chain or span.missing or span.wrong:
            return
        if span.digest.hexdigest() != span.seal.digest:
            self.told.add(Kind.REPLACED, span.seal.ids, until=span.seal.sealed_at)

    def finish(self) -> None:
        while self.at < len(self.spans):
            first, last, span = self.spans[self.at]
            self._miss(span, first if self.due is None else max(first, self.due), last)
            self._next()
        self._copies()
        self._ahead()

    def _copies(self) -> None:
        codes = sorted(self.codes)
        copied = sum(1 for one, other in pairwise(codes) if one == other)
        for _each in range(copied):
            self.told.add(Kind.COPIED)

    def _ahead(self) -> None:
        """The head outside knows seals that the database does not."""
        for span in self.ahead:
            whole = not span.missing and span.digest.hexdigest() == span.seal.digest
            follows = span.seal.number == self.chain.end + 1 and len(self.ahead) == 1
            kind = Kind.INTERRUPTED if whole and follows else Kind.OLDER
            self.told.add(kind, span.seal.number, until=span.seal.sealed_at)


def _short(code: str) -> int:
    """Enough of a code to see two alike."""
    try:
        return abs(int(code[:16], 16))
    except ValueError:
        return int.from_bytes(hashlib.sha256(code.encode()).digest()[:8])
