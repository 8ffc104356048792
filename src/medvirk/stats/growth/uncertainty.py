"""A person's own line and its forecast, with the parameters known or themselves uncertain.

With the parameters known the forecast is the normal posterior predictive. Estimated parameters add to its
variance, for a person who was not among the courses fitted (or one of many):

* the fixed effects, exactly at the estimated variances: d·Cov(β̂)·d', d = (1, t)(I + ΘA)⁻¹, which is what of
  β̂'s error the person's own scores do not correct (Henderson 1975, Biometrics 31:423);
* the variance parameters, by the delta method: twice the variance that the estimated covariances give the
  forecast, once for itself and once because the plain variance is too small by as much on average (Kackar &
  Harville 1984, JASA 79:853; Prasad & Rao 1990, JASA 85:163), at the scores at hand (Booth & Hobert 1998, JASA
  93:262);
* that the variance itself is an estimate: Student's t with Satterthwaite's degrees of freedom in place of the
  normal distribution.

The covariance of the variance parameters is the inverse REML information, so it is good for some tens of
courses, not for five.
"""

from enum import StrEnum
from typing import NamedTuple

import numpy as np
from scipy.special import ndtr, ndtri, stdtr, stdtrit

from medvirk.stats.faults import BadScoresError, Floats
from medvirk.stats.growth.grouping import Courses, Ints


class Parameters(StrEnum):
    """Whether a forecast takes the model's parameters as known or adds their uncertainty."""

    KNOWN = "known"
    UNCERTAIN = "uncertain"

    @classmethod
    def read(cls, value: str) -> "Parameters":
        """The member called `value`. Raises BadScoresError for another."""
        if value not in set(cls):
            raise BadScoresError([f"parameters is {value!r}: it must be one of {', '.join(cls)}."])
        return cls(value)


class Forecast(NamedTuple):
    """Mean and SD of a new observed score in the shape of the new times; `df` None for a normal distribution."""

    mean: Floats
    sd: Floats
    df: Floats | None = None

    def quantile(self, probability: float) -> Floats:
        """Where a new score lies below with `probability`."""
        standard = ndtri(probability) if self.df is None else stdtrit(self.df, probability)
        return np.asarray(self.mean + standard * self.sd)

    def chance(self, margin: Floats) -> Floats:
        """Chance (0–1) that a new score lies less than `margin` points to one side of the mean."""
        standard = margin / self.sd
        return np.asarray(ndtr(standard) if self.df is None else stdtr(self.df, standard))


class Seen(NamedTuple):
    """What a person's scores say about their line: number, Σt, Σt², and Σr, Σtr of r = y − β0 − β1·t.

    Numbers for one person, or arrays with one element per row.
    """

    m: Floats | float
    s: Floats | float
    q: Floats | float
    r: Floats | float
    u: Floats | float

    @classmethod
    def of(cls, beta: Floats, t: Floats, score: Floats) -> "Seen":
        """One person's scores."""
        residual = score - (beta[0] + beta[1] * t)
        return cls(t.size, float(t.sum()), float(t @ t), float(residual.sum()), float(t @ residual))

    @classmethod
    def so_far(cls, beta: Floats, rows: Courses) -> "Seen":
        """For each row, the scores of its person up to and including it."""
        residual = rows.score - (beta[0] + beta[1] * rows.t)
        values = np.array([np.ones_like(rows.t), rows.t, rows.t**2, residual, rows.t * residual])
        total = np.cumsum(values, axis=1)
        before = total[:, rows.start] - values[:, rows.start]
        return cls(*(total - np.repeat(before, np.diff(rows.start, append=rows.t.size), axis=1)))

    def rows(self, chosen: Ints) -> "Seen":
        """The same for some rows, by position."""
        return Seen(*(np.asarray(values)[chosen] for values in self))


class OwnLine(NamedTuple):
    """A person's coefficients given their scores: mean less β, and covariance; numbers, or arrays (rows,)."""

    level: Floats
    pace: Floats
    var_level: Floats
    cov: Floats
    var_pace: Floats

    def variance_at(self, t: Floats) -> Floats:
        """Variance of the line (without σ²) at `t`, never below 0 by rounding."""
        return np.asarray(np.maximum(self.var_level + t * (2 * self.cov + t * self.var_pace), 0.0))


