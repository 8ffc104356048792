"""Words that the documents have in common, in the language that is active."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from medvirk.interop.processing.categories import (
    ABOUT_WORDS,
    CONSENT_BASIS,
    PURPOSES,
    Stored,
    stored,
)
from medvirk.interop.processing.document import Section, Table
from medvirk.interop.processing.facts import Facts, InUse
from medvirk.interop.processing.measures import Measure
from medvirk.people.access import PERMISSIONS
from medvirk.people.logic.retention import RULES, Means
from medvirk.people.models import ConsentPurpose, Role
from medvirk.people.privacy import Level, Purpose
from medvirk.people.wording import PERMISSION_WORDS

YEAR = 12
SET_OFFICER = gettext_lazy("Set MEDVIRK_PRIVACY_CONTACT (docs/running.md).")


def sentence(text: object) -> str:
    """With a capital first, the rest as it is."""
    words = str(text)
    return words[:1].upper() + words[1:]


def listed(words: Iterable[object]) -> str:
    """`a, b and c`."""
    each = [str(word) for word in words]
    if len(each) < 2:
        return "".join(each)
    return _("%(first)s and %(last)s") % {"first": ", ".join(each[:-1]), "last": each[-1]}


def duration(months: int) -> str:
    """Months as people say them: years where they are whole."""
    years, rest = divmod(months, YEAR)
    parts = []
    if years:
        parts.append(ngettext("%(count)d year", "%(count)d years", years) % {"count": years})
    if rest:
        parts.append(ngettext("%(count)d month", "%(count)d months", rest) % {"count": rest})
    return listed(parts)


def kept(rule: str, months: Mapping[str, int | None]) -> str:
    """How long, from when, and what then; for one rule of `people.logic.retention`."""
    held, count = RULES[rule], months[rule]
    if held.means is Means.KEEP or count is None:
        return _("Kept.")
    facts = {"time": duration(count), "since": held.since}
    if count == 0:
        return _("Deleted after this: %(since)s.") % facts
    if held.means is Means.EMPTY:
        return _("%(time)s after %(since)s; then emptied of who it was.") % facts
    return _("%(time)s after %(since)s; then deleted.") % facts


def who_is_responsible(facts: Facts) -> str:
    """The municipality, or that its name is not known here."""
    if not facts.municipalities:
        return _("The municipality (its name is not registered in Medvirk)")
    return listed(facts.municipalities)


def officer(facts: Facts) -> list[str]:
    """How to reach the data protection officer, or what to do so that people can."""
    if facts.officer:
        return [_("Data protection officer: %(contact)s") % {"contact": facts.officer}]
    return [
        _("NOT ON: how to reach the data protection officer. Do this: %(to_do)s") % {"to_do": SET_OFFICER}
    ]


def made(facts: Facts) -> str:
    day = f"{timezone.localtime(facts.made_at):%d.%m.%Y}"
    return _("Made by Medvirk on %(day)s from what was switched on that day.") % {"day": day}


def purpose_sections(facts: Facts) -> list[Section]:
    """A section for each purpose: the basis, and what is stored for it."""
    everything = stored()
    return [_purpose(purpose, everything, facts) for purpose in Purpose]


def _purpose(purpose: Purpose, everything: Sequence[Stored], facts: Facts) -> Section:
    title, basis = PURPOSES[purpose]
    held = [each for each in everything if each.purpose is purpose]
    return Section(
        title=str(title),
        paragraphs=[
            _("Legal basis as Medvirk takes it to be: %(basis)s Check it with your data protection officer.")
            % {"basis": basis},
            _(
                "Fields that say who it is are encrypted, or kept as keyed hashes. Fields that only say something "
                "about somebody are not encrypted."
            )
            if held
            else _("Nothing is stored for this purpose today."),
        ],
        table=Table(
            _("What is stored"),
            [_("What"), _("About whom"), _("How much it tells"), _("How long")],
            [_row(each, facts) for each in held],
        )
        if held
        else None,
    )


def _row(each: Stored, facts: Facts) -> list[str]:
    return [
        sentence(each.category.words),
        sentence("; ".join(str(ABOUT_WORDS[about]) for about in each.category.about)),
        how_much(each),
        sentence(kept(each.retention, facts.months)),
    ]


def how_much(each: Stored) -> str:
    """How many fields say who it is, and how many only something about somebody."""
    who, something = each.fields[Level.IDENTIFYING], each.fields[Level.SENSITIVE]
    parts = []
    if who:
        told = ngettext("%(count)d field says who it is", "%(count)d fields say who it is", who)
        parts.append(told % {"count": who})
    if something:
        told = ngettext(
            "%(count)d field says something about somebody",
            "%(count)d fields say something about somebody",
            something,
        )
        parts.append(told % {"count": something})
    return ", ".join(parts) or _("Says nothing about anybody")


def consents(facts: Facts) -> Section:
    """What people are asked, with the basis of each."""
    rows = []
    for text in facts.consents:
        purpose = ConsentPurpose(text.purpose)
        _language, wording = text.in_language(_active())
        rows.append(
            [sentence(purpose.label), wording.summary, str(text.version), str(CONSENT_BASIS[purpose])]
        )
    return Section(
        title=_("What people are asked to agree to"),
        paragraphs=[
            _("That help is recorded does not rest on consent. This does; a yes can be taken back at any time, "
              "and nobody loses "
              "help by a no."),
            _("The legal bases are how Medvirk takes them to be. Check them with your data protection officer."),
        ],
        table=Table(_("Consents"), [_("What"), _("As it is said"), _("Text number"), _("Legal basis")], rows),
    )  # fmt: skip


def _active() -> str:
    from medvirk.ui.languages import current_language

    return current_language()


def recipients(use: InUse) -> Section:
    """Who can see something: every role with its permissions, and who holds it today."""
    rows = []
    for role in Role:
        held = use.roles.get(role, 0)
        may = [f"{sentence(said)}." for each, said in PERMISSION_WORDS.items() if each in PERMISSIONS[role]]
        rows.append([sentence(role.label), str(held), " ".join(may)])
    return Section(
        title=_("Who can see it"),
        paragraphs=[
            _("A role opens no record by itself: a dated relation to the citizen does."),
            ngettext(
                "%(count)d partner or organisation is shared with today, each by a citizen's own choice.",
                "%(count)d partners and organisations are shared with today, each by a citizen's own choice.",
                use.partners,
            )
            % {"count": use.partners},
        ],
        table=Table(_("Roles"), [_("Role"), _("People who hold it today"), _("What they may do")], rows),
    )


def outside(facts: Facts, use: InUse) -> list[str]:
    """Everything that this installation talks with, and that nothing leaves the EEA through it."""
    points = [
        _(
            "Sign-in of %(who)s: %(name)s (%(host)s). It hears that somebody signs in, and nothing of what they see."
        )
        % {
            "who": _("citizens") if each.who == "citizens" else _("workers"),
            "name": each.name,
            "host": each.host,
        }
        for each in facts.sign_in
    ]
    if use.mail_host:
        points.append(
            _("E-mail: %(host)s. It hears addresses, and that there is something to read.")
            % {"host": use.mail_host}
        )
    if use.sms_host:
        points.append(
            _(
                "Text messages: %(host)s. It hears phone numbers, and that there is something to answer or read."
            )
            % {"host": use.sms_host}
        )
    points.append(
        _("Medvirk itself sends nothing out of the EEA, loads nothing from elsewhere and measures no usage.")
    )
    return points  # fmt: skip


def security(measures: Mapping[str, Measure]) -> Section:
    """Every measure: on, or what to do."""
    return Section(
        title=_("Security measures"),
        paragraphs=[_("What the program cannot see, such as doors, machines and training, is for the "
                      "municipality to add.")],
        points=[state_of(each) for each in measures.values()],
        boxes=[_("Measures of the municipality's own: premises, machines, network, training, agreements")],
    )  # fmt: skip


def state_of(measure: Measure) -> str:
    """The measure as it is today."""
    facts = {"words": measure.words, "to_do": measure.to_do}
    if measure.on:
        return _("On: %(words)s") % facts
    return _("NOT ON: %(words)s Do this: %(to_do)s") % facts


def signature() -> list[str]:
    return [_("Approved by (name, role)"), _("Date and signature"), _("To be looked at again by")]
