"""A worker's own figures in words that teach and do not judge."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from medvirk.feedback.logic.learning import FEWEST, Figure, Guesses, Spread
from medvirk.feedback.wording.courses import points


def of_words(found: Figure) -> str:
    """A share with its n and interval: "14 of 20 (70 %; uncertain between 48 and 85 %)"; or that there are too few."""
    if found.share is None or found.low is None or found.high is None:
        return too_few(found.of)
    return _("%(count)d of %(of)d (%(share)d %%; uncertain between %(low)d and %(high)d %%)") % {
        "count": found.count,
        "of": found.of,
        "share": round(found.share * 100),
        "low": round(found.low * 100),
        "high": round(found.high * 100),
    }


def too_few(of: int) -> str:
    """Said instead of a number that would mean nothing."""
    if of == 0:
        return _("Nothing to count yet.")
    return _("Too few to show (fewer than %(fewest)d).") % {"fewest": FEWEST}


def spread_words(found: Spread, top: float) -> list[str]:
    """How meeting scores lie."""
    if found.middle is None or found.low is None or found.high is None or found.full is None:
        return [too_few(found.n)]
    lie = ngettext(
        "Of %(n)d score, half lie between %(low)s and %(high)s of %(top)s; the middle one is %(middle)s.",
        "Of %(n)d scores, half lie between %(low)s and %(high)s of %(top)s; the middle one is %(middle)s.",
        found.n,
    )
    fill = {"low": points(found.low), "high": points(found.high), "middle": points(found.middle)}
    full = _("Full marks: %(share)s.") % {"share": of_words(found.full)}
    return [lie % {"n": found.n, "top": points(top), **fill}, full]


def guess_words(found: Guesses) -> list[str]:
    """How near the guesses are, and what can be learnt from it."""
    if found.mean is None or found.low is None or found.high is None or found.typical is None:
        return [too_few(found.n)]
    told = _(
        "In %(n)d guesses you were usually %(typical)s points off. On the whole your guess lies %(mean)s points from "
        "what was answered (uncertain between %(low)s and %(high)s)."
    ) % {
        "n": found.n,
        "typical": points(found.typical),
        "mean": signed(found.mean),
        "low": signed(found.low),
        "high": signed(found.high),
    }
    teaches = {
        1: _(
            "You tend to think that it went better than they say. Many do. Ask what could have been different, "
            "also when it feels good."
        ),
        -1: _("You tend to think that it went worse than they say. Let them tell you what was good."),
        0: _("No clear lean: your guess is as often too high as too low."),
    }
    return [told, teaches[found.leans]]


def signed(value: float) -> str:
    """With its sign, so that above and below are told apart."""
    shown = points(abs(value))
    if float(shown.replace(",", ".")) == 0:
        return shown
    return f"+{shown}" if value > 0 else f"−{shown}"
