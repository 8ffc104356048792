"""Lists of the answers room (tests/web/test_query_counts.py): none; the texts are always the same few."""

from __future__ import annotations

LISTS: dict[str, object] = {}
NO_LIST = {
    "answers:find_paper",
    "answers:paper",
    "answers:print_paper",
    "answers:answer",
    "answers:begin",
    "answers:draft",
    "answers:leave",
    "answers:tablet",
    "answers:edit_text",
    "answers:texts",
    "answers:not_today",
    "answers:worker",
}
