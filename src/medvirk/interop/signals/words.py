"""How often the signals were right, in sentences: for a leader who has two minutes."""

from __future__ import annotations

import math
from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from medvirk.interop.reports.figures import decimal, rate, rate_with_interval, round_percent, whole
from medvirk.interop.scores.few import FEWEST
from medvirk.interop.signals.logic import Chosen, Compared, JudgedRule, Judgement, estimable, foretold
from medvirk.stats.signals import AtMeasurement, Outcome, Share

# Collins, Ogundimu & Altman 2016: a forecast is checked well on 100 events or more.
GOOD_EVENTS = 100


def rule_name(name: str) -> str:
    """A rule in plain words, short enough for a legend."""
    return {
        "forecast_deteriorated": pgettext("rule", "Our forecast (worse)"),
        "forecast_not_improved": pgettext("rule", "Our forecast (no improvement)"),
        "rule_table": pgettext("rule", "Rule table"),
        "raw_change": pgettext("rule", "Raw change"),
        "sudden_fall": pgettext("rule", "Sudden fall"),
        "no_change_expected": pgettext("rule", "No change expected"),
        "best_possible_deteriorated": pgettext("rule", "Best possible (worse)"),
        "best_possible_not_improved": pgettext("rule", "Best possible (no improvement)"),
    }[name]


def judged_name(judged: JudgedRule) -> str:
    """The rule, and that it kept its own threshold where it did."""
    name = rule_name(judged.name)
    if judged.chosen is Chosen.BURDEN:
        return name
    return _("%(rule)s, own threshold") % {"rule": name}


def ended(outcome: Outcome) -> str:
    """How a course ended, as a heading."""
    if outcome is Outcome.DETERIORATED:
        return _("Ended reliably worse")
    return _("Ended without reliable improvement")


def ended_of(outcome: Outcome) -> str:
    """The same inside a sentence: of those who …"""
    if outcome is Outcome.DETERIORATED:
        return _("ended reliably worse")
    return _("ended without reliable improvement")


def told(share: Share) -> str:
    """A share with numerator, denominator and interval; in words where too few stand under it."""
    if not share.of:
        return _("cannot be estimated: nobody")
    if not estimable(share):
        return _("cannot be estimated: %(count)s of %(of)s") % {
            "count": whole(share.count),
            "of": whole(share.of),
        }
    return rate_with_interval(share.count, share.of, share.low, share.high)


def _inside(share: Share) -> str:
    """The same inside a sentence: how many, and that they are too few for a percentage."""
    if estimable(share):
        return told(share)
    facts = {"count": whole(share.count), "of": whole(share.of)}
    return _("%(count)s of %(of)s (too few for a percentage)") % facts


def measurement_name(row: AtMeasurement, judged: JudgedRule) -> str:
    """The number of the measurement; the last one covers whole courses."""
    if row.measurement == judged.evaluation.whole.measurement:
        return _("%(number)s (whole course)") % {"number": row.measurement}
    return str(row.measurement)


def summary(judgement: Judgement) -> list[str]:
    """What was judged and what came out, every rate with its n."""
    at_burden = [judged for judged in judgement.at_burden() if not judged.best]
    own = [judged for judged in judgement.rules if judged.chosen is Chosen.OWN]
    return [
        " ".join(_courses(judgement)),
        " ".join([_bases(judgement), *_too_few(judgement)]),
        _burden(judgement),
        *(_natural(judgement, judged) for judged in at_burden),
        *_differences(judgement),
        *([" ".join([*(_own(judgement, judged) for judged in own), _another_burden()])] if own else []),
        _no_verdict(),
    ]


def brief(judgement: Judgement) -> tuple[list[str], list[str]]:
    """The same for a terminal, where the table says the rest: what stands before the table, and after it."""
    before = [" ".join(_courses(judgement)), " ".join([_bases(judgement), *_too_few(judgement)])]
    return before, [*_differences(judgement), _no_verdict()]


