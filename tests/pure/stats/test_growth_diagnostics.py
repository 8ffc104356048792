"""Bands held against unseen courses, and residuals that are standard normal if the model holds."""

import numpy as np
import pytest
from scipy import stats as reference

from medvirk.stats.growth import BadScoresError, CannotEstimateError, Norms, UnusableModelError, fit
from medvirk.stats.growth.diagnostics import Given, calibration, normal_quantiles, residuals


def test_courses_of_the_model_itself_fall_into_its_bands(simulate):
    found = calibration(**simulate(1500)._asdict())

    for given in Given:
        for band in (0.5, 0.8):
            together = found.row(given, band)
            assert together.n == 1500 * 5
            assert together.share == pytest.approx(band, abs=0.03)
            assert together.low < together.share < together.high
            assert [found.row(given, band, k).n for k in range(2, 7)] == [1500] * 5
    # A person counting five times makes the interval wider than that of as many people.
    first, ahead = found.row(Given.FIRST, 0.8), found.row(Given.FIRST, 0.8, 2)
    assert (ahead.high - ahead.low) / np.sqrt(5) < first.high - first.low < ahead.high - ahead.low


def test_bands_are_found_wanting_where_the_noise_has_long_tails(simulate):
    rows = simulate(800)
    noise = np.random.default_rng(5).standard_t(2.1, size=rows.t.size) * 6

    found = calibration(person=rows.person, t=rows.t, score=rows.score + noise)

    # Few far out make σ large, so the middle band holds too many.
    assert found.row(Given.ALL, 0.5).low > 0.55


def test_the_held_out_forecast_is_that_of_the_other_folds(simulate):
    rows = simulate(40, sessions=4)
    models = []

    def keep(norms):
        models.append(fit(norms).accept_singular())
        return models[-1]

    found = calibration(**rows._asdict(), fit_model=keep, folds=4, seed=9, bands=[0.7])

    fold_of = np.random.default_rng(9).permutation(40) % 4
    assert [model.persons for model in models] == [30] * 4
    inside = {Given.FIRST: np.zeros((40, 4)), Given.ALL: np.zeros((40, 4))}
    for person in range(40):
        t, y = rows.t[rows.person == person], rows.score[rows.person == person]
        for k in (1, 2, 3):
            for given, seen in ((Given.FIRST, 1), (Given.ALL, k)):
                low, high = models[fold_of[person]].band(t[:seen], y[:seen], t[k], coverage=0.7)
                inside[given][person, k] = low <= y[k] <= high
    for given in Given:
        assert found.row(given, 0.7).inside == inside[given].sum()
        for k in (1, 2, 3):
            row = found.row(given, 0.7, k + 1)
            assert (row.n, row.inside) == (40, inside[given][:, k].sum())
            wilson = reference.binomtest(row.inside, row.n).proportion_ci(method="wilson")
            assert (row.low, row.high) == pytest.approx((wilson.low, wilson.high))


def test_uncertain_parameters_hold_more_scores_when_courses_are_few(simulate):
    rows = simulate(24, sessions=8, seed=3)._asdict()

    known = calibration(**rows, folds=3).row(Given.FIRST, 0.8)
    wider = calibration(**rows, folds=3, parameters="uncertain").row(Given.FIRST, 0.8)

    assert wider.inside > known.inside


def test_the_same_seed_gives_the_same_folds(simulate):
    rows = simulate(100)._asdict()

    assert calibration(**rows, seed=3) == calibration(**rows, seed=3)
    assert calibration(**rows, seed=3) != calibration(**rows, seed=4)


def test_a_row_that_is_not_there(simulate):
    with pytest.raises(KeyError):
        calibration(**simulate(60)._asdict()).row(Given.ALL, 0.8, 7)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"folds": 1}, "folds is 1: it must be from 2 to the number of people, 60"),
        ({"folds": 61}, "folds is 61"),
        ({"bands": [80]}, "A band is 80"),
        ({"t": [0.0]}, "three lists of equal length"),
        ({"parameters": "guessed"}, "must be one of known, uncertain"),
    ],
)
def test_what_cannot_be_held_out_is_refused(simulate, wrong, message):
    with pytest.raises(BadScoresError, match=message):
        calibration(**simulate(60)._asdict() | wrong)


def test_what_cannot_be_fitted_names_the_fold(simulate):
    rows = simulate(60)
    once = rows.of(rows.t == 0)

    with pytest.raises(CannotEstimateError, match=r"Without fold 1 of 2: .+ at least 3 people, found 1"):
        calibration(**rows.of(rows.person < 2)._asdict(), folds=2)
    with pytest.raises(CannotEstimateError, match="Nobody was measured more than once"):
        calibration(**once._asdict())
    with pytest.raises(CannotEstimateError, match="Without fold 1 of 5: All 288 scores are equal"):
        calibration(person=rows.person, t=rows.t, score=np.full(rows.t.size, 7.0))


def test_residuals_are_those_of_dense_matrices(irregular):
    model = fit(Norms.from_scores(**irregular._asdict()))

    found = residuals(model, **irregular._asdict())

    at = 0
    for number, person in enumerate(np.unique(irregular.person)):
        own = irregular.person == person
        Z = np.column_stack((np.ones(own.sum()), irregular.t[own]))
        V = Z @ model.G @ Z.T + model.sigma2 * np.eye(own.sum())
        left = np.linalg.solve(V, irregular.score[own] - Z @ model.beta)
        effects, spread = model.G @ Z.T @ left, model.G @ Z.T @ np.linalg.solve(V, Z @ model.G)
        expected = model.sigma2 * left / np.sqrt(model.sigma2**2 * np.diag(np.linalg.inv(V)))
        here = slice(at, at + own.sum())
        assert found.standardised[here] == pytest.approx(expected)
        assert found.fitted[here] == pytest.approx(Z @ (model.beta + effects))
        assert found.level[number] == pytest.approx(effects[0] / np.sqrt(spread[0, 0]))
        assert found.pace[number] == pytest.approx(effects[1] / np.sqrt(spread[1, 1]))
        at += own.sum()
    assert at == found.t.size


def test_residuals_and_effects_of_the_model_itself_are_standard_normal(simulate):
    rows = simulate(2000)

    found = residuals(fit(Norms.from_scores(**rows._asdict())), **rows._asdict())

    for values in (found.standardised, found.level, found.pace):
        assert values.mean() == pytest.approx(0, abs=0.06)
        assert values.std() == pytest.approx(1, abs=0.03)


def test_an_effect_of_which_the_scores_say_nothing_is_missing(simulate):
    rows = simulate(60)
    model = fit(Norms.from_scores(**rows._asdict()))
    flat = type(model)(**vars(model) | {"G": np.diag([40.0, 0.0])})

    found = residuals(flat, **rows._asdict())

    assert np.isnan(found.pace).all()
    assert np.isfinite(found.level).all()


def test_residuals_need_a_usable_model(simulate):
    rows = simulate(60)
    model = fit(Norms.from_scores(**rows._asdict()))
    lost = type(model)(**vars(model) | {"converged": False, "message": "It did not converge."})

    with pytest.raises(UnusableModelError, match="did not converge"):
        residuals(lost, **rows._asdict())


def test_normal_quantiles_are_bloms():
    expected, values = normal_quantiles([3.0, np.nan, 1.0, 2.0, 5.0])

    assert values.tolist() == [1.0, 2.0, 3.0, 5.0]
    assert expected == pytest.approx(reference.norm.ppf((np.array([1, 2, 3, 4]) - 3 / 8) / 4.25))
