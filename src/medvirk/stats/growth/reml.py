"""Fitting the growth model from norms by restricted maximum likelihood (REML).

With Θ = G/σ², V = σ²(I + ZΘZ') and A = Z'Z for a pattern, everything the likelihood needs is 2 × 2:

    log det(I + ΘA),   W = Z'(V/σ²)⁻¹Z = A(I + ΘA)⁻¹,   H = (I + AΘ)⁻¹,   K = (I + ΘA)⁻¹Θ,
    X'(V/σ²)⁻¹X = Σ N·W,   X'(V/σ²)⁻¹y = Σ H·ΣZ'y,   y'(V/σ²)⁻¹y = Σ (Σy'y − tr(K·ΣZ'yy'Z)),

because the fixed and the random part have the same design, X = Z. β and σ² are profiled out, which leaves
three parameters: the Cholesky factor L of Θ. None of the forms needs Θ⁻¹ or A⁻¹, so people with one score and
fits on the edge need no special case. The deviance is the one of R's lme4 (Bates et al. 2015, J Stat Softw
67(1), eq. 41).
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy import optimize

from medvirk.stats.faults import CannotEstimateError, Floats
from medvirk.stats.growth.model import GrowthModel
from medvirk.stats.growth.norms import Norms

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
SINGULAR = (
    "The fit is singular: beyond chance, people differ in fewer than two ways (level and pace). "
    "Collect more courses with three or more scores, or accept it knowingly."
)


def fit(norms: Norms) -> GrowthModel:
    """Estimate β, G and σ² from pooled norms; the cost depends on the number of patterns, not of people.

    Agrees with lme4's `score ~ t + (t | person)` (REML) on the rows that were summed up. A singular fit, or
    one that did not converge, is returned with its flags and `message`, and refuses to forecast.

    Raises CannotEstimateError, all reasons at once: fewer than 3 people, nobody measured twice, scores that
    are all equal or lie on straight lines without error, or courses too short to tell people's differences
    from error.
    """
    if faults := _too_little(norms):
        raise CannotEstimateError(faults)
    data = _Standardised.of(norms)
    if faults := _too_smooth(norms, data):
        raise CannotEstimateError(faults)
    ends: list[_Point] = []
    for start in STARTS:
        ends.append(_minimise(np.array(start), data))
        # A fit on the edge is tried from elsewhere too: the edge can hold a lesser maximum.
        if ends[-1].converged and not ends[-1].singular:
            break
    return _model(norms, data, min(ends, key=_Point.rank))


def _too_little(norms: Norms) -> list[str]:
    faults = []
    if norms.persons < 3:
        faults.append(f"The expected course needs at least 3 people, found {norms.persons}.")
    if norms.length.max() < 2:
        faults.append("Nobody was measured more than once, so there is no course. Add repeated measures.")
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


@dataclass(frozen=True)
class _Standardised:
    """Norms in standardised time, around the pooled straight line: what the optimiser works on.

    Time is centred and scaled so that level and pace are nearly independent and of like size; scores are
    centred so that no large sums cancel inside the loop. The last axis of each array is the pattern: `n` (P,)
    courses, `A` (2, 2, P) = Z'Z, and summed over the courses `z` (2, P) = Z'r, `zz` (2, 2, P) = Z'rr'Z and
    `rr` (P,) = r'r, with r the centred scores. `line` (2,) is the pooled line in standardised time.
    """

    n: Floats
    A: Floats
    z: Floats
    zz: Floats
    rr: Floats
    scores: int
    centre: float
    scale: float
    line: Floats

    @classmethod
    def of(cls, norms: Norms) -> "_Standardised":
        n, m = norms.count.astype(np.float64), norms.length.astype(np.float64)
        start = np.cumsum(norms.length) - norms.length
        weight = np.repeat(n, norms.length)
        centre = float(weight @ norms.times) / norms.scores
        scale = float(np.sqrt(weight @ (norms.times - centre) ** 2 / norms.scores))
        time = (norms.times - centre) / scale
        s, q = np.add.reduceat(time, start), np.add.reduceat(time * time, start)
        A = np.array([[m, s], [s, q]])
        z0, u = norms.sum_zy.T
        z = np.array([z0, (u - centre * z0) / scale])
        zz00, su, uu = norms.sum_zyyz.T
        zz01 = (su - centre * zz00) / scale
        zz11 = (uu - 2 * centre * su + centre**2 * zz00) / scale**2
        line = z.sum(axis=1) / norms.scores
        return cls(
            n=n,
            A=A,
            z=z - n * np.einsum("ikp,k->ip", A, line),
            zz=_around(np.array([[zz00, zz01], [zz01, zz11]]), z, n, A, line),
            rr=norms.sum_yy + line @ (n * np.einsum("ikp,k->ip", A, line) - 2 * z),
            scores=norms.scores,
            centre=centre,
            scale=scale,
            line=line,
        )


def _around(zz: Floats, z: Floats, n: Floats, A: Floats, line: Floats) -> Floats:
    """ΣZ'ee'Z (2, 2, P) for e = y − Z·line, from ΣZ'yy'Z and ΣZ'y."""
    a = np.einsum("ikp,k->ip", A, line)
    cross = z[:, None] * a
    return np.asarray(zz - cross - cross.transpose(1, 0, 2) + (n * a)[:, None] * a)


def _too_smooth(norms: Norms, data: _Standardised) -> list[str]:
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


