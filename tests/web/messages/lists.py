"""Lists of the messages room (tests/web/test_query_counts.py)."""

from __future__ import annotations

LISTS: dict[str, object] = {}
COUNTED = {
    "messages:inbox": "tests/web/messages/test_message_pages.py",
    "messages:operation": "tests/web/messages/test_message_pages.py",
}
NO_LIST = {"messages:stop", "messages:sms_report", "messages:sms_in"}
