"""The main result by three ways of handling whoever has no score at the end; the science is in `stats.outcomes`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from medvirk.interop.analysis.times import axis, transformed_time
from medvirk.interop.scores.few import FEWEST
from medvirk.interop.scores.options import Measure, Plan, Transform
from medvirk.interop.scores.reading import Scores
from medvirk.stats import outcomes
from medvirk.stats.change import ReliableChange
from medvirk.stats.faults import FaultsError, Floats
from medvirk.stats.outcomes import Estimate, Estimates, FinishedCourses, Outcome, Series
from medvirk.tables import Fault, gettext_noop

# A time at which fewer than one of four last rows lies was hardly planned for all.
COMMON = 0.25
# With dates, nobody is asked on the very day: a score this share of the way before or after the end counts.
NEAR = 0.1
SEED = 1
# Each imputation is a new fit; on large files fewer do, because there they differ less.
IMPUTATIONS, IMPUTATIONS_OF_MANY, MANY = 50, 20, 20_000

NO_END = gettext_noop(
    "The three ways need to know when the courses were to end, and people's last rows lie at too many different "
    "times to tell. Give --end X, the planned end in the unit of the time axis, and --window Y if a score up to Y "
    "before or after it is the end score."
)
BEYOND = gettext_noop("--end lies after the last time in the file, %(last)s, so nobody has an end score.")

TOO_FEW = f"fewer than {FEWEST} people, so no share is made of them"


@dataclass(frozen=True)
class End:
    """When courses were planned to end and how near to it counts, on the axis of time. given: by --end.

    later: scores after it, which this result leaves out.
    """

    time: float
    window: float
    given: bool
    later: int


@dataclass(frozen=True)
class ThreeWays:
    """shares: none without a reliable change. end, effect: None with `reason`, which says what to give."""

    end: End | None
    shares: Mapping[Outcome, Estimates]
    effect: Estimates | None
    imputations: int
    reason: Fault | str | None = None

    @property
    def without_end(self) -> tuple[int, int]:
        """How many people lack a first or an end score, of how many."""
        if self.effect is None:
            return 0, 0
        people = self.effect.courses
        return people - round(self.effect.completion * people), people


def in_three_ways(scores: Scores, plan: Plan, rci: ReliableChange | None) -> ThreeWays:
    """Everyone in the file is taken to have had a course up to the end."""
    people = int(scores.person[-1]) + 1
    imputations = IMPUTATIONS_OF_MANY if scores.score.size > MANY else IMPUTATIONS
    end = planned_end(scores, plan)
    if not isinstance(end, End):
        return ThreeWays(None, {}, None, imputations, end)
    measure = _measure(scores, plan.measure, rci)
    at = axis(scores, plan.transform)
    counted = ~np.isnan(scores.score) & (at <= end.time + end.window)
    t = transformed_time(at[counted], plan.transform)
    t_end, window = _t(end, plan.transform)
    told = [] if rci is None else _outcomes(plan.measure)
    try:
        data = FinishedCourses.of(
            course=np.arange(people),
            end=np.full(people, t_end),
            series=[Series(measure, scores.person[counted], t, scores.score[counted])],
            window=window,
        )
        shares = outcomes.estimate(data, told, imputations=imputations, seed=SEED) if told else {}
        effect = outcomes.estimate_effect(data, imputations=imputations, seed=SEED)
    except FaultsError as error:
        return ThreeWays(end, {}, None, imputations, " ".join(error.faults))
    return ThreeWays(end, {key: _of_enough(found) for key, found in shares.items()}, effect, imputations)


def _of_enough(found: Estimates) -> Estimates:
    """No share of too few people; their counts stay."""
    return replace(
        found,
        complete_case=_or_counts(found.complete_case),
        locf=_or_counts(found.locf),
        growth_model=_or_counts(found.growth_model),
    )


def _or_counts(found: Estimate) -> Estimate:
    if found.value is None or found.n >= FEWEST:
        return found
    return replace(found, value=None, interval=None, reason=TOO_FEW)


def planned_end(scores: Scores, plan: Plan) -> End | Fault:
    """--end, else the time at which most people's last row lies, with or without a score; or why there is none."""
    at = axis(scores, plan.transform)
    if plan.end is not None:
        usual = NEAR * plan.end if scores.dated else 0.0
        window = usual if plan.window is None else min(plan.window, plan.end)
        if plan.end - window > at.max():
            return Fault(None, None, f"{plan.end:g}", BEYOND, {"last": f"{at.max():g}"})
        return _end(scores, at, End(plan.end, window, given=True, later=0))
    starts = np.searchsorted(scores.person, np.arange(int(scores.person[-1]) + 1))
    last = np.append(starts[1:], at.size) - 1
    followed = last > starts
    times, counts = np.unique(np.round(at[last[followed]], 9), return_counts=True)
    if not times.size or counts.max() < COMMON * followed.sum():
        return Fault(None, None, None, NO_END)
    latest = float(times[np.flatnonzero(counts == counts.max())[-1]])
    return _end(scores, at, End(latest, 0.0, given=False, later=0))


def _end(scores: Scores, at: Floats, end: End) -> End:
    later = int(np.sum((at > end.time + end.window) & ~np.isnan(scores.score)))
    return End(end.time, end.window, end.given, later)


def _t(end: End, transform: Transform) -> tuple[float, float]:
    """End and window in transformed time. A logarithm makes the way back to the window's start the longer one."""
    # The logarithm of the file's own number has no 0.
    start = max(end.time - end.window, 1e-9 if transform is Transform.LOG else 0.0)
    t_start, t_end = transformed_time(np.array([start, end.time]), transform).tolist()
    return t_end, t_end - t_start


def _outcomes(measure: Measure) -> list[Outcome]:
    found = [Outcome.RELIABLE_IMPROVEMENT, Outcome.UNCHANGED, Outcome.RELIABLE_DETERIORATION]
    return found if measure.cutoff is None else [*found, Outcome.RELIABLE_RECOVERY]


def _measure(scores: Scores, measure: Measure, rci: ReliableChange | None) -> outcomes.Measure:
    """A score that is filled in is whole where all in the file are."""
    found = scores.score[~np.isnan(scores.score)]
    whole = bool((found == np.round(found)).all()) and measure.low == math.floor(measure.low)
    # An effect size asks nothing of the reliable change; the length of the scale stands in where there is none.
    threshold = rci or ReliableChange(measure.high - measure.low)
    return outcomes.Measure(
        measure.name or "score", measure.direction, threshold, measure.cutoff, measure.low, measure.high,
        1.0 if whole else None,
    )  # fmt: skip
