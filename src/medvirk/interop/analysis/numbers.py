"""The analysis as one JSON object, unrounded; what is missing is null with a reason beside it."""

from __future__ import annotations

from typing import Any

from medvirk.interop.analysis.logic import Analysis, Summary
from medvirk.interop.scores.numbers import measure_numbers, reliable_change_numbers


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
        "G": model.G.tolist(),
        "sigma2": model.sigma2,
        "loglik": model.loglik,
        "converged": model.converged,
        "singular": model.singular,
        "message": model.message or None,
        "persons": model.persons,
        "scores": model.scores,
        "transform": analysis.transform.value,
        "time_unit": "weeks" if analysis.scores.dated else "file",
    }
