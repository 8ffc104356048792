"""The numbers of an analysis: counts, change, effect and expected course. Pure; the science is in `stats`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from medvirk.interop.analysis.by_group import ByGroup, by_groups
from medvirk.interop.analysis.by_method import ByMethod, by_method
from medvirk.interop.analysis.three_ways import ThreeWays, in_three_ways
from medvirk.interop.analysis.times import time_scale, transformed
from medvirk.interop.scores.options import Measure, Origin, Plan, Transform
from medvirk.interop.scores.reading import Scores
from medvirk.interop.scores.reliable import first_alpha, first_and_last, settled_change
from medvirk.stats.change import (
    ROUNDING,
    Category,
    EffectSize,
    ReliableChange,
    classify,
    count_categories,
    effect_size,
)
from medvirk.stats.faults import FaultsError, Floats
from medvirk.stats.growth import GrowthModel, Norms, TimeScale, fit
from medvirk.stats.growth.timescale import SESSIONS
from medvirk.tables import Fault

# More points in time than this are shown by measurement number instead.
MOST_TIMES = 12


@dataclass(frozen=True)
class Summary:
    """n people, the mean and the standard deviation of their scores; None where n is too small."""

    n: int
    mean: float | None
    sd: float | None


@dataclass(frozen=True)
class AtTime:
    """The rows at one point in time, or with one measurement number. place: the time, or 1, 2, 3, …."""

    place: float
    rows: int
    scores: Summary


@dataclass(frozen=True)
class Change:
    """counts: people by category; `recovered` is None where there is no cut-off to recover past.

    rci, rci_origin: None where nothing gives a reliable change; then all counts are None, and `reason` says
    why and what to give. not_assessable: without a reliable change, those with fewer than two scores.
    """

    rci: ReliableChange | None
    rci_origin: Origin | None
    cutoff: float | None
    cutoff_origin: Origin | None
    counts: dict[Category, int | None]
    not_assessable: int
    reason: Fault | None = None


@dataclass(frozen=True)
class Analysis:
    """Everything the report and the JSON say.

    first: everyone with a score. last: everyone with at least two scores. first_of_pairs: the first scores of
    those same people, whose SD the effect size uses. first_scores, last_scores, categories: (persons,), NaN
    where there is no score, or no second one; all categories are `not_assessable` without a reliable change.
    effect, growth: None with the reason, in English, beside it.
    alpha: of the items at first scores; None where it cannot be estimated. by_number: whether `at_times`
    counts measurements instead of naming points in time. time_scale: what the model's time is counted in, None where
    nobody said.
    """

    measure: Measure
    transform: Transform
    scores: Scores
    persons: int
    rows: int
    scored: int
    first: Summary
    last: Summary
    first_of_pairs: Summary
    first_scores: Floats
    last_scores: Floats
    categories: tuple[Category, ...]
    change: Change
    effect: EffectSize | None
    effect_reason: str
    growth: GrowthModel | None
    growth_reason: str
    time_scale: TimeScale | None
    three_ways: ThreeWays
    by_method: ByMethod
    by_group: tuple[ByGroup, ...]
    alpha: float | None
    at_times: tuple[AtTime, ...]
    by_number: bool

    @property
    def missing_share(self) -> float:
        """Rows without a score as a share of rows."""
        return (self.rows - self.scored) / self.rows

    @property
    def constant(self) -> bool:
        """Whether there are scores, and all are equal."""
        return self.scored > 1 and float(np.ptp(self.scores.score[~np.isnan(self.scores.score)])) <= ROUNDING

    @property
    def with_two(self) -> int:
        """People with at least two scores."""
        return self.last.n


def analyse(scores: Scores, plan: Plan) -> Analysis:
    """All numbers. What nothing can be worked out from is None, with its reason."""
    first, last = first_and_last(scores)
    pairs = ~np.isnan(last)
    alpha, _reason = first_alpha(scores)
    rci, rci_fault = settled_change(scores, plan.measure)
    effect, effect_reason = _effect(first, last, plan.measure)
    scale = time_scale(scores, plan.transform)
    growth, growth_reason = _growth(scores, plan.transform, scale)
    categories = _categories(first, last, rci, plan.measure)
    at_times, by_number = _at_times(scores)
    return Analysis(
        measure=plan.measure,
        transform=plan.transform,
        scores=scores,
        persons=first.size,
        rows=scores.score.size,
        scored=int(np.sum(~np.isnan(scores.score))),
        first=summary(first),
        last=summary(last),
        first_of_pairs=summary(first[pairs]),
        first_scores=first,
        last_scores=last,
        categories=tuple(categories),
        change=_unjudged(plan.measure, pairs, rci_fault)
        if rci is None
        else _change(categories, rci, plan.measure),
        effect=effect,
        effect_reason=effect_reason,
        growth=growth,
        growth_reason=growth_reason,
        time_scale=scale,
        three_ways=in_three_ways(scores, plan, rci),
        by_method=by_method(
            first,
            last,
            plan.measure,
            rci=rci,
            alpha=alpha,
            scores=scores,
            growth=growth,
            transform=plan.transform,
        ),
        by_group=by_groups(scores, plan),
        alpha=alpha,
        at_times=at_times,
        by_number=by_number,
    )


def summary(values: Floats) -> Summary:
    """Of the values that are not missing."""
    found = values[~np.isnan(values)]
    mean = float(found.mean()) if found.size else None
    return Summary(found.size, mean, float(found.std(ddof=1)) if found.size > 1 else None)


def _categories(first: Floats, last: Floats, rci: ReliableChange | None, measure: Measure) -> list[Category]:
    if rci is None:
        return [Category.NOT_ASSESSABLE] * first.size
    found: list[Category] = classify(
        first, last, direction=measure.direction, rci=rci, cutoff=measure.cutoff
    ).tolist()
    return found


def _unjudged(measure: Measure, pairs: NDArray[np.bool_], reason: Fault | None) -> Change:
    """No reliable change to judge by: those with two scores are in no category, rather than unchanged."""
    counts: dict[Category, int | None] = {
        category: None for category in Category if category is not Category.NOT_ASSESSABLE
    }
    alone = int(np.sum(~pairs))
    return Change(None, None, measure.cutoff, measure.cutoff_origin, counts, alone, reason)


def _change(categories: Sequence[Category], rci: ReliableChange, measure: Measure) -> Change:
    counted: dict[Category, int | None] = dict(count_categories(np.array(categories, dtype=object)))
    not_assessable = counted.pop(Category.NOT_ASSESSABLE) or 0
    if measure.cutoff is None:
        counted[Category.RECOVERED] = None
    return Change(rci, measure.rci_origin, measure.cutoff, measure.cutoff_origin, counted, not_assessable)


def _effect(first: Floats, last: Floats, measure: Measure) -> tuple[EffectSize | None, str]:
    try:
        return effect_size(first, last, direction=measure.direction), ""
    except FaultsError as error:
        return None, " ".join(error.faults)


def _growth(scores: Scores, transform: Transform, scale: TimeScale | None) -> tuple[GrowthModel | None, str]:
    scored = ~np.isnan(scores.score)
    t = transformed(scores, transform)
    try:
        norms = Norms.from_scores(
            person=scores.person[scored],
            t=t[scored],
            score=scores.score[scored],
            time_scale=scale or SESSIONS,
        )
        return fit(norms), ""
    except FaultsError as error:
        return None, " ".join(error.faults)


def _at_times(scores: Scores) -> tuple[tuple[AtTime, ...], bool]:
    """The scores at each point in time if they are few, otherwise by each person's measurement number."""
    places = scores.time
    by_number = np.unique(places).size > MOST_TIMES
    if by_number:
        start = np.searchsorted(scores.person, scores.person)
        places = (np.arange(scores.person.size) - start + 1).astype(np.float64)
    found = []
    for place in np.unique(places)[:MOST_TIMES]:
        here = scores.score[places == place]
        found.append(AtTime(float(place), here.size, summary(here)))
    return tuple(found), by_number
