"""The record of processing activities (GDPR art. 30), filled in from what this installation really is."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from medvirk.interop.processing import words
from medvirk.interop.processing.categories import ABOUT_WORDS, About
from medvirk.interop.processing.document import Document, Section, Table
from medvirk.interop.processing.facts import Facts, InUse
from medvirk.interop.processing.measures import Measure
from medvirk.people.logic.retention import RULES


def record(facts: Facts, use: InUse, measures: Mapping[str, Measure], *, language: str) -> Document:
    """The whole record, in the language that is active."""
    return Document(
        language=language,
        title=_("Record of processing activities"),
        subtitle=f"{words.who_is_responsible(facts)}. {words.made(facts)}",
        sections=[
            _responsible(facts),
            *words.purpose_sections(facts),
            words.consents(facts),
            Section(
                title=_("Whom it is about"),
                points=[words.sentence(ABOUT_WORDS[each]) for each in About if each is not About.NOBODY],
            ),
            words.recipients(use),
            Section(
                title=_("Others, and other countries"),
                points=words.outside(facts, use),
                boxes=[
                    _("Suppliers who handle data for the municipality (hosting, support), with agreements")
                ],
            ),
            _retention(facts),
            words.security(measures),
            Section(title=_("Approval"), boxes=words.signature()),
        ],
    )


def _responsible(facts: Facts) -> Section:
    return Section(
        title=_("Who is responsible"),
        paragraphs=[
            _("Controller: %(who)s.") % {"who": words.who_is_responsible(facts)},
            _("Processing: feedback-informed help in municipal mental-health and addiction services, with Medvirk at "
              "%(host)s.") % {"host": facts.host},
        ],
        points=words.officer(facts),
        boxes=[_("Who answers for it from day to day (role, contact)")],
    )  # fmt: skip


def _retention(facts: Facts) -> Section:
    """Every rule in force; what has no time is said too."""
    rows = [
        [words.sentence(rule.label), words.sentence(words.kept(key, facts.months)), str(rule.why)]
        for key, rule in RULES.items()
    ]
    return Section(
        title=_("How long it is kept"),
        paragraphs=[
            _("Nothing is erased by itself: a report is made, somebody reads it and approves it."),
        ],
        table=Table(_("Rules in force"), [_("What"), _("How long"), _("Why")], rows),
    )
