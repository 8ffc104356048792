"""As many queries with three rows as with one, on each list there is.

A room plugs its lists in with a file `tests/web/<room>/lists.py`:

    def runs(make) -> Listed:
        leader = make.staff("team_leader")
        return Listed(leader, reverse("offers:runs"), add=lambda: new_run(leader).name)

    LISTS = {"offers:runs": runs}
    COUNTED = {"offers:place": "tests/db/offers/test_places.py"}  # lists whose queries that file counts
    NO_LIST = {"offers:run_new"}            # pages that hold no list, or one whose length is fixed

The key is the address's name; more than one list on a page are told apart by words after it: "people:citizen, looked".
`add` makes one row, with whatever stands behind it, and returns a text that is on the page when, and only when, the
row is. Every
address must stand in one of the three, so that a new list cannot be forgotten.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from addresses import ALL
from django.db import connection
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from lists import Listed
from pages import read


def list_modules() -> list[ModuleType]:
    modules = []
    for path in sorted(Path(__file__).parent.glob("*/lists.py")):
        spec = importlib.util.spec_from_file_location(f"lists_of_{path.parent.name}", path)
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        modules.append(module)
    return modules


MODULES = list_modules()
NO_LIST = frozenset().union(*(module.NO_LIST for module in MODULES))
COUNTED = {name: file for module in MODULES for name, file in getattr(module, "COUNTED", {}).items()}
KEYS = sorted(key for module in MODULES for key in module.LISTS)


@pytest.fixture
def listed(request, make) -> Listed:
    lists = next(module.LISTS for module in MODULES if request.param in module.LISTS)
    return lists[request.param](make)


def ask(client: Client, listed: Listed) -> HttpResponse:
    return client.get(listed.path) if listed.sent is None else client.post(listed.path, listed.sent)


def look(client: Client, listed: Listed) -> HttpResponse:
    response = ask(client, listed)
    assert response.status_code == 200
    return response


def text_of(client: Client, listed: Listed) -> str:
    return read(look(client, listed)).text


def queries_of(client: Client, listed: Listed) -> tuple[list[str], str]:
    """What the page asks, and its text."""
    # What is done once a day, such as logging who was on the list, or kept in memory, is done before.
    look(client, listed)
    with CaptureQueriesContext(connection) as caught:
        text = text_of(client, listed)
    return [each["sql"] for each in caught.captured_queries], text


def added(listed: Listed, text: str) -> str:
    """One more row, by whose text the page tells that it is there: `text` is what the page said before."""
    row = listed.add()
    assert row not in text, f"the page said {row!r} before it was added"
    return row


@pytest.mark.parametrize("listed", KEYS, indirect=True)
def test_a_list_asks_as_much_with_three_rows_as_with_one(listed, client_of):
    client = client_of(listed.who)
    first = ask(client, listed)
    # A page may be there only when something is on it.
    rows = [added(listed, read(first).text if first.status_code == 200 else "")]
    with_one, text = queries_of(client, listed)
    rows.append(added(listed, text))
    rows.append(added(listed, text_of(client, listed)))

    with_three, text = queries_of(client, listed)

    assert [row for row in rows if row not in text] == []
    assert len(with_three) == len(with_one), "\n".join(sorted(set(with_three) - set(with_one)))


def test_every_page_is_named():
    """Where this fails: give the page a list in tests/web/<room>/lists.py, or name it in NO_LIST there."""
    names = {address.name for address in ALL}
    named = {key.partition(",")[0] for key in KEYS} | NO_LIST | set(COUNTED)

    assert (names - named, named - names) == (set(), set())


@pytest.mark.parametrize(("name", "file"), sorted(COUNTED.items()))
def test_what_is_said_to_be_counted_elsewhere_is(name, file):
    text = (Path(__file__).resolve().parents[2] / file).read_text(encoding="utf-8")

    assert "num_queries" in text or "CaptureQueriesContext" in text


def test_a_list_that_asks_once_a_row_is_found(make, client_of, monkeypatch):
    from medvirk.people.queries import staff

    real = staff.staff_list

    def slow(viewer, day):
        groups = real(viewer, day)
        for group in groups:
            for each in group.staff:
                each.grants.count()
        return groups

    monkeypatch.setattr("medvirk.people.views.staff.query_staff_list", slow)
    lists = next(module.LISTS for module in MODULES if "people:staff_list" in module.LISTS)

    with pytest.raises(AssertionError, match="COUNT"):
        test_a_list_asks_as_much_with_three_rows_as_with_one(lists["people:staff_list"](make), client_of)
