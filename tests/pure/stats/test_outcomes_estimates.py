"""Three estimators side by side: where the truth is known, and where there is too little to tell."""

from dataclasses import replace

import numpy as np
import pytest

from medvirk.stats.change import effect_size
from medvirk.stats.faults import BadScoresError, CannotEstimateError
from medvirk.stats.growth import GrowthModel, Norms, fit
from medvirk.stats.outcomes import (
    CATEGORIES,
    GAD7,
    PHQ9,
    TALKING_THERAPIES,
    FinishedCourses,
    Outcome,
    Series,
    estimate,
    estimate_effect,
    paired_outcomes,
    rubin,
)
from medvirk.stats.outcomes.imputation import imputed

BETA, G, SIGMA2 = np.array([16.0, -2.2]), np.array([[16.0, -1.5], [-1.5, 3.0]]), 6.0
T = np.log1p(np.arange(8.0))
IMPROVEMENT, RELIABLE_RECOVERY = Outcome.RELIABLE_IMPROVEMENT, Outcome.RELIABLE_RECOVERY
NORMS = GrowthModel(
    beta=BETA, G=G, sigma2=SIGMA2, loglik=0.0, converged=True, singular=False, message="", persons=100, scores=800
)  # fmt: skip


def whole_courses(people: int, seed: int) -> np.ndarray:
    """Scores (people, 8) as if everyone had gone on answering; whole numbers from 0 to 27."""
    rng = np.random.default_rng(seed)
    own = BETA + rng.normal(size=(people, 2)) @ np.linalg.cholesky(G).T
    scores = own[:, :1] + own[:, 1:] * T + rng.normal(scale=SIGMA2**0.5, size=(people, T.size))
    return np.clip(np.round(scores), 0, 27)


def dropped(scores: np.ndarray, leave: str, seed: int) -> FinishedCourses:
    """Each leaves after a session by chances that depend on that session's score alone (missing at random)."""
    rng = np.random.default_rng(seed)
    seen = np.ones(scores.shape, dtype=bool)
    for k in range(1, T.size):
        pull = (scores[:, k - 1] - 17) / 2 if leave == "ill" else (9 - scores[:, k - 1]) / 2
        seen[:, k] = seen[:, k - 1] & (rng.random(len(scores)) > 0.03 + 0.5 / (1 + np.exp(-pull)))
    return courses_of(np.where(seen, scores, np.nan))


def courses_of(scores: np.ndarray, model: GrowthModel | None = None) -> FinishedCourses:
    person, session = np.nonzero(~np.isnan(scores))
    series = Series(PHQ9, person, T[session], scores[person, session], model)
    return FinishedCourses.of(course=np.arange(len(scores)), end=np.full(len(scores), T[-1]), series=[series])


@pytest.mark.parametrize(
    ("leave", "complete_case_off", "locf_off"),
    # Those who are ill leave: the rest look well, and the others stand still before they improved. Those who are
    # well leave: the rest look ill.
    [("ill", 0.12, -0.10), ("well", -0.14, -0.05)],
)
def test_the_choice_moves_the_headline_and_only_the_model_finds_the_truth(leave, complete_case_off, locf_off):
    scores = whole_courses(2000, seed=3)
    truth = paired_outcomes([PHQ9], [scores[:, 0]], [scores[:, -1]]).proportions
    data = dropped(scores, leave, seed=4)

    found = estimate(data, imputations=20, seed=1)

    for outcome in (IMPROVEMENT, RELIABLE_RECOVERY, Outcome.RECOVERY):
        three, true = found[outcome], truth[outcome].value
        low, high = three.growth_model.interval
        assert low < true < high
        assert abs(three.growth_model.value - true) < 0.025
        # More than half of the ends are guessed: the interval must be wider than if all were known, yet of use.
        known = truth[outcome].interval[1] - truth[outcome].interval[0]
        assert 1.1 * known < high - low < 2.5 * known
    headline, true = found[RELIABLE_RECOVERY], truth[RELIABLE_RECOVERY].value
    assert headline.complete_case.value - true == pytest.approx(complete_case_off, abs=0.03)
    assert headline.locf.value - true == pytest.approx(locf_off, abs=0.03)
    assert not headline.complete_case.interval[0] < true < headline.complete_case.interval[1]
    assert not headline.locf.interval[0] < true < headline.locf.interval[1]


