"""A summary as a PDF for the record."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _

from medvirk.interop.journal.words import Summary, day_of, time_of
from medvirk.people.models import Citizen

TYPST_SOURCE = Path(__file__).with_name("journal.typ")


def as_pdf(summary: Summary, citizen: Citizen, *, made_by: str, now: datetime, language: str) -> bytes:
    """PDF/UA-1; typst refuses to make it if something in it is not accessible. A file says whom it is about."""
    import typst

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
    pdf: bytes = typst.compile(
        {  # type: ignore[call-overload] # its stub lacks this
            "main.typ": TYPST_SOURCE.read_bytes(),
            "data.json": json.dumps(page).encode(),
        },
        format="pdf",
        pdf_standards="ua-1",
        ignore_system_fonts=True,
    )
    return pdf
