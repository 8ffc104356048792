"""Everything under the newest keys, a few rows at a time, while others read and write.

Any process that knows the new keys writes under them from then on, and finds under the old ones too, so the order in
which rows are renewed does not matter. Each batch is a transaction of its own with the mark of how far it came: killed
at any moment, the work goes on after the last whole batch. A row that changed between reading and writing is left as it
is: whoever changed it wrote under the new key. What was written by a process that did not know the new key yet is
found by the count at the end, and the tables concerned are gone through once more.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils import timezone

from medvirk.people import crypto
from medvirk.people.keys import tables
from medvirk.people.keys.counting import Count, count
from medvirk.people.models import RotationProgress

BATCH = 200
#: Going through the tables again after this many rounds would find the same: something does not follow the rules.
ROUNDS = 3


@dataclass(frozen=True)
class Rotated:
    """`changed` values got the newest key in this run; `left` is what stands under older keys still."""

    changed: int
    left: Count


def rotate(*, batch: int = BATCH, told: Callable[[str], object] = str) -> Rotated:
    """Renew every value that stands under an older key. Doing it again changes nothing.

    Raises:
        ImproperlyConfigured: there are no keys.
    """
    changed = 0
    for _round in range(ROUNDS):
        for table in tables.tables():
            changed += rotate_table(table, batch=batch, told=told)
        left = count()
        # What is found by the next run was written after this count.
        _forget_marks()
        if not left.is_older:
            break
    return Rotated(changed, left)


def rotate_table(table: tables.Table, *, batch: int, told: Callable[[str], object]) -> int:
    fingerprint = crypto.keys().fingerprint
    progress, _made = RotationProgress.objects.get_or_create(keys=fingerprint, table=table.label)
    changed = 0
    while progress.done_at is None:
        stored = tables.read(table, progress.after, batch)
        wanted = _renewed(table, stored)
        with transaction.atomic():
            changed += sum(tables.replace(table, name, row, new) for name, row, new in wanted)
            if len(stored) < batch:
                progress.done_at = timezone.now()
            if stored:
                progress.after = str(stored[-1].pk)
            progress.rows += len(stored)
            progress.save()
        told(f"{table.label}: {progress.rows} rows")
    return changed


def _renewed(table: tables.Table, stored: list[tables.StoredRow]) -> list[tuple[str, tables.StoredRow, str]]:
    """(field, row, new value) of all that must be replaced; worked out before anything is locked."""
    wanted = []
    for row in stored:
        for place, column in enumerate(table.encrypted):
            old = row.values[place]
            try:
                new = column.renew(old) if old else old
            except ImproperlyConfigured:
                # No key opens it: it stays as it is, and the count tells.
                continue
            if new != old:
                wanted.append((column.name, row, new))
    if not table.keyed:
        return wanted
    read = tables.instances(table, stored)
    for row in stored:
        # A row that went away meanwhile needs nothing.
        instance = read.get(str(row.pk))
        for place, hashed in enumerate(table.keyed, start=len(table.encrypted)):
            old = row.values[place]
            if instance is None or not old:
                continue
            made = hashed.make(instance)
            if made is not None and made != old:
                wanted.append((hashed.name, row, made))
    return wanted


def _forget_marks() -> None:
    """The marks served to go on after a stop; the next run begins at the beginning."""
    RotationProgress.objects.all().delete()
