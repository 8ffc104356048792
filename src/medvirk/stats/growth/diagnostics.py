"""Whether the growth model can be believed: bands tried on courses it has not seen, and its residuals.

`calibration` is cross-validation over people: the norms of all folds but one are added and fitted, and the scores of
the people left out are held against their bands. `residuals` gives the arrays of the usual pictures (Pinheiro & Bates
2000, Mixed-Effects Models in S and S-PLUS, 4.3).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtri

from medvirk.stats.faults import (
    BadScoresError,
    CannotEstimateError,
    FaultsError,
    Floats,
    float_array,
    infinite_fault,
    open_unit_fault,
    told,
    whole_fault,
)
from medvirk.stats.growth.grouping import Courses, Ints, courses
from medvirk.stats.growth.model import GrowthModel, UnusableModelError
from medvirk.stats.growth.norms import Norms
from medvirk.stats.growth.reml import fit
from medvirk.stats.growth.timescale import SESSIONS, TimeScale
from medvirk.stats.growth.uncertainty import Forecast, Parameters, Seen, own_line

Z95 = NormalDist().inv_cdf(0.975)


class Given(StrEnum):
    """What a band was drawn from."""

    FIRST = "first"  # the first score only
    ALL = "all"  # all scores so far, for the very next measurement


@dataclass(frozen=True)
class Coverage:
    """How many of `n` held-out scores fell inside a band that should hold `nominal` of them.

    `measurement` is the score's number within its person (the first is 1, so from 2), None for all together. `low`
    to `high` is a 95 % Wilson interval of `share`; for all together, with n reduced for people counting many times.
    """

    given: Given
    nominal: float
    measurement: int | None
    n: int
    inside: int
    share: float
    low: float
    high: float


@dataclass(frozen=True)
class Calibration:
    """`rows`: one `Coverage` for each thing given, band and measurement number, the number None first."""

    rows: tuple[Coverage, ...]
    persons: int
    folds: int

    def row(self, given: Given, nominal: float, measurement: int | None = None) -> Coverage:
        """One of the rows. Raises KeyError if there is none."""
        for found in self.rows:
            if (found.given, found.nominal, found.measurement) == (given, nominal, measurement):
                return found
        raise KeyError((given, nominal, measurement))


def calibration(
    *,
    person: ArrayLike,
    t: ArrayLike,
    score: ArrayLike,
    fit_model: Callable[[Norms], GrowthModel] = fit,
    folds: int = 5,
    seed: int = 0,
    bands: Sequence[float] = (0.5, 0.8),
    parameters: str = Parameters.KNOWN,
    time_scale: TimeScale = SESSIONS,
) -> Calibration:
    """Share of held-out scores inside their bands, given the first score and given all scores so far.

    Scores as for `Norms.from_scores`. `fit_model` makes the model to be tried from the norms of the other folds; a
    prior is tried by `lambda norms: fit(norms + prior)`. People are dealt out to the folds at random by `seed`.

    Raises BadScoresError with all faults at once, and CannotEstimateError where nobody was measured twice or, naming
    the fold, where no model could be fitted or it may not forecast.
    """
    rows = courses(person, t, score)
    _check(rows, folds, bands, seed)
    fold_of = np.random.default_rng(seed).permutation(rows.start.size) % folds
    owner = np.repeat(np.arange(rows.start.size), np.diff(rows.start, append=rows.t.size))
    sums = [_norms(rows, owner, fold_of[owner] == fold, time_scale) for fold in range(folds)]
    quantiles = sorted({end for band in bands for end in ((1 - band) / 2, (1 + band) / 2)})
    ends = {given: {at: np.empty(rows.t.size) for at in quantiles} for given in Given}
    for fold in range(folds):
        model = _model_of(fit_model, sums, fold)
        for given, (chosen, found) in _held_out(
            model, rows, owner, fold_of[owner] == fold, parameters
        ).items():
            for at in quantiles:
                ends[given][at][chosen] = found.quantile(at)
    later = np.flatnonzero(owner[1:] == owner[:-1]) + 1
    number = (np.arange(rows.t.size) - rows.start[owner] + 1)[later]
    table = []
    for given in Given:
        for band in bands:
            low, high = ends[given][(1 - band) / 2][later], ends[given][(1 + band) / 2][later]
            inside = (rows.score[later] >= low) & (rows.score[later] <= high)
            table += _coverages(given, band, inside.astype(np.float64), number, owner[later])
    return Calibration(tuple(table), persons=rows.start.size, folds=folds)


def _check(rows: Courses, folds: int, bands: Sequence[float], seed: int) -> None:
    faults = [fault for band in bands for fault in open_unit_fault("A band", band)]
    faults += whole_fault("seed", seed)
    if whole_fault("folds", folds, least=2, most=rows.start.size):
        faults.append(
            f"folds is {told(folds)}: it must be from 2 to the number of people, {rows.start.size}."
        )
    if faults:
        raise BadScoresError(faults)
    if rows.start.size == rows.t.size:
        raise CannotEstimateError(
            ["Nobody was measured more than once, so there is no forecast to hold anything against."]
        )


def _norms(rows: Courses, owner: Ints, chosen: np.ndarray, time_scale: TimeScale) -> Norms:
    return Norms.from_scores(
        person=owner[chosen], t=rows.t[chosen], score=rows.score[chosen], time_scale=time_scale
    )


def _model_of(fit_model: Callable[[Norms], GrowthModel], sums: Sequence[Norms], fold: int) -> GrowthModel:
    """The model from all folds but one."""
    others = [part for number, part in enumerate(sums) if number != fold]
    try:
        model = fit_model(reduce(Norms.__add__, others))
        if not model.usable:
            raise UnusableModelError([model.message])
    except FaultsError as error:
        raise CannotEstimateError(
            [f"Without fold {fold + 1} of {len(sums)}: {fault}" for fault in error.faults]
        ) from error
    return model


def _held_out(
    model: GrowthModel, rows: Courses, owner: Ints, held: np.ndarray, parameters: str
) -> dict[Given, tuple[Ints, Forecast]]:
    """Forecasts of the later scores of the people held out: which rows, and what was forecast."""
    seen = Seen.so_far(model.beta, rows)
    repeated = np.append(False, owner[1:] == owner[:-1])
    chosen = np.flatnonzero(repeated & held)
    from_rows = {Given.FIRST: rows.start[owner[chosen]], Given.ALL: chosen - 1}
    return {
        given: (chosen, model.forecast(seen.rows(at), rows.t[chosen], parameters))
        for given, at in from_rows.items()
    }


def _coverages(given: Given, band: float, inside: Floats, number: Ints, owner: Ints) -> list[Coverage]:
    """All together, then by measurement number, at each of which a person counts once."""
    together = _coverage(given, band, None, inside, _design_effect(inside, owner))
    numbers = np.unique(number).tolist()
    return [together, *(_coverage(given, band, one, inside[number == one], 1.0) for one in numbers)]


def _coverage(given: Given, band: float, measurement: int | None, inside: Floats, effect: float) -> Coverage:
    """The share with its Wilson interval; `effect` is the design effect by which n is divided."""
    share, n = float(inside.mean()), inside.size / effect
    centre = (share + Z95**2 / (2 * n)) / (1 + Z95**2 / n)
    margin = Z95 / (1 + Z95**2 / n) * np.sqrt(share * (1 - share) / n + Z95**2 / (4 * n * n))
    low, high = float(max(centre - margin, 0.0)), float(min(centre + margin, 1.0))
    return Coverage(given, band, measurement, inside.size, int(inside.sum()), share, low, high)


def _design_effect(inside: Floats, owner: Ints) -> float:
    """Variance of the share with people as clusters over that of independent scores, at least 1."""
    share = inside.mean()
    if share in {0.0, 1.0}:
        return 1.0
    by_person = np.bincount(np.unique(owner, return_inverse=True)[1], weights=inside - share)
    return max(1.0, float((by_person**2).sum() / (inside.size * share * (1 - share))))


@dataclass(frozen=True, eq=False)
class Residuals:
    """What the model leaves over; each array is about N(0, 1) if the model holds.

    Per score (rows,), by person and time: `t`, `fitted` (points; the person's own line given all of their scores)
    and `standardised`, the conditional residual divided by its SD. Per person (persons,): `level` and `pace`, the
    predicted random effects divided by their SD; NaN where the scores say nothing of it.
    """

    t: Floats
    fitted: Floats
    standardised: Floats
    level: Floats
    pace: Floats


def residuals(model: GrowthModel, *, person: ArrayLike, t: ArrayLike, score: ArrayLike) -> Residuals:
    """Standardised conditional residuals and random effects of these courses.

    With K as in `uncertainty.own_line`, the residual of a score at t has variance σ²(1 − z'Kz), z = (1, t), and the
    predicted (b0, b1) have covariance G − σ²K. Raises UnusableModelError and BadScoresError.
    """
    if not model.usable:
        raise UnusableModelError([model.message])
    rows = courses(person, t, score)
    length = np.diff(rows.start, append=rows.t.size)
    own = own_line(model.variances, Seen.so_far(model.beta, rows).rows(rows.start + length - 1))
    line = [np.repeat(part, length) for part in own]
    fitted = model.beta[0] + line[0] + (model.beta[1] + line[1]) * rows.t
    own_variance = line[2] + rows.t * (2 * line[3] + rows.t * line[4])
    return Residuals(
        t=rows.t,
        fitted=fitted,
        standardised=(rows.score - fitted) / np.sqrt(model.sigma2 - own_variance),
        level=_in_sd(own.level, model.G[0, 0] - own.var_level, model.G[0, 0]),
        pace=_in_sd(own.pace, model.G[1, 1] - own.var_pace, model.G[1, 1]),
    )


def _in_sd(effect: Floats, variance: Floats, largest: float) -> Floats:
    known = variance > 1e-12 * largest
    return np.divide(
        effect, np.sqrt(np.maximum(variance, 0.0)), out=np.full_like(effect, np.nan), where=known
    )


def normal_quantiles(values: ArrayLike) -> tuple[Floats, Floats]:
    """For a normal quantile picture: the expected normal quantiles and the values, both ascending.

    Missing values are left out; infinite ones raise BadScoresError. Plotting
    positions (i − 3/8) / (n + 1/4) (Blom 1958).
    """
    given = float_array("Values", values).ravel()
    if faults := infinite_fault("Values", given):
        raise BadScoresError(faults)
    found = np.sort(given[~np.isnan(given)])
    return np.asarray(ndtri((np.arange(1, found.size + 1) - 0.375) / (found.size + 0.25))), found
