"""The main menu: a short one stands in a row, most of a long one folds, and nothing is lost."""

from __future__ import annotations

import pytest

from medvirk.ui.hooks import Menu, MenuEntry


@pytest.mark.parametrize(("entries", "in_a_row"), [(0, 0), (1, 1), (5, 5), (6, 4), (10, 4)])
def test_most_of_a_long_menu_folds(entries, in_a_row):
    menu = Menu(tuple(MenuEntry(f"Page {at}", f"page_{at}", at) for at in range(entries)))

    assert len(menu.first) == in_a_row
    assert menu.first + menu.more == menu.all
