"""Copying, summing and putting back a SQLite database."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path

from medvirk.config.backup.archive import BackupError, TableSum


def copy(database: Path, target: Path) -> None:
    """A copy as of one moment, while others write. Nothing that was deleted is in it.

    Raises:
        BackupError: there is no database.
    """
    if not database.exists():
        raise BackupError(f"There is no database at {database}.")
    with closing(sqlite3.connect(database, timeout=60, isolation_level=None)) as connection:
        connection.execute("VACUUM INTO ?", [str(target)])


def sums(database: Path) -> dict[str, TableSum]:
    """Rows and content of every table.

    Raises:
        BackupError: it is not a sound database.
    """
    try:
        with closing(sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            if connection.execute("PRAGMA integrity_check").fetchone() != ("ok",):
                raise BackupError("The database in the backup is damaged.")
            names = connection.execute(
                "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite!_%' ESCAPE '!'"
            ).fetchall()
            return {name: _sum(connection, name) for (name,) in names}
    except sqlite3.DatabaseError:
        raise BackupError("The database in the backup is damaged.") from None


def _sum(connection: sqlite3.Connection, table: str) -> TableSum:
    rows = total = 0
    quoted = '"' + table.replace('"', '""') + '"'
    for row in connection.execute(f"SELECT * FROM {quoted}"):  # noqa: S608  a name from the database itself
        rows += 1
        total += int.from_bytes(hashlib.sha256(repr(row).encode()).digest()[:8])
    return TableSum(rows, f"{total % 2**64:016x}")


def put_in_place(new: Path, database: Path, *, replace: bool) -> None:
    """Put a checked database file where it belongs, at one stroke. `new` stands on the same disk.

    Raises:
        BackupError: there is a database already, or a server is using it.
    """
    if database.exists():
        if not replace:
            raise BackupError(
                f"{database} is there already, so nothing was changed. To put the backup in its place, stop the server "
                "and the worker, make a backup of it as it is, and run the command again with --replace."
            )
        _leave_write_ahead_log(database)
    new.chmod(0o600)
    new.replace(database)


def _leave_write_ahead_log(database: Path) -> None:
    """Bring everything into the one file, which fails while anybody else has it open.

    A log of the old database left beside the new one would be read into it.
    """
    try:
        with closing(sqlite3.connect(database, timeout=2, isolation_level=None)) as connection:
            mode = connection.execute("PRAGMA journal_mode=DELETE").fetchone()
            connection.execute("BEGIN EXCLUSIVE")
            connection.execute("COMMIT")
    except sqlite3.OperationalError:
        mode = None
    except sqlite3.DatabaseError:
        # It is no database any more, which may be why it is replaced.
        mode = ("delete",)
        for name in (f"{database.name}-wal", f"{database.name}-shm"):
            database.with_name(name).unlink(missing_ok=True)
    if mode != ("delete",):
        raise BackupError(
            f"{database} is in use. Stop the server and the worker, then try again. Nothing was changed."
        )
