"""How much the method of reliable change matters: the same people by every method of `stats.change`."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from medvirk.interop.analysis.times import transformed
from medvirk.interop.scores.few import FEWEST
from medvirk.interop.scores.options import Measure, Transform
from medvirk.interop.scores.reading import Scores
from medvirk.stats.change import Comparison, ReliableChange, compare, empirical_bayes_slope
from medvirk.stats.faults import FaultsError, Floats
from medvirk.stats.growth import GrowthModel
from medvirk.tables import Fault, gettext_noop

# For intervals on whole percents; more resamples cost seconds.
RESAMPLES = 200
SEED = 1

NO_RELIABILITY = gettext_noop(
    "The methods of reliable change cannot be compared: nothing says how reliable the score is. Give --sd X and "
    "--reliability R."
)
TOO_FEW = gettext_noop("Fewer than %(fewest)s people have two scores, so no percentage is made of them.")


@dataclass(frozen=True)
class ByMethod:
    """comparison: None with `reason`. reliability: what all methods use; own: it is the alpha of this file."""

    comparison: Comparison | None
    reliability: float | None
    own: bool
    reason: Fault | str | None = None


def by_method(
    first: Floats,
    last: Floats,
    measure: Measure,
    *,
    rci: ReliableChange | None,
    alpha: float | None,
    scores: Scores,
    growth: GrowthModel | None,
    transform: Transform,
) -> ByMethod:
    """first, last: (persons,). growth adds the method that judges by a person's own line."""
    known = None if rci is None else rci.reliability
    reliability = alpha if known is None else known
    own = reliability is not None and reliability == alpha
    if reliability is None:
        return ByMethod(None, None, own, Fault(None, None, None, NO_RELIABILITY))
    if int(np.sum(~np.isnan(last))) < FEWEST:
        return ByMethod(None, reliability, own, Fault(None, None, None, TOO_FEW, {"fewest": FEWEST}))
    try:
        found = compare(
            first, last, direction=measure.direction, reliability=reliability, cutoff=measure.cutoff,
            slope=_slopes(scores, growth, transform), resamples=RESAMPLES, seed=SEED,
        )  # fmt: skip
    except FaultsError as error:
        return ByMethod(None, reliability, own, " ".join(error.faults))
    return ByMethod(found, reliability, own)


def _slopes(scores: Scores, growth: GrowthModel | None, transform: Transform) -> Floats | None:
    """Everyone's own pace in its standard deviations (persons,); None where the model cannot tell."""
    if growth is None or not growth.usable:
        return None
    there = ~np.isnan(scores.score)
    try:
        found = empirical_bayes_slope(
            person=scores.person[there],
            t=transformed(scores, transform)[there],
            score=scores.score[there],
            model=growth,
        )
    except FaultsError:
        return None
    slopes = np.full(int(scores.person[-1]) + 1, np.nan)
    slopes[found.person] = found.statistic
    return slopes
