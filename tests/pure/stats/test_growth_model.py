"""What the model expects: forecasts, bands and chances, against the plain normal distribution."""

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats as reference

from medvirk.stats.change import Direction
from medvirk.stats.growth import BadScoresError, GrowthModel, UnusableModelError

MODEL = GrowthModel(
    beta=np.array([18.0, 3.0]),
    G=np.array([[40.0, -5.0], [-5.0, 6.0]]),
    sigma2=16.0,
    loglik=-1000.0,
    converged=True,
    singular=False,
    message="",
    persons=100,
    scores=600,
)


def conditional(t_seen, y_seen, t_new, model=MODEL):
    """Mean and SD of a new score from the joint normal distribution of old and new scores."""
    t = np.append(t_seen, t_new)
    X = np.column_stack((np.ones_like(t), t))
    joint = X @ model.G @ X.T + model.sigma2 * np.eye(t.size)
    mean, k = X @ model.beta, len(t_seen)
    weights = np.linalg.solve(joint[:k, :k], joint[:k, k])
    return mean[k] + weights @ (np.array(y_seen) - mean[:k]), np.sqrt(joint[k, k] - weights @ joint[:k, k])


@pytest.mark.parametrize(
    ("t_seen", "y_seen"),
    [([], []), ([0.0], [10.0]), ([0.0, 0.7, 1.1, 1.4], [10, 16, 15, 22]), ([0.0, 0.01], [10, 12])],
)
def test_predict_is_the_conditional_normal(t_seen, y_seen):
    expected = [conditional(t_seen, y_seen, t) for t in (1.6, 2.0)]

    mean, sd = MODEL.predict(t_seen, y_seen, [1.6, 2.0])

    assert mean == pytest.approx([row[0] for row in expected])
    assert sd == pytest.approx([row[1] for row in expected])


def test_predict_works_when_people_differ_in_level_only():
    flat = replace(MODEL, G=np.diag([40.0, 0.0]), singular=True).accept_singular()

    found = flat.predict([0, 1], [10, 12], 2.0)

    assert found == pytest.approx(conditional([0, 1], [10, 12], 2.0, flat))


def test_predict_keeps_the_shape_of_the_new_times():
    single, table = MODEL.predict([0], [10], 1.0), MODEL.predict([0], [10], [[1.0, 2.0, 3.0]])

    assert [part.shape for part in single] == [(), ()]
    assert [part.shape for part in table] == [(1, 3), (1, 3)]


def test_a_missing_score_tells_nothing():
    assert MODEL.predict([0, 0.7, 1.1], [10, np.nan, 15], 2.0) == MODEL.predict([0, 1.1], [10, 15], 2.0)
    assert MODEL.predict([0, 0.7], [10, None], 2.0) == MODEL.predict([0], [10], 2.0)


def test_an_extreme_first_score_is_expected_to_move_towards_the_mean():
    high, low = MODEL.expected(38, [0.0, 1.0]), MODEL.expected(2, [0.0, 1.0])

    assert high[0] == pytest.approx(18 + 20 * 40 / 56)
    assert low[0] == pytest.approx(18 - 16 * 40 / 56)
    assert MODEL.expected(20, 1.5, t_first=1.0) == MODEL.predict([1.0], [20], 1.5)[0]


def test_the_band_is_the_interval_of_the_forecast():
    mean, sd = MODEL.predict([0], [18], [1.0, 2.0])

    lower, upper = MODEL.band([0], [18], [1.0, 2.0], coverage=0.8)

    assert reference.norm.cdf(upper, mean, sd) - reference.norm.cdf(lower, mean, sd) == pytest.approx(
        [0.8, 0.8]
    )
    assert lower + upper == pytest.approx(2 * mean)


@given(
    st.lists(st.floats(0, 40), max_size=6),
    st.floats(0.01, 0.99),
    st.floats(0.01, 0.99),
    st.floats(0, 4),
)
def test_the_band_holds_the_mean_grows_with_coverage_and_stays_on_the_scale(scores, one, other, t_new):
    t_seen = np.log1p(np.arange(len(scores)))
    narrow, wide = sorted((one, other))
    mean = np.clip(MODEL.predict(t_seen, scores, t_new)[0], 0, 40)

    inner = MODEL.band(t_seen, scores, t_new, coverage=narrow, low=0, high=40)
    outer = MODEL.band(t_seen, scores, t_new, coverage=wide, low=0, high=40)

    assert 0 <= outer[0] <= inner[0] <= mean <= inner[1] <= outer[1] <= 40


def test_the_band_is_clipped_only_where_an_end_is_given():
    lower, upper = MODEL.band([0], [38], 1.0, coverage=0.99, high=40)

    assert upper == 40
    assert lower == MODEL.band([0], [38], 1.0, coverage=0.99)[0]


def test_the_chance_of_a_better_score():
    mean, sd = MODEL.predict([0], [18], [1.0, 2.0])
    ask = {"threshold": 24.0, "direction": Direction.HIGHER}

    at_least = MODEL.chance_better([0], [18], [1.0, 2.0], **ask)
    at_most = MODEL.chance_better([0], [18], [1.0, 2.0], **ask | {"direction": Direction.LOWER})

    assert at_least == pytest.approx(reference.norm.sf(24, mean, sd))
    assert at_least + at_most == pytest.approx([1, 1])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"t_seen": [0, 1]}, "give one time for each score"),
        ({"t_seen": [np.nan]}, "Every score needs its time"),
        ({"y_seen": [np.inf]}, "infinite"),
        ({"t_new": np.nan}, "Every forecast needs its time"),
        ({"coverage": 80}, "coverage is 80"),
        ({"low": 40, "high": 0}, "upper end must be above the lower"),
    ],
)
def test_a_forecast_refuses_what_it_cannot_use(wrong, message):
    asked = {"t_seen": [0.0], "y_seen": [18.0], "t_new": 1.0, "coverage": 0.8} | wrong

    with pytest.raises(BadScoresError, match=message):
        MODEL.band(**asked)


def test_an_unusable_model_refuses_to_forecast():
    singular = replace(MODEL, singular=True, message="It is singular.")
    lost = replace(MODEL, converged=False, message="It did not converge.")

    with pytest.raises(UnusableModelError, match="It is singular"):
        singular.predict([0], [18], 1.0)
    with pytest.raises(UnusableModelError, match="It did not converge"):
        lost.accept_singular().predict([0], [18], 1.0)
    assert singular.accept_singular().predict([0], [18], 1.0) == MODEL.predict([0], [18], 1.0)


def test_a_stored_model_comes_back_as_it_was():
    found = GrowthModel.from_dict(json.loads(json.dumps(MODEL.to_dict())))

    assert found.to_dict() == MODEL.to_dict()
    assert found.predict([0], [18], 1.0) == MODEL.predict([0], [18], 1.0)


def test_accepting_a_singular_fit_is_not_stored():
    singular = replace(MODEL, singular=True, message="It is singular.").accept_singular()

    assert not GrowthModel.from_dict(singular.to_dict()).usable


@pytest.mark.parametrize(
    ("wrong", "faults"),
    [
        ({"format": "other"}, 1),
        ({"beta": "x", "persons": None, "converged": 1}, 3),
        ({"beta": [1], "G": [[1, 0], [0, -1]], "sigma2": -2}, 3),
        ({"G": [[1, 2], ["x"]]}, 1),
    ],
)
def test_a_stored_model_that_cannot_be_is_refused(wrong, faults):
    with pytest.raises(BadScoresError) as raised:
        GrowthModel.from_dict(MODEL.to_dict() | wrong)

    assert len(raised.value.faults) == faults
