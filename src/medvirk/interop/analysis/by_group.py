"""Level and pace by group, from the growth model of `stats.growth.grouped`."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np

from medvirk.interop.analysis.times import time_scale, transformed
from medvirk.interop.scores.options import Plan
from medvirk.interop.scores.reading import Scores
from medvirk.stats.faults import FaultsError, Floats
from medvirk.stats.growth import GroupedModel, GroupedNorms, fit_groups
from medvirk.stats.growth.timescale import SESSIONS
from medvirk.tables import Fault, gettext_noop

# Fewer people than this say little of a group, and much of each of them.
FEWEST = 10
Z = NormalDist().inv_cdf(0.975)

ONE_GROUP = gettext_noop(
    "Groups cannot be compared: fewer than two have %(fewest)s people or more with a score."
)


@dataclass(frozen=True)
class Coefficient:
    """An estimate with its standard error and 95 % interval, the variances taken as known."""

    value: float
    se: float
    interval: tuple[float, float]

    @classmethod
    def of(cls, value: float, variance: float) -> Coefficient:
        """By the normal distribution."""
        se = float(np.sqrt(variance))
        return cls(float(value), se, (float(value - Z * se), float(value + Z * se)))


@dataclass(frozen=True)
class GroupRow:
    """level: points at the start; pace: points per unit of transformed time. more_*: than the reference group,
    None for that group itself."""

    value: str
    persons: int
    scores: int
    level: Coefficient
    pace: Coefficient
    more_level: Coefficient | None
    more_pace: Coefficient | None


@dataclass(frozen=True)
class ByGroup:
    """rows: the reference, which is the largest group, first; empty with `reason`.

    too_few: groups that are left out, with how many people they have. unstated: people with a score and without
    a group. note: what the model says of itself, such as that it lies on the edge.
    """

    column: str
    rows: tuple[GroupRow, ...]
    too_few: tuple[tuple[str, int], ...]
    unstated: int
    note: str = ""
    reason: Fault | str | None = None


def by_groups(scores: Scores, plan: Plan) -> tuple[ByGroup, ...]:
    """Each column by itself, not adjusted for the others."""
    return tuple(
        _by_group(scores, plan, column, values)
        for column, values in zip(plan.groups, scores.groups, strict=True)
    )


def _by_group(scores: Scores, plan: Plan, column: str, values: tuple[str, ...]) -> ByGroup:
    scored = np.unique(scores.person[~np.isnan(scores.score)]).tolist()
    people = Counter(values[person] for person in scored)
    unstated = people.pop("", 0)
    too_few = tuple(sorted((value, n) for value, n in people.items() if n < FEWEST))
    large = [value for value, n in people.items() if n >= FEWEST]
    if len(large) < 2:
        reason = Fault(None, column, None, ONE_GROUP, {"fewest": FEWEST})
        return ByGroup(column, (), too_few, unstated, reason=reason)
    reference = min(large, key=lambda value: (-people[value], value))
    group = np.array(values)[scores.person]
    chosen = ~np.isnan(scores.score) & np.isin(group, large)
    try:
        norms = GroupedNorms.from_scores(
            person=scores.person[chosen],
            t=transformed(scores, plan.transform)[chosen],
            score=scores.score[chosen],
            groups={column: group[chosen]},
            time_scale=time_scale(scores, plan.transform) or SESSIONS,
        )
        model = fit_groups(norms, reference={column: reference})
    except FaultsError as error:
        return ByGroup(column, (), too_few, unstated, reason=" ".join(error.faults))
    if not model.converged:
        return ByGroup(column, (), too_few, unstated, reason=model.message)
    rows = tuple(_row(model, norms, column, value) for value in model.levels[column])
    return ByGroup(column, rows, too_few, unstated, note=model.message)


def _row(model: GroupedModel, norms: GroupedNorms, column: str, value: str) -> GroupRow:
    sums = norms.groups[value,]
    effects = np.array(
        [[term.on == on and term.holds({column: value}) for term in model.terms] for on in ("level", "pace")],
        dtype=np.float64,
    )
    added = effects * [bool(term.factor) for term in model.terms]
    level, pace = (_coefficient(model, row) for row in effects)
    more = [_coefficient(model, row) if row.any() else None for row in added]
    return GroupRow(value, sums.persons, sums.scores, level, pace, *more)


def _coefficient(model: GroupedModel, of: Floats) -> Coefficient:
    """A sum of fixed effects; of: (p,) how often each is in it."""
    return Coefficient.of(float(of @ model.beta), float(of @ model.beta_cov @ of))
