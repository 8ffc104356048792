"""Bad input to every part of the science room: a named error or "cannot be estimated", never a warning and a number.

Warnings are errors here, as in all tests. `DATA` is what people hand over by mistake; every function of `WALKED` gets
each of these in place of each of its data arguments, and must refuse by name or answer with finite numbers.
"""

import dataclasses
import math
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest

from medvirk.stats import change, control, disclosure, federation, growth, outcomes, reliability, signals
from medvirk.stats.change import Direction, Method, ReliableChange, Sample
from medvirk.stats.control import DocumentedChange, Errors
from medvirk.stats.faults import BadScoresError, CannotEstimateError, FaultsError, float_array
from medvirk.stats.growth import chances, diagnostics

RNG = np.random.default_rng(11)
FIRST = np.round(RNG.normal(18, 5, 30), 1)
LAST = np.round(FIRST - 3 + RNG.normal(0, 3, 30), 1)
PERSON = np.repeat(np.arange(40), 4)
SESSION = np.tile(np.arange(4.0), 40)
T = np.log1p(SESSION)
OWN = RNG.normal([14, -2], [5, 3], (40, 2))
SCORE = np.clip(np.round(OWN[PERSON, 0] + OWN[PERSON, 1] * T + RNG.normal(0, 2, PERSON.size)), -20, 40)
GROUP = np.where(PERSON % 2, "a", "b")
ITEMS = np.clip(np.round(RNG.normal(2, 1, (60, 1)) + RNG.normal(0, 0.7, (60, 5))), 0, 4)
MONTHS = np.round(RNG.normal(20, 3, 30), 1)
MARKS = np.arange(150) % 2
COUNTS = np.array([[3, 30], [40, 50]])
LENGTHS = RNG.exponential(100, 30).round()
RCI, LOWER, HIGHER = ReliableChange(5), Direction.LOWER, Direction.HIGHER
MODEL = growth.fit(growth.Norms.from_scores(person=PERSON, t=T, score=SCORE))
SAMPLE = Sample.of(FIRST, LAST, reliability=0.9)
CHANGE = [DocumentedChange(12, "a second intake team")]
MEASURE = outcomes.Measure("own", LOWER, RCI, cutoff=10, low=-20, high=40, step=1)
LINES = chances.Lines(*(np.array([v, v]) for v in (15.0, 1.0, 3.0, 1.0, 0.0)), 9.0)

DATA: dict[str, Callable[[np.ndarray], Any]] = {
    "none at all": lambda given: given[:0],
    "one": lambda given: given[:1],
    "two": lambda given: given[:2],
    "three": lambda given: given[:3],
    "all equal": lambda given: np.full(given.shape, given.ravel()[0]),
    "next to equal": lambda given: given.ravel()[0] + given * 1e-13,
    "all missing": lambda given: np.full(given.shape, np.nan),
    "all None": lambda given: np.full(given.shape, None).tolist(),
    "one missing": lambda given: np.where(np.arange(given.size).reshape(given.shape) == 1, np.nan, given),
    "only two there": lambda given: np.where(np.arange(given.size).reshape(given.shape) < 2, given, np.nan),
    "one infinite": lambda given: np.where(np.arange(given.size).reshape(given.shape) == 1, np.inf, given),
    "one of 1e300": lambda given: np.where(np.arange(given.size).reshape(given.shape) == 1, 1e300, given),
    "all of 1e300": lambda given: given * 1e298,
    "all of 1e-300": lambda given: given * 1e-300,
    "negative": lambda given: -given,
    "texts": lambda given: np.full(given.shape, "x"),
    "a text": lambda given: "abc",
    "None": lambda given: None,
    "a number": lambda given: 5.0,
    "ragged": lambda given: [[1, 2], [3]],
    "twice as deep": lambda given: np.stack([given, given]),
    "complex": lambda given: given + 1j,
    "dates": lambda given: np.full(given.shape, np.datetime64("2025-01-01")),
    "a generator": lambda given: (each for each in given),
    "whole numbers": lambda given: given.astype(int),
    "a frame": pd.DataFrame,
}


class Walked(NamedTuple):
    """A function with input that it takes, and which of that is data to be spoilt."""

    call: Callable[..., Any]
    good: dict[str, Any]
    data: tuple[str, ...]


