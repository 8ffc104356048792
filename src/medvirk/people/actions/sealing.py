"""Sealing the access log, and removing what has been kept long enough."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection
from django.db.models import Q

from medvirk.people.crypto import lasting_hash
from medvirk.people.log import guard, head, turns
from medvirk.people.logic.log import (
    Accepted,
    Seal,
    Stone,
    count_of,
    digest_of,
    make_seal,
    make_stone,
    parse_ranges,
)
from medvirk.people.models import AccessEvent, LogSeal, LogStone

#: A transaction that began before a seal may end after it: so long are its rows still looked for. Imports are the
#: longest there are, and take minutes.
LATE = timedelta(days=2)
#: No seal names more rows; the rest goes into the next.
AT_ONCE = 20_000


def seal_log(now: datetime) -> int:
    """Seal every row that no seal names yet; returns how many. Done every minute.

    The line outside is on disk before the seal is in the database. When that cannot be written, nothing is sealed
    and the fault is raised: the rows stay as they are, each with its own code.

    Raises:
        OSError: the file outside cannot be written.
    """
    sealed = 0
    while rows := _seal_some(now):
        sealed += rows
    return sealed


def _seal_some(now: datetime) -> int:
    with turns.alone():
        last = last_link()
        left = _interrupted(last)
        if left is not None:
            _keep(left)
            return left.rows
        rows = list(
            AccessEvent.objects.filter(_not_named(now)).order_by("pk").values_list("pk", "mac")[:AT_ONCE]
        )
        if not rows:
            return 0
        ids = [each for each, _mac in rows]
        seal = make_seal(previous=last, ids=ids, macs=(mac for _id, mac in rows), now=now, mac=lasting_hash)
        head.append(seal)
        _keep(seal)
        return len(rows)


def last_link() -> Seal | Stone | None:
    """Where the chain in the database ends."""
    seal = LogSeal.objects.order_by("-number").first()
    if seal is not None:
        return seal_of(seal)
    stone = LogStone.objects.order_by("-up_to").first()
    return stone_of(stone) if stone else None


def seal_of(row: LogSeal) -> Seal:
    return Seal(row.number, row.ids, row.rows, row.total, row.digest, row.sealed_at, row.mac)


def stone_of(row: LogStone) -> Stone:
    return Stone(row.up_to, row.last_id, row.total, row.last_mac, row.removed_at, row.rule, row.mac)


def _keep(seal: Seal) -> None:
    LogSeal.objects.create(**seal.__dict__)


def _interrupted(last: Seal | Stone | None) -> Seal | None:
    """A seal that is outside but did not reach the database: its rows are there, so it is put in as it is."""
    outside = head.last_seal()
    number = 0 if last is None else (last.number if isinstance(last, Seal) else last.up_to)
    if outside is None or outside.number != number + 1:
        return None
    previous = "" if last is None else (last.mac if isinstance(last, Seal) else last.last_mac)
    if outside.mac != lasting_hash("log seal", outside.text(previous)):
        return None
    macs = list(
        AccessEvent.objects.filter(_among(parse_ranges(outside.ids)))
        .order_by("pk")
        .values_list("mac", flat=True)
    )
    return outside if len(macs) == outside.rows and digest_of(macs) == outside.digest else None


def _among(ranges: tuple[tuple[int, int], ...]) -> Q:
    found = Q(pk__in=[])
    for first, last in ranges:
        found |= Q(pk__gte=first, pk__lte=last)
    return found


def _not_named(now: datetime) -> Q:
    """Rows after the last that is named, and those that came late into a hole among the newest seals."""
    recent = (
        LogSeal.objects.filter(sealed_at__gte=now - LATE).order_by("number").values_list("ids", flat=True)
    )
    texts = list(recent) or list(LogSeal.objects.order_by("-number").values_list("ids", flat=True)[:1])
    named = sorted(pair for text in texts for pair in parse_ranges(text))
    stone = LogStone.objects.order_by("-up_to").first()
    highest = max([last for _first, last in named] + [stone.last_id if stone else 0])
    found, due = Q(pk__gt=highest), None
    for first, last in named:
        if due is not None and first > due:
            found |= Q(pk__gte=due, pk__lt=first)
        due = max(due or 0, last + 1)
    return found


def remove_sealed(*, before: datetime, rule: str, now: datetime) -> int:
    """Remove the rows of all seals from before a moment, by a rule of retention; returns how many rows.

    Whole seals only, the oldest first. A stone keeps the code of the last of them, so that the chain goes on and the
    line outside still fits. `rule` names the rule, and nobody.
    """
    with turns.alone():
        # Up to the first that must stay, also where the clock was once set back; the newest always stays.
        kept = (
            LogSeal.objects.filter(sealed_at__gte=before).order_by("number").first() or LogSeal.objects.last()
        )
        old = LogSeal.objects.filter(number__lt=kept.number if kept else 0).order_by("number")
        seals = [seal_of(each) for each in old]
        if not seals:
            return 0
        ranges = [pair for each in seals for pair in parse_ranges(each.ids)]
        last_id = max(last for _first, last in ranges)
        stone = make_stone(last=seals[-1], last_id=last_id, rule=rule, now=now, mac=lasting_hash)
        LogStone.objects.create(**stone.__dict__)
        for at in range(0, len(ranges), 200):
            _raw_delete(AccessEvent, _among(tuple(ranges[at : at + 200])))
        _raw_delete(LogSeal, Q(number__lte=stone.up_to))
        return count_of(tuple(ranges))


def _raw_delete(model: type[AccessEvent] | type[LogSeal], rows: Q) -> None:
    # The models refuse it, so that nobody does it without a stone; the triggers let it pass with one.
    model._base_manager.filter(rows)._raw_delete(connection.alias)  # noqa: SLF001


def accept_outside(*, reason: str, now: datetime) -> None:
    """Say why the lines outside differ from the database; from here on the two are compared again.

    After a restore from an older backup, or when the file outside was lost. Nothing is hidden: the line stays.

    Raises:
        OSError: the file outside cannot be written.
    """
    with turns.alone():
        last = last_link()
        number = 0 if last is None else (last.number if isinstance(last, Seal) else last.up_to)
        bare = Accepted(number, now, reason, "")
        head.append(Accepted(number, now, reason, lasting_hash("log accepted", bare.text())))


def mend_guard() -> None:
    """Put back the triggers of the log, where a table was made anew without them."""
    guard.create(connection)
