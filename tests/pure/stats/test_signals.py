"""Signals: each rule sets off where it should, with its numbers, and is silent where it cannot know."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medvirk.stats import signals
from medvirk.stats.change import Direction, ReliableChange
from medvirk.stats.faults import BadScoresError
from medvirk.stats.growth import GrowthModel
from medvirk.stats.signals import Signal, SignalKind

MODEL = GrowthModel(
    beta=np.array([20.0, 3.0]),
    G=np.array([[40.0, -5.0], [-5.0, 6.0]]),
    sigma2=9.0,
    loglik=-1000.0,
    converged=True,
    singular=False,
    message="",
    persons=100,
    scores=600,
)
FIVE = ReliableChange(5, source="made up for the tests")


def outcome(y, *, model=MODEL, rci=FIVE, direction=Direction.HIGHER, t=None, **more):
    times = np.log1p(np.arange(len(y))) if t is None else t
    return signals.outcome_signals(
        times, y, model=model, direction=direction, rci=rci, low=0, high=40, **more
    )


def kinds(found):
    return [signal.kind for signal in found]


def test_a_course_that_goes_as_expected_sets_off_nothing():
    assert outcome([18, 20, 23, 24, 26]) == ()


def test_deteriorated_is_reliably_worse_than_the_first():
    found = outcome([20, 22, 18, 15], model=None)

    assert found == (Signal(SignalKind.DETERIORATED, 3, {"first": 20.0, "latest": 15.0, "threshold": 5}),)
    assert outcome([20, 22, 18, 15.1], model=None) == ()


def test_sudden_fall_is_reliably_worse_than_the_score_before():
    found = outcome([20, 28, 22], model=None)

    assert found == (Signal(SignalKind.SUDDEN_FALL, 2, {"previous": 28.0, "latest": 22.0, "threshold": 5}),)
    assert outcome([20, 28, 24], model=None) == ()


def test_worse_is_up_where_lower_is_better():
    found = outcome([20, 12, 19], model=None, direction=Direction.LOWER)

    assert kinds(found) == [SignalKind.SUDDEN_FALL]


def test_not_on_track_is_beyond_the_outer_tenth_expected_from_the_first_score():
    lower, _ = MODEL.band([0], [20], np.log(3), coverage=0.8)
    above, below = float(lower) + 0.01, float(lower) - 0.01

    assert outcome([20, 39, above], rci=None) == ()
    (found,) = outcome([20, 39, below], rci=None)

    assert (found.kind, found.session) == (SignalKind.NOT_ON_TRACK, 2)
    assert found.facts == pytest.approx(
        {
            "first": 20,
            "latest": below,
            "expected": MODEL.expected(20, np.log(3)).item(),
            "bound": lower.item(),
        }
    )


def test_not_on_track_looks_at_the_upper_end_where_lower_is_better():
    falling = replace(MODEL, beta=np.array([20.0, -3.0]))
    _, upper = falling.band([0], [20], np.log(3), coverage=0.8)

    found = outcome([20, 10, float(upper) + 0.01], model=falling, rci=None, direction=Direction.LOWER)

    assert kinds(found) == [SignalKind.NOT_ON_TRACK]
    assert outcome([20, 10, float(upper) - 0.01], model=falling, rci=None, direction=Direction.LOWER) == ()


def test_nobody_is_off_track_at_an_end_of_the_scale_that_the_band_reaches():
    lower, _ = MODEL.band([0], [1], np.log(2), coverage=0.8)
    assert lower < 4

    assert outcome([1, 0], rci=None, model=replace(MODEL, beta=np.array([2.0, 0.0]))) == ()


def test_no_change_expected_is_a_small_chance_of_reliable_improvement():
    flat = [20, 20, 19, 20, 19, 20, 19, 20]

    (found,) = [s for s in outcome(flat, horizon=np.log(9)) if s.kind is SignalKind.NO_CHANGE_EXPECTED]

    t = np.log1p(np.arange(8))
    chance = MODEL.chance_better(t, flat, np.log(9), threshold=25, direction=Direction.HIGHER)
    assert chance < 0.10
    assert found.facts == pytest.approx(
        {"first": 20, "latest": 20, "target": 25, "chance": chance.item(), "horizon": np.log(9)}
    )


def test_no_change_expected_waits_for_the_fourth_measurement():
    sinking = [20, 5, 4, 4]

    assert SignalKind.NO_CHANGE_EXPECTED not in kinds(outcome(sinking[:3], horizon=np.log(9)))
    assert SignalKind.NO_CHANGE_EXPECTED in kinds(outcome(sinking, horizon=np.log(9)))


def test_no_change_expected_stays_silent_for_a_hopeful_course():
    assert SignalKind.NO_CHANGE_EXPECTED not in kinds(outcome([20, 21, 22, 23, 24], horizon=np.log(9)))


@pytest.mark.parametrize(
    ("y", "horizon"),
    [
        ([39, 36, 35, 36, 35, 36], np.log(9)),  # the scale ends before reliable improvement
        ([20, 20, 19, 20, 19, 20], np.log(6)),  # the horizon is the latest score
    ],
)
def test_no_change_expected_stays_silent_where_it_cannot_be_asked(y, horizon):
    assert SignalKind.NO_CHANGE_EXPECTED not in kinds(outcome(y, horizon=horizon))


@pytest.mark.parametrize("y", [[], [5], [np.nan, 5, np.nan], [np.nan, np.nan]])
def test_one_score_is_no_course(y):
    assert outcome(y) == ()


def test_rules_without_what_they_need_stay_silent():
    badly = [30, 20, 12, 8, 5]

    assert outcome(badly, model=None, rci=None) == ()
    assert outcome(badly, model=replace(MODEL, singular=True, message="singular"), rci=None) == ()
    assert kinds(outcome(badly, rci=None)) == [SignalKind.NOT_ON_TRACK]


def test_a_missing_measure_is_passed_over_but_keeps_its_place():
    (found,) = outcome([np.nan, 20, np.nan, 15, np.nan], model=None)[:1]

    assert (found.kind, found.session, found.facts["first"]) == (SignalKind.DETERIORATED, 3, 20.0)


def test_what_harms_comes_first():
    found = outcome([30, 20, 12, 11, 5], horizon=np.log(7))

    assert kinds(found) == [
        SignalKind.DETERIORATED,
        SignalKind.SUDDEN_FALL,
        SignalKind.NOT_ON_TRACK,
        SignalKind.NO_CHANGE_EXPECTED,
    ]


@given(st.lists(st.integers(0, 40), min_size=2, max_size=8))
def test_turning_the_scale_round_changes_no_signal(y):
    turned = replace(MODEL, beta=np.array([40.0, 0.0]) - MODEL.beta)

    one = outcome(y)
    other = outcome([40 - score for score in y], model=turned, direction=Direction.LOWER)

    assert kinds(one) == kinds(other)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"t": [0, 1]}, "two lists of equal length"),
        ({"t": [0, 2, 1]}, "must ascend"),
        ({"t": [0, np.nan, 1]}, "none may be missing"),
        ({"y": [1, np.inf, 2]}, "infinite"),
        ({"y": [1, 41, 2]}, "1 score.s. off the scale from 0 to 40, the first at position 1"),
    ],
)
def test_a_course_that_cannot_be_is_refused(wrong, message):
    with pytest.raises(BadScoresError, match=message):
        outcome(**{"y": [1, 2, 3]} | wrong)


def test_an_impossible_scale_is_refused():
    with pytest.raises(BadScoresError, match="upper end must be above the lower"):
        signals.alliance_signals([1, 2], low=10, high=10)


def alliance(y, **more):
    return signals.alliance_signals(y, low=0, high=40, **more)


def test_alliance_low_only_where_a_cutoff_exists():
    assert alliance([35]) == ()
    assert alliance([35], cutoff=36) == (Signal(SignalKind.ALLIANCE_LOW, 0, {"latest": 35.0, "cutoff": 36}),)
    assert alliance([36], cutoff=36) == ()


def test_alliance_falling_is_a_point_of_forty_from_the_meeting_before():
    assert alliance([38, 37]) == (
        Signal(SignalKind.ALLIANCE_FALLING, 1, {"previous": 38.0, "latest": 37.0, "threshold": 1.0}),
    )
    assert alliance([38, 37.1]) == ()
    assert alliance([38, 36, 38]) == ()
    assert alliance([38, 36], fall_share=0.1) == ()


def test_alliance_falling_passes_over_a_missing_meeting():
    (found,) = alliance([38, np.nan, 30, np.nan])

    assert (found.session, found.facts["previous"]) == (2, 38.0)


def test_alliance_always_perfect_takes_three_in_a_row_up_to_now():
    perfect = {"latest": 40.0, "meetings": 3.0}

    assert alliance([30, 40, 39.6, np.nan, 40]) == (Signal(SignalKind.ALLIANCE_ALWAYS_PERFECT, 4, perfect),)
    assert alliance([40, 40, 39.5]) == ()
    assert alliance([40, 40]) == ()
    assert alliance([40] * 5)[0].facts["meetings"] == 5


def test_no_meeting_score_is_no_signal():
    assert alliance([np.nan, np.nan], cutoff=36) == ()


def test_alliance_names_every_fault_at_once():
    with pytest.raises(BadScoresError) as raised:
        alliance([[50.0]], fall_share=0)

    assert len(raised.value.faults) == 3


def test_missing_measure_says_how_many_in_a_row():
    found = signals.missing_signal([20, np.nan, 22, np.nan, None])

    assert found == Signal(SignalKind.MISSING_MEASURE, 4, {"missing": 2.0, "measured": 2.0})
    assert signals.missing_signal([np.nan]) == Signal(
        SignalKind.MISSING_MEASURE, 0, {"missing": 1.0, "measured": 0.0}
    )


@pytest.mark.parametrize("y", [[], [20], [np.nan, 20]])
def test_nothing_is_missing_when_the_latest_is_there(y):
    assert signals.missing_signal(y) is None


def test_missing_measure_needs_a_list():
    with pytest.raises(BadScoresError, match="give one list of scores"):
        signals.missing_signal(5)


def test_every_kind_has_its_place_in_the_order():
    assert sorted(signals.DESERVES_ATTENTION) == sorted(SignalKind)


def test_by_attention_sorts_by_kind_then_latest():
    mixed = [
        Signal(SignalKind.MISSING_MEASURE, 3, {}),
        Signal(SignalKind.DETERIORATED, 2, {}),
        Signal(SignalKind.DETERIORATED, 4, {}),
    ]

    assert signals.by_attention(mixed) == [mixed[2], mixed[1], mixed[0]]


@pytest.mark.parametrize(("base_rate", "expected"), [(0.05, 0.18), (0.08, 0.27), (0.10, 0.32)])
def test_how_often_a_signal_is_right(base_rate, expected):
    assert signals.how_often_right(base_rate, 0.85, 0.80) == pytest.approx(expected, abs=0.005)


def test_how_often_right_names_every_fault_at_once():
    with pytest.raises(BadScoresError) as raised:
        signals.how_often_right(8, -0.1, float("nan"))

    assert len(raised.value.faults) == 3
    with pytest.raises(BadScoresError, match="no signal is ever given"):
        signals.how_often_right(0, 0.9, 1)
