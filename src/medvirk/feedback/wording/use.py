"""The use of feedback, said in words: the same on screen, on paper and for those who hear the page."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _

from medvirk.answers.models import Channel, Help
from medvirk.feedback.logic.answering import Tally
from medvirk.feedback.logic.use import FEWEST, When, counts
from medvirk.feedback.wording.courses import points
from medvirk.stats.change import Proportion
from medvirk.stats.control import ControlSignal, DocumentedChange, PChart, Rule, Side, p_chart
from medvirk.stats.faults import CannotEstimateError
from medvirk.ui.charts import ControlPicture

WHEN: dict[When, Promise] = {
    When.DAYS_BEFORE: gettext_lazy("a day or more before the conversation"),
    When.SAME_DAY: gettext_lazy("earlier the same day"),
    When.AT_IT: gettext_lazy("at the conversation, or within half an hour of its start"),
    When.AFTER: gettext_lazy("after it had begun"),
}
RULES: dict[Rule, Promise] = {
    Rule.OUTSIDE_LIMITS: gettext_lazy("%(months)s: further from the usual than chance makes."),
    Rule.TWO_OF_THREE: gettext_lazy("%(months)s: close to the limit more often than chance makes."),
    Rule.TREND: gettext_lazy("%(months)s: the same way month after month."),
}
ABOVE = gettext_lazy("%(months)s: above the usual every month.")
BELOW = gettext_lazy("%(months)s: below the usual every month.")


def month_name(first: date) -> str:
    # Norwegian writes its months without a capital.
    return date_format(first, "M Y" if (get_language() or "").startswith("en") else "b Y")


def share_of(part: int, whole: int) -> str:
    """A share with its n and interval; with too few, that they are too few."""
    if whole < FEWEST:
        return _("too few to show")
    share = Proportion.of(part, whole)
    low, high = share.interval
    return _("%(share)s%% (%(part)d of %(whole)d; between %(low)s and %(high)s%%)") % {
        "share": round(100 * share.value),
        "part": part,
        "whole": whole,
        "low": round(100 * low),
        "high": round(100 * high),
    }


def in_words(tally: Tally) -> list[str]:
    """What came of asking, each kind counted by itself."""
    if tally.could_answer < FEWEST:
        return [_("Too few to show.")]
    told = [_("Answered: %(share)s.") % {"share": share_of(tally.answered, tally.could_answer)}]
    if tally.declined:
        told.append(
            ngettext(
                "At %(count)d conversation somebody would rather not answer.",
                "At %(count)d conversations somebody would rather not answer.",
                tally.declined,
            )
            % {"count": tally.declined}
        )
    if tally.paused:
        told.append(
            ngettext(
                "At %(count)d conversation measuring was paused; it does not count.",
                "At %(count)d conversations measuring was paused; they do not count.",
                tally.paused,
            )
            % {"count": tally.paused}
        )
    return told


def control_of(tallies: Sequence[Tally], changes: Sequence[tuple[int, str]] = ()) -> PChart | None:
    """The control chart of the share that was answered; None where there are too few months for limits.

    changes: (place of the month, words) from which the limits are new.
    """
    documented = [DocumentedChange(place, words) for place, words in changes]
    try:
        return p_chart(*counts(tallies), changes=documented, laney=True)
    except CannotEstimateError:
        return None


def picture_of(
    months: Sequence[date], chart: PChart, title: str, notes: Sequence[tuple[int, str]] = ()
) -> ControlPicture:
    """`notes`: (place of the month, letter)."""

    def shown(values: Any) -> list[float | None]:
        return [None if value != value else float(value) for value in values]  # noqa: PLR0124  NaN is not itself

    names = [month_name(month) for month in months]
    unusual = frozenset(at for signal in chart.signals for at in signal.positions)
    said = " ".join(said_of(months, chart))
    return ControlPicture(
        months=names,
        shares=shown(chart.share),
        centre=shown(chart.centre),
        lower=shown(chart.lower),
        upper=shown(chart.upper),
        unusual=unusual,
        labels={"title": title, "description": said},
        notes=tuple(notes),
    )


def said_of(months: Sequence[date], chart: PChart) -> list[str]:
    """What the chart shows, in sentences."""
    told = [_signal_in_words(months, signal) for signal in chart.signals]
    if not told:
        return [_("The months vary as chance makes them vary: no single month is a reason to ask why.")]
    return told


def _signal_in_words(months: Sequence[date], signal: ControlSignal) -> str:
    first, last = (month_name(months[signal.positions[at]]) for at in (0, -1))
    stretch = first if first == last else f"{first} – {last}"
    if signal.rule in RULES:
        return str(RULES[signal.rule]) % {"months": stretch}
    return str(ABOVE if signal.side is Side.ABOVE else BELOW) % {"months": stretch}


def named(counted: dict[str, int], of: type[Channel] | type[Help]) -> list[tuple[str, int]]:
    """Counts by the words of their code, the most first."""
    return [(str(of(code).label), count) for code, count in counted.items()]


def waited_in_words(waited: timedelta | None) -> str:
    """A span in the unit in which one would say it."""
    if waited is None:
        return _("too few to show")
    hours = waited.total_seconds() / 3600
    if hours < 1:
        return _("%(count)s minutes") % {"count": round(hours * 60)}
    if hours < 48:
        return _("%(count)s hours") % {"count": points(round(hours, 1))}
    return _("%(count)s days") % {"count": points(round(hours / 24, 1))}
