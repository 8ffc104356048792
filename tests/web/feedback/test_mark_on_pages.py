"""Beside the curve: *not validated*, or that the answers given here meet the stated criteria."""

from __future__ import annotations

import numpy as np
import pytest
from django.urls import reverse
from factories_feedback import DAY
from pages import read

from medvirk.feedback.measuring import LocalMeasuring
from medvirk.feedback.models import LocalNorms
from medvirk.stats.growth import Norms
from medvirk.stats.reliability import Criterion, State, Verdict

MARKS = {
    "nb": ("ikke validert", "prøvd ut her"),
    "nn": ("ikkje validert", "prøvd ut her"),
    "en": ("not validated", "tried out here"),
}
ABOUT = reverse("feedback:measuring_page", args=["life-now", 1])


@pytest.fixture
def judged(care):
    """`judged(state)`: the norms of Life now as a night leaves them, every criterion in this state."""

    def night(state: State):
        verdicts = tuple(Verdict(each, state, 0.8, 120) for each in Criterion)
        sums = Norms.from_scores(person=["a", "a"], t=np.log1p([0, 1]), score=[20.0, 25.0])
        LocalNorms.objects.update_or_create(
            instrument_key="life-now",
            instrument_version=1,
            scale="total",
            defaults={
                "norms": sums.to_dict(),
                "persons": 1,
                "measuring": LocalMeasuring("2026-02", verdicts).to_dict(),
                "fitted_at": care.now + LocalNorms.objects.count() * DAY,
            },
        )

    return night


def pages_of(episode):
    session = episode.sessions.last()
    return (
        reverse("feedback:conversation", args=[session.pk]),
        reverse("feedback:news", args=[session.pk]) + "?mark=old",
        reverse("feedback:episode", args=[episode.pk]),
    )


@pytest.mark.parametrize("language", ["nb", "nn", "en"])
def test_the_mark_follows_the_verdicts_in_both_directions(care, client_of, judged, language):
    worker, episode = client_of(care.worker), care.course([35.0, 30.0])
    worker.post(reverse("set_language"), {"language": language})
    stands, off = MARKS[language]

    for state, shown, hidden in ((None, stands, off), (State.MET, off, stands), (State.NOT_MET, stands, off)):
        if state:
            judged(state)
        for path in pages_of(episode):
            text = read(worker.get(path)).text
            assert shown in text
            assert hidden not in text


@pytest.mark.parametrize("state", [State.MET, State.NOT_KNOWN])
def test_it_leads_to_the_numbers_for_those_who_may_see_them(care, make, client_of, judged, state):
    leader = make.staff("team_leader", care.unit)
    episode = care.course([35.0, 30.0], episode=care.episode(citizen=make.citizen(team=care.unit)))
    judged(state)

    for path in pages_of(episode):
        assert not read(client_of(care.worker).get(path)).all("a", href=ABOUT)
        assert len(read(client_of(leader).get(path)).all("a", href=ABOUT)) == 1


def test_a_form_that_published_studies_have_validated_carries_no_mark(care, client_of):
    worker, episode = client_of(care.worker), care.episode(outcome=("phq-9", 1))
    care.session(episode)

    for path in pages_of(episode):
        text = read(worker.get(path)).text
        assert not any(mark in text for mark in MARKS["nb"])