def test_the_effect_size_three_ways():
    scores = whole_courses(1000, seed=6)
    truth = effect_size(scores[:, 0], scores[:, -1], direction=PHQ9.direction).d

    found = estimate_effect(dropped(scores, "ill", seed=7), imputations=20)

    assert found.growth_model.interval[0] < truth < found.growth_model.interval[1]
    assert found.growth_model.value == pytest.approx(truth, abs=0.06)
    assert found.locf.value < truth - 0.4
    assert found.growth_model.numerator is None
    assert f"{found.completion:.0%} of 1000 finished courses" in str(found)


def test_counts_and_missing_shares_by_hand():
    scores = np.full((6, 8), np.nan)
    scores[0, [0, 7]] = 20, 5  # recovered
    scores[1, [0, 7]] = 20, 18  # unchanged
    scores[2, [0, 3]] = 20, 6  # recovered if carried
    scores[3, 0] = 20  # unchanged if carried
    scores[4, [0, 7]] = 8, 1  # improved, never a case
    # The sixth never answered.

    found = estimate(courses_of(scores, NORMS), imputations=10)

    recovery, improvement = found[RELIABLE_RECOVERY], found[IMPROVEMENT]
    assert recovery.completion == improvement.completion == 0.5
    assert (recovery.complete_case.numerator, recovery.complete_case.n) == (1, 2)
    assert (recovery.locf.numerator, recovery.locf.n) == (2, 4)
    assert (recovery.growth_model.numerator, recovery.growth_model.n) == (None, 4)
    assert recovery.complete_case.missing == recovery.locf.missing == 3 / 5
    assert (improvement.complete_case.numerator, improvement.complete_case.n) == (2, 3)
    assert (improvement.locf.numerator, improvement.locf.n) == (3, 5)
    assert improvement.growth_model.missing == 3 / 6
    assert recovery.complete_case.interval == pytest.approx((0.0945, 0.9055), abs=5e-5)
    assert "50% of 6 finished courses" in str(recovery)


def test_with_nothing_missing_all_three_agree():
    scores = whole_courses(60, seed=2)

    found = estimate(courses_of(scores), CATEGORIES)

    for three in found.values():
        assert three.completion == 1
        assert three.complete_case == three.locf
        assert three.growth_model.value == three.complete_case.value
        # t with about 57 degrees of freedom for z.
        assert three.growth_model.interval == pytest.approx(three.complete_case.interval, abs=0.01)
    assert sum(three.growth_model.value for three in found.values()) == pytest.approx(1)


def test_the_draws_are_the_posterior_predictive_of_a_given_model():
    scores = np.full((4000, 8), np.nan)
    scores[:, :3] = [22, 20, 19]
    data = courses_of(scores, NORMS)

    (drawn,) = imputed(data, imputations=1, seed=5)

    mean, sd = NORMS.predict(T[:3], [22, 20, 19], T[-1])
    assert drawn.mean() == pytest.approx(mean, abs=4 * sd / np.sqrt(4000))
    assert drawn.std() == pytest.approx(np.sqrt(sd**2 + 1 / 12), rel=0.05)
    assert set(np.unique(drawn)) <= set(range(28))


def test_a_fitted_model_adds_its_own_uncertainty():
    scores = dropped(whole_courses(60, seed=8), "ill", seed=9)
    one = scores.series[0]
    person = np.repeat(one.owner, np.diff(one.rows.start, append=one.rows.t.size))
    model = fit(Norms.from_scores(person=person, t=one.rows.t, score=one.rows.score))
    table = np.full((60, 8), np.nan)
    table[person, np.searchsorted(T, one.rows.t)] = one.rows.score

    fitted_here = estimate_effect(courses_of(table), imputations=60).growth_model
    taken_as_known = estimate_effect(courses_of(table, model), imputations=60).growth_model

    widths = [high - low for low, high in (fitted_here.interval, taken_as_known.interval)]
    assert widths[0] > 1.05 * widths[1]


