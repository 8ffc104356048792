"""Where rooms below plug into the shell of every page: the menu."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise


@dataclass(frozen=True)
class MenuEntry:
    """A line in the main menu.

    `permission` is compared with what the viewer holds (`people.access.Permission`); None shows it to all
    who are signed in. `order` sorts; daily work first.
    """

    label: str | Promise
    url_name: str
    order: int
    permission: str | None = None


_menu: list[MenuEntry] = []


def register_menu_entry(entry: MenuEntry) -> None:
    """Called from `AppConfig.ready` of the room that owns the page."""
    if entry not in _menu:
        _menu.append(entry)
        _menu.sort(key=lambda each: each.order)


def menu_for(permissions: frozenset[str]) -> list[MenuEntry]:
    """The entries for somebody who holds `permissions`."""
    return [entry for entry in _menu if entry.permission is None or entry.permission in permissions]
