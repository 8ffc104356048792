"""The analysis in words: for a leader who has two minutes, and for a statistician who has more."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from medvirk.interop.analysis.logic import Analysis
from medvirk.interop.reports.figures import decimal, point, rate, whole
from medvirk.interop.reports.report import TextTable
from medvirk.interop.scores.options import Transform
from medvirk.interop.scores.words import better_way, reliable_change_words
from medvirk.stats.change import Category, ReliableChange


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
    if analysis.scores.dated:
        return _("Weeks since the first measurement")
    if analysis.transform is Transform.LOG:
        return time_column
    return _("Time since the first measurement (%(column)s)") % {"column": time_column}


def summary(analysis: Analysis) -> list[str]:
    """What happened, in sentences; every rate with its n."""
    sentences = [
        _("The file has %(rows)s measurements of %(persons)s people. %(missing)s of them lack a score.")
        % {
            "rows": whole(analysis.rows),
            "persons": whole(analysis.persons),
            "missing": rate(analysis.rows - analysis.scored, analysis.rows),
        },
        _(
            "%(two)s people have at least two scores, and only they can show a change. "
            "For the other %(rest)s, nothing can be told."
        )
        % {
            "two": rate(analysis.with_two, analysis.persons),
            "rest": whole(analysis.persons - analysis.with_two),
        },
    ]
    if analysis.change.rci is None:
        sentences.append(unjudged(analysis))
    elif analysis.with_two:
        sentences += [_outcomes(analysis, analysis.change.rci), _headline(analysis)]
    if analysis.effect is not None:
        sentences.append(_effect(analysis))
    sentences.append(
        _("This tells what happened from the first score to the last. It does not tell what caused it.")
    )
    return sentences


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
    if analysis.growth is None:
        told = _("The expected course could not be estimated. In the words of the calculation: %(reason)s")
        return told % {"reason": analysis.growth_reason}
    if not analysis.growth.usable:
        told = _("The expected course is not drawn. In the words of the calculation: %(reason)s")
        return told % {"reason": analysis.growth.message}
    return ""


def tables(analysis: Analysis, time_column: str) -> list[TextTable]:
    """What the pictures show, and what stands behind it."""
    found = [_time_table(analysis, time_column), _score_table(analysis)]
    if analysis.change.rci is not None:
        found.insert(0, _outcome_table(analysis))
    return found if analysis.growth is None else [*found, _growth_table(analysis)]


def _outcome_table(analysis: Analysis) -> TextTable:
    rows = []
    for category, count in analysis.change.counts.items():
        shares = [_("no cut-off"), "–"]
        if count is not None:
            shares = [rate(count, analysis.with_two), rate(count, analysis.persons)]
        rows.append([category_name(category), *shares])
    missing = analysis.change.not_assessable
    rows.append([category_name(Category.NOT_ASSESSABLE), "–", rate(missing, analysis.persons)])
    head = [_("Outcome"), _("Of those with two scores"), _("Of everyone")]
    return TextTable(_("From first to last score"), head, rows)


def _time_table(analysis: Analysis, time_column: str) -> TextTable:
    place = _("Measurement number") if analysis.by_number else time_column
    if analysis.scores.dated and not analysis.by_number:
        place = _("Weeks since the first measurement")
    rows = [
        [
            point(at.place),
            whole(at.rows),
            rate(at.rows - at.scores.n, at.rows),
            decimal(at.scores.mean),
            decimal(at.scores.sd),
        ]
        for at in analysis.at_times
    ]
    head = [place, _("Rows"), _("Without score"), _("Mean"), _("Standard deviation")]
    return TextTable(_("Scores over time"), head, rows)


def _score_table(analysis: Analysis) -> TextTable:
    named = [
        (_("First score, everyone with a score"), analysis.first),
        (_("First score, those with two"), analysis.first_of_pairs),
        (_("Last score, those with two"), analysis.last),
    ]
    rows = [[name, whole(found.n), decimal(found.mean), decimal(found.sd)] for name, found in named]
    return TextTable(_("First and last score"), [_("Score"), "n", _("Mean"), _("Standard deviation")], rows)


def _growth_table(analysis: Analysis) -> TextTable:
    model = analysis.growth
    if model is None:
        raise ValueError("There is no growth model to make a table of.")
    rows = [
        [_("Expected first score (β0)"), decimal(float(model.beta[0]), 4)],
        [_("Change per unit of transformed time (β1)"), decimal(float(model.beta[1]), 4)],
        [_("Variance between people, level (G00)"), decimal(float(model.G[0, 0]), 4)],
        [_("Variance between people, pace (G11)"), decimal(float(model.G[1, 1]), 4)],
        [_("Covariance of level and pace (G01)"), decimal(float(model.G[0, 1]), 4)],
        [_("Variance of one measurement (σ²)"), decimal(model.sigma2, 4)],
        [_("REML log-likelihood"), decimal(model.loglik, 4)],
        [_("People, scores"), f"{whole(model.persons)}, {whole(model.scores)}"],
        [_("Converged"), _("yes") if model.converged else _("no")],
        [_("Singular"), _("yes") if model.singular else _("no")],
    ]
    return TextTable(_("The expected course"), [_("Quantity"), _("Value")], rows)


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