def walked(call: Callable[..., Any], *data: str, **good: Any) -> Walked:
    return Walked(call, good, data)


PAIR, ROWS = {"first": FIRST, "last": LAST}, {"person": PERSON, "t": T, "score": SCORE}
SEEN = {
    "t_seen": np.array([0.0, 1.0, 1.4]),
    "y_seen": np.array([10.0, 12.0, 13.0]),
    "t_new": np.array([1.5, 2.0, 3.0]),
}


def estimated(call: Callable[..., Any]) -> Callable[..., Any]:
    """Outcomes from rows of scores, everybody's course ending after the last of them."""

    def of(**rows: Any) -> Any:
        series = [outcomes.Series(MEASURE, **rows)]
        data = outcomes.FinishedCourses.of(
            course=np.arange(40), end=np.full(40, 9.0), window=9, series=series
        )
        return call(data, imputations=5)

    return of


WALKED = {
    "classify": walked(change.classify, "first", "last", "cutoff", **PAIR, direction=LOWER, rci=RCI, cutoff=FIRST),
    "classify_by": walked(
        change.classify_by, "first", "last", **PAIR, method=Method.HAGEMAN_ARRINDELL, direction=LOWER, sample=SAMPLE
    ),
    "categories": walked(change.categories, "statistic", statistic=FIRST - 15, z=1.96, direction=LOWER),
    "is_clinical": walked(change.is_clinical, "score", "cutoff", score=FIRST, cutoff=FIRST, direction=LOWER),
    "reached_by points": walked(RCI.reached_by, "gain", gain=FIRST - 15),
    "Sample.of": walked(Sample.of, "first", "last", **PAIR, reliability=0.8),
    "compare": walked(change.compare, "first", "last", **PAIR, direction=LOWER, reliability=0.8, resamples=100),
    "jacobson_truax": walked(change.jacobson_truax, "first", "last", **PAIR, sd=5.0, reliability=0.8),
    "effect_size": walked(change.effect_size, "first", "last", **PAIR, direction=LOWER),
    "adjusted_effect": walked(
        change.adjusted_effect, "first", "last", "t_last", **PAIR, t_last=FIRST * 0 + 1, model=MODEL, direction=LOWER
    ),
    "empirical_bayes_slope": walked(change.empirical_bayes_slope, "t", "score", **ROWS, model=MODEL),
    "rubin": walked(outcomes.rubin, "values", "variances", values=FIRST, variances=LAST**2, df_complete=30),
    "estimate": walked(estimated(outcomes.estimate), "person", "t", "score", **ROWS),
    "estimate_effect": walked(estimated(outcomes.estimate_effect), "person", "t", "score", **ROWS),
    "fit": walked(lambda **rows: growth.fit(growth.Norms.from_scores(**rows)), "person", "t", "score", **ROWS),
    "fit_groups": walked(
        lambda group, **rows: growth.fit_groups(growth.GroupedNorms.from_scores(groups={"d": group}, **rows)),
        "person", "t", "score", **ROWS, group=GROUP,
    ),
    "a prior": walked(
        lambda **prior: growth.fit(growth.Norms.from_model(**prior, persons=30)), "beta", "G", "t",
        beta=np.array([18.0, 3.0]), G=np.array([[40.0, -5.0], [-5.0, 6.0]]), sigma2=16.0, t=np.log1p([0.0, 1, 2, 3]),
    ),
    "predict": walked(MODEL.predict, *SEEN, **SEEN),
    "band": walked(MODEL.band, *SEEN, **SEEN, coverage=0.8),
    "chance_reliable": walked(MODEL.chance_reliable, *SEEN, **SEEN, rci=RCI, direction=LOWER),
    "chance_reliable_by": walked(MODEL.chance_reliable_by, *SEEN, **SEEN, rci=RCI, direction=LOWER),
    "reached_at": walked(
        chances.reached_at, "first", "t", lines=LINES, first=FIRST[:2], t=T[:4], rci=RCI, direction=LOWER
    ),
    "calibration": walked(diagnostics.calibration, "person", "t", "score", **ROWS, folds=2),
    "residuals": walked(diagnostics.residuals, "person", "t", "score", **ROWS, model=MODEL),
    "normal_quantiles": walked(diagnostics.normal_quantiles, "values", values=SCORE),
    "Cohort": walked(
        lambda **rows: signals.Cohort.from_scores(**rows, direction=HIGHER, rci=RCI, low=-50, high=90).first,
        "session", "score", person=PERSON, session=SESSION, score=SCORE,
    ),
    "alpha": walked(reliability.alpha_with_interval, "items", items=ITEMS / 2),
    "xmr_chart": walked(control.xmr_chart, "values", values=MONTHS, changes=CHANGE),
    "p_chart": walked(
        control.p_chart, "numerator", "denominator", numerator=MARKS[:30], denominator=MARKS[:30] + 9, laney=True
    ),
    "runs_analysis": walked(control.runs_analysis, "values", values=MONTHS),
    "interrupted_time_series": walked(control.interrupted_time_series, "values", values=MONTHS, changes=CHANGE),
    "newey_west": walked(
        control.interrupted_time_series, "values", values=MONTHS, changes=CHANGE, errors=Errors.NEWEY_WEST
    ),
    "course_length": walked(
        control.course_length, "duration", "ended", "at", duration=LENGTHS, ended=MARKS[:30], at=MONTHS[:4]
    ),
    "durations": walked(control.durations, "start", "end", start=MONTHS, end=MONTHS, as_of="2026-01-01"),
    "protect_table": walked(disclosure.protect_table, "counts", counts=COUNTS),
    "round_counts": walked(disclosure.round_counts, "counts", counts=COUNTS),
    "round_table": walked(disclosure.round_table, "counts", counts=COUNTS),
    "private_mean": walked(disclosure.private_mean, "scores", scores=SCORE, lower=-20, upper=40, epsilon=1.0),
    "private_count": walked(disclosure.private_count, "marked", marked=MARKS, epsilon=1.0),
    "select": walked(
        federation.select, "person", "time", "score", "clinician",
        person=PERSON, time=SESSION, score=SCORE, clinician=PERSON % 4, low=-20, high=40,
    ),
}  # fmt: skip


