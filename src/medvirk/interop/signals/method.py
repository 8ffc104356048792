"""How the judging was done, what the rules are, and how the numbers must not be read."""

from __future__ import annotations

from django.utils.translation import gettext as _

from medvirk.interop.reports.figures import point, round_percent
from medvirk.interop.scores.few import FEWEST
from medvirk.interop.scores.options import Measure
from medvirk.interop.scores.words import better_way, reliable_change_words
from medvirk.interop.signals.logic import Judgement
from medvirk.interop.signals.words import rule_name
from medvirk.stats.signals import PROCESSES
from medvirk.stats.signals.evaluation import RESAMPLES


def method(judgement: Judgement, measure: Measure | None) -> list[str]:
    """The choices behind the numbers. measure: None for made-up courses."""
    given, asked = judgement.given, judgement.asked
    facts = {"low": point(given.low), "high": point(given.high), "way": better_way(given.direction)}
    return [
        *_made_up(judgement),
        _("The score goes from %(low)s to %(high)s; %(way)s.") % facts,
        _reliable_change(judgement, measure),
        _(
            "How a course ended is told by its last score against its first: reliably worse, or not reliably "
            "better. A course without reliable improvement may be unchanged or worse."
        ),
        _(
            "A course is flagged up to a measurement when any of its scores so far reached the threshold and a "
            "later score exists. A flag at the last score counts for nothing: nobody could have acted on it."
        ),
        _(
            "Sensitivity: how many are flagged, of those who ended so. Specificity: how many are not flagged, of the "
            "others. PPV (positive predictive value): how many ended so, of the flagged. NPV (negative predictive "
            "value): how many did not, of those not flagged."
        ),
        _(
            "The people are parted in %(folds)s (seed %(seed)s). Each rule learns from all parts but one and is "
            "judged on that one, in turn. So no course is judged by a rule that has seen it."
        )
        % {"folds": asked.folds, "seed": asked.seed},
        _(
            "The threshold is the lowest at which at most %(burden)s of the judged courses are flagged by measurement "
            "%(by)s. Equal numbers are flagged all or none, so fewer may be."
        )
        % {"burden": round_percent(asked.burden), "by": asked.by},
        _(
            "Intervals are 95 %% intervals by bootstrap over people (%(resamples)s resamples, the threshold chosen "
            "anew in each), and exact ones where all or none were found."
        )
        % {"resamples": RESAMPLES},
        _(
            "A percentage is made only of %(fewest)s people or more. Where fewer stand under it, the table says "
            "“cannot be estimated” and gives the counts."
        )
        % {"fewest": FEWEST},
        *_rules(judgement),
    ]


def _made_up(judgement: Judgement) -> list[str]:
    process = judgement.asked.process
    if process is None:
        return []
    told = _(
        "The courses are drawn from the process “%(process)s” (%(what)s, in the words of its definition). The best "
        "possible rule knows that process. What it misses is luck, which no rule can find; what lies between it and "
        "another rule is left to win. It is estimated from like courses, so on a few courses another rule can come out "
        "a little above it."
    )
    return [told % {"process": process, "what": PROCESSES[process].what}]


def _reliable_change(judgement: Judgement, measure: Measure | None) -> str:
    if measure is not None:
        return reliable_change_words(judgement.given.rci, measure.rci_origin)
    told = _("A reliable change is %(points)s points, from the measurement error of the made-up scale.")
    return told % {"points": point(judgement.given.rci.value)}


def _rules(judgement: Judgement) -> list[str]:
    """What each of the rules that were judged is."""
    what = {
        "forecast_deteriorated": _(
            "the chance that the course ends reliably worse, given all scores so far."
        ),
        "forecast_not_improved": _(
            "the chance that the course ends without reliable improvement, given all scores so far."
        ),
        "rule_table": _(
            "how far the score lies on the wrong side of the course expected from the first score. This is the alert "
            "table that another product has published, with lines of our own: the product's targets and lower "
            "lines are proprietary, so both come from our mean course, fitted to these courses, and the line is the "
            "end of its 80 % band. It says nothing of how that product itself would have done."
        ),
        "raw_change": _(
            "how many points worse than the first score. Its own threshold is the reliable change: the signal "
            "“deteriorated”."
        ),
        "sudden_fall": _(
            "how many points worse than the score before. Its own threshold is the reliable change."
        ),
        "no_change_expected": _(
            "from the fourth score, how unlikely reliable improvement is by the 21st measurement."
        ),
    }
    return [f"{rule_name(name)}: {what[name]}" for name in judgement.asked.rules]


def cautions() -> list[str]:
    """How the numbers must not be read."""
    return [
        _(
            "A signal is a reason to talk, not a verdict. Most people who are flagged may do well; ask how it is, and "
            "what should change."
        ),
        _(
            "“Ended worse” compares two scores. Good and bad days, and scores that move back towards the usual "
            "(regression to the mean), are in it, also beyond the reliable change. No rule foresees those."
        ),
        _(
            "If signals were in use when the scores were given, people who were flagged may have got another help and "
            "done better for it. Then a useful signal looks wrong here."
        ),
        _(
            "The numbers hold for these people, this instrument and these times. Judge again on courses of your own."
        ),
        _("Do not rank workers by numbers like these: too few people, and people who are too different."),
    ]


def sources() -> list[str]:
    """What the method rests on."""
    return [
        "Jacobson & Truax 1991, J Consult Clin Psychol 59:12 (" + _("reliable change") + ")",
        "Laird & Ware 1982, Biometrics 38:963 (" + _("the mixed model of the expected course") + ")",
        "Altman & Bland 1994, BMJ 308:1552; 309:102 ("
        + _("sensitivity, specificity, predictive values")
        + ")",
        "Efron & Tibshirani 1993, An Introduction to the Bootstrap (" + _("intervals") + ")",
        "Collins, Ogundimu & Altman 2016, Stat Med 35:214 (" + _("how many courses are needed") + ")",
        "Clopper & Pearson 1934, Biometrika 26:404 (" + _("exact intervals") + ")",
    ]
