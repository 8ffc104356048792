"""Hidden numbers, rounding, and differential privacy."""

import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom

from medvirk.stats.disclosure import (
    BETWEEN,
    Hidden,
    Reason,
    Rounding,
    SmallestCell,
    private_count,
    private_mean,
    private_proportion,
    round_counts,
    round_table,
    shown,
)
from medvirk.stats.disclosure.privacy import count_measurement, mean_measurement
from medvirk.stats.faults import BadScoresError, CannotEstimateError, MissingExtraError


def test_a_number_of_few_people_is_hidden_by_the_rule_of_the_place():
    assert shown(18.4, people=5) == 18.4
    assert shown(18.4, people=4) == Hidden(Reason.TOO_FEW_PEOPLE)
    assert shown(18.4, people=9, clinicians=5, rule=BETWEEN) == Hidden(Reason.TOO_FEW_PEOPLE)
    assert shown(18.4, people=10, clinicians=2, rule=BETWEEN) == Hidden(Reason.TOO_FEW_CLINICIANS)
    assert shown(18.4, people=10, clinicians=3, rule=BETWEEN) == 18.4


def test_the_rule_must_be_given_what_it_asks_for():
    with pytest.raises(BadScoresError, match="at least 3 clinicians: say how many"):
        shown(1.0, people=50, rule=BETWEEN)
    with pytest.raises(BadScoresError) as raised:
        shown(1.0, people=-1, clinicians=-1)
    assert len(raised.value.faults) == 2
    with pytest.raises(BadScoresError, match="hides nothing"):
        SmallestCell(people=1)


@pytest.mark.parametrize(
    "use", [lambda h: h + 1, float, int, bool, lambda h: h < 3, lambda h: sum([h]), lambda h: f"{h:.1f}"]
)
def test_what_is_hidden_is_no_number(use):
    with pytest.raises(TypeError):
        use(Hidden(Reason.TOO_FEW_PEOPLE))


@pytest.mark.parametrize(
    ("rounding", "expected"),
    [
        (Rounding.BASE_3, [0, 0, 3, 3, 3, 6, 6, 6, 9]),
        (Rounding.BASE_5, [0, 0, 0, 5, 5, 5, 5, 5, 10]),
        (Rounding.SMALL_ONLY, [0, 0, 3, 3, 4, 5, 6, 7, 8]),
    ],
)
def test_counts_are_rounded_by_their_rule(rounding, expected):
    assert round_counts(range(9), rounding=rounding).tolist() == expected


@given(st.integers(0, 10**9), st.sampled_from([(Rounding.BASE_3, 3), (Rounding.BASE_5, 5)]))
def test_rounding_is_to_the_nearest_multiple(count, rule):
    rounding, base = rule
    (found,) = round_counts([count], rounding=rounding)

    assert found % base == 0
    assert abs(found - count) <= base // 2


def test_margins_rounded_by_themselves_need_not_add_up():
    found = round_table([[3, 3, 3], [10, 20, 30]])

    assert found.cells.tolist() == [[5, 5, 5], [10, 20, 30]]
    assert (found.row_totals.tolist(), found.column_totals.tolist(), found.total) == (
        [10, 60],
        [15, 25, 35],
        70,
    )
    assert not found.additive
    assert round_table([[5, 10], [20, 30]]).additive


def test_exact_margins_never_undo_the_rounding_of_small_counts():
    found = round_table([[1, 9], [2, 4]], rounding=Rounding.SMALL_ONLY)

    assert found.cells.tolist() == [[0, 9], [3, 4]]
    assert (found.row_totals.tolist(), found.column_totals.tolist(), found.total) == ([9, 7], [3, 13], 16)
    assert found.additive


def test_rounding_names_what_is_no_count():
    with pytest.raises(BadScoresError) as raised:
        round_counts([1.5, -2, np.nan, 3])
    assert len(raised.value.faults) == 3
    with pytest.raises(BadScoresError, match="give a table"):
        round_table([1, 2])


