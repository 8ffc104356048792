"""The file of a backup: a tar archive inside an age file.

age (age-encryption.org, here through pyrage) is a published format with a stream that is authenticated piece by
piece up to a marked end, and it encrypts to public keys: neither the server that makes backups nor whoever takes the
server can read them. A chain of AES-GCM pieces would need a format of our own and a secret key on the server.

Inside stand `manifest.json` (format, what and when, sums), `database`, and `beside/…`: files that belong to the
database and are kept outside it. The keys of identifiers are never among them.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import pyrage

FORMAT = 1
MANIFEST, DATABASE, BESIDE = "manifest.json", "database", "beside"
#: More in a manifest than this is not one of ours.
LARGEST_MANIFEST = 50_000_000


class BackupError(Exception):
    """What went wrong, and what to do: one sentence or two for whoever typed the command."""


@dataclass(frozen=True)
class TableSum:
    """How many rows a table has, and a sum over their content that does not depend on their order."""

    rows: int
    sum: str


@dataclass(frozen=True)
class Manifest:
    """`migrations` are "app.name"; `files` gives SHA-256 by name in the archive; `sealed` is a text under the key of
    identifiers, by which it is seen whether the keys at hand are those of the database.
    """

    format: int
    made_at: str
    version: str
    vendor: str
    migrations: list[str]
    tables: dict[str, TableSum]
    files: dict[str, str]
    sealed: str


def recipients(texts: list[str]) -> list[Any]:
    """Public keys that can read the backup.

    Raises:
        BackupError: none, or one that is not an age public key.
    """
    if not texts:
        raise BackupError(
            "Whose key may open the backup? Make a key pair with `medvirk keys backup FILE` on a machine that is not "
            "the server, and give the public key here: --recipient age1… or MEDVIRK_BACKUP_RECIPIENTS."
        )
    found = []
    for text in texts:
        try:
            found.append(pyrage.x25519.Recipient.from_str(text.strip()))
        except pyrage.RecipientError:
            raise BackupError(
                f"Not an age public key: {text[:12]}… It begins with age1 and has 62 signs."
            ) from None
    return found


def identities(path: Path) -> list[Any]:
    """The secret keys of a file, as `medvirk keys backup` and age-keygen write it.

    Raises:
        BackupError: there are none, or one cannot be read.
    """
    try:
        lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
        found = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except (OSError, UnicodeDecodeError, pyrage.IdentityError):
        found = []
    if not found:
        raise BackupError(f"{path} holds no secret key of a backup (a line AGE-SECRET-KEY-…).")
    return found


class _Told:
    """A file handed to pyrage. A fault in writing is kept, for pyrage may end without telling of it."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file = file
        self.fault: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        return self.file.read(size)

    def write(self, content: bytes) -> int:
        try:
            return self.file.write(content)
        except BaseException as fault:
            self.fault = self.fault or fault
            raise

    def flush(self) -> None:
        try:
            self.file.flush()
        except BaseException as fault:
            self.fault = self.fault or fault
            raise


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write(target: Path, manifest: Manifest, files: Mapping[str, Path], readers: list[Any]) -> None:
    """Write the encrypted archive beside `target` and rename it when all of it is on disk.

    Raises:
        BackupError: the target is there already, or it cannot be written.
    """
    if target.exists():
        raise BackupError(f"{target} is there already. Choose another name, or move the old one away.")
    part = target.with_name(f"{target.name}.part")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            _encrypt_archive(file, manifest, files, readers)
            file.flush()
            os.fsync(file.fileno())
        part.rename(target)
    except OSError as fault:
        raise BackupError(f"{target} could not be written: {fault.strerror or 'unknown reason'}.") from None
    finally:
        part.unlink(missing_ok=True)


def _encrypt_archive(
    file: IO[bytes], manifest: Manifest, files: Mapping[str, Path], readers: list[Any]
) -> None:
    """Through a pipe, so that the archive never stands unencrypted on disk."""
    out, faults = _Told(file), []
    read_end, write_end = os.pipe()

    def archive() -> None:
        try:
            with os.fdopen(write_end, "wb") as pipe, tarfile.open(fileobj=pipe, mode="w|") as tar:
                content = json.dumps(asdict(manifest), indent=1).encode()
                about = tarfile.TarInfo(MANIFEST)
                about.size = len(content)
                tar.addfile(about, io.BytesIO(content))
                for name, path in files.items():
                    tar.add(path, name, recursive=False)
        except BaseException as fault:  # noqa: BLE001  handed over to the thread that asked
            faults.append(fault)

    writer = threading.Thread(target=archive)
    writer.start()
    with os.fdopen(read_end, "rb") as pipe:
        try:
            pyrage.encrypt_io(pipe, out, readers)
        except pyrage.EncryptError:
            # Our own fault in writing says more than what the library makes of it.
            if out.fault is None:
                raise
        finally:
            # Whoever still writes into the pipe must not wait for a reader for ever.
            while out.fault and pipe.read(1 << 20):
                pass
    writer.join()
    for fault in (out.fault, *faults):
        if fault:
            raise fault


def read(source: Path, folder: Path, keys: list[Any]) -> Manifest:
    """Decrypt and unpack into `folder`, and check every sum. Nothing is used before all of it was read.

    Raises:
        BackupError: not a backup, made for another key, altered or cut off, or of a newer format.
    """
    plain = folder / "archive"
    try:
        with source.open("rb") as file, plain.open("wb") as out:
            told = _Told(out)
            pyrage.decrypt_io(file, told, keys)
        if told.fault:
            raise told.fault
        with tarfile.open(plain) as tar:
            tar.extractall(folder, filter="data")
        plain.unlink()
        manifest = _manifest(folder / MANIFEST)
    except FileNotFoundError:
        raise BackupError(f"{source} is not there.") from None
    except (pyrage.DecryptError, OSError, tarfile.TarError) as fault:
        if getattr(fault, "errno", None) is not None:
            raise BackupError(
                f"{source} could not be read or unpacked: {getattr(fault, 'strerror', '')}."
            ) from None
        raise BackupError(
            f"{source} cannot be opened: it is no backup of Medvirk, it was made for another key, or it was altered "
            "or cut off on the way. Nothing was changed. Try the right key, or another copy."
        ) from None
    for name, stated in manifest.files.items():
        if not (folder / name).is_file() or sha256(folder / name) != stated:
            raise BackupError(f"{source} is damaged: {name} is not what it was. Nothing was changed.")
    return manifest


def _manifest(path: Path) -> Manifest:
    try:
        if path.stat().st_size > LARGEST_MANIFEST:
            raise ValueError
        content = json.loads(path.read_bytes())
        if content["format"] > FORMAT:
            raise BackupError("The backup was made by a newer Medvirk. Install that version, then restore.")
        content["tables"] = {name: TableSum(**each) for name, each in content["tables"].items()}
        return Manifest(**content)
    except (OSError, KeyError, TypeError, ValueError):
        raise BackupError("The file is encrypted by the right key, but holds no backup of Medvirk.") from None
