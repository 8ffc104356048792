"""Examples for the walk over all addresses (tests/web/test_all_addresses.py)."""

from __future__ import annotations


def examples(world) -> dict[str, object]:
    from factories_library import add, put_in
    from library_files import PDF

    unit = world.owner.grants.get().unit
    document = put_in(world.make, unit, audience="everybody")
    file = add(world.make, document, language="en", content=PDF)
    return {"document_id": document.pk, "version_id": file.pk}
