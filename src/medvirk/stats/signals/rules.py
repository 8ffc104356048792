"""What in a course deserves a talk. A signal prompts a conversation; it is never a verdict.

Each rule looks at the latest score of one person and answers with a `Signal` or nothing. A rule that lacks
what it needs (a model, a threshold, a cut-off, enough scores) stays silent: nothing is guessed. At 8 %
deterioration, a rule with sensitivity .85 and specificity .80 is right about once in four signals
(`how_often_right`); say so on the page.
"""

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import ArrayLike

from medvirk.stats.change import ROUNDING, Direction, ReliableChange, direction_of, judged_by
from medvirk.stats.faults import (
    BadScoresError,
    Floats,
    finite_fault,
    float_array,
    infinite_fault,
    off_scale_fault,
)
from medvirk.stats.growth.model import GrowthModel
from medvirk.stats.signals.cohort import Outcome
from medvirk.stats.signals.forecast import EndForecast

# The outer tenth on the unfavourable side of an 80 % interval: Finch, Lambert & Schaalje 2001, Clin Psychol
# Psychother 8:231, where it is the red boundary.
BAND = 0.80
# Medvirk's own choice, as no published rule was found: below one chance in ten, from the fourth measurement.
SMALL_CHANCE = 0.10
ENOUGH_MEASUREMENTS = 4
# The 21st measurement when t = log1p(session): Finch et al. 2001 follow courses through 20 sessions.
HORIZON = math.log1p(20)
# OpenFIT's published alert table: one point lower than last time on a scale of 40. That is within what
# measurement error makes of itself, so expect many of these; it is an opening to ask, no more.
FALL_SHARE = 0.025
# Medvirk's own choice: three meetings in a row with nothing to wish for may mean that it is hard to say.
PERFECT_SHARE = 0.99
PERFECT_IN_A_ROW = 3


class SignalKind(StrEnum):
    """The kinds of signal; the functions below say when each is set off."""

    NOT_ON_TRACK = "not_on_track"
    DETERIORATED = "deteriorated"
    WORSE_EXPECTED = "worse_expected"
    SUDDEN_FALL = "sudden_fall"
    NO_CHANGE_EXPECTED = "no_change_expected"
    ALLIANCE_LOW = "alliance_low"
    ALLIANCE_FALLING = "alliance_falling"
    ALLIANCE_ALWAYS_PERFECT = "alliance_always_perfect"
    MISSING_MEASURE = "missing_measure"


# What to talk about first: harm before stagnation, how the person is before how the meetings are, both before
# gaps.
DESERVES_ATTENTION = (
    SignalKind.DETERIORATED,
    SignalKind.SUDDEN_FALL,
    SignalKind.WORSE_EXPECTED,
    SignalKind.NOT_ON_TRACK,
    SignalKind.ALLIANCE_LOW,
    SignalKind.ALLIANCE_FALLING,
    SignalKind.NO_CHANGE_EXPECTED,
    SignalKind.MISSING_MEASURE,
    SignalKind.ALLIANCE_ALWAYS_PERFECT,
)


@dataclass(frozen=True)
class Signal:
    """Something that deserves a talk, at the measurement with index `session` (from 0) in what was given.

    `facts` are the numbers the reason is told with (points, times, probabilities); each rule names its own.
    """

    kind: SignalKind
    session: int
    facts: Mapping[str, float] = field(hash=False)


def by_attention(signals: Iterable[Signal]) -> list[Signal]:
    """The signals in the order of `DESERVES_ATTENTION`, the latest first within a kind."""
    return sorted(signals, key=lambda signal: (DESERVES_ATTENTION.index(signal.kind), -signal.session))


