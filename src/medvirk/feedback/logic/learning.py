"""What a worker can learn from their own figures: shares with their interval, and how near their guesses are.

Nothing here is ever held against anybody else's figures.
"""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

from scipy import stats

from medvirk.stats.reliability.estimates import share_of

#: What staff ask themselves, by who answers. No citizen is ever asked these.
OWN_CHECK, TEAM_CHECK = "fit-own", "fit-team"
#: Fewer say nothing, and would tell of single people.
FEWEST = 5


@dataclass(frozen=True)
class Figure:
    """`count` of `of`, as a share with its 95 % interval; `share` is None where there are too few to show."""

    count: int
    of: int
    share: float | None = None
    low: float | None = None
    high: float | None = None


def figure(count: int, of: int) -> Figure:
    """A share with Wilson's interval; without one below the smallest group."""
    if of < FEWEST:
        return Figure(count, of)
    share = share_of(count, of)
    return Figure(count, of, share.value, share.low, share.high)


@dataclass(frozen=True)
class Spread:
    """How scores lie: quartiles, how many are full marks, and how many scores there are."""

    n: int
    low: float | None = None
    middle: float | None = None
    high: float | None = None
    full: Figure | None = None


def spread(scores: Sequence[float], *, top: float) -> Spread:
    """Between which two scores the middle half of them lies; nothing below the smallest group."""
    if len(scores) < FEWEST:
        return Spread(len(scores))
    low, middle, high = statistics.quantiles(scores, n=4, method="inclusive")
    full = sum(score >= top for score in scores)
    return Spread(len(scores), low, middle, high, figure(full, len(scores)))


@dataclass(frozen=True)
class Guesses:
    """Guesses less what was answered. `mean` with its 95 % interval; `typical`: how far off a guess usually is, either
    way (the mean distance). Positive: the worker thought better of the meeting than it was rated.
    """

    n: int
    mean: float | None = None
    low: float | None = None
    high: float | None = None
    typical: float | None = None

    @property
    def leans(self) -> int:
        """1: too high on the whole; −1: too low; 0: chance alone may make the difference, or there are too few."""
        if self.low is None or self.high is None or self.low <= 0 <= self.high:
            return 0
        return 1 if self.low > 0 else -1


def guesses(pairs: Sequence[tuple[float, float]]) -> Guesses:
    """What (guess, answer) pairs say together, by Student's t; nothing below the smallest group."""
    differences = [guess - real for guess, real in pairs]
    n = len(differences)
    if n < FEWEST:
        return Guesses(n)
    mean, sd = statistics.fmean(differences), statistics.stdev(differences)
    half = float(stats.t.ppf(0.975, n - 1)) * sd / n**0.5
    return Guesses(n, mean, mean - half, mean + half, statistics.fmean(map(abs, differences)))
