"""Numbers as people read them, in the language that is active; a rate is never without its n."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from medvirk.interop.scores.few import FEWEST

NO_BREAK = "\u00a0"
# Keeps a line from breaking beside a dash.
JOINER = "\u2060"


def _english() -> bool:
    return (get_language() or "").startswith("en")


def decimal(value: float | None, places: int = 1) -> str:
    """A number with so many decimals; a dash where there is none."""
    if value is None:
        return "–"
    text = f"{value:,.{places}f}"
    if not _english():
        text = text.replace(",", NO_BREAK).replace(".", ",")
    return text.replace("-", "−")


def whole(value: int) -> str:
    """A count."""
    return decimal(float(value), 0)


def point(value: float) -> str:
    """A score or a time as it was given: no more decimals than it needs."""
    text = f"{value:.6g}"
    return (text if _english() else text.replace(".", ",")).replace("-", "−")


def percent(share: float) -> str:
    """A share as a percentage."""
    return decimal(100 * share) + ("%" if _english() else f"{NO_BREAK}%")


def rate(count: int, of: int, *, people: int | None = None) -> str:
    """How many of how many, and what share that is; without a share where there are too few for one.

    people: how many there are, where not people are counted.
    """
    facts = {"count": whole(count), "of": whole(of)}
    if min(of, of if people is None else people) < FEWEST:
        return _("%(count)s of %(of)s") % facts
    return _("%(count)s of %(of)s (%(share)s)") % {**facts, "share": percent(count / of)}


def round_percent(share: float) -> str:
    """A share that somebody chose, as a percentage with no more decimals than it needs."""
    return point(100 * share) + ("%" if _english() else f"{NO_BREAK}%")


def rate_with_interval(count: int, of: int, low: float | None, high: float | None) -> str:
    """`12 of 45, 26.7% (16.1–40.3)`: the share and its 95 % interval in percent, where there are any.

    Only the counts where there are too few for a share. It breaks only between its parts, so that a narrow table
    stays readable.
    """
    counts = _("%(count)s of %(of)s") % {"count": whole(count), "of": whole(of)}
    counts = counts.replace(" ", NO_BREAK)
    if of < FEWEST:
        return counts
    if low is None or high is None:
        return f"{counts}, {percent(count / of)}"
    return f"{counts}, {percent(count / of)} ({decimal(100 * low)}{JOINER}–{JOINER}{decimal(100 * high)})"
