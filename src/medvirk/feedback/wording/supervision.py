"""Why a course is on the agenda of a supervision, and what the measures did since, in plain words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from medvirk.feedback.accuracy import LocalAccuracy
from medvirk.feedback.logic.supervision import (
    AGREED,
    ASKED,
    LONG,
    LONG_COURSE,
    MANY_CONVERSATIONS,
    OVERDUE,
    UNMEASURED,
    UNMEASURED_AFTER,
    Moved,
    Reason,
    Since,
)
from medvirk.feedback.wording.accuracy import how_often_right
from medvirk.feedback.wording.courses import points, title_of

TITLES: dict[str, Promise] = {
    OVERDUE: gettext_lazy("A signal has not been talked about in time"),
    ASKED: gettext_lazy("Somebody wants to take it up"),
    AGREED: gettext_lazy("Something was agreed last time"),
    UNMEASURED: gettext_lazy("Long without a measure"),
    LONG: gettext_lazy("A long course"),
}


def reason_title(reason: Reason) -> str:
    """In a few words."""
    return title_of(reason.found) if reason.is_signal else str(TITLES[reason.kind])


def reason_words(reason: Reason) -> str:
    """The same as a sentence for those who talk about the course, not for the one who sits in it."""
    if reason.is_signal:
        return str(FOR_THE_TEAM[reason.kind])
    words = WORDS.get(reason.kind)
    return words(reason.facts) if words else ""


def _overdue(facts: Mapping[str, float]) -> str:
    count = int(facts["count"])
    words = ngettext(
        "%(count)d signal has waited longer than it should.",
        "%(count)d signals have waited longer than they should.",
        count,
    )
    return words % {"count": count}


def _agreed(facts: Mapping[str, float]) -> str:
    count = int(facts["count"])
    words = ngettext(
        "%(count)d thing that was agreed has not ended yet.",
        "%(count)d things that were agreed have not ended yet.",
        count,
    )
    return words % {"count": count}


def _unmeasured(facts: Mapping[str, float]) -> str:
    if facts["ever"]:
        return _("The last measure is %(weeks)d weeks old.") % {"weeks": facts["weeks"]}
    return _("Nothing has been measured since it began, %(weeks)d weeks ago.") % {"weeks": facts["weeks"]}


def _long(facts: Mapping[str, float]) -> str:
    return _("%(conversations)d conversations in %(months)d months. What is the help for now?") % {
        "conversations": facts["conversations"],
        "months": facts["months"],
    }


WORDS = {OVERDUE: _overdue, AGREED: _agreed, UNMEASURED: _unmeasured, LONG: _long}


FOR_THE_TEAM: dict[str, Promise] = {
    "deteriorated": gettext_lazy("By more than chance usually makes. What could be changed?"),
    "worse_expected": gettext_lazy("It is not too late to change it. What could be done differently?"),
    "not_on_track": gettext_lazy(
        "Of ten people who started at the same place, about nine are doing better at this point."
    ),
    "alliance_low": gettext_lazy("Does the citizen get what they came for?"),
    "alliance_falling": gettext_lazy("A small fall can mean a lot. Was something missing?"),
    "alliance_always_perfect": gettext_lazy("It may be true. Is it also possible to say something critical?"),
}


def reason_right(reason: Reason, accuracy: LocalAccuracy | None) -> str:
    """How often such a signal is right here, where that is known; empty beside a fact."""
    if not reason.is_signal or accuracy is None:
        return ""
    return how_often_right(reason.found, accuracy)


def since_words(since: Since) -> str:
    """What the measures did since it was agreed."""
    if since.moved is Moved.NOT_MEASURED:
        return _("No new measure since then.")
    fill = {"before": points(since.before), "after": points(since.after)}
    if since.moved is Moved.BETTER:
        return _("From %(before)s to %(after)s: better, by more than chance usually makes.") % fill
    if since.moved is Moved.WORSE:
        return _("From %(before)s to %(after)s: worse, by more than chance usually makes.") % fill
    if since.moved is Moved.WITHIN_CHANCE:
        return _("From %(before)s to %(after)s: no more than chance can make.") % fill
    return _("From %(before)s to %(after)s.") % fill


def criteria() -> Sequence[str]:
    """What puts a course on the agenda, as a team can read it."""
    return (
        _("A signal was not talked about in time."),
        _("Somebody in the team wants to take it up."),
        _("The course is less good than expected, worse than at the start, or may end worse."),
        _("The conversations are rated low, lower than the time before, or with full marks every time."),
        _("Something was agreed in supervision and has not ended."),
        _("There is no measure from the last %(weeks)d weeks, and measuring is not paused.")
        % {"weeks": UNMEASURED_AFTER.days // 7},
        _(
            "There have been %(conversations)d conversations or more, or the course has lasted %(months)d months."
        )
        % {"conversations": MANY_CONVERSATIONS, "months": round(LONG_COURSE.days / 30.44)},
    )


REFUSALS: dict[str, Promise] = {
    "not_now": gettext_lazy("This cannot be done as the meeting stands now. Nothing was changed."),
    "one_ahead": gettext_lazy("The team has a supervision that is not over already. End it first."),
    "too_soon": gettext_lazy("That day has passed. Choose today or a later day."),
    "nobody": gettext_lazy("Say who is there."),
    "not_of_the_team": gettext_lazy("Only those who help in this team can be there."),
    "no_words": gettext_lazy("Nothing is written yet."),
    "too_much": gettext_lazy("This is too long to be kept. Shorten it a little."),
    "ended_already": gettext_lazy("This course of help has ended."),
}