def more(page: Path | None) -> str:
    """Where the rest stands. page: the file that was written, None where none was."""
    if page is None:
        return _(
            "More: --details prints it here, and --out DIR writes a page with pictures and every number."
        )
    return _("Pictures and every number stand on the page %(page)s; --details prints more here.") % {
        "page": page
    }


def _differences(judgement: Judgement) -> list[str]:
    """Without those for which there are too few; that is said once for the ending."""
    return [difference_words(found) for found in judgement.compared if judgement.estimable(found.outcome)]


def _no_verdict() -> str:
    return _("A signal prompts a conversation. It is never a verdict on a person or on the help.")


def _burden(judgement: Judgement) -> str:
    return _(
        "A team can talk about so many signals and no more. So each rule gets the threshold at which at most "
        "%(burden)s of the courses are flagged by measurement %(by)s, and they are compared at that burden. In "
        "brackets stand 95 percent intervals."
    ) % {"burden": round_percent(judgement.asked.burden), "by": judgement.asked.by}


def _courses(judgement: Judgement) -> list[str]:
    courses = judgement.courses
    facts = {"rows": whole(courses.rows), "people": whole(courses.people)}
    if judgement.asked.process is not None:
        first = _("The %(people)s courses are made up, with %(rows)s scores in all.") % facts
    else:
        lacking = rate(courses.without_score, courses.rows)
        first = _(
            "The file has %(rows)s measurements of %(people)s people. %(lacking)s of them lack a score."
        ) % {**facts, "lacking": lacking}
    told = [
        first,
        _(
            "%(judged)s people have three scores or more, and only their courses are judged: a signal takes "
            "two scores, and only a later one shows how it went."
        )
        % {"judged": rate(courses.judged, courses.people)},
    ]
    if rest := courses.people - courses.judged:
        told.append(
            _(
                "The other %(rest)s (%(none)s without a score, %(one)s with one, %(two)s with two) are not "
                "in the numbers. That matters: those who leave early may do so because it goes badly, or "
                "because it goes well, and then signals are right more or less often than told here."
            )
            % {
                "rest": whole(rest),
                "none": whole(courses.none),
                "one": whole(courses.one),
                "two": whole(courses.two),
            }
        )
    return told


def _bases(judgement: Judgement) -> str:
    worse, stuck = (judgement.base(outcome) for outcome in Outcome)
    return _(
        "Of the judged courses, %(worse)s ended reliably worse than they began, and %(stuck)s without reliable "
        "improvement; the first are among the second."
    ) % {"worse": told(worse), "stuck": told(stuck)}


def _too_few(judgement: Judgement) -> list[str]:
    """Why there is no percentage of those who ended so, or did not."""
    found = []
    for outcome in Outcome:
        base = judgement.base(outcome)
        facts = {"ended": ended_of(outcome), "fewest": FEWEST}
        if base.count < FEWEST:
            text = _(
                "Only %(count)s courses %(ended)s. With fewer than %(fewest)s, sensitivity cannot be estimated: one "
                "course more or less would move it by more than ten points. More courses are needed."
            )
            found.append(text % {**facts, "count": whole(base.count)})
        elif base.of - base.count < FEWEST:
            text = _(
                "All but %(count)s courses %(ended)s. With fewer than %(fewest)s others, specificity cannot be "
                "estimated."
            )
            found.append(text % {**facts, "count": whole(base.of - base.count)})
        elif base.count < GOOD_EVENTS:
            text = _(
                "Only %(count)s courses %(ended)s: the intervals are wide. About %(good)s give steady numbers."
            )
            found.append(text % {**facts, "count": whole(base.count), "good": GOOD_EVENTS})
    return found


