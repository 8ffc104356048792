"""A list whose number of queries must not follow its number of rows (tests/web/test_query_counts.py)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Listed:
    """One list. `who` looks at `path`; `add` puts one more row on it and says a text by which the row is known.

    `sent`: what is posted, where the list is the answer to a form.
    """

    who: object
    path: str
    add: Callable[[], str]
    sent: Mapping[str, str] | None = None
