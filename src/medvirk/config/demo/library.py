"""What stands in Fjordvik's library from the start: a routine, a guide and a brochure, written by us."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from django.utils import timezone

from medvirk.feedback.logic import RISK
from medvirk.feedback.models import SignalGuide
from medvirk.feedback.wording.courses import SIGNALS
from medvirk.library.actions import add_document, add_version
from medvirk.library.logic import NewVersion
from medvirk.library.models import Audience, Kind
from medvirk.people.models import Unit

FOLDER = Path(__file__).parent / "documents"
LANGUAGES = ("nb", "nn", "en")
#: (name of the file, kind, audience, tags)
SHIPPED = (
    ("hard-to-bear", Kind.ROUTINE, Audience.STAFF, "sikkerhet, selvmord, krise"),
    ("talking-about-a-signal", Kind.GUIDE, Audience.STAFF, "signal, samtale"),
    ("why-we-ask", Kind.BROCHURE, Audience.EVERYBODY, "spørsmål, tilbakemelding"),
)


def read(name: str, language: str, day: date) -> NewVersion:
    """A shipped text: the title in the first line, the text under it."""
    title, body = (FOLDER / f"{name}.{language}.md").read_text(encoding="utf-8").split("\n", 1)
    return NewVersion(language=language, title=title.removeprefix("# "), valid_from=day, body=body)


def fill_library(*, unit: Unit, now: datetime) -> None:
    """Put the shipped texts in, looked after by `unit`."""
    day = timezone.localdate(now)
    shelf = {}
    for name, kind, audience, tags in SHIPPED:
        first, *others = (read(name, language, day) for language in LANGUAGES)
        document = add_document(
            by=None, kind=kind, audience=audience, unit=unit, tags=tags, version=first, now=now
        )
        for each in others:
            add_version(by=None, document=document, version=each, now=now)
        shelf[name] = document
    # Each opens from the card of a signal.
    for kind in SIGNALS:
        guide = shelf["hard-to-bear" if kind == RISK else "talking-about-a-signal"]
        SignalGuide.objects.create(unit=unit, kind=kind, document_id=guide.pk, changed_at=now)
