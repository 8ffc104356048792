"""Fitting the growth model from norms by restricted maximum likelihood (REML).

β and σ² are profiled out of the likelihood (`likelihood`), which leaves three parameters: the Cholesky factor L of
Θ = G/σ². The search is a quasi-Newton one with the exact gradient; whether its end is a maximum is judged apart.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import optimize

from medvirk.stats.faults import CannotEstimateError, Floats
from medvirk.stats.growth.likelihood import (
    Design,
    Profile,
    Standardised,
    joined,
    profile,
    variance_covariance,
)
from medvirk.stats.growth.model import GrowthModel
from medvirk.stats.growth.norms import CLOSEST_TIMES, Norms

# Starting points for L: people differ as much as measurements do, less, or more. The first nearly always
# leads home.
STARTS = ((1.0, 0.0, 0.5), (0.3, 0.0, 0.1), (3.0, 0.0, 2.0))
# Largest slope of the deviance per score at which a point counts as a maximum of the likelihood.
GRADIENT_TOLERANCE = 1e-6
# Smallest standard deviation between people, relative to σ, that counts as a difference; lme4's isSingular
# uses the same number.
SINGULAR_TOLERANCE = 1e-4
# Variation below this share of the squared scores is rounding noise of the raw sums.
NO_VARIATION = 1e-11

NOT_CONVERGED = (
    "The fit did not converge: no maximum of the likelihood was found. Do not use the numbers. "
    "Look for a few extreme scores or times, or collect more courses."
)
ON_LINES = (
    "Every course of three or more scores lies on a straight line, as far as the sums can tell, so "
    "measurement error cannot be estimated. Check that the scores are measured, not filled in or far from 0."
)
NO_ERROR = (
    "The scores leave no measurement error to estimate: people's own lines explain them all. "
    "Add people with three or more scores."
)
SINGULAR = (
    "The fit is singular: beyond chance, people differ in fewer than two ways (level and pace). "
    "Collect more courses with three or more scores, or accept it knowingly."
)


class Estimate(NamedTuple):
    """What was estimated, in the caller's time; the fields are those of `GrowthModel`, with β as the design has it."""

    beta: Floats
    beta_cov: Floats
    G: Floats
    sigma2: float
    variance_cov: Floats | None
    loglik: float
    converged: bool
    singular: bool
    message: str
    persons: int
    scores: int


def fit(norms: Norms) -> GrowthModel:
    """Estimate β, G and σ² from pooled norms; the cost depends on the number of patterns, not of people.

    Agrees with lme4's `score ~ t + (t | person)` (REML) on the rows that were summed up. A singular fit, or
    one that did not converge, is returned with its flags and `message`, and refuses to forecast.

    Raises CannotEstimateError, all reasons at once: fewer than 3 people, nobody measured twice, scores that
    are all equal or lie on straight lines without error, or courses too short to tell people's differences
    from error.
    """
    return GrowthModel(**estimate([norms], Design.plain())._asdict(), time_scale=norms.time_scale)


def estimate(parts: Sequence[Norms], design: Design) -> Estimate:
    """The same for one table of norms per group, with the fixed effects of `design`.

    Raises CannotEstimateError as `fit`, and for effects that cannot be told apart, each by its name.
    """
    norms = joined(parts)
    if faults := _too_little(norms, design):
        raise CannotEstimateError(faults)
    data = Standardised.of(parts, design)
    if faults := _too_smooth(norms, data):
        raise CannotEstimateError(faults)
    ends: list[_Point] = []
    for start in STARTS:
        ends.append(_minimise(np.array(start), data))
        # A fit on the edge is tried from elsewhere too: the edge can hold a lesser maximum.
        if ends[-1].converged and not ends[-1].singular:
            break
    best = min(ends, key=_Point.rank)
    if not np.isfinite(best.profile.deviance):
        raise CannotEstimateError([NO_ERROR])
    return _estimate(norms, design, data, best)


def _too_little(norms: Norms, design: Design) -> list[str]:
    # So many that people can differ beyond what the effects on level, or on pace, take up.
    least = max(design.pace, len(design.names) - design.pace) + 2
    faults = []
    if norms.persons < least:
        faults.append(f"The expected course needs at least {least} people, found {norms.persons}.")
    if norms.length.max() < 2:
        faults.append("Nobody was measured more than once, so there is no course. Add repeated measures.")
    elif float(np.ptp(norms.times)) < CLOSEST_TIMES:
        faults.append(f"All times lie within {CLOSEST_TIMES:g} of each other. Count time in a larger unit.")
    elif not _identified(norms):
        faults.append(
            "The courses are too short to tell differences between people from measurement error. "
            "Add people with three or more scores."
        )
    return faults


