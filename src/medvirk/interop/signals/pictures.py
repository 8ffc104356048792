"""The two pictures of a judgement, each with a caption and with words for those who do not see it."""

from __future__ import annotations

from django.utils.translation import gettext as _

from medvirk.interop.reports.figures import percent, round_percent
from medvirk.interop.reports.report import Figure
from medvirk.interop.signals.logic import Chosen, JudgedRule, Judgement, estimable
from medvirk.interop.signals.tables import rows_of
from medvirk.interop.signals.words import ended, ended_of, rule_name
from medvirk.stats.signals import AtMeasurement, Outcome, Share
from medvirk.ui.charts import (
    Curve,
    Estimate,
    EstimatesPicture,
    Size,
    TradeOffPicture,
    estimates_chart,
    to_svg,
    trade_off_chart,
)

#: A phone has room for no more measurements, and then the whole course.
MOST_PLACES = 5


def figures(judgement: Judgement, language: str) -> list[Figure]:
    """Of those who ended reliably worse, else of those without reliable improvement; none if both are too few."""
    outcome = judgement.main_outcome()
    if outcome is None:
        return []
    return [_trade_off(judgement, outcome, language), _by_measurement(judgement, outcome, language)]


def _trade_off(judgement: Judgement, outcome: Outcome, language: str) -> Figure:
    by, burden = judgement.asked.by, judgement.asked.burden
    curves = [_curve(judgement, judged, outcome) for judged in judgement.comparable(outcome)]
    facts = {"ended": ended_of(outcome), "by": by, "burden": round_percent(burden)}
    caption = (
        _(
            "Along: how many of the courses are flagged by measurement %(by)s. Up: how many of those who %(ended)s are "
            "among them. The higher a line, the better the rule. Round marks are at the burden of %(burden)s, "
            "diamonds at a rule's own threshold. The straight grey line is what drawing lots would find."
        )
        % facts
    )
    spoken = [
        _("%(rule)s: %(flagged)s flagged, %(found)s found.")
        % {"rule": curve.name, "flagged": percent(curve.chosen[0]), "found": percent(curve.chosen[1])}
        for curve in curves
    ]
    title = _("%(ended)s: how many are found, and how many must be flagged for it")
    labels = {
        "title": title % {"ended": ended(outcome)},
        "description": " ".join([caption, *spoken]),
        "flagged": _("Courses flagged by measurement %(by)s") % facts,
        "found": _("Found of those who %(ended)s") % facts,
        "burden": _("Burden %(burden)s") % facts,
        "chance": _("By lot"),
        "chosen": _("At the burden"),
        "own": _("At the rule's own threshold"),
    }
    picture = TradeOffPicture(curves, burden, labels)
    svgs = [to_svg(trade_off_chart(picture, size), language) for size in (Size.WIDE, Size.NARROW)]
    return Figure(labels["title"], caption, labels["description"], *svgs)


def _curve(judgement: Judgement, judged: JudgedRule, outcome: Outcome) -> Curve:
    by = judgement.asked.by
    flagged, found = judged.evaluation.trade_off(outcome, by=by)
    own = [rule for rule in judgement.rules if rule.chosen is Chosen.OWN and rule.name == judged.name]
    return Curve(
        rule_name(judged.name),
        list(zip(flagged.tolist(), found.tolist(), strict=True)),
        _stand(judged.evaluation.by(by), outcome),
        _stand(own[0].evaluation.by(by), outcome) if own else None,
        judged.best,
    )


def _stand(row: AtMeasurement, outcome: Outcome) -> tuple[float, float]:
    return row.flagged_courses.value or 0.0, row.accuracy[outcome].sensitivity.value or 0.0


def _by_measurement(judgement: Judgement, outcome: Outcome, language: str) -> Figure:
    rules = [judged for judged in judgement.comparable(outcome) if not judged.best]
    places = [_place(row, rules[0]) for row in rows_of(rules[0], MOST_PLACES)]
    named = {"ended": ended_of(outcome)}
    headings = [
        _("Courses flagged so far"),
        _("Sensitivity: found of those who %(ended)s") % named,
        _("PPV: of the flagged, how many %(ended)s") % named,
    ]
    panels = [
        (heading, [each for judged in rules for each in _estimates(judged, at, outcome)])
        for at, heading in enumerate(headings)
    ]
    caption = _(
        "Flags up to each measurement, with the same threshold throughout, the one for the burden. The upright lines "
        "are 95 percent intervals. A share of fewer than ten people is not drawn."
    )
    spoken = [
        f"{heading}: "
        + "; ".join(f"{each.rule}, {each.place}: {percent(each.value)}" for each in found)
        + "."
        for heading, found in panels
        if found
    ]
    labels = {
        "title": _("%(ended)s: by measurement") % {"ended": ended(outcome)},
        "description": " ".join([caption, *spoken]),
        "place": _("Measurement"),
    }
    picture = EstimatesPicture(panels, places, [rule_name(judged.name) for judged in rules], labels)
    svgs = [to_svg(estimates_chart(picture, size), language) for size in (Size.WIDE, Size.NARROW)]
    return Figure(labels["title"], caption, labels["description"], *svgs)


def _place(row: AtMeasurement, judged: JudgedRule) -> str:
    """On the axis: the number of the measurement, or that it is the whole course."""
    return _("whole") if row.measurement == judged.evaluation.whole.measurement else str(row.measurement)


def _shown(row: AtMeasurement, panel: int, outcome: Outcome) -> Share:
    accuracy = row.accuracy[outcome]
    return (row.flagged_courses, accuracy.sensitivity, accuracy.ppv)[panel]


def _estimates(judged: JudgedRule, panel: int, outcome: Outcome) -> list[Estimate]:
    found = []
    for row in rows_of(judged, MOST_PLACES):
        share = _shown(row, panel, outcome)
        if estimable(share) and share.value is not None:
            place = _place(row, judged)
            found.append(Estimate(rule_name(judged.name), place, share.value, share.low, share.high))
    return found
