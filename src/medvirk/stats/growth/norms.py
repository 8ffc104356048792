"""Norms: what many courses say together, as seven sums per pattern of measured times. Sums add.

For the N courses of a pattern, with Z = [1 t] (m × 2) and scores y: N, ΣZ'y (2), ΣZ'yy'Z (3 different
entries) and Σy'y. The likelihood of the growth model needs nothing else, so pooling norms is exact, and its
cost does not grow with the number of people. The sums are raw (not centred), because only raw sums add. With
64-bit floats they keep about 16 digits; for scores within some hundreds, as on every scale in use, that
leaves more than 9 for the differences between people even with a million courses. Scores or times of which
only the last digits differ (calendar years, say) must be moved near 0 first.

Nothing in the sums can tell whether two `t` are on the same scale (weeks and sessions, log and not), so norms
carry their `time_scale`, and adding refuses another one. The sums of a pattern with few courses say much about
each person: they are personal data.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from medvirk.stats.faults import (
    BadScoresError,
    FaultsError,
    Floats,
    float_array,
    infinite_fault,
    positive_fault,
    whole_fault,
)
from medvirk.stats.growth.grouping import Courses, Ints, chunks, expand, group_by_times
from medvirk.stats.growth.timescale import SESSIONS, TimeScale, TimeScaleError

FORMAT = "medvirk-norms-1"
# How far sums may break an inequality that holds exactly, relative to their size, before they are called
# wrong.
ROUNDING = 1e-9
# Times nearer than this make variances beyond what 64-bit numbers hold.
CLOSEST_TIMES = 1e-12


class BadNormsError(FaultsError):
    """A stored table of norms that does not hold together."""


@dataclass(frozen=True)
class Pattern:
    """The sums of the `persons` courses measured at exactly these `times` (ascending, transformed).

    `sum_zy` = (Σ s, Σ u) and `sum_zyyz` = (Σ s², Σ su, Σ u²), where for each course s is the sum of its
    scores and u the sum of time × score; `sum_yy` is the sum of all squared scores.
    """

    times: tuple[float, ...]
    persons: int
    sum_zy: tuple[float, float]
    sum_zyyz: tuple[float, float, float]
    sum_yy: float


@dataclass(frozen=True, eq=False)
class Norms:
    """Pooled courses. Make them by `from_scores`, `from_model`, `from_dict` or by adding.

    Arrays with one element (or row) per pattern: `length` (P,) number of times, `count` (P,) courses,
    `sum_zy` (P, 2), `sum_zyyz` (P, 3), `sum_yy` (P,); `times` holds the times of all patterns one after the
    other. No pattern occurs twice. `time_scale`: what the times are counted in and how they were transformed.
    """

    times: Floats = field(repr=False)
    length: Ints = field(repr=False)
    count: Ints = field(repr=False)
    sum_zy: Floats = field(repr=False)
    sum_zyyz: Floats = field(repr=False)
    sum_yy: Floats = field(repr=False)
    time_scale: TimeScale = SESSIONS

    @classmethod
    def from_scores(
        cls, *, person: ArrayLike, t: ArrayLike, score: ArrayLike, time_scale: TimeScale = SESSIONS
    ) -> Self:
        """Sum up scores: three lists of equal length, one element per score, in any order.

        `person` is any key (numbers or text); `t` is the transformed time; `score` in points of the scale.
        People with one score count too. Raises BadScoresError with all faults at once (see
        `grouping.courses`). Beside the rows it needs memory of at most about their size again.
        """
        first, *others = [cls._summed(rows, time_scale) for rows in chunks(person, t, score)]
        return cls._joined(first, others)

    @classmethod
    def _summed(cls, rows: Courses, time_scale: TimeScale) -> Self:
        """The sums of some courses."""
        length = np.diff(rows.start, append=rows.t.size)
        s = np.add.reduceat(rows.score, rows.start)
        u = np.add.reduceat(rows.t * rows.score, rows.start)
        squares = np.add.reduceat(rows.score * rows.score, rows.start)
        return cls(
            times=rows.t,
            length=length,
            count=np.ones_like(length),
            sum_zy=np.column_stack((s, u)),
            sum_zyyz=np.column_stack((s * s, s * u, u * u)),
            sum_yy=squares,
            time_scale=time_scale,
        ).merged()

    @classmethod
    def _joined(cls, first: Self, others: Sequence["Norms"]) -> Self:
        """Pooled; the others count time as the first does."""
        if not others:
            return first
        names = [column.name for column in fields(cls) if column.name != "time_scale"]
        joined: dict[str, Any] = {
            name: np.concatenate([getattr(each, name) for each in (first, *others)]) for name in names
        }
        return replace(first, **joined).merged()

    @classmethod
    def from_model(
        cls,
        *,
        beta: ArrayLike,
        G: ArrayLike,
        sigma2: float,
        t: ArrayLike,
        persons: int,
        time_scale: TimeScale = SESSIONS,
    ) -> Self:
        """A prior: the sums of `persons` courses at all of `t` that agree exactly with the given parameters.

        `beta` (2,), `G` (2, 2) and `sigma2` as in `GrowthModel`; `persons` is the weight the prior gets
        beside real courses. They are the expected sums given that the mean course is `beta` (N − 1 shares of
        spread for N people, as in a sample variance), so that `fit` gives back the parameters themselves. At
        least 3 times and 3 persons.

        Raises BadScoresError with all faults at once.
        """
        b, cov, times = float_array("beta", beta), float_array("G", G), float_array("t", t).ravel()
        if faults := _model_faults(b, cov, sigma2, times, persons):
            raise BadScoresError(faults)
        times = np.sort(times) + 0.0
        Z = np.column_stack((np.ones_like(times), times))
        A = Z.T @ Z
        mean = A @ b
        spread = A @ cov @ A + sigma2 * A
        outer = (persons - 1) * spread + persons * np.outer(mean, mean)
        residual = persons * (times.size - 2) * sigma2
        sum_yy = residual + float(np.trace(np.linalg.solve(A, outer)))
        return cls(
            times=times,
            length=np.array([times.size]),
            count=np.array([persons], dtype=np.int64),
            sum_zy=persons * mean[None, :],
            sum_zyyz=np.array([[outer[0, 0], outer[0, 1], outer[1, 1]]]),
            sum_yy=np.array([sum_yy]),
            time_scale=time_scale,
        )

    def merged(self) -> Self:
        """The same with patterns of equal times added up; what `Norms` makes itself already is."""
        first, pattern = group_by_times(self.times, self.length)
        if first.size == self.length.size:
            return self
        start = np.cumsum(self.length) - self.length

        def add(values: Floats | Ints) -> Floats:
            return np.bincount(pattern, weights=values, minlength=first.size).astype(np.float64, copy=False)

        return replace(
            self,
            times=self.times[expand(start[first], self.length[first])],
            length=self.length[first],
            # Counts are whole and far below 2⁵³, so the way over floats is exact.
            count=add(self.count).astype(np.int64),
            sum_zy=np.column_stack([add(column) for column in self.sum_zy.T]),
            sum_zyyz=np.column_stack([add(column) for column in self.sum_zyyz.T]),
            sum_yy=add(self.sum_yy),
        )

    def __add__(self, other: object) -> Self:
        """Pool: the same as if the courses of both had been summed up together.

        Raises TimeScaleError when their times are not counted in the same way.
        """
        if not isinstance(other, Norms):
            return NotImplemented
        self.time_scale.require_same(other.time_scale)
        return self._joined(self, [other])

    def __radd__(self, other: object) -> Self:
        """0 + norms, so that `sum(list_of_norms)` works."""
        return self if isinstance(other, int) and other == 0 else NotImplemented

    @property
    def persons(self) -> int:
        """Number of courses."""
        return int(self.count.sum())

    @property
    def scores(self) -> int:
        """Number of scores."""
        return int(self.count @ self.length)

    @cached_property
    def patterns(self) -> tuple[Pattern, ...]:
        """The sums pattern by pattern, the shortest and earliest first."""
        runs = np.split(self.times, np.cumsum(self.length)[:-1])
        rows = zip(
            runs,
            self.count.tolist(),
            self.sum_zy.tolist(),
            self.sum_zyyz.tolist(),
            self.sum_yy.tolist(),
            strict=True,
        )
        found = (Pattern(tuple(run.tolist()), n, tuple(zy), tuple(zz), yy) for run, n, zy, zz, yy in rows)
        return tuple(sorted(found, key=lambda pattern: (len(pattern.times), pattern.times)))

    def to_dict(self) -> dict[str, Any]:
        """For JSON: the format, the time scale and a list of patterns, each with the fields of `Pattern`."""
        return {
            "format": FORMAT,
            "time": self.time_scale.to_dict(),
            "patterns": [
                {
                    "times": list(pattern.times),
                    "persons": pattern.persons,
                    "sum_zy": list(pattern.sum_zy),
                    "sum_zyyz": list(pattern.sum_zyyz),
                    "sum_yy": pattern.sum_yy,
                }
                for pattern in self.patterns
            ],
        }

    @classmethod
    def from_dict(cls, data: object) -> Self:
        """Read what `to_dict` wrote, checking that the sums can come from real courses.

        Norms stored before the time scale was are on log1p(sessions). Raises BadNormsError with all faults at
        once, each naming the pattern by its number from 1.
        """
        if not isinstance(data, dict) or data.get("format") != FORMAT:
            raise BadNormsError([f'This is not a table of norms: "format" must be "{FORMAT}".'])
        rows = data.get("patterns")
        if not isinstance(rows, list) or not rows:
            raise BadNormsError(['"patterns" must be a list of at least one pattern.'])
        faults = [
            f"Pattern {number}: {fault}"
            for number, row in enumerate(rows, start=1)
            for fault in _pattern_faults(row)
        ]
        try:
            time_scale = TimeScale.from_dict(data.get("time"))
        except TimeScaleError as error:
            faults += error.faults
        if faults:
            raise BadNormsError(faults)
        return cls(
            times=np.concatenate([np.asarray(row["times"], dtype=np.float64) + 0.0 for row in rows]),
            length=np.array([len(row["times"]) for row in rows]),
            count=np.array([row["persons"] for row in rows], dtype=np.int64),
            sum_zy=np.array([row["sum_zy"] for row in rows], dtype=np.float64),
            sum_zyyz=np.array([row["sum_zyyz"] for row in rows], dtype=np.float64),
            sum_yy=np.array([row["sum_yy"] for row in rows], dtype=np.float64),
            time_scale=time_scale,
        ).merged()


def _model_faults(beta: Floats, G: Floats, sigma2: float, t: Floats, persons: int) -> list[str]:
    faults = parameter_faults(beta, G, sigma2)
    faults += infinite_fault("t", t)
    if np.isnan(t).any() or np.unique(t).size != t.size or t.size < 3:
        faults.append(f"t holds {t.size} time(s): give at least 3, all different and none missing.")
    elif np.ptp(t) <= max(CLOSEST_TIMES, ROUNDING * float(np.abs(t).max())):
        faults.append("t: the times lie so close together that no pace can be told. Count from near 0.")
    return faults + whole_fault("persons", persons, least=3)


def parameter_faults(beta: Floats, G: Floats, sigma2: float) -> list[str]:
    """What is wrong with the parameters of a growth model, one sentence each."""
    faults = positive_fault("sigma2", sigma2)
    if beta.shape != (2,) or not np.isfinite(beta).all():
        faults.append("beta must be two numbers: the mean level at t = 0 and the mean change per unit of t.")
    if G.shape != (2, 2) or not np.isfinite(G).all() or not np.allclose(G, G.T):
        faults.append(
            "G must be a symmetric 2 × 2 table of numbers: variances and covariance of level and pace."
        )
    elif np.linalg.eigvalsh(G)[0] < -ROUNDING * max(1.0, float(np.abs(G).max())):
        faults.append("G cannot be a covariance matrix: it gives some combination a negative variance.")
    return faults


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and bool(np.isfinite(value))


def _pattern_faults(row: object) -> list[str]:
    """What is wrong with one stored pattern: its form, else whether its sums can come from real scores."""
    if not isinstance(row, dict):
        return ["it must be an object with times, persons, sum_zy, sum_zyyz and sum_yy."]
    faults = []
    for key, size in (("times", None), ("sum_zy", 2), ("sum_zyyz", 3)):
        values = row.get(key)
        if not isinstance(values, list) or not values or not all(map(_is_number, values)):
            faults.append(f'"{key}" must be a list of finite numbers.')
        elif size is not None and len(values) != size:
            faults.append(f'"{key}" must have {size} numbers, it has {len(values)}.')
        elif key == "times" and any(later <= earlier for earlier, later in pairwise(values)):
            faults.append('"times" must ascend, each time once.')
    persons = row.get("persons")
    if not isinstance(persons, int) or isinstance(persons, bool) or not 1 <= persons < 2**53:
        faults.append('"persons" must be a whole number from 1.')
    if not _is_number(row.get("sum_yy")):
        faults.append('"sum_yy" must be a finite number.')
    return faults or _impossible_sums(row)


def _impossible_sums(row: dict[str, Any]) -> list[str]:
    """Inequalities that the sums of real scores always keep (Cauchy–Schwarz, between and within courses)."""
    times = np.asarray(row["times"], dtype=np.float64)
    s, u = row["sum_zy"]
    ss, su, uu = row["sum_zyyz"]
    size = max(1.0, float(np.abs(times).max()))
    # Time in units of its size, so that one tolerance fits all entries.
    outer = np.array([[ss, su / size], [su / size, uu / size**2]])
    mean = np.array([s, u / size])
    slack = ROUNDING * max(float(np.abs(outer).max()), row["sum_yy"] * times.size, 1e-300)
    faults = []
    if np.linalg.eigvalsh(outer - np.outer(mean, mean) / row["persons"])[0] < -slack:
        faults.append('"sum_zyyz" is too small for "sum_zy" and "persons": no scores have such sums.')
    Z = np.column_stack((np.ones_like(times), times / size))
    projected = float(np.trace(np.linalg.pinv(Z.T @ Z) @ outer))
    if row["sum_yy"] < projected - slack:
        faults.append('"sum_yy" is too small for "sum_zyyz": no scores have such sums.')
    return faults
