"""Is the access log whole? Reads all of it, as a stream, and asks `logic.log.verify`.

No viewer: it is for whoever runs the installation, and tells numbers of rows and times, never whom they are about.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.db import DatabaseError, connection

from medvirk.people import crypto
from medvirk.people.identity import access_keys
from medvirk.people.log import guard, head, turns
from medvirk.people.logic.log import Finding, Kind, Row, Seal, Stone, Verdict, event_text, verify
from medvirk.people.models import LogStone

AT_ONCE = 5_000
#: Read as text, so that a value which is no time or no id any more is found instead of stopping the reading.
ROWS = """
SELECT id, CAST(at AS text), CAST(nonce AS text), CAST(actor_kind AS text), CAST(actor_id AS text),
       CAST(actor_hash AS text), CAST(citizen_id AS text), CAST(citizen_hash AS text), CAST(action AS text),
       CAST(what AS text), CAST(basis AS text), CAST(mac AS text)
FROM people_accessevent WHERE id > %s ORDER BY id LIMIT %s
"""
SEALS = """
SELECT number, CAST(ids AS text), CAST(rows AS text), CAST(total AS text), CAST(digest AS text),
       CAST(sealed_at AS text), CAST(mac AS text)
FROM people_logseal ORDER BY number
"""
#: What stands for a time that is none.
NO_TIME = datetime(1, 1, 1, tzinfo=UTC)


def verify_log() -> Verdict:
    """Everything that is not as it was written. Takes some minutes for a million rows (docs/log.md).

    Rows are read while others write. When something looks wrong and old rows were removed by rule meanwhile, all of
    it is read again, and nobody removes or seals until that is done: what is told then is so.
    """
    stones, found = _verified()
    if not found.is_whole and stones != _stones():
        with turns.while_nobody_seals():
            _same, found = _verified()
    if gone := guard.missing(connection):
        unguarded = Finding(Kind.UNGUARDED, ", ".join(gone))
        return Verdict(**{**found.__dict__, "findings": (*found.findings, unguarded)})
    return found


def _verified() -> tuple[list[Stone], Verdict]:
    with turns.while_nobody_seals():
        outside, seals, stones = head.read(), list(_seals()), _stones()
    found = verify(rows=_rows(), seals=seals, stones=stones, outside=outside, mac=crypto.lasting_hash)
    return stones, found


def _stones() -> list[Stone]:
    return [
        Stone(each.up_to, each.last_id, each.total, each.last_mac, each.removed_at, each.rule, each.mac)
        for each in LogStone.objects.order_by("up_to")
    ]


def _read(sql: str, parameters: list[int] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        try:
            cursor.execute(sql, parameters)
            return list(cursor.fetchall())
        except DatabaseError:
            if connection.vendor != "sqlite":
                raise
        # SQLite keeps anything in any column, also bytes that are no text: they are read as what they look like.
        connection.connection.text_factory = lambda value: value.decode(errors="replace")
        try:
            cursor.execute(sql, parameters)
            return list(cursor.fetchall())
        finally:
            connection.connection.text_factory = str


def _seals() -> Iterator[Seal]:
    for number, ids, rows, total, digest, sealed_at, mac in _read(SEALS):
        yield Seal(number, ids, _number(rows), _number(total), digest, _time(sealed_at) or NO_TIME, mac)


def _number(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        return -1


def _rows() -> Iterator[Row]:
    last = -(2**63)
    while some := _read(ROWS, [last, AT_ONCE]):
        for each in some:
            yield _row(*each)
        last = some[-1][0]


def _row(  # noqa: PLR0917 - the columns, as they are read
    row_id: int,
    at: str,
    nonce: str,
    kind: str,
    actor: str,
    actor_hash: str,
    citizen: str,
    citizen_hash: str,
    action: str,
    what: str,
    basis: str,
    mac: str,
) -> Row:
    moment, actor_id, citizen_id = _time(at), _opened(actor), _opened(citizen)
    found = actor_hash in _hashes("actor", actor_id) and citizen_hash in _hashes("citizen", citizen_id)
    text = event_text(_uuid(nonce), moment or NO_TIME, actor_id, citizen_id, kind, action, what, basis)
    return Row(row_id, moment or NO_TIME, text if moment else "", mac, found)


def _opened(token: str) -> str:
    if not token:
        return ""
    opened = crypto.decrypt_if_known(token)
    return "?" if opened is None else opened


@lru_cache(maxsize=100_000)
def _hashes_under(keys: tuple[bytes, ...], whose: str, record_id: str) -> frozenset[str]:  # noqa: ARG001
    return frozenset(access_keys(whose, record_id))


def _hashes(whose: str, record_id: str) -> frozenset[str]:
    return _hashes_under(crypto.keys().searches, whose, record_id) if record_id else frozenset({""})


def _uuid(text: str) -> str:
    try:
        return str(uuid.UUID(text))
    except ValueError:
        return text


def _time(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
