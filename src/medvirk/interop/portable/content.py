"""Everything that the house holds about one citizen, room by room, for themselves or a parent or guardian."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied

from medvirk.people.access import Permission, Viewer, can
from medvirk.people.hooks import Plain, Shown, own_data
from medvirk.people.models import Citizen


@dataclass(frozen=True)
class Part:
    """One kind of thing. `fields`: name of each field and what it is in words; each row has exactly these."""

    key: str
    title: str
    fields: Mapping[str, str]
    rows: Sequence[Mapping[str, Plain | Shown]]


@dataclass(frozen=True)
class Portable:
    """All of it, in one language. `about` is the citizen, `made_for` who asked for it."""

    language: str
    made_at: datetime
    about: str
    made_for: str
    on_behalf: bool
    parts: Sequence[Part]


def collect(viewer: Viewer, citizen: Citizen, *, now: datetime, language: str) -> Portable:
    """Gather it, in the language that is active.

    Raises:
        PermissionDenied: they are not the viewer's own pages.
        ValueError: a room gave a row whose fields are not those it stated.
    """
    if not can(viewer, Permission.OWN_PAGES, citizen).allowed:
        raise PermissionDenied
    parts = []
    for data in own_data():
        rows = list(data.collect(viewer, citizen))
        for row in rows:
            if set(row) != set(data.fields):
                odd = sorted(set(row) ^ set(data.fields))
                raise ValueError(f"{data.key}: these fields are stated or given, but not both: {odd}")
        parts.append(
            Part(data.key, str(data.title), {name: str(words) for name, words in data.fields.items()}, rows)
        )
    return Portable(
        language=language,
        made_at=now,
        about=citizen.person.name,
        made_for=viewer.name,
        on_behalf=citizen.person_id != viewer.own_person_id,
        parts=parts,
    )
