"""Ids that are the same every time a file is imported, so that nothing is made twice.

A source's own reference may be a name or a national identity number. Its id is made from the lasting keyed hash, so
that nobody without the key of the database can run through all numbers and read the reference from the id.
Everything below a person is made from the person's id, which says nothing.
"""

from __future__ import annotations

import uuid

from medvirk.people.crypto import lasting_hash

NAMESPACE = uuid.UUID("6c0e5a52-6d0b-5b0e-9d55-2f6f1f0c7b11")


def person_id(source: str, ref: str) -> uuid.UUID:
    """The id of the person whom `source` calls `ref`."""
    return uuid.uuid5(NAMESPACE, lasting_hash("import", f"{source}\0{ref}"))


def made_from(parent: uuid.UUID, *parts: str) -> uuid.UUID:
    """The id of what belongs to `parent` and is told apart by `parts`."""
    return uuid.uuid5(parent, "\0".join(parts))
