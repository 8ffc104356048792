"""What is measured, in words: its name, which way is better, how large a reliable change is."""

from __future__ import annotations

from django.utils.translation import gettext as _

from medvirk.instruments.definitions import in_language
from medvirk.interop.reports.figures import decimal
from medvirk.interop.scores.options import Measure, Origin
from medvirk.stats.change import Direction, Method, ReliableChange


def measure_name(measure: Measure, language: str) -> str:
    """The instrument and its scale, or the column of the score."""
    instrument, scale = measure.instrument, measure.scale
    if instrument is None or scale is None:
        return measure.name or _("Sum of the items")
    if len(instrument.scales) == 1:
        return instrument.title(language)
    return f"{instrument.title(language)}: {in_language(scale.title, language)}"


def better_way(direction: Direction) -> str:
    """Which way is better."""
    if direction is Direction.LOWER:
        return _("lower is better")
    return _("higher is better")


def reliable_change_words(rci: ReliableChange, origin: Origin) -> str:
    """How large a reliable change is, and where that number comes from."""
    told = {
        Origin.OPTION: _("A reliable change is %(points)s points, as given to this analysis."),
        Origin.INSTRUMENT: _(
            "A reliable change is %(points)s points, as stated for the instrument (%(source)s)."
        ),
        Origin.OWN_DATA: _(
            "A reliable change is %(points)s points. Nothing else gave a number, so it is worked out from "
            "this file's own first scores: their standard deviation and Cronbach's alpha of their items. "
            "Another file gives another number."
        ),
    }[origin] % {"points": decimal(rci.value, 2), "source": rci.source}
    if rci.method is not Method.JACOBSON_TRUAX or rci.sd is None or rci.reliability is None:
        return told
    formula = _("Jacobson–Truax at 95 %%: 1.96 · √2 · SD · √(1 − reliability), SD %(sd)s, reliability %(r)s.")
    return told + " " + formula % {"sd": decimal(rci.sd, 2), "r": decimal(rci.reliability, 3)}
