"""Examples for the walk over all addresses (tests/web/test_all_addresses.py): none of ours takes an argument."""

from __future__ import annotations


def examples(world) -> dict[str, object]:
    return {}
