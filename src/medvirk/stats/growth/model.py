"""The fitted growth model: what it expects of a person given all scores so far."""

from dataclasses import dataclass, replace
from statistics import NormalDist
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from medvirk.stats.change import Direction
from medvirk.stats.faults import (
    BadScoresError,
    FaultsError,
    Floats,
    float_array,
    infinite_fault,
    open_unit_fault,
)
from medvirk.stats.growth.norms import parameter_faults

FORMAT = "medvirk-growth-1"


class UnusableModelError(FaultsError):
    """A forecast was asked of a fit that is singular or did not converge."""


@dataclass(frozen=True, eq=False)
class GrowthModel:
    """Score = β0 + β1·t + b0 + b1·t + e, with (b0, b1) ~ N(0, G) per person and e ~ N(0, σ²) per measurement.

    `beta` (2,): points, and points per unit of t. `G` (2, 2): variances and covariance of a person's level
    and pace. `sigma2`: variance of one measurement around the person's own line, points². `loglik`: the REML
    log-likelihood as R's lme4 defines it. `persons`, `scores`: how much it rests on.

    `converged`: the optimiser reached a maximum. `singular`: that maximum lies on the edge, people differing
    in fewer than two ways. `message` says in words what is wrong, else it is empty. A model that is not
    `usable` refuses to forecast (UnusableModelError); whoever knowingly wants a singular fit takes
    `accept_singular()`.

    Forecasts take the parameters as known. With few courses the true uncertainty is somewhat larger.
    """

    beta: Floats
    G: Floats
    sigma2: float
    loglik: float
    converged: bool
    singular: bool
    message: str
    persons: int
    scores: int
    singular_accepted: bool = False

    @property
    def usable(self) -> bool:
        """Whether it may forecast: converged, and not singular unless that was accepted."""
        return self.converged and (self.singular_accepted or not self.singular)

    def accept_singular(self) -> Self:
        """A copy that forecasts although the fit is singular. One that did not converge still refuses."""
        return replace(self, singular_accepted=True)

    def predict(self, t_seen: ArrayLike, y_seen: ArrayLike, t_new: ArrayLike) -> tuple[Floats, Floats]:
        """Mean and SD of a *new observed score* (σ² included) at each of `t_new`, in the shape of `t_new`.

        `t_seen`, `y_seen` (k,) are one person's scores so far, in any order; a missing score (NaN) tells
        nothing and is passed over. With no scores it is the forecast for someone unknown. Regression to the
        mean is part of it.

        The posterior predictive of the model: with Θ = G/σ², A = Z'Z and K = (I + ΘA)⁻¹Θ, the person's
        coefficients have mean β + K Z'(y − Zβ) and covariance σ²K.

        Raises UnusableModelError, and BadScoresError for lists that do not fit together or times that are
        missing.
        """
        if not self.usable:
            raise UnusableModelError([self.message])
        times, scores = _seen(t_seen, y_seen)
        new = float_array("t_new", t_new)
        if not np.isfinite(new).all():
            raise BadScoresError(["t_new: a time is missing or infinite. Every forecast needs its time."])
        residual = scores - (self.beta[0] + self.beta[1] * times)
        s, q = float(times.sum()), float(times @ times)
        theta = self.G / self.sigma2
        A = np.array([[times.size, s], [s, q]])
        # (I + ΘA)⁻¹Θ rather than (Θ⁻¹ + A)⁻¹: it also holds where G has no inverse.
        K = np.linalg.solve(np.eye(2) + theta @ A, theta)
        level, pace = self.beta + K @ np.array([residual.sum(), times @ residual])
        own_variance = K[0, 0] + new * (K[0, 1] + K[1, 0] + new * K[1, 1])
        sd = np.sqrt(self.sigma2 * (1 + np.maximum(own_variance, 0.0)))
        return np.asarray(level + pace * new), np.asarray(sd)

    def expected(self, first_score: float, t_new: ArrayLike, t_first: float = 0.0) -> Floats:
        """The expected course of someone who started with `first_score`: the mean at each of `t_new`."""
        return self.predict([t_first], [first_score], t_new)[0]

    def band(
        self,
        t_seen: ArrayLike,
        y_seen: ArrayLike,
        t_new: ArrayLike,
        *,
        coverage: float,
        low: float | None = None,
        high: float | None = None,
    ) -> tuple[Floats, Floats]:
        """Where a new score at each of `t_new` falls with probability `coverage` (as .8), as (lower, upper).

        Equally much is left out on either side; both ends are clipped to the scale from `low` to `high` where
        given. Raises BadScoresError for a coverage outside (0, 1) or a scale that ends before it begins; else
        as `predict`.
        """
        faults = open_unit_fault("The coverage", coverage)
        if low is not None and high is not None and low >= high:
            faults.append(f"The scale runs from {low:g} to {high:g}: the upper end must be above the lower.")
        if faults:
            raise BadScoresError(faults)
        mean, sd = self.predict(t_seen, y_seen, t_new)
        margin = NormalDist().inv_cdf((1 + coverage) / 2) * sd
        ends = np.array([mean - margin, mean + margin])
        clipped = np.clip(ends, -np.inf if low is None else low, np.inf if high is None else high)
        return clipped[0], clipped[1]

    def chance_better(
        self,
        t_seen: ArrayLike,
        y_seen: ArrayLike,
        t_new: ArrayLike,
        *,
        threshold: float,
        direction: Direction,
    ) -> Floats:
        """Chance (0–1) that a new score at each of `t_new` is at `threshold` or better, given all scores."""
        mean, sd = self.predict(t_seen, y_seen, t_new)
        return np.asarray(ndtr(direction.sign * (mean - threshold) / sd))

    def to_dict(self) -> dict[str, Any]:
        """For JSON. That a singular fit was accepted is not kept: each reader accepts it anew."""
        return {
            "format": FORMAT,
            "beta": self.beta.tolist(),
            "G": self.G.tolist(),
            "sigma2": self.sigma2,
            "loglik": self.loglik,
            "converged": self.converged,
            "singular": self.singular,
            "message": self.message,
            "persons": self.persons,
            "scores": self.scores,
        }

    @classmethod
    def from_dict(cls, data: object) -> Self:
        """Read what `to_dict` wrote. Raises BadScoresError with all faults at once."""
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise BadScoresError([f'This is not a growth model: "format" must be "{FORMAT}".'])
        kinds = {
            "beta": list,
            "G": list,
            "sigma2": int | float,
            "loglik": int | float,
            "converged": bool,
            "singular": bool,
            "message": str,
            "persons": int,
            "scores": int,
        }
        faults = [
            f'"{key}" is missing or of the wrong kind.'
            for key, kind in kinds.items()
            if not isinstance(data.get(key), kind)
        ]
        if faults:
            raise BadScoresError(faults)
        beta, G = float_array("beta", data["beta"]), float_array("G", data["G"])
        if faults := parameter_faults(beta, G, data["sigma2"]):
            raise BadScoresError(faults)
        return cls(**{key: data[key] for key in kinds} | {"beta": beta, "G": G})


def _seen(t_seen: ArrayLike, y_seen: ArrayLike) -> tuple[Floats, Floats]:
    times, scores = float_array("t_seen", t_seen).ravel(), float_array("y_seen", y_seen).ravel()
    if times.size != scores.size:
        raise BadScoresError(
            [f"t_seen has {times.size} times and y_seen {scores.size} scores: give one time for each score."]
        )
    faults = infinite_fault("y_seen", scores)
    measured = ~np.isnan(scores)
    if not np.isfinite(times[measured]).all():
        faults.append("t_seen: the time of a score is missing or infinite. Every score needs its time.")
    if faults:
        raise BadScoresError(faults)
    return times[measured], scores[measured]
