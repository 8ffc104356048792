"""Encryption of identifiers, and keyed hashes to find them by.

The cipher is Fernet (AES-CBC with HMAC, authenticated) from `cryptography`; several keys may be listed, the
first encrypts and all decrypt, so that a key can be changed without a stop. The hash is HMAC-SHA-256 with a
key of its own. Both keys live outside the database, in a file or in the environment.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


@dataclass(frozen=True)
class Keys:
    """`cipher` encrypts and decrypts; `search` keys the hashes."""

    cipher: MultiFernet
    search: bytes


def make_key_file(path: Path) -> None:
    """Write a new key file, readable by its owner only. Never overwrites one.

    Raises:
        FileExistsError: the file is there already.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    text = (
        "# Keys of Medvirk. Without this file no name in the database can be read. Keep a copy apart from\n"
        "# the database and its backups.\n"
        f'encryption = ["{Fernet.generate_key().decode()}"]\n'
        f'search = "{os.urandom(32).hex()}"\n'
    )
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)


def parse_keys(text: str) -> Keys:
    """Read keys from the TOML of a key file.

    Raises:
        ImproperlyConfigured: a key is missing or malformed; the message never holds any part of a key.
    """
    try:
        content = tomllib.loads(text)
        cipher = MultiFernet([Fernet(key) for key in content["encryption"]])
        search = bytes.fromhex(content["search"])
    except (KeyError, ValueError, TypeError):
        search = b""
    if len(search) < 32:
        raise ImproperlyConfigured(
            'The key file of identifiers cannot be read: it needs `encryption = ["…"]` (Fernet keys) and '
            '`search = "…"` (64 hexadecimal digits). Put back the copy that belongs to this database.'
        )
    return Keys(cipher, search)


@lru_cache(maxsize=1)
def keys() -> Keys:
    """The keys in use: `MEDVIRK_KEYS` (the TOML itself), else the file `KEY_FILE`."""
    if text := os.environ.get("MEDVIRK_KEYS"):
        return parse_keys(text)
    path = Path(settings.KEY_FILE)
    if not path.exists():
        raise ImproperlyConfigured(
            f"No key for identifiers: {path} does not exist. `medvirk createadmin` makes one at first "
            "set-up; if this database is not new, put back the key file that belongs to it."
        )
    return parse_keys(path.read_text())


def encrypt(text: str) -> str:
    """Encrypt; the same text gives another result every time."""
    return keys().cipher.encrypt(text.encode()).decode()


def decrypt(token: str) -> str:
    """Decrypt.

    Raises:
        ImproperlyConfigured: altered content, or the key file of another database.
    """
    try:
        return keys().cipher.decrypt(token.encode()).decode()
    except InvalidToken:
        raise ImproperlyConfigured(
            "An identifier could not be decrypted: the key file belongs to another database, "
            "or the row was altered."
        ) from None


def keyed_hash(kind: str, text: str) -> str:
    """64 hexadecimal digits, the same for the same kind and text, useless without the key."""
    return hmac.new(keys().search, f"{kind}\0{text}".encode(), hashlib.sha256).hexdigest()
