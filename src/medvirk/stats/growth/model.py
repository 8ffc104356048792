"""The fitted growth model: what it expects of a person given all scores so far."""

from dataclasses import dataclass, replace
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from medvirk.stats.change import Direction, ReliableChange, direction_of, judged_by
from medvirk.stats.faults import (
    BadScoresError,
    FaultsError,
    Floats,
    finite_fault,
    float_array,
    infinite_fault,
    off_scale_fault,
    open_unit_fault,
)
from medvirk.stats.growth.chances import Lines, reached_by
from medvirk.stats.growth.norms import parameter_faults
from medvirk.stats.growth.timescale import SESSIONS, TimeScale, TimeScaleError
from medvirk.stats.growth.uncertainty import (
    Forecast,
    Parameters,
    Seen,
    forecast,
    own_line,
    uncertain_forecast,
)

FORMAT = "medvirk-growth-1"
COVARIANCES = {"beta_cov": 2, "variance_cov": 4}
NO_COVARIANCE = (
    "The uncertainty of the model's parameters is not known: the fit is on the edge or was stored without it. Fit it "
    'anew from the norms, collect more courses, or ask with parameters="known".'
)


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

    `beta_cov` (2, 2): covariance of the estimated `beta`, as lme4's `vcov`. `variance_cov` (4, 4): asymptotic
    covariance of the estimated G00, G01, G11 and σ² (the inverse REML information); None on the edge. Both are
    None in a model that was stored without. `time_scale`: what `t` is counted in.

    Forecasts take the parameters as known unless asked with `parameters="uncertain"`, which adds the uncertainty
    of β (exact) and of the variances (approximate; see `uncertainty`) and uses Student's t. With hundreds of
    courses the two are the same to the eye; with thirty the plain band is too narrow.
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
    beta_cov: Floats | None = None
    variance_cov: Floats | None = None
    time_scale: TimeScale = SESSIONS

    @property
    def se(self) -> Floats | None:
        """Standard errors (2,) of `beta`, or None where they were not stored."""
        return None if self.beta_cov is None else np.sqrt(np.diag(self.beta_cov))

    @property
    def usable(self) -> bool:
        """Whether it may forecast: converged, and not singular unless that was accepted."""
        return self.converged and (self.singular_accepted or not self.singular)

    def accept_singular(self) -> Self:
        """A copy that forecasts although the fit is singular. One that did not converge still refuses."""
        return replace(self, singular_accepted=True)

    def predict(
        self, t_seen: ArrayLike, y_seen: ArrayLike, t_new: ArrayLike, *, parameters: str = Parameters.KNOWN
    ) -> tuple[Floats, Floats]:
        """Mean and SD of a *new observed score* (σ² included) at each of `t_new`, in the shape of `t_new`.

        `t_seen`, `y_seen` (k,) are one person's scores so far, in any order; a missing score (NaN) tells
        nothing and is passed over. With no scores it is the forecast for someone unknown. Regression to the
        mean is part of it. `parameters`: "known" or "uncertain", as the class says; the mean is the same.

        Raises UnusableModelError, and BadScoresError for lists that do not fit together, times that are
        missing, or two scores at the same time.
        """
        found = self._forecast(t_seen, y_seen, t_new, parameters)
        return found.mean, found.sd

    def _forecast(self, t_seen: ArrayLike, y_seen: ArrayLike, t_new: ArrayLike, parameters: str) -> Forecast:
        if not self.usable:
            raise UnusableModelError([self.message])
        return self.forecast(Seen.of(self.beta, *_seen(t_seen, y_seen)), _new_times(t_new), parameters)

    def forecast(self, seen: Seen, t_new: Floats, parameters: str = Parameters.KNOWN) -> Forecast:
        """The forecast from sums of scores, for one person or for many rows at once (`Seen.so_far`).

        Raises UnusableModelError, also where uncertainty is asked for that is not known.
        """
        if not self.usable:
            raise UnusableModelError([self.message])
        if Parameters.read(parameters) is Parameters.KNOWN:
            return forecast(self.beta, self.variances, seen, t_new)
        if self.beta_cov is None or self.variance_cov is None:
            raise UnusableModelError([NO_COVARIANCE])
        return uncertain_forecast(
            self.beta, self.variances, seen, t_new, beta_cov=self.beta_cov, variance_cov=self.variance_cov
        )

    @property
    def variances(self) -> Floats:
        """G00, G01, G11 and σ² (4,), to which `variance_cov` belongs."""
        return np.array([self.G[0, 0], self.G[0, 1], self.G[1, 1], self.sigma2])

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
        parameters: str = Parameters.KNOWN,
    ) -> tuple[Floats, Floats]:
        """Where a new score at each of `t_new` falls with probability `coverage` (as .8), as (lower, upper).

        Equally much is left out on either side; both ends are clipped to the scale from `low` to `high` where
        given. Raises BadScoresError for a coverage outside (0, 1), a scale that ends before it begins, or
        scores off it; else as `predict`.
        """
        faults = open_unit_fault("The coverage", coverage)
        for name, end in (("low", low), ("high", high)):
            faults += [] if end is None else finite_fault(name, end)
        if not faults and low is not None and high is not None and low >= high:
            faults.append(f"The scale runs from {low:g} to {high:g}: the upper end must be above the lower.")
        faults = faults or off_scale_fault("y_seen", float_array("y_seen", y_seen), low, high)
        if faults:
            raise BadScoresError(faults)
        found = self._forecast(t_seen, y_seen, t_new, parameters)
        ends = np.array([found.quantile((1 - coverage) / 2), found.quantile((1 + coverage) / 2)])
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
        parameters: str = Parameters.KNOWN,
    ) -> Floats:
        """Chance (0–1) that a new score at each of `t_new` is at `threshold` or better, given all scores."""
        direction = direction_of(direction)
        if faults := finite_fault("The threshold", threshold):
            raise BadScoresError(faults)
        found = self._forecast(t_seen, y_seen, t_new, parameters)
        return found.chance(direction.sign * (found.mean - threshold))

    def chance_reliable(
        self,
        t_seen: ArrayLike,
        y_seen: ArrayLike,
        t_new: ArrayLike,
        *,
        rci: ReliableChange,
        direction: Direction,
        parameters: str = Parameters.KNOWN,
    ) -> Floats:
        """Chance (0–1) that the score *at* each of `t_new` is reliably better than the first one, given all scores.

        The first is the observed score with the earliest time: it does not vary, only what is to come does. With
        the other direction it is the chance of being reliably worse. In the shape of `t_new`.

        Raises as `predict`, and BadScoresError where there is no score.
        """
        direction, rci = judged_by(direction, rci)
        first = _first(*_seen(t_seen, y_seen))
        threshold = first + direction.sign * rci.value
        return self.chance_better(
            t_seen, y_seen, t_new, threshold=threshold, direction=direction, parameters=parameters
        )

    def chance_reliable_by(
        self,
        t_seen: ArrayLike,
        y_seen: ArrayLike,
        t_new: ArrayLike,
        *,
        rci: ReliableChange,
        direction: Direction,
    ) -> Floats:
        """Chance (0–1) that *at least one* of the coming scores up to each of `t_new` (k,) is reliably better.

        Entry j is about the scores at the j + 1 earliest of `t_new`; these ascend, so do the chances. Better than
        the first observed score, as in `chance_reliable`; scores already seen do not count, however good. The
        coming scores are jointly normal: independent given the person's own line, over which is integrated
        (`chances.reached_by`). The parameters are taken as known.

        Raises as `predict`, and BadScoresError where there is no score or the new times do not ascend.
        """
        direction, rci = judged_by(direction, rci)
        if not self.usable:
            raise UnusableModelError([self.message])
        times, scores = _seen(t_seen, y_seen)
        first = _first(times, scores)
        own = own_line(self.variances, Seen.of(self.beta, times, scores))
        line = Lines(
            level=np.array([self.beta[0] + own.level]),
            pace=np.array([self.beta[1] + own.pace]),
            var_level=np.array([own.var_level]),
            var_pace=np.array([own.var_pace]),
            cov=np.array([own.cov]),
            sigma2=self.sigma2,
        )
        new = np.atleast_1d(_new_times(t_new))
        return np.asarray(reached_by(line, [first], new, rci=rci, direction=direction)[0])

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
            "beta_cov": None if self.beta_cov is None else self.beta_cov.tolist(),
            "variance_cov": None if self.variance_cov is None else self.variance_cov.tolist(),
            "time": self.time_scale.to_dict(),
        }

    @classmethod
    def from_dict(cls, data: object) -> Self:
        """Read what `to_dict` wrote, also before it kept covariances and the time scale.

        Raises BadScoresError with all faults at once.
        """
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
        faults = parameter_faults(beta, G, data["sigma2"])
        covariances = {name: _covariance(name, size, data, faults) for name, size in COVARIANCES.items()}
        time_scale = SESSIONS
        try:
            time_scale = TimeScale.from_dict(data.get("time"))
        except TimeScaleError as error:
            faults += error.faults
        if faults:
            raise BadScoresError(faults)
        read = {key: data[key] for key in kinds} | {"beta": beta, "G": G} | covariances
        return cls(**read, time_scale=time_scale)


