"""Releasing norms: one file for each calendar period, and every course in at most one of them.

Because no two releases share a course, no two can be subtracted to find someone. That is kept here, in the register
`NormsRelease`; what a single file may hold is decided in `stats.federation`.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from medvirk.feedback.actions import measured
from medvirk.feedback.models import Episode, NormsRelease, Participation
from medvirk.instruments.definitions import Instrument
from medvirk.stats.federation import (
    BadNormsFileError,
    Measure,
    Period,
    Rare,
    Selection,
    read,
    release,
    select,
    write,
)
from medvirk.stats.growth import CannotEstimateError

Rows = list[tuple[str, int, float]]


@dataclass(frozen=True)
class ReleasedNorms:
    """A release of norms. `again`: it had been made before. `waiting`: courses that a later release can hold."""

    row: NormsRelease
    again: bool
    waiting: int


@dataclass(frozen=True)
class Rules:
    """How a release is made; the same for every time it is asked for (`stats.federation.select`)."""

    number: str
    first_sessions: int | None = None
    rare: Rare = Rare.TRIM


@transaction.atomic
def release_norms(
    *, instrument: Instrument, period: Period, municipality: str, rules: Rules, now: datetime
) -> ReleasedNorms:
    """Release the sums of courses that ended in the period, or give the release anew that was made of it.

    A course that ended in a period released before, but was not in it (registered late, or withheld), comes along.
    Each citizen gives one course to a release, the one that ended first; others wait.

    Raises:
        FaultsError: no score; nothing may leave; the period is not over; or an earlier release is in the way.
    """
    measure = _measure(instrument)
    earlier = list(
        NormsRelease.objects.select_for_update().filter(
            instrument_key=measure.instrument, instrument_version=measure.version, scale=measure.scale
        )
    )
    candidates = _not_released(measure, [*map(_period_of, earlier), period], until=period)
    same = next((row for row in earlier if row.period == str(period)), None)
    if same is not None:
        _refuse_other_rules(same, rules)
        return ReleasedNorms(same, again=True, waiting=_courses(candidates))
    _refuse_in_the_way(earlier, period, rules.number)
    chosen = _selection(_one_each(candidates), measure, period, rules)
    made = release(
        chosen,
        measure=measure,
        municipality=municipality,
        number=rules.number,
        period=period,
        made_on=timezone.localdate(now),
        first_sessions=rules.first_sessions,
        rare=rules.rare,
    )
    text = write(made)
    row = NormsRelease.objects.create(
        instrument_key=measure.instrument,
        instrument_version=measure.version,
        scale=measure.scale,
        period=str(period),
        municipality_number=rules.number,
        checksum=read(text).parts[0].checksum,
        text=text,
        made_at=now,
    )
    row.episodes.set(chosen.people.tolist())
    return ReleasedNorms(row, again=False, waiting=_courses(candidates) - chosen.people.size)


def _measure(instrument: Instrument) -> Measure:
    scale = instrument.main_scale
    if scale is None:
        raise CannotEstimateError([f"{instrument.id} has no score, so there are no norms of it."])
    return Measure(instrument.key, instrument.version, scale.key, scale.low, scale.high, scale.direction)


def _courses(rows: Rows) -> int:
    return len({row[0] for row in rows})


def _selection(rows: Rows, measure: Measure, period: Period, rules: Rules) -> Selection:
    if not rows:
        raise CannotEstimateError(
            [f"No course with a score on {measure} ended in {period}: nothing to release."]
        )
    episode, session, score = zip(*rows, strict=True)
    held_by = dict(Episode.objects.filter(pk__in=set(episode)).values_list("pk", "responsible_id"))
    return select(
        person=episode,
        time=session,
        score=score,
        low=measure.low,
        high=measure.high,
        clinician=[str(held_by[uuid.UUID(key)]) for key in episode],
        first_sessions=rules.first_sessions,
        rare=rules.rare,
    )


def _period_of(row: NormsRelease) -> Period:
    return Period.parse(row.period)


def _not_released(measure: Measure, periods: list[Period], *, until: Period) -> Rows:
    """Rows of courses that ended from the first of `periods` to the end of `until` and are in no release."""
    first_day = min(period.first_day for period in periods)
    ended = Episode.objects.filter(ended_on__range=(first_day, until.last_day), norms_releases__isnull=True)
    # People who are helped together are not independent of each other: what they said stays in the house.
    alone = ended.annotate(people=Count("participations")).filter(people=1)
    rows = measured(measure.instrument, measure.version, measure.scale, alone)
    return [(course.partition("/")[0], number, score) for course, number, score in rows]


def _one_each(rows: Rows) -> Rows:
    """Of each citizen only the course that ended first: the smallest cell counts people."""
    order = (
        Participation.objects.filter(episode__in={row[0] for row in rows})
        .order_by("episode__ended_on", "episode_id")
        .values_list("episode_id", "citizen_id")
    )
    taking_part: dict[str, set[uuid.UUID]] = {}
    for episode, citizen in order:
        taking_part.setdefault(str(episode), set()).add(citizen)
    seen: set[uuid.UUID] = set()
    chosen = set()
    for key, citizens in taking_part.items():
        if not citizens & seen:
            chosen.add(key)
            seen |= citizens
    return [row for row in rows if row[0] in chosen]


def _refuse_other_rules(row: NormsRelease, rules: Rules) -> None:
    part = read(row.text).parts[0]
    if Rules(part.number, part.first_sessions, part.rare) != rules:
        used = (
            f"number {part.number}, first sessions {part.first_sessions or 'all'}, rare patterns: {part.rare}"
        )
        sentence = (
            f"{part.period} was released on {part.made_on:%d.%m.%Y} by other rules ({used}). Two files over the same "
            "courses could be subtracted to find someone. Give the same rules to get that file again."
        )
        raise BadNormsFileError([sentence])


def _refuse_in_the_way(earlier: list[NormsRelease], period: Period, number: str) -> None:
    faults = [
        f"{row.period} was released on {timezone.localdate(row.made_at):%d.%m.%Y}, and {period} overlaps it. A course "
        "must be in one release only. Keep to whole years, or to halves."
        for row in earlier
        if _period_of(row).overlaps(period)
    ]
    others = sorted({row.municipality_number for row in earlier} - {number})
    if others:
        faults.append(
            f"Earlier releases carry the number {', '.join(others)}, not {number}. Keep the same one."
        )
    if faults:
        raise BadNormsFileError(faults)
