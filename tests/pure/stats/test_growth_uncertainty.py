"""Uncertain parameters: their covariances against dense matrices and the wider band against the truth."""

import json
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats as reference

from medvirk.stats.change import Direction
from medvirk.stats.growth import BadScoresError, GrowthModel, Norms, Parameters, UnusableModelError, fit
from medvirk.stats.growth.grouping import courses
from medvirk.stats.growth.uncertainty import Seen


def dense_loglik(rows, variances):
    """The REML log-likelihood (without its constant) from one covariance matrix per person."""
    G, sigma2 = np.array([variances[[0, 1]], variances[[1, 2]]]), variances[3]
    log_dets, xx, xy, yy = 0.0, np.zeros((2, 2)), np.zeros(2), 0.0
    for person in np.unique(rows.person):
        own = rows.person == person
        X, y = np.column_stack((np.ones(own.sum()), rows.t[own])), rows.score[own]
        V = X @ G @ X.T + sigma2 * np.eye(own.sum())
        log_dets += np.linalg.slogdet(V)[1]
        xx += X.T @ np.linalg.solve(V, X)
        xy += X.T @ np.linalg.solve(V, y)
        yy += y @ np.linalg.solve(V, y)
    return -(log_dets + np.linalg.slogdet(xx)[1] + yy - xy @ np.linalg.solve(xx, xy)) / 2


def dense_hessian(rows, variances):
    size, found = 0.01 * np.array([10.0, 3.0, 3.0, 10.0]), np.empty((4, 4))
    for i in range(4):
        for j in range(4):
            corners = [
                a
                * b
                * dense_loglik(rows, variances + a * size[i] * np.eye(4)[i] + b * size[j] * np.eye(4)[j])
                for a in (1, -1)
                for b in (1, -1)
            ]
            found[i, j] = sum(corners) / (4 * size[i] * size[j])
    return found


def test_the_covariance_of_the_variances_is_the_inverse_information(irregular):
    model = fit(Norms.from_scores(**irregular._asdict()))

    expected = np.linalg.inv(-dense_hessian(irregular, model.variances))

    assert pytest.approx(expected, rel=2e-3) == model.variance_cov


def test_the_covariance_of_beta_is_that_of_generalised_least_squares(irregular):
    model, information = fit(Norms.from_scores(**irregular._asdict())), np.zeros((2, 2))
    for person in np.unique(irregular.person):
        t = irregular.t[irregular.person == person]
        X = np.column_stack((np.ones_like(t), t))
        information += X.T @ np.linalg.solve(X @ model.G @ X.T + model.sigma2 * np.eye(t.size), X)

    assert pytest.approx(np.linalg.inv(information), rel=1e-6) == model.beta_cov
    assert model.se == pytest.approx(np.sqrt(np.diag(model.beta_cov)))


def conditional(variances, beta, t_seen, y_seen, t_new):
    """Mean, variance, and weights of β's error in the forecast, from the joint normal distribution."""
    t = np.append(t_seen, t_new)
    X = np.column_stack((np.ones_like(t), t))
    G, k = np.array([variances[[0, 1]], variances[[1, 2]]]), len(t_seen)
    V = X @ G @ X.T + variances[3] * np.eye(t.size)
    weights = np.linalg.solve(V[:k, :k], V[:k, k])
    mean = X[k] @ beta + weights @ (np.array(y_seen) - X[:k] @ beta)
    return mean, V[k, k] - weights @ V[:k, k], X[k] - weights @ X[:k]


@pytest.mark.parametrize("t_seen", [[], [0.0], [0.0, 0.7, 1.1, 1.4]])
def test_the_uncertain_forecast_is_the_delta_method_on_dense_matrices(irregular, t_seen):
    model = fit(Norms.from_scores(**irregular._asdict()))
    y_seen = [26.0, 10.0, 22.0, 25.0][: len(t_seen)]
    by_mean, by_variance, step = np.empty(4), np.empty(4), 1e-4
    for i, unit in enumerate(np.eye(4)):
        up, down = (
            conditional(model.variances + sign * step * unit, model.beta, t_seen, y_seen, 1.8)
            for sign in (1, -1)
        )
        by_mean[i], by_variance[i] = (up[0] - down[0]) / (2 * step), (up[1] - down[1]) / (2 * step)
    mean, variance, d = conditional(model.variances, model.beta, t_seen, y_seen, 1.8)
    total = variance + d @ model.beta_cov @ d + 2 * by_mean @ model.variance_cov @ by_mean
    df = 2 * variance**2 / (by_variance @ model.variance_cov @ by_variance)

    found = model.predict(t_seen, y_seen, 1.8, parameters="uncertain")
    lower, upper = model.band(t_seen, y_seen, 1.8, coverage=0.8, parameters="uncertain")
    chance = model.chance_better(
        t_seen, y_seen, 1.8, threshold=25.0, direction=Direction.HIGHER, parameters="uncertain"
    )

    assert found == pytest.approx((mean, np.sqrt(total)), rel=1e-6)
    margin = reference.t.ppf(0.9, df) * np.sqrt(total)
    assert (lower, upper) == pytest.approx((mean - margin, mean + margin), rel=1e-6)
    assert chance == pytest.approx(reference.t.sf((25 - mean) / np.sqrt(total), df), rel=1e-6)


def true_coverage(model, parameters, true, firsts, t_new):
    """The exact chance that a new score of the true process falls into the model's 80 % bands."""
    inside = []
    for first in firsts:
        lower, upper = model.band([0.0], [first], t_new, coverage=0.8, parameters=parameters)
        mean, sd = true.predict([0.0], [first], t_new)
        inside.append(reference.norm.cdf(upper, mean, sd) - reference.norm.cdf(lower, mean, sd))
    return np.mean(inside)


