"""How often a signal was right here, in natural frequencies; few people are never counted out."""

from __future__ import annotations

import math

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from medvirk.feedback.accuracy import FORETELLS, NOT_YET, TOO_FEW, KindAccuracy, LocalAccuracy
from medvirk.feedback.logic import RISK, Found
from medvirk.stats.signals import Outcome, Share

#: These are told by the person or by the calendar: there is nothing to be right or wrong about.
FACTS = frozenset({RISK, "missing_measure"})
#: Fewer courses with a signal say nothing about how often it is right.
ENOUGH = 10
#: Smaller groups of people are not counted out.
SMALLEST = 5
#: An interval this wide (as a share) is told; a narrower one would only repeat the number.
WIDE = 0.25

# Bayes' rule with 8 % deterioration, sensitivity .85, specificity .80 (`stats.signals.how_often_right`).
ELSEWHERE = gettext_lazy("With the usual figures of the field it would be about one in four.")
METHOD = gettext_lazy(
    "Counted in courses of help that have ended here, with three scores or more. The signals were tried on each course "
    "as if it were new, and count only where a later score came. “Clearly” means more than chance usually makes, from "
    "the first score to the last."
)


def how_often_right(signal: Found, accuracy: LocalAccuracy) -> str:
    """How often this kind of signal was right here, or why that is not known; empty beside a fact."""
    if signal.kind in FACTS:
        return ""
    if signal.kind not in FORETELLS:
        return _("How often this kind of signal is right is not known.")
    found = accuracy.kinds.get(signal.kind)
    if found is not None and found.right.of >= ENOUGH:
        return " ".join(filter(None, (_right(found), _wide(found.right), _otherwise(found.otherwise))))
    unknown = _unknown(accuracy, known=found is not None)
    return unknown if FORETELLS[signal.kind] is not Outcome.DETERIORATED else f"{unknown} {ELSEWHERE}"


def is_known(signal: Found, accuracy: LocalAccuracy) -> bool:
    """Whether there is a number to explain."""
    found = accuracy.kinds.get(signal.kind)
    return found is not None and found.right.of >= ENOUGH


def _unknown(accuracy: LocalAccuracy, *, known: bool) -> str:
    if known:
        return _("It has been given too seldom here to know how often it is right.")
    if accuracy.reason == TOO_FEW:
        judged = accuracy.judged
        so_far = _("fewer than %(count)d") % {"count": SMALLEST} if 0 < judged < SMALLEST else _whole(judged)
        return _("Too few courses have ended here to know how often it is right: %(count)s so far.") % {
            "count": so_far
        }
    if accuracy.reason == NOT_YET:
        return _("How often it is right here has not been worked out yet.")
    return _("How often it is right here cannot be worked out.")


def _right(found: KindAccuracy) -> str:
    share, right = found.right, _counted(found.right)
    about = "" if _small(share) or share.value is None else f" ({out_of(share.value)})"
    if found.outcome is Outcome.DETERIORATED:
        text = _("Here, %(right)s of %(all)s courses with this signal ended clearly worse%(about)s.")
    else:
        text = _(
            "Here, %(right)s of %(all)s courses with this signal ended without clear improvement%(about)s."
        )
    return text % {"right": right, "all": _whole(share.of), "about": about}


def _wide(share: Share) -> str:
    """The interval, where it is so wide that the number alone would promise too much."""
    if share.low is None or share.high is None or share.high - share.low <= WIDE or _small(share):
        return ""
    low, high = math.floor(share.low * 10 + 0.5), math.floor(share.high * 10 + 0.5)
    return _("With so few, it may be anything from %(low)d to %(high)d of 10.") % {"low": low, "high": high}


def _otherwise(share: Share) -> str:
    """How many of those without the signal ended so: what there is to compare with."""
    if share.of < ENOUGH or share.value is None:
        return ""
    # How many may hide among those not counted out, as a share: what is told holds for each of them.
    bound = SMALLEST / share.of
    whole = 100 if bound <= 0.1 else 10
    if share.count < SMALLEST:
        about = _("fewer than %(count)d of %(all)d") % {"count": math.ceil(bound * whole), "all": whole}
    elif share.of - share.count < SMALLEST:
        about = _("more than %(count)d of %(all)d") % {
            "count": whole - math.ceil(bound * whole),
            "all": whole,
        }
    else:
        about = out_of(share.value)
    return _("Without the signal: %(about)s.") % {"about": about}


def _small(share: Share) -> bool:
    """Whether those for whom it was right, or those for whom it was not, are too few to be counted out."""
    return share.count < SMALLEST or share.of - share.count < SMALLEST


def _counted(share: Share) -> str:
    if share.count < SMALLEST:
        return _("fewer than %(count)d") % {"count": SMALLEST}
    if share.of - share.count < SMALLEST:
        return _("more than %(count)d") % {"count": share.of - SMALLEST}
    return _whole(share.count)


def out_of(share: float) -> str:
    """A share (0–1) as so many of ten, or of a hundred where ten would hide it."""
    tenths, hundredths = math.floor(share * 10 + 0.5), math.floor(share * 100 + 0.5)
    if hundredths < 1:
        return _("fewer than 1 of 100")
    if hundredths < 10:
        return _("about %(count)d of 100") % {"count": hundredths}
    if hundredths > 90:
        return _("more than 9 of 10")
    return _("about %(count)d of 10") % {"count": tenths}


def _whole(count: int) -> str:
    return number_format(count, force_grouping=True)
