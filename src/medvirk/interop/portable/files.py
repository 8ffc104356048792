"""The content as files: JSON for other programs, PDF/UA for people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from medvirk.interop.portable.content import Part, Portable
from medvirk.people.hooks import Plain, Shown
from medvirk.ui.typeset import typeset

FORMAT = "medvirk-own-data"
VERSION = 1
TYPST_SOURCE = Path(__file__).with_name("own_data.typ")
#: What the JSON file holds, as JSON Schema.
SCHEMA = Path(__file__).with_name("own_data.schema.json")


def as_json(content: Portable) -> bytes:
    """UTF-8. Each part brings its fields in words along, so that the file explains itself."""
    file = {
        "format": FORMAT,
        "version": VERSION,
        "language": content.language,
        "made_at": timezone.localtime(content.made_at).isoformat(timespec="seconds"),
        "about": content.about,
        "made_for": content.made_for,
        "on_behalf": content.on_behalf,
        "parts": [
            {
                "key": part.key,
                "title": part.title,
                "fields": dict(part.fields),
                "rows": [{name: _plain(value) for name, value in row.items()} for row in part.rows],
            }
            for part in content.parts
        ],
    }
    return json.dumps(file, ensure_ascii=False, indent=1).encode()


def _plain(value: Plain | Shown) -> Plain:
    return value.value if isinstance(value, Shown) else value


def as_pdf(content: Portable) -> bytes:
    made = timezone.localtime(content.made_at)
    about = {"about": content.about, "for": content.made_for, "when": f"{made:%d.%m.%Y %H:%M}"}
    page: dict[str, Any] = {
        "language": content.language,
        "title": _("What is written about you"),
        "intro": [
            _("About %(about)s. Made %(when)s for %(for)s.") % about,
            _(
                "This is a copy of everything that Medvirk holds about you, room by room. Nothing was changed or "
                "left out but what is about other people, and keys and hashes that say nothing."
            ),
            _("Keep it where nobody else reads it. Whoever has this file can read all of it."),
            _("If something is wrong, ask to have it corrected on your own pages, or tell the one who helps you."),
        ],
        "nothing": _("Nothing."),
        "contents": _("What is in it"),
        "parts": [
            {"title": part.title, "rows": [_on_paper(part, row) for row in part.rows]} for part in content.parts
        ],
    }  # fmt: skip
    return typeset(TYPST_SOURCE, page)


def _on_paper(part: Part, row: Any) -> list[list[str]]:
    """[words, value] of what is known; empty fields are left out."""
    pairs = ((part.fields[name], _words(value)) for name, value in row.items())
    return [[name, value] for name, value in pairs if value]


def _words(value: Plain | Shown) -> str:
    if isinstance(value, Shown):
        return value.words
    return "" if value is None else str(value)
