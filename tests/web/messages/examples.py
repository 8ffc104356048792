"""Examples for the walk over all addresses (tests/web/test_all_addresses.py)."""

from __future__ import annotations


def examples(world) -> dict[str, object]:
    from medvirk.messages.actions import stop_token

    return {"messages:stop": {"token": stop_token(world.citizen.person_id)}}
