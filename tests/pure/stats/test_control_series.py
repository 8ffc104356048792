"""Interrupted time series: exact on lines without noise, honest with errors that remember."""

import sys

import numpy as np
import pytest
from scipy.linalg import null_space

from medvirk.stats.control import Caution, DocumentedChange, Errors, interrupted_time_series, newey_west_lag
from medvirk.stats.faults import BadScoresError, CannotEstimateError, MissingExtraError

AT_12 = [DocumentedChange(12, "second intake team")]


def design(n, at):
    t = np.arange(n, dtype=float)
    return np.column_stack([np.ones(n), t, t >= at, (t - at) * (t >= at)]).astype(float)


def ar1(rng, n, rho):
    e = rng.normal(size=n + 50)
    for i in range(1, n + 50):
        e[i] += rho * e[i - 1]
    return e[50:]


@pytest.mark.parametrize("errors", list(Errors))
def test_lines_without_noise_give_back_their_coefficients(errors):
    # 10 + t/2; from point 12 on 3 more, and a step of 1/4 less each month.
    t = np.arange(24)
    y = 10 + t / 2 + (t >= 12) * (3 - (t - 12) / 4)

    found = interrupted_time_series(y, changes=AT_12, effects_at=[12, 20], errors=errors)

    assert found.start_level.value == pytest.approx(10)
    assert found.start_slope.value == pytest.approx(0.5)
    assert found.changes[0].level.value == pytest.approx(3)
    assert found.changes[0].slope.value == pytest.approx(-0.25)
    assert [e.effect.value for e in found.effects] == pytest.approx([3, 1])
    assert found.counterfactual == pytest.approx(10 + t / 2)
    assert found.fitted == pytest.approx(y)
    assert found.cautions == (Caution.EXACT,)
    assert found.changes[0].level.p is None
    assert found.durbin_watson is None


def test_two_changes_and_a_gap_without_noise():
    t = np.arange(36)
    y = 5 + t + 2.0 * (t >= 12) - (4 + 0.5 * (t - 24)) * (t >= 24)
    y[[3, 30]] = np.nan

    found = interrupted_time_series(
        y, changes=[*AT_12, DocumentedChange(24, "drop-in closed")], effects_at=[20, 26]
    )

    assert [c.level.value for c in found.changes] == pytest.approx([2, -4])
    assert [c.slope.value for c in found.changes] == pytest.approx([0, -0.5], abs=1e-9)
    assert [e.effect.value for e in found.effects] == pytest.approx([2, 2 - 5])
    assert set(found.cautions) == {Caution.GAPS, Caution.EXACT, Caution.SHORT}
    assert found.measured == 34


def test_a_season_is_told_from_the_change():
    t = np.arange(48)
    wave = 4 * np.sin(2 * np.pi * t / 12) + np.cos(2 * np.pi * t / 12)
    y = 20 + wave + 6 * (t >= 20)

    found = interrupted_time_series(y, changes=[DocumentedChange(20, "x")], period=12)

    assert found.changes[0].level.value == pytest.approx(6)
    assert found.counterfactual == pytest.approx(20 + wave)


def test_rho_maximises_the_likelihood_of_the_error_contrasts():
    rng = np.random.default_rng(4)
    y = ar1(rng, 40, 0.5)
    y[[7, 8, 25]] = np.nan
    kept = ~np.isnan(y)
    at = np.flatnonzero(kept)

    found = interrupted_time_series(y, changes=[DocumentedChange(20, "x")])

    # Contrasts that no coefficient touches: K'y ~ N(0, σ²K'VK), σ² profiled out.
    contrasts = null_space(design(40, 20)[kept].T)
    z = contrasts.T @ y[kept]

    def minus_twice_log_likelihood(rho):
        spread = contrasts.T @ (rho ** np.abs(at[:, None] - at)) @ contrasts
        return np.linalg.slogdet(spread)[1] + z.size * np.log(z @ np.linalg.solve(spread, z))

    grid = np.linspace(0.01, 0.95, 2000)
    best = grid[np.argmin([minus_twice_log_likelihood(rho) for rho in grid])]
    assert found.rho == pytest.approx(best, abs=1e-3)
    V = found.rho ** np.abs(at[:, None] - at)
    X = design(40, 20)[kept]
    precision = X.T @ np.linalg.solve(V, X)
    beta = np.linalg.solve(precision, X.T @ np.linalg.solve(V, y[kept]))
    residual = y[kept] - X @ beta
    variance = residual @ np.linalg.solve(V, residual) / (37 - 4)
    assert found.changes[0].level.value == pytest.approx(beta[2])
    assert found.changes[0].level.se == pytest.approx(np.sqrt(variance * np.linalg.inv(precision)[2, 2]))


