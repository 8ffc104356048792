"""Weeks and sessions are never mixed up, and what was stored before the scale was is still read."""

import json

import numpy as np
import pytest

from medvirk.stats.growth import (
    BadNormsError,
    BadScoresError,
    GroupedNorms,
    Norms,
    TimeScale,
    TimeScaleError,
    TimeTransform,
    TimeUnit,
    fit,
)

WEEKS = TimeScale(TimeUnit.WEEKS)


def norms(time_scale, seed=2):
    rng = np.random.default_rng(seed)
    person, time = np.repeat(np.arange(30), 4), np.tile([0.0, 1.0, 2.5, 6.0], 30)
    own = rng.normal(size=(30, 2)) * [6, 2] + [20, 3]
    t = time_scale.t(time)
    score = own[person, 0] + own[person, 1] * t + rng.normal(scale=3, size=t.size)
    return Norms.from_scores(person=person, t=t, score=score, time_scale=time_scale)


def test_time_is_bent_as_it_says():
    assert np.array_equal(WEEKS.t([0, 1, np.nan]), np.log1p([0, 1, np.nan]), equal_nan=True)
    assert np.array_equal(TimeScale("days", "identity").t([[0, 14]]), [[0, 14]])
    assert [str(WEEKS), str(TimeScale("days", "identity"))] == ["log1p(weeks)", "days"]


def test_nothing_is_measured_before_the_first_measurement():
    with pytest.raises(BadScoresError, match="2 before the first measurement, the smallest -3"):
        WEEKS.t([0, -1, -3, np.nan])
    assert TimeScale("weeks", "identity").t([-1])[0] == -1


@pytest.mark.parametrize(("unit", "transform"), [("years", "log1p"), ("weeks", "sqrt"), (None, "log1p")])
def test_an_unknown_scale_is_refused(unit, transform):
    with pytest.raises(TimeScaleError, match="a unit \\(sessions, days, weeks, months\\)"):
        TimeScale(unit, transform)


def test_norms_on_different_scales_are_not_added():
    sessions, plain = norms(TimeScale()), norms(TimeScale(TimeUnit.WEEKS, TimeTransform.IDENTITY))

    with pytest.raises(TimeScaleError, match="log1p\\(sessions\\) and log1p\\(weeks\\)"):
        sessions + norms(WEEKS)
    with pytest.raises(TimeScaleError, match="log1p\\(weeks\\) and weeks"):
        norms(WEEKS) + plain
    with pytest.raises(TimeScaleError):
        GroupedNorms(("unit",), {("a",): sessions, ("b",): plain})
    assert (norms(WEEKS) + norms(WEEKS, seed=3)).time_scale == WEEKS


def test_the_scale_is_stored_and_goes_with_the_model():
    found = Norms.from_dict(json.loads(json.dumps(norms(WEEKS).to_dict())))

    assert found.time_scale == WEEKS
    assert fit(found).time_scale == WEEKS


def test_norms_stored_without_a_scale_are_of_sessions():
    stored = norms(TimeScale()).to_dict()
    del stored["time"]

    assert Norms.from_dict(stored).time_scale == TimeScale(TimeUnit.SESSIONS, TimeTransform.LOG1P)


@pytest.mark.parametrize("wrong", ["weeks", {"unit": "weeks"}, {"unit": "weeks", "transform": "sqrt"}])
def test_norms_stored_with_a_bad_scale_are_refused(wrong):
    with pytest.raises(BadNormsError, match="time scale"):
        Norms.from_dict(norms(WEEKS).to_dict() | {"time": wrong})
