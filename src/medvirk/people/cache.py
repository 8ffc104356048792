"""The shared cache in the database, with keys hashed and values encrypted: a row says nothing about anybody."""

from __future__ import annotations

import base64
import pickle
from collections.abc import Iterable
from typing import Any

from django.core.cache.backends.db import DatabaseCache

from medvirk.people import crypto


class EncryptedDatabaseCache(DatabaseCache):
    """A value that no key opens any more counts as not there."""

    def make_key(self, key: Any, version: int | None = None) -> str:
        return crypto.keyed_hash("cache", super().make_key(key, version=version))

    def get_many(self, keys: Iterable[Any], version: int | None = None) -> dict[Any, Any]:
        found = {}
        for key, sealed in super().get_many(keys, version=version).items():
            if (content := crypto.decrypt_if_known(sealed)) is not None:
                # Only what we encrypted ourselves is unpickled.
                found[key] = pickle.loads(base64.b85decode(content))  # noqa: S301
        return found

    def _base_set(self, mode: str, key: str, value: Any, timeout: Any = ...) -> bool:
        if mode != "touch":
            value = crypto.encrypt(base64.b85encode(pickle.dumps(value, pickle.HIGHEST_PROTOCOL)).decode())
        result: bool = super()._base_set(mode, key, value, timeout)
        return result
