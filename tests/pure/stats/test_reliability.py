"""Internal consistency and the standard error of measurement."""

import numpy as np
import pytest

from medvirk.stats.faults import BadScoresError, CannotEstimateError
from medvirk.stats.reliability import cronbach_alpha, standard_error_of_measurement


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
