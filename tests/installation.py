"""Installations of their own, for what must be tried from outside: killed, backed up, restored, read while running.

Each has a folder and a database (a SQLite file, or a database on the PostgreSQL server of the tests) and is driven by
`medvirk …` and `python -c …` in processes of their own, as in real use.
"""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

SOURCES = Path(__file__).resolve().parents[1] / "src"
_numbers = itertools.count()


@dataclass
class Installation:
    """`database` is the DATABASE_URL; empty for the SQLite file in the folder."""

    folder: Path
    database: str = ""
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def key_file(self) -> Path:
        return self.folder / "identifiers.key"

    @property
    def sqlite(self) -> Path:
        return self.folder / "medvirk.sqlite3"

    def _environment(self) -> dict[str, str]:
        ours = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith("MEDVIRK_") and name not in {"DATABASE_URL", "DJANGO_SETTINGS_MODULE"}
        }
        ours |= {"MEDVIRK_DATA": str(self.folder), "MEDVIRK_HTTPS": "0", "PYTHONPATH": str(SOURCES)}
        if self.database:
            ours["DATABASE_URL"] = self.database
        return ours | self.environment

    def start(self, *arguments: str | Path) -> subprocess.Popen[str]:
        """`medvirk …` as a process that the test may kill."""
        command = [
            sys.executable,
            "-c",
            "from medvirk.config.cli import main; main()",
            *map(str, arguments),
        ]
        return subprocess.Popen(
            command,
            env=self._environment(),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.folder,
        )

    def medvirk(self, *arguments: str | Path, fails: bool = False) -> str:
        """Run a command to its end; what it said."""
        process = self.start(*arguments)
        out, err = process.communicate(timeout=300)
        assert bool(process.returncode) is fails, f"{arguments}: {process.returncode}\n{out}\n{err}"
        return out + err

    def start_python(self, code: str) -> subprocess.Popen[str]:
        """Code in the installation, with Django ready."""
        begin = (
            "import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'medvirk.config.settings')\n"
            "import django\ndjango.setup()\n"
        )
        return subprocess.Popen(
            [sys.executable, "-c", begin + textwrap.dedent(code)],
            env=self._environment(),
            text=True,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=self.folder,
        )

    def python(self, code: str) -> str:
        process = self.start_python(code)
        out, err = process.communicate(timeout=300)
        assert process.returncode == 0, f"{out}\n{err}"
        return out


FILL = """
from datetime import date
from django.core.management import call_command
from medvirk.config.commands import prepare
from medvirk.people.crypto import make_key_file
from django.conf import settings
make_key_file(settings.KEY_FILE)
call_command("createcachetable", verbosity=0)
from medvirk.people.actions import NewGrant, register_citizen, register_staff, register_unit
from medvirk.people.logic import PersonDetails
day = date(2020, 1, 1)
unit = register_unit(by=None, name="Team", kind="team", valid_from=day, parent=None)
worker = register_staff(
    by=None,
    details=PersonDetails("Astrid", "Arbeidersen"),
    login="astrid.arbeidersen",
    password="gul sykkel ved havna",
    grants=[NewGrant("practitioner", unit, day)],
    must_change_password=False,
)
for number in range(PEOPLE):
    register_citizen(
        by=None,
        details=PersonDetails(
            f"Fornavn{number}",
            f"Etternavn{number}",
            national_id=f"018185{number // 100 + 100:03d}{number % 100:02d}",
            phone=f"900{number:05d}",
            email=f"person{number}@example.org",
        ),
        worker=worker,
        team=None,
        reason=f"Egne ord {number}",
        registered_on=day,
        somebody_else=True,
    )
"""


@contextmanager
def installations(base: Path, people: int) -> Iterator[Callable[[], Installation]]:
    """Gives a function that makes installations with so many made-up people, all copies of one."""
    from django.db import connection

    postgres = connection.vendor == "postgresql"
    empty = str(connection.settings_dict["NAME"])
    databases: list[str] = []

    def url(name: str) -> str:
        settings = connection.settings_dict
        place = {"host": settings["HOST"]} if settings["HOST"] else {}
        return f"postgres://{settings['USER']}@/{name}?{urlencode(place)}"

    def on_server(sql: str) -> None:
        with connection._nodb_cursor() as cursor:
            cursor.execute(sql)

    def database(template: str) -> str:
        name = f"installation_{os.getpid()}_{next(_numbers)}"
        on_server(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        databases.append(name)
        return name

    first = Installation(base / "first")
    first.folder.mkdir()
    # The tables are those of the tests' own database, which is empty now: quicker than making them anew. What is
    # copied may not be in use, by this connection neither.
    if postgres:
        connection.close()
    first_name = database(empty) if postgres else ""
    if postgres:
        first.database = url(first_name)
    else:
        with connection.cursor() as cursor:
            cursor.execute("VACUUM INTO %s", [str(first.sqlite)])
    first.python(FILL.replace("PEOPLE", str(people)))

    def another() -> Installation:
        folder = base / f"installation{next(_numbers)}"
        shutil.copytree(first.folder, folder)
        return Installation(folder, url(database(first_name)) if postgres else "")

    try:
        yield another
    finally:
        for name in reversed(databases):
            on_server(f'DROP DATABASE "{name}" WITH (FORCE)')
