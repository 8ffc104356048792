"""The same people by every method side by side, so that a reader sees how much the method matters."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from medvirk.stats.change.classification import Z, judged
from medvirk.stats.change.proportion import wilson
from medvirk.stats.change.reliable import Category, Direction, Method, direction_of
from medvirk.stats.change.statistics import Sample, paired, true_score_cutoff
from medvirk.stats.faults import (
    BadScoresError,
    CannotEstimateError,
    FaultsError,
    Floats,
    finite_fault,
    float_array,
    positive_fault,
    whole_fault,
)
from medvirk.stats.measurement_error import standard_error_of_measurement

# The share of resamples that may fail before an interval from the others would mislead.
MOST_FAILURES = 0.05
# More resamples change no digit that is shown, and would not fit into memory.
MOST_RESAMPLES = 100_000
OF_ALL: tuple[Category, ...] = tuple(Category)[:-1]  # all but not assessable, which is last
Codes = NDArray[np.int64]


@dataclass(frozen=True)
class MethodShares:
    """What one method finds among the `n` people it can assess.

    `shares` (0–1) and 95 % `intervals` per category; `harmed` those of the deteriorated who moved into the clinical
    range (share, interval). `agreement`: the share put in the same category as by Jacobson–Truax. Without an
    estimate, or without intervals, these are None and `reason` says why. Where
    a share is 0 or 1 its interval is Wilson's, since no resample varies.
    """

    method: Method
    n: int
    shares: dict[Category, float] | None
    intervals: dict[Category, tuple[float, float]] | None
    harmed: tuple[float, tuple[float, float] | None] | None
    agreement: float | None
    reason: str = ""


@dataclass(frozen=True)
class Comparison:
    """`persons` in all, `assessable` of them with both scores; one element of `methods` per method."""

    persons: int
    assessable: int
    methods: tuple[MethodShares, ...]
    resamples: int
    seed: int

    def __getitem__(self, method: Method) -> MethodShares:
        """The shares by one method; KeyError if it was not asked for."""
        return {found.method: found for found in self.methods}[method]

    def spread(self, category: Category) -> tuple[float, float] | None:
        """The least and the largest share of a category over the methods: how much the choice matters."""
        found = [one.shares[category] for one in self.methods if one.shares is not None]
        return (min(found), max(found)) if found else None


def compare(
    first: ArrayLike,
    last: ArrayLike,
    *,
    direction: Direction,
    reliability: float,
    cutoff: ArrayLike | None = None,
    functional: tuple[float, float] | None = None,
    sample: Sample | None = None,
    slope: ArrayLike | None = None,
    resamples: int = 1000,
    seed: int = 1,
) -> Comparison:
    """Shares by every method with percentile bootstrap intervals over people (95 %, seeded).

    `first`, `last` (n,) in points, NaN = missing; `cutoff` one or one per person. `sample` holds the numbers of
    another group; without it they are those of these people, and estimated anew in each resample, so that the
    intervals cover them. `functional` (mean, SD) gives Hageman–Arrindell its cut-off on true scores. `slope` (n,)
    adds the empirical-Bayes method. A method that cannot be used here is in the result with its reason.

    Raises BadScoresError for lists that do not fit, CannotEstimateError when fewer than 3 people have both scores or
    all first, or all last, scores are equal.
    """
    start, end, direction = *paired(first, last), direction_of(direction)
    if faults := _faults(resamples, seed, functional):
        raise BadScoresError(faults)
    both = ~np.isnan(start) & ~np.isnan(end)
    group = Sample.of(start, end, reliability=reliability) if sample is None else sample
    if both.sum() < 3:
        raise CannotEstimateError([f"It takes at least 3 people with both scores, found {both.sum()}."])
    people = _People(
        first=start[both],
        last=end[both],
        cutoff=_per_person("Cut-off", np.nan if cutoff is None else cutoff, start)[both],
        slope=None if slope is None else _per_person("The slope", slope, start)[both],
        functional=functional,
        direction=direction,
    )
    methods = [method for method in Method if method is not Method.PUBLISHED]
    if slope is None:
        methods.remove(Method.EMPIRICAL_BAYES)
    rng = np.random.default_rng(seed)
    draws = rng.integers(people.first.size, size=(resamples, people.first.size))
    estimated = None if sample is not None else reliability
    usual = people.marks(Method.JACOBSON_TRUAX, group)
    found = tuple(
        _shares(method, people, group, reliability=estimated, draws=draws, usual=usual) for method in methods
    )
    return Comparison(start.size, int(both.sum()), found, resamples, seed)


def _faults(resamples: int, seed: int, functional: tuple[float, float] | None) -> list[str]:
    faults = whole_fault("resamples", resamples, least=100, most=MOST_RESAMPLES) + whole_fault("seed", seed)
    if functional is not None:
        faults += finite_fault("The functional mean", functional[0])
        faults += positive_fault("The functional standard deviation", functional[1])
    return faults


@dataclass(frozen=True, eq=False)
class _People:
    """Those with both scores, one element each, and what is asked about them."""

    first: Floats
    last: Floats
    cutoff: Floats
    slope: Floats | None
    functional: tuple[float, float] | None
    direction: Direction

    def chosen(self, pick: Codes) -> "_People":
        slope = None if self.slope is None else self.slope[pick]
        values = (self.first[pick], self.last[pick], self.cutoff[pick])
        return _People(*values, slope, self.functional, self.direction)

    def marks(self, method: Method, sample: Sample) -> Floats:
        """(people, categories and harmed): 1 where it holds, NaN for whoever cannot be assessed."""
        true = self.cutoff
        if method is Method.HAGEMAN_ARRINDELL and self.functional is not None:
            sem = standard_error_of_measurement(sample.sd_first, sample.reliability)
            both = (sample.mean_first, sample.sd_first, *self.functional)
            true = np.full(self.first.shape, true_score_cutoff(*both, sem=sem))
        _statistic, codes, harmed = judged(
            method,
            self.first,
            self.last,
            direction=self.direction,
            sample=sample,
            cutoff=self.cutoff,
            true_cutoff=true,
            slope=self.slope,
            z=Z[method],
        )
        held = np.column_stack((codes[:, None] == np.arange(len(OF_ALL)), harmed)).astype(np.float64)
        held[codes == len(OF_ALL)] = np.nan
        return held


def _shares(
    method: Method,
    people: _People,
    group: Sample,
    *,
    reliability: float | None,
    draws: Codes,
    usual: Floats,
) -> MethodShares:
    """One method; `reliability` is given where the group's numbers are estimated anew in each resample."""
    try:
        marks = people.marks(method, group)
    except FaultsError as error:
        return MethodShares(method, 0, None, None, None, None, " ".join(error.faults))
    assessed = ~np.isnan(marks[:, 0])
    n = int(assessed.sum())
    if not n:
        return MethodShares(method, 0, None, None, None, None, "The method can assess nobody here.")
    shares = _mean(marks).tolist()
    same = (marks[assessed, :-1] == usual[assessed, :-1]).all(axis=1)
    resampled = _resampled(people, method, marks, reliability, draws)
    failed = int(np.isnan(resampled[:, 0]).sum())
    reason, intervals = "", None
    if failed > MOST_FAILURES * len(draws):
        reason = f"No interval: {failed} of {len(draws)} resamples could not be estimated."
    else:
        ends = np.nanpercentile(resampled, [2.5, 97.5], axis=0).T.tolist()
        # A resample of nobody or of everybody never varies; Wilson's interval does not claim such certainty.
        intervals = [
            wilson(p, n) if p in (0, 1) else (low, high) for p, (low, high) in zip(shares, ends, strict=True)
        ]
    return MethodShares(
        method=method,
        n=n,
        shares=dict(zip(OF_ALL, shares[:-1], strict=True)),
        intervals=None if intervals is None else dict(zip(OF_ALL, intervals[:-1], strict=True)),
        harmed=(shares[-1], None if intervals is None else intervals[-1]),
        agreement=float(same.mean()),
        reason=reason,
    )


def _resampled(
    people: _People, method: Method, marks: Floats, reliability: float | None, draws: Codes
) -> Floats:
    """(resamples, categories and harmed); NaN where the group's numbers cannot be had from a resample."""
    if reliability is None or method is Method.EMPIRICAL_BAYES:
        return np.array([_mean(marks[pick]) for pick in draws])
    shares = np.full((len(draws), marks.shape[1]), np.nan)
    for row, pick in enumerate(draws):
        some = people.chosen(pick)
        try:
            shares[row] = _mean(some.marks(method, Sample.of(some.first, some.last, reliability=reliability)))
        except CannotEstimateError:
            continue
    return shares


def _mean(marks: Floats) -> Floats:
    known = ~np.isnan(marks[:, 0])
    if not known.any():
        return np.full(marks.shape[1], np.nan)
    return np.asarray(marks[known].mean(axis=0))


def _per_person(name: str, values: ArrayLike, like: Floats) -> Floats:
    given = float_array(name, values)
    if given.shape not in ((), like.shape):
        raise BadScoresError([f"{name} {given.shape}: give one, or one per person {like.shape}."])
    return np.broadcast_to(given, like.shape)
