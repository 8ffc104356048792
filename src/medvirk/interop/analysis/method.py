"""How the analysis was done, what it builds on, and how it must not be read."""

from __future__ import annotations

from django.utils.translation import gettext as _

from medvirk.interop.analysis.logic import Analysis
from medvirk.interop.analysis.words import rci_words
from medvirk.interop.reports.figures import point
from medvirk.interop.scores.options import Origin, Transform
from medvirk.interop.scores.words import better_way
from medvirk.stats.change import Direction


def method(analysis: Analysis) -> list[str]:
    """The choices behind the numbers."""
    measure = analysis.measure
    told = [
        _("The score goes from %(low)s to %(high)s; %(way)s.")
        % {"low": point(measure.low), "high": point(measure.high), "way": better_way(measure.direction)},
        _(
            "Each person's first and last score are compared. Someone with one score or none is not "
            "counted as unchanged; nothing is filled in for what is missing."
        ),
        *_categories(analysis),
        rci_words(analysis),
        _cutoff(analysis),
        _(
            "The effect size d is the mean change of those with two scores, divided by the standard "
            "deviation of those same people's first scores; positive is better. Its variance is 2(1 − r)/n "
            "+ d²/(2n)."
        ),
        _growth(analysis),
    ]
    if measure.instrument is not None and analysis.scores.items is not None:
        told.insert(
            1,
            _("Scored from the items by the definition %(key)s: %(name)s.")
            % {"key": measure.instrument.id, "name": measure.instrument.source or measure.instrument.name},
        )
    return told


def _categories(analysis: Analysis) -> list[str]:
    if analysis.change.rci is None:
        return []
    return [
        _(
            "“Better, past the cut-off” is what the literature calls recovered, and “better” is improved. "
            "Someone who starts on the good side of the cut-off can get better, but cannot pass it."
        )
    ]


def _cutoff(analysis: Analysis) -> str:
    change = analysis.change
    if change.cutoff is None:
        return _("No cut-off was given, so nobody can be said to have passed one.")
    facts = {"cutoff": point(change.cutoff)}
    if analysis.measure.direction is Direction.LOWER:
        told = _("The cut-off is %(cutoff)s: that score or a higher one is on the clinical side.") % facts
    else:
        told = _("The cut-off is %(cutoff)s: a score below it is on the clinical side.") % facts
    if change.cutoff_origin is Origin.INSTRUMENT:
        return told + " " + _("It is the one stated for the instrument.")
    return told + " " + _("It was given to this analysis.")


def _growth(analysis: Analysis) -> str:
    time = {
        Transform.LOG1P: _("the logarithm of 1 + the time since the person's first row in the file"),
        Transform.LOG: _("the logarithm of the file's own number for the time"),
        Transform.NONE: _("the time since the person's first row in the file"),
    }[analysis.transform]
    return _(
        "The expected course is a mixed model of all scores: each person has a level and a pace of their "
        "own, which vary round a common line in %(time)s. It is estimated by REML. The bands hold half, "
        "and eight of ten, of new scores of someone not yet measured."
    ) % {"time": time}


def cautions() -> list[str]:
    """How the numbers must not be read."""
    return [
        _(
            "There is no comparison group. Many get better with time, and people often ask for help when "
            "things are at their worst, so scores move back towards the usual by themselves (regression to "
            "the mean). The effect size holds all of this, not the help alone."
        ),
        _(
            "Those who lack a second score may differ from the others. In a Norwegian cohort of 2,512 "
            "people the same data gave 48 % reliable recovery by one way of handling them and 58 % by "
            "another. Settle the way beforehand, and always say how many are missing."
        ),
        _(
            "The published effect of asking people regularly how they are is small, d about 0.15. What is "
            "done with the answers is what helps. This report says nothing of that effect."
        ),
        _(
            "A category belongs to two numbers, not to a person. Being past a cut-off is not the same as "
            "living well, and a small change can mean much. Ask."
        ),
        _("Do not rank workers by numbers like these: too few people, and people who are too different."),
    ]


def sources() -> list[str]:
    """What the methods and the cautions rest on."""
    return [
        "Jacobson & Truax 1991, J Consult Clin Psychol 59:12 ("
        + _("reliable and clinically significant change")
        + ")",
        "Laird & Ware 1982, Biometrics 38:963 (" + _("the mixed model") + ")",
        "Cronbach 1951, Psychometrika 16:297 (" + _("alpha") + ")",
        "de Jong et al. 2021, Clin Psychol Rev 85:102002 (" + _("the effect of feedback: 58 studies") + ")",
        _("Prompt mental health care in Norway, cohort of 2,512 people (missing second scores)"),
    ]
