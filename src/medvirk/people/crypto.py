"""Encryption of identifiers, and keyed hashes to find them by.

The cipher is Fernet (AES-CBC with HMAC, authenticated) from `cryptography`. The hash is HMAC-SHA-256 with a key of its
own. Of both there may be several, the newest first: the first encrypts and hashes, all decrypt and find, so that keys
are changed without a stop (`people.rotation`, docs/keys.md). The keys live outside the database, in a file or in the
environment.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import tomllib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


@dataclass(frozen=True)
class Keys:
    """`encryption` and `searches` stand newest first; `lasting` never changes as long as the database lives."""

    encryption: tuple[str, ...] = field(repr=False)
    searches: tuple[bytes, ...] = field(repr=False)
    lasting: bytes = field(repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_each", tuple(Fernet(key) for key in self.encryption))
        object.__setattr__(self, "_all", MultiFernet(self._each))

    _each: tuple[Fernet, ...] = field(init=False, repr=False, compare=False)
    _all: MultiFernet = field(init=False, repr=False, compare=False)

    @property
    def cipher(self) -> MultiFernet:
        return self._all

    @property
    def search(self) -> bytes:
        """The search key that new hashes are made with."""
        return self.searches[0]

    @property
    def fingerprint(self) -> str:
        """16 signs that tell which keys come first, without telling anything of them."""
        first = self.encryption[0].encode() + self.search
        return hmac.new(first, b"fingerprint", hashlib.sha256).hexdigest()[:16]

    def place_of(self, token: str) -> int | None:
        """Under which encryption key `token` stands: 0 is the first; None is none of them."""
        for place, cipher in enumerate(self._each):
            try:
                cipher.decrypt(token.encode())
            except InvalidToken:
                continue
            return place
        return None


def new_encryption_key() -> str:
    return Fernet.generate_key().decode()


def new_secret() -> str:
    return os.urandom(32).hex()


def key_file_text(encryption: Sequence[str], searches: Sequence[str], lasting: str) -> str:
    """The content of a key file."""

    def listed(keys: Sequence[str]) -> str:
        return ", ".join(f'"{key}"' for key in keys)

    return (
        "# Keys of Medvirk. Without this file no name in the database can be read. Keep a copy apart from\n"
        "# the database and its backups. The newest key stands first (docs/keys.md).\n"
        f"encryption = [{listed(encryption)}]\n"
        f"search = [{listed(searches)}]\n"
        f'lasting = "{lasting}"\n'
    )


def make_key_file(path: Path) -> None:
    """Write a new key file, readable by its owner only. Never overwrites one.

    Raises:
        FileExistsError: the file is there already.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(key_file_text([new_encryption_key()], [new_secret()], new_secret()))


def parse_keys(text: str) -> Keys:
    """Read keys from the TOML of a key file.

    A file of before there were several search keys has one text there, and no `lasting`: then the oldest search key
    is the lasting one too.

    Raises:
        ImproperlyConfigured: a key is missing or malformed; the message never holds any part of a key.
    """
    try:
        content = tomllib.loads(text)
        search = content["search"]
        searches = tuple(bytes.fromhex(key) for key in ([search] if isinstance(search, str) else search))
        lasting = bytes.fromhex(content["lasting"]) if "lasting" in content else searches[-1]
        if min(map(len, [*searches, lasting])) >= 32:
            return Keys(tuple(content["encryption"]), searches, lasting)
    except (KeyError, ValueError, TypeError, IndexError):
        pass
    # Outside the `except`, so that no traceback can show a part of a key.
    raise ImproperlyConfigured(
        'The key file of identifiers cannot be read: it needs `encryption = ["…"]` (Fernet keys) and '
        '`search = ["…"]` (64 hexadecimal digits each). Put back the copy that belongs to this database.'
    )


@lru_cache(maxsize=2)
def _keys_in(text: str) -> Keys:
    return parse_keys(text)


