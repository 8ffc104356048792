"""How often a signal is right: judged on people it has not learnt from.

Each person is in one fold; a rule learns from the other folds and gives every score of this fold a number. A
course is *flagged by measurement k* when any of its scores up to k reached the threshold *and a later score
exists*: a flag nobody can act on is none. What is judged against is how the course ended, by its last score
against its first.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import betaincinv

from medvirk.stats.change import Direction, ReliableChange
from medvirk.stats.faults import BadScoresError, CannotEstimateError, Floats, open_unit_fault, whole_fault
from medvirk.stats.growth.grouping import Ints
from medvirk.stats.signals.alarms import RULES, Rule
from medvirk.stats.signals.cohort import Bools, Cohort, Outcome

# Fewer courses say nothing about how often a signal is right: one course would move every share by 3 points
# or more.
FEWEST_COURSES = 30
BURDEN, BY = 0.20, 3
FOLDS, RESAMPLES, LEVEL = 5, 500, 0.95


@dataclass(frozen=True)
class Share:
    """`count` of `of`; `value` is None when there is nothing to divide by.

    `low`, `high`: 95 % interval, by bootstrap over people; exact (Clopper–Pearson) at 0 and 1, where every
    resample agrees. None where too few resamples have anything to divide by.
    """

    count: int
    of: int
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Accuracy:
    """What flags up to a measurement say of how courses end. `base_rate`: how many end so at all."""

    base_rate: Share
    sensitivity: Share
    specificity: Share
    ppv: Share
    npv: Share


@dataclass(frozen=True)
class AtMeasurement:
    """One measurement number.

    `flagged_courses`: courses flagged up to and including it, of all judged. `flagged_sessions`: flags at
    exactly this measurement, of the scores there that have a later one. `accuracy`: of the courses flagged
    so far. `right`: of the flags at exactly this measurement, how many belong to a course that ended so:
    what a worker who sees one wants to know.
    """

    measurement: int
    flagged_courses: Share
    flagged_sessions: Share
    accuracy: Mapping[Outcome, Accuracy]
    right: Mapping[Outcome, Share]


@dataclass(frozen=True, eq=False)
class Judged:
    """One row per judged course: `worry` (courses, measurements) is the highest number so far, `at` the one
    at exactly that measurement (−inf without a later score), `length` its scores, `ended` how it ended.
    `weights` (1 + resamples, courses): how often the course is in each bootstrap sample; the first row is
    the data as they are. `limits` (1 + resamples,): the threshold in each."""

    worry: Floats
    at: Floats
    length: Ints
    ended: Mapping[Outcome, Bools]
    weights: Floats
    limits: Floats

    def flagged(self, column: int) -> Bools:
        """Courses flagged by measurement column + 2, in each sample (1 + resamples, courses)."""
        return np.asarray(self.worry[:, column] >= self.limits[:, None])


@dataclass(frozen=True)
class Evaluation:
    """How one rule did. `courses` are all given, `judged` those with three scores or more; the others cannot be judged.

    `threshold`: where a flag is raised. `chosen_for`: the burden it was chosen for, as (share of courses, by
    which measurement), or None where the rule brings its own threshold. `sessions`: from the second
    measurement on; the last one covers whole courses.
    """

    rule: str
    threshold: float
    chosen_for: tuple[float, int] | None
    courses: int
    judged: int
    folds: int
    seed: int
    sessions: tuple[AtMeasurement, ...]
    data: Judged = field(repr=False, compare=False)

    def by(self, measurement: int) -> AtMeasurement:
        """The row of that measurement number. Raises CannotEstimateError when no course is that long."""
        for row in self.sessions:
            if row.measurement == measurement:
                return row
        raise CannotEstimateError([f"No course goes on after measurement {measurement}."])

    @property
    def whole(self) -> AtMeasurement:
        """The whole course: flags at any measurement."""
        return self.sessions[-1]

    def trade_off(self, outcome: Outcome, *, by: int = BY) -> tuple[Floats, Floats]:
        """Share of courses flagged by a measurement, and sensitivity, for every possible threshold: for a picture."""
        worry, hit = self.data.worry[:, _column(self.data, by)], self.data.ended[outcome]
        order = np.argsort(-worry, kind="stable")
        order = order[np.isfinite(worry[order])]
        ends = np.append(worry[order][1:] != worry[order][:-1], True) if order.size else np.zeros(0, bool)
        flagged, found = np.arange(1, order.size + 1)[ends], np.cumsum(hit[order])[ends]
        share = found / hit.sum() if hit.any() else np.full(found.size, np.nan)
        return np.append(0.0, flagged / worry.size), np.append(0.0, share)


def evaluate(
    *,
    person: ArrayLike,
    session: ArrayLike,
    score: ArrayLike,
    direction: Direction,
    rci: ReliableChange,
    rule: str | Rule = "forecast_deteriorated",
    burden: float | None = None,
    by: int = BY,
    low: float | None = None,
    high: float | None = None,
    folds: int = FOLDS,
    seed: int = 0,
    resamples: int = RESAMPLES,
) -> Evaluation:
    """Judge a rule by cross-validation over people: how many it finds, how often it is right, what it costs.

    `person`, `session`, `score`: arrays with one element per score, in any order. `rule`: a name from
    `alarms.RULES` or a `Rule`. With `burden` (or where the rule has no threshold of its own) the lowest
    threshold is taken at which at most this share of courses is flagged by measurement `by`. It is chosen on
    the same held-out numbers, and anew in every resample, so that the intervals hold its uncertainty too
    (they do not hold that of what the rule learnt: no resample learns anew).
    Where no course goes on after `by`, the last measurement that some course goes on after is taken, as
    `chosen_for` says. `low`, `high`: the ends of the scale, where known.

    Raises BadScoresError with all faults at once; CannotEstimateError below 30 courses with three scores or
    more, or when a fold's model cannot be fitted.
    """
    chosen = _rule(rule)
    faults = _argument_faults(burden, by, folds, resamples, seed)
    try:
        cohort = Cohort.from_scores(
            person=person, session=session, score=score, direction=direction, rci=rci, low=low, high=high
        )
    except BadScoresError as raised:
        raise BadScoresError([*faults, *raised.faults]) from raised
    if faults:
        raise BadScoresError(faults)
    _enough(cohort)
    data = _judged(cohort, held_out(cohort, chosen, folds, seed), seed, resamples)
    aim = None if burden is None and chosen.threshold is not None else (burden or BURDEN, by)
    data, aim = _with_limits(data, chosen.threshold, aim)
    sessions = tuple(_at(data, column) for column in range(data.worry.shape[1]))
    threshold, people, judged = float(data.limits[0]), cohort.length.size, data.length.size
    return Evaluation(chosen.name, threshold, aim, people, judged, folds, seed, sessions, data)


def _enough(cohort: Cohort) -> None:
    judged, people = int((cohort.length >= 3).sum()), cohort.length.size
    if judged < FEWEST_COURSES:
        raise CannotEstimateError(
            [f"Judging a signal takes {FEWEST_COURSES} courses of three scores, found {judged} of {people}."]
        )


def _rule(rule: str | Rule) -> Rule:
    if not isinstance(rule, str):
        return rule
    if rule not in RULES:
        raise BadScoresError([f'There is no rule "{rule}". Choose one of {", ".join(RULES)}.'])
    return RULES[rule]


def _argument_faults(burden: float | None, by: int, folds: int, resamples: int, seed: int) -> list[str]:
    faults = [] if burden is None else open_unit_fault("The burden", burden)
    # The second measurement is the first that can be judged; nobody may be judged by what was learnt from
    # them.
    faults += whole_fault("by", by, least=2)
    faults += whole_fault("folds", folds, least=2, most=FEWEST_COURSES)
    faults += whole_fault("resamples", resamples, least=100, most=10_000)
    return faults + whole_fault("seed", seed)


def held_out(cohort: Cohort, rule: Rule, folds: int, seed: int) -> Floats:
    """The rule's number for every row (rows,), each learnt from the people of the other folds."""
    people = cohort.length.size
    fold = np.arange(people) % folds
    np.random.default_rng(seed).shuffle(fold)
    worry = np.full(cohort.rows.t.size, -np.inf)
    for each in range(folds):
        here = fold == each
        worry[here[cohort.who]] = rule.learn(cohort.of(~here))(cohort.of(here))
    return worry


