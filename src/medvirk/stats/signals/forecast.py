"""The chance that a course ends reliably worse, or without reliable improvement, given all scores so far."""

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr

from medvirk.stats.change import Direction, ReliableChange, judged_by
from medvirk.stats.faults import BadScoresError, CannotEstimateError, Floats, float_array
from medvirk.stats.growth.grouping import Courses, Ints
from medvirk.stats.growth.model import GrowthModel
from medvirk.stats.growth.norms import Norms
from medvirk.stats.growth.posterior import Posterior, posterior
from medvirk.stats.growth.reml import fit
from medvirk.stats.signals.cohort import Cohort, Outcome

# How many end points stand for the spread of when courses end; more change no chance by more than a
# hundredth.
END_POINTS = 12
FORMAT = "medvirk-forecast-1"


@dataclass(frozen=True, eq=False)
class EndForecast:
    """The chance that a course ends so or so, given all scores so far, by a growth model and when courses end.

    `ends` (longest − 2, END_POINTS) are transformed times: row k holds when those courses ended that went on
    after measurement k + 2 (the last row serves all longer ones). The chance is the mean over them, because
    nobody knows how long help will last.
    """

    model: GrowthModel
    ends: Floats

    @classmethod
    def learnt_from(cls, cohort: Cohort) -> Self:
        """Fit to whole courses. A singular fit is accepted: here only its forecasts are judged, on other people.

        Raises CannotEstimateError when nobody has three scores or the model did not converge.
        """
        norms = Norms.from_scores(person=cohort.who, t=cohort.rows.t, score=cohort.rows.score)
        model = fit(norms).accept_singular()
        if not model.converged:
            raise CannotEstimateError([model.message])
        last, share = cohort.rows.t[cohort.last_row], (np.arange(END_POINTS) + 0.5) / END_POINTS
        longest = int(cohort.length.max())
        ends = [np.quantile(last[cohort.length >= scores], share) for scores in range(3, longest + 1)]
        if not ends:
            raise CannotEstimateError(["Nobody has three scores, so nothing is known of how courses end."])
        return cls(model, np.array(ends))

    def outcome(self, cohort: Cohort, outcome: Outcome) -> Floats:
        """The chance of that outcome after each row (rows,), 0–1: none where the scale leaves no room for it."""
        known = posterior(self.model, cohort.rows)
        return self._chance(cohort, known, np.arange(cohort.rows.t.size), outcome)

    def _chance(self, cohort: Cohort, known: Posterior, rows: Ints, outcome: Outcome) -> Floats:
        """The chance of that outcome at the chosen rows, of which `known` is the posterior."""
        sign, size = cohort.direction.sign, cohort.rci.value
        first = cohort.first[cohort.who[rows]]
        limit = first + sign * (-size if outcome is Outcome.DETERIORATED else size)
        which = np.clip(cohort.number[rows] - 2, 0, len(self.ends) - 1)
        # (END_POINTS, rows): who stays longer than an end point is expected to end now at the earliest.
        ends = np.maximum(self.ends[which].T, cohort.rows.t[rows])
        mean, sd = known.at(ends)
        chance = ndtr(sign * (limit - mean) / sd).mean(axis=0)
        possible = room(cohort, outcome)[cohort.who[rows]]
        return np.where(possible, chance, float(outcome is Outcome.NOT_IMPROVED))

    def one(
        self,
        t: ArrayLike,
        y: ArrayLike,
        *,
        direction: Direction,
        rci: ReliableChange,
        low: float = -np.inf,
        high: float = np.inf,
    ) -> dict[Outcome, float]:
        """The chance of each outcome for one person: `t` transformed times, `y` scores, ascending, none missing.

        `low`, `high`: the ends of the scale, where known.
        """
        direction, rci = judged_by(direction, rci)
        times, scores = float_array("t", t), float_array("y", y)
        if times.ndim != 1 or times.shape != scores.shape or times.size < 1:
            raise BadScoresError([f"t {times.shape} and y {scores.shape}: give two lists of equal length."])
        if not (np.isfinite(times).all() and np.isfinite(scores).all()) or (np.diff(times) <= 0).any():
            raise BadScoresError(
                ["t and y: the times must ascend, each once, and none of either may be missing."]
            )
        cohort = Cohort(Courses(times, scores, np.array([0])), direction, rci, low, high)
        latest = np.array([times.size - 1])
        known = posterior(self.model, cohort.rows).rows(latest)
        return {outcome: float(self._chance(cohort, known, latest, outcome)[0]) for outcome in Outcome}

    def to_dict(self) -> dict[str, Any]:
        """For JSON."""
        return {
            "format": FORMAT,
            "model": self.model.to_dict(),
            "singular_accepted": self.model.singular_accepted,
            "ends": self.ends.tolist(),
        }

    @classmethod
    def from_dict(cls, data: object) -> Self:
        """Read what `to_dict` wrote. Raises BadScoresError."""
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise BadScoresError([f'This is not a forecast: "format" must be "{FORMAT}".'])
        model = GrowthModel.from_dict(data.get("model"))
        ends = float_array("ends", data.get("ends", []))
        if ends.ndim != 2 or not ends.shape[0] or ends.shape[1] != END_POINTS or not np.isfinite(ends).all():
            raise BadScoresError([f'"ends" must be a table of {END_POINTS} finite times in each row.'])
        return cls(model.accept_singular() if data.get("singular_accepted") else model, ends)


def room(cohort: Cohort, outcome: Outcome) -> NDArray[np.bool_]:
    """Whether the scale leaves room for reliable change from each first score (persons,)."""
    up = (cohort.direction is Direction.HIGHER) is (outcome is Outcome.NOT_IMPROVED)
    return cohort.rci.reached_by(cohort.high - cohort.first if up else cohort.first - cohort.low)
