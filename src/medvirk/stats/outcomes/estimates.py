"""Each outcome by three estimators side by side, because the choice moves the headline.

Whoever stops answering is not like whoever goes on. *Complete case* counts those with a score at the end: if people
leave when they are well, or when they are not, it describes those who stayed. *Last observation carried forward*
lets everyone stand still from their last score: while people improve it finds too little improvement, and someone
measured once is unchanged by definition. The *growth model* uses all scores: each missing end score is drawn many
times from what the person's own scores and everyone's course say (multiple imputation, pooled by Rubin's rules), which
is right when drop-out depends on nothing but the scores seen (missing at random). In a Norwegian cohort of 2,512
people reliable recovery was 48 % carried forward and 58 % by multiple imputation: same people, same help. In a made-up
cohort whose truth is .25, complete case gives .37 and carrying forward .14 when the ill leave early, .11 and .20 when
the well do; the growth model .24 and .26. So all three are given, with the share who completed; if they differ much,
the missing scores are the finding. None of them helps against drop-out that depends on how people are *after* their
last score.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from medvirk.stats.change import Proportion, effect_size, wilson
from medvirk.stats.faults import (
    BadScoresError,
    CannotEstimateError,
    FaultsError,
    Floats,
    whole_fault,
)
from medvirk.stats.outcomes.courses import FinishedCourses
from medvirk.stats.outcomes.imputation import Pooled, imputed, rubin
from medvirk.stats.outcomes.measures import TALKING_THERAPIES, Booleans, Outcome, asked, held, outcome_faults

FEWEST_IMPUTATIONS = 5
EFFECT_SIZE = "effect_size"


@dataclass(frozen=True)
class Estimate:
    """One estimate: `value` (a share, or an effect size d) with a 95 % `interval`, resting on `n` people.

    `numerator` is None where it is not a count. `missing` is the share (0–1) of the people it is about whose end
    score is not known: left out, carried or imputed. Where it cannot be estimated, `value` and `interval` are None
    and `reason` says why.
    """

    value: float | None
    n: int
    numerator: int | None
    missing: float
    interval: tuple[float, float] | None
    reason: str = ""

    def __str__(self) -> str:
        """One line: value, interval, count, missing share; or why there is none."""
        if self.value is None or self.interval is None:
            return f"cannot be estimated: {self.reason}"
        low, high = self.interval
        of = f"n = {self.n}" if self.numerator is None else f"{self.numerator} of {self.n}"
        return f"{self.value:.3f} ({low:.3f} to {high:.3f}), {of}, {self.missing:.0%} missing"


@dataclass(frozen=True)
class Estimates:
    """One `outcome` three ways; `completion` is the share of finished `courses` with first and end scores."""

    outcome: str
    complete_case: Estimate
    locf: Estimate
    growth_model: Estimate
    completion: float
    courses: int

    def __str__(self) -> str:
        """Four lines; the completion share is never left out."""
        return (
            f"{self.outcome}: {self.completion:.0%} of {self.courses} finished courses have first and end scores\n"
            f"  complete case: {self.complete_case}\n"
            f"  last observation carried forward: {self.locf}\n"
            f"  growth model: {self.growth_model}"
        )


def estimate(
    data: FinishedCourses,
    outcomes: Sequence[Outcome] = TALKING_THERAPIES,
    *,
    imputations: int = 50,
    seed: int = 1,
) -> dict[Outcome, Estimates]:
    """Shares by complete case, last observation carried forward and growth model, each with its interval.

    The first two are counts with Wilson's interval. The third pools `imputations` completed data sets (seeded; see
    `imputation.imputed`) by Rubin's rules; its interval is Wilson's with n divided by the relative increase in
    variance and t for z (Lott & Reiter 2020, Am Stat 74:109). All three ask the same people: those with a first
    score on every measure and, for recovery, who were cases at the start.

    Raises BadScoresError for outcomes these measures cannot tell or fewer than 5 imputations.
    """
    faults = outcome_faults(outcomes, data.measures) + _imputation_faults(imputations, seed)
    if faults:
        raise BadScoresError(faults)
    filled, reason = _filled(data, imputations, seed)
    return {outcome: _three_ways(outcome, data, filled, reason) for outcome in outcomes}


def estimate_effect(data: FinishedCourses, *, imputations: int = 50, seed: int = 1) -> Estimates:
    """The effect size d of `change.effect_size` (positive is better) three ways, as `estimate`; for one measure.

    The SD is that of the first scores of the people each estimate rests on. Raises as `estimate`.
    """
    faults = _imputation_faults(imputations, seed)
    if len(data.measures) != 1:
        faults.append(f"{len(data.measures)} measures: an effect size is of one.")
    if faults:
        raise BadScoresError(faults)
    direction, began = data.measures[0].direction, data.began
    first = data.first[0, began]
    missing = 1 - data.completion

    def counted(last: Floats) -> Estimate:
        found = effect_size(first, last[0, began], direction=direction)
        return Estimate(found.d, found.n, None, missing, found.ci95)

    def pooled(filled: list[Floats]) -> Estimate:
        found = [effect_size(first, last[0, began], direction=direction) for last in filled]
        pool = rubin([one.d for one in found], [one.se**2 for one in found], df_complete=first.size - 1)
        margin = pool.t * np.sqrt(pool.total)
        return Estimate(pool.value, first.size, None, missing, (pool.value - margin, pool.value + margin))

    filled, reason = _filled(data, imputations, seed)
    return Estimates(
        EFFECT_SIZE,
        _or_reason(lambda: counted(data.last), int(data.complete.sum()), missing),
        _or_reason(lambda: counted(data.carried), first.size, missing),
        _or_reason(lambda: pooled(_present(filled, reason)), first.size, missing),
        data.completion,
        data.end.size,
    )


def _three_ways(
    outcome: Outcome, data: FinishedCourses, filled: list[Floats] | None, reason: str
) -> Estimates:
    counted = data.began.copy()
    counted[counted] = asked(outcome, data.measures, data.first[:, data.began])
    complete = counted & data.complete
    # Who has no first score might have been asked, too.
    unknown = int((~data.began).sum() + (counted & ~complete).sum())
    about = int((~data.began).sum() + counted.sum())
    missing = unknown / about if about else 0.0

    def share(last: Floats, of: Booleans) -> Estimate:
        hits = int(held(outcome, data.measures, data.first[:, of], last[:, of]).sum())
        found = Proportion.of(hits, int(of.sum()))
        return Estimate(found.value, found.denominator, hits, missing, found.interval)

    def pooled(filled: list[Floats]) -> Estimate:
        n = int(counted.sum())
        if n < 3:
            raise CannotEstimateError([f"It takes at least 3 people, found {n}."])
        first = data.first[:, counted]
        shares = np.array([held(outcome, data.measures, first, last[:, counted]).mean() for last in filled])
        pool = rubin(shares, shares * (1 - shares) / n, df_complete=n - 1)
        return Estimate(pool.value, n, None, missing, _pooled_wilson(pool, n))

    return Estimates(
        outcome.value,
        _or_reason(lambda: share(data.last, complete), int(complete.sum()), missing),
        _or_reason(lambda: share(data.carried, counted), int(counted.sum()), missing),
        _or_reason(lambda: pooled(_present(filled, reason)), int(counted.sum()), missing),
        data.completion,
        data.end.size,
    )


def _pooled_wilson(pool: Pooled, n: int) -> tuple[float, float]:
    return wilson(min(max(pool.value, 0.0), 1.0), n / (1 + pool.increase), z=pool.t)


def _filled(data: FinishedCourses, imputations: int, seed: int) -> tuple[list[Floats] | None, str]:
    """The completed end scores, or why there are none."""
    if data.complete.sum() == data.began.sum():
        # Nothing is missing: no model is needed, and a second copy lets Rubin's rules see that nothing varies.
        return [data.last, data.last], ""
    try:
        return list(imputed(data, imputations=imputations, seed=seed)), ""
    except FaultsError as error:
        return None, " ".join(error.faults)


def _present(filled: list[Floats] | None, reason: str) -> list[Floats]:
    if filled is None:
        raise CannotEstimateError([reason])
    return filled


def _or_reason(make: Callable[[], Estimate], n: int, missing: float) -> Estimate:
    try:
        return make()
    except FaultsError as error:
        return Estimate(None, n, None, missing, None, " ".join(error.faults))


def _imputation_faults(imputations: int, seed: int) -> list[str]:
    return whole_fault("imputations", imputations, least=FEWEST_IMPUTATIONS) + whole_fault("seed", seed)
