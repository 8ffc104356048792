"""A summary as a PDF for the record."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from medvirk.interop.journal.words import Summary, day_of, time_of
from medvirk.people.models import Citizen
from medvirk.ui.typeset import typeset

TYPST_SOURCE = Path(__file__).with_name("journal.typ")


def as_pdf(summary: Summary, citizen: Citizen, *, made_by: str, now: datetime, language: str) -> bytes:
    """A file says whom it is about."""
    about = _("About %(name)s.") % {"name": citizen.person.name}
    if citizen.person.birth_date:
        about = _("About %(name)s, born %(day)s.") % {
            "name": citizen.person.name,
            "day": day_of(citizen.person.birth_date),
        }
    made = _("Made on %(day)s at %(time)s by %(name)s.") % {
        "day": day_of(now),
        "time": time_of(now),
        "name": made_by,
    }
    page: dict[str, Any] = {
        "language": language,
        "title": summary.title,
        "intro": [about, made],
        "sections": [{"title": each.title, "sentences": list(each.sentences)} for each in summary.sections],
    }
    return typeset(TYPST_SOURCE, page)
