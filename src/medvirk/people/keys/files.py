"""The key file with one more key, or with the newest only. Written beside and renamed: never half a file."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

from medvirk.people import crypto


def with_new_keys(keys: crypto.Keys, *, search: bool) -> str:
    """The content of the key file with a new first encryption key, and a new first search key if wanted."""
    searches = [key.hex() for key in keys.searches]
    return crypto.key_file_text(
        [crypto.new_encryption_key(), *keys.encryption],
        [crypto.new_secret(), *searches] if search else searches,
        keys.lasting.hex(),
    )


def with_newest_only(keys: crypto.Keys) -> str:
    return crypto.key_file_text(keys.encryption[:1], [keys.search.hex()], keys.lasting.hex())


def write_new(path: Path, text: str) -> None:
    """Write a file for its owner only.

    Raises:
        FileExistsError: it is there already.
    """
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def put_in_place(path: Path, text: str) -> None:
    """Put new content in the place of a key file at one stroke, with the owner and rights that the old one had.

    Raises:
        FileExistsError: another change of keys is under way, or was stopped; the message names the file left behind.
    """
    beside = path.with_name(f"{path.name}.new")
    write_new(beside, text)
    old = path.stat()
    if os.geteuid() == 0:
        os.chown(beside, old.st_uid, old.st_gid)
    beside.chmod(old.st_mode & 0o777)
    beside.replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def keep_retired(path: Path, today: date) -> Path:
    """Lay the key file aside under a name of its own, for the backups made while its keys were in use."""
    text = path.read_text(encoding="utf-8")
    for number in range(1, 1000):
        kept = path.with_name(f"{path.name}.until-{today:%Y-%m-%d}" + (f"-{number}" if number > 1 else ""))
        try:
            write_new(kept, text)
        except FileExistsError:
            continue
        return kept
    raise FileExistsError(path)
