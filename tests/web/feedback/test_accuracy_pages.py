"""Beside a signal the worker reads how often such a signal was right here, or that too few courses exist to know."""

from __future__ import annotations

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from factories_feedback import DAY
from pages import read

from medvirk.feedback.accuracy import judge
from medvirk.feedback.models import LocalNorms
from medvirk.feedback.queries import measure_of
from medvirk.instruments.queries import effective
from medvirk.stats.growth import Norms

# Ten fall at once and stay down, five fall and come back, six fall only in the end, thirty stay.
ENDED = (
    [[30.0, 15.0, 15.0]] * 10
    + [[30.0, 15.0, 30.0]] * 5
    + [[30.0, 30.0, 15.0]] * 6
    + [[30.0, 32.0, 30.0]] * 30
)
RIGHT = {
    "nb": "Her endte 10 av 15 forløp med dette signalet tydelig verre (omtrent 7 av 10).",
    "nn": "Her enda 10 av 15 forløp med dette signalet tydeleg verre (om lag 7 av 10).",
    "en": "Here, 10 of 15 courses with this signal ended clearly worse (about 7 of 10).",
}
OTHERWISE = "Uten signalet: omtrent 2 av 10."
NOT_KNOWN = "For få forløp er avsluttet her til å vite hvor ofte det stemmer: 0 så langt."
FORECAST = "Forløpet kan ende verre enn det begynte"


@pytest.fixture
def worker(care, client_of):
    return client_of(care.worker)


@pytest.fixture
def session(care):
    """A course that has become clearly worse."""
    return care.course([35.0, 30.0, 15.0]).sessions.last()


def norms_of(scores, fitted_at):
    """The norms as the night leaves them when these courses have ended."""
    rows = [(f"{n:02}", k, score) for n, course in enumerate(scores) for k, score in enumerate(course)]
    person, number, score = zip(*rows, strict=True)
    return LocalNorms.objects.create(
        instrument_key="life-now",
        instrument_version=1,
        scale="total",
        norms=Norms.from_scores(person=person, t=np.log1p(number), score=score).to_dict(),
        persons=len(scores),
        accuracy=judge(rows, measure_of(effective("life-now"), "nb")).to_dict(),
        fitted_at=fitted_at,
    )


@pytest.fixture
def judged(care):
    return norms_of(ENDED, care.now)


def pages_of(session):
    return (
        reverse("feedback:conversation", args=[session.pk]),
        reverse("feedback:episode", args=[session.episode_id]),
    )


def test_without_ended_courses_it_is_told_that_nothing_is_known(worker, session):
    for path in pages_of(session):
        text = read(worker.get(path)).text

        assert NOT_KNOWN in text
        assert "Slik er det telt" not in text


def test_the_figures_stand_beside_the_signal_on_both_pages(worker, session, judged):
    for path in pages_of(session):
        text = read(worker.get(path)).text

        assert RIGHT["nb"] in text
        assert OTHERWISE in text
        assert "Slik er det telt" in text
        assert NOT_KNOWN not in text


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_in_each_language(worker, session, judged, language):
    worker.post(reverse("set_language"), {"language": language})

    assert RIGHT[language] in read(worker.get(pages_of(session)[0])).text


def test_the_forecast_stands_on_the_pages_and_in_the_list(care, worker):
    rng = np.random.default_rng(3)
    level = rng.normal(28, 5, (60, 1)) + np.outer(rng.normal(-1, 5, 60), np.log1p(np.arange(4)))
    norms_of(np.clip(level + rng.normal(0, 2.5, level.shape), 0, 50).tolist(), care.now)
    session = care.course([30.0, 20.0]).sessions.last()

    for path in (*pages_of(session), reverse("feedback:my_citizens")):
        assert FORECAST in read(worker.get(path)).text

    LocalNorms.objects.update(accuracy={}, fitted_at=care.now + DAY)
    for path in (*pages_of(session), reverse("feedback:my_citizens")):
        assert FORECAST not in read(worker.get(path)).text


def test_the_figures_cost_no_query_once_they_are_read(care, worker, session, judged):
    def cost(path):
        with CaptureQueriesContext(connection) as captured:
            assert worker.get(path).status_code == 200
        return len(captured)

    # The first page after signing in also notes in the session that somebody is there.
    worker.get(reverse("start"))
    first, then = ([cost(path) for path in pages_of(session)] for _ in range(2))
    LocalNorms.objects.all().delete()
    worker.get(pages_of(session)[0])
    without = [cost(path) for path in pages_of(session)]

    assert then == without
    assert max(then) <= 12
    # Read anew, the figures themselves cost one.
    assert max(first) <= 13
