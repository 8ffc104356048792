"""A backup of the whole installation, whichever database it has."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

from medvirk.config.backup import archive, postgres, sqlite
from medvirk.config.backup.archive import BESIDE, DATABASE, BackupError, Manifest

SEALED_TEXT = "medvirk"


@contextmanager
def working_folder(where: Path) -> Iterator[Path]:
    """A folder for this user alone, on the disk of the target, gone afterwards; also those of processes that died."""
    where.mkdir(parents=True, exist_ok=True)
    for left in where.glob(".backup-*"):
        pid = left.name.split("-")[1]
        if pid.isdigit() and not _runs(int(pid)):
            shutil.rmtree(left, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f".backup-{os.getpid()}-", dir=where))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True


def _database_file() -> Path:
    from django.conf import settings

    return Path(settings.DATABASES["default"]["NAME"])


def make(target: Path, readers: list[Any]) -> Manifest:
    """Write a backup.

    Raises:
        BackupError: with what to do.
    """
    from django.conf import settings
    from django.db import connection
    from django.db.migrations.recorder import MigrationRecorder
    from django.utils import timezone

    from medvirk.people.crypto import encrypt

    if target.exists():
        raise BackupError(f"{target} is there already. Choose another name, or move the old one away.")
    with working_folder(settings.DATA) as folder:
        files = {}
        # Before the database: what is told here, the database holds already.
        for path in settings.KEPT_BESIDE_DATABASE:
            if path.is_file():
                files[f"{BESIDE}/{path.name}"] = Path(shutil.copyfile(path, folder / path.name))
        files[DATABASE] = folder / DATABASE
        if connection.vendor == "sqlite":
            sqlite.copy(_database_file(), folder / DATABASE)
            tables = sqlite.sums(folder / DATABASE)
        else:
            tables = postgres.copy(folder / DATABASE)
        applied = MigrationRecorder(connection).applied_migrations()
        manifest = Manifest(
            format=archive.FORMAT,
            made_at=timezone.now().isoformat(timespec="seconds"),
            version=version("medvirk"),
            vendor=connection.vendor,
            migrations=sorted(f"{app}.{name}" for app, name in applied),
            tables=tables,
            files={name: archive.sha256(path) for name, path in files.items()},
            sealed=encrypt(SEALED_TEXT),
        )
        archive.write(target, manifest, files, readers)
    return manifest


def verify(source: Path, keys: list[Any]) -> Manifest:
    """Restore into a place of its own, compare every table, and throw it away.

    Raises:
        BackupError: the backup would not restore.
    """
    from django.conf import settings

    with working_folder(settings.DATA) as folder:
        manifest = archive.read(source, folder, keys)
        if manifest.vendor == "sqlite":
            _check_sums(manifest, folder)
        else:
            _need(manifest)
            postgres.verify(folder / DATABASE, folder, manifest.tables)
    return manifest


def _check_sums(manifest: Manifest, folder: Path) -> None:
    found = sqlite.sums(folder / DATABASE)
    wrong = sorted(
        name for name in {*found, *manifest.tables} if found.get(name) != manifest.tables.get(name)
    )
    if wrong:
        raise BackupError(
            f"The backup is damaged: {', '.join(wrong)} are not what they were. Nothing was changed."
        )


def _need(manifest: Manifest) -> None:
    from django.db import connection

    if connection.vendor != manifest.vendor:
        raise BackupError(
            f"The backup is of a {manifest.vendor} database and this installation uses {connection.vendor}: "
            "set DATABASE_URL accordingly. Nothing was changed."
        )


def _refuse_newer(manifest: Manifest) -> None:
    from django.db.migrations.loader import MigrationLoader

    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if set(manifest.migrations) - known:
        raise BackupError(
            f"The backup was made by a newer Medvirk ({manifest.version}). Install that version, then restore."
        )


def put_back(source: Path, keys: list[Any], *, folder: Path | None, replace: bool) -> Manifest:
    """Put a backup in the place of the database, or into a folder of its own.

    Raises:
        BackupError: with what to do; then everything is as it was.
    """
    from django.conf import settings
    from django.db import connections

    place = folder or settings.DATA
    with working_folder(place) as work:
        manifest = archive.read(source, work, keys)
        _refuse_newer(manifest)
        if manifest.vendor == "sqlite":
            target = folder / "medvirk.sqlite3" if folder else _database_file()
            if folder is None:
                _need(manifest)
            _check_sums(manifest, work)
            connections.close_all()
            new = work / DATABASE
            if target.parent != place:
                # A rename is one stroke on one disk only.
                new = Path(shutil.copyfile(new, target.with_name(f"{target.name}.restored")))
            _put_beside(work, place, replace=replace, target=target)
            sqlite.put_in_place(new, target, replace=replace)
        else:
            _need(manifest)
            postgres.put_in_place(work / DATABASE, work, manifest.tables, replace=replace)
            _put_beside(work, place, replace=True, target=None)
    return manifest


def _put_beside(work: Path, place: Path, *, replace: bool, target: Path | None) -> None:
    """Files of the database outside it; for SQLite before the database itself, which is what counts as restored."""
    if target is not None and target.exists() and not replace:
        return
    for path in sorted((work / BESIDE).glob("*")):
        path.chmod(0o600)
        path.replace(place / path.name)


def opens_with_keys_at_hand(manifest: Manifest) -> bool:
    from django.core.exceptions import ImproperlyConfigured

    from medvirk.people.crypto import decrypt_if_known

    try:
        return decrypt_if_known(manifest.sealed) == SEALED_TEXT
    except ImproperlyConfigured:
        return False
