"""Installations of their own, for what must be tried from outside: killed, backed up, restored, read while running.

Each has a folder and a database (a SQLite file, or a database on the PostgreSQL server of the tests) and is driven by
`medvirk …` and `python -c …` in processes of their own, as in real use.
"""

from __future__ import annotations

import itertools
import json
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
    workshop: Workshop | None = None

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
        # No worker here has a second factor.
        ours["MEDVIRK_STAFF_LEVEL"] = "one"
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
        given = [str(each) for each in arguments]
        code = f"from medvirk.config.cli import main\nmain({given!r}, prog_name='medvirk')"
        status, out = self._run(code)
        assert bool(status) is fails, f"{arguments}: {status}\n{out}"
        return out

    def _run(self, code: str) -> tuple[int, str]:
        if self.workshop is not None:
            return self.workshop.run(self, code)
        process = self.start_python(code)
        out, err = process.communicate(timeout=300)
        return process.returncode, out + err

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
        status, out = self._run(textwrap.dedent(code))
        assert status == 0, out
        return out


class Workshop:
    """A process in which everything is loaded; each piece of code runs in a fork of it, a moment later.

    A fork has the folder, the environment and the database of its installation, and connections of its own.
    """

    def __init__(self, installation: Installation) -> None:
        self._process = installation.start_python(FORK_WHEN_TOLD)

    def run(self, place: Installation, code: str) -> tuple[int, str]:
        said = place.folder / "said"
        name = place.database.partition("@/")[2].partition("?")[0] or str(place.sqlite)
        job = [str(place.folder), name, place.environment, str(said), code]
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(job) + "\n")
        self._process.stdin.flush()
        status = int(self._process.stdout.readline())
        out = said.read_text()
        said.unlink()
        return status, out

    def close(self) -> None:
        self._process.communicate()


FORK_WHEN_TOLD = """
import json, os, sys, traceback
from pathlib import Path
from django.conf import settings
import medvirk.config.urls, medvirk.config.backup.whole, medvirk.config.backup.command, medvirk.people.keys.command
for line in sys.stdin:
    folder, name, environment, said, code = json.loads(line)
    pid = os.fork()
    if pid:
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)
        continue
    status = 1
    try:
        out = os.open(said, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        os.dup2(out, 1)
        os.dup2(out, 2)
        os.chdir(folder)
        os.environ.update(environment, MEDVIRK_DATA=folder)
        settings.DATA = Path(folder)
        settings.KEY_FILE = settings.DATA / "identifiers.key"
        settings.LOG_HEAD = settings.DATA / "access-log.head"
        settings.KEPT_BESIDE_DATABASE = [settings.LOG_HEAD]
        settings.DATABASES["default"]["NAME"] = name
        settings.STATIC_ROOT = settings.DATA / "static"
        # Pages are opened by Django's test client, without the collected static files.
        settings.ALLOWED_HOSTS = ["testserver"]
        settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
        try:
            exec(code, {"__name__": "code"})
            status = 0
        except SystemExit as ended:
            status = ended.code or 0
        except BaseException:
            traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status if isinstance(status, int) else 1)
"""


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
        host = settings["HOST"] or settings["OPTIONS"].get("host")
        place = {"host": host} if host else {}
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
    (first.folder / "static").mkdir(parents=True)
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
        return Installation(folder, url(database(first_name)) if postgres else "", workshop=workshop)

    workshop = Workshop(Installation(first.folder, first.database))
    try:
        yield another
    finally:
        workshop.close()
        for name in reversed(databases):
            on_server(f'DROP DATABASE "{name}" WITH (FORCE)')