def test_newey_west_by_its_formula_with_a_gap_kept_open():
    rng = np.random.default_rng(5)
    y = ar1(rng, 40, 0.5)
    y[10] = np.nan
    kept = ~np.isnan(y)

    found = interrupted_time_series(y, changes=[DocumentedChange(20, "x")], errors=Errors.NEWEY_WEST, lag=2)

    X = design(40, 20)
    beta = np.linalg.lstsq(X[kept], y[kept], rcond=None)[0]
    scores = np.where(kept[:, None], X * (y - X @ beta)[:, None], 0)
    middle = scores.T @ scores
    for lag, weight in ((1, 2 / 3), (2, 1 / 3)):
        product = scores[lag:].T @ scores[:-lag]
        middle += weight * (product + product.T)
    bread = np.linalg.inv(X[kept].T @ X[kept])
    se = np.sqrt(np.diag(bread @ middle @ bread) * 39 / 35)
    assert found.changes[0].slope.se == pytest.approx(se[3])
    assert found.degrees_of_freedom == 35
    assert (found.lag, found.rho) == (2, None)


def covered(result):
    level = result.changes[0].level
    return level.low < 0 < level.high


def test_intervals_cover_nearer_to_nominal_than_least_squares():
    rng = np.random.default_rng(6)
    n, draws = 96, 120
    change = [DocumentedChange(n // 2, "x")]
    X = design(n, n // 2)
    hits = {"ols": 0, Errors.AR1: 0, Errors.NEWEY_WEST: 0}
    for _ in range(draws):
        y = ar1(rng, n, 0.6)
        for errors in Errors:
            hits[errors] += covered(interrupted_time_series(y, changes=change, errors=errors))
        # Least squares are AR(1) errors without memory: a lag of 0 would still be robust to unequal variances.
        beta, rss = np.linalg.lstsq(X, y, rcond=None)[:2]
        se = np.sqrt(np.linalg.inv(X.T @ X)[2, 2] * rss[0] / (n - 4))
        hits["ols"] += abs(beta[2]) < 1.986 * se
    share = {name: count / draws for name, count in hits.items()}

    assert share["ols"] + 0.05 < share[Errors.NEWEY_WEST] < share[Errors.AR1]
    assert share[Errors.AR1] > 0.87


def test_autocorrelation_that_is_left_over_is_told():
    y = ar1(np.random.default_rng(7), 60, 0.8)

    plain = interrupted_time_series(y, changes=[DocumentedChange(30, "x")], errors=Errors.NEWEY_WEST)
    modelled = interrupted_time_series(y, changes=[DocumentedChange(30, "x")])

    assert Caution.AUTOCORRELATED in plain.cautions
    assert plain.durbin_watson < 1.2
    assert Caution.AUTOCORRELATED not in modelled.cautions
    assert modelled.rho > 0.4


def test_short_sides_are_told_and_too_short_ones_refused():
    y = np.random.default_rng(8).normal(size=15)

    assert Caution.SHORT in interrupted_time_series(y, changes=[DocumentedChange(12, "x")]).cautions
    with pytest.raises(CannotEstimateError, match="Points 13 to 14: 2 measured"):
        interrupted_time_series(y, changes=[DocumentedChange(13, "x")])


@pytest.mark.parametrize(
    ("values", "more", "message"),
    [
        ([4.0], {}, r"^There are 1 point\(s\): a change needs points before it"),
        ([4.0, 5.0], {}, "it must be a point from 1 to 1"),
        ([1, 2, 3, 4, 5, 6], {"changes": []}, "No change is given"),
        (range(24), {"effects_at": [3, 24]}, "Effect at point 3.*Effect at point 24"),
        (range(24), {"period": 12, "harmonics": 6}, "season of 12 points"),
        (range(24), {"lag": 3}, "Newey-West only"),
        (range(24), {"confidence": 95}, "between 0 and 1"),
        ([np.inf] * 24, {}, "infinite"),
    ],
)
def test_what_cannot_be_asked_for_is_named(values, more, message):
    with pytest.raises(BadScoresError, match=message):
        interrupted_time_series(list(values), **{"changes": AT_12, **more})


@pytest.mark.parametrize(
    ("values", "more", "message"),
    [
        ([5] * 24, {}, "All 24 values are the same"),
        ([None] * 24, {}, "Points 0 to 11: 0 measured.*Points 12 to 23: 0 measured"),
        (range(6), {"changes": [DocumentedChange(3, "x")], "period": 3}, "leave 0 degrees of freedom"),
        (range(20), {"period": 12}, "two whole rounds"),
    ],
)
def test_what_cannot_be_estimated_is_named(values, more, message):
    with pytest.raises(CannotEstimateError, match=message):
        interrupted_time_series(list(values), **{"changes": AT_12, **more})


def test_default_lag_of_newey_and_west():
    assert [newey_west_lag(n) for n in (4, 24, 100, 200)] == [1, 2, 4, 4]


def test_without_statsmodels_the_extra_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "statsmodels.regression.linear_model", None)

    with pytest.raises(MissingExtraError, match=r"medvirk\[science\]") as raised:
        interrupted_time_series(np.arange(24) ** 2, changes=AT_12)
    assert raised.value.extra == "science"
