"""How long what is kept: one rule for each class of tables, and what is due on a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


class Means(StrEnum):
    """What happens to a row when its time is over."""

    DELETE = "delete"
    EMPTY = "empty"
    """Everything that tells who it was is taken out; what is left can be counted."""
    KEEP = "keep"


@dataclass(frozen=True)
class RetentionRule:
    """`months` after `since` (in words) unless the municipality has set another number, never under `least`.

    Numbers without a law behind them are ours; `why` says which is which. They are no legal advice.
    """

    key: str
    label: Words
    means: Means
    since: Words
    why: Words
    months: int | None = None
    least: int = 0


#: The longest a municipality can set: a hundred years.
MOST_MONTHS = 1200

RULES: dict[str, RetentionRule] = {
    rule.key: rule
    for rule in (
        RetentionRule(
            "journal",
            _("records of help: who, relations, courses, answers and scores"),
            Means.EMPTY,
            _("the last entry about the citizen"),
            _(
                "Records of health care are kept as long as they are needed (pasientjournalloven § 25), and ten years "
                "after the last entry is the usual minimum. Your archive plan may say longer."
            ),
            months=120,
            least=120,
        ),
        RetentionRule(
            "access_log",
            _("who has looked"),
            Means.DELETE,
            _("the day of the entry"),
            _("As long as the record itself (pasientjournalforskriften § 14); whole sealed parts at a time."),
            months=120,
            least=120,
        ),
        RetentionRule(
            "consent",
            _("what people said yes and no to"),
            Means.DELETE,
            _("the day the answer ended"),
            _("Three years, so that it can be shown what was agreed (foreldelsesloven § 2)."),
            months=36,
        ),
        RetentionRule(
            "account",
            _("citizens' own ways to sign in"),
            Means.DELETE,
            _("the last time it was used"),
            _(
                "Ours: whoever comes back gets a new one at once. Workers' accounts are closed by the administrator."
            ),
            months=24,
        ),
        RetentionRule(
            "draft",
            _("answers that were begun and never sent"),
            Means.DELETE,
            _("the last touch"),
            _("Ours: what somebody chose not to send is not ours to keep."),
            months=1,
        ),
        RetentionRule(
            "answer_link",
            _("links to answer by"),
            Means.DELETE,
            _("the day the link ran out"),
            _("Ours: long enough to find out why a link did not work."),
            months=3,
        ),
        RetentionRule(
            "message",
            _("messages that were sent, and notices to staff"),
            Means.DELETE,
            _("the day it was made"),
            _("Ours: long enough to find out whether a message came through."),
            months=12,
        ),
        RetentionRule(
            "sign_in",
            _("who is signed in"),
            Means.DELETE,
            _("signing out, or the time that a sign-in lasts"),
            _("Of no use afterwards."),
            months=0,
        ),
        RetentionRule(
            "statistics",
            _("sums of ten people or more"),
            Means.KEEP,
            "",
            _("They tell of nobody."),
        ),
        RetentionRule(
            "organisation",
            _("units, staff, roles, texts and settings"),
            Means.KEEP,
            "",
            _("They say who did what in the records, as long as there are records (arkivlova)."),
        ),
        RetentionRule("operation", _("the running of Medvirk"), Means.KEEP, "", _("It tells of nobody.")),
    )
}


def months_of(rule: RetentionRule, own: int | None) -> int | None:
    """The months in force: the municipality's own number, but never under what the law asks."""
    if rule.months is None:
        return None
    return max(rule.months if own is None else own, rule.least)


def cutoff(months: int, today: date) -> date:
    """What ended before this day is due: the same day of the month `months` ago, or the last there is."""
    index = today.year * 12 + today.month - 1 - months
    year, month = divmod(index, 12)
    for day in (today.day, 30, 29, 28):
        if day <= today.day:
            try:
                return date(year, month + 1, day)
            except ValueError:
                continue
    raise AssertionError("every month has 28 days")


def own_months_faults(rule: RetentionRule, months: int) -> str | None:
    """The sentence that says why the number cannot be set, or None."""
    if rule.months is None:
        return str(_("This is kept; there is no time to set."))
    if not rule.least <= months <= MOST_MONTHS:
        return str(
            _("Choose between %(least)d and %(most)d months.") % {"least": rule.least, "most": MOST_MONTHS}
        )
    return None


class ErasureBasis(StrEnum):
    """Why somebody's data are erased."""

    RETENTION = "retention"
    """Their time is over."""
    MISTAKE = "mistake"
    """Registered by mistake: nothing was answered and no conversation took place."""
    DECISION = "decision"
    """A decision on erasure, for instance under helsepersonelloven § 43; one proposes it and another approves it."""


@dataclass(frozen=True)
class PlanLine:
    """What would happen to one kind of rows of one citizen. `is_help`: it shows that help was given."""

    label: Words
    count: int
    means: Means
    why: Words = ""
    is_help: bool = False