def _identified(norms: Norms) -> bool:
    """Whether the pairs of measured times tell the four variance parameters apart.

    Cov(y at a, y at b) = G00 + (a+b)·G01 + ab·G11, plus σ² where a = b: enough different pairs are needed.
    Three times of one person always are enough; else the pairs of all patterns (of one or two times) are
    counted together.
    """
    if norms.length.max() >= 3:
        return True
    start = np.cumsum(norms.length) - norms.length
    pairs = norms.times[start[norms.length == 2, None] + np.arange(2)]
    a = np.concatenate((norms.times, pairs[:, 0]))
    b = np.concatenate((norms.times, pairs[:, 1]))
    scale = np.abs(a).max()
    a, b = a / scale, b / scale
    design = np.column_stack((np.ones_like(a), a + b, a * b, a == b))
    return bool(np.linalg.matrix_rank(design) == 4)


def _too_smooth(norms: Norms, data: Standardised) -> list[str]:
    """Scores without variation have an infinite likelihood; say so instead of chasing it."""
    noise = NO_VARIATION * float(norms.sum_yy.sum())
    if data.rr.sum() + data.scores * data.line[1] ** 2 <= noise:
        return [f"All {data.scores} scores are equal. An expected course needs scores that differ."]
    long = norms.length >= 3
    A, zz = data.A[..., long], data.zz[..., long]
    # tr(A⁻¹ Σ Z'rr'Z): what each person's own straight line explains.
    det = A[0, 0] * A[1, 1] - A[0, 1] ** 2
    on_own_line = (A[1, 1] * zz[0, 0] - 2 * A[0, 1] * zz[0, 1] + A[0, 0] * zz[1, 1]) / det
    if long.any() and (data.rr[long] - on_own_line).sum() <= noise:
        return [ON_LINES]
    return []


class _Point(NamedTuple):
    """Where the optimiser stopped: L as (l00, l10, l11), and what kind of point that is."""

    factor: Floats
    profile: Profile
    converged: bool
    singular: bool

    def rank(self) -> tuple[bool, float]:
        """The best point has the lowest: converged before not, then by deviance."""
        return not self.converged, self.profile.deviance


def _factor(parameters: Floats) -> Floats:
    """The lower triangle L from its three entries."""
    return np.array([[parameters[0], 0.0], [parameters[1], parameters[2]]])


def _minimise(start: Floats, data: Standardised) -> _Point:
    """Search from one starting point; `_judge`, not the optimiser, says whether the end is a maximum."""

    def objective(parameters: Floats) -> tuple[float, Floats]:
        L = _factor(parameters)
        found = profile(L @ L.T, data)
        slope = 2 * found.slope @ L
        # Per score, so that one tolerance fits small and large norms.
        return found.deviance / data.scores, slope[[0, 1, 1], [0, 0, 1]] / data.scores

    def gradient(parameters: Floats) -> Floats:
        return objective(parameters)[1]

    found = optimize.minimize(
        objective, start, jac=True, method="BFGS", options={"gtol": GRADIENT_TOLERANCE / 100}
    )
    point = _judge(found.x, data)
    if not point.converged:
        # Close to the top the deviance is flat within rounding; its slope still tells where the top is.
        polished = optimize.root(gradient, found.x)
        point = min(point, _judge(polished.x, data), key=_Point.rank)
    return point


def _judge(parameters: Floats, data: Standardised) -> _Point:
    """Whether a point is a maximum of the likelihood; on the edge of the possible Θ it may rise outwards."""
    L = _factor(parameters)
    found = profile(L @ L.T, data)
    slope = found.slope / data.scores
    by_factor = slope @ L
    # Far out everything is flat by L; by the logarithm of its size it is not, unless it truly is a maximum.
    steepest = max(float(np.abs(by_factor).max()), float(np.abs(L.T @ by_factor).max()))
    converged = (
        bool(np.isfinite(found.deviance))
        and steepest <= GRADIENT_TOLERANCE
        # Inwards the deviance must not fall: its slope has no negative direction.
        and bool(np.linalg.eigvalsh(slope)[0] >= -GRADIENT_TOLERANCE)
    )
    smallest = float(np.linalg.svd(L, compute_uv=False)[-1])
    return _Point(parameters, found, converged, singular=smallest < SINGULAR_TOLERANCE)


def _estimate(norms: Norms, design: Design, data: Standardised, point: _Point) -> Estimate:
    """From standardised time and centred scores back to the caller's units."""
    L, found, back = _factor(point.factor), point.profile, data.back
    G = found.sigma2 * (back @ L @ L.T @ back.T)
    beta = data.unmix @ found.beta
    beta[[0, design.pace]] += back @ data.line
    spread = found.sigma2 * (data.unmix @ found.inverse @ data.unmix.T)
    # log det X'V⁻¹X is of the caller's columns; the rest of the deviance does not depend on them.
    deviance = found.deviance - 2 * data.log_unmix
    inside = point.converged and not point.singular
    return Estimate(
        beta=beta,
        beta_cov=(spread + spread.T) / 2,
        G=(G + G.T) / 2,
        sigma2=found.sigma2,
        variance_cov=variance_covariance(L @ L.T, found.sigma2, data) if inside else None,
        loglik=-deviance / 2,
        converged=point.converged,
        singular=point.singular,
        message=NOT_CONVERGED if not point.converged else SINGULAR if point.singular else "",
        persons=norms.persons,
        scores=norms.scores,
    )