def _judged(cohort: Cohort, worry: Floats, seed: int, resamples: int) -> Judged:
    people = np.flatnonzero(cohort.length >= 3)
    place = np.full(cohort.length.size, -1)
    place[people] = np.arange(people.size)
    rows = np.flatnonzero(cohort.later & (cohort.number >= 2))
    at = np.full((people.size, int(cohort.length.max()) - 2), -np.inf)
    at[place[cohort.who[rows]], cohort.number[rows] - 2] = worry[rows]
    rng = np.random.default_rng([seed, people.size])
    # The first row is the data as they are; float32 holds the counts exactly and halves the memory.
    drawn = [
        np.bincount(rng.integers(people.size, size=people.size), minlength=people.size)
        for _ in range(resamples)
    ]
    return Judged(
        worry=np.maximum.accumulate(at, axis=1),
        at=at,
        length=cohort.length[people],
        ended={outcome: cohort.ended(outcome)[people] for outcome in Outcome},
        weights=np.vstack([np.ones(people.size), *drawn]).astype(np.float32),
        limits=np.full(resamples + 1, np.inf),
    )


def _column(data: Judged, by: int) -> int:
    return int(np.clip(by - 2, 0, data.worry.shape[1] - 1))


def _with_limits(
    data: Judged, own: float | None, aim: tuple[float, int] | None
) -> tuple[Judged, tuple[float, int] | None]:
    """The same with its thresholds, and the aim with a measurement that some course has."""
    if aim is not None:
        aim = (aim[0], min(aim[1], data.worry.shape[1] + 1))
    return replace(data, limits=_limits(data, own, aim)), aim


