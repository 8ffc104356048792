"""Real processes that queue reminders: two at once, and one that is killed."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.db import connection

SCRIPT = Path(__file__).with_name("reminding_process.py")
#: Three batches.
MANY = 450
LONGEST = 300
# The database that is copied must be there, also when no other test has asked for it.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def place(tmp_path, transactional_db, django_db_blocker) -> Iterator[dict[str, str]]:
    """The environment of processes with a database of their own: a copy of the empty one that the tests have made."""
    place = {
        **{name: value for name, value in os.environ.items() if not name.startswith("MEDVIRK_")},
        "MEDVIRK_DATA": str(tmp_path),
        "MEDVIRK_KEYS": f'encryption = ["{Fernet.generate_key().decode()}"]\nsearch = "{"ab" * 32}"',
        "MEDVIRK_SECRET_KEY": "only-for-tests",
        "MEDVIRK_QUIET_HOURS": "00:00-00:00",
        "MEDVIRK_ADDRESS": "https://medvirk.fjordvik.test",
    }
    if connection.vendor == "sqlite":
        place.pop("DATABASE_URL", None)
        with django_db_blocker.unblock(), closing(sqlite3.connect(tmp_path / "medvirk.sqlite3")) as copy:
            connection.ensure_connection()
            connection.connection.backup(copy)
        yield place
        return
    import psycopg

    address, name = os.environ["DATABASE_URL"], f"reminding_{os.getpid()}"
    template = connection.settings_dict["NAME"]
    with django_db_blocker.unblock():
        connection.close()
    with psycopg.connect(address, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        try:
            yield place | {"DATABASE_URL": address.replace("/postgres?", f"/{name}?")}
        finally:
            server.execute(f"DROP DATABASE {name} WITH (FORCE)")


def begin(place: dict[str, str], *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, SCRIPT, *arguments], env=place, stdout=subprocess.PIPE, text=True
    )


def done(place: dict[str, str], *arguments: str) -> tuple[int, str]:
    with begin(place, *arguments) as process:
        said, _ = process.communicate(timeout=LONGEST)
    return process.returncode, said


def test_one_that_is_killed_in_the_middle_loses_and_doubles_nothing(place):
    done(place, "fill", str(MANY))

    code, said = done(place, "die", "2")
    assert (code, said) == (-signal.SIGKILL, "")
    # One batch of two hundred is on disk, of the second nothing.
    assert json.loads(done(place, "count")[1]) == [[200, 200]] * 3
    assert done(place, "send") == (0, f"{MANY - 200}\n")
    assert json.loads(done(place, "count")[1]) == [[MANY, MANY]] * 3


def test_two_workers_at_once_queue_everything_once(place):
    done(place, "fill", str(MANY))

    with begin(place, "send") as one, begin(place, "send") as other:
        said = [json.loads(each.communicate(timeout=LONGEST)[0]) for each in (one, other)]

    assert sum(said) == MANY
    assert json.loads(done(place, "count")[1]) == [[MANY, MANY]] * 3
