"""Examples for the walk over all addresses (tests/web/test_all_addresses.py)."""

from __future__ import annotations

OPEN_RECORDS = {"journal:summary", "journal:taken", "journal:undo", "journal:file"}


def examples(world) -> dict[str, object]:
    return {
        "kind": "json",
        "privacy:document": {"key": "record"},
        "privacy:file": {"key": "record", "kind": "md"},
    }
