"""Where the database and the keys lie, and who else on the machine can read them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error
from django.db import connection

from medvirk.people.checkup import register

#: File systems on other machines. SQLite's locks are not kept there, and answers would be lost.
ON_THE_NETWORK = {
    "nfs",
    "nfs4",
    "cifs",
    "smb3",
    "smbfs",
    "9p",
    "afs",
    "ceph",
    "glusterfs",
    "fuse.sshfs",
    "fuse.glusterfs",
}
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def database_file() -> Path | None:
    """The file of the database; None where it is a server, or in memory."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor != "sqlite" or name.startswith("file:") or ":memory:" in name:
        return None
    return Path(name).resolve()


def key_file() -> Path | None:
    """The file with the keys of identifiers; None where they come from the environment."""
    return None if os.environ.get("MEDVIRK_KEYS") else Path(settings.KEY_FILE).resolve()


@register("files", deploy=True)
def nobody_else_can_read_them(**_: object) -> list[CheckMessage]:
    database, keys = database_file(), key_file()
    kept: list[tuple[str, Path | None]] = [
        ("The keys of identifiers", keys),
        ("The database", database),
        (
            "What the database has not put in its place yet",
            database and database.with_name(f"{database.name}-wal"),
        ),
        ("Django's secret", settings.SECRET_KEY_FILE),
        ("The settings of sign-in services", settings.SIGNIN_FILE),
    ]
    return [
        Error(
            f"{what} can be read by other users of this machine: {path}.",
            hint=f"Run `chmod 600 {path}`.",
            id="medvirk.files.readable",
        )
        for what, path in kept
        if path is not None and path.exists() and path.stat().st_mode & OTHERS
    ]


@register("files", deploy=True)
def keys_lie_apart(**_: object) -> list[CheckMessage]:
    """Whoever takes a copy of the database's folder, a thief or a backup, must not get the keys with it."""
    database, keys = database_file(), key_file()
    if database is None or keys is None or not keys.is_relative_to(database.parent):
        return []
    return [
        Error(
            f"The keys of identifiers lie in the folder of the database, {database.parent}: a copy of it has both.",
            hint="Move the key file to a folder that is not in the same backup, and set MEDVIRK_KEY_FILE to it.",
            id="medvirk.files.keys_apart",
        )
    ]


@register("files", deploy=True)
def log_head_lies_apart(**_: object) -> list[CheckMessage]:
    database = database_file()
    if database is None or not Path(settings.LOG_HEAD).resolve().is_relative_to(database.parent):
        return []
    return [
        checks.Warning(
            f"The head of the access log lies in the folder of the database, {database.parent}.",
            hint="Set MEDVIRK_LOG_HEAD to a place that whoever can change the database cannot change (docs/log.md).",
            id="medvirk.files.log_head",
        )
    ]


@register("files", deploy=True)
def database_lies_on_this_machine(**_: object) -> list[CheckMessage]:
    database = database_file()
    if database is None or (kind := file_system_of(database)) not in ON_THE_NETWORK:
        return []
    return [
        Error(
            f"The SQLite database {database} lies on another machine ({kind}), where its locks are not kept.",
            hint="Move MEDVIRK_DATA to a disk of this machine, or use PostgreSQL by DATABASE_URL.",
            id="medvirk.files.network",
        )
    ]


def file_system_of(path: Path, mounts: Path = Path("/proc/self/mounts")) -> str:
    """The kind of file system a file lies on, by Linux's table of mounts; empty elsewhere."""
    if not mounts.exists():
        return ""
    best = (0, "")
    for line in mounts.read_text(encoding="utf-8", errors="replace").splitlines():
        _device, point, kind = line.split(" ")[:3]
        # A blank in a name stands as \040 there.
        place = Path(point.replace("\\040", " "))
        if path.is_relative_to(place):
            best = max(best, (len(place.parts), kind))
    return best[1]
