"""Made-up municipalities: courses with sessions missed now and then, and drop-out that depends on the last score."""

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from medvirk.stats.federation import Measure, Period, Rare, Release, read, release, select, write

LOW, HIGH = 0.0, 50.0
BETA = np.array([22.0, 4.0])
G = np.array([[45.0, -4.0], [-4.0, 5.0]])
SIGMA = 4.0


class Courses(NamedTuple):
    """One element per score; `time` in sessions from the first measured one."""

    person: NDArray[np.int64]
    time: NDArray[np.float64]
    score: NDArray[np.float64]


def draw(people: int, seed: int, *, sessions: int = 12, missed: float = 0.06, ends: float = 0.1) -> Courses:
    """Scores in half points. Who does well ends sooner (planned), who does badly drops out: missing at random."""
    rng = np.random.default_rng(seed)
    own = BETA + rng.normal(size=(people, 2)) @ np.linalg.cholesky(G).T
    rows = []
    for person in range(people):
        last = 0.0
        for session in range(sessions):
            if session == 0 or rng.random() >= missed:
                score = own[person, 0] + own[person, 1] * np.log1p(session) + rng.normal(scale=SIGMA)
                last = float(np.clip(np.round(2 * score) / 2, LOW, HIGH))
                rows.append((person, session, last))
            if rng.random() < ends * (1 + 1.2 * (last > 34) + 0.8 * (last < 16)):
                break
    person, time, score = zip(*rows, strict=True)
    return Courses(np.array(person), np.array(time, dtype=float), np.array(score))


@pytest.fixture(scope="session")
def municipality() -> Callable[..., Courses]:
    return draw


@pytest.fixture(scope="session")
def measure() -> Measure:
    return Measure("life-now", 1, "total", LOW, HIGH, "higher")


@pytest.fixture(scope="session")
def released(measure: Measure) -> Callable[..., Release]:
    """`released(courses, number=…, period=…)`: a release that has been written and read."""

    def make(
        courses: Courses, *, number: str = "9901", period: str = "2025", rare: str = "trim", **changes
    ) -> Release:
        chosen = select(**courses._asdict(), low=LOW, high=HIGH, rare=Rare(rare))
        made = release(
            chosen,
            measure=changes.pop("measure", measure),
            municipality=f"Kommune {number}",
            number=number,
            period=Period.parse(period),
            made_on=changes.pop("made_on", date(2026, 8, 15)),
            rare=Rare(rare),
        )
        return read(write(made))

    return make