def outcome_signals(
    t: ArrayLike,
    y: ArrayLike,
    *,
    model: GrowthModel | None,
    direction: Direction,
    rci: ReliableChange | None,
    low: float,
    high: float,
    horizon: float = HORIZON,
    forecast: EndForecast | None = None,
    worrying: float | None = None,
) -> tuple[Signal, ...]:
    """What the latest score of a course sets off, in the order of `DESERVES_ATTENTION`.

    `t`, `y` (k,): transformed times in ascending order, and scores in points, NaN for a missing one; the
    latest score is the latest that is not missing. `low`, `high`: the ends of the scale. Facts in points
    unless said otherwise.

    * deteriorated: reliably worse than the first score. Facts: first, latest, threshold. Needs `rci`.
    * sudden_fall: reliably worse than the score before. Facts: previous, latest, threshold. Needs `rci`. At
      the second score this says the same as deteriorated, and both are given.
    * worse_expected: the chance that the course ends reliably worse than the first score, given all scores,
      is `worrying` (0–1) or more; `evaluate` chooses that by the burden a team can carry. Facts: first,
      latest, threshold, chance, worrying. Needs `rci`, `forecast` and `worrying`.
    * not_on_track: from the second score, beyond the unfavourable end of the 80 % band expected from the
      *first* score. Facts: first, latest, expected, bound. Needs a usable model.
    * no_change_expected: from the fourth score, the chance that a score at `horizon` (transformed time) is
      reliably better than the first, given all scores, is below .10. Facts: first, latest, target, chance
      (0–1), horizon (t). Needs `rci` and a usable model; silent when the target lies off the scale or the
      horizon has passed.

    Raises BadScoresError: unequal lists, bad times, scores off the scale, no direction, a number as `rci`.
    """
    direction = direction_of(direction) if rci is None else judged_by(direction, rci)[0]
    times, scores = _times_and_scores(t, y, low, high, worrying)
    measured = np.flatnonzero(~np.isnan(scores))
    if measured.size < 2:
        return ()
    course = _Course(times[measured], scores[measured], int(measured[-1]), direction, low, high)
    found: list[Signal] = []
    if rci is not None:
        found += _deteriorated(course, rci) + _sudden_fall(course, rci)
        if forecast is not None and worrying is not None:
            found += _worse_expected(course, rci, forecast, worrying)
    if model is not None and model.usable:
        found += _not_on_track(course, model)
        if rci is not None:
            found += _no_change_expected(course, rci, model, horizon)
    return tuple(by_attention(found))


def _times_and_scores(
    t: ArrayLike, y: ArrayLike, low: float, high: float, worrying: float | None
) -> tuple[Floats, Floats]:
    times, scores = float_array("t", t), float_array("y", y)
    faults = _scale_faults(scores, low, high)
    if worrying is not None:
        faults += finite_fault("worrying", worrying)
    if times.ndim != 1 or times.shape != scores.shape:
        faults.append(f"t {times.shape} and y {scores.shape}: give two lists of equal length.")
    elif not np.isfinite(times).all() or (np.diff(times) <= 0).any():
        faults.append("t: the times must ascend, each once, and none may be missing.")
    if faults:
        raise BadScoresError(faults)
    return times, scores


@dataclass(frozen=True, eq=False)
class _Course:
    """The measured part of a course, two scores or more; `session` is where the latest was in the whole."""

    t: Floats
    y: Floats
    session: int
    direction: Direction
    low: float
    high: float

    @property
    def first(self) -> float:
        return float(self.y[0])

    @property
    def latest(self) -> float:
        return float(self.y[-1])

    def loss(self, earlier: float) -> float:
        """How much worse the latest score is than an earlier one, in points."""
        return self.direction.sign * (earlier - self.latest)


def _deteriorated(course: _Course, rci: ReliableChange) -> list[Signal]:
    if not rci.reached_by(course.loss(course.first)):
        return []
    facts = {"first": course.first, "latest": course.latest, "threshold": rci.value}
    return [Signal(SignalKind.DETERIORATED, course.session, facts)]


def _sudden_fall(course: _Course, rci: ReliableChange) -> list[Signal]:
    previous = float(course.y[-2])
    if not rci.reached_by(course.loss(previous)):
        return []
    facts = {"previous": previous, "latest": course.latest, "threshold": rci.value}
    return [Signal(SignalKind.SUDDEN_FALL, course.session, facts)]


def _worse_expected(
    course: _Course, rci: ReliableChange, forecast: EndForecast, worrying: float
) -> list[Signal]:
    chances = forecast.one(
        course.t, course.y, direction=course.direction, rci=rci, low=course.low, high=course.high
    )
    chance = chances[Outcome.DETERIORATED]
    if chance < worrying:
        return []
    facts = {
        "first": course.first,
        "latest": course.latest,
        "threshold": rci.value,
        "chance": chance,
        "worrying": worrying,
    }
    return [Signal(SignalKind.WORSE_EXPECTED, course.session, facts)]


def _not_on_track(course: _Course, model: GrowthModel) -> list[Signal]:
    # Where the band reaches past the end of the scale, no score can be beyond it.
    lower, upper = model.band(course.t[:1], course.y[:1], course.t[-1], coverage=BAND)
    bound = float(lower if course.direction is Direction.HIGHER else upper)
    if course.loss(bound) <= ROUNDING:
        return []
    expected = float(
        np.clip(model.expected(course.first, course.t[-1], course.t[0]), course.low, course.high)
    )
    facts = {"first": course.first, "latest": course.latest, "expected": expected, "bound": bound}
    return [Signal(SignalKind.NOT_ON_TRACK, course.session, facts)]


def _no_change_expected(
    course: _Course, rci: ReliableChange, model: GrowthModel, horizon: float
) -> list[Signal]:
    target = course.first + course.direction.sign * rci.value
    if (
        course.y.size < ENOUGH_MEASUREMENTS
        or horizon <= course.t[-1]
        or not course.low <= target <= course.high
    ):
        return []
    chance = float(
        model.chance_better(course.t, course.y, horizon, threshold=target, direction=course.direction)
    )
    if chance >= SMALL_CHANCE:
        return []
    facts = {
        "first": course.first,
        "latest": course.latest,
        "target": target,
        "chance": chance,
        "horizon": float(horizon),
    }
    return [Signal(SignalKind.NO_CHANGE_EXPECTED, course.session, facts)]


