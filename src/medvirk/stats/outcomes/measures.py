"""What is asked of two scores: a measure's thresholds, and the outcomes that are told from them.

The definitions of NHS Talking Therapies, for one measure or two (any measure will do, with thresholds given as data):

* *caseness*: at or beyond the clinical cut-off on either measure.
* *recovery*: a case at the start, not a case at the end; of those who were cases at the start.
* *reliable improvement*: reliably better on at least one measure and reliably worse on none; of all.
* *reliable deterioration*: reliably worse on at least one and reliably better on none; of all.
* *reliable recovery*: both recovery and reliable improvement; of those who were cases at the start.

A *finished course* has ended with two or more attended contacts. Source: NHS England, *NHS Talking Therapies manual*;
thresholds PHQ-9: Kroenke, Spitzer & Williams 2001, J Gen Intern Med 16:606; GAD-7: Spitzer et al. 2006, Arch Intern
Med 166:1092, with the caseness of 8 that the programme uses.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from medvirk.stats.change import Category, Direction, ReliableChange, classify, is_clinical, judged_by
from medvirk.stats.faults import (
    BadScoresError,
    Floats,
    finite_fault,
    is_real,
    off_scale_fault,
    positive_fault,
)

Booleans = NDArray[np.bool_]
FINISHED_CONTACTS = 2


@dataclass(frozen=True)
class Measure:
    """A scale and its thresholds in points; `cutoff` None where the scale has none.

    `low` and `high` are the ends of the scale and `step` the smallest difference between two scores; a score that is
    filled in is rounded and kept to them, so that "10 or more" means the same for it. None: not known. Raises
    BadScoresError.
    """

    name: str
    direction: Direction
    rci: ReliableChange
    cutoff: float | None = None
    low: float | None = None
    high: float | None = None
    step: float | None = None

    def __post_init__(self) -> None:
        faults = [
            fault
            for what, value in (("cut-off", self.cutoff), ("low end", self.low), ("high end", self.high))
            if value is not None
            for fault in finite_fault(f"{self.name}: the {what}", value)
        ]
        ends = self.low, self.high
        if is_real(ends[0]) and is_real(ends[1]) and ends[0] >= ends[1]:
            faults.append(
                f"{self.name}: the scale runs from {ends[0]:g} to {ends[1]:g}: the upper end must be above."
            )
        if self.step is not None:
            faults += positive_fault(f"{self.name}: the step", self.step)
        try:
            # A direction may come as text: it is kept as the member it names.
            object.__setattr__(self, "direction", judged_by(self.direction, self.rci)[0])
        except BadScoresError as error:
            faults += [f"{self.name}: {fault}" for fault in error.faults]
        if faults:
            raise BadScoresError(faults)

    def off_scale(self, name: str, scores: Floats) -> list[str]:
        """A fault if one of `scores` lies outside `low` to `high`; NaN is allowed, it means missing."""
        return off_scale_fault(name, scores, self.low, self.high)

    def possible(self, scores: Floats) -> Floats:
        """`scores` moved to the nearest ones that the scale has."""
        if self.step is not None:
            origin = self.low or 0.0
            scores = origin + self.step * np.round((scores - origin) / self.step)
        if self.low is None and self.high is None:
            return scores
        return np.clip(scores, self.low, self.high)


NHS = "NHS Talking Therapies"
PHQ9 = Measure("PHQ-9", Direction.LOWER, ReliableChange(6, source=NHS), cutoff=10, low=0, high=27, step=1)
GAD7 = Measure("GAD-7", Direction.LOWER, ReliableChange(4, source=NHS), cutoff=8, low=0, high=21, step=1)


class Outcome(StrEnum):
    """What a share can be of. The first four are categories of `change.classify`, for one measure."""

    RECOVERED = "recovered"
    IMPROVED = "improved"
    UNCHANGED = "unchanged"
    DETERIORATED = "deteriorated"
    RECOVERY = "recovery"
    RELIABLE_IMPROVEMENT = "reliable_improvement"
    RELIABLE_DETERIORATION = "reliable_deterioration"
    RELIABLE_RECOVERY = "reliable_recovery"


CATEGORIES = (Outcome.RECOVERED, Outcome.IMPROVED, Outcome.UNCHANGED, Outcome.DETERIORATED)
TALKING_THERAPIES = tuple(outcome for outcome in Outcome if outcome not in CATEGORIES)


def is_case(measures: Sequence[Measure], scores: Floats) -> Booleans:
    """Caseness of each person on either measure; `scores` (measures, people), none missing."""
    sides = [
        is_clinical(
            own, direction=measure.direction, cutoff=np.nan if measure.cutoff is None else measure.cutoff
        )
        for measure, own in zip(measures, scores, strict=True)
    ]
    return np.asarray(np.logical_or.reduce(sides), dtype=bool)


def held(outcome: Outcome, measures: Sequence[Measure], first: Floats, last: Floats) -> Booleans:
    """For whom `outcome` came true; `first`, `last` (measures, people), none missing."""
    if outcome in CATEGORIES:
        (one,) = measures
        category = Category(outcome.value)
        found = classify(first[0], last[0], direction=one.direction, rci=one.rci, cutoff=one.cutoff)
        return np.asarray(found == category, dtype=bool)
    return _RULES[outcome](measures, first, last)


def asked(outcome: Outcome, measures: Sequence[Measure], first: Floats) -> Booleans:
    """Of whom `outcome` is asked: cases at the start for the two kinds of recovery, else all."""
    if outcome in {Outcome.RECOVERY, Outcome.RELIABLE_RECOVERY}:
        return is_case(measures, first)
    return np.ones(first.shape[1], dtype=bool)


def outcome_faults(outcomes: Sequence[Outcome], measures: Sequence[Measure]) -> list[str]:
    """What keeps `outcomes` from being told from these measures."""
    faults = []
    if not 1 <= len(measures) <= 2:
        faults.append(f"{len(measures)} measures: outcomes are told from one or two.")
    if len(measures) != 1 and (single := [outcome.value for outcome in outcomes if outcome in CATEGORIES]):
        faults.append(f"{', '.join(single)}: a category is of one measure, not of {len(measures)}.")
    wanting = [measure.name for measure in measures if measure.cutoff is None]
    if wanting and {Outcome.RECOVERY, Outcome.RELIABLE_RECOVERY, Outcome.RECOVERED} & set(outcomes):
        faults.append(f"{', '.join(wanting)}: there is no cut-off, so recovery cannot be told. Give one.")
    return faults


def _better_and_worse(measures: Sequence[Measure], first: Floats, last: Floats) -> tuple[Booleans, Booleans]:
    """Reliably better on at least one measure; reliably worse on at least one."""
    gains = [measure.direction.sign * (last[k] - first[k]) for k, measure in enumerate(measures)]
    better = [measure.rci.reached_by(gain) for measure, gain in zip(measures, gains, strict=True)]
    worse = [measure.rci.reached_by(-gain) for measure, gain in zip(measures, gains, strict=True)]
    return np.logical_or.reduce(better), np.logical_or.reduce(worse)


def _recovery(measures: Sequence[Measure], first: Floats, last: Floats) -> Booleans:
    return is_case(measures, first) & ~is_case(measures, last)


def _reliable_improvement(measures: Sequence[Measure], first: Floats, last: Floats) -> Booleans:
    better, worse = _better_and_worse(measures, first, last)
    return better & ~worse


def _reliable_deterioration(measures: Sequence[Measure], first: Floats, last: Floats) -> Booleans:
    better, worse = _better_and_worse(measures, first, last)
    return worse & ~better


def _reliable_recovery(measures: Sequence[Measure], first: Floats, last: Floats) -> Booleans:
    return _recovery(measures, first, last) & _reliable_improvement(measures, first, last)


_RULES: dict[Outcome, Callable[[Sequence[Measure], Floats, Floats], Booleans]] = {
    Outcome.RECOVERY: _recovery,
    Outcome.RELIABLE_IMPROVEMENT: _reliable_improvement,
    Outcome.RELIABLE_DETERIORATION: _reliable_deterioration,
    Outcome.RELIABLE_RECOVERY: _reliable_recovery,
}