def test_with_thirty_courses_the_plain_band_is_too_narrow_and_the_wider_nearer(simulate):
    true = replace(
        fit(Norms.from_scores(**simulate(100)._asdict())),
        beta=np.array([18.0, 3.0]),
        G=np.array([[40.0, -5.0], [-5.0, 6.0]]),
        sigma2=16.0,
    )
    firsts = 18 + np.sqrt(56) * reference.norm.ppf([0.1, 0.3, 0.5, 0.7, 0.9])
    t_new = np.log1p([3.0, 8.0])
    known, uncertain = [], []
    for seed in range(60):
        model = fit(Norms.from_scores(**simulate(30, sessions=5, seed=seed)._asdict()))
        if model.usable:
            known.append(true_coverage(model, Parameters.KNOWN, true, firsts, t_new))
            uncertain.append(true_coverage(model, Parameters.UNCERTAIN, true, firsts, t_new))

    # With 150 cohorts the two are .771 and .800, each with a standard error of .005.
    assert len(known) > 45
    assert np.mean(known) < 0.785
    assert abs(np.mean(uncertain) - 0.8) < abs(np.mean(known) - 0.8) / 2


def test_with_many_courses_the_two_bands_are_the_same(simulate):
    model = fit(Norms.from_scores(**simulate(5000)._asdict()))

    known = model.band([0.0], [12.0], [1.0, 2.0], coverage=0.8)
    uncertain = model.band([0.0], [12.0], [1.0, 2.0], coverage=0.8, parameters="uncertain")

    assert np.array(uncertain) == pytest.approx(np.array(known), abs=0.01)


def test_the_sums_of_many_people_are_those_of_each(irregular):
    rows, beta = courses(*irregular), np.array([18.0, 3.0])
    many = Seen.so_far(beta, rows)

    for begin, end in zip(rows.start, [*rows.start[1:], rows.t.size], strict=True):
        for row in range(begin, end):
            one = Seen.of(beta, rows.t[begin : row + 1], rows.score[begin : row + 1])
            assert many.rows(row) == pytest.approx(one, abs=1e-9)


def test_a_forecast_for_many_rows_is_the_one_for_each(irregular):
    model, rows = fit(Norms.from_scores(**irregular._asdict())), courses(*irregular)
    ahead = rows.t + 0.5

    many = model.forecast(Seen.so_far(model.beta, rows), ahead, "uncertain")

    for begin in rows.start[:10]:
        one = model.predict([rows.t[begin]], [rows.score[begin]], ahead[begin], parameters="uncertain")
        # The steps of the derivatives differ a little.
        assert [many.mean[begin], many.sd[begin]] == pytest.approx([float(part) for part in one], rel=1e-6)


def test_a_model_stored_with_its_covariances_comes_back(irregular):
    model = fit(Norms.from_scores(**irregular._asdict()))

    found = GrowthModel.from_dict(json.loads(json.dumps(model.to_dict())))

    ask = {"t_seen": [0.0], "y_seen": [12.0], "t_new": [1.0, 2.0], "parameters": "uncertain"}
    assert np.array_equal(found.predict(**ask), model.predict(**ask))


def old_model(irregular):
    stored = fit(Norms.from_scores(**irregular._asdict())).to_dict()
    return {key: value for key, value in stored.items() if key not in {"beta_cov", "variance_cov", "time"}}


def test_a_model_stored_before_there_were_covariances_still_forecasts(irregular):
    found = GrowthModel.from_dict(old_model(irregular))

    assert found.se is None
    assert str(found.time_scale) == "log1p(sessions)"
    assert found.predict([0.0], [12.0], 1.0)[1] > 0
    with pytest.raises(UnusableModelError, match="Fit it anew"):
        found.predict([0.0], [12.0], 1.0, parameters="uncertain")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"beta_cov": [[1, 0]]}, "beta_cov must be a symmetric 2 × 2"),
        ({"variance_cov": np.diag([1.0, 1.0, -1.0, 1.0]).tolist()}, "variance_cov cannot be a covariance"),
        ({"beta_cov": "x"}, "beta_cov: every element must be a number"),
        ({"time": {"unit": "years", "transform": "log1p"}}, "years"),
    ],
)
def test_stored_uncertainty_that_cannot_be_is_refused(irregular, wrong, message):
    with pytest.raises(BadScoresError, match=message):
        GrowthModel.from_dict(old_model(irregular) | wrong)


def test_a_fit_on_the_edge_has_no_covariance_of_its_variances():
    person, t = np.repeat(np.arange(80), 5), np.log1p(np.tile(np.arange(5.0), 80))
    level = np.random.default_rng(3).normal(scale=6, size=80)[person]
    score = 20 + level + 2 * t + np.tile([2.0, -2.0, 0.0, 2.0, -2.0], 80)

    model = fit(Norms.from_scores(person=person, t=t, score=score)).accept_singular()

    assert model.se is not None
    assert model.variance_cov is None
    with pytest.raises(UnusableModelError, match="on the edge"):
        model.predict([0.0], [12.0], 1.0, parameters="uncertain")


def test_an_unknown_way_to_take_the_parameters_is_refused(irregular):
    model = fit(Norms.from_scores(**irregular._asdict()))

    with pytest.raises(BadScoresError, match="must be one of known, uncertain"):
        model.predict([0.0], [12.0], 1.0, parameters="guessed")
