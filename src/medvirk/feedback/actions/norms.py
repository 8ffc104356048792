"""Working out the sums of local courses, how often signals were right, and how well the scales measure."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import numpy as np
from django.db.models import QuerySet

from medvirk.answers.models import Capacity, Score
from medvirk.feedback.accuracy import judge
from medvirk.feedback.logic import numbered
from medvirk.feedback.measuring import judged_here
from medvirk.feedback.models import Asking, Episode, LocalNorms, Moment, Session
from medvirk.feedback.queries import NOT_CANCELLED_OR_ANSWERED, measure_of
from medvirk.instruments.definitions import Instrument
from medvirk.instruments.queries import effective_catalogue
from medvirk.stats.growth import FaultsError, Norms


def fit_norms(*, now: datetime) -> list[LocalNorms]:
    """Work out, for each scale, the sums of all local courses, how often signals were right in ended ones, and how well
    the scale measures: one row per scale.

    Scales with too little are passed over. Each row is written by itself, because nobody could answer while a lock is
    held for as long as all this takes.
    """
    rows = (
        _fit(instrument, scale.key, now=now)
        for instrument in effective_catalogue().values()
        if (scale := instrument.main_scale) is not None
    )
    return [row for row in rows if row is not None]


def _fit(instrument: Instrument, scale: str, *, now: datetime) -> LocalNorms | None:
    """The row of one scale, or None where there is too little. An earlier row then keeps its sums, but not its mark."""
    key, version = instrument.key, instrument.version
    where: dict[str, Any] = {"instrument_key": key, "instrument_version": version, "scale": scale}
    norms, earlier = _local_norms(key, version, scale), LocalNorms.objects.filter(**where)
    if norms is None and not earlier.exists():
        return None
    measuring = judged_here(instrument, now=now).to_dict()
    if norms is None:
        earlier.update(measuring=measuring, fitted_at=now)
        return None
    measure = measure_of(instrument, "nb")
    ended = measured(key, version, scale, Episode.objects.filter(ended_on__isnull=False))
    row, _ = LocalNorms.objects.update_or_create(
        **where,
        defaults={
            "norms": norms.to_dict(),
            "persons": norms.persons,
            "accuracy": judge(ended, measure).to_dict() if measure else {},
            "measuring": measuring,
            "fitted_at": now,
        },
    )
    return row


def _local_norms(key: str, version: int, scale: str) -> Norms | None:
    """Sums over all courses in which this scale was the outcome."""
    rows = measured(key, version, scale, Episode.objects.all())
    if not rows:
        return None
    person, number, score = zip(*rows, strict=True)
    try:
        return Norms.from_scores(person=np.array(person), t=np.log1p(number), score=np.array(score))
    except FaultsError:
        return None


def measured(key: str, version: int, scale: str, episodes: QuerySet[Episode]) -> list[tuple[str, int, float]]:
    """(episode, number of the session from the first measured one, score) where this scale was the outcome."""
    used = episodes.filter(outcome_key=key, outcome_version=version)
    if not used.exists():
        return []
    sessions = Session.objects.filter(NOT_CANCELLED_OR_ANSWERED, episode__in=used)
    # By occasion, and apart from the sessions: one long join of both can take PostgreSQL minutes.
    scores = Score.objects.filter(
        answer__instrument_key=key, answer__instrument_version=version, scale=scale
    ).values_list("answer__submission__occasion_id", "value")
    value_of = dict(scores)
    # Where several take part, each has a course of their own.
    held = (
        Asking.objects.filter(session__in=sessions, moment=Moment.BEFORE, occasion__capacity=Capacity.SELF)
        .order_by("session__episode_id", "citizen_id", "session__starts_at")
        .values_list("session__episode_id", "citizen_id", "occasion_id")
    )
    return numbered((f"{episode}/{citizen}", value_of.get(occasion)) for episode, citizen, occasion in held)
