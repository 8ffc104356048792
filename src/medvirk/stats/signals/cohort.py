"""Courses as the accuracy of a signal is judged on them: what was known when, and how each course ended."""

from dataclasses import dataclass, replace
from enum import StrEnum
from functools import cached_property
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from medvirk.stats.change import Direction, ReliableChange, judged_by
from medvirk.stats.faults import BadScoresError, Floats, float_array, keys_array, member, off_scale_fault
from medvirk.stats.growth.grouping import Courses, Ints, courses, expand
from medvirk.stats.growth.posterior import number

Bools = NDArray[np.bool_]
# Beyond these a difference between scores is the noise of adding up decimals.
DECIMALS = 9


class Outcome(StrEnum):
    """How a course ended, by its last score against its first."""

    DETERIORATED = "deteriorated"  # reliably worse
    NOT_IMPROVED = "not_improved"  # not reliably better; those who deteriorated are among them


@dataclass(frozen=True, eq=False)
class Cohort:
    """Everybody's scores, sorted by person and session, with what counts as reliable.

    `rows`: times t = log1p(session − own first session), scores in points, and each person's first row. A
    signal at a row may use that row and the ones before it, never later ones.
    """

    rows: Courses
    direction: Direction
    rci: ReliableChange
    low: float = -np.inf
    high: float = np.inf

    @classmethod
    def from_scores(
        cls,
        *,
        person: ArrayLike,
        session: ArrayLike,
        score: ArrayLike,
        direction: Direction,
        rci: ReliableChange,
        low: float | None = None,
        high: float | None = None,
    ) -> Self:
        """Three lists with one element per score, in any order. `session` is its number, or its time in one unit.

        `low` and `high` are the ends of the scale. Raises BadScoresError with all faults at once (see
        `grouping.courses`), also for scores off the scale.
        """
        direction, rci = judged_by(direction, rci)
        scale = (float(-np.inf if low is None else low), float(np.inf if high is None else high))
        if not scale[0] < scale[1]:
            raise BadScoresError(
                [f"The scale runs from {scale[0]:g} to {scale[1]:g}: its upper end must be above the lower."]
            )
        rows = courses(_codes(person), session, score)
        if faults := off_scale_fault("score", float_array("score", score), *scale):
            raise BadScoresError(faults)
        length = np.diff(rows.start, append=rows.t.size)
        since = rows.t - np.repeat(rows.t[rows.start], length)
        return cls(Courses(np.log1p(since), rows.score, rows.start), direction, rci, *scale)

    @cached_property
    def length(self) -> Ints:
        """Scores of each person (persons,)."""
        return np.diff(self.rows.start, append=self.rows.t.size)

    @cached_property
    def who(self) -> Ints:
        """The person of each row, from 0 (rows,)."""
        return np.repeat(np.arange(self.length.size), self.length)

    @cached_property
    def number(self) -> Ints:
        """The number of the measurement within the course, from 1 (rows,)."""
        return number(self.rows.start, self.rows.t.size) + 1

    @cached_property
    def later(self) -> Bools:
        """Whether a later score exists (rows,): only then can a signal be heeded, and be judged."""
        return np.asarray(self.number < self.length[self.who])

    @cached_property
    def first(self) -> Floats:
        """Each person's first score (persons,)."""
        return np.asarray(self.rows.score[self.rows.start])

    @cached_property
    def last_row(self) -> Ints:
        """Each person's last row (persons,)."""
        return np.asarray(self.rows.start + self.length - 1)

    @cached_property
    def loss(self) -> Floats:
        """How much worse each score is than the person's first, in points (rows,); equal losses are exactly equal."""
        return np.round(self.direction.sign * (self.first[self.who] - self.rows.score), DECIMALS)

    def ended(self, outcome: Outcome) -> Bools:
        """Whether each course ended so (persons,). Raises BadScoresError for an unknown outcome."""
        outcome = member(Outcome, "outcome", outcome)
        loss = self.loss[self.last_row]
        if outcome is Outcome.DETERIORATED:
            return self.rci.reached_by(loss)
        return np.asarray(~self.rci.reached_by(-loss))

    def of(self, people: Bools) -> "Cohort":
        """The courses of some people only; `people` (persons,) is a mask."""
        length = self.length[people]
        kept = expand(self.rows.start[people], length)
        start = np.cumsum(length) - length
        return replace(self, rows=Courses(self.rows.t[kept], self.rows.score[kept], start))


def _codes(person: ArrayLike) -> NDArray[Any]:
    """Numbers in the order of the keys themselves, so that folds do not depend on the order of the rows."""
    people = keys_array("person", person)
    if people.ndim != 1 or people.dtype.kind not in "OUS":
        return people
    names = [None if name is None or name == "" else str(name) for name in people.tolist()]
    order = {name: code for code, name in enumerate(sorted({name for name in names if name is not None}))}
    return float_array("person", [np.nan if name is None else order[name] for name in names])
