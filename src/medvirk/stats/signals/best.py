"""The best that any rule could do, where the process that makes the courses is known."""

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from medvirk.stats.faults import BadScoresError, Floats
from medvirk.stats.signals.alarms import Worry
from medvirk.stats.signals.cohort import Cohort, Outcome
from medvirk.stats.signals.processes import PROCESSES

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

SEED = 20_001
# Such shares are often equal, most of all at 0 and 1; among equals the one who has lost more comes first.
TIE_BREAK = 1e-6


@dataclass(frozen=True)
class BestPossible:
    """The chance that a course ends so, given its scores so far, by one who knows the process of that name.

    It is the share, among the `neighbours` of `simulated` courses with the most similar scores so far, that
    ended so: an estimate, so a good rule can lie a hundredth above it. By the Neyman–Pearson lemma no rule
    finds more at the same burden than one that flags where this chance is highest; the errors left with it
    are luck. Only up to measurement `by`, because neighbours get scarce the more scores must be alike.
    """

    process: str
    outcome: Outcome = Outcome.DETERIORATED
    by: int = 3
    simulated: int = 400_000
    neighbours: int = 600
    threshold: float | None = None

    @property
    def name(self) -> str:
        return f"best_possible_{self.outcome.value}"

    def learn(self, cohort: Cohort) -> Worry:  # noqa: ARG002 - it knows the process, and learns from nobody
        if self.process not in PROCESSES:
            raise BadScoresError(
                [f'There is no process "{self.process}". Choose one of {", ".join(PROCESSES)}.']
            )
        return self._worry

    def _worry(self, others: Cohort) -> Floats:
        worry = np.full(others.rows.t.size, -np.inf)
        for scores in range(2, self.by + 1):
            here = np.flatnonzero((others.number == scores) & others.later)
            if here.size:
                tree, ended = _known(self.process, self.simulated, scores, self.outcome)
                nearest = tree.query(_so_far(others, here, scores), k=self.neighbours)[1]
                worry[here] = ended[nearest].mean(axis=1) + TIE_BREAK * others.loss[here]
        return worry


def _so_far(cohort: Cohort, rows: NDArray[np.int64], scores: int) -> Floats:
    """The scores up to each of these rows, which are all number `scores` of their course (rows, scores)."""
    return np.asarray(cohort.rows.score[rows[:, None] + np.arange(1 - scores, 1)])


@lru_cache(maxsize=4)
def _reference(process: str, simulated: int) -> Cohort:
    return PROCESSES[process].draw(simulated, SEED)


@lru_cache(maxsize=8)
def _known(process: str, simulated: int, scores: int, outcome: Outcome) -> "tuple[cKDTree, Floats]":
    """The courses that go on after that many scores, by those scores, and which of them ended so (1) or not (0)."""
    from scipy.spatial import cKDTree  # only here: the web never asks for it

    cohort = _reference(process, simulated)
    rows = np.flatnonzero((cohort.number == scores) & cohort.later)
    return cKDTree(_so_far(cohort, rows, scores)), cohort.ended(outcome)[cohort.who[rows]].astype(np.float64)
