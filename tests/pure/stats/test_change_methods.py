"""The methods of reliable change against worked numbers, and what they must have in common."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from medvirk.stats import change
from medvirk.stats.change import Category, Direction, Method, ReliableChange, Sample
from medvirk.stats.faults import BadScoresError, CannotEstimateError
from medvirk.stats.growth import GrowthModel

FIRST, LAST = 32.5, 47.5
GROUP = Sample(40, 7.5, 0.80, mean_last=50, sd_last=8, correlation=0.5)
LOWER, HIGHER = Direction.LOWER, Direction.HIGHER
WITH_STATISTIC = [method for method in Method if method not in {Method.PUBLISHED, Method.EMPIRICAL_BAYES}]


@pytest.mark.parametrize(
    ("method", "expected"),
    [
        (Method.JACOBSON_TRUAX, 3.1623),
        (Method.GULLIKSEN_LORD_NOVICK, 3.0000),
        (Method.HSU_LINN_LORD, 0.7778),
        (Method.EDWARDS_NUNNALLY, 4.0249),
        (Method.NUNNALLY_KOTSCH, 3.1429),
        (Method.HAGEMAN_ARRINDELL, 3.4977),
    ],
)
def test_the_statistic_of_the_worked_example(method, expected):
    found = change.classify_by(method, [FIRST], [LAST], direction=HIGHER, sample=GROUP)

    assert found.statistic == pytest.approx([expected], abs=5e-5)


def test_reliability_of_the_difference():
    found = change.reliability_of_difference(7.5, 8, reliability=0.8, correlation=0.5)

    assert found == pytest.approx(0.62656, abs=5e-6)


def test_nunnally_kotsch_takes_the_reliability_of_the_last_scores():
    # √(.64·56.25·.2 + 56.25·.1) = √12.825
    found = change.nunnally_kotsch(FIRST, LAST, mean=40, sd=7.5, reliability=0.8, reliability_last=0.9)

    assert found == pytest.approx(13.5 / np.sqrt(12.825))


def test_the_crossing_of_hageman_and_arrindell():
    # SE² = 11.25, r2 = 1 − 11.25/64; true SDs √45 (clinical) and √13.75 (functional 60, SD 5).
    sem = 7.5 * np.sqrt(0.2)
    cutoff = (np.sqrt(45) * 60 + np.sqrt(13.75) * 40) / (np.sqrt(45) + np.sqrt(13.75))
    r2 = 1 - 11.25 / 64

    assert change.true_score_cutoff(40, 7.5, 60, 5, sem=sem) == pytest.approx(cutoff)
    assert change.hageman_arrindell_crossing(
        [65, np.nan], mean_last=50, sd_last=8, sem=sem, true_cutoff=cutoff
    ) == pytest.approx([(50 + 15 * r2 - cutoff) / (np.sqrt(r2) * sem), np.nan], nan_ok=True)


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        # CS = 1.65 at (1.65·√.82422·3.3541 + 50 − 50)/.82422 + 50 = 56.096.
        (56.0, Category.IMPROVED),
        (56.2, Category.RECOVERED),
    ],
)
def test_hageman_and_arrindell_recover_only_who_crosses_reliably(last, expected):
    found = change.classify_by(
        Method.HAGEMAN_ARRINDELL, [FIRST], [last], direction=HIGHER, sample=GROUP, cutoff=50
    )

    assert found.z == 1.65
    assert found.category.tolist() == [expected]
    usual = change.classify_by(
        Method.JACOBSON_TRUAX, [FIRST], [last], direction=HIGHER, sample=GROUP, cutoff=50
    )
    assert usual.category.tolist() == [Category.RECOVERED]


def test_hageman_and_arrindell_harm_only_who_crosses_reliably():
    sample = Sample(55, 7.5, 0.80, mean_last=50, sd_last=8, correlation=0.5)

    # CS = −1.65 at a last score of 43.90.
    found = change.classify_by(
        Method.HAGEMAN_ARRINDELL, [58, 58], [43.8, 44.0], direction=HIGHER, sample=sample, cutoff=50
    )

    assert found.category.tolist() == [Category.DETERIORATED] * 2
    assert found.harmed.tolist() == [True, False]


def test_cutoff_b_uses_the_spread_of_the_functional_group():
    # With the clinical SD of 7.5, as a common program has it, it would be 45.
    assert change.cutoff_b(60, 5, direction=HIGHER) == 50


def test_every_method_agrees_with_itself_on_a_turned_scale():
    turned = Sample(-40, 7.5, 0.80, mean_last=-50, sd_last=8, correlation=0.5)
    first, last = np.array([32.5, 41, 58, 60]), np.array([57.5, 39, 40, np.nan])

    for method in WITH_STATISTIC:
        there = change.classify_by(method, first, last, direction=HIGHER, sample=GROUP, cutoff=49.5)
        back = change.classify_by(method, -first, -last, direction=LOWER, sample=turned, cutoff=-49.5)
        assert there.category.tolist() == back.category.tolist()
        assert there.harmed.tolist() == back.harmed.tolist()
        assert there.statistic == pytest.approx(-back.statistic, nan_ok=True)
        assert there.category[3] == Category.NOT_ASSESSABLE


@given(st.lists(st.tuples(st.integers(0, 27), st.integers(0, 27)), min_size=1))
def test_a_threshold_in_points_and_its_statistic_classify_alike(pairs):
    first, last = np.array(pairs, dtype=float).T
    sample = Sample(14, 5.5, 0.86)
    rci = ReliableChange.from_sd(5.5, 0.86)

    points = change.classify(first, last, direction=LOWER, rci=rci, cutoff=10)
    statistic = change.classify_by(
        Method.JACOBSON_TRUAX, first, last, direction=LOWER, sample=sample, cutoff=10
    )

    assert points.tolist() == statistic.category.tolist()
    assert statistic.counts() == change.count_categories(points)


def test_harmed_are_the_reliably_worse_who_left_the_functional_range():
    found = change.classify_by(
        Method.JACOBSON_TRUAX,
        [5, 12, 5, 9],
        [18, 25, 9.5, np.nan],
        direction=LOWER,
        sample=Sample(14, 5.5, 0.86),
        cutoff=[10, 10, 10, 10],
    )

    assert found.category.tolist() == [
        Category.DETERIORATED,
        Category.DETERIORATED,
        Category.UNCHANGED,
        Category.NOT_ASSESSABLE,
    ]
    assert found.harmed.tolist() == [True, False, False, False]


def test_categories_by_a_statistic_alone_and_with_scores():
    statistic = [2.5, 1.9, -2.5, np.nan]

    alone = change.categories(statistic, z=1.96, direction=HIGHER)
    placed = change.categories(
        statistic, z=1.96, direction=HIGHER, first=[20, 20, 20, 20], last=[30, 30, 10, 30], cutoff=25
    )

    assert alone.tolist() == ["improved", "unchanged", "deteriorated", "not_assessable"]
    assert placed.tolist() == ["recovered", "unchanged", "deteriorated", "not_assessable"]


def test_sample_of_people_with_both_scores():
    found = Sample.of([1, 2, 3, 6, np.nan], [2, 2, 5, 9, 4], reliability=0.9)

    assert (found.mean_first, found.mean_last) == (3, 4.5)
    assert found.sd_first == pytest.approx(np.sqrt(14 / 3))
    assert found.sd_last == pytest.approx(np.sqrt(33 / 3))
    assert found.correlation == pytest.approx(21 / np.sqrt(14 * 33))


@pytest.mark.parametrize(
    ("first", "last", "message"),
    [
        ([], [], "at least 3 people with both scores, found 0"),
        ([5], [3], "found 1"),
        ([5, 5, 5], [1, 2, 3], "All first scores of the 3 people"),
        ([1, 2, 3], [4, 4, 4], "All last scores"),
    ],
)
def test_a_sample_too_thin_is_refused(first, last, message):
    with pytest.raises(CannotEstimateError, match=message):
        Sample.of(first, last, reliability=0.8)


def test_a_sample_names_every_fault_at_once():
    with pytest.raises(BadScoresError) as raised:
        Sample(np.nan, 0, 1, mean_last=np.inf, sd_last=-1, correlation=2, reliability_last=0)

    assert len(raised.value.faults) == 7


@pytest.mark.parametrize(
    ("sd_last", "correlation"),
    [
        (7.5, 0.9),  # error alone makes the differences vary more than they do
        (7.5, 1.0),  # they do not vary at all
    ],
)
def test_an_impossible_reliability_of_the_difference_is_refused(sd_last, correlation):
    with pytest.raises(CannotEstimateError, match="does not lie between 0 and 1"):
        change.reliability_of_difference(7.5, sd_last, reliability=0.8, correlation=correlation)


def test_no_true_spread_is_refused():
    with pytest.raises(CannotEstimateError, match="functional group is 3, no more than measurement error"):
        change.true_score_cutoff(40, 7.5, 60, 3, sem=3.35)


def test_what_a_method_needs_and_the_sample_lacks_is_named():
    with pytest.raises(BadScoresError) as raised:
        change.classify_by(Method.HAGEMAN_ARRINDELL, [1], [2], direction=LOWER, sample=Sample(14, 5.5, 0.86))

    assert [fault.split("no ")[1].split(".")[0] for fault in raised.value.faults] == [
        "mean_last", "sd_last", "correlation",
    ]  # fmt: skip


@pytest.mark.parametrize("method", [Method.PUBLISHED, Method.EMPIRICAL_BAYES])
def test_methods_without_a_statistic_of_two_scores_say_what_to_give(method):
    with pytest.raises(BadScoresError, match=r"use `classify`|give `slope`"):
        change.classify_by(method, [1], [2], direction=LOWER, sample=GROUP)


@pytest.mark.parametrize("method", WITH_STATISTIC)
def test_infinite_scores_and_an_impossible_z_are_refused(method):
    with pytest.raises(BadScoresError, match="infinite"):
        change.classify_by(method, [1, np.inf], [2, 3], direction=LOWER, sample=GROUP)
    with pytest.raises(BadScoresError, match="z is 0"):
        change.classify_by(method, [1], [2], direction=LOWER, sample=GROUP, z=0)


@pytest.mark.parametrize(
    "statistic",
    [
        lambda: change.jacobson_truax([1], [2], sd=0, reliability=0.8),
        lambda: change.gulliksen_lord_novick([1], [2], mean=3, sd=0, reliability=0.8),
        lambda: change.hsu_linn_lord([1], [2], mean_first=3, mean_last=np.nan, sd=1, reliability=0.8),
        lambda: change.edwards_nunnally([1], [2], mean=3, sd=1, reliability=1),
        lambda: change.nunnally_kotsch([1], [2], mean=3, sd=1, reliability=0.8, reliability_last=1),
        lambda: change.jacobson_truax([1, 2], [1, 2, 3], sd=1, reliability=0.8),
        lambda: change.jacobson_truax([1], [np.inf], sd=1, reliability=0.8),
        lambda: change.hageman_arrindell_crossing([1], mean_last=3, sd_last=2, sem=0, true_cutoff=2),
        lambda: change.reliability_of_difference(0, -1, reliability=0, correlation=2),
    ],
)
def test_impossible_parameters_are_named(statistic):
    with pytest.raises(BadScoresError):
        statistic()


def model_of(pace: float, var_pace: float = 1.0) -> GrowthModel:
    return GrowthModel(
        beta=np.array([20.0, pace]), G=np.array([[9.0, 0.0], [0.0, var_pace]]), sigma2=4.0, loglik=0.0,
        converged=True, singular=False, message="", persons=100, scores=500,
    )  # fmt: skip


def test_who_improves_at_the_average_rate_improves():
    # Exactly on the mean course: u1 = 0, so a method that looks at u1 alone would call it unchanged.
    t = np.arange(6.0)
    found = change.empirical_bayes_slope(person=["a"] * 6, t=t, score=20 - 3 * t, model=model_of(-3.0))

    # Posterior precision of the pace, level integrated out: 1 + (ΣT² − (ΣT)²/(m + σ²/G00))/σ².
    sd = 1 / np.sqrt(1 + (55 - 15**2 / (6 + 4 / 9)) / 4)
    assert found.pace == pytest.approx([-3])
    assert found.sd == pytest.approx([sd])
    assert found.statistic == pytest.approx([-3 / sd])
    assert change.categories(found.statistic, z=1.96, direction=LOWER).tolist() == [Category.IMPROVED]


def test_a_flat_course_in_a_group_that_improves_is_not_improved():
    t = np.arange(8.0)

    found = change.empirical_bayes_slope(person=[1] * 8, t=t, score=[20.0] * 8, model=model_of(-1.0, 4.0))

    assert abs(found.statistic[0]) < 1.96


def test_slopes_come_in_the_order_of_first_appearance_and_take_three_scores():
    found = change.empirical_bayes_slope(
        person=["b", "a", "b", "a", "b"], t=[2, 0, 0, 1, 1], score=[10, 20, 20, 19, 15], model=model_of(-3.0)
    )

    assert found.person.tolist() == ["b", "a"]
    assert found.n.tolist() == [3, 2]
    assert np.isnan(found.statistic).tolist() == [False, True]
    assert found.pace[0] < -3


def test_slopes_refuse_duplicates_by_name_and_a_model_without_paces():
    with pytest.raises(BadScoresError, match="of person kari at t = 1"):
        change.empirical_bayes_slope(
            person=["ola", "kari", "kari"], t=[0, 1, 1], score=[1, 2, 3], model=model_of(1.0)
        )
    with pytest.raises(CannotEstimateError, match="do not differ in pace"):
        change.empirical_bayes_slope(person=[1, 1, 1], t=[0, 1, 2], score=[1, 2, 3], model=model_of(1.0, 0.0))


def two_groups(n: int = 300) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    true = rng.normal(16, 5, n)
    return true + rng.normal(0, 2.5, n), true - 6 + rng.normal(0, 4, n)


def test_methods_side_by_side():
    first, last = two_groups()
    first[0] = np.nan

    found = change.compare(
        first, last, direction=LOWER, reliability=0.8, cutoff=10, functional=(4, 4), resamples=200, seed=3
    )

    assert (found.persons, found.assessable) == (300, 299)
    assert [one.method for one in found.methods] == WITH_STATISTIC
    usual = found[Method.JACOBSON_TRUAX]
    sample = Sample.of(first, last, reliability=0.8)
    counts = change.classify_by(
        Method.JACOBSON_TRUAX, first, last, direction=LOWER, sample=sample, cutoff=10
    ).counts()
    assert usual.shares[Category.RECOVERED] == counts[Category.RECOVERED] / 299
    assert usual.agreement == 1
    for one in found.methods:
        assert sum(one.shares.values()) == pytest.approx(1)
        assert all(low <= one.shares[category] <= high for category, (low, high) in one.intervals.items())
    # The group improves by 6 points, so change relative to the group finds far fewer.
    low, high = found.spread(Category.IMPROVED)
    assert found[Method.HSU_LINN_LORD].shares[Category.IMPROVED] == low < high
    assert found == change.compare(
        first, last, direction=LOWER, reliability=0.8, cutoff=10, functional=(4, 4), resamples=200, seed=3
    )


def test_intervals_are_as_wide_as_the_binomial_where_the_numbers_are_given():
    first, last = two_groups()

    found = change.compare(
        first, last, direction=LOWER, reliability=0.8, sample=Sample(16, 5.6, 0.8), resamples=2000
    )[Method.JACOBSON_TRUAX]

    share = found.shares[Category.IMPROVED]
    low, high = found.intervals[Category.IMPROVED]
    assert high - low == pytest.approx(2 * 1.96 * np.sqrt(share * (1 - share) / 300), rel=0.1)


def test_a_share_of_nobody_has_an_interval_above_zero():
    first, last = two_groups(40)

    found = change.compare(first, last - 40, direction=LOWER, reliability=0.8, resamples=100)

    worse = found[Method.JACOBSON_TRUAX]
    assert worse.shares[Category.DETERIORATED] == 0
    assert worse.intervals[Category.DETERIORATED] == pytest.approx((0, 0.0876), abs=5e-5)


def test_a_method_that_cannot_be_used_says_why_and_the_others_stand():
    first = np.arange(20.0)

    # Nearly the same difference for all: less than error alone would make.
    last = first - 3 + np.tile([0.1, -0.1], 10)
    found = change.compare(first, last, direction=LOWER, reliability=0.8, resamples=100)

    assert found[Method.HAGEMAN_ARRINDELL].shares is None
    assert "does not lie between 0 and 1" in found[Method.HAGEMAN_ARRINDELL].reason
    assert found[Method.JACOBSON_TRUAX].shares[Category.UNCHANGED] == 1


def test_slopes_can_stand_beside_the_others():
    first, last = two_groups(50)
    slope = np.where(np.arange(50) < 10, np.nan, -3.0)

    found = change.compare(first, last, direction=LOWER, reliability=0.8, slope=slope, resamples=100)

    assert found[Method.EMPIRICAL_BAYES].n == 40
    assert found[Method.EMPIRICAL_BAYES].shares[Category.IMPROVED] == 1
    assert found[Method.JACOBSON_TRUAX].n == 50


@pytest.mark.parametrize(
    ("first", "last", "error"),
    [
        ([], [], CannotEstimateError),
        ([1], [2], CannotEstimateError),
        ([5, 5, 5, 5], [1, 2, 3, 4], CannotEstimateError),
        ([1, 2, np.inf], [1, 2, 3], BadScoresError),
        ([1, 2, 3], [1, 2], BadScoresError),
    ],
)
def test_comparison_refuses_what_it_cannot_use(first, last, error):
    with pytest.raises(error):
        change.compare(first, last, direction=LOWER, reliability=0.8)


@given(st.integers(0, 200), st.integers(0, 200))
def test_wilson_solves_its_equation_and_keeps_to_shares(hits, more):
    n = hits + more
    if not n:
        return
    share = hits / n

    low, high = change.wilson(share, n)

    assert 0 <= low <= share + 1e-12
    assert share - 1e-12 <= high <= 1
    for end in (low, high):
        assert (share - end) ** 2 == pytest.approx(1.959964**2 * end * (1 - end) / n, abs=1e-6)


def test_wilson_of_a_published_example():
    # Newcombe 1998, Stat Med 17:857, table I, method 3: 81 of 263 and 0 of 20.
    assert change.wilson(81 / 263, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert change.wilson(0, 20) == pytest.approx((0, 0.1611), abs=5e-5)


def test_a_proportion_of_nobody_or_more_than_all_is_refused():
    with pytest.raises(CannotEstimateError, match="Nobody to count"):
        change.Proportion.of(0, 0, missing=4)
    with pytest.raises(BadScoresError, match="3 of 2"):
        change.Proportion.of(3, 2)
    assert change.Proportion.of(3, 6, missing=2).missing == 0.25
