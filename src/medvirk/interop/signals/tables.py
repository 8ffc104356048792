"""Every number of a judgement as tables, each share with numerator, denominator and interval."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from medvirk.interop.reports.figures import decimal, point, rate, round_percent
from medvirk.interop.reports.report import TextTable
from medvirk.interop.scores.few import FEWEST
from medvirk.interop.signals.logic import (
    BURDENS,
    Chosen,
    JudgedRule,
    Judgement,
    best_name,
    caught,
    estimable,
    foretold,
)
from medvirk.interop.signals.words import ended, judged_name, measurement_name, rule_name, told
from medvirk.stats.signals import AtMeasurement, Outcome, Share

#: So many measurements stand in a table, and then the whole course; the JSON has them all.
MOST_ROWS = 10


def tables(judgement: Judgement) -> list[TextTable]:
    """What was judged, all rules side by side, the trade-off, and each rule by measurement."""
    found = [_courses(judgement)]
    for outcome in Outcome:
        found.append(_overview(judgement, outcome))
        if judgement.estimable(outcome):
            found.append(_trade_off(judgement, outcome))
    if judgement.compared:
        found.append(_differences(judgement))
    for judged in judgement.rules:
        found.append(_flags(judged))
        found += [_by_measurement(judged, outcome) for outcome in Outcome]
    return found


def rows_of(judged: JudgedRule, most: int = MOST_ROWS) -> list[AtMeasurement]:
    """The first measurements, and the last one, which covers whole courses."""
    rows = [row for row in judged.evaluation.sessions if row.measurement <= judged.last]
    return rows if len(rows) <= most + 1 else [*rows[:most], rows[-1]]


def _courses(judgement: Judgement) -> TextTable:
    courses = judgement.courses
    rows = [
        [_("Three scores or more: judged"), rate(courses.judged, courses.people)],
        [_("Two scores"), rate(courses.two, courses.people)],
        [_("One score"), rate(courses.one, courses.people)],
        [_("No score"), rate(courses.none, courses.people)],
        [_("Rows without a score"), rate(courses.without_score, courses.rows)],
        *([ended(outcome), told(judgement.base(outcome))] for outcome in Outcome),
    ]
    return TextTable(_("What was judged"), [_("Courses"), _("How many")], rows)


def heads() -> list[str]:
    """The measures of accuracy; `method` says what each counts."""
    return [_("Sensitivity"), _("Specificity"), _("PPV"), _("NPV")]


def _overview(judgement: Judgement, outcome: Outcome) -> TextTable:
    by = judgement.asked.by
    rows = []
    for judged in judgement.rules:
        if judged.best and judged.name != best_name(outcome):
            continue
        row = judged.evaluation.by(by)
        rows.append([judged_name(judged), told(row.flagged_courses), *_accuracy(row, outcome)])
    caption = _("%(ended)s: flags by measurement %(by)s, threshold for at most %(burden)s of the courses") % {
        "ended": ended(outcome),
        "by": by,
        "burden": round_percent(judgement.asked.burden),
    }
    return TextTable(caption, [_("Rule"), _("Courses flagged"), *heads()], rows)


def _accuracy(row: AtMeasurement, outcome: Outcome) -> list[str]:
    return [told(share) for share in _shares(row, outcome)]


def _shares(row: AtMeasurement, outcome: Outcome) -> tuple[Share, ...]:
    accuracy = row.accuracy[outcome]
    return accuracy.sensitivity, accuracy.specificity, accuracy.ppv, accuracy.npv


def _trade_off(judgement: Judgement, outcome: Outcome) -> TextTable:
    """The curve of the picture in numbers."""
    events = judgement.base(outcome).count
    curves = judgement.comparable(outcome)
    rows = []
    for burden in BURDENS:
        found = [caught(judged, outcome, judgement.asked.by, burden) for judged in curves]
        rows.append([round_percent(burden), *(rate(count, events) for count, _flagged in found)])
    caption = _(
        "%(ended)s: how many are found when at most so many courses are flagged by measurement %(by)s"
    ) % {
        "ended": ended(outcome),
        "by": judgement.asked.by,
    }
    return TextTable(caption, [_("At most flagged"), *(rule_name(judged.name) for judged in curves)], rows)


def _differences(judgement: Judgement) -> TextTable:
    """Ours against the others in points of sensitivity, with the burden that each really had."""
    by = judgement.asked.by
    rows = []
    for compared in judgement.compared:
        found = compared.difference
        value = _("cannot be estimated")
        if found is not None:
            value = _("%(value)s (%(low)s to %(high)s)") % {
                "value": decimal(100 * found.value),
                "low": decimal(100 * found.low),
                "high": decimal(100 * found.high),
            }
        names = f"{rule_name(compared.ours.name)} – {rule_name(compared.other.name)}"
        flags = [told(rule.evaluation.by(by).flagged_courses) for rule in (compared.ours, compared.other)]
        rows.append([names, ended(compared.outcome), value, *flags])
    caption = _("Difference in sensitivity at the same burden, by measurement %(by)s") % {"by": by}
    head = [
        _("Our forecast – the other"),
        _("Ending"),
        _("Percentage points (95 percent interval)"),
        _("Flagged by ours"),
        _("Flagged by the other"),
    ]
    return TextTable(caption, head, rows)


def heading(judged: JudgedRule) -> str:
    """The rule, where its threshold comes from, and what it is."""
    aim, limit = judged.evaluation.chosen_for, judged.evaluation.threshold
    value = _("none that keeps the burden") if limit == float("inf") else point(limit)
    facts = {"rule": rule_name(judged.name), "threshold": value}
    if judged.chosen is Chosen.OWN or aim is None:
        return _("%(rule)s, its own threshold (%(threshold)s)") % facts
    return _("%(rule)s, at most %(burden)s flagged by measurement %(by)s (threshold %(threshold)s)") % {
        **facts,
        "burden": round_percent(aim[0]),
        "by": aim[1],
    }


def _flags(judged: JudgedRule) -> TextTable:
    rows = [
        [
            measurement_name(row, judged),
            told(row.flagged_courses),
            told(row.flagged_sessions),
            *(told(row.right[outcome]) for outcome in Outcome),
        ]
        for row in rows_of(judged)
    ]
    head = [
        _("Measurement"),
        _("Courses flagged so far"),
        _("Sessions flagged here"),
        *(_("Right here: %(ended)s") % {"ended": ended(outcome)} for outcome in Outcome),
    ]
    return TextTable(heading(judged), head, rows)


def _by_measurement(judged: JudgedRule, outcome: Outcome) -> TextTable:
    rows = [[measurement_name(row, judged), *_accuracy(row, outcome)] for row in rows_of(judged)]
    caption = f"{heading(judged)}: {ended(outcome)}"
    return TextTable(caption, [_("Flags up to measurement"), *heads()], rows)


def compact(judgement: Judgement, *, details: bool) -> Iterator[str]:
    """The tables for a terminal: percentage, counts and interval in each cell.

    Without details, each rule stands under the ending it foretells, by the measurement asked for and for whole courses.
    """
    head = [_("up to"), _("flagged"), *heads()]
    for outcome in Outcome:
        rules = [
            judged
            for judged in judgement.rules
            if foretold(judged.name) is outcome or (details and not judged.best)
        ]
        if not rules:
            continue
        lines: list[str | list[str]] = [head]
        for judged in rules:
            lines.append(heading(judged))
            for row in _shown(judgement, judged, details=details):
                cells = [_cell(share) for share in (row.flagged_courses, *_shares(row, outcome))]
                lines.append([f"  {row.measurement}", *cells])
        width = 2 + max(len(cell) for line in lines if isinstance(line, list) for cell in line)
        yield f"\n{ended(outcome)}: {told(judgement.base(outcome))}"
        for line in lines:
            yield (
                line
                if isinstance(line, str)
                else line[0].ljust(7) + "".join(f"{cell:>{width}}" for cell in line[1:])
            )
    yield "\n" + _("?: cannot be estimated, because it would rest on fewer than %(fewest)s courses.") % {
        "fewest": FEWEST
    }


def _shown(judgement: Judgement, judged: JudgedRule, *, details: bool) -> list[AtMeasurement]:
    by = judgement.asked.by
    if details:
        return rows_of(judged, most=max(by, 4) - 1)
    places = {by, judged.evaluation.whole.measurement}
    return [row for row in rows_of(judged, most=by) if row.measurement in places]


def _cell(share: Share) -> str:
    """`44% 12/27 26–63`; a percentage only where enough stand under it."""
    counts = f"{share.count}/{share.of}"
    if not estimable(share) or share.value is None:
        return f"? {counts}"
    if share.low is None or share.high is None:
        return f"{share.value:.0%} {counts}"
    return f"{share.value:.0%} {counts} {100 * share.low:.0f}–{100 * share.high:.0f}"
