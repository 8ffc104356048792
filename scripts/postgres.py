"""A private PostgreSQL for the tests: made in a temporary folder, reached by a socket there, gone afterwards."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

HOW_TO_GET_IT = (
    "PostgreSQL 15 or newer is needed for the tests and was not found. Install it, for example with\n"
    "    sudo apt-get install postgresql\n"
    "and run the same command again."
)
OLDEST = 15


class NoPostgres(Exception):
    pass


def binaries() -> Path:
    """The folder with initdb and pg_ctl, of the newest version there is.

    Raises:
        NoPostgres: none, or only older ones.
    """
    folders = [Path(path).parent for path in [shutil.which("initdb")] if path]
    folders += sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True
    )
    for folder in folders:
        if (folder / "initdb").exists() and (folder / "pg_ctl").exists() and version(folder) >= OLDEST:
            return folder
    raise NoPostgres(HOW_TO_GET_IT)


def version(folder: Path) -> int:
    told = subprocess.run([folder / "pg_ctl", "--version"], capture_output=True, text=True, check=True).stdout
    return (
        int(told.split()[-1].split(".")[0])
        if told.split()[-1][0].isdigit()
        else int(told.split()[2].split(".")[0])
    )


def install_if_possible() -> None:
    """From Debian, when this is Debian and we are root."""
    if not shutil.which("apt-get") or os.geteuid() != 0:
        return
    print("Installing PostgreSQL from Debian …", flush=True)
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"],
                    ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "postgresql"]):  # fmt: skip
        subprocess.run(command, check=False, env=quiet, stdout=subprocess.DEVNULL)


def other_user() -> str | None:
    """PostgreSQL refuses to run as root: who it runs as instead."""
    if os.geteuid() != 0:
        return None
    known = {entry.pw_name for entry in pwd.getpwall()}
    return next(name for name in ("postgres", "nobody") if name in known)


@contextmanager
def private_postgres() -> Iterator[str]:
    """Start a server of our own; gives its DATABASE_URL; stops and removes it at the end.

    Raises:
        NoPostgres: there is no PostgreSQL to start.
    """
    try:
        folder = binaries()
    except NoPostgres:
        install_if_possible()
        folder = binaries()
    user = other_user()
    home = Path(tempfile.mkdtemp(prefix="medvirk-pg-"))
    data, log = home / "data", home / "log"
    if user:
        shutil.chown(home, user)

    def run(*command: object) -> None:
        subprocess.run([str(part) for part in command], check=True, user=user, cwd=home, stdout=subprocess.DEVNULL,
                       env={"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8"})  # fmt: skip

    try:
        run(folder / "initdb", "--pgdata", data, "--username", "medvirk", "--auth", "trust", "--encoding", "UTF8",
            "--no-sync")  # fmt: skip
        # No port is opened: the socket in our own folder is the only way in. Durability is of no use in a test.
        # Statistics are taken each second, also of tables that a test has not filled yet: a query that is only
        # quick while PostgreSQL knows nothing of its tables is slow here each time, not now and then.
        options = (
            f"-c listen_addresses='' -c unix_socket_directories={home} -c fsync=off -c full_page_writes=off "
            "-c autovacuum_naptime=1 -c autovacuum_analyze_threshold=1"
        )
        run(folder / "pg_ctl", "--pgdata", data, "--log", log, "--wait", "--options", options, "start")
        try:
            yield f"postgres://medvirk@/postgres?host={home}"
        finally:
            run(folder / "pg_ctl", "--pgdata", data, "--wait", "--mode", "immediate", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)