def _limits(data: Judged, own: float | None, aim: tuple[float, int] | None) -> Floats:
    """The threshold for the data and for each resample (resamples + 1,)."""
    if aim is None:
        return np.full(data.weights.shape[0], own, dtype=np.float64)
    burden, by = aim
    worry = data.worry[:, _column(data, by)]
    order = np.argsort(-worry, kind="stable")
    ranked = worry[order]
    last_of_ties = np.append(ranked[1:] != ranked[:-1], True)
    limits = np.full(data.weights.shape[0], np.inf)
    for index, weights in enumerate(data.weights):
        share = np.cumsum(weights[order], dtype=np.float64) / weights.sum()
        fits = np.flatnonzero((share <= burden + 1e-12) & last_of_ties & np.isfinite(ranked))
        if fits.size:
            limits[index] = ranked[fits[-1]]
    return limits


def _at(data: Judged, column: int) -> AtMeasurement:
    every = np.ones(data.length.size, dtype=bool)
    so_far, here = data.flagged(column), np.asarray(data.at[:, column] >= data.limits[:, None])
    return AtMeasurement(
        measurement=column + 2,
        flagged_courses=_share(data, so_far, every),
        flagged_sessions=_share(data, here, data.length >= column + 3),
        accuracy={outcome: _accuracy(data, so_far, hit) for outcome, hit in data.ended.items()},
        right={outcome: _share(data, hit, here) for outcome, hit in data.ended.items()},
    )


def _accuracy(data: Judged, flagged: Bools, hit: Bools) -> Accuracy:
    return Accuracy(
        base_rate=_share(data, hit, np.ones_like(hit)),
        sensitivity=_share(data, flagged, hit),
        specificity=_share(data, ~flagged, ~hit),
        ppv=_share(data, hit, flagged),
        npv=_share(data, ~hit, ~flagged),
    )


def _share(data: Judged, part: Bools, whole: Bools) -> Share:
    """How much of `whole` is `part`; either is (courses,) or, where it depends on the threshold, one row per sample."""
    count, of = _weighted(data, part & whole), _weighted(data, whole)
    if not of[0]:
        return Share(0, 0, None, None, None)
    value = float(count[0] / of[0])
    if count[0] in {0, of[0]}:
        low, high = clopper_pearson(int(count[0]), int(of[0]))
        return Share(int(count[0]), int(of[0]), value, low, high)
    some = of[1:] > 0
    if some.mean() < LEVEL:
        return Share(int(count[0]), int(of[0]), value, None, None)
    low, high = np.quantile(count[1:][some] / of[1:][some], [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Share(int(count[0]), int(of[0]), value, float(low), float(high))


def _weighted(data: Judged, mask: Bools) -> Floats:
    """How many courses the mask holds in each sample (1 + resamples,)."""
    if mask.ndim == 1:
        return np.asarray(data.weights @ mask.astype(np.float32), dtype=np.float64)
    return np.asarray(np.einsum("bn,bn->b", data.weights, mask, dtype=np.float32), dtype=np.float64)


def clopper_pearson(count: int, of: int, level: float = LEVEL) -> tuple[float, float]:
    """The exact binomial interval (Clopper & Pearson 1934, Biometrika 26:404)."""
    tail = (1 - level) / 2
    low = float(betaincinv(count, of - count + 1, tail)) if count else 0.0
    high = float(betaincinv(count + 1, of - count, 1 - tail)) if count < of else 1.0
    return low, high


@dataclass(frozen=True)
class Difference:
    """Sensitivity of one rule minus that of another on the same people: negative is worse. 95 % paired bootstrap."""

    value: float
    low: float
    high: float


def difference(one: Evaluation, other: Evaluation, outcome: Outcome, *, by: int | None = None) -> Difference:
    """Compare two evaluations of the *same* courses made with the same seed and number of resamples.

    `by`: flags up to that measurement; without it, over the whole course. Each keeps its own threshold:
    choose both for the same burden. Raises BadScoresError when the evaluations are of other courses,
    CannotEstimateError when nobody ended so.
    """
    a, b = one.data, other.data
    if a.weights.shape != b.weights.shape or not np.array_equal(a.weights[-1], b.weights[-1]):
        raise BadScoresError(["The two evaluations are of other courses, or have other seeds or resamples."])
    hit = a.ended[outcome]
    if not np.array_equal(hit, b.ended[outcome]):
        raise BadScoresError(
            ["The two evaluations judge against other endings: give both the same scores and RCI."]
        )
    if not hit.any():
        raise CannotEstimateError(["No course ended so, so nothing can be compared."])
    column = a.worry.shape[1] - 1 if by is None else _column(a, by)
    of = _weighted(a, hit)
    found = _weighted(a, a.flagged(column) & hit) - _weighted(b, b.flagged(column) & hit)
    drawn = found[1:][of[1:] > 0] / of[1:][of[1:] > 0]
    low, high = np.quantile(drawn, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return Difference(float(found[0] / of[0]), float(low), float(high))
