"""Examples for the walk over all addresses (tests/web/test_all_addresses.py)."""

from __future__ import annotations

OPEN_RECORDS = {"people:citizen", "people:citizen_change", "people:relation_new", "people:relation_end"}


def examples(world) -> dict[str, object]:
    grant = world.owner.grants.get()
    return {
        "citizen_id": world.citizen.pk,
        "relation_id": world.citizen.relations.get().pk,
        "staff_id": world.owner.pk,
        "grant_id": grant.pk,
        "unit_id": grant.unit_id,
    }