@lru_cache(maxsize=2)
def _keys_in_file(path: str, changed_ns: int, size: int) -> Keys:  # noqa: ARG001
    return parse_keys(Path(path).read_text(encoding="utf-8"))


def keys() -> Keys:
    """The keys in use: `MEDVIRK_KEYS` (the TOML itself), else the file `KEY_FILE`.

    The file is read anew when it has changed, so that a running server knows a new key at once.

    Raises:
        ImproperlyConfigured: there are no keys, or they cannot be read.
    """
    if text := os.environ.get("MEDVIRK_KEYS"):
        return _keys_in(text)
    path = os.fspath(settings.KEY_FILE)
    try:
        seen = os.stat(path)  # noqa: PTH116 - asked at each value: without making a Path
    except FileNotFoundError:
        raise ImproperlyConfigured(
            f"No key for identifiers: {path} does not exist. `medvirk createadmin` makes one at first "
            "set-up; if this database is not new, put back the key file that belongs to it."
        ) from None
    return _keys_in_file(path, seen.st_mtime_ns, seen.st_size)


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


def decrypt_if_known(token: str) -> str | None:
    """Decrypt what may be lost without harm, as a session; None when no key of ours opens it."""
    try:
        return keys().cipher.decrypt(token.encode()).decode()
    except InvalidToken:
        return None


def renew(token: str) -> str:
    """The same text under the first key; the same token when it stands under it already, or is empty.

    Raises:
        ImproperlyConfigured: no key opens it.
    """
    if not token or keys().place_of(token) == 0:
        return token
    return encrypt(decrypt(token))


#: How every Fernet token begins: its version, and the first bytes of a time in our centuries.
TOKEN_START = "gAAAAA"  # noqa: S105


def tokens_in(value: Any) -> Iterator[str]:
    """Every encrypted piece among the texts of a JSON value."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from tokens_in(each)
    elif isinstance(value, str) and value.startswith(TOKEN_START):
        yield value


def over_texts(value: Any, change: Callable[[str], str]) -> Any:
    """A JSON value with every text in it changed; keys and numbers stay."""
    if isinstance(value, dict):
        return {key: over_texts(each, change) for key, each in value.items()}
    if isinstance(value, list):
        return [over_texts(each, change) for each in value]
    return change(value) if isinstance(value, str) else value


def renew_json(stored: str) -> str:
    """`renew` for every encrypted piece in a JSON text; the very same text when nothing is to be done."""
    content = json.loads(stored)
    if all(keys().place_of(token) == 0 for token in tokens_in(content)):
        return stored
    return json.dumps(over_texts(content, lambda text: renew(text) if text.startswith(TOKEN_START) else text))


def tokens_in_json(stored: str) -> Iterator[str]:
    return tokens_in(json.loads(stored))


#: Which search key hashes are made with here and now: the first, but for `under_every_key`.
_search_key: ContextVar[int] = ContextVar("search_key", default=0)


def keyed_hash(kind: str, text: str) -> str:
    """64 hexadecimal digits, the same for the same kind and text, useless without the key."""
    return _mac(keys().searches[_search_key.get()], kind, text)


@contextmanager
def with_search_key(place: int) -> Iterator[None]:
    """Make hashes with the search key at `place`; 0 is the newest."""
    token = _search_key.set(place)
    try:
        yield
    finally:
        _search_key.reset(token)


def under_every_key(make: Callable[..., str], *arguments: str) -> list[str]:
    """`make(*arguments)` under each search key, the newest first: what to look for while keys are being changed."""
    found = []
    for place in range(len(keys().searches)):
        with with_search_key(place):
            found.append(make(*arguments))
    return found


def lasting_hash(kind: str, text: str) -> str:
    """As `keyed_hash`, with the key that is never changed: for seals, and for ids that must stay the same."""
    return _mac(keys().lasting, kind, text)


def _mac(key: bytes, kind: str, text: str) -> str:
    return hmac.new(key, f"{kind}\0{text}".encode(), hashlib.sha256).hexdigest()
