"""The chance of reliable change at a session and by a session, against scipy's multivariate normal."""

import numpy as np
import pytest
from scipy import stats as reference

from medvirk.stats.change import Direction, ReliableChange
from medvirk.stats.growth import BadScoresError, GrowthModel, UnusableModelError
from medvirk.stats.growth.chances import Lines, reached_at, reached_by
from medvirk.stats.growth.grouping import courses
from medvirk.stats.growth.posterior import posterior

RCI = ReliableChange(6.0, source="made up")


def a_model(G=((40.0, -5.0), (-5.0, 6.0)), sigma2=16.0, **other):
    plain = {"loglik": 0.0, "converged": True, "singular": False, "message": "", "persons": 9, "scores": 99}
    return GrowthModel(beta=np.array([18.0, 3.0]), G=np.array(G), sigma2=sigma2, **plain | other)


def joint(model, t_seen, y_seen, t_new):
    """Mean and covariance of the coming scores given those seen, from the joint normal distribution."""
    t, k = np.append(t_seen, t_new), len(t_seen)
    X = np.column_stack((np.ones_like(t), t))
    V = X @ model.G @ X.T + model.sigma2 * np.eye(t.size)
    gain = np.linalg.solve(V[:k, :k], V[:k, k:]).T
    mean = (X @ model.beta)[k:] + gain @ (np.array(y_seen) - (X @ model.beta)[:k])
    return mean, V[k:, k:] - gain @ V[:k, k:]


def none_reached(model, t_seen, y_seen, t_new, limit, sign):
    mean, cov = joint(model, t_seen, y_seen, t_new)
    law = reference.multivariate_normal(sign * mean, cov, allow_singular=False)
    # scipy integrates by randomised lattice rules; with this seed and this many points to about 1e-5.
    return reference.multivariate_normal.cdf(
        np.full(len(t_new), sign * limit),
        law.mean,
        cov,
        maxpts=200_000,
        abseps=1e-6,
        rng=np.random.default_rng(1),
    )


SEEN = [([0.0], [14.0]), ([0.0, 0.7, 1.1], [14.0, 18.0, 12.0]), ([1.1, 0.0, 0.7], [12.0, 14.0, 18.0])]


@pytest.mark.parametrize(("t_seen", "y_seen"), SEEN)
@pytest.mark.parametrize("direction", list(Direction))
def test_by_a_session_is_one_less_the_chance_of_none(t_seen, y_seen, direction):
    model, t_new = a_model(), np.log1p([3.0, 4.0, 6.0, 9.0])
    limit = 14 + direction.sign * 6

    found = model.chance_reliable_by(t_seen, y_seen, t_new, rci=RCI, direction=direction)

    for k in range(1, 5):
        expected = 1 - none_reached(model, t_seen, y_seen, t_new[:k], limit, direction.sign)
        assert found[k - 1] == pytest.approx(expected, abs=3e-5)


@pytest.mark.parametrize(
    "G", [[[400.0, -50.0], [-50.0, 60.0]], [[40.0, 0.0], [0.0, 0.0]], [[0.0, 0.0], [0.0, 0.0]]]
)
def test_by_a_session_where_people_differ_much_in_level_only_or_not_at_all(G):
    model, t_new = a_model(G), np.log1p([1.0, 2.0, 5.0])

    found = model.chance_reliable_by([0.0], [14.0], t_new, rci=RCI, direction=Direction.HIGHER)

    assert found[-1] == pytest.approx(1 - none_reached(model, [0.0], [14.0], t_new, 20.0, 1), abs=1e-4)


@pytest.mark.parametrize(("t_seen", "y_seen"), SEEN)
def test_at_a_session_is_counted_from_the_first_observed_score(t_seen, y_seen):
    model, t_new = a_model(), np.log1p([3.0, 4.0])
    mean, cov = joint(model, t_seen, y_seen, t_new)

    better = model.chance_reliable(t_seen, y_seen, t_new, rci=RCI, direction=Direction.HIGHER)
    worse = model.chance_reliable(t_seen, y_seen, t_new, rci=RCI, direction=Direction.LOWER)

    sd = np.sqrt(np.diag(cov))
    assert better == pytest.approx(reference.norm.sf(20, mean, sd), abs=1e-9)
    assert worse == pytest.approx(reference.norm.cdf(8, mean, sd), abs=1e-9)


