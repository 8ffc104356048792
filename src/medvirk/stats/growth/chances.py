"""The chance that reliable change is reached, for many people at once.

Two questions are kept apart. *At* a session: the score there is reliably better than the first observed one
(`reached_at`). *By* a session: at least one of the coming scores up to it is (`reached_by`). The first score is
the observed one; it does not vary. Given a person's own line (level and pace), the coming scores are independent
with variance σ², so

    P(none of the coming scores reaches the limit) = E over the line of Π Φ((limit − line at t) / σ),

a smooth integral in two dimensions, done by the trapezoid rule on the standardised line, which converges faster
than any power of its step for such integrands (Trefethen & Weideman 2014, SIAM Rev 56:385). No random numbers.
"""

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import ndtr

from medvirk.stats.change import Direction, ReliableChange, judged_by
from medvirk.stats.faults import BadScoresError, Floats, float_array

# Grid of the standardised line: 4e-6 of the probability lies outside its reach, and the step keeps four digits
# also where people's lines are five times as uncertain as one measurement.
REACH, STEP = 5.0, 0.25
# Numbers worked on at once; more would not be quicker and takes memory.
BLOCK = 2_000_000


class PersonLines(Protocol):
    """What is known of a line per row; arrays (rows,). `posterior.Posterior` is one."""

    @property
    def level(self) -> Floats: ...
    @property
    def pace(self) -> Floats: ...
    @property
    def var_level(self) -> Floats: ...
    @property
    def var_pace(self) -> Floats: ...
    @property
    def cov(self) -> Floats: ...
    @property
    def sigma2(self) -> float: ...


class Lines(NamedTuple):
    """The plainest `PersonLines`."""

    level: Floats
    pace: Floats
    var_level: Floats
    var_pace: Floats
    cov: Floats
    sigma2: float


def reached_at(
    lines: PersonLines, first: ArrayLike, t: ArrayLike, *, rci: ReliableChange, direction: Direction
) -> Floats:
    """Chance (rows, k) that the score at each of `t` is reliably better than `first` (rows,).

    `t` is (k,) for all rows or (rows, k); a missing time (NaN) gives a missing chance. Raises BadScoresError for
    shapes that do not fit or a missing first score.
    """
    direction, rci = judged_by(direction, rci)
    start, times = _checked(lines, first, t)
    mean = lines.level[:, None] + lines.pace[:, None] * times
    own = lines.var_level[:, None] + times * (2 * lines.cov[:, None] + times * lines.var_pace[:, None])
    gain = direction.sign * (mean - start[:, None])
    return np.asarray(ndtr((gain - rci.value) / np.sqrt(lines.sigma2 + np.maximum(own, 0.0))))


def reached_by(
    lines: PersonLines, first: ArrayLike, t: ArrayLike, *, rci: ReliableChange, direction: Direction
) -> Floats:
    """Chance (rows, k) that at least one score up to each of the ascending `t` is reliably better than `first`.

    Shapes as in `reached_at`; at a missing time (NaN) nothing is measured, so the chance stays what it was. Raises
    BadScoresError for shapes that do not fit, a missing first score or times that do not ascend.
    """
    direction, rci = judged_by(direction, rci)
    start, times = _checked(lines, first, t)
    gaps = np.diff(np.fmax.accumulate(times, axis=1), axis=1)
    if ((gaps <= 0) & ~np.isnan(times[:, 1:])).any():
        raise BadScoresError(["t: the coming times must ascend, each once. Sort them first."])
    limit = start + direction.sign * rci.value
    grid = np.arange(-REACH, REACH + STEP / 2, STEP)
    z0, z1 = (axis.ravel() for axis in np.meshgrid(grid, grid))
    inside = z0**2 + z1**2 <= REACH**2
    nodes = np.stack((z0[inside], z1[inside]))
    weights = np.exp(-(nodes**2).sum(axis=0) / 2)
    weights /= weights.sum()
    found = np.empty(times.shape)
    size = max(1, BLOCK // (weights.size * max(1, times.shape[1])))
    for begin in range(0, start.size, size):
        block = slice(begin, begin + size)
        to_go = _to_go(lines, block, limit[block], times[block], nodes)
        not_reached = ndtr(direction.sign * to_go)
        not_reached[np.isnan(times[block])] = 1.0
        found[block] = 1 - np.cumprod(not_reached, axis=1) @ weights
    return found


def _to_go(lines: PersonLines, block: slice, limit: Floats, times: Floats, nodes: Floats) -> Floats:
    """(limit − line) / σ for some rows at their times, (rows, k, nodes); `nodes` (2, nodes) standardise the line."""
    level, pace, cov = (part[block, None] for part in (lines.level, lines.pace, lines.cov))
    # The Cholesky factor of the line's covariance, also where the level does not vary.
    l00 = np.sqrt(np.maximum(lines.var_level[block, None], 0.0))
    l10 = np.divide(cov, l00, out=np.zeros_like(cov), where=l00 > 0)
    l11 = np.sqrt(np.maximum(lines.var_pace[block, None] - l10**2, 0.0))
    t = np.nan_to_num(times)
    at_mean = limit[:, None] - level - pace * t
    ahead = at_mean[..., None] - (l00 + l10 * t)[..., None] * nodes[0] - (l11 * t)[..., None] * nodes[1]
    return np.asarray(ahead / np.sqrt(lines.sigma2))


def _checked(lines: PersonLines, first: ArrayLike, t: ArrayLike) -> tuple[Floats, Floats]:
    """First scores (rows,) and times (rows, k)."""
    start, times = float_array("first", first), float_array("t", t)
    rows = lines.level.shape
    if start.shape != rows or times.ndim not in {1, 2} or (times.ndim == 2 and times.shape[0] != rows[0]):
        told = f"first {start.shape} and t {times.shape} do not fit {rows[0]} rows: give one first score per row,"
        raise BadScoresError([f"{told} and the times as one list for all or one row of times for each."])
    faults = []
    if not np.isfinite(start).all():
        faults.append("first: a score is missing or infinite. A change is counted from the first score.")
    if np.isinf(times).any():
        faults.append("t: a time is infinite. Leave it out or correct it.")
    if faults:
        raise BadScoresError(faults)
    return start, np.broadcast_to(times, (rows[0], times.shape[-1]))
