"""The documents there are, each made in one language from this installation as it is now; and what is missing here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from medvirk.interop.processing import words
from medvirk.interop.processing.assessment import assessment
from medvirk.interop.processing.document import Document
from medvirk.interop.processing.facts import gather, gather_use
from medvirk.interop.processing.measures import measures_today
from medvirk.interop.processing.record import record

Make = Callable[..., Document]
#: What each is called in addresses and on the command line, with its title and what it is.
DOCUMENTS: Mapping[str, tuple[Make, Promise, Promise]] = {
    "record": (
        record,
        gettext_lazy("Record of processing activities"),
        gettext_lazy("What is stored here, why, who sees it and for how long (GDPR art. 30)."),
    ),
    "dpia": (
        assessment,
        gettext_lazy("Data protection impact assessment"),
        gettext_lazy(
            "A template: what can go wrong for people, and what is done about it here (GDPR art. 35)."
        ),
    ),
}


def make_document(key: str, *, now: datetime, language: str) -> Document:
    """The document in the language that is active. Raises KeyError for one that there is not."""
    make = DOCUMENTS[key][0]
    return make(gather(now), gather_use(now), measures_today(), language=language)


@dataclass(frozen=True)
class Missing:
    what: str
    to_do: str


def missing(*, now: datetime) -> list[Missing]:
    """What should be put right before the documents are handed to anybody."""
    facts = gather(now)
    off = [each for each in measures_today().values() if not each.on]
    found = [Missing(_("NOT ON: %(words)s") % {"words": each.words}, each.to_do) for each in off]
    if not facts.municipalities:
        found.append(
            Missing(
                _("The name of the municipality is not registered."),
                _("Register it under Units, as a municipality at the top."),
            )
        )
    if not facts.officer:
        found.append(
            Missing(_("Nobody is told how to reach the data protection officer."), str(words.SET_OFFICER))
        )
    if not facts.own_notice:
        found.append(
            Missing(
                _("The municipality has not written its own privacy notice."),
                _("Write it under Texts."),
            )
        )
    return found
