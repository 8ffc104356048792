"""Numbers as people read them, in the language that is active; a rate is never without its n."""

from __future__ import annotations

from django.utils.translation import get_language
from django.utils.translation import gettext as _

NO_BREAK = "\u00a0"


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


def rate(count: int, of: int) -> str:
    """How many of how many, and what share that is; without a share where there is nobody."""
    facts = {"count": whole(count), "of": whole(of)}
    if of == 0:
        return _("%(count)s of %(of)s") % facts
    return _("%(count)s of %(of)s (%(share)s)") % {**facts, "share": percent(count / of)}
