"""How many values stand under which key: what says whether an old key may go."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from medvirk.people import crypto
from medvirk.people.keys import tables

BATCH = 1000


@dataclass(frozen=True)
class Count:
    """Values by the place of their key; 0 is the newest.

    `lost` are encrypted values that no key opens, and hashes that no search key gives; by table and field.
    """

    encrypted: Counter[int]
    hashed: Counter[int]
    lost: Counter[str]

    @property
    def is_older(self) -> bool:
        """Something stands under an older key."""
        return bool(set(self.encrypted) - {0} or set(self.hashed) - {0})

    @property
    def is_done(self) -> bool:
        """Everything stands under the newest keys."""
        return not self.lost and not self.is_older


def count() -> Count:
    """Look at every value once. Changes nothing.

    Raises:
        ImproperlyConfigured: there are no keys.
    """
    found = Count(Counter(), Counter(), Counter())
    for table in tables.tables():
        batch: list[tables.StoredRow] = []
        for row in tables.rows(table, BATCH):
            _count_encrypted(table, row, found)
            batch.append(row)
            if len(batch) == BATCH:
                _count_hashed(table, batch, found)
                batch = []
        _count_hashed(table, batch, found)
    return found


def _count_encrypted(table: tables.Table, row: tables.StoredRow, found: Count) -> None:
    for place, column in enumerate(table.encrypted):
        if not row.values[place]:
            continue
        for token in column.tokens(row.values[place]):
            key = crypto.keys().place_of(token)
            if key is None:
                found.lost[f"{table.label}.{column.name}"] += 1
            else:
                found.encrypted[key] += 1


def _count_hashed(table: tables.Table, batch: list[tables.StoredRow], found: Count) -> None:
    if not table.keyed or not batch:
        return
    read = tables.instances(table, batch)
    searches = range(len(crypto.keys().searches))
    for row in batch:
        instance = read.get(str(row.pk))
        for place, hashed in enumerate(table.keyed, start=len(table.encrypted)):
            old = row.values[place]
            if instance is None or not old:
                continue
            for key in searches:
                with crypto.with_search_key(key):
                    made = hashed.make(instance)
                if made in {old, None}:
                    # What cannot be made again finds nobody, under whichever key.
                    found.hashed[key if made else 0] += 1
                    break
            else:
                found.lost[f"{table.label}.{hashed.name}"] += 1