def _natural(judgement: Judgement, judged: JudgedRule) -> str:
    """Of so many people flagged, about so many ended so: for each rule at the burden."""
    outcome = foretold(judged.name)
    row = judged.evaluation.by(judgement.asked.by)
    accuracy = row.accuracy[outcome]
    facts = {
        "rule": rule_name(judged.name),
        "by": judgement.asked.by,
        "flagged": told(row.flagged_courses),
        "ended": ended_of(outcome),
    }
    if not row.flagged_courses.count:
        return (
            _(
                "%(rule)s: no threshold flags anyone by measurement %(by)s without passing the burden, or the rule "
                "has nothing to say that early."
            )
            % facts
        )
    flags = _("%(rule)s: flagged by measurement %(by)s are %(flagged)s.") % facts
    if not estimable(accuracy.ppv) or accuracy.ppv.value is None:
        few = _("They are too few to tell how many of such people %(ended)s.") % facts
        return f"{flags} {few}"
    right = _right(accuracy.ppv, accuracy.ppv.value, outcome)
    if not accuracy.sensitivity.of:
        return f"{flags} {right}"
    found = _("Of all who %(ended)s it flagged %(found)s.") % {
        **facts,
        "found": _inside(accuracy.sensitivity),
    }
    return f"{flags} {right} {found}"


def _right(ppv: Share, value: float, outcome: Outcome) -> str:
    """Of those flagged, how many ended so: of ten or a hundred people only where enough events stand under it."""
    facts = {"ended": ended_of(outcome), "ppv": told(ppv), "all": whole(ppv.of)}
    if not ppv.count:
        return _("None of the %(all)s people flagged %(ended)s: %(ppv)s.") % facts
    if ppv.count == ppv.of:
        return _("All of the %(all)s people flagged %(ended)s: %(ppv)s.") % facts
    if min(ppv.count, ppv.of - ppv.count) < FEWEST:
        counts = {"count": whole(ppv.count), "rest": whole(ppv.of - ppv.count)}
        text = _("Of the %(all)s people flagged, %(count)s %(ended)s and %(rest)s did not: %(ppv)s.")
        return text % {**facts, **counts}
    of = 10 if 0.05 <= value <= 0.95 else 100
    about = math.floor(of * value + 0.5)
    return _("Of %(of)s people flagged, about %(about)s %(ended)s and %(rest)s did not: %(ppv)s.") % {
        **facts,
        "of": of,
        "about": whole(about),
        "rest": whole(of - about),
    }


def difference_words(compared: Compared) -> str:
    """Which of two rules finds more at the same burden, and whether the data can tell."""
    found = compared.difference
    if found is None:
        return _("“%(ours)s” and “%(other)s” cannot be compared: too few %(ended)s, or too few others.") % {
            "ours": rule_name(compared.ours.name),
            "other": rule_name(compared.other.name),
            "ended": ended_of(compared.outcome),
        }
    facts = {
        "ours": rule_name(compared.ours.name),
        "other": rule_name(compared.other.name),
        "ended": ended_of(compared.outcome),
        "points": decimal(100 * abs(found.value)),
        "low": decimal(100 * found.low),
        "high": decimal(100 * found.high),
    }
    if decimal(abs(100 * found.value)) == decimal(0.0):
        more = _("“%(ours)s” found as many as “%(other)s” of those who %(ended)s")
    elif found.value < 0:
        more = _(
            "“%(ours)s” found %(points)s percentage points fewer than “%(other)s” of those who %(ended)s"
        )
    else:
        more = _("“%(ours)s” found %(points)s percentage points more than “%(other)s” of those who %(ended)s")
    rest = _(" (95 percent interval of the difference %(low)s to %(high)s points).")
    sure = (
        _("The interval holds 0, so these courses do not tell which of them finds more.")
        if found.low <= 0 <= found.high
        else _("The interval does not hold 0.")
    )
    return f"{more % facts}{rest % facts} {sure}"


def _own(judgement: Judgement, judged: JudgedRule) -> str:
    row, outcome = judged.evaluation.by(judgement.asked.by), foretold(judged.name)
    return _(
        "At its own threshold, not one chosen for the burden, “%(rule)s” flags %(flagged)s by measurement %(by)s, and "
        "of all who %(ended)s it flags %(found)s."
    ) % {
        "rule": rule_name(judged.name),
        "flagged": told(row.flagged_courses),
        "by": judgement.asked.by,
        "ended": ended_of(outcome),
        "found": _inside(row.accuracy[outcome].sensitivity),
    }


def _another_burden() -> str:
    return _(
        "Another burden is another trade, so do not compare these with the numbers at the chosen burden."
    )
