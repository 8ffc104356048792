"""Rules that give every score a number, the higher the more worrying; a flag is raised from a threshold upwards.

One interface for all, so that they are judged alike: the forecast (ours), the published rule table, raw
change, and the kinds of signal that a worker sees. A rule learns from some people and is used on others.
"""

from collections.abc import Callable
from dataclasses import dataclass
from statistics import NormalDist
from typing import Protocol

import numpy as np
from scipy.special import ndtr

from medvirk.stats.faults import Floats
from medvirk.stats.growth.grouping import Courses
from medvirk.stats.growth.posterior import posterior
from medvirk.stats.signals.cohort import DECIMALS, Cohort, Outcome
from medvirk.stats.signals.forecast import EndForecast, room
from medvirk.stats.signals.rules import BAND, ENOUGH_MEASUREMENTS, HORIZON, SMALL_CHANCE

Worry = Callable[[Cohort], Floats]


class Rule(Protocol):
    """`threshold` is where the rule itself raises a flag, None where it must be chosen by the burden.

    `learn` looks at some people's whole courses and returns a function from a cohort to one number per row,
    −inf where the rule has nothing to say. That function may use a row and the ones before it, never later
    ones.
    """

    @property
    def name(self) -> str: ...

    @property
    def threshold(self) -> float | None: ...

    def learn(self, cohort: Cohort) -> Worry: ...


@dataclass(frozen=True)
class Forecast:
    """Ours: the chance that the course ends so, given all scores so far. The threshold is chosen by the burden.

    Silent on people whose first score leaves no room to end otherwise: there is nothing to foretell.
    """

    outcome: Outcome = Outcome.DETERIORATED
    threshold: float | None = None

    @property
    def name(self) -> str:
        return f"forecast_{self.outcome.value}"

    def learn(self, cohort: Cohort) -> Worry:
        forecast = EndForecast.learnt_from(cohort)

        def worry(others: Cohort) -> Floats:
            open_ended = room(others, self.outcome)[others.who]
            return np.where(open_ended, forecast.outcome(others, self.outcome), -np.inf)

        return worry


@dataclass(frozen=True)
class RuleTable:
    """The published alert table of another product (OpenFIT), with lines of our own; also our signal *not on track*.

    Red is a score below the lower line of the course expected from the first score. The product's own target
    and lower line are proprietary: here both come from our fitted mean course, the line being the lower end
    of its 80 % band. The number is how many standard deviations the score lies on the wrong side of the
    expected course.
    """

    name: str = "rule_table"
    threshold: float | None = NormalDist().inv_cdf((1 + BAND) / 2)

    def learn(self, cohort: Cohort) -> Worry:
        model = EndForecast.learnt_from(cohort).model

        def worry(others: Cohort) -> Floats:
            rows = others.rows
            at_first = posterior(
                model, Courses(rows.t[rows.start], others.first, np.arange(others.first.size))
            )
            mean, sd = at_first.rows(others.who).at(rows.t)
            return np.asarray(others.direction.sign * (mean - rows.score) / sd)

        return worry


@dataclass(frozen=True)
class RawChange:
    """How many points worse than the first score. Needs no model. At the threshold of reliable change it is our signal
    *deteriorated*."""

    name: str = "raw_change"
    threshold: float | None = None

    def learn(self, cohort: Cohort) -> Worry:  # noqa: ARG002 - there is nothing to learn
        return lambda others: others.loss


@dataclass(frozen=True)
class SuddenFall:
    """How many points worse than the score before; at the threshold of reliable change our signal *sudden fall*."""

    name: str = "sudden_fall"
    threshold: float | None = None

    def learn(self, cohort: Cohort) -> Worry:  # noqa: ARG002 - there is nothing to learn
        def worry(others: Cohort) -> Floats:
            fall = np.diff(others.loss, prepend=0.0)
            fall[others.rows.start] = -np.inf
            return np.round(fall, DECIMALS)

        return worry


@dataclass(frozen=True)
class NoChangeExpected:
    """Our signal of that name: from the fourth score, how unlikely reliable improvement is at the 21st measurement."""

    name: str = "no_change_expected"
    threshold: float | None = 1 - SMALL_CHANCE

    def learn(self, cohort: Cohort) -> Worry:
        model = EndForecast.learnt_from(cohort).model

        def worry(others: Cohort) -> Floats:
            sign = others.direction.sign
            target = (others.first + sign * others.rci.value)[others.who]
            mean, sd = posterior(model, others.rows).at(HORIZON)
            silent = (others.number < ENOUGH_MEASUREMENTS) | (others.rows.t >= HORIZON)
            silent |= (target < others.low) | (target > others.high)
            return np.where(silent, -np.inf, ndtr(sign * (target - mean) / sd))

        return worry


RULES: dict[str, Rule] = {
    rule.name: rule
    for rule in (
        Forecast(Outcome.DETERIORATED),
        Forecast(Outcome.NOT_IMPROVED),
        RuleTable(),
        RawChange(),
        SuddenFall(),
        NoChangeExpected(),
    )
}
