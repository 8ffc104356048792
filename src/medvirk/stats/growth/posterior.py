"""What the growth model knows of each person after each of their scores, for many people at once.

`GrowthModel.predict` answers for one person; `posterior` answers for every row of sorted courses without a loop:
entry i is what is known from that person's scores up to and including row i. Both are the same formula.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from medvirk.stats.faults import BadScoresError, Floats, float_array
from medvirk.stats.growth.grouping import Courses, Ints
from medvirk.stats.growth.model import GrowthModel, UnusableModelError
from medvirk.stats.growth.uncertainty import Seen, own_line


@dataclass(frozen=True, eq=False)
class Posterior:
    """A person's own line after each row; all arrays are (rows,).

    `level` (points at t = 0) and `pace` (points per unit of t) are the means, `var_level`, `var_pace` and `cov`
    their posterior variances and covariance, `sigma2` the variance of one measurement around the line.
    """

    level: Floats
    pace: Floats
    var_level: Floats
    var_pace: Floats
    cov: Floats
    sigma2: float

    def at(self, t: ArrayLike) -> tuple[Floats, Floats]:
        """Mean and SD of a *new observed score* at `t` (one time, or one per row): σ² is included."""
        times = float_array("t", t)
        own = self.var_level + times * (2 * self.cov + times * self.var_pace)
        return self.level + self.pace * times, np.sqrt(self.sigma2 + np.maximum(own, 0.0))

    def rows(self, chosen: ArrayLike) -> "Posterior":
        """The same for some rows only: positions or a mask."""
        pick = np.asarray(chosen)
        return Posterior(
            level=self.level[pick],
            pace=self.pace[pick],
            var_level=self.var_level[pick],
            var_pace=self.var_pace[pick],
            cov=self.cov[pick],
            sigma2=self.sigma2,
        )


def number(start: Ints, rows: int) -> Ints:
    """The number of each row within its person, from 0; `start` (persons,) is each person's first row."""
    length = np.diff(start, append=rows)
    return np.arange(rows) - np.repeat(start, length)


def posterior(model: GrowthModel, courses: Courses) -> Posterior:
    """The posterior after every row of `courses` (from `grouping.courses`: sorted, without missing scores).

    Formula: `uncertainty.own_line`. Raises UnusableModelError for a model that may not forecast, BadScoresError where
    there are no rows.
    """
    if not model.usable:
        raise UnusableModelError([model.message])
    if not courses.t.size:
        raise BadScoresError(["There are no scores. Give at least one."])
    own = own_line(model.variances, Seen.so_far(model.beta, courses))
    return Posterior(
        level=model.beta[0] + own.level,
        pace=model.beta[1] + own.pace,
        var_level=own.var_level,
        var_pace=own.var_pace,
        cov=own.cov,
        sigma2=model.sigma2,
    )
