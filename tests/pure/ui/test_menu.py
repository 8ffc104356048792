"""The main menu: a short one stands in a row, most of a long one folds, and nothing is lost."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from medvirk.ui import hooks
from medvirk.ui.hooks import Menu, MenuEntry, menu_for


@pytest.mark.parametrize(("entries", "in_a_row"), [(0, 0), (1, 1), (5, 5), (6, 4), (10, 4)])
def test_most_of_a_long_menu_folds(entries, in_a_row):
    menu = Menu(tuple(MenuEntry(f"Page {at}", f"page_{at}", at) for at in range(entries)))

    assert len(menu.first) == in_a_row
    assert menu.first + menu.more == menu.all


def test_an_entry_is_shown_to_those_who_hold_it_and_may_use_it(monkeypatch):
    def only_the_chief(viewer) -> bool:
        assert "merge" in viewer.permissions
        return viewer.name == "chief"

    for_all = MenuEntry("Messages", "inbox", 1)
    for_some = MenuEntry("Registered twice", "twice", 2, "merge", shown=only_the_chief)
    monkeypatch.setattr(hooks, "_menu", [for_all, for_some])

    def shown(name: str, *permissions: str) -> tuple[MenuEntry, ...]:
        return menu_for(SimpleNamespace(name=name, permissions=frozenset(permissions))).all

    assert shown("chief", "merge") == (for_all, for_some)
    assert shown("other", "merge") == (for_all,)
    assert shown("chief") == (for_all,)
