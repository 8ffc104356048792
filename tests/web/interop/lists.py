"""Lists of the interop room (tests/web/test_query_counts.py): none; one's own data are a file."""

from __future__ import annotations

LISTS: dict[str, object] = {}
NO_LIST = {
    "interop:own_data",
    "interop:own_data_file",
    # Kinds of tables, roles and measures: as many as there are, however many people there are.
    "privacy:notice",
    "privacy:documents",
    "privacy:document",
    "privacy:file",
}
