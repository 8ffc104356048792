"""Processes of the house, each a real one, on a database that is no other test's."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from cryptography.fernet import Fernet
from django.db import connection


@contextmanager
def own_database(data: Path, django_db_blocker, **more: str) -> Iterator[dict[str, str]]:
    """The environment of such processes. Their database is a copy of the empty one that the tests have made.

    Nothing may be open in that one: ask for `django_db_setup`, or for `transactional_db`. `more`: further variables.
    """
    place = {
        **{name: value for name, value in os.environ.items() if not name.startswith("MEDVIRK_")},
        "MEDVIRK_DATA": str(data),
        "MEDVIRK_KEYS": f'encryption = ["{Fernet.generate_key().decode()}"]\nsearch = "{"ab" * 32}"',
        "MEDVIRK_SECRET_KEY": "only-for-tests",
        **more,
    }
    if connection.vendor == "sqlite":
        place.pop("DATABASE_URL", None)
        with django_db_blocker.unblock(), closing(sqlite3.connect(data / "medvirk.sqlite3")) as copy:
            connection.ensure_connection()
            connection.connection.backup(copy)
        yield place
        return
    import psycopg

    address, name = os.environ["DATABASE_URL"], f"processes_{os.getpid()}"
    template = connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        connection.close()
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield place | {"DATABASE_URL": address.replace("/postgres?", f"/{name}?")}
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")
