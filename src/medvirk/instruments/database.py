"""The database for commands of the command line that write to it, here and in the rooms below."""

from __future__ import annotations

from pathlib import Path
from typing import NoReturn

import click

WRONG_INPUT = 2
NO_DATABASE = (
    "There is no database here yet: run `medvirk createadmin` first (or set DATABASE_URL / MEDVIRK_DATA)."
)


def use_database() -> None:
    """Django with the settings in use. Ends the command with a sentence where there is no database yet.

    A file that is not there is never opened: SQLite would make it, and leave it behind empty.
    """
    import django

    django.setup()
    from django.db import OperationalError, connection

    is_file = connection.vendor == "sqlite" and not connection.is_in_memory_db()
    if is_file and not Path(connection.settings_dict["NAME"]).exists():
        _end(NO_DATABASE)
    try:
        tables = connection.introspection.table_names()
    except OperationalError as error:
        _end(f"The database cannot be reached: {str(error).strip()}. Check DATABASE_URL.")
    if "django_migrations" not in tables:
        _end(NO_DATABASE)


def _end(sentence: str) -> NoReturn:
    click.echo(sentence, err=True)
    raise SystemExit(WRONG_INPUT)
