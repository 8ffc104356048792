"""Courses drawn from processes whose truth is known, to try signals on: not only from our own model.

All are on a made-up scale from 0 to 40 where higher is better, scores rounded to one decimal, measurement
error with SD 3, so that a reliable change is 1.96·√2·3 = 8.3 points. Courses have 3 to 12 scores. They
imitate no instrument and no service.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from medvirk.stats.change import Direction, ReliableChange
from medvirk.stats.faults import Floats
from medvirk.stats.growth.grouping import Ints
from medvirk.stats.signals.cohort import Cohort

LOW, HIGH, ERROR_SD, LONGEST = 0.0, 40.0, 3.0, 12
# Of those still coming after the third meeting, this share stops at each: a mean of about six.
STOP = 0.22
RCI = ReliableChange.from_sd(ERROR_SD, 0.0, source="measurement error of the simulated scale")
SESSIONS = np.arange(LONGEST)
T = np.log1p(SESSIONS)

Truth = Callable[[np.random.Generator, int], Floats]
Stops = Callable[[np.random.Generator, Floats], Ints]


@dataclass(frozen=True)
class Process:
    """`truth(rng, persons)` draws true scores (persons, LONGEST); `stops(rng, scores)` the number of scores of each."""

    name: str
    what: str
    truth: Truth = field(repr=False)
    stops: Stops = field(repr=False)

    def draw(self, persons: int, seed: int) -> Cohort:
        """Courses of made-up people; the same seed gives the same courses."""
        rng = np.random.default_rng([seed, sum(map(ord, self.name))])
        true = self.truth(rng, persons)
        scores = np.clip(np.round(true + rng.normal(0, ERROR_SD, true.shape), 1), LOW, HIGH)
        kept = self.stops(rng, scores)[:, None] > SESSIONS
        return Cohort.from_scores(
            person=np.nonzero(kept)[0],
            session=np.nonzero(kept)[1].astype(float),
            score=scores[kept],
            direction=Direction.HIGHER,
            rci=RCI,
            low=LOW,
            high=HIGH,
        )


def _lines(level: float, pace: float, spread: tuple[float, float, float], t: Floats) -> Truth:
    """Level and pace of each person from a normal distribution with variances and covariance (var, cov, var)."""
    root = np.linalg.cholesky(np.array([[spread[0], spread[1]], [spread[1], spread[2]]]))

    def truth(rng: np.random.Generator, persons: int) -> Floats:
        own = np.array([level, pace]) + rng.normal(size=(persons, 2)) @ root.T
        return np.asarray(own[:, :1] + own[:, 1:] * t)

    return truth


def _sudden(rng: np.random.Generator, persons: int) -> Floats:
    """Slow growth; three in ten jump up about 9 points between two meetings, two in ten down."""
    level, pace = rng.normal(19, 6, persons), rng.normal(1.0, 0.8, persons)
    size = rng.choice([0.0, 9.0, -9.0], persons, p=[0.5, 0.3, 0.2])
    size += rng.normal(0, 2, persons) * (size != 0)
    when = rng.integers(1, 8, persons)
    return np.asarray(level[:, None] + pace[:, None] * T + size[:, None] * (when[:, None] <= SESSIONS))


def _early(rng: np.random.Generator, persons: int) -> Floats:
    """Nearly half gain most within two meetings, as many stay, some slide: exponential approach to a plateau."""
    kind = rng.choice(3, persons, p=[0.45, 0.40, 0.15])
    gain = np.array([9.0, 1.0, -8.0])[kind] + rng.normal(0, 2.5, persons)
    rate = np.array([1.2, 0.3, 0.35])[kind]
    return np.asarray(
        rng.normal(19, 6, persons)[:, None] + gain[:, None] * (1 - np.exp(-np.outer(rate, SESSIONS)))
    )


def _at_random(rng: np.random.Generator, scores: Floats) -> Ints:
    return np.asarray(np.minimum(2 + rng.geometric(STOP, scores.shape[0]), LONGEST))


def _by_state(rng: np.random.Generator, scores: Floats) -> Ints:
    """Who is much better stops because it is enough, who is much worse because it does not help."""
    away = np.abs(scores - scores[:, :1])
    leaves = rng.random(scores.shape) < 1 / (1 + np.exp(2.5 - 0.25 * away))
    leaves[:, :2], leaves[:, -1] = False, True
    return np.asarray(np.argmax(leaves, axis=1) + 1)


PROCESSES = {
    process.name: process
    for process in (
        Process("log_growth", "growth by the logarithm of the session, as the model assumes",
                _lines(19, 2.5, (36.0, -3.6, 12.25), T), _at_random),
        Process("linear", "growth by the same number of points each session",
                _lines(19, 0.5, (36.0, -1.2, 1.0), SESSIONS.astype(float)), _at_random),
        Process("sudden", "sudden gains and losses", _sudden, _at_random),
        Process("early", "early responders, others who stay or slide", _early, _at_random),
        Process("ceiling", "many near the top of the scale",
                _lines(30, 1.5, (49.0, -5.0, 9.0), T), _at_random),
        Process("drop_out", "log growth; those much better or much worse leave",
                _lines(19, 2.5, (36.0, -3.6, 12.25), T), _by_state),
    )
}  # fmt: skip
