"""Copying, summing and putting back a PostgreSQL database, by PostgreSQL's own tools."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from medvirk.config.backup.archive import BackupError, TableSum

SCHEMA = "public"
#: How values become text, so that a sum is the same whoever works it out.
STYLE = {
    "TimeZone": "UTC",
    "DateStyle": "ISO",
    "IntervalStyle": "iso_8601",
    "extra_float_digits": "1",
    "bytea_output": "hex",
}


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise BackupError(
            f"{name} was not found. Install PostgreSQL's client programs, of the server's version or newer "
            "(on Debian: postgresql-client), and run the command again."
        )
    return found


def _run(name: str, settings: Mapping[str, Any], *arguments: str | Path) -> None:
    """Run a tool against the database of `settings`; the password goes by the environment, not the command line.

    Raises:
        BackupError: the tool is missing or fails.
    """
    from django.db.backends.postgresql.client import DatabaseClient

    # `?host=` at the end of DATABASE_URL, as for a socket, is an option of the connection: Django leaves it out here.
    options = {name.upper(): value for name, value in settings["OPTIONS"].items() if name in {"host", "port"}}
    place, environment = DatabaseClient.settings_to_cmd_args_env({**settings, **options}, [])
    command = [_tool(name), *map(str, arguments), *(place[1:] if name != "pg_restore" else [])]
    done = subprocess.run(  # noqa: S603
        command, env={**os.environ, **(environment or {})}, capture_output=True, text=True, check=False
    )
    if done.returncode:
        # Only what kind of fault: the full text may quote rows.
        lines = [line for line in done.stderr.splitlines() if "ERROR" in line or "error:" in line]
        raise BackupError(
            f"{name} failed, and nothing was changed: {lines[0] if lines else 'no reason given'}"
        )


def copy(target: Path) -> dict[str, TableSum]:
    """A copy as of one moment, while others write, and the sums of that very moment.

    Raises:
        BackupError: pg_dump is missing or fails.
    """
    from django.db import connection

    with _one_moment() as snapshot:
        _run("pg_dump", connection.settings_dict, "--format=custom", "--no-owner", "--no-privileges",
             f"--schema={SCHEMA}", f"--snapshot={snapshot}", f"--file={target}")  # fmt: skip
        return sums()


@contextmanager
def _one_moment() -> Iterator[str]:
    """The database stands still for this connection; gives the name by which others see the same."""
    from django.db import connection

    connection.close()
    connection.ensure_connection()
    with connection.cursor() as cursor:
        cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        try:
            cursor.execute("SELECT pg_export_snapshot()")
            yield cursor.fetchone()[0]
        finally:
            cursor.execute("ROLLBACK")


def _sum_sql(table: str) -> str:
    """Rows, and a sum over the digests of their content."""
    name = '"' + table.replace('"', '""') + '"'
    return (
        "SELECT count(*)::text || ' ' || coalesce(sum(('x' || substr(md5(t::text), 1, 15))::bit(60)::bigint), 0)::text "  # noqa: S608
        f"FROM {SCHEMA}.{name} AS t"
    )


def sums() -> dict[str, TableSum]:
    from django.db import connection

    found = {}
    with connection.cursor() as cursor:
        for name, value in STYLE.items():
            cursor.execute("SELECT set_config(%s, %s, false)", [name, value])
        cursor.execute(
            "SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = %s ORDER BY 1", [SCHEMA]
        )
        for (table,) in cursor.fetchall():
            cursor.execute(_sum_sql(table))
            rows, total = cursor.fetchone()[0].split()
            found[table] = TableSum(int(rows), total)
    return found


def is_empty() -> bool:
    from django.db import connection

    return not connection.introspection.table_names()


def put_in_place(copied: Path, folder: Path, tables: Mapping[str, TableSum], *, replace: bool) -> None:
    """Put the copy in, and check it, in one transaction: all of it or nothing.

    Raises:
        BackupError: there are tables already, the content is not what it was, or a tool is missing or fails.
    """
    from django.db import connection

    if not is_empty() and not replace:
        raise BackupError(
            "The database has tables already, so nothing was changed. To put the backup in their place, stop the "
            "server and the worker, make a backup as it is, and run the command again with --replace."
        )
    connection.close()
    _restore(connection.settings_dict, copied, folder, tables)


def _restore(settings: Mapping[str, Any], copied: Path, folder: Path, tables: Mapping[str, TableSum]) -> None:
    script, whole = folder / "restore.sql", folder / "whole.sql"
    _run(
        "pg_restore",
        settings,
        "--no-owner",
        "--no-privileges",
        f"--schema={SCHEMA}",
        f"--file={script}",
        copied,
    )
    with whole.open("wb") as out:
        # Whoever uses the database makes this wait, and then give up, rather than wait for ever.
        out.write(b"SET lock_timeout = '20s';\n")
        out.write(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE;\nCREATE SCHEMA {SCHEMA};\n".encode())
        with script.open("rb") as restored:
            shutil.copyfileobj(restored, out)
        out.write(_checks(tables).encode())
    script.unlink()
    _run(
        "psql",
        settings,
        "--no-psqlrc",
        "--quiet",
        "--set=ON_ERROR_STOP=1",
        "--single-transaction",
        f"--file={whole}",
    )


def _checks(tables: Mapping[str, TableSum]) -> str:
    """SQL that fails, and so takes everything back, when a table is not what it was."""
    lines = [f"SET LOCAL {name} = '{value}';" for name, value in STYLE.items()]
    for table, stated in tables.items():
        lines.append(
            f"DO $check$ BEGIN IF ({_sum_sql(table)}) <> '{stated.rows} {stated.sum}' THEN "
            f"RAISE EXCEPTION 'table {table} is not what it was'; END IF; END $check$;"
        )
    return "\n" + "\n".join(lines) + "\n"


@contextmanager
def trial_database() -> Iterator[dict[str, Any]]:
    """A database of its own on the same server, gone afterwards.

    Raises:
        BackupError: this user may not make databases.
    """
    from django.db import connection
    from django.db.utils import DatabaseError

    name = f"medvirk_trial_{os.getpid()}"
    with connection.cursor() as cursor:
        try:
            cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE template0')
        except DatabaseError:
            raise BackupError(
                "To try the backup, a database of its own is needed, and this user may not make one: "
                "ALTER ROLE … CREATEDB, or verify on another server."
            ) from None
        try:
            yield {**connection.settings_dict, "NAME": name}
        finally:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def verify(copied: Path, folder: Path, tables: Mapping[str, TableSum]) -> None:
    """Restore into a database of its own, check, and throw it away.

    Raises:
        BackupError: as `put_in_place`.
    """
    with trial_database() as settings:
        _restore(settings, copied, folder, tables)
