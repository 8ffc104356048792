"""From a threshold or a statistic to what became of each person; one interface for all methods."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from medvirk.stats.change import statistics
from medvirk.stats.change.reliable import (
    Category,
    Direction,
    Method,
    ReliableChange,
    direction_of,
    is_clinical,
    judged_by,
)
from medvirk.stats.change.statistics import Sample
from medvirk.stats.faults import (
    ROUNDING,
    BadScoresError,
    Floats,
    float_array,
    infinite_fault,
    keys_array,
    member,
    positive_fault,
)
from medvirk.stats.measurement_error import standard_error_of_measurement

Booleans = NDArray[np.bool_]
# What each statistic takes of the sample: the sample's name for it, and the statistic's.
NEEDS = {
    Method.JACOBSON_TRUAX: {"sd_first": "sd"},
    Method.GULLIKSEN_LORD_NOVICK: {"mean_first": "mean", "sd_first": "sd"},
    Method.EDWARDS_NUNNALLY: {"mean_first": "mean", "sd_first": "sd"},
    Method.NUNNALLY_KOTSCH: {"mean_first": "mean", "sd_first": "sd"},
    Method.HSU_LINN_LORD: {"mean_first": "mean_first", "mean_last": "mean_last", "sd_first": "sd"},
    Method.HAGEMAN_ARRINDELL: {
        name: name for name in ("mean_first", "mean_last", "sd_first", "sd_last", "correlation")
    },
}
FORMULAS: dict[Method, Callable[..., Floats]] = {
    Method.JACOBSON_TRUAX: statistics.jacobson_truax,
    Method.GULLIKSEN_LORD_NOVICK: statistics.gulliksen_lord_novick,
    Method.EDWARDS_NUNNALLY: statistics.edwards_nunnally,
    Method.NUNNALLY_KOTSCH: statistics.nunnally_kotsch,
    Method.HSU_LINN_LORD: statistics.hsu_linn_lord,
    Method.HAGEMAN_ARRINDELL: statistics.hageman_arrindell,
}
CATEGORIES = np.array(list(Category), dtype=object)
# Beyond ±z a change is reliable. Hageman & Arrindell chose 5 % in the one tail that is asked about.
Z = dict.fromkeys(Method, 1.959963984540054) | {Method.HAGEMAN_ARRINDELL: 1.65}


@dataclass(frozen=True, eq=False)
class Classification:
    """What became of each person by one method; all arrays have the shape of the scores.

    `category` holds a `Category` per person. `harmed` marks those of the deteriorated who moved from the functional
    to the clinical range. `statistic` is positive where the last score is higher, NaN where it cannot be told; beyond
    ±`z` it is reliable.
    """

    method: Method
    z: float
    category: NDArray[np.object_]
    harmed: Booleans
    statistic: Floats

    def counts(self) -> dict[Category, int]:
        """How many people are in each category; all five are there, also with 0."""
        return count_categories(self.category)


@dataclass(frozen=True, eq=False)
class Crossing:
    """Who began where and who ended where, True or False per person; False too where it cannot be told."""

    began_clinical: Booleans
    began_functional: Booleans
    ended_clinical: Booleans
    ended_functional: Booleans

    @classmethod
    def of(cls, first: Floats, last: Floats, cutoff: Floats, direction: Direction) -> "Crossing":
        """By the scores themselves and one cut-off, or one per person; shapes as of the scores."""
        begin, end = (is_clinical(scores, direction=direction, cutoff=cutoff) for scores in (first, last))
        begin_known, end_known = (~np.isnan(scores) & ~np.isnan(cutoff) for scores in (first, last))
        return cls(begin, ~begin & begin_known, end, ~end & end_known)


def classify(
    first: ArrayLike,
    last: ArrayLike,
    *,
    direction: Direction,
    rci: ReliableChange,
    cutoff: ArrayLike | None = None,
) -> NDArray[np.object_]:
    """One `Category` per person, in the common shape of `first` and `last` (points, NaN = missing).

    recovered: started on the clinical side, reliably better, ended on the functional side (see `is_clinical`
    for a score at the cut-off). improved: reliably better, but not recovered; so someone who starts on the
    functional side can improve, stay or deteriorate, never recover. deteriorated: reliably worse. unchanged:
    none of these. not_assessable: the first or the last score is missing. Someone with one score has no last
    one: give NaN.

    `cutoff` is one number or one per person (it may depend on age or sex); without it, or where it is NaN,
    nobody recovers. Raises BadScoresError for shapes that do not fit together and for infinite scores.
    """
    direction, rci = judged_by(direction, rci)
    start, end, limit = _together(first, last, cutoff)
    gain = direction.sign * (end - start)
    codes = _codes(
        ~np.isnan(gain),
        rci.reached_by(gain),
        rci.reached_by(-gain),
        Crossing.of(start, end, limit, direction),
    )
    return np.asarray(CATEGORIES[codes], dtype=object)


def classify_by(
    method: Method,
    first: ArrayLike,
    last: ArrayLike,
    *,
    direction: Direction,
    sample: Sample,
    cutoff: ArrayLike | None = None,
    true_cutoff: ArrayLike | None = None,
    slope: ArrayLike | None = None,
    z: float | None = None,
) -> Classification:
    """The same categories by any `method`: reliable beyond ±`z` of its statistic (default 1.96; see `Z`).

    `first`, `last` (points, NaN = missing) and `cutoff` as in `classify`; `sample` holds the group's means, SDs and
    reliability. EMPIRICAL_BAYES takes its statistic from `slope`, one per person (`empirical_bayes_slope`), the
    others ignore it. HAGEMAN_ARRINDELL has its own test of crossing: the end is functional (or clinical) where
    CS lies beyond ±z of `true_cutoff` (TRC, `true_score_cutoff`; the `cutoff` itself where it is not given), and the
    begin is on the side of TRC where the estimated true first score M1 + r(x1 − M1) lies.

    Raises BadScoresError for shapes that do not fit, infinite scores and what a method needs and `sample` lacks;
    CannotEstimateError where the group's numbers contradict each other.
    """
    method, direction = member(Method, "The method", method), direction_of(direction)
    limit = Z[method] if z is None else z
    if faults := positive_fault("z", limit):
        raise BadScoresError(faults)
    start, end, cut = _together(first, last, cutoff)
    true = cut if true_cutoff is None else _together(first, last, true_cutoff)[2]
    found, codes, harmed = judged(
        method,
        start,
        end,
        direction=direction,
        sample=sample,
        cutoff=cut,
        true_cutoff=true,
        slope=slope,
        z=limit,
    )
    return Classification(method, limit, np.asarray(CATEGORIES[codes], dtype=object), harmed, found)


def judged(
    method: Method,
    first: Floats,
    last: Floats,
    *,
    direction: Direction,
    sample: Sample,
    cutoff: Floats,
    true_cutoff: Floats,
    slope: ArrayLike | None,
    z: float,
) -> tuple[Floats, NDArray[np.int64], Booleans]:
    """`classify_by` on arrays of one shape: statistic, positions in `CATEGORIES`, and who was harmed."""
    found = _statistic(method, first, last, sample, slope)
    if method is Method.HAGEMAN_ARRINDELL:
        crossing = _true_crossing(first, last, cutoff=true_cutoff, sample=sample, direction=direction, z=z)
    else:
        crossing = Crossing.of(first, last, cutoff, direction)
    return found, *codes_of(found, z, direction, crossing)


def categories(
    statistic: ArrayLike,
    *,
    z: float,
    direction: Direction,
    first: ArrayLike | None = None,
    last: ArrayLike | None = None,
    cutoff: ArrayLike | None = None,
) -> NDArray[np.object_]:
    """One `Category` per person by any statistic that is positive where the last score is higher.

    Reliable is beyond ±`z`; NaN cannot be assessed. To tell who recovered, give the scores and the `cutoff`; without
    them nobody does. Raises BadScoresError for shapes that do not fit and a `z` that is not above 0.
    """
    direction = direction_of(direction)
    if faults := positive_fault("z", z):
        raise BadScoresError(faults)
    found = float_array("The statistic", statistic)
    if faults := infinite_fault("The statistic", found):
        raise BadScoresError(faults)
    missing = np.full(found.shape, np.nan)
    start, end, cut = _together(
        missing if first is None else first, missing if last is None else last, cutoff
    )
    if start.shape != found.shape:
        raise BadScoresError([f"The statistic {found.shape} and the scores {start.shape} differ in shape."])
    codes, _harmed = codes_of(found, z, direction, Crossing.of(start, end, cut, direction))
    return np.asarray(CATEGORIES[codes], dtype=object)


def codes_of(
    statistic: Floats, z: float, direction: Direction, crossing: Crossing
) -> tuple[NDArray[np.int64], Booleans]:
    """Positions in `CATEGORIES`, and who was harmed, for a statistic."""
    gain = direction.sign * statistic
    better, worse = gain > z + ROUNDING, gain < -z - ROUNDING
    harmed = worse & crossing.began_functional & crossing.ended_clinical
    return _codes(~np.isnan(gain), better, worse, crossing), harmed


def count_categories(categories: ArrayLike) -> dict[Category, int]:
    """How many people are in each category; all five are there, also with 0."""
    given = keys_array("Categories", categories).ravel().tolist()
    found = [member(Category, "A category", category) for category in given]
    return {category: found.count(category) for category in Category}


def _codes(known: Booleans, better: Booleans, worse: Booleans, crossing: Crossing) -> NDArray[np.int64]:
    recovered = better & crossing.began_clinical & crossing.ended_functional
    # In the order of `Category`.
    return np.select([~known, recovered, better, worse], [4, 0, 1, 3], default=2).astype(np.int64)


def _statistic(
    method: Method, first: Floats, last: Floats, sample: Sample, slope: ArrayLike | None
) -> Floats:
    if method is Method.PUBLISHED:
        raise BadScoresError(["A published threshold in points has no statistic: use `classify`."])
    if method is Method.EMPIRICAL_BAYES:
        return _given_slope(slope, first)
    needs = NEEDS[method]
    values: dict[str, Any] = dict(zip(needs.values(), _needed(method, sample, *needs), strict=True))
    if method is Method.NUNNALLY_KOTSCH:
        values["reliability_last"] = sample.reliability_last
    return FORMULAS[method](first, last, reliability=sample.reliability, **values)


def _given_slope(slope: ArrayLike | None, first: Floats) -> Floats:
    if slope is None:
        raise BadScoresError(["Empirical Bayes: give `slope`, the statistic of `empirical_bayes_slope`."])
    found = float_array("The slope", slope)
    if found.shape != first.shape:
        raise BadScoresError([f"The slope {found.shape} and the scores {first.shape} differ in shape."])
    return found


def _needed(method: Method, sample: Sample, *names: str) -> list[float]:
    values: list[float | None] = [getattr(sample, name) for name in names]
    if lacking := [name for name, value in zip(names, values, strict=True) if value is None]:
        raise BadScoresError([f"{method.value}: the sample has no {name}. Give it." for name in lacking])
    return [value for value in values if value is not None]


def _true_crossing(
    first: Floats, last: Floats, *, cutoff: Floats, sample: Sample, direction: Direction, z: float
) -> Crossing:
    mean_last, sd_last = _needed(Method.HAGEMAN_ARRINDELL, sample, "mean_last", "sd_last")
    sem = standard_error_of_measurement(sample.sd_first, sample.reliability)
    true_first = sample.mean_first + sample.reliability * (first - sample.mean_first)
    begin = Crossing.of(true_first, last, cutoff, direction)
    end = direction.sign * statistics.hageman_arrindell_crossing(
        last, mean_last=mean_last, sd_last=sd_last, sem=sem, true_cutoff=cutoff
    )
    beyond, short = end > z + ROUNDING, end < -z - ROUNDING
    return Crossing(begin.began_clinical, begin.began_functional, short, beyond)


def _together(first: ArrayLike, last: ArrayLike, cutoff: ArrayLike | None) -> tuple[Floats, Floats, Floats]:
    """First, last and cut-off in one shape, NaN where there is none."""
    start, end = float_array("First scores", first), float_array("Last scores", last)
    limit = float_array("Cut-off", np.nan if cutoff is None else cutoff)
    faults = infinite_fault("First scores", start) + infinite_fault("Last scores", end)
    faults += infinite_fault("Cut-off", limit)
    try:
        start, end, limit = np.broadcast_arrays(start, end, limit)
    except ValueError:
        faults.append(
            f"First scores {start.shape}, last scores {end.shape} and cut-off {limit.shape} differ in shape: "
            "give one element per person in each."
        )
    if faults:
        raise BadScoresError(faults)
    return start, end, limit
