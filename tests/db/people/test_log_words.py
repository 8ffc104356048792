"""The log speaks in words: no code of ours stands in what a citizen reads."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import medvirk
from medvirk.people import hooks
from medvirk.people.queries.log.sentences import BECAUSE, BECAUSE_OF_YOU, UNSAID

ROOMS = Path(medvirk.__file__).parent
LOGGING = {"log_access", "log_listing", "log_search", "log_house"}


def bases_in_code() -> set[str]:
    """Every reason for an opening that is written out where something is logged."""
    calls = (
        node
        for path in ROOMS.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in LOGGING
    )
    said = [word.value for call in calls for word in call.keywords if word.arg == "basis"]
    constants = [node for value in said for node in ast.walk(value) if isinstance(node, ast.Constant)]
    # "search:" is a beginning; what follows it is in the words for each way of searching.
    return {node.value for node in constants if isinstance(node.value, str) and not node.value.endswith(":")}


@pytest.mark.parametrize("words", [BECAUSE_OF_YOU, BECAUSE])
def test_each_reason_that_is_logged_has_words(words):
    found = bases_in_code()

    assert {"consent", "close", "emergency:own"} <= found
    assert found - set(words) - UNSAID == set()


def test_each_part_that_can_be_shared_has_words():
    codes = [part.code for part in hooks.shared_parts()]

    assert "feedback.next" in codes
    assert [code for code in codes if hooks.name_of_part(code) == code] == []
