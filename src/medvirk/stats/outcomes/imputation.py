"""Multiple imputation of missing end scores from the growth model, and Rubin's rules.

Sources: Rubin 1987, *Multiple Imputation for Nonresponse in Surveys*; Barnard & Rubin 1999, Biometrika 86:948 (degrees
of freedom); Little & Rubin 2002, *Statistical Analysis with Missing Data*, 10.2.3 (the parameters drawn by
refitting to a bootstrap sample).
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from medvirk.stats.faults import (
    BadScoresError,
    CannotEstimateError,
    Floats,
    float_array,
    positive_fault,
)
from medvirk.stats.growth import GrowthModel, Norms, UnusableModelError, fit
from medvirk.stats.growth.grouping import expand
from medvirk.stats.growth.posterior import posterior
from medvirk.stats.outcomes.courses import FinishedCourses, Ints, OneSeries

# Fewer pairs than this say next to nothing about how two measures go together.
FEWEST_PAIRS = 10
# Resamples tried for each imputation before the data are called too thin for a model.
TRIES = 3


@dataclass(frozen=True)
class Pooled:
    """Rubin's rules: the mean of the imputations' `value`, its variance within, between and in all.

    `increase` is the relative increase of variance because of what is missing, (1 + 1/M)·between/within.
    """

    value: float
    within: float
    between: float
    total: float
    df: float
    increase: float

    @property
    def t(self) -> float:
        """The factor of a 95 % interval."""
        return float(stdtrit(self.df, 0.975))


def rubin(values: ArrayLike, variances: ArrayLike, *, df_complete: float) -> Pooled:
    """Pool M estimates (M,) with their variances (M,); `df_complete` as if nothing were missing.

    Raises BadScoresError unless there are two lists of at least two numbers, variances not negative, and
    CannotEstimateError where estimates differ whose variances are all 0.
    """
    q, u = float_array("Estimates", values), float_array("Variances", variances)
    if q.ndim != 1 or q.shape != u.shape or q.size < 2 or not np.isfinite(q + u).all() or (u < 0).any():
        raise BadScoresError(
            [f"Estimates {q.shape} and variances {u.shape}: give two or more finite ones of each."]
        )
    if faults := positive_fault("The degrees of freedom of the complete data", df_complete):
        raise BadScoresError(faults)
    within, between = float(u.mean()), float(q.var(ddof=1))
    if between > 0 and within <= 0:
        raise CannotEstimateError(
            ["The estimates differ but all their variances are 0: give the variance of each estimate."]
        )
    added = (1 + 1 / q.size) * between
    total = within + added
    if total <= 0:
        return Pooled(float(q.mean()), 0.0, 0.0, 0.0, df_complete, 0.0)
    share = added / total
    observed = (df_complete + 1) / (df_complete + 3) * df_complete * (1 - share)
    between_df = (q.size - 1) / share**2 if share > 0 else np.inf
    df = 1 / (1 / between_df + 1 / observed) if observed > 0 else between_df
    return Pooled(float(q.mean()), within, between, total, float(df), float(added / within))


def imputed(data: FinishedCourses, *, imputations: int, seed: int) -> Iterator[Floats]:
    """`imputations` times the end scores (measures, people) with the missing ones drawn; NaN without a first score.

    Each missing score is drawn from the person's posterior predictive at the end of the course, given all that
    person's scores, so it varies as a new observed score does, and is rounded and kept to the scale. A model of
    the caller's is taken as known. A model fitted here is fitted anew for each imputation to people drawn with
    replacement, so that its own uncertainty counts. With two measures, the draws go together as the end scores of
    those who have both do, each measured from what was expected of it; with fewer than 10 such people they are
    drawn independently.

    Raises CannotEstimateError or UnusableModelError where there is no model to be had.
    """
    models = [fitted(one) for one in data.series]
    rng = np.random.default_rng(seed)
    attempts = 0
    for done in range(imputations):
        drawn: list[GrowthModel] | None = None
        while drawn is None:
            attempts += 1
            if attempts > TRIES * imputations:
                fault = (
                    f"The growth model could be fitted in only {done} of {attempts - 1} resamples: there are too "
                    "few courses with repeated scores. Collect more, or give a model from elsewhere."
                )
                raise CannotEstimateError([fault])
            drawn = _redrawn(data, models, rng)
        yield _draw(data, drawn, rng)


def fitted(one: OneSeries) -> GrowthModel:
    """The series' own model, or one fitted to its scores; raises UnusableModelError if it may not forecast."""
    model = one.model
    if model is None:
        length = np.diff(one.rows.start, append=one.rows.t.size)
        person = np.repeat(one.owner, length)
        model = fit(Norms.from_scores(person=person, t=one.rows.t, score=one.rows.score))
    if not model.usable:
        raise UnusableModelError([f"{one.measure.name}: {model.message}"])
    return model


