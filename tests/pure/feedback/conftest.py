"""Courses to judge: a measure, sessions with or without scores, and the model that the prior describes."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.utils.translation import override

from medvirk.feedback.logic import Course, Measure, Point
from medvirk.stats.change import Direction, ReliableChange
from medvirk.stats.growth import GrowthModel

START = datetime(2025, 1, 6, 10, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """What is said in words is tested in the language it is written in, whatever another test left active."""
    with override("en"):
        yield


@pytest.fixture
def measure() -> Measure:
    """Higher is better, 0–50, and a change must be above 10 points to count."""
    return Measure(
        instrument="life-now",
        version=1,
        scale="total",
        title="Life now",
        direction=Direction.HIGHER,
        low=0.0,
        high=50.0,
        cutoff=None,
        rci=ReliableChange(10.0, 0.95, source="made up", inclusive=False),
        rci_is_guess=False,
        validated=False,
    )


@pytest.fixture
def complaints(measure: Measure) -> Measure:
    """Lower is better, 0–27, as PHQ-9."""
    return replace(
        measure,
        instrument="phq-9",
        title="Complaints",
        direction=Direction.LOWER,
        high=27.0,
        rci=ReliableChange(6.0, 0.95, source="made up", inclusive=True),
    )


@pytest.fixture
def meeting(measure: Measure) -> Measure:
    return replace(measure, instrument="this-meeting", title="This meeting", rci=None)


@pytest.fixture
def model() -> GrowthModel:
    """As our prior of `life-now`: the mean rises by 2.5 points per unit of t."""
    return GrowthModel(
        beta=np.array([24.0, 2.5]),
        G=np.array([[60.0, -4.0], [-4.0, 4.8]]),
        sigma2=25.0,
        loglik=0.0,
        converged=True,
        singular=False,
        message="",
        persons=30,
        scores=270,
    )


@pytest.fixture
def a_course(measure: Measure) -> Callable[..., Course]:
    """`a_course([24, None, 30], meetings=[…])`: a session a week; None is a session without a score."""

    def build(
        scores: Sequence[float | None],
        *,
        of: Measure = measure,
        meeting_measure: Measure | None = None,
        meetings: Sequence[float | None] = (),
        **of_the_last: object,
    ) -> Course:
        rated = [*meetings, *[None] * (len(scores) - len(meetings))]
        points = [
            Point(
                session_id=uuid.UUID(int=number),
                starts_at=START + timedelta(weeks=number),
                answered=score is not None,
                outcome=score,
                meeting=rating,
            )
            for number, (score, rating) in enumerate(zip(scores, rated, strict=True))
        ]
        if points:
            points[-1] = replace(points[-1], **of_the_last)
        return Course(of, meeting_measure, tuple(points))

    return build
