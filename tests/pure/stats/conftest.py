"""Data that several tests of the science room need."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray


class Rows(NamedTuple):
    """Scores in long form, one element each."""

    person: NDArray[np.int64]
    t: NDArray[np.float64]
    score: NDArray[np.float64]

    def of(self, chosen: NDArray[np.bool_]) -> "Rows":
        return Rows(self.person[chosen], self.t[chosen], self.score[chosen])


TRUE_BETA = np.array([18.0, 3.0])
TRUE_G = np.array([[40.0, -5.0], [-5.0, 6.0]])
TRUE_SIGMA2 = 16.0


@pytest.fixture
def simulate() -> Callable[..., Rows]:
    """Courses drawn from the model itself: `simulate(people, sessions, seed)`."""

    def draw(people: int, sessions: int = 6, seed: int = 1) -> Rows:
        rng = np.random.default_rng(seed)
        own = TRUE_BETA + rng.normal(size=(people, 2)) @ np.linalg.cholesky(TRUE_G).T
        person = np.repeat(np.arange(people), sessions)
        t = np.log1p(np.tile(np.arange(sessions, dtype=float), people))
        score = own[person, 0] + own[person, 1] * t + rng.normal(scale=TRUE_SIGMA2**0.5, size=t.size)
        return Rows(person, t, score)

    return draw


@pytest.fixture
def irregular() -> Rows:
    """Forty people measured one to five times, nearly all at times of their own."""
    rng = np.random.default_rng(7)
    lengths = rng.integers(1, 6, size=40)
    person = np.repeat(np.arange(40), lengths)
    t = np.concatenate([[0.0, *np.sort(rng.uniform(0.1, 3, size=m - 1))] for m in lengths])
    own = TRUE_BETA + rng.normal(size=(40, 2)) @ np.linalg.cholesky(TRUE_G).T
    score = own[person, 0] + own[person, 1] * t + rng.normal(scale=3, size=t.size)
    return Rows(person, t, score)