def _redrawn(
    data: FinishedCourses, models: list[GrowthModel], rng: np.random.Generator
) -> list[GrowthModel] | None:
    """Models refitted to one resample of people, the same people for all measures; None if that fails."""
    if all(one.model is not None for one in data.series):
        return models
    weight = np.bincount(rng.integers(data.end.size, size=data.end.size), minlength=data.end.size)
    drawn = []
    for one, model in zip(data.series, models, strict=True):
        if one.model is not None:
            drawn.append(model)
            continue
        try:
            # On the edge of the possible a draw is as good as another; only the main fit must be clear of it.
            again = fit(_norms(one, weight[one.owner])).accept_singular()
        except CannotEstimateError:
            return None
        if not again.usable:
            return None
        drawn.append(again)
    return drawn


def _norms(one: OneSeries, weight: Ints) -> Norms:
    """The sums of a resample in which each course occurs `weight` times."""
    if not weight.any():
        raise CannotEstimateError(["The resample holds nobody with a score."])
    length = np.diff(one.rows.start, append=one.rows.t.size)
    start, size = np.repeat(one.rows.start, weight), np.repeat(length, weight)
    rows = expand(start, size)
    person = np.repeat(np.arange(size.size), size)
    return Norms.from_scores(person=person, t=one.rows.t[rows], score=one.rows.score[rows])


def _draw(data: FinishedCourses, models: list[GrowthModel], rng: np.random.Generator) -> Floats:
    mean, sd = np.full(data.first.shape, np.nan), np.full(data.first.shape, np.nan)
    for k, (one, model) in enumerate(zip(data.series, models, strict=True)):
        when = data.end[one.owner]
        when[one.ended] = one.rows.t[one.known[one.ended] + 1]
        mean[k, one.owner], sd[k, one.owner] = posterior(model, one.rows).rows(one.known).at(when)
    surprise = (data.last - mean) / sd
    filled = mean + sd * _together(surprise, rng)
    possible = np.array([measure.possible(row) for measure, row in zip(data.measures, filled, strict=True)])
    return np.where(np.isnan(data.last), possible, data.last)


def _together(surprise: Floats, rng: np.random.Generator) -> Floats:
    """Standardised surprises (measures, people) with the missing ones drawn, given the other measure's."""
    noise = rng.standard_normal(surprise.shape)
    missing = np.isnan(surprise)
    if len(surprise) == 1:
        return np.where(missing, noise, surprise)
    rho = _correlation(surprise)
    rest = np.sqrt(1 - rho * rho)
    one, other = surprise
    drawn_one = np.where(missing[1], noise[0], rho * other + rest * noise[0])
    one = np.where(missing[0], drawn_one, one)
    other = np.where(missing[1], rho * one + rest * noise[1], other)
    return np.array([one, other])


def _correlation(surprise: Floats) -> float:
    both = ~np.isnan(surprise).any(axis=0)
    pairs = surprise[:, both]
    if both.sum() < FEWEST_PAIRS or (pairs.max(axis=1) <= pairs.min(axis=1)).any():
        return 0.0
    return float(np.clip(np.corrcoef(pairs[0], pairs[1])[0, 1], -1, 1))
