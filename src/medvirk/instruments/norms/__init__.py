"""What is assumed about the course of a measure before there are local data: `<key>@<version>.toml` here.

For our own instruments only. Each is marked as a guess and weighs as much as a few courses, so that real ones
soon outweigh it. Licensed instruments have none: their owners claim the trajectories, and we would only be
guessing.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from medvirk.instruments.definitions import Confidence
from medvirk.instruments.faults import Notebook
from medvirk.instruments.loader import get, read_toml
from medvirk.instruments.reading import Table

if TYPE_CHECKING:
    from medvirk.stats.growth import Norms

FOLDER = Path(__file__).resolve().parent


@dataclass(frozen=True, slots=True)
class Prior:
    """A growth model taken for granted, over t = log1p(session); sessions count 0, 1, 2, ...

    `beta` is the mean first score and its mean change per unit of t (points); `G` the covariance of people's
    own first score and change; `sigma2` the variance from one measure to the next (points²); `courses` the
    weight.
    """

    scale: str
    beta: tuple[float, float]
    G: tuple[tuple[float, float], tuple[float, float]]
    sigma2: float
    sessions: int
    courses: int
    confidence: Confidence
    reasoning: str

    @property
    def t(self) -> tuple[float, ...]:
        return tuple(float(time) for time in np.log1p(np.arange(self.sessions + 1)))


def load_prior(path: Path) -> Prior:
    """One file. Raises InstrumentFaults with everything that is wrong in it."""
    notebook = Notebook(path.name)
    table = Table(read_toml(path), "", notebook)
    beta, spread = table.numbers("beta", required=True), table.pairs("G")
    if len(beta) != 2:
        table.note(f"`beta` must hold two numbers, the first score and the change, not {len(beta)}.")
    if len(spread) != 2 or spread[0][1] != spread[1][0]:
        table.note("`G` must be a symmetric table of 2 × 2 numbers.")
    elif spread[0][0] <= 0 or spread[0][0] * spread[1][1] < spread[0][1] ** 2:
        table.note("`G` cannot be a covariance table: its variances are too small for its covariance.")
    sigma2 = table.number("sigma2", required=True)
    if sigma2 is not None and sigma2 <= 0:
        table.note(f"`sigma2` must be above 0, not {sigma2:g}.")
    scale, reasoning = table.text("scale"), table.text("reasoning")
    # Fewer than three measures or courses do not tell people's spread from that of one measure.
    sessions, courses = table.whole("sessions", least=2), table.whole("courses", least=3)
    confidence = table.choice("confidence", Confidence)
    table.finish()
    notebook.raise_if_any()
    assert sigma2 is not None and confidence is not None  # noqa: PT018 - noted above
    return Prior(
        scale, (beta[0], beta[1]), (spread[0], spread[1]), sigma2, sessions, courses, confidence, reasoning
    )


@cache
def prior(key: str, version: int | None = None) -> Prior | None:
    """What is assumed for an instrument, the newest version unless one is named; None where nothing is.

    Raises UnknownInstrument.
    """
    path = FOLDER / f"{get(key, version).id}.toml"
    return load_prior(path) if path.exists() else None


def prior_norms(key: str, version: int | None = None) -> Norms | None:
    """The same as sums, to be added to those of real courses; None where nothing is assumed.

    They belong to the main scale and to t = log1p(session). Raises UnknownInstrument.
    """
    from medvirk.stats.growth import Norms

    found = prior(key, version)
    if found is None:
        return None
    return Norms.from_model(beta=found.beta, G=found.G, sigma2=found.sigma2, t=found.t, persons=found.courses)
