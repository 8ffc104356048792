"""A judgement as one JSON object, unrounded; what is missing is null with a reason beside it."""

from __future__ import annotations

import math
from typing import Any

from medvirk.interop.scores.few import FEWEST
from medvirk.interop.scores.numbers import measure_numbers, reliable_change_numbers
from medvirk.interop.scores.options import Measure
from medvirk.interop.signals.logic import (
    BURDENS,
    Chosen,
    Compared,
    JudgedRule,
    Judgement,
    caught,
    estimable,
)
from medvirk.stats.signals import AtMeasurement, Outcome, Share


def as_json(
    judgement: Judgement, measure: Measure | None, *, file_name: str | None, seconds: float
) -> dict[str, Any]:
    """docs/signals.md lists the keys. measure, file_name: None for made-up courses. seconds: since the start."""
    asked, given, courses = judgement.asked, judgement.given, judgement.courses
    return {
        "file": file_name,
        "simulated": None if asked.process is None else {"process": asked.process, "people": asked.people},
        "measure": None if measure is None else measure_numbers(measure),
        "direction": given.direction.value,
        "range": [given.low, given.high],
        "reliable_change": {
            **reliable_change_numbers(given.rci),
            "rci_from": None if measure is None else measure.rci_origin.value,
        },
        "courses": {
            "people": courses.people,
            "judged": courses.judged,
            "two_scores": courses.two,
            "one_score": courses.one,
            "no_score": courses.none,
            "longest": courses.longest,
            "rows": courses.rows,
            "rows_without_score": courses.without_score,
        },
        "burden": asked.burden,
        "by": asked.by,
        "folds": asked.folds,
        "seed": asked.seed,
        "fewest": FEWEST,
        "ended": {outcome.value: _share(judgement.base(outcome)) for outcome in Outcome},
        "rules": [_rule(judgement, judged) for judged in judgement.rules],
        "differences": [_compared(compared) for compared in judgement.compared],
        "seconds": seconds,
    }


def _share(share: Share) -> dict[str, Any]:
    if estimable(share):
        bounds = (share.value, share.low, share.high)
        reason = None if share.low is not None else "too few resamples have anything to divide by"
    else:
        bounds, reason = (None, None, None), f"fewer than {FEWEST} to divide by"
    return {"count": share.count, "of": share.of, **dict(zip(("value", "low", "high"), bounds, strict=True)),
            "reason": reason}  # fmt: skip


def _rule(judgement: Judgement, judged: JudgedRule) -> dict[str, Any]:
    found, by = judged.evaluation, judgement.asked.by
    return {
        "rule": judged.name,
        "best_possible": judged.best,
        "threshold": found.threshold if math.isfinite(found.threshold) else None,
        "threshold_from": judged.chosen.value,
        "measurements": [_row(judged, row) for row in found.sessions if row.measurement <= judged.last],
        "trade_off": {
            outcome.value: [_point(judgement, judged, outcome, by, burden) for burden in BURDENS]
            for outcome in Outcome
        }
        if judged.chosen is Chosen.BURDEN
        else None,
    }


def _row(judged: JudgedRule, row: AtMeasurement) -> dict[str, Any]:
    return {
        "measurement": row.measurement,
        "whole_course": row.measurement == judged.evaluation.whole.measurement,
        "flagged_courses": _share(row.flagged_courses),
        "flagged_sessions": _share(row.flagged_sessions),
        **{outcome.value: _accuracy(row, outcome) for outcome in Outcome},
    }


def _accuracy(row: AtMeasurement, outcome: Outcome) -> dict[str, Any]:
    accuracy = row.accuracy[outcome]
    return {
        "sensitivity": _share(accuracy.sensitivity),
        "specificity": _share(accuracy.specificity),
        "ppv": _share(accuracy.ppv),
        "npv": _share(accuracy.npv),
        "right_here": _share(row.right[outcome]),
    }


def _point(
    judgement: Judgement, judged: JudgedRule, outcome: Outcome, by: int, burden: float
) -> dict[str, Any]:
    count, flagged = caught(judged, outcome, by, burden)
    return {"burden": burden, "flagged": flagged, "count": count, "of": judgement.base(outcome).count}


def _compared(compared: Compared) -> dict[str, Any]:
    found = compared.difference
    return {
        "outcome": compared.outcome.value,
        "ours": compared.ours.name,
        "other": compared.other.name,
        "value": None if found is None else found.value,
        "low": None if found is None else found.low,
        "high": None if found is None else found.high,
        "reason": f"fewer than {FEWEST} ended so, or did not" if found is None else None,
    }