class _Profile(NamedTuple):
    """The likelihood at one Θ; β is around the pooled line, `slope` (2, 2) the derivative by Θ."""

    deviance: float
    beta: Floats
    sigma2: float
    slope: Floats


class _Point(NamedTuple):
    """Where the optimiser stopped: L as (l00, l10, l11), and what kind of point that is."""

    factor: Floats
    profile: _Profile
    converged: bool
    singular: bool

    def rank(self) -> tuple[bool, float]:
        """The best point has the lowest: converged before not, then by deviance."""
        return not self.converged, self.profile.deviance


def _product(left: Floats, right: Floats) -> Floats:
    """The matrix product pattern by pattern: (2, 2, P) × (2, 2, P or 1) → (2, 2, P)."""
    return np.asarray(left[:, 0, None] * right[0] + left[:, 1, None] * right[1])


def _sum_of_products(left: Floats, right: Floats) -> Floats:
    """Σ left·rightᵀ over the patterns: two (2, 2, P) → (2, 2), as one product of long matrices."""
    return np.asarray(left.reshape(2, -1) @ right.reshape(2, -1).T)


def _profile(theta: Floats, data: _Standardised) -> _Profile:
    """REML deviance at Θ, with β and σ² at their best for it, and its derivative by the symmetric Θ."""
    n, A = data.n, data.A
    a_theta = _product(A, theta[..., None])
    det = 1 + a_theta[0, 0] + a_theta[1, 1] + a_theta[0, 0] * a_theta[1, 1] - a_theta[0, 1] * a_theta[1, 0]
    H = np.array([[1 + a_theta[1, 1], -a_theta[0, 1]], [-a_theta[1, 0], 1 + a_theta[0, 0]]]) / det
    # W = H·A and K = Θ·H, so H is all that is needed.
    xx = _sum_of_products(H, n * A)
    xy = (H * data.z).sum(axis=(1, 2))
    yy = data.rr.sum() - np.trace(theta @ _sum_of_products(H, data.zz))
    inverse = np.asarray(np.linalg.inv(xx), dtype=np.float64)
    beta = inverse @ xy
    free = data.scores - 2
    sigma2 = float(yy - xy @ beta) / free
    log_dets = float(n @ np.log(det) + np.log(np.linalg.det(xx)))
    deviance = log_dets + free * (1 + float(np.log(2 * np.pi * sigma2)))
    # d log det(I + ΘA) = tr(W dΘ), d log det X'V⁻¹X = −tr(W (X'V⁻¹X)⁻¹ W dΘ) and d(σ²) ~ −tr(H E H' dΘ).
    middle = _around(data.zz, data.z, n, A, beta) / sigma2
    middle += _product(_product(A, inverse[..., None]), n * A)
    slope = xx - _sum_of_products(_product(H, middle), H)
    return _Profile(deviance, beta, sigma2, slope)


def _factor(parameters: Floats) -> Floats:
    """The lower triangle L from its three entries."""
    return np.array([[parameters[0], 0.0], [parameters[1], parameters[2]]])


def _minimise(start: Floats, data: _Standardised) -> _Point:
    """Search from one starting point; `_judge`, not the optimiser, says whether the end is a maximum."""

    def objective(parameters: Floats) -> tuple[float, Floats]:
        L = _factor(parameters)
        profile = _profile(L @ L.T, data)
        slope = 2 * profile.slope @ L
        # Per score, so that one tolerance fits small and large norms.
        return profile.deviance / data.scores, slope[[0, 1, 1], [0, 0, 1]] / data.scores

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


def _judge(parameters: Floats, data: _Standardised) -> _Point:
    """Whether a point is a maximum of the likelihood; on the edge of the possible Θ it may rise outwards."""
    L = _factor(parameters)
    profile = _profile(L @ L.T, data)
    slope = profile.slope / data.scores
    by_factor = slope @ L
    # Far out everything is flat by L; by the logarithm of its size it is not, unless it truly is a maximum.
    steepest = max(float(np.abs(by_factor).max()), float(np.abs(L.T @ by_factor).max()))
    converged = (
        bool(np.isfinite(profile.deviance))
        and steepest <= GRADIENT_TOLERANCE
        # Inwards the deviance must not fall: its slope has no negative direction.
        and bool(np.linalg.eigvalsh(slope)[0] >= -GRADIENT_TOLERANCE)
    )
    smallest = float(np.linalg.svd(L, compute_uv=False)[-1])
    return _Point(parameters, profile, converged, singular=smallest < SINGULAR_TOLERANCE)


def _model(norms: Norms, data: _Standardised, point: _Point) -> GrowthModel:
    """From standardised time and centred scores back to the caller's units."""
    L = _factor(point.factor)
    back = np.array([[1.0, -data.centre / data.scale], [0.0, 1 / data.scale]])
    G = point.profile.sigma2 * (back @ L @ L.T @ back.T)
    # log det X'V⁻¹X is in the caller's time; the rest of the deviance does not depend on the unit.
    deviance = point.profile.deviance + 2 * float(np.log(data.scale))
    return GrowthModel(
        beta=back @ (data.line + point.profile.beta),
        G=(G + G.T) / 2,
        sigma2=point.profile.sigma2,
        loglik=-deviance / 2,
        converged=point.converged,
        singular=point.singular,
        message=NOT_CONVERGED if not point.converged else SINGULAR if point.singular else "",
        persons=norms.persons,
        scores=norms.scores,
    )