def loose_numbers(found: Any, where: str = "result") -> Iterator[str]:
    """Every NaN that stands alone, and every infinite number. NaN within an array is a documented gap."""
    if isinstance(found, float | np.floating) and not math.isfinite(found):
        yield f"{where} = {found}"
    elif isinstance(found, np.ndarray) and found.dtype.kind == "f" and np.isinf(found).any():
        yield f"{where} holds an infinite number"
    parts: dict[Any, Any] = found if isinstance(found, dict) else {}
    if dataclasses.is_dataclass(found):
        parts = {field.name: getattr(found, field.name) for field in dataclasses.fields(found)}
    elif isinstance(found, list | tuple):
        parts = dict(enumerate(found))
    for name, part in parts.items():
        yield from loose_numbers(part, f"{where}.{name}")


def fault_of(call: Callable[..., Any], given: dict[str, Any]) -> str:
    """What is wrong with how a call answered: another error, or numbers that are none. Empty: nothing is."""
    try:
        return " ".join(loose_numbers(call(**given)))
    except FaultsError as error:
        return "" if error.faults else "a refusal without a reason"
    except Exception as error:  # noqa: BLE001 - whatever it is, it is no named error
        return f"{type(error).__name__}: {error}"


@pytest.mark.parametrize(
    ("name", "argument"), [(name, each) for name in WALKED for each in WALKED[name].data]
)
def test_spoilt_data_are_refused_by_name_or_give_finite_numbers(name, argument):
    call, good, _ = WALKED[name]
    given = np.asarray(good[argument])

    faults = {spoilt: fault_of(call, good | {argument: make(given)}) for spoilt, make in DATA.items()}

    assert {spoilt: fault for spoilt, fault in faults.items() if fault} == {}


@pytest.mark.parametrize("name", [name for name in WALKED if name != "durations"])
def test_what_the_walk_begins_from_is_good(name):
    assert list(loose_numbers(WALKED[name].call(**WALKED[name].good))) == []


