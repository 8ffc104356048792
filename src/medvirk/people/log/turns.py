"""Sealing the log, removing of it and checking it take turns: on one machine by a file, in the database by a lock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from medvirk.people.log import head


@contextmanager
def alone() -> Iterator[None]:
    """Nobody else seals, removes or checks meanwhile, from another machine either; in a transaction.

    Raises:
        OSError: the folder of the file outside cannot be written to.
    """
    with head.held(alone=True), transaction.atomic():
        # SQLite lets only one write at a time anyway.
        if connection.vendor == "postgresql":
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(hashtext('people.seal_log'))")
        yield


@contextmanager
def while_nobody_seals() -> Iterator[None]:
    """Nobody seals or removes meanwhile; others may check. Everything else is written as usual.

    Raises:
        OSError: the folder of the file outside cannot be written to.
    """
    with head.held(alone=False):
        # On SQLite a transaction would keep all others from writing, and the file is enough: it is one machine.
        if connection.vendor != "postgresql":
            yield
            return
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtext('people.seal_log'))")
            yield
