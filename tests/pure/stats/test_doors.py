"""At the public doors: a direction as text, a bare number as reliable change, scores off the scale."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from medvirk.stats import change, growth, outcomes, signals
from medvirk.stats.change import Direction, Method, ReliableChange, Sample
from medvirk.stats.faults import BadScoresError, CannotEstimateError
from medvirk.stats.growth import chances

RNG = np.random.default_rng(5)
FIRST = RNG.uniform(10, 25, 40).round()
LAST = (FIRST - 3 + RNG.normal(0, 4, 40)).round()
RCI = ReliableChange(6, source="made up")
MODEL = growth.GrowthModel(
    beta=np.array([18.0, -2.0]), G=np.array([[20.0, -2.0], [-2.0, 3.0]]), sigma2=6.0, loglik=0.0,
    converged=True, singular=False, message="", persons=100, scores=800,
)  # fmt: skip
LINES = chances.Lines(*(np.array([v]) for v in (15.0, -1.0, 3.0, 1.0, 0.0)), 9.0)
SEEN = {"t_seen": [0.0, 0.7, 1.1, 1.4], "y_seen": [20, 19, 21, 20], "t_new": [2.0, 2.5]}
ROWS = {"person": [1, 1, 1, 2, 2, 2], "session": [0, 1, 2, 0, 1, 2], "score": [20, 15, 10, 20, 24, 30]}
SCALE = {"low": 0.0, "high": 40.0}


def series(direction: Any, rci: Any) -> Any:
    measure = outcomes.Measure("own", direction, rci, cutoff=12, low=0, high=40)
    return outcomes.paired_outcomes([measure], [FIRST], [LAST]).proportions


def cohort(direction: Any, rci: Any) -> Any:
    made = signals.Cohort.from_scores(**ROWS, direction=direction, rci=rci, **SCALE)
    return made.loss, made.ended(signals.Outcome.DETERIORATED)


def told(direction: Any, rci: Any) -> Any:
    found = signals.outcome_signals(
        SEEN["t_seen"], [20, 19, 21, 28], model=MODEL, direction=direction, rci=rci, **SCALE
    )
    assert direction == "higher" or found
    return [(each.kind, dict(each.facts)) for each in found]


#: Functions that ask which way is better, as (direction) → something to compare.
DIRECTED: dict[str, Callable[[Any], Any]] = {
    "is_clinical": lambda d: change.is_clinical(FIRST, direction=d, cutoff=16),
    "cutoff_a": lambda d: change.cutoff_a(20, 4, direction=d),
    "cutoff_b": lambda d: change.cutoff_b(8, 4, direction=d),
    "effect_size": lambda d: change.effect_size(FIRST, LAST, direction=d).d,
    "effect_size_from_summary": lambda d: (
        change.effect_size_from_summary(n=9, mean_first=9, mean_last=5, sd_first=2, r=0.5, direction=d).d
    ),
    "adjusted_effect": lambda d: (
        change.adjusted_effect(FIRST, LAST, t_last=2.0, model=MODEL, direction=d, cutoff=16).centred.mean
    ),
    "classify_by": lambda d: (
        change.classify_by(
            Method.JACOBSON_TRUAX, FIRST, LAST, direction=d, sample=Sample.of(FIRST, LAST, reliability=0.8)
        ).category
    ),
    "categories": lambda d: change.categories([-3.0, 0.0, 3.0], z=1.96, direction=d),
    "compare": lambda d: (
        change.compare(FIRST, LAST, direction=d, reliability=0.8, cutoff=16, resamples=100)[
            Method.JACOBSON_TRUAX
        ].shares
    ),
    "chance_better": lambda d: MODEL.chance_better(**SEEN, threshold=15, direction=d),
}
#: Those that ask for a reliable change too.
JUDGED: dict[str, Callable[[Any, Any], Any]] = {
    "classify": lambda d, rci: change.classify(FIRST, LAST, direction=d, rci=rci, cutoff=16),
    "reached_at": lambda d, rci: chances.reached_at(LINES, [20.0], [1.0, 2.0], rci=rci, direction=d),
    "reached_by": lambda d, rci: chances.reached_by(LINES, [20.0], [1.0, 2.0], rci=rci, direction=d),
    "chance_reliable": lambda d, rci: MODEL.chance_reliable(**SEEN, rci=rci, direction=d),
    "chance_reliable_by": lambda d, rci: MODEL.chance_reliable_by(**SEEN, rci=rci, direction=d),
    "Measure": series,
    "Cohort.from_scores": cohort,
    "outcome_signals": told,
}
ALL = DIRECTED | {name: lambda d, call=call: call(d, RCI) for name, call in JUDGED.items()}


@pytest.mark.parametrize("name", ALL)
def test_a_direction_may_come_as_text(name):
    call = ALL[name]

    for direction in Direction:
        assert str(call(direction.value)) == str(call(direction))
    assert str(call("higher")) != str(call("lower"))


@pytest.mark.parametrize("name", ALL)
def test_an_unknown_direction_is_refused_with_the_choices(name):
    with pytest.raises(BadScoresError, match="The direction is 'up': it must be one of higher, lower"):
        ALL[name]("up")


@pytest.mark.parametrize("name", JUDGED)
def test_a_bare_number_is_no_reliable_change(name):
    with pytest.raises(BadScoresError) as raised:
        JUDGED[name]("lower", 9.0)

    assert "ReliableChange(9, source=…)" in str(raised.value)
    assert "ReliableChange.from_sd" in str(raised.value)


@pytest.mark.parametrize("name", JUDGED)
def test_both_are_refused_at_once(name):
    with pytest.raises(BadScoresError) as raised:
        JUDGED[name]("up", 9.0)

    assert len(raised.value.faults) == 2


# scores off the scale

OWN = outcomes.Measure("own", Direction.LOWER, RCI, cutoff=12, low=0, high=27)
OTHER = outcomes.Measure("other", Direction.LOWER, RCI, cutoff=12, high=21)


def test_pairs_off_the_scale_are_all_named():
    first, last = [[10, 28, 30.0], [5, 6, 22]], [[-1, 2, np.nan], [-50, 3, 4]]

    with pytest.raises(BadScoresError) as raised:
        outcomes.paired_outcomes([OWN, OTHER], first, last)

    scale = "Correct them or the ends of the scale."
    assert raised.value.faults == (
        f"own, first scores: 2 score(s) off the scale from 0 to 27, the first at position 1 (28). {scale}",
        f"other, first scores: 1 score(s) off the scale from -inf to 21, the first at position 2 (22). {scale}",
        f"own, last scores: 1 score(s) off the scale from 0 to 27, the first at position 0 (-1). {scale}",
    )


def test_the_ends_themselves_are_on_the_scale():
    found = outcomes.paired_outcomes([OWN], [[27, 27 + 1e-12, 0]], [[0, 0, 27]])

    assert found.completion == 1


def test_rows_off_the_scale_are_named_with_the_other_faults():
    rows = [
        outcomes.Series(OWN, [1, 1, 2], [0, 1, 0], [10, 99, 5]),
        outcomes.Series(OTHER, [1, 1, 3], [0, 0, 0], [22, 7, 7]),
    ]

    with pytest.raises(BadScoresError) as raised:
        outcomes.FinishedCourses.of(course=[1, 2], end=[1, 1], series=rows)

    assert [fault.split(",")[0] for fault in raised.value.faults] == [
        "own: score: 1 score(s) off the scale from 0 to 27",
        "other: 1 score(s) share person and time with another",
        "other: score: 1 score(s) off the scale from -inf to 21",
    ]


def test_a_band_within_a_scale_takes_no_score_off_it():
    with pytest.raises(BadScoresError, match=r"y_seen: 1 score\(s\) off the scale from 0 to 27, .* 1 \(40\)"):
        MODEL.band([0.0, 1.0], [20, 40], 2.0, coverage=0.8, low=0, high=27)
    assert MODEL.band([0.0, 1.0], [20, 40], 2.0, coverage=0.8)[0] > 0


@pytest.mark.parametrize(
    "ask",
    [
        lambda t, y: MODEL.predict(t, y, 2.0),
        lambda t, y: MODEL.band(t, y, 2.0, coverage=0.5),
        lambda t, y: MODEL.chance_reliable(t, y, 2.0, rci=RCI, direction=Direction.LOWER),
        lambda t, y: MODEL.chance_reliable_by(t, y, 2.0, rci=RCI, direction=Direction.LOWER),
    ],
)
def test_two_scores_at_the_same_time_are_no_forecast(ask):
    with pytest.raises(BadScoresError, match="Keep one for each time"):
        ask([0.0, 1.0, 1.0], [20, 15, 11])
    ask([0.0, 1.0, 1.0], [20, 15, np.nan])  # one that is missing is no second score


def test_an_empty_chart_says_that_there_are_no_points():
    from medvirk.stats import control

    moved = [control.DocumentedChange(1, "a second team")]
    for call in (
        lambda: control.xmr_chart([], changes=moved),
        lambda: control.runs_analysis([]),
        lambda: control.p_chart([], [], changes=moved),
        lambda: control.interrupted_time_series([], changes=moved),
    ):
        with pytest.raises(CannotEstimateError, match="there are no points"):
            call()
