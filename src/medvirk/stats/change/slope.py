"""A person's own course as a statistic of change: the empirical-Bayes (HLM) method.

Source: Bryk & Raudenbush 1992, *Hierarchical Linear Models*; as a method of reliable change Speer & Greenbaum 1995,
J Consult Clin Psychol 63:1044.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from medvirk.stats.faults import CannotEstimateError, Floats

if TYPE_CHECKING:
    from medvirk.stats.growth import GrowthModel

# A line through two scores leaves nothing to see the error by.
FEWEST_SCORES = 3


@dataclass(frozen=True, eq=False)
class Slopes:
    """One element per person, in the order of first appearance: the `person`'s key and number of scores `n`.

    `pace` is the person's *total* pace γ1 + u1i (points per unit of t), `sd` its posterior SD; `statistic` =
    pace / sd, NaN for someone with fewer than three scores.
    """

    person: NDArray[Any]
    n: NDArray[np.int64]
    pace: Floats
    sd: Floats
    statistic: Floats


def empirical_bayes_slope(*, person: ArrayLike, t: ArrayLike, score: ArrayLike, model: GrowthModel) -> Slopes:
    """Everyone's pace given all their scores, over its posterior SD; beyond ±1.96 it is reliable at 95 %.

    Three lists of equal length, one element per score; `t` transformed as in the model. The pace is the total one:
    someone who improves at the average rate improves. With the deviation from the average alone, as a common
    program has it, such a person would be called unchanged.

    Raises UnusableModelError for a model that may not forecast, CannotEstimateError for one in which people do not
    differ in pace, BadScoresError as `growth.Norms.from_scores`.
    """
    # Growth asks change which way is better, so change asks growth only when called.
    from medvirk.stats.growth.grouping import courses
    from medvirk.stats.growth.posterior import posterior

    courses(person, t, score)  # its faults name the people as the caller does
    keys, codes = coded(np.asarray(person))
    rows = courses(codes, t, score)
    known = posterior(model, rows).rows(np.append(rows.start[1:], rows.t.size) - 1)
    if not (known.var_pace > 0).all():
        raise CannotEstimateError(
            [
                "In this model people do not differ in pace, so no one's own pace can be told. Use another method."
            ]
        )
    n = np.diff(rows.start, append=rows.t.size)
    sd = np.sqrt(known.var_pace)
    statistic = np.where(n >= FEWEST_SCORES, known.pace / sd, np.nan)
    return Slopes(person=keys, n=n, pace=known.pace, sd=sd, statistic=statistic)


def coded(person: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """The different keys in the order of first appearance, and for each row the position of its key."""
    known: dict[Any, int] = {}
    codes = np.fromiter((known.setdefault(key, len(known)) for key in person.tolist()), np.int64)
    first = np.unique(codes, return_index=True)[1]
    return person[first], codes
