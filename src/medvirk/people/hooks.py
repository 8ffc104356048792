"""Where rooms below take part in the pages about a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from medvirk.people.access import Viewer
from medvirk.people.models import Citizen


@dataclass(frozen=True)
class PersonPanel:
    """A part of a citizen's page that a room below owns.

    `context(viewer, citizen)` gives what `template` shows; the page has opened and logged the record already.
    """

    template: str
    context: Callable[[Viewer, Citizen], Mapping[str, Any]]
    order: int


_panels: list[PersonPanel] = []


def register_person_panel(panel: PersonPanel) -> None:
    """Called from `AppConfig.ready` of the room that owns the panel."""
    if panel not in _panels:
        _panels.append(panel)
        _panels.sort(key=lambda each: each.order)


def panels() -> tuple[PersonPanel, ...]:
    return tuple(_panels)


_parts: dict[str, str | Promise] = {
    "people.person": _("who the citizen is, and contact details"),
    "people.relation": _("service relations"),
    "people.search": _("whether the citizen is registered"),
}


def register_part_name(what: str, name: str | Promise) -> None:
    """Say in plain words what an `AccessEvent.what` of a room below means, e.g. "feedback.session"."""
    _parts[what] = name


def name_of_part(what: str) -> str:
    """The plain words; the code itself where no room has given any, so that the log hides nothing."""
    return str(_parts.get(what, what))