def test_by_the_next_session_is_at_it_and_later_it_is_more():
    model, t_new = a_model(), np.log1p([2.0, 3.0, 4.0, 8.0])

    by = model.chance_reliable_by([0.0, 0.7], [14, 15], t_new, rci=RCI, direction=Direction.HIGHER)
    at = model.chance_reliable([0.0, 0.7], [14, 15], t_new, rci=RCI, direction=Direction.HIGHER)

    assert by[0] == pytest.approx(at[0], abs=2e-6)
    assert (np.diff(by) > 0).all()
    assert (by[1:] > at[1:]).all()


def some_rows():
    rng = np.random.default_rng(4)
    length = rng.integers(1, 6, 12)
    person = np.repeat(np.arange(12), length)
    t = np.concatenate([np.log1p(np.arange(float(n))) for n in length])
    return courses(person, t, rng.normal(18, 6, person.size))


def test_many_people_at_once_are_as_one_at_a_time(monkeypatch):
    model, rows = a_model(), some_rows()
    # In blocks of a few rows.
    monkeypatch.setattr("medvirk.stats.growth.chances.BLOCK", 20_000)
    owner = np.repeat(np.arange(12), np.diff(rows.start, append=rows.t.size))
    known, first = posterior(model, rows), rows.score[rows.start][owner]
    t = np.log1p([6.0, 7.0, 9.0])
    ask = {"rci": RCI, "direction": Direction.LOWER}

    at, by = reached_at(known, first, t, **ask), reached_by(known, first, t, **ask)

    for row in range(rows.t.size):
        seen = slice(rows.start[owner[row]], row + 1)
        one = (rows.t[seen], rows.score[seen], t)
        assert at[row] == pytest.approx(model.chance_reliable(*one, **ask), abs=1e-9)
        assert by[row] == pytest.approx(model.chance_reliable_by(*one, **ask), abs=1e-9)


def test_a_missing_time_is_no_measurement():
    line = Lines(*(np.array([value]) for value in (18.0, 3.0, 10.0, 2.0, -1.0)), sigma2=16.0)
    ask = {"rci": RCI, "direction": Direction.HIGHER}

    gap = reached_by(line, [14.0], [[1.0, np.nan, 2.0]], **ask)[0]

    assert gap[[0, 2]] == pytest.approx(reached_by(line, [14.0], [1.0, 2.0], **ask)[0])
    assert gap[1] == pytest.approx(gap[0])
    assert np.isnan(reached_at(line, [14.0], [np.nan], **ask)[0, 0])


@pytest.mark.parametrize(
    ("first", "t", "message"),
    [
        ([14.0, 15.0], [1.0], "do not fit 1 rows"),
        ([14.0], [[1.0], [2.0]], "do not fit 1 rows"),
        ([np.nan], [1.0], "first: a score is missing"),
        ([14.0], [np.inf], "a time is infinite"),
        ([14.0], [2.0, 1.0], "must ascend"),
        ([14.0], [1.0, np.nan, 1.0], "must ascend"),
    ],
)
def test_what_cannot_be_asked_is_refused(first, t, message):
    line = Lines(*(np.array([value]) for value in (18.0, 3.0, 10.0, 2.0, -1.0)), sigma2=16.0)

    with pytest.raises(BadScoresError, match=message):
        reached_by(line, first, t, rci=RCI, direction=Direction.HIGHER)


def test_without_a_first_score_there_is_no_change():
    ask = {"rci": RCI, "direction": Direction.HIGHER}

    with pytest.raises(BadScoresError, match="A change is counted from the first score"):
        a_model().chance_reliable([], [], 1.0, **ask)
    with pytest.raises(BadScoresError, match="A change is counted from the first score"):
        a_model().chance_reliable_by([0.0], [np.nan], 1.0, **ask)
    with pytest.raises(UnusableModelError, match="on the edge"):
        a_model(singular=True, message="on the edge").chance_reliable_by([0.0], [14.0], 1.0, **ask)
