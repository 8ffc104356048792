"""The analysis in words: for a leader who has two minutes, and for a statistician who has more."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from medvirk.interop.analysis.logic import Analysis
from medvirk.interop.analysis.three_ways import ThreeWays
from medvirk.interop.reports.figures import decimal, percent, point, rate, whole
from medvirk.interop.scores.few import FEWEST
from medvirk.interop.scores.options import Transform
from medvirk.interop.scores.words import better_way, reliable_change_words
from medvirk.stats.change import Category, ReliableChange
from medvirk.stats.growth import TimeUnit
from medvirk.stats.outcomes import Estimate, Outcome
from medvirk.tables import Fault

# The fewest people that an effect size, or an expected course, is worked out from.
NEEDED = 3


def category_name(category: Category) -> str:
    """What became of a person, in plain words."""
    return {
        Category.RECOVERED: pgettext("change", "Better, past the cut-off"),
        Category.IMPROVED: pgettext("change", "Better"),
        Category.UNCHANGED: pgettext("change", "No clear change"),
        Category.DETERIORATED: pgettext("change", "Worse"),
        Category.NOT_ASSESSABLE: pgettext("change", "Cannot be told"),
    }[category]


def time_name(analysis: Analysis, time_column: str) -> str:
    """What the axis of time counts."""
    unit = analysis.scores.unit
    if unit is not None:
        return {
            TimeUnit.SESSIONS: _("Sessions since the first measurement"),
            TimeUnit.DAYS: _("Days since the first measurement"),
            TimeUnit.WEEKS: _("Weeks since the first measurement"),
            TimeUnit.MONTHS: _("Months since the first measurement"),
        }[unit]
    if analysis.transform is Transform.LOG:
        return time_column
    return _("Time since the first measurement (%(column)s)") % {"column": time_column}


def time_words(time: float, unit: TimeUnit | None) -> str:
    """A time with its unit, or as it stands in the file."""
    many = 1 if time == 1 else 2
    told = {
        None: "%(time)s",
        TimeUnit.SESSIONS: ngettext("%(time)s session", "%(time)s sessions", many),
        TimeUnit.DAYS: ngettext("%(time)s day", "%(time)s days", many),
        TimeUnit.WEEKS: ngettext("%(time)s week", "%(time)s weeks", many),
        TimeUnit.MONTHS: ngettext("%(time)s month", "%(time)s months", many),
    }[unit]
    return told % {"time": point(time)}


def summary(analysis: Analysis) -> list[str]:
    """What happened, in sentences; every rate with its n."""
    sentences = [
        ngettext(
            "The file has %(rows)s measurements of %(persons)s person. %(missing)s of them lack a score.",
            "The file has %(rows)s measurements of %(persons)s people. %(missing)s of them lack a score.",
            analysis.persons,
        )
        % {
            "rows": whole(analysis.rows),
            "persons": whole(analysis.persons),
            "missing": rate(analysis.rows - analysis.scored, analysis.rows, people=analysis.persons),
        },
        _with_two(analysis),
    ]
    if analysis.with_two < FEWEST:
        sentences.append(few_words())
    if analysis.change.rci is None:
        sentences.append(unjudged(analysis))
    elif analysis.with_two:
        sentences.append(_outcomes(analysis, analysis.change.rci))
        if Outcome.RELIABLE_IMPROVEMENT not in analysis.three_ways.shares:
            sentences.append(_headline(analysis))
    sentences.append(_three_ways(analysis.three_ways, analysis.scores.unit))
    if analysis.effect is not None:
        sentences.append(_effect(analysis))
    sentences += not_estimated(analysis)
    sentences.append(
        _("This tells what happened from the first score to the last. It does not tell what caused it.")
    )
    return sentences


def _with_two(analysis: Analysis) -> str:
    if not analysis.with_two:
        return _("Nobody has two scores, so no change can be told.")
    told = ngettext(
        "%(two)s person has at least two scores, and only they can show a change.",
        "%(two)s people have at least two scores, and only they can show a change.",
        analysis.persons,
    ) % {"two": rate(analysis.with_two, analysis.persons)}
    rest = analysis.persons - analysis.with_two
    if not rest:
        return told
    return told + " " + _("For the other %(rest)s, nothing can be told.") % {"rest": whole(rest)}


def few_words() -> str:
    """Why there are counts and no percentages."""
    return _(
        "A percentage is made of %(fewest)s people or more. Of fewer only the counts are given, because one person "
        "more or less would move the percentage by more than ten points."
    ) % {"fewest": FEWEST}


def not_estimated(analysis: Analysis) -> list[str]:
    """What cannot be estimated, and why: effect size and expected course."""
    return list(filter(None, [effect_note(analysis), growth_note(analysis)]))


def effect_note(analysis: Analysis) -> str:
    """Why there is no effect size; empty where there is one."""
    if analysis.effect is not None:
        return ""
    if analysis.with_two < NEEDED:
        told = _(
            "The effect size cannot be estimated: it takes at least %(needed)s people with two scores, found %(found)s."
        )
        return told % {"needed": NEEDED, "found": whole(analysis.with_two)}
    if analysis.constant:
        return _("The effect size cannot be estimated: all scores are equal. Check the column.")
    told = _("The effect size cannot be estimated. In the words of the calculation: %(reason)s")
    return told % {"reason": analysis.effect_reason}


def unjudged(analysis: Analysis) -> str:
    """Why nobody is called better or worse, and what to give; empty where a reliable change is known."""
    reason = analysis.change.reason
    return "" if reason is None else reason.sentence(_)


def _improved(analysis: Analysis) -> int:
    counts = analysis.change.counts
    return (counts[Category.RECOVERED] or 0) + (counts[Category.IMPROVED] or 0)


def _outcomes(analysis: Analysis, rci: ReliableChange) -> str:
    counts, of = analysis.change.counts, analysis.with_two
    facts = {
        "improved": rate(_improved(analysis), of),
        "unchanged": rate(counts[Category.UNCHANGED] or 0, of),
        "worse": rate(counts[Category.DETERIORATED] or 0, of),
        "points": decimal(rci.value),
    }
    told = (
        _(
            "Of those with two scores, %(improved)s became clearly better, %(unchanged)s had no clear "
            "change and %(worse)s became clearly worse. Clear means more than the %(points)s points that "
            "measurement error alone seldom makes."
        )
        % facts
    )
    if (recovered := counts[Category.RECOVERED]) is None:
        return told
    past = _("%(count)s of those who became better also passed the cut-off of %(cutoff)s.")
    return f"{told} {past % {'count': whole(recovered), 'cutoff': point(analysis.change.cutoff or 0.0)}}"


def _headline(analysis: Analysis) -> str:
    """How far the missing second scores could move the share that improved."""
    improved, persons = _improved(analysis), analysis.persons
    return _(
        "Missing second scores matter. Among those with two scores, %(of_two)s became clearly better. "
        "Among everyone it lies between %(least)s, if none of the others did, and %(most)s, if all of them "
        "did."
    ) % {
        "of_two": rate(improved, analysis.with_two),
        "least": rate(improved, persons),
        "most": rate(improved + persons - analysis.with_two, persons),
    }


def reason_words(reason: Fault | str | None) -> str:
    """Why something could not be worked out: a sentence of ours, or the words of the calculation."""
    if isinstance(reason, Fault):
        return reason.sentence(_)
    return _("In the words of the calculation: %(reason)s") % {"reason": reason or ""}


def _three_ways(found: ThreeWays, unit: TimeUnit | None) -> str:
    """The same result three ways, why they differ, and when the choice must be made."""
    if found.end is None or found.effect is None:
        return _("The result is not given three ways. %(reason)s") % {"reason": reason_words(found.reason)}
    without, people = found.without_end
    facts = {"without": rate(without, people), "end": time_words(found.end.time, unit)}
    if without:
        told = _("%(without)s people lack a score at the start or at the planned end (%(end)s).") % facts
    else:
        told = _("Nobody lacks a score at the start or at the planned end (%(end)s).") % facts
    better = found.shares.get(Outcome.RELIABLE_IMPROVEMENT)
    if better is not None:
        three = _(
            "Clearly better at the end are %(complete)s of those with both; %(carried)s of everyone if each "
            "stays at the last score; and %(growth)s if the missing scores are filled in by the expected course."
        )
        told += " " + three % {
            "complete": _share(better.complete_case),
            "carried": _share(better.locf),
            "growth": _share(better.growth_model),
        }
    why = _(
        "They differ because those who stop answering are not like those who go on, and each way takes "
        "something else for granted of them. Choose the way before looking at the numbers."
    )
    return f"{told} {why}" if without else told


def _share(estimate: Estimate) -> str:
    """A percentage; of too few people how many of how many."""
    if estimate.value is not None:
        return percent(estimate.value)
    if estimate.numerator is not None:
        return rate(estimate.numerator, estimate.n)
    return _("a share that cannot be estimated")


def _effect(analysis: Analysis) -> str:
    effect = analysis.effect
    if effect is None:
        return ""
    return _(
        "The mean went from %(first)s to %(last)s (n = %(n)s with two scores; %(lower)s). In standard "
        "deviations of the first scores the change is %(d)s (95 %% interval %(low)s to %(high)s); above 0 "
        "is better."
    ) % {
        "first": decimal(analysis.first_of_pairs.mean),
        "last": decimal(analysis.last.mean),
        "n": whole(effect.n),
        "lower": better_way(analysis.measure.direction),
        "d": decimal(effect.d, 2),
        "low": decimal(effect.ci95[0], 2),
        "high": decimal(effect.ci95[1], 2),
    }


def growth_note(analysis: Analysis) -> str:
    """Why the expected course is not drawn; empty where it is."""
    if analysis.growth is None and analysis.first.n < NEEDED:
        told = _(
            "The expected course cannot be estimated: it takes at least %(needed)s people with scores, found %(found)s."
        )
        return told % {"needed": NEEDED, "found": whole(analysis.first.n)}
    if analysis.growth is None and analysis.constant:
        return _("The expected course cannot be estimated: all scores are equal. Check the column.")
    if analysis.growth is None:
        told = _("The expected course could not be estimated. In the words of the calculation: %(reason)s")
        return told % {"reason": analysis.growth_reason}
    if not analysis.growth.usable:
        told = _("The expected course is not drawn. In the words of the calculation: %(reason)s")
        return told % {"reason": analysis.growth.message}
    return ""


def rci_words(analysis: Analysis) -> str:
    """How large a reliable change is, and where that number comes from."""
    rci, origin = analysis.change.rci, analysis.change.rci_origin
    told = unjudged(analysis) if rci is None or origin is None else reliable_change_words(rci, origin)
    return " ".join([told, *_alpha(analysis)])


def _alpha(analysis: Analysis) -> list[str]:
    if analysis.alpha is None:
        return []
    told = _("Cronbach's alpha of the first scores here is %(alpha)s.")
    return [told % {"alpha": decimal(analysis.alpha, 3)}]