def own_line(variances: Floats, seen: Seen) -> OwnLine:
    """Posterior of (b0, b1) given the scores; `variances` (4,) are G00, G01, G11 and σ².

    With Θ = G/σ² and A = Z'Z, K = (I + ΘA)⁻¹Θ = (Θ + det Θ · adj A) / det(I + ΘA), which also holds where Θ or A
    has no inverse; the mean is K·Z'(y − Zβ), the covariance σ²K.
    """
    sigma2 = variances[3]
    a, b, c = variances[:3] / sigma2
    det_theta = a * c - b * b
    det = 1 + a * seen.m + 2 * b * seen.s + c * seen.q + det_theta * (seen.m * seen.q - seen.s * seen.s)
    k00, k01, k11 = (
        (a + det_theta * seen.q) / det,
        (b - det_theta * seen.s) / det,
        (c + det_theta * seen.m) / det,
    )
    return OwnLine(
        level=k00 * seen.r + k01 * seen.u,
        pace=k01 * seen.r + k11 * seen.u,
        var_level=sigma2 * k00,
        cov=sigma2 * k01,
        var_pace=sigma2 * k11,
    )


def forecast(beta: Floats, variances: Floats, seen: Seen, t: Floats) -> Forecast:
    """The posterior predictive at `t`, the parameters being known: times of one person, or one time per row."""
    own = own_line(variances, seen)
    mean = beta[0] + own.level + (beta[1] + own.pace) * t
    return Forecast(np.asarray(mean), np.sqrt(variances[3] + own.variance_at(t)))


def uncertain_forecast(
    beta: Floats, variances: Floats, seen: Seen, t: Floats, *, beta_cov: Floats, variance_cov: Floats
) -> Forecast:
    """The same with estimated parameters: `beta_cov` (2, 2), and `variance_cov` (4, 4) of `variances`."""
    plain = forecast(beta, variances, seen, t)
    own = own_line(variances, seen)
    k00, k01, k11 = np.array([own.var_level, own.cov, own.var_pace]) / variances[3]
    # d = (1, t)(I − KA)
    d0 = 1 - k00 * seen.m - k01 * seen.s - t * (k01 * seen.m + k11 * seen.s)
    d1 = t * (1 - k01 * seen.s - k11 * seen.q) - k00 * seen.s - k01 * seen.q
    fixed = d0 * d0 * beta_cov[0, 0] + 2 * d0 * d1 * beta_cov[0, 1] + d1 * d1 * beta_cov[1, 1]
    by_mean, by_variance = _slopes(beta, variances, seen, t)
    shrinkage = ((by_mean @ variance_cov) * by_mean).sum(axis=-1)
    spread = ((by_variance @ variance_cov) * by_variance).sum(axis=-1)
    df = 2 * plain.sd**4 / np.maximum(spread, np.finfo(float).tiny)
    return Forecast(plain.mean, np.sqrt(plain.sd**2 + fixed + 2 * shrinkage), np.asarray(df))


def _slopes(beta: Floats, variances: Floats, seen: Seen, t: Floats) -> tuple[Floats, Floats]:
    """Derivatives of the forecast's mean and variance by the four variance parameters, (…, 4) each.

    Central differences of closed forms; each step is small beside what the parameter adds to a score's variance.
    """
    g00, _, g11, sigma2 = variances
    level, pace = g00 + sigma2, g11 + sigma2 / float(np.max(seen.q, initial=1.0))
    means, spreads = [], []
    for index, size in enumerate((level, np.sqrt(level * pace), pace, sigma2)):
        step = np.zeros(4)
        step[index] = 1e-5 * size
        up, down = (forecast(beta, variances + sign * step, seen, t) for sign in (1, -1))
        means.append((up.mean - down.mean) / (2 * step[index]))
        spreads.append((up.sd**2 - down.sd**2) / (2 * step[index]))
    return np.stack(means, axis=-1), np.stack(spreads, axis=-1)