@pytest.mark.parametrize("epsilon", [0.1, 1.0, 3.0])
@pytest.mark.parametrize("people", [100, 317])
def test_the_privacy_loss_is_at_most_epsilon_and_not_needlessly_less(people, epsilon):
    mean, scale = mean_measurement(people, lower=0, upper=40, epsilon=epsilon)
    count, _ = count_measurement(people, epsilon=epsilon)

    assert 0.999 * epsilon < mean.map(1) <= epsilon
    assert 0.999 * epsilon < count.map(1) <= epsilon
    # Two people who changed their answers cost twice as much.
    assert mean.map(2) == pytest.approx(2 * epsilon)
    assert scale == pytest.approx(40 / (people * epsilon))


def test_the_noise_of_a_mean_is_what_the_facts_say():
    found = private_mean([20.0] * 100, lower=0, upper=40, epsilon=1)

    # Epsilon 1, 0 to 40, 100 people: a standard deviation of 0.57.
    assert found.scale * 2**0.5 == pytest.approx(0.57, abs=5e-3)
    assert (found.people, found.epsilon) == (100, 1)


def misses(estimates, truth, bound):
    return sum(abs(e.value - truth) > bound for e in estimates)


def test_the_stated_accuracy_holds_in_95_of_100_draws():
    draws = 200
    scores = np.repeat([10.0, 30.0], 75)
    marks = np.repeat([True, False], [60, 90])
    estimates = {
        20.0: [private_mean(scores, lower=0, upper=40, epsilon=0.5) for _ in range(draws)],
        60.0: [private_count(marks, epsilon=0.5) for _ in range(draws)],
        0.4: [private_proportion(marks, epsilon=0.5) for _ in range(draws)],
    }

    for truth, found in estimates.items():
        # Wrong by chance once in a thousand million runs.
        assert misses(found, truth, found[0].accuracy) <= binom.isf(1e-9, draws, 0.05)
        # And there is noise: beyond half its scale at least 4 times in 10 (Laplace .61, whole numbers .46).
        assert misses(found, truth, found[0].scale / 2) >= binom.ppf(1e-9, draws, 0.4)


def test_counts_stay_whole_and_within_what_is_possible():
    none = [private_count([False] * 100, epsilon=0.1).value for _ in range(50)]
    everybody = [private_proportion([True] * 100, epsilon=0.1).value for _ in range(50)]

    assert all(0 <= count <= 100 and count == int(count) for count in none)
    assert all(0 <= share <= 1 for share in everybody)


@pytest.mark.parametrize("people", [0, 1, 99])
def test_below_a_hundred_people_it_is_refused(people):
    with pytest.raises(CannotEstimateError, match=f"{people} people; differential privacy needs 100"):
        private_mean([5.0] * people, lower=0, upper=40, epsilon=1)
    with pytest.raises(CannotEstimateError, match=f"{people} people"):
        private_proportion([True] * people, epsilon=1)


def test_every_fault_of_private_scores_is_named():
    with pytest.raises(BadScoresError) as raised:
        private_mean([*[5.0] * 100, None, 41, np.inf], lower=0, upper=40, epsilon=0)
    assert len(raised.value.faults) == 4
    with pytest.raises(BadScoresError, match="Bounds 40 and 0"):
        private_mean([5.0] * 100, lower=40, upper=0, epsilon=1)
    with pytest.raises(BadScoresError, match="Give one value for each person"):
        private_mean([[5.0] * 100], lower=0, upper=40, epsilon=1)
    with pytest.raises(BadScoresError, match="neither true nor false"):
        private_count([0.5] + [1] * 100, epsilon=1)


def test_without_opendp_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "opendp.prelude", None)

    with pytest.raises(MissingExtraError, match=r"medvirk\[privacy\]") as raised:
        private_mean([5.0] * 100, lower=0, upper=40, epsilon=1)
    assert (raised.value.extra, raised.value.needed_for) == ("privacy", "Differential privacy")
