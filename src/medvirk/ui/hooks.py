"""Where rooms below plug into the shell of every page: the menu, and strips above the content."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.functional import Promise


@dataclass(frozen=True)
class MenuEntry:
    """A line in the main menu.

    `permission` is compared with what the viewer holds (`people.access.Permission`); None shows it to all
    who are signed in. `shown(viewer)` is asked of those who hold it, where the permission alone is not enough.
    `order` sorts; daily work first.
    """

    label: str | Promise
    url_name: str
    order: int
    permission: str | None = None
    shown: Callable[[Any], bool] = lambda _viewer: True


_menu: list[MenuEntry] = []


def register_menu_entry(entry: MenuEntry) -> None:
    """Called from `AppConfig.ready` of the room that owns the page."""
    if entry not in _menu:
        _menu.append(entry)
        _menu.sort(key=lambda each: each.order)


@dataclass(frozen=True)
class Menu:
    """What somebody can go to. On a phone a dozen entries would hide the page, so most of a long menu folds."""

    all: tuple[MenuEntry, ...] = ()

    @property
    def _in_a_row(self) -> int:
        return len(self.all) if len(self.all) <= 5 else 4

    @property
    def first(self) -> tuple[MenuEntry, ...]:
        return self.all[: self._in_a_row]

    @property
    def more(self) -> tuple[MenuEntry, ...]:
        return self.all[self._in_a_row :]


def menu_for(viewer: Any) -> Menu:
    """The entries for somebody who is signed in: a `people.access.Viewer`, which this room does not know."""
    held = viewer.permissions
    return Menu(
        tuple(
            each
            for each in _menu
            if (each.permission is None or each.permission in held) and each.shown(viewer)
        )
    )


@dataclass(frozen=True)
class Strip:
    """Something that must be seen on every page it concerns. `context(request)` gives None where it does not."""

    template: str
    context: Callable[[HttpRequest], Mapping[str, Any] | None]


_strips: list[Strip] = []


def register_strip(strip: Strip) -> None:
    """Called from `AppConfig.ready` of the room that owns it."""
    if strip not in _strips:
        _strips.append(strip)


def strips() -> tuple[Strip, ...]:
    return tuple(_strips)
