"""The template of an impact assessment (GDPR art. 35): what is known here stands there, the rest is empty boxes."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from medvirk.interop.processing import words
from medvirk.interop.processing.document import Document, Section
from medvirk.interop.processing.facts import Facts, InUse
from medvirk.interop.processing.measures import Measure
from medvirk.interop.processing.risks import RISKS, Risk


def assessment(facts: Facts, use: InUse, measures: Mapping[str, Measure], *, language: str) -> Document:
    """The whole template, in the language that is active."""
    return Document(
        language=language,
        title=_("Data protection impact assessment"),
        subtitle=f"{words.who_is_responsible(facts)}. {words.made(facts)}",
        sections=[
            _about(facts),
            _description(facts, use),
            *words.purpose_sections(facts),
            words.consents(facts),
            words.recipients(use),
            _necessity(),
            _rights(facts),
            *(_risk(number, risk, measures) for number, risk in enumerate(RISKS, start=1)),
            words.security(measures),
            _hearing(),
            Section(
                title=_("Conclusion"),
                boxes=[
                    _("Is the risk that is left acceptable? If not: what must be done first, or Datatilsynet be "
                      "asked"),
                    *words.signature(),
                ],
            ),
        ],
    )  # fmt: skip


def _about(facts: Facts) -> Section:
    return Section(
        title=_("About this assessment"),
        paragraphs=[
            _("This is a template. Medvirk fills in what it knows of itself; what stands in a box only the "
              "municipality "
              "can say. It is no legal advice, and no assessment until somebody has made it."),
            _("An assessment is needed: health data of people in a vulnerable situation, about many of them and over "
              "time (GDPR art. 35 (3) b, and Datatilsynet's list)."),
        ],
        points=words.officer(facts),
        boxes=[_("Who has made the assessment (names, roles)"), _("Date"), _("Advice of the data protection "
                                                                             "officer")],
    )  # fmt: skip


def _description(facts: Facts, use: InUse) -> Section:
    asked = words.listed(use.instruments) or _("none yet")
    return Section(
        title=_("What is done"),
        paragraphs=[
            _("A citizen answers a few questions before and after a conversation, on their own phone or on the "
              "worker's "
              "screen. The two look at the course together, and the help is adjusted. From many courses an expected "
              "course is worked out; where a course is off it, a signal says that there is reason to talk."),
            _("Questionnaires in use: %(asked)s.") % {"asked": asked},
            _("It runs at %(host)s on %(database)s, with %(units)d units.")
            % {"host": facts.host, "database": use.database, "units": use.units},
        ],
        points=words.outside(facts, use),
        boxes=[
            _("Services that use it, and about how many people it is about"),
            _("Where the machines stand, and who runs them"),
            _("Does the law demand that it is done, or why does the municipality do it?"),
        ],
    )  # fmt: skip


def _necessity() -> Section:
    return Section(
        title=_("Is it necessary, and not more than necessary?"),
        points=[
            _("Answering is voluntary; one may skip questions, stop, and pause. Nobody loses help by it."),
            _("Few questions, chosen for the conversation; no data from phones, sensors or other registers."),
            _("Purposes are kept apart, and what is known about a citizen has a time after which it goes."),
            _("The gain is small on average (d about 0.15), and comes from following up what people say. It is no "
              "diagnosis, and it decides nothing."),
        ],
        boxes=[
            _("Could the same be reached with less? What was considered"),
            _("How the municipality sees to it that answers are followed up"),
        ],
    )  # fmt: skip


def _rights(facts: Facts) -> Section:
    own = facts.citizens_sign_in
    how = (
        _("They sign in to their own pages by %(name)s.") % {"name": own.name}
        if own
        else _("NOT ON: citizens' own pages. Do this: set up ID-porten (docs/signin.md). Until then the workers "
               "do it for them.")
    )  # fmt: skip
    notice = (
        _("The municipality has written its own privacy notice.")
        if facts.own_notice
        else _("NOT ON: the municipality's own privacy notice; Medvirk's is shown. Do this: write it under "
               "Texts, with how "
               "to reach the data protection officer.")
    )  # fmt: skip
    return Section(
        title=_("The rights of those it is about"),
        paragraphs=[how, notice],
        points=[
            _("To know: before the first answer and on the page on privacy, in three languages."),
            _("To see and take along: everything, as PDF, JSON and FHIR, and who has looked."),
            _("To correct: a request that must be answered within a month; the citizen's own words stay with it."),
            _("To have erased: what was registered by mistake, and by decision under helsepersonelloven § 43."),
            _("To object and to choose: consents, sharing, named workers kept out, pausing."),
            _("No decision is made by a machine alone (art. 22)."),
        ],
    )  # fmt: skip


def _risk(number: int, risk: Risk, measures: Mapping[str, Measure]) -> Section:
    return Section(
        title=_("Risk %(number)d: %(title)s") % {"number": number, "title": risk.title},
        paragraphs=[str(risk.happens), _("What is left: %(left)s") % {"left": risk.left}],
        points=[words.state_of(measures[key]) for key in risk.measures.split()],
        boxes=[
            _("How likely, how serious (your own assessment)"),
            _("Further measures, who does them and when"),
        ],
    )


def _hearing() -> Section:
    return Section(
        title=_("Who has been heard"),
        boxes=[
            _("Those who get help and their organisations (art. 35 (9))"),
            _("Workers and their representatives"),
            _("Information security and suppliers"),
        ],
    )
