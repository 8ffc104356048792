"""The analysis as one JSON object, unrounded; what is missing is null with a reason beside it."""

from __future__ import annotations

from typing import Any

from medvirk.interop.analysis.by_group import ByGroup, Coefficient
from medvirk.interop.analysis.logic import Analysis, Summary
from medvirk.interop.scores.numbers import measure_numbers, reliable_change_numbers
from medvirk.stats.change import MethodShares
from medvirk.stats.outcomes import Estimate, Estimates
from medvirk.tables import Fault


def as_json(analysis: Analysis, *, file_name: str, seconds: float) -> dict[str, Any]:
    """docs/analyse.md lists the keys. seconds: from the start of the command."""
    return {
        "file": file_name,
        "measure": measure_numbers(analysis.measure),
        "persons": analysis.persons,
        "occasions": analysis.rows,
        "scores": analysis.scored,
        "persons_with_score": analysis.first.n,
        "persons_with_two": analysis.with_two,
        "missing_share": analysis.missing_share,
        "first": _summary(analysis.first),
        "last": _summary(analysis.last),
        "first_of_those_with_two": _summary(analysis.first_of_pairs),
        "alpha": analysis.alpha,
        "change": _change(analysis),
        "effect": _effect(analysis),
        "effect_reason": analysis.effect_reason or None,
        "growth": _growth(analysis),
        "growth_reason": analysis.growth_reason or None,
        "three_ways": _three_ways(analysis),
        "methods": _methods(analysis),
        "groups": [_group(group) for group in analysis.by_group],
        "seconds": seconds,
    }


def _summary(summary: Summary) -> dict[str, Any]:
    return {"n": summary.n, "mean": summary.mean, "sd": summary.sd}


def _change(analysis: Analysis) -> dict[str, Any]:
    change = analysis.change
    return {
        **reliable_change_numbers(change.rci),
        "rci_from": None if change.rci_origin is None else change.rci_origin.value,
        "cutoff": change.cutoff,
        "cutoff_from": None if change.cutoff_origin is None else change.cutoff_origin.value,
        "counts": {category.value: count for category, count in change.counts.items()},
        "not_assessable": change.not_assessable,
        "reason": None if change.reason is None else change.reason.sentence(),
    }


def _effect(analysis: Analysis) -> dict[str, Any] | None:
    effect = analysis.effect
    if effect is None:
        return None
    return {
        "n": effect.n,
        "d": effect.d,
        "g": effect.g,
        "se": effect.se,
        "ci95": list(effect.ci95),
        "r": effect.r,
        "sd_first": analysis.first_of_pairs.sd,
    }


def _growth(analysis: Analysis) -> dict[str, Any] | None:
    model = analysis.growth
    if model is None:
        return None
    return {
        "beta": model.beta.tolist(),
        "se": None if model.se is None else model.se.tolist(),
        "G": model.G.tolist(),
        "sigma2": model.sigma2,
        "loglik": model.loglik,
        "converged": model.converged,
        "singular": model.singular,
        "message": model.message or None,
        "persons": model.persons,
        "scores": model.scores,
        "transform": analysis.transform.value,
        "time_unit": "file" if analysis.scores.unit is None else analysis.scores.unit.value,
        "time_scale": None if analysis.time_scale is None else analysis.time_scale.to_dict(),
    }


def _reason(reason: Fault | str | None) -> str | None:
    return reason.sentence() if isinstance(reason, Fault) else reason


def _three_ways(analysis: Analysis) -> dict[str, Any]:
    found = analysis.three_ways
    end = found.end
    return {
        "end": None
        if end is None
        else {"time": end.time, "window": end.window, "given": end.given, "later_scores": end.later},
        "persons_without_end": None if found.effect is None else found.without_end[0],
        "imputations": found.imputations,
        "shares": {outcome.value: _estimates(estimates) for outcome, estimates in found.shares.items()},
        "effect": None if found.effect is None else _estimates(found.effect),
        "reason": _reason(found.reason),
    }


def _estimates(found: Estimates) -> dict[str, Any]:
    return {
        "complete_case": _estimate(found.complete_case),
        "last_observation_carried_forward": _estimate(found.locf),
        "growth_model": _estimate(found.growth_model),
    }


def _estimate(found: Estimate) -> dict[str, Any]:
    return {
        "value": found.value,
        "ci95": None if found.interval is None else list(found.interval),
        "n": found.n,
        "numerator": found.numerator,
        "missing_share": found.missing,
        "reason": found.reason or None,
    }


def _methods(analysis: Analysis) -> dict[str, Any]:
    found = analysis.by_method
    comparison = found.comparison
    return {
        "reliability": found.reliability,
        "resamples": None if comparison is None else comparison.resamples,
        "shares": [] if comparison is None else [_method(one) for one in comparison.methods],
        "reason": _reason(found.reason),
    }


def _method(found: MethodShares) -> dict[str, Any]:
    return {
        "method": found.method.value,
        "n": found.n,
        "shares": None
        if found.shares is None
        else {category.value: share for category, share in found.shares.items()},
        "ci95": None
        if found.intervals is None
        else {category.value: list(ends) for category, ends in found.intervals.items()},
        "agreement": found.agreement,
        "reason": found.reason or None,
    }


def _group(found: ByGroup) -> dict[str, Any]:
    return {
        "column": found.column,
        "reference": found.rows[0].value if found.rows else None,
        "groups": [
            {
                "value": row.value,
                "persons": row.persons,
                "scores": row.scores,
                "level": _coefficient(row.level),
                "pace": _coefficient(row.pace),
                "level_difference": _coefficient(row.more_level),
                "pace_difference": _coefficient(row.more_pace),
            }
            for row in found.rows
        ],
        "too_few": [{"value": value, "persons": n} for value, n in found.too_few],
        "persons_unstated": found.unstated,
        "message": found.note or None,
        "reason": _reason(found.reason),
    }


def _coefficient(found: Coefficient | None) -> dict[str, Any] | None:
    return None if found is None else {"value": found.value, "se": found.se, "ci95": list(found.interval)}
