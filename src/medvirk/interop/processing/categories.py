"""What is stored, in words: every table in a category, and what every permission lets somebody see of a citizen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from medvirk.people.access import Permission
from medvirk.people.models import ConsentPurpose
from medvirk.people.privacy import Level, Purpose, every_rule

HERE = "interop/processing/categories.py"


class About(StrEnum):
    """Whom the rows are about."""

    CITIZENS = "citizens"
    RELATIVES = "relatives"
    STAFF = "staff"
    NOBODY = "nobody"


ABOUT_WORDS: dict[About, Promise] = {
    About.CITIZENS: _("citizens who get or have had help"),
    About.RELATIVES: _("parents and guardians"),
    About.STAFF: _("workers and partners"),
    About.NOBODY: _("nobody"),
}


@dataclass(frozen=True)
class Category:
    """Tables that hold the same kind of thing, for one purpose and under one rule of how long it is kept."""

    words: Promise
    about: tuple[About, ...]
    tables: str


_CITIZEN, _STAFF = (About.CITIZENS,), (About.STAFF,)
_BOTH, _NOBODY = (About.CITIZENS, About.STAFF), (About.NOBODY,)

CATEGORIES: tuple[Category, ...] = (
    Category(
        _("name, national identity number, date of birth, phone, e-mail, language, protected address, death"),
        (About.CITIZENS, About.RELATIVES, About.STAFF),
        "people.Person people.PersonKey people.Citizen people.Death",
    ),
    Category(
        _("who helps whom and why, who is kept out of a record, parents and guardians, emergency access"),
        (About.CITIZENS, About.RELATIVES, About.STAFF),
        "people.Relation people.Bar people.Guardianship people.EmergencyReview",
    ),
    Category(
        _("courses of help, conversations, and what was changed in the help"),
        _BOTH,
        "feedback.Showing "
        "feedback.Episode feedback.EpisodeMove feedback.Participation feedback.Session feedback.Asking "
        "feedback.JournalSummary "
        "feedback.Agreement feedback.Schedule feedback.ScheduleLine feedback.Signal feedback.SignalStep",
    ),
    Category(
        _("what a team notes in supervision and on its board, and crisis plans"),
        _BOTH,
        "feedback.Supervision feedback.Supervision_present feedback.SupervisionCase feedback.SupervisionNote "
        "feedback.BoardMove feedback.BoardTask feedback.BoardLook feedback.CrisisPlan "
        "feedback.PlanWish",
    ),
    Category(
        _("what a worker ticks for the record system, and what leaders note about the use of feedback"),
        _STAFF,
        "feedback.JournalChoice feedback.UseNote",
    ),
    Category(
        _("what workers answer for their own learning"),
        _STAFF,
        "feedback.SelfCheck",
    ),
    Category(
        _("what workers guessed that their conversations would be rated"),
        _STAFF,
        "feedback.MeetingGuess",
    ),
    Category(
        _("own goals, life events, and pauses in being asked"),
        _CITIZEN,
        "feedback.Goal feedback.LifeEvent feedback.MeasuringPause",
    ),
    Category(
        _("what was asked, answers, scores and own words"),
        _CITIZEN,
        "answers.PaperForm answers.PaperEntry "
        "answers.Occasion answers.Ask answers.Submission answers.Answer answers.Score answers.NoticeSeen",
    ),
    Category(_("questions and corrections that somebody asked for"), _BOTH, "people.CitizenRequest"),
    Category(
        _("records of one person that were registered twice"),
        _CITIZEN,
        "people.PersonMerge people.PersonMergeMove people.SuspectedDuplicate",
    ),
    Category(
        _("who opened whose record, when and why"),
        _BOTH,
        "people.AccessEvent people.LogSeal people.LogStone people.UnusualOpening",
    ),
    Category(_("what people said yes and no to"), (About.CITIZENS, About.RELATIVES), "people.Consent"),
    Category(
        _("that somebody close to a citizen, or a worker, was asked how they see it, and by what right"),
        (About.CITIZENS, About.RELATIVES, About.STAFF),
        "feedback.ProxyAsking",
    ),
    Category(_("answers that were begun and not sent"), _CITIZEN, "answers.Draft"),
    Category(_("links to answer by"), _CITIZEN, "answers.AnswerLink answers.TabletCode"),
    Category(
        _("sums of many people's scores, and which courses they have counted"),
        _CITIZEN,
        "feedback.LocalNorms feedback.NormsRelease feedback.NormsRelease_episodes",
    ),
    Category(
        _("sign-in names, passwords as hashes, second factors"),
        (About.CITIZENS, About.RELATIVES, About.STAFF),
        "people.User people.JobAccount mfa.Authenticator account.EmailAddress account.EmailConfirmation",
    ),
    Category(_("messages by e-mail, and notices on the pages"), _BOTH, "outbox.Message outbox.Notice"),
    Category(
        _("when somebody was asked by message to answer, and when not"),
        _CITIZEN,
        "feedback.Reminder feedback.ReminderChoice",
    ),
    Category(_("who is signed in at this moment"), _BOTH, "sessions.Session"),
    Category(_("workers, with title and roles"), _STAFF, "people.Staff people.Grant"),
    Category(
        _("units, and how they were merged, divided and moved"),
        _BOTH,
        "people.Unit people.UnitPlace people.UnitSuccession people.Reorganisation people.ReorganisedRow",
    ),
    Category(
        _("the municipality's own texts, and wording and numbers of questionnaires"),
        _STAFF,
        "answers.OrganisationText people.ConsentText instruments.LocalWording instruments.LocalParameters "
        "feedback.BoardColumn feedback.ChangeChoice feedback.SignalGuide feedback.RiskLine feedback.ReminderPlan",
    ),
    Category(
        _("guides, brochures and routines, and who wrote them"),
        _STAFF,
        "library.Document library.Version library.DocumentMove",
    ),
    Category(
        _("decisions on how long things are kept, and on erasure"),
        _BOTH,
        "people.RetentionPeriod people.RetentionRun people.Erasure",
    ),
    Category(
        _("inner tables of the program"),
        _NOBODY,
        "contenttypes.ContentType auth.Permission auth.Group auth.Group_permissions",
    ),
    Category(_("when recurring work was done"), _NOBODY, "outbox.DutyState"),
    Category(_("how far a change of keys has come"), _BOTH, "people.RotationProgress"),
)  # fmt: skip

#: What a table is for, in words, and the basis in law that we take it to have. The municipality decides.
PURPOSES: dict[Purpose, tuple[Promise, Promise]] = {
    Purpose.CARE: (
        _("Help: a citizen says how life is and how the help feels, and the help is adjusted"),
        _("GDPR art. 6 (1) c and e, art. 9 (2) h; helse- og omsorgstjenesteloven § 3-1, helsepersonelloven §§ 39 and "
          "40, pasientjournalloven §§ 6 and 8. Not consent."),
    ),
    Purpose.IMPROVEMENT: (
        _("Making the service better: what many people's answers say together"),
        _("GDPR art. 6 (1) c and e, art. 9 (2) h; helse- og omsorgstjenesteloven § 4-2, helsepersonelloven § 26."),
    ),
    Purpose.RESEARCH: (
        _("Research: only in projects of their own that are approved"),
        _("GDPR art. 6 (1) e, art. 9 (2) j; helseforskningsloven, for each project."),
    ),
    Purpose.OPERATION: (
        _("Running it safely: who may sign in, who may do what, and what was done"),
        _("GDPR art. 6 (1) c and e, art. 32; pasientjournalloven § 22."),
    ),
}  # fmt: skip

CONSENT_BASIS: dict[ConsentPurpose, Promise] = {
    ConsentPurpose.CONTACT: _("Consent, GDPR art. 6 (1) a."),
    ConsentPurpose.SHARING: _("Consent, GDPR art. 6 (1) a and art. 9 (2) a; helsepersonelloven § 22."),
    ConsentPurpose.IMPROVEMENT: _("Consent, GDPR art. 6 (1) a and art. 9 (2) a."),
    ConsentPurpose.RESEARCH: _("Consent to be asked, GDPR art. 6 (1) a. Each project asks for itself."),
}

#: What a permission lets somebody do, said to the citizen; None where it shows nothing about any citizen.
SAID_TO_CITIZENS: dict[Permission, Promise | None] = {
    Permission.FOLLOW_CITIZENS: _("open your record when they, or the team they work in, help you, and only then"),
    Permission.EMERGENCY_ACCESS: _(
        "can open your record for 60 minutes in an emergency; a leader is told, and you can see it and why"
    ),
    Permission.REGISTER_CITIZENS: _("can find out whether you are registered, by searching for exactly you"),
    Permission.SEE_SHARED: _("see only what you have said yes to sharing with them, until the day you chose"),
    Permission.SET_PROCEDURES: None,
    Permission.LEAD_TEAM: _("decide who helps you when your address is protected"),
    Permission.PROTECT_ADDRESSES: _("can register that your address is protected"),
    Permission.REVIEW_EMERGENCY: _("see that emergency access to your record was used, by whom and why"),
    Permission.MERGE_PERSONS: _(
        "can put two records of you together, if you were registered twice; they see how much there is, not what "
        "it says"
    ),
    Permission.READ_LOG: _("search the list of who has looked, to find misuse; they see no record"),
    Permission.REVIEW_LOG: _("go through unusual openings of records in their units; they see no record"),
    Permission.MANAGE_RETENTION: _("decide what is erased; they see no record"),
    # The citizen's own: told apart from the roles.
    Permission.OWN_PAGES: None,
    Permission.MANAGE_UNITS: None,
    Permission.MANAGE_STAFF: None,
    Permission.EDIT_TEXTS: None,
    Permission.SEE_MEASURING: None,
    Permission.SEE_OPERATION: None,
    Permission.READ_LIBRARY: None,
    Permission.EDIT_LIBRARY: None,
    # To themselves.
    Permission.READ_MESSAGES: None,
}  # fmt: skip


@dataclass(frozen=True)
class Stored:
    """A category with what its tables state of themselves. `fields` counts the fields of each level."""

    category: Category
    purpose: Purpose
    retention: str
    fields: dict[Level, int]


def _is_table_of_changes(model: type[models.Model]) -> bool:
    return hasattr(model, "history_object")


def stored() -> tuple[Stored, ...]:
    """Every category with purpose, rule and classes of fields, as the tables state them."""
    rules = {model._meta.label: rule for model, rule in every_rule()}  # noqa: SLF001  Django's documented name
    found = []
    for category in CATEGORIES:
        held = [rules[name] for name in category.tables.split() if name in rules]
        levels = [level for rule in held for level in rule.fields.values()]
        found.append(
            Stored(category, held[0].purpose, held[0].retention, {each: levels.count(each) for each in Level})
        )
    return tuple(found)


def faults() -> Iterator[str]:
    """A sentence for each table without words or in the wrong company, and each permission without words."""
    rules = {m._meta.label: rule for m, rule in every_rule() if not _is_table_of_changes(m)}  # noqa: SLF001
    named = [name for category in CATEGORIES for name in category.tables.split()]
    for name in rules:
        if named.count(name) != 1:
            yield f"{name} must stand in exactly one of CATEGORIES ({HERE}): say what it is."
    for name in set(named) - set(rules):
        yield f"{name} stands in CATEGORIES ({HERE}), but there is no such table: take it away."
    for category in CATEGORIES:
        held = {
            (rules[each].purpose, rules[each].retention) for each in category.tables.split() if each in rules
        }
        if len(held) > 1:
            yield f"The category of {category.tables} ({HERE}) mixes {sorted(held)}: make one for each."
    for permission in set(Permission) - set(SAID_TO_CITIZENS):
        yield f"{permission.name} is missing in SAID_TO_CITIZENS ({HERE}): say what it shows, or None for nothing."
