"""Anhøj's runs rules: has the level shifted, by run length and crossings of the median alone?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.stats import binom

from medvirk.stats.control.rules import ControlSignal, Rule, Side, checked_series, runs_of
from medvirk.stats.faults import (
    BadScoresError,
    CannotEstimateError,
    Floats,
    finite_fault,
    whole_fault,
)

#: With fewer points off the median the two limits can hardly be broken.
FEWEST_FOR_RUNS = 10


@dataclass(frozen=True)
class RunsAnalysis:
    """`useful` points lie off the centre line. A run longer than its limit or too few crossings is a signal."""

    centre: float
    useful: int
    longest_run: int
    longest_run_limit: int
    crossings: int
    fewest_crossings: int
    signals: tuple[ControlSignal, ...]


def runs_limits(useful: int) -> tuple[int, int]:
    """(longest run that chance explains, fewest crossings that chance explains) for `useful` points, 1 or more.

    Raises BadScoresError for another number of points.
    """
    if faults := whole_fault("The number of useful points", useful, least=1):
        raise BadScoresError(faults)
    return round(float(np.log2(useful))) + 3, int(binom.ppf(0.05, useful - 1, 0.5))


def runs_analysis(values: Sequence[float | None] | Floats, *, centre: float | None = None) -> RunsAnalysis:
    """Runs analysis of one value per month, in order of time; `centre` is the median unless given.

    Points on the centre line and gaps (None or NaN) are left out: they neither break nor lengthen a run, as
    the distribution behind the limits is that of the useful points alone. The rules need no normal
    distribution and no limits; they do not see a single freak point.

    Raises BadScoresError for what is no row of finite numbers, CannotEstimateError with fewer than 10 useful
    points.

    Source: Anhøj & Olesen 2014, PLoS One 9:e113825; Anhøj 2015, PLoS One 10:e0121349. Signal: longest run >
    round(log2 n) + 3, or crossings < the 5th percentile of the binomial (n − 1, 0.5).
    """
    series = checked_series("Values", values)
    if centre is not None and (faults := finite_fault("The centre line", centre)):
        raise BadScoresError(faults)
    measured = series[~np.isnan(series)]
    middle = centre if centre is not None else (float(np.median(measured)) if measured.size else np.nan)
    positions = np.flatnonzero(~np.isnan(series) & (series != middle))
    if positions.size < FEWEST_FOR_RUNS:
        raise CannotEstimateError(
            [
                f"{positions.size} of {measured.size} points lie off the centre line; runs need {FEWEST_FOR_RUNS}."
            ]
        )
    runs = list(runs_of(np.sign(series[positions] - middle)))
    longest_limit, fewest = runs_limits(positions.size)
    signals = [
        ControlSignal(
            Rule.LONG_RUN,
            Side.ABOVE if side > 0 else Side.BELOW,
            tuple(int(i) for i in positions[start:stop]),
        )
        for side, start, stop in runs
        if stop - start > longest_limit
    ]
    if len(runs) - 1 < fewest:
        signals.append(ControlSignal(Rule.FEW_CROSSINGS, Side.NEITHER, tuple(int(i) for i in positions)))
    longest = max(stop - start for _side, start, stop in runs)
    return RunsAnalysis(middle, positions.size, longest, longest_limit, len(runs) - 1, fewest, tuple(signals))