def alliance_signals(
    y: ArrayLike, *, low: float, high: float, cutoff: float | None = None, fall_share: float = FALL_SHARE
) -> tuple[Signal, ...]:
    """What the latest meeting score sets off, in the order of `DESERVES_ATTENTION`. Higher is better.

    `y` (k,): meeting scores in points in order of time, NaN for a missing one, passed over; `low`, `high`:
    the ends of the scale.

    * alliance_low: below `cutoff`, only where one is given. Facts: latest, cutoff.
    * alliance_falling: lower than the meeting score before by at least `fall_share` of the range. Facts:
      previous, latest, threshold (points).
    * alliance_always_perfect: this and the two before all at 99 % of the range or more. Facts: latest,
      meetings (how many in a row, number).

    Raises BadScoresError, all faults at once: scores infinite or off the scale, a `fall_share` outside (0,
    1].
    """
    scores = float_array("y", y)
    faults = _scale_faults(scores, low, high)
    if scores.ndim != 1:
        faults.append(f"y {scores.shape}: give one list of scores.")
    if cutoff is not None:
        faults += finite_fault("cutoff", cutoff)
    if not 0 < fall_share <= 1:
        faults.append(f"fall_share is {fall_share:g}: it must be above 0 and at most 1.")
    if faults:
        raise BadScoresError(faults)
    measured = np.flatnonzero(~np.isnan(scores))
    if not measured.size:
        return ()
    session, values = int(measured[-1]), scores[measured]
    latest = float(values[-1])
    found: list[Signal] = []
    if cutoff is not None and latest < cutoff - ROUNDING:
        found.append(Signal(SignalKind.ALLIANCE_LOW, session, {"latest": latest, "cutoff": cutoff}))
    threshold = fall_share * (high - low)
    if values.size > 1 and values[-2] - latest >= threshold - ROUNDING:
        facts = {"previous": float(values[-2]), "latest": latest, "threshold": threshold}
        found.append(Signal(SignalKind.ALLIANCE_FALLING, session, facts))
    below = np.flatnonzero(values < low + PERFECT_SHARE * (high - low) - ROUNDING)
    in_a_row = values.size - (int(below[-1]) + 1 if below.size else 0)
    if in_a_row >= PERFECT_IN_A_ROW:
        facts = {"latest": latest, "meetings": float(in_a_row)}
        found.append(Signal(SignalKind.ALLIANCE_ALWAYS_PERFECT, session, facts))
    return tuple(by_attention(found))


def missing_signal(y: ArrayLike) -> Signal | None:
    """missing_measure: the latest measurement that was due gave no score (NaN). OpenFIT's "no score entered".

    `y` (k,): one element per measurement that was due, in order of time. Facts: missing (how many in a row up
    to now) and measured (how many scores there are in all), both numbers. None when the latest is there or
    nothing was due. Raises BadScoresError for anything but one list of numbers.
    """
    scores = float_array("y", y)
    if scores.ndim != 1:
        raise BadScoresError([f"y {scores.shape}: give one list of scores."])
    measured = np.flatnonzero(~np.isnan(scores))
    missing = scores.size - (int(measured[-1]) + 1 if measured.size else 0)
    if not missing:
        return None
    facts = {"missing": float(missing), "measured": float(measured.size)}
    return Signal(SignalKind.MISSING_MEASURE, scores.size - 1, facts)


def how_often_right(base_rate: float, sensitivity: float, specificity: float) -> float:
    """The share of signals that are right (positive predictive value), by Bayes' rule; all are shares 0–1.

    Raises BadScoresError, all faults at once, for a share outside [0, 1] or when no signal would ever be
    given.
    """
    shares = {"base_rate": base_rate, "sensitivity": sensitivity, "specificity": specificity}
    faults = [
        f"{name} is {share:g}: it must lie from 0 to 1."
        for name, share in shares.items()
        if not 0 <= share <= 1
    ]
    right, wrong = base_rate * sensitivity, (1 - base_rate) * (1 - specificity)
    if not faults and right + wrong == 0:
        faults.append("With these shares no signal is ever given, so none is right or wrong.")
    if faults:
        raise BadScoresError(faults)
    return right / (right + wrong)


def _scale_faults(scores: Floats, low: float, high: float) -> list[str]:
    """Infinite scores, scores off the scale, and a scale that is none."""
    faults = infinite_fault("y", scores.ravel())
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        return [*faults, f"The scale runs from {low:g} to {high:g}: the upper end must be above the lower."]
    return faults + off_scale_fault("y", scores, low, high)
