"""Reliable change, cut-offs and effect sizes, against the vectors in the literature's formulas."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medvirk.stats import change
from medvirk.stats.change import Category, Direction, Method, ReliableChange
from medvirk.stats.faults import BadScoresError, CannotEstimateError

SIX = ReliableChange(6, source="a published threshold of six points")


def test_reliable_change_from_sd_is_the_jacobson_truax_threshold():
    found = ReliableChange.from_sd(7.5, 0.80, source="own sample")

    assert found.value == pytest.approx(9.297, abs=5e-4)
    assert found == ReliableChange(
        found.value, 0.95, Method.JACOBSON_TRUAX, 7.5, 0.80, "own sample", inclusive=False
    )


@pytest.mark.parametrize(("level", "expected"), [(0.90, 5.35), (0.95, 6.38)])
def test_reliable_change_depends_on_the_level(level, expected):
    found = ReliableChange.from_sd(8.7, 0.93, level=level)

    assert found.value == pytest.approx(expected, abs=0.005)


def test_a_published_threshold_is_reached_at_the_threshold_and_a_computed_one_is_not():
    computed = ReliableChange(6, inclusive=False)

    assert SIX.reached_by([5.9, 6, 6.1]).tolist() == [False, True, True]
    assert computed.reached_by([5.9, 6, 6.1]).tolist() == [False, False, True]


@pytest.mark.parametrize("gain", [8.2 - 2.2, 8.3 - 2.3])
def test_rounding_noise_in_decimals_does_not_decide(gain):
    assert gain != 6

    assert SIX.reached_by(gain)
    assert not ReliableChange(6, inclusive=False).reached_by(gain)


def test_reliable_change_names_every_fault_at_once():
    with pytest.raises(BadScoresError) as raised:
        ReliableChange.from_sd(-1, 1.2, level=2)

    assert len(raised.value.faults) == 3
    assert "level" in raised.value.faults[0]
    assert "standard deviation" in raised.value.faults[1]
    assert "reliability" in raised.value.faults[2]


@pytest.mark.parametrize("value", [0, -3, float("nan"), float("inf")])
def test_a_threshold_must_be_a_number_above_zero(value):
    with pytest.raises(BadScoresError, match="must be a number above 0"):
        ReliableChange(value)


def test_jacobson_truax_statistic():
    assert change.jacobson_truax(32.5, 47.5, sd=7.5, reliability=0.80) == pytest.approx(3.1623, abs=5e-5)


def test_cutoffs_a_b_and_c():
    assert change.cutoff_a(40, 7.5, direction=Direction.HIGHER) == 55
    assert change.cutoff_b(60, 5, direction=Direction.HIGHER) == 50
    assert change.cutoff_c(40, 7.5, 60, 5) == 52
    assert change.cutoff_a(20, 4, direction=Direction.LOWER) == 12
    assert change.cutoff_b(5, 4, direction=Direction.LOWER) == 13


def test_cutoffs_refuse_a_spread_of_zero():
    with pytest.raises(BadScoresError) as raised:
        change.cutoff_c(40, 0, 60, -1)

    assert len(raised.value.faults) == 2


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (24, 10, Category.RECOVERED),
        (24, 16, Category.IMPROVED),  # reliably better, but at the cut-off, which is clinical
        (24, 15, Category.RECOVERED),
        (16, 10, Category.RECOVERED),  # started at the cut-off
        (14, 3, Category.IMPROVED),  # started functional: cannot recover
        (24, 19, Category.UNCHANGED),
        (18, 13, Category.UNCHANGED),  # crossed the cut-off, but not reliably
        (14, 20, Category.DETERIORATED),
        (14, np.nan, Category.NOT_ASSESSABLE),
        (np.nan, 14, Category.NOT_ASSESSABLE),
    ],
)
def test_classify_where_lower_is_better(first, last, expected):
    found = change.classify([first], [last], direction=Direction.LOWER, rci=SIX, cutoff=16)

    assert found.tolist() == [expected]


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (18, 25, Category.RECOVERED),  # at the cut-off is functional
        (18, 24.9, Category.IMPROVED),
        (25, 31, Category.IMPROVED),  # started at the cut-off: functional, cannot recover
        (30, 20, Category.DETERIORATED),
    ],
)
def test_classify_where_higher_is_better(first, last, expected):
    found = change.classify([first], [last], direction=Direction.HIGHER, rci=SIX, cutoff=25)

    assert found.tolist() == [expected]


def test_nobody_recovers_without_a_cutoff():
    found = change.classify(
        [18, 18, 18], [30, 30, 30], direction=Direction.HIGHER, rci=SIX, cutoff=[25, np.nan, 35]
    )

    assert found.tolist() == [Category.RECOVERED, Category.IMPROVED, Category.IMPROVED]
    assert change.classify(18, 30, direction=Direction.HIGHER, rci=SIX).item() == Category.IMPROVED


def test_classify_names_every_fault_at_once():
    with pytest.raises(BadScoresError) as raised:
        change.classify([np.inf, 2, 3], [1, 2], direction=Direction.LOWER, rci=SIX)

    assert "infinite" in raised.value.faults[0]
    assert "differ in shape" in raised.value.faults[1]


def test_classify_refuses_text():
    with pytest.raises(BadScoresError, match="First scores: every element must be a number"):
        change.classify(["a"], [1], direction=Direction.LOWER, rci=SIX)


def test_counts_hold_every_category_and_every_person():
    categories = change.classify(
        [24, 24, 14, np.nan], [10, 23, 30, 2], direction=Direction.LOWER, rci=SIX, cutoff=16
    )

    assert change.count_categories(categories) == {
        Category.RECOVERED: 1,
        Category.IMPROVED: 0,
        Category.UNCHANGED: 1,
        Category.DETERIORATED: 1,
        Category.NOT_ASSESSABLE: 1,
    }


scores = st.lists(
    st.tuples(st.integers(-50, 50), st.one_of(st.integers(-50, 50), st.just(float("nan")))), min_size=1
)


# Halves between whole scores: a score at the cut-off is the one case that is not symmetric, by convention.
@given(scores, st.integers(-30, 30).map(lambda whole: whole + 0.5), st.booleans())
def test_turning_the_scale_round_changes_no_category(pairs, cutoff, inclusive):
    first, last = np.array(pairs).T
    rci = ReliableChange(6, inclusive=inclusive)

    lower = change.classify(first, last, direction=Direction.LOWER, rci=rci, cutoff=cutoff)
    higher = change.classify(-first, -last, direction=Direction.HIGHER, rci=rci, cutoff=-cutoff)

    assert lower.tolist() == higher.tolist()


@given(scores)
def test_going_back_undoes_a_reliable_change(pairs):
    first, last = np.array(pairs).T
    opposite = {
        Category.IMPROVED: Category.DETERIORATED,
        Category.DETERIORATED: Category.IMPROVED,
    }

    there = change.classify(first, last, direction=Direction.LOWER, rci=SIX)
    back = change.classify(last, first, direction=Direction.LOWER, rci=SIX)

    assert back.tolist() == [opposite.get(category, category) for category in there]


def test_effect_size_vector():
    found = change.effect_size_from_summary(
        n=40, mean_first=18.5, mean_last=24, sd_first=7.5, r=0.5, direction=Direction.HIGHER
    )

    assert (found.d, found.g, found.se) == pytest.approx((0.733, 0.719, 0.178), abs=5e-4)
    assert found.ci95 == pytest.approx((found.d - 1.959964 * found.se, found.d + 1.959964 * found.se))


def test_effect_size_uses_people_with_both_scores_and_is_positive_when_better():
    first = [20.0, 26.0, 30.0, 24.0, np.nan, 12.0]
    last = [12.0, 20.0, 21.0, 23.0, 4.0, np.nan]

    lower = change.effect_size(first, last, direction=Direction.LOWER)
    higher = change.effect_size(first, last, direction=Direction.HIGHER)

    assert lower.n == 4
    assert lower.d == pytest.approx(6 / np.std([20, 26, 30, 24], ddof=1))
    assert lower.r == pytest.approx(np.corrcoef(first[:4], last[:4])[0, 1])
    assert higher.d == -lower.d


def test_effect_size_needs_three_pairs():
    with pytest.raises(CannotEstimateError, match="at least 3 people with both scores, found 1"):
        change.effect_size([1, 2, 3], [4, np.nan, None], direction=Direction.LOWER)


def test_effect_size_needs_spread():
    with pytest.raises(CannotEstimateError) as raised:
        change.effect_size([5, 5, 5], [2, 2, 2], direction=Direction.LOWER)

    assert [fault.split(":")[1].split(",")[0] for fault in raised.value.faults] == [
        " all first scores are equal",
        " all last scores are equal",
    ]


def test_effect_size_needs_pairs():
    with pytest.raises(BadScoresError, match="two lists of equal length"):
        change.effect_size([1, 2, 3], [1, 2], direction=Direction.LOWER)


def test_effect_size_from_summary_names_every_fault_at_once():
    with pytest.raises(BadScoresError) as raised:
        change.effect_size_from_summary(
            n=2, mean_first=float("nan"), mean_last=2, sd_first=0, r=1.5, direction=Direction.LOWER
        )

    assert len(raised.value.faults) == 4
