"""How the analysis was done, what it builds on, and how it must not be read."""

from __future__ import annotations

from django.utils.translation import gettext as _

from medvirk.interop.analysis.by_group import FEWEST, ByGroup
from medvirk.interop.analysis.logic import Analysis
from medvirk.interop.analysis.tables import method_name
from medvirk.interop.analysis.three_ways import TOO_FEW, End, ThreeWays
from medvirk.interop.analysis.words import few_words, rci_words, reason_words, time_words
from medvirk.interop.reports.figures import decimal, point, whole
from medvirk.interop.scores.options import Origin, Transform
from medvirk.interop.scores.words import better_way
from medvirk.stats.change import Direction
from medvirk.stats.growth import TimeUnit
from medvirk.stats.outcomes import Estimate

# Of a long list of names, so many are told.
MOST_NAMES = 12


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
        few_words(),
        *_categories(analysis),
        rci_words(analysis),
        _cutoff(analysis),
        _(
            "The effect size d is the mean change of those with two scores, divided by the standard "
            "deviation of those same people's first scores; positive is better. Its variance is 2(1 − r)/n "
            "+ d²/(2n)."
        ),
        *_three_ways(analysis),
        _by_method(analysis),
        _growth(analysis),
        *(told for group in analysis.by_group for told in _by_group(group)),
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


def _three_ways(analysis: Analysis) -> list[str]:
    found = analysis.three_ways
    if found.end is None or found.effect is None:
        return []
    told = [
        _end(found.end, analysis.scores.unit),
        _(
            "Three ways: those with a first and an end score (complete case); everyone with a first score, each "
            "with the latest score there is (last observation carried forward; someone measured once is then "
            "unchanged); and everyone with a first score, each missing end score drawn %(times)s times from what "
            "the expected course says of that person, given all their scores, pooled by Rubin's rules. The third "
            "is right if stopping depends on nothing but the scores that were seen. No way helps if it depends on "
            "how people are after their last score."
        )
        % {"times": found.imputations},
    ]
    return told + sorted(_not_estimated(found))


def _end(end: End, unit: TimeUnit | None) -> str:
    facts = {
        "end": time_words(end.time, unit),
        "window": time_words(end.window, unit),
        "later": whole(end.later),
    }
    if end.given:
        told = _("The planned end is %(end)s, as given; a score up to %(window)s before or after it counts.")
    else:
        told = _(
            "The planned end is taken to be %(end)s, the time at which most people's last row lies; --end "
            "gives another. A score at that time counts."
        )
    everyone = _("Everyone in the file is taken to have had a course up to it.")
    later = _("%(later)s scores after it are not in this result.") if end.later else ""
    return " ".join(filter(None, [told % facts, everyone, later % facts if later else ""]))


def _not_estimated(found: ThreeWays) -> set[str]:
    """Every reason once why one of the three ways gave no number."""
    estimates: list[Estimate] = []
    for three in filter(None, [*found.shares.values(), found.effect]):
        estimates += [three.complete_case, three.locf, three.growth_model]
    # Of too few people the tables give the counts, and why stands above.
    reasons = {estimate.reason for estimate in estimates if estimate.value is None} - {TOO_FEW}
    return {reason_words(reason) for reason in reasons}


def _by_method(analysis: Analysis) -> str:
    found = analysis.by_method
    if found.comparison is None or found.reliability is None:
        return _("The methods of reliable change are not compared. %(reason)s") % {
            "reason": reason_words(found.reason)
        }
    told = _(
        "The table of methods judges the same first and last scores by each, at 95 %%, with reliability %(r)s%(own)s "
        "and the means and standard deviations of these people, so its first line may differ from the result "
        "above where that uses other numbers. The methods do not mean the same by change; choose one beforehand, "
        "not the one that looks best."
    ) % {"r": decimal(found.reliability, 3), "own": _(" (alpha of this file)") if found.own else ""}
    reasons = [f"{method_name(one.method)}: {one.reason}" for one in found.comparison.methods if one.reason]
    return " ".join([told, *reasons])


def _by_group(group: ByGroup) -> list[str]:
    facts = {"column": group.column, "fewest": FEWEST}
    told = []
    if group.rows:
        told.append(
            _(
                "%(column)s: level is the expected score at the start and pace the change per unit of transformed "
                "time, from one mixed model in which each group has its own of both and people differ equally "
                "much in all. Each column stands by itself. Groups help different people: a difference does not "
                "tell who does better work."
            )
            % facts
        )
        if group.note:
            told.append(f"{group.column}: {reason_words(group.note)}")
    else:
        told.append(f"{group.column}: {reason_words(group.reason)}")
    if group.too_few:
        names = [f"{value} (n\u00a0=\u00a0{whole(n)})" for value, n in group.too_few[:MOST_NAMES]]
        named = ", ".join(names) + (" …" if len(group.too_few) > MOST_NAMES else "")
        few = _("%(column)s: too few people, fewer than %(fewest)s, so left out of the table: %(names)s.")
        told.append(few % {**facts, "names": named})
    if group.unstated:
        unstated = _("%(column)s: left out of the table because they have no value there: n = %(n)s.")
        told.append(unstated % {**facts, "n": whole(group.unstated)})
    return told


def _growth(analysis: Analysis) -> str:
    time = {
        Transform.LOG1P: _("the logarithm of 1 + the time since the person's first row in the file"),
        Transform.LOG: _("the logarithm of the file's own number for the time"),
        Transform.NONE: _("the time since the person's first row in the file"),
    }[analysis.transform]
    unit = analysis.scores.unit
    counted = (
        ""
        if unit is None
        else {
            TimeUnit.SESSIONS: _("Time is counted in sessions."),
            TimeUnit.DAYS: _("Time is counted in days."),
            TimeUnit.WEEKS: _("Time is counted in weeks."),
            TimeUnit.MONTHS: _("Time is counted in months."),
        }[unit]
    )
    told = _(
        "The expected course is a mixed model of all scores: each person has a level and a pace of their "
        "own, which vary round a common line in %(time)s. It is estimated by REML. The bands hold half, "
        "and eight of ten, of new scores of someone not yet measured."
    ) % {"time": time}
    return " ".join(filter(None, [told, counted, _bands(analysis)]))


def _bands(analysis: Analysis) -> str:
    if analysis.growth is None or not analysis.growth.usable:
        return ""
    if analysis.growth.variance_cov is None:
        return _("They take the model as known, which is too narrow where it rests on few people.")
    return _("They count that the model itself is estimated.")


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
        "Rubin 1987, Multiple Imputation for Nonresponse in Surveys; Barnard & Rubin 1999, Biometrika 86:948 ("
        + _("missing end scores")
        + ")",
        "Cronbach 1951, Psychometrika 16:297 (" + _("alpha") + ")",
        "de Jong et al. 2021, Clin Psychol Rev 85:102002 (" + _("the effect of feedback: 58 studies") + ")",
        _("Prompt mental health care in Norway, cohort of 2,512 people (missing second scores)"),
    ]
