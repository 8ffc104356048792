"""The priors of our own instruments: guesses, light, usable; and none for anybody else's."""

import numpy as np
import pytest

from medvirk.instruments.definitions import Confidence
from medvirk.instruments.faults import InstrumentFaults
from medvirk.instruments.loader import catalogue, get
from medvirk.instruments.norms import FOLDER, load_prior, prior, prior_norms
from medvirk.stats.growth import fit

WITH_PRIOR = ("citizenship", "life-now", "recovery", "this-meeting")
GOOD = """
scale = "total"
confidence = "guess"
beta = [24.0, 2.5]
G = [[60.0, -4.0], [-4.0, 4.8]]
sigma2 = 25.0
sessions = 8
courses = 30
reasoning = "made up"
"""


def test_every_file_belongs_to_an_instrument_of_ours():
    assert sorted(path.stem for path in FOLDER.glob("*.toml")) == [f"{key}@1" for key in WITH_PRIOR]


@pytest.mark.parametrize("key", sorted({key for key, _ in catalogue()} - set(WITH_PRIOR)))
def test_nothing_is_assumed_about_the_others(key):
    assert prior(key) is None
    assert prior_norms(key) is None


@pytest.mark.parametrize("key", WITH_PRIOR)
def test_a_prior_is_a_light_guess_within_the_scale(key):
    found = prior(key, 1)
    assert found is not None
    scale = get(key).scale(found.scale)

    course = found.beta[0] + found.beta[1] * np.array(found.t)

    assert scale == get(key).main_scale
    assert found.confidence is Confidence.GUESS
    assert found.courses <= 50
    assert (course > scale.low).all()
    assert (course < scale.high).all()
    assert course[-1] > course[0], "higher is better on all of them, and people are assumed to get better"


@pytest.mark.parametrize("key", WITH_PRIOR)
def test_the_spread_of_the_prior_is_the_one_behind_the_reliable_change(key):
    found = prior(key)
    fact = get(key).scale("total").reliable_change
    assert found is not None
    assert fact is not None

    first_sd = (found.G[0][0] + found.sigma2) ** 0.5

    assert first_sd == pytest.approx(fact.sd, rel=0.05)


@pytest.mark.parametrize("key", WITH_PRIOR)
def test_fitting_the_prior_alone_gives_back_its_parameters(key):
    found, norms = prior(key), prior_norms(key)
    assert found is not None
    assert norms is not None

    model = fit(norms)

    assert norms.persons == found.courses
    assert model.converged
    np.testing.assert_allclose(model.beta, found.beta, rtol=1e-4)
    np.testing.assert_allclose(model.G, found.G, rtol=1e-4)
    assert model.sigma2 == pytest.approx(found.sigma2, rel=1e-4)


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("beta = [24.0, 2.5]", "beta = [24.0]", "`beta` must hold two numbers"),
        ("[-4.0, 4.8]]", "[-3.0, 4.8]]", "`G` must be a symmetric table"),
        ("[-4.0, 4.8]]", "[-4.0]]", "`G` must hold pairs of numbers"),
        ("[-4.0, 4.8]]", "[-4.0, 0.1]]", "`G` cannot be a covariance table"),
        ("sigma2 = 25.0", "sigma2 = 0", "`sigma2` must be above 0"),
        ("sessions = 8", "sessions = 1", "`sessions` must be a whole number of at least 2"),
        ("courses = 30", "courses = 2", "`courses` must be a whole number of at least 3"),
        ('reasoning = "made up"', "", "`reasoning` is missing"),
        ('confidence = "guess"', "", "`confidence` is missing"),
        ("sessions = 8", "sessions = 8\nweeks = 3", "`weeks` is not known here"),
    ],
)
def test_faults_in_a_prior(tmp_path, old, new, problem):
    path = tmp_path / "sample@1.toml"
    path.write_text(GOOD.replace(old, new))

    with pytest.raises(InstrumentFaults, match=problem.replace("[", r"\[")):
        load_prior(path)


def test_the_sample_is_good(tmp_path):
    path = tmp_path / "sample@1.toml"
    path.write_text(GOOD)

    assert load_prior(path).t == pytest.approx(np.log1p(range(9)))