def test_two_measures_are_drawn_together():
    # Without ends: these scores are as the normal distribution draws them.
    open_ended = [replace(measure, low=None, high=None, step=None) for measure in (PHQ9, GAD7)]
    rng = np.random.default_rng(3)
    people, rho = 3000, 0.8
    noise = rng.standard_normal((2, people, 8))
    noise[1] = rho * noise[0] + np.sqrt(1 - rho**2) * noise[1]
    scores = 14 + noise * np.sqrt(SIGMA2) + rng.normal(size=(2, people, 1)) * 3
    scores[:, people // 2 :, 7] = np.nan
    model = GrowthModel(
        beta=np.array([14.0, 0.0]), G=np.array([[9.0, 0.0], [0.0, 1e-6]]), sigma2=SIGMA2, loglik=0.0,
        converged=True, singular=False, message="", persons=100, scores=800,
    )  # fmt: skip
    rows = [np.nonzero(~np.isnan(table)) for table in scores]
    series = [
        Series(measure, person, T[session], table[person, session], model)
        for measure, table, (person, session) in zip(open_ended, scores, rows, strict=True)
    ]
    data = FinishedCourses.of(course=np.arange(people), end=np.full(people, T[-1]), series=series)

    (drawn,) = imputed(data, imputations=1, seed=2)

    # Each measured from its own person's mean of the first seven.
    surprise = drawn - scores[:, :, :7].mean(axis=2)
    known = np.corrcoef(surprise[:, : people // 2])[0, 1]
    filled = np.corrcoef(surprise[:, people // 2 :])[0, 1]
    assert filled == pytest.approx(known, abs=0.06)
    assert set(estimate(data, imputations=5)) == set(TALKING_THERAPIES)


def test_a_known_end_of_one_measure_informs_the_other():
    scores = np.tile([14.0, 14, 14, 14, 14, 14, 14, np.nan], (2, 200, 1))
    rng = np.random.default_rng(1)
    shared = rng.normal(0, 3, 100)
    scores[0, :100, 7] = scores[1, :100, 7] = 14 + shared
    scores[0, 100:, 7] = 25  # far above what was expected; the other measure's end is missing
    person, session = np.nonzero(~np.isnan(scores[0]))
    other_person, other_session = np.nonzero(~np.isnan(scores[1]))
    series = [
        Series(PHQ9, person, T[session], scores[0, person, session], NORMS),
        Series(GAD7, other_person, T[other_session], scores[1, other_person, other_session], NORMS),
    ]
    data = FinishedCourses.of(course=np.arange(200), end=np.full(200, T[-1]), series=series)

    (drawn,) = imputed(data, imputations=1, seed=2)

    # The two go together perfectly, so it is drawn where the other is: beyond the end of its scale.
    assert (drawn[1, 100:] == 21).all()


def test_rubins_rules_by_hand():
    # Q = 1, 2, 3 with variances 2, 4, 6: W = 4, B = 1, T = 4 + 4/3.
    found = rubin([1, 2, 3], [2, 4, 6], df_complete=20)

    assert (found.value, found.within, found.between) == (2, 4, 1)
    assert found.total == pytest.approx(16 / 3)
    assert found.increase == pytest.approx(1 / 3)
    # λ = 1/4: 2/λ² = 32 from the number of imputations, 21/23·20·3/4 = 315/23 from the people.
    assert found.df == pytest.approx(1 / (1 / 32 + 23 / 315))
    with pytest.raises(BadScoresError):
        rubin([1], [1], df_complete=3)


def test_too_thin_for_a_model_gives_the_reason_and_the_two_others():
    scores = np.full((4, 8), np.nan)
    scores[:, 0] = 20, 18, 16, 15
    scores[:2, 7] = 5, 17

    found = estimate(courses_of(scores))[IMPROVEMENT]

    assert found.growth_model.value is None
    assert "too short to tell" in found.growth_model.reason
    assert found.complete_case.value == 0.5
    assert found.locf.value == 0.25
    assert "cannot be estimated" in str(found)


def test_one_person_and_nobody_at_the_end():
    scores = np.full((1, 8), np.nan)
    scores[0, 0] = 20

    found = estimate(courses_of(scores, NORMS))[RELIABLE_RECOVERY]

    assert found.complete_case.value is None
    assert "Nobody to count" in found.complete_case.reason
    assert "at least 3 people, found 1" in found.growth_model.reason
    assert estimate_effect(courses_of(scores, NORMS)).locf.value is None


def test_constant_scores_have_no_effect_size_and_no_model():
    scores = np.full((10, 8), 12.0)
    scores[5:, 7] = np.nan

    found = estimate_effect(courses_of(scores))

    assert (found.complete_case.value, found.locf.value, found.growth_model.value) == (None, None, None)
    assert "equal" in found.complete_case.reason
    assert "equal" in found.growth_model.reason


def test_the_same_seed_gives_the_same_numbers():
    data = dropped(whole_courses(80, seed=1), "ill", seed=1)

    assert estimate(data, imputations=5, seed=9) == estimate(data, imputations=5, seed=9)
    assert estimate(data, imputations=5, seed=9) != estimate(data, imputations=5, seed=8)


def test_the_end_score_lies_within_the_window_and_is_not_the_first():
    series = Series(
        PHQ9, ["a", "a", "b", "b", "c", "d", "d"], [0, 2.8, 0, 2.6, 3, 0, 3.1], [20, 5, 20, 6, 9, 20, np.nan]
    )

    found = FinishedCourses.of(
        course=["a", "b", "c", "d", "e"], end=[3, 3, 3, 3, 3], series=[series], window=0.25
    )

    assert found.first[0] == pytest.approx([20, 20, 9, 20, np.nan], nan_ok=True)
    assert found.last[0] == pytest.approx([5, np.nan, np.nan, np.nan, np.nan], nan_ok=True)
    assert found.carried[0] == pytest.approx([5, 6, 9, 20, np.nan], nan_ok=True)
    assert found.completion == 0.2


def test_unfinished_courses_are_not_counted():
    scores = whole_courses(30, seed=1)
    person = np.repeat(np.arange(30), 8)
    series = Series(PHQ9, person, np.tile(T, 30), scores.ravel())

    found = FinishedCourses.of(
        course=np.arange(30), end=np.full(30, T[-1]), series=[series], attended=[1] * 10 + [2] * 20
    )

    assert (found.courses, found.first.shape) == (30, (1, 20))
    assert found.first[0].tolist() == scores[10:, 0].tolist()
    assert estimate(found, [Outcome.RECOVERED])[Outcome.RECOVERED].courses == 20


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"course": ["a", "b", "b"], "end": [2, 2, 2]}, "1 person.* occur twice"),
        ({"course": ["a"], "end": [2]}, "2 score.* of people without a course, the first of b"),
        ({"end": [2, np.nan]}, "end: missing or infinite for 1 course.* position 1"),
        ({"end": [2, 0.5]}, "1 score.* after the end of the course, the first of b at t = 1"),
        ({"end": [2]}, "two lists of equal length"),
        ({"window": -1}, "window is -1"),
        ({"series": []}, "There is no measure"),
        ({"series": [Series(PHQ9, ["a", "a"], [1, 1], [2, 3])]}, "PHQ-9: .* person a at t = 1"),
        ({"series": [Series(PHQ9, ["a"], [1], [np.inf])]}, "PHQ-9: Score missing or infinite"),
        ({"series": [Series(PHQ9, [], [], [])]}, "PHQ-9: There are no scores"),
        ({"series": [Series(PHQ9, ["a"], [1, 2], [3])]}, "three lists of equal length"),
    ],
)
def test_rows_that_do_not_fit_are_named(arguments, message):
    usual = {
        "course": ["a", "b"],
        "end": [2, 2],
        "series": [Series(PHQ9, ["a", "a", "b", "b"], [0, 2, 0, 1], [20, 10, 15, 9])],
    }

    with pytest.raises(BadScoresError, match=message):
        FinishedCourses.of(**(usual | arguments))


def test_no_scores_of_finished_courses_cannot_be_estimated():
    series = [Series(PHQ9, ["a"], [0], [20])]

    with pytest.raises(CannotEstimateError, match="nobody with a finished course has a score"):
        FinishedCourses.of(course=["a", "b"], end=[1, 1], series=series, attended=[1, 2])


def test_what_cannot_be_asked_is_named_at_once():
    scores = whole_courses(5, seed=1)
    data = courses_of(scores, NORMS)

    with pytest.raises(BadScoresError, match="imputations is 1"):
        estimate(data, imputations=1)
    with pytest.raises(BadScoresError, match="imputations is 1"):
        estimate_effect(data, imputations=1)