NUMBERS = (math.nan, math.inf, -math.inf, -1, 0, 1e300, None, "abc", np.array([0.2, 0.3]))
SUMMARY = {"n": 30, "mean_first": 15.0, "mean_last": 12.0, "sd_first": 5.0, "r": 0.5, "direction": LOWER}
#: (function, argument, the numbers that it must refuse among NUMBERS, a number that it takes, the rest)
PARAMETERS: dict[str, tuple[Callable[..., Any], str, Any, dict[str, Any], tuple[Any, ...]]] = {
    "cut-off a": (change.cutoff_a, "mean_clinical", 20.0, {"sd_clinical": 5.0, "direction": LOWER}, (-1, 0)),
    "cut-off b": (change.cutoff_b, "sd_functional", 5.0, {"mean_functional": 8.0, "direction": LOWER}, ()),
    "cut-off c": (
        change.cutoff_c, "mean_functional", 8.0, {"mean_clinical": 20.0, "sd_clinical": 5.0, "sd_functional": 4.0},
        (-1, 0),
    ),
    "rci sd": (ReliableChange.from_sd, "sd", 5.0, {"reliability": 0.8}, ()),
    "rci reliability": (ReliableChange.from_sd, "reliability", 0.8, {"sd": 5.0}, (0,)),
    "rci level": (ReliableChange.from_sd, "level", 0.9, {"sd": 5.0, "reliability": 0.8}, ()),
    "rci's own sd": (ReliableChange, "sd", 5.0, {"value": 6}, (None,)),
    "summary n": (change.effect_size_from_summary, "n", 30, SUMMARY, ()),
    "summary r": (change.effect_size_from_summary, "r", 0.5, SUMMARY, (-1, 0)),
    "summary mean": (change.effect_size_from_summary, "mean_last", 12.0, SUMMARY, (-1, 0)),
    "share": (change.wilson, "share", 0.3, {"n": 10}, (0,)),
    "denominator": (change.Proportion.of, "denominator", 10, {"numerator": 3}, ()),
    "missing": (change.Proportion.of, "missing", 2, {"numerator": 3, "denominator": 10}, (0,)),
    "edwards_nunnally": (change.edwards_nunnally, "reliability", 0.8, {**PAIR, "mean": 15.0, "sd": 5.0}, (0,)),
    "seed": (change.compare, "seed", 3, {**PAIR, "direction": LOWER, "reliability": 0.8, "resamples": 100}, (0,)),
    "resamples": (change.compare, "resamples", 100, {**PAIR, "direction": LOWER, "reliability": 0.8}, ()),
    "prior persons": (
        growth.Norms.from_model, "persons", 30, {"beta": [18, 3], "G": np.eye(2), "sigma2": 9.0, "t": [0, 1, 2]}, (),
    ),
    "coverage": (MODEL.band, "coverage", 0.8, SEEN, ()),
    "low": (MODEL.band, "low", 5, {**SEEN, "coverage": 0.8}, (-1, 0, None)),
    "threshold": (MODEL.chance_better, "threshold", 9, {**SEEN, "direction": LOWER}, (-1, 0)),
    "folds": (diagnostics.calibration, "folds", 2, ROWS, ()),
    "calibration seed": (diagnostics.calibration, "seed", 1, {**ROWS, "folds": 2}, (0,)),
    "runs_limits": (control.runs_limits, "useful", 20, {}, ()),
    "newey_west_lag": (control.newey_west_lag, "measured", 30, {}, ()),
    "confidence": (control.course_length, "confidence", 0.9, {"duration": LENGTHS, "ended": MARKS[:30]}, ()),
    "harmonics": (
        control.interrupted_time_series, "harmonics", 1, {"values": MONTHS, "changes": CHANGE, "period": 12}, (),
    ),
    "centre": (control.runs_analysis, "centre", 20.1, {"values": MONTHS}, (None, -1, 0)),
    "table threshold": (disclosure.protect_table, "threshold", 5, {"counts": COUNTS}, ()),
    "fewest people": (disclosure.SmallestCell, "people", 5, {}, ()),
    "people behind": (lambda people: disclosure.shown(1.0, people=people), "people", 9, {}, (0,)),
    "epsilon": (disclosure.private_count, "epsilon", 1.0, {"marked": MARKS}, ()),
    "year": (federation.Period, "year", 2025, {}, ()),
    "high": (federation.select, "high", 41, {"person": PERSON, "time": SESSION, "score": SCORE, "low": -20}, ()),
}  # fmt: skip


