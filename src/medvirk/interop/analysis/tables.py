"""The tables of an analysis: the main result, what the pictures show, and what stands behind it."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from medvirk.interop.analysis.by_group import ByGroup, Coefficient, GroupRow
from medvirk.interop.analysis.logic import Analysis
from medvirk.interop.analysis.words import category_name, time_name
from medvirk.interop.reports.figures import (
    JOINER,
    NO_BREAK,
    decimal,
    percent,
    point,
    rate,
    rate_with_interval,
    whole,
)
from medvirk.interop.reports.report import TextTable
from medvirk.interop.scores.few import FEWEST
from medvirk.stats.change import Category, Method, MethodShares
from medvirk.stats.outcomes import Estimate, Estimates, Outcome
from medvirk.stats.outcomes.estimates import EFFECT_SIZE

NAMES = {
    Method.JACOBSON_TRUAX: "Jacobson–Truax",
    Method.GULLIKSEN_LORD_NOVICK: "Gulliksen–Lord–Novick",
    Method.HSU_LINN_LORD: "Hsu–Linn–Lord",
    Method.EDWARDS_NUNNALLY: "Edwards–Nunnally",
    Method.NUNNALLY_KOTSCH: "Nunnally–Kotsch",
    Method.HAGEMAN_ARRINDELL: "Hageman–Arrindell",
}


def results(analysis: Analysis) -> list[TextTable]:
    """What is read first: the main result three ways, if it can be told."""
    found = analysis.three_ways
    if found.effect is None:
        return []
    named = {
        Outcome.RELIABLE_IMPROVEMENT: _("Clearly better"),
        Outcome.UNCHANGED: _("No clear change"),
        Outcome.RELIABLE_DETERIORATION: _("Clearly worse"),
        Outcome.RELIABLE_RECOVERY: _("Clearly better and past the cut-off, of those who began short of it"),
    }
    rows = [_estimates_row(named[outcome], estimates) for outcome, estimates in found.shares.items()]
    rows.append(_estimates_row(_("Effect size d"), found.effect))
    head = [
        _("At the planned end"),
        _("Without a score there"),
        _("Those with a score there"),
        _("Last score carried forward"),
        _("Filled in by the expected course"),
    ]
    return [TextTable(_("The same result three ways (95 percent intervals)"), head, rows)]


def _estimates_row(name: str, found: Estimates) -> list[str]:
    three = (found.complete_case, found.locf, found.growth_model)
    tell = _effect if found.outcome == EFFECT_SIZE else _share
    return [name, _missing(found.complete_case), *map(tell, three)]


def _missing(found: Estimate) -> str:
    """The share without an end score, or how many of how many where they are few."""
    of = 0 if found.missing >= 1 else round(found.n / (1 - found.missing))
    return rate(of - found.n, of) if 0 < of < FEWEST else percent(found.missing)


def _effect(found: Estimate) -> str:
    if found.value is None or found.interval is None:
        return _("cannot be estimated")
    # A d may lie below 0, where a dash between the ends would be read as a sign.
    return f"{decimal(found.value, 2)} ({_to(*found.interval, 2)}), n{NO_BREAK}={NO_BREAK}{whole(found.n)}"


def _share(found: Estimate) -> str:
    if found.value is None or found.interval is None:
        if found.numerator is not None:
            return rate(found.numerator, found.n)
        return _("cannot be estimated")
    low, high = found.interval
    if found.numerator is not None:
        return rate_with_interval(found.numerator, found.n, low, high)
    ends = JOINER.join((decimal(100 * low), "–", decimal(100 * high)))
    return f"n{NO_BREAK}={NO_BREAK}{whole(found.n)}, {percent(found.value)} ({ends})"


def _to(low: float, high: float, places: int) -> str:
    return _("%(low)s to %(high)s") % {"low": decimal(low, places), "high": decimal(high, places)}


def tables(analysis: Analysis, time_column: str) -> list[TextTable]:
    """What the pictures show, and what stands behind it."""
    found = [_time_table(analysis, time_column), _score_table(analysis)]
    if analysis.change.rci is not None:
        found.insert(0, _outcome_table(analysis))
    if analysis.by_method.comparison is not None:
        found.append(_method_table(analysis))
    if analysis.growth is not None:
        found.append(_growth_table(analysis))
    return found + [_group_table(group) for group in analysis.by_group if group.rows]


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
        place = time_name(analysis, time_column)
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
    beta, se = model.beta.tolist(), [None, None] if model.se is None else model.se.tolist()
    rows = [
        [_("Expected first score (β0)"), decimal(beta[0], 4), decimal(se[0], 4)],
        [_("Change per unit of transformed time (β1)"), decimal(beta[1], 4), decimal(se[1], 4)],
        [_("Variance between people, level (G00)"), decimal(float(model.G[0, 0]), 4), "–"],
        [_("Variance between people, pace (G11)"), decimal(float(model.G[1, 1]), 4), "–"],
        [_("Covariance of level and pace (G01)"), decimal(float(model.G[0, 1]), 4), "–"],
        [_("Variance of one measurement (σ²)"), decimal(model.sigma2, 4), "–"],
        [_("REML log-likelihood"), decimal(model.loglik, 4), "–"],
        [_("People, scores"), f"{whole(model.persons)}, {whole(model.scores)}", "–"],
        [_("Converged"), _("yes") if model.converged else _("no"), "–"],
        [_("Singular"), _("yes") if model.singular else _("no"), "–"],
    ]
    return TextTable(_("The expected course"), [_("Quantity"), _("Value"), _("Standard error")], rows)


def method_name(method: Method) -> str:
    """After those who proposed it."""
    return _("Own course (empirical Bayes)") if method is Method.EMPIRICAL_BAYES else NAMES[method]


def _method_table(analysis: Analysis) -> TextTable:
    comparison = analysis.by_method.comparison
    if comparison is None:
        raise ValueError("There is nothing to make a table of.")
    shown = [
        category
        for category in Category
        if category is not Category.NOT_ASSESSABLE
        and (category is not Category.RECOVERED or analysis.change.cutoff is not None)
    ]
    rows = [
        [method_name(found.method), whole(found.n), *_shares(found, shown)] for found in comparison.methods
    ]
    head = [_("Method"), "n", *map(category_name, shown), _("Same as the first")]
    return TextTable(_("The same people by every method of reliable change"), head, rows)


def _shares(found: MethodShares, shown: Sequence[Category]) -> list[str]:
    if found.shares is None or found.agreement is None:
        return [_("cannot be estimated"), *["–"] * len(shown)]
    return [*(percent(found.shares[category]) for category in shown), percent(found.agreement)]


def _group_table(group: ByGroup) -> TextTable:
    rows = [
        [row.value, whole(row.persons), *map(_coefficient, (row.level, row.pace)), *_more(row)]
        for row in group.rows
    ]
    head = [
        group.column,
        pgettext("group", "People"),
        _("Level at the start"),
        pgettext("group", "Pace"),
        _("Pace against the first group"),
    ]
    return TextTable(_("Level and pace by %(column)s") % {"column": group.column}, head, rows)


def _more(row: GroupRow) -> list[str]:
    return ["–" if row.more_pace is None else _coefficient(row.more_pace)]


def _coefficient(found: Coefficient) -> str:
    return _("%(value)s (SE %(se)s; %(interval)s)") % {
        "value": decimal(found.value, 2),
        "se": decimal(found.se, 2),
        "interval": _to(*found.interval, 2),
    }