def _covariance(name: str, size: int, data: dict[str, Any], faults: list[str]) -> Floats | None:
    """A stored covariance of estimates, or None; what is wrong with it is added to `faults`."""
    if data.get(name) is None:
        return None
    found = float_array(name, data[name])
    if found.shape != (size, size) or not np.isfinite(found).all() or not np.allclose(found, found.T):
        faults.append(f"{name} must be a symmetric {size} × {size} table of numbers.")
    elif (np.diag(found) <= 0).any():
        faults.append(f"{name} cannot be a covariance table: every variance must be above 0.")
    return found


def _new_times(t_new: ArrayLike) -> Floats:
    new = float_array("t_new", t_new)
    if not np.isfinite(new).all():
        raise BadScoresError(["t_new: a time is missing or infinite. Every forecast needs its time."])
    return new


def _first(times: Floats, scores: Floats) -> float:
    if not times.size:
        raise BadScoresError(
            ["y_seen holds no score. A change is counted from the first score: give at least one."]
        )
    return float(scores[times.argmin()])


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
    elif repeated := int(measured.sum()) - np.unique(times[measured]).size:
        faults.append(f"t_seen: {repeated} score(s) share a time with another. Keep one for each time.")
    if faults:
        raise BadScoresError(faults)
    return times[measured], scores[measured]
