"""Many people at once must say the same as one at a time."""

import numpy as np
import pytest

from medvirk.stats.growth import GrowthModel, UnusableModelError
from medvirk.stats.growth.grouping import courses
from medvirk.stats.growth.posterior import number, posterior


def a_model(G: list[list[float]], *, singular: bool = False) -> GrowthModel:
    return GrowthModel(
        beta=np.array([18.0, 2.0]),
        G=np.array(G),
        sigma2=9.0,
        loglik=0.0,
        converged=True,
        singular=singular,
        message="singular" if singular else "",
        persons=100,
        scores=300,
    )


def some_rows():
    rng = np.random.default_rng(4)
    length = rng.integers(1, 7, 40)
    person = np.repeat(np.arange(40), length)
    t = np.concatenate([np.log1p(np.sort(rng.uniform(0, 30, n))) for n in length])
    return courses(person, t, rng.normal(18, 6, person.size))


@pytest.mark.parametrize(
    "G", [[[30.0, -5.0], [-5.0, 8.0]], [[30.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]]
)
def test_every_row_is_what_predict_says_given_the_rows_so_far(G):
    model, rows = a_model(G), some_rows()
    mean, sd = posterior(model, rows).at(2.5)
    ends = np.append(rows.start[1:], rows.t.size)
    for begin, end in zip(rows.start, ends, strict=True):
        for row in range(begin, end):
            seen = slice(begin, row + 1)
            one_mean, one_sd = model.predict(rows.t[seen], rows.score[seen], 2.5)
            assert mean[row] == pytest.approx(float(one_mean), rel=1e-10)
            assert sd[row] == pytest.approx(float(one_sd), rel=1e-10)


def test_a_time_for_each_row_and_some_rows_only():
    model, rows = a_model([[30.0, -5.0], [-5.0, 8.0]]), some_rows()
    known = posterior(model, rows)
    later = rows.t + 0.4
    chosen = np.flatnonzero(number(rows.start, rows.t.size) == 1)
    assert np.array_equal(known.at(later)[0][chosen], known.rows(chosen).at(later[chosen])[0])


def test_a_model_that_may_not_forecast_does_not():
    with pytest.raises(UnusableModelError):
        posterior(a_model([[1.0, 0.0], [0.0, 0.0]], singular=True), some_rows())
