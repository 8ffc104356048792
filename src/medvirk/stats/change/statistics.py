"""Reliable-change statistics: how far a change lies from what measurement error and regression make.

x1, x2 are the first and last score, M1, s1, M2, s2 means and SDs of the group, r the reliability,
SE = s1·√(1 − r). Every statistic is positive where the last score is *higher*, whichever way is better; it is NaN
where a score is missing, and has the common shape of the scores.

Sources: Jacobson & Truax 1991, J Consult Clin Psychol 59:12 (with the √2 of Christensen & Mendoza 1986, Behav Ther
17:305); Hsu 1989, Behav Assess 11:459 and Hsu 1995, J Consult Clin Psychol 63:141 (Gulliksen–Lord–Novick,
Hsu–Linn–Lord); Speer 1992, J Consult Clin Psychol 60:402 (Edwards–Nunnally); Nunnally & Kotsch 1983, Br J Clin
Psychol 22:83; Hageman & Arrindell 1999, Behav Res Ther 37:1169.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import ArrayLike

from medvirk.stats.change.cutoffs import cutoff_c
from medvirk.stats.faults import (
    ROUNDING,
    BadScoresError,
    CannotEstimateError,
    Floats,
    finite_fault,
    float_array,
    infinite_fault,
    is_real,
    open_unit_fault,
    positive_fault,
    told,
)
from medvirk.stats.measurement_error import standard_error_of_measurement


@dataclass(frozen=True)
class Sample:
    """What the methods must know of the group: means and SDs in points of the scale.

    `reliability` that of the first scores (above 0, below 1), `reliability_last` that of the last where it is
    another one (only Nunnally–Kotsch asks). `mean_last`, `sd_last` and `correlation` (of first and last scores) may
    be None: then the methods that need them refuse. Raises BadScoresError, all faults at once.
    """

    mean_first: float
    sd_first: float
    reliability: float
    mean_last: float | None = None
    sd_last: float | None = None
    correlation: float | None = None
    reliability_last: float | None = None

    def __post_init__(self) -> None:
        faults = _finite_faults(("The mean of the first scores", self.mean_first))
        faults += positive_fault("The standard deviation of the first scores", self.sd_first)
        faults += open_unit_fault("The reliability", self.reliability)
        if self.mean_last is not None:
            faults += _finite_faults(("The mean of the last scores", self.mean_last))
        if self.sd_last is not None:
            faults += positive_fault("The standard deviation of the last scores", self.sd_last)
        if self.correlation is not None:
            faults += _correlation_fault(self.correlation)
        if self.reliability_last is not None:
            faults += open_unit_fault("The reliability of the last scores", self.reliability_last)
        if faults:
            raise BadScoresError(faults)

    @classmethod
    def of(
        cls, first: ArrayLike, last: ArrayLike, *, reliability: float, reliability_last: float | None = None
    ) -> Self:
        """From the people with both scores; `first`, `last` (n,), NaN = missing.

        Raises BadScoresError for lists that differ in length or hold infinite scores, CannotEstimateError when
        fewer than 3 people have both scores or all first, or all last, scores are equal.
        """
        start, end = paired(first, last)
        both = ~np.isnan(start) & ~np.isnan(end)
        start, end = start[both], end[both]
        if start.size < 3:
            raise CannotEstimateError(
                [f"The methods need at least 3 people with both scores, found {start.size}."]
            )
        if faults := [
            f"All {which} scores of the {start.size} people with both scores are equal, so people cannot be compared."
            for which, scores in (("first", start), ("last", end))
            if np.ptp(scores) <= ROUNDING
        ]:
            raise CannotEstimateError(faults)
        return cls(
            mean_first=float(start.mean()),
            sd_first=float(start.std(ddof=1)),
            reliability=reliability,
            mean_last=float(end.mean()),
            sd_last=float(end.std(ddof=1)),
            # Rounding may put a perfect correlation a hair outside; such a group still has a first SD.
            correlation=float(np.clip(np.corrcoef(start, end)[0, 1], -1, 1)),
            reliability_last=reliability_last,
        )


def jacobson_truax(first: ArrayLike, last: ArrayLike, *, sd: float, reliability: float) -> Floats:
    """(x2 − x1) / (√2·SE); beyond ±1.96 is reliable at 95 %.

    `sd` in points of the scale. Raises BadScoresError for an impossible `sd` or `reliability` and infinite scores.
    """
    start, end = _scores(first, last)
    return np.asarray((end - start) / (math.sqrt(2) * standard_error_of_measurement(sd, reliability)))


def gulliksen_lord_novick(
    first: ArrayLike, last: ArrayLike, *, mean: float, sd: float, reliability: float
) -> Floats:
    """[(x2 − M1) − r(x1 − M1)] / (s1·√(1 − r²)): against the score expected by regression to the mean `mean`.

    `mean`, `sd` (points) of the first scores. Raises BadScoresError for impossible parameters, infinite scores.
    """
    return hsu_linn_lord(first, last, mean_first=mean, mean_last=mean, sd=sd, reliability=reliability)


def hsu_linn_lord(
    first: ArrayLike, last: ArrayLike, *, mean_first: float, mean_last: float, sd: float, reliability: float
) -> Floats:
    """[(x2 − M2) − r(x1 − M1)] / (s1·√(1 − r²)).

    With the mean of the group's own last scores as `mean_last` it is change *relative to the others of the
    group*: who improves as much as they do is at 0. `sd` (points) of the first scores. Raises BadScoresError for
    impossible parameters and infinite scores.
    """
    _check_finite(("The mean of the first scores", mean_first), ("The mean of the last scores", mean_last))
    start, end = _scores(first, last)
    standard_error_of_measurement(sd, reliability)  # its checks are these
    error = sd * math.sqrt(1 - reliability**2)
    return np.asarray(((end - mean_last) - reliability * (start - mean_first)) / error)


def edwards_nunnally(
    first: ArrayLike, last: ArrayLike, *, mean: float, sd: float, reliability: float
) -> Floats:
    """{x2 − [r(x1 − M1) + M1]} / SE: the last score against the estimated true first score.

    `mean`, `sd` (points) of the first scores. Raises BadScoresError for impossible parameters, infinite scores.
    """
    error = standard_error_of_measurement(sd, reliability)
    return _from_true_first(first, last, mean, reliability) / error


def nunnally_kotsch(
    first: ArrayLike,
    last: ArrayLike,
    *,
    mean: float,
    sd: float,
    reliability: float,
    reliability_last: float | None = None,
) -> Floats:
    """As Edwards–Nunnally, over √(r²·s1²·(1 − r) + s1²·(1 − r_last)): the error of both scores counts.

    `reliability_last` is that of the last scores, taken as `reliability` if None. `mean`, `sd` (points) of the first
    scores. Raises BadScoresError for impossible parameters and infinite scores.
    """
    later = reliability if reliability_last is None else reliability_last
    first_error = standard_error_of_measurement(sd, reliability)
    last_error = standard_error_of_measurement(sd, later)
    return _from_true_first(first, last, mean, reliability) / math.hypot(
        reliability * first_error, last_error
    )


def hageman_arrindell(
    first: ArrayLike,
    last: ArrayLike,
    *,
    mean_first: float,
    mean_last: float,
    sd_first: float,
    sd_last: float,
    reliability: float,
    correlation: float,
) -> Floats:
    """[(x2 − x1)·r_DD + (M2 − M1)(1 − r_DD)] / (√r_DD·√2·SE); beyond ±1.65 is reliable.

    r_DD = (s1²r1 + s2²r2 − 2 s1 s2 r12) / (s1² + s2² − 2 s1 s2 r12) is the reliability of the difference, with
    r1 = r, r2 = (s2² − SE²)/s2² (the error is the same in points) and r12 = `correlation`. Raises BadScoresError for
    impossible parameters, CannotEstimateError when r_DD does not lie between 0 and 1.
    """
    _check_finite(("The mean of the first scores", mean_first), ("The mean of the last scores", mean_last))
    start, end = _scores(first, last)
    r_dd = reliability_of_difference(sd_first, sd_last, reliability=reliability, correlation=correlation)
    error = math.sqrt(2) * standard_error_of_measurement(sd_first, reliability)
    shrunken = (end - start) * r_dd + (mean_last - mean_first) * (1 - r_dd)
    return np.asarray(shrunken / (math.sqrt(r_dd) * error))


def reliability_of_difference(
    sd_first: float, sd_last: float, *, reliability: float, correlation: float
) -> float:
    """r_DD of `hageman_arrindell`, strictly between 0 and 1; raises as said there."""
    faults = positive_fault("The standard deviation of the first scores", sd_first)
    faults += positive_fault("The standard deviation of the last scores", sd_last)
    faults += open_unit_fault("The reliability", reliability) + _correlation_fault(correlation)
    if faults:
        raise BadScoresError(faults)
    error2 = sd_first**2 * (1 - reliability)
    observed = sd_first**2 + sd_last**2 - 2 * sd_first * sd_last * correlation
    # s1²·r1 = s1² − SE² and s2²·r2 = s2² − SE²: what differs truly is what differs less the two errors.
    true = observed - 2 * error2
    if not 0 < true < observed:
        fault = (
            f"Hageman–Arrindell: the differences vary by {max(observed, 0.0):.4g} points², measurement error alone "
            f"by {2 * error2:.4g}, so the reliability of the difference does not lie between 0 and 1. Use "
            "another method, or a reliability and a correlation from the same group."
        )
        raise CannotEstimateError([fault])
    return true / observed


def hageman_arrindell_crossing(
    last: ArrayLike, *, mean_last: float, sd_last: float, sem: float, true_cutoff: ArrayLike
) -> Floats:
    """CS = [M2 + (x2 − M2)·r2 − TRC] / (√r2·SE): how far the true last score lies from the cut-off.

    Above 1.65 where higher is better (below −1.65 where lower is), the person has reliably crossed. `true_cutoff` is
    TRC (one, or one per person; see `true_score_cutoff`), `sem` the standard error of measurement SE in points, r2 =
    (s2² − SE²)/s2². Raises BadScoresError for impossible parameters, CannotEstimateError where the last scores vary
    no more than error alone.
    """
    _check_finite(("The mean of the last scores", mean_last))
    end, cutoff = _scores(last, true_cutoff, names=("Last scores", "Cut-off"))
    r2 = true_reliability(sd_last, sem, whose="last scores")
    return np.asarray((mean_last + (end - mean_last) * r2 - cutoff) / (math.sqrt(r2) * sem))


def true_score_cutoff(
    mean_clinical: float, sd_clinical: float, mean_functional: float, sd_functional: float, *, sem: float
) -> float:
    """TRC: cut-off c on the SDs of true scores, √(SD² − SE²) in either group, all in points.

    `sem` is the standard error of measurement SE. Raises as `hageman_arrindell_crossing`.
    """
    _check_finite(("The clinical mean", mean_clinical), ("The functional mean", mean_functional))
    clinical = sd_clinical * math.sqrt(true_reliability(sd_clinical, sem, whose="clinical group"))
    functional = sd_functional * math.sqrt(true_reliability(sd_functional, sem, whose="functional group"))
    return cutoff_c(mean_clinical, clinical, mean_functional, functional)


def true_reliability(sd: float, sem: float, *, whose: str) -> float:
    """(SD² − SE²)/SD²: the reliability in a group of that SD when the error in points is `sem` everywhere."""
    faults = positive_fault(f"The standard deviation of the {whose}", sd)
    faults += positive_fault("The standard error of measurement", sem)
    if faults:
        raise BadScoresError(faults)
    if sd <= sem:
        fault = (
            f"Hageman–Arrindell: the standard deviation of the {whose} is {sd:.4g}, no more than measurement error "
            f"alone ({sem:.4g}), so nothing is left for true differences. Use another method."
        )
        raise CannotEstimateError([fault])
    return 1 - (sem / sd) ** 2


def paired(first: ArrayLike, last: ArrayLike) -> tuple[Floats, Floats]:
    """Two lists (n,) of equal length without infinite scores, else BadScoresError; NaN = missing."""
    start, end = float_array("First scores", first), float_array("Last scores", last)
    faults = infinite_fault("First scores", start) + infinite_fault("Last scores", end)
    if start.ndim != 1 or start.shape != end.shape:
        faults.append(f"First scores {start.shape}, last scores {end.shape}: give two lists of equal length.")
    if faults:
        raise BadScoresError(faults)
    return start, end


def _from_true_first(first: ArrayLike, last: ArrayLike, mean: float, reliability: float) -> Floats:
    _check_finite(("The mean of the first scores", mean))
    start, end = _scores(first, last)
    return np.asarray(end - (reliability * (start - mean) + mean))


def _scores(
    first: ArrayLike, last: ArrayLike, names: Sequence[str] = ("First scores", "Last scores")
) -> tuple[Floats, Floats]:
    start, end = float_array(names[0], first), float_array(names[1], last)
    faults = infinite_fault(names[0], start) + infinite_fault(names[1], end)
    try:
        np.broadcast_shapes(start.shape, end.shape)
    except ValueError:
        faults.append(
            f"{names[0]} {start.shape}, {names[1].lower()} {end.shape}: give one of each per person."
        )
    if faults:
        raise BadScoresError(faults)
    return start, end


def _finite_faults(*named: tuple[str, float]) -> list[str]:
    return [fault for name, value in named for fault in finite_fault(name, value)]


def _check_finite(*named: tuple[str, float]) -> None:
    if faults := _finite_faults(*named):
        raise BadScoresError(faults)


def _correlation_fault(correlation: float) -> list[str]:
    if is_real(correlation) and -1 <= correlation <= 1:
        return []
    return [f"The correlation of first and last scores is {told(correlation)}: it must lie from −1 to 1."]
