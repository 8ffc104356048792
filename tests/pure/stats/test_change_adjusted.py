"""The effect of a group against norms: worked by hand from a model whose numbers are round."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as distributions

from medvirk.stats import change
from medvirk.stats.change import Direction
from medvirk.stats.faults import BadScoresError, CannotEstimateError
from medvirk.stats.growth import GrowthModel, UnusableModelError

LOWER, HIGHER = Direction.LOWER, Direction.HIGHER
# First scores are N(20, 13); given the first, the last at t = 2 is expected at 14 + 9/13·(first − 20).
NORMS = GrowthModel(
    beta=np.array([20.0, -3.0]), G=np.array([[9.0, 0.0], [0.0, 1.0]]), sigma2=4.0, loglik=0.0,
    converged=True, singular=False, message="", persons=100, scores=500,
)  # fmt: skip


def test_both_definitions_by_hand():
    first = np.array([20.0, 33.0, 7.0, 26.5])
    expected = np.array([14.0, 23.0, 5.0, 18.5])
    below = np.array([1.0, 3.0, 2.0, 6.0])

    found = change.adjusted_effect(first, expected - below, t_last=2, model=NORMS, direction=LOWER)

    sd = np.sqrt(13)
    assert found.n == 4
    assert found.sd_reference == pytest.approx(sd)
    assert found.centred.mean == pytest.approx(3 / sd)
    # Deviations −2, 0, −1, 3: SD √(14/3), over √4; t with 3 degrees of freedom.
    assert found.centred.se == pytest.approx(np.sqrt(14 / 3) / 2 / sd)
    margin = 3.182446 * found.centred.se
    assert found.centred.ci95 == pytest.approx((3 / sd - margin, 3 / sd + margin))
    # The norms' people fall by 6 points by t = 2.
    assert found.reference_gain == pytest.approx(6 / sd)
    assert found.with_reference_gain.mean == pytest.approx(9 / sd)
    assert found.with_reference_gain.se == pytest.approx(found.centred.se)


def test_a_group_that_goes_as_the_norms_do_is_at_zero_however_ill_it_began():
    rng = np.random.default_rng(4)
    for begin in (14.0, 26.0):
        first = rng.normal(begin, 2, 4000)
        spread = np.sqrt(4 + 4 * 1 + 9 * 4 / 13)
        last = 14 + 9 / 13 * (first - 20) + rng.normal(0, spread, 4000)

        found = change.adjusted_effect(first, last, t_last=2, model=NORMS, direction=LOWER)

        assert abs(found.centred.mean) < 4 * found.centred.se < 0.06
        raw = change.effect_size(first, last, direction=LOWER).d
        # The raw effect of those who began better is less than half of that of the others.
        assert raw > 3 if begin == 26 else raw < 2.2


def test_the_clinical_range_counts_only_intakes_there_and_says_who_was_left_out():
    first = [25, 25, 25, 12, np.nan, 30, 10]
    last = [15, 16, 20, 5, 9, np.nan, np.nan]

    found = change.adjusted_effect(first, last, t_last=2, model=NORMS, direction=LOWER, cutoff=20)

    assert found.n == 3
    assert found.left_out == {
        "no first score": 1,
        "no last score": 2,
        "began outside the clinical range": 1,
    }
    # Mean first score beyond the mean of a normal: 20 + √13·√(2/π); each point of it keeps 9/13.
    above = np.sqrt(13) * np.sqrt(2 / np.pi)
    assert found.reference_gain == pytest.approx((6 + 4 / 13 * above) / np.sqrt(13))


def test_the_clinical_range_where_higher_is_better_lies_below():
    turned = GrowthModel(
        beta=-NORMS.beta, G=NORMS.G, sigma2=4.0, loglik=0.0, converged=True, singular=False, message="",
        persons=100, scores=500,
    )  # fmt: skip
    first, last = np.array([25.0, 23, 28, 12]), np.array([15.0, 16, 20, 5])

    lower = change.adjusted_effect(first, last, t_last=2, model=NORMS, direction=LOWER, cutoff=19.5)
    higher = change.adjusted_effect(-first, -last, t_last=2, model=turned, direction=HIGHER, cutoff=-19.5)

    assert higher == lower
    # The truncated normal by another way.
    begin = distributions.truncnorm.mean((19.5 - 20) / np.sqrt(13), np.inf, loc=20, scale=np.sqrt(13))
    assert lower.reference_gain == pytest.approx((6 + 4 / 13 * (begin - 20)) / np.sqrt(13))


@given(st.floats(0.5, 50), st.floats(0.5, 5))
def test_the_two_definitions_differ_by_what_the_norms_gain(sd, t):
    found = change.adjusted_effect(
        [20, 25, 30], [10, 20, 29], t_last=t, model=NORMS, direction=LOWER, sd_reference=sd
    )

    assert found.sd_reference == sd
    assert found.reference_gain == pytest.approx(3 * t / sd)
    assert found.with_reference_gain.mean == pytest.approx(found.centred.mean + 3 * t / sd)


def test_each_person_is_measured_at_their_own_time():
    found = change.adjusted_effect(
        [20, 20, 20], [17 - 1, 14 - 2, 11 - 3], t_last=[1, 2, 3], model=NORMS, direction=LOWER, sd_reference=1
    )

    assert found.centred.mean == pytest.approx(2)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"first": [1, 2], "last": [1, 2, 3]}, "lists of equal length"),
        ({"first": [1, np.inf, 3]}, "infinite"),
        ({"t_last": [1, np.nan, 2]}, "a time is missing"),
        ({"t_last": 0}, "not later than the first"),
        ({"cutoff": np.nan}, "cut-off is nan"),
        ({"sd_reference": 0}, "SD of the norms is 0"),
        ({"t_first": np.inf}, "t_first is inf"),
    ],
)
def test_input_that_cannot_be_used_is_named(arguments, message):
    given_ = {"first": [20, 21, 22], "last": [10, 12, 11], "t_last": 2} | arguments

    with pytest.raises(BadScoresError, match=message):
        change.adjusted_effect(
            given_.pop("first"), given_.pop("last"), model=NORMS, direction=LOWER, **given_
        )


@pytest.mark.parametrize(
    ("first", "last", "cutoff", "message"),
    [
        ([], [], None, "at least 3 people, found 0"),
        ([20], [10], None, "found 1"),
        (
            [20, 21, 22, 10],
            [np.nan, 12, 11, 3],
            15,
            r"found 2 \(left out: no first score: 0, no last score: 1",
        ),
        ([20, 20, 20], [10, 10, 10], None, "equally far"),
        ([90, 91, 92], [10, 12, 11], 80, "next to nobody in the clinical range"),
    ],
)
def test_too_few_or_no_spread_cannot_be_estimated(first, last, cutoff, message):
    with pytest.raises(CannotEstimateError, match=message):
        change.adjusted_effect(first, last, t_last=2, model=NORMS, direction=LOWER, cutoff=cutoff)


def test_a_model_that_may_not_forecast_is_refused():
    singular = GrowthModel(
        beta=NORMS.beta, G=NORMS.G, sigma2=4.0, loglik=0.0, converged=True, singular=True,
        message="The fit is singular.", persons=100, scores=500,
    )  # fmt: skip

    with pytest.raises(UnusableModelError, match="singular"):
        change.adjusted_effect([20, 21, 22], [10, 12, 11], t_last=2, model=singular, direction=LOWER)