@pytest.mark.parametrize("name", PARAMETERS)
def test_impossible_parameters_are_refused_by_name(name):
    call, argument, fine, others, also_fine = PARAMETERS[name]

    assert list(loose_numbers(call(**others | {argument: fine}))) == []
    for value in NUMBERS:
        if any(value is each for each in also_fine):
            assert list(loose_numbers(call(**others | {argument: value}))) == []
            continue
        with pytest.raises(FaultsError):
            call(**others | {argument: value})


def test_what_a_mask_hides_is_missing():
    masked = np.ma.masked_array([1.0, 99.0, 3.0], mask=[False, True, False])

    assert float_array("x", masked).tolist() == pytest.approx([1, math.nan, 3], nan_ok=True)


@pytest.mark.parametrize("size", [1.01e15, -1e16, 1e300])
def test_numbers_whose_squares_say_nothing_are_named_with_their_place(size):
    with pytest.raises(BadScoresError, match="position 2"):
        float_array("x", [1.0, None, size])

    assert float_array("x", [1e15, -1e15, math.inf]).tolist() == [1e15, -1e15, math.inf]


def test_a_choice_given_as_text_is_read_as_that_choice_and_never_as_another():
    lower = change.is_clinical([5, 20], direction="lower", cutoff=10)
    by_text = control.interrupted_time_series(MONTHS, changes=CHANGE, errors="ar1")
    method = change.classify_by("hageman-arrindell", FIRST, LAST, direction=LOWER, sample=SAMPLE, cutoff=16)
    same = change.classify_by(
        Method.HAGEMAN_ARRINDELL, FIRST, LAST, direction=LOWER, sample=SAMPLE, cutoff=16
    )

    assert lower.tolist() == [False, True]
    assert by_text.rho is not None
    assert method.category.tolist() == same.category.tolist()
    assert disclosure.round_counts([7], rounding="base_3").tolist() == [6]


@pytest.mark.parametrize(
    "call",
    [
        lambda: change.is_clinical([5], direction="up", cutoff=10),
        lambda: change.classify_by("magic", FIRST, LAST, direction=LOWER, sample=SAMPLE),
        lambda: change.count_categories(["better"]),
        lambda: control.interrupted_time_series(MONTHS, changes=CHANGE, errors="ols"),
        lambda: disclosure.round_counts([7], rounding="base_10"),
        lambda: federation.select(person=PERSON, time=SESSION, score=SCORE, low=-20, high=40, rare="keep"),
    ],
)
def test_a_choice_that_is_none_is_refused_with_those_there_are(call):
    with pytest.raises(BadScoresError, match="one of"):
        call()


def test_estimates_that_differ_without_variances_cannot_be_pooled():
    with pytest.raises(CannotEstimateError, match="variances are 0"):
        outcomes.rubin([1, 2], [0, 0], df_complete=30)

    assert outcomes.rubin([2, 2], [0, 0], df_complete=30).increase == 0


def test_groups_of_rows_may_be_an_array_or_a_column():
    by_list = disclosure.protect_table(COUNTS, groups=["a", "b"])

    assert disclosure.protect_table(COUNTS, groups=np.array(["a", "b"])) == by_list
    assert disclosure.protect_table(COUNTS, groups=pd.Series(["a", "b"])) == by_list


@pytest.mark.parametrize("clinician", [PERSON[:9], [None] * PERSON.size, 4])
def test_every_score_that_leaves_has_a_known_worker(clinician):
    with pytest.raises(BadScoresError, match="clinician"):
        federation.select(person=PERSON, time=SESSION, score=SCORE, low=-20, high=40, clinician=clinician)


@pytest.mark.parametrize("at", [1.5, True, "3", None, 0, 99])
def test_a_change_is_at_a_point(at):
    with pytest.raises(BadScoresError, match="Change 1 at point"):
        control.xmr_chart(MONTHS, changes=[DocumentedChange(at, "a second intake team")])
    with pytest.raises(BadScoresError, match="Effect at point"):
        control.interrupted_time_series(MONTHS, changes=CHANGE, effects_at=[at])


def test_a_half_year_is_the_first_or_the_second():
    assert federation.Period(2025, 2).first_day == date(2025, 7, 1)
    with pytest.raises(federation.BadPeriodError):
        federation.Period(2025, 3)
