"""Reading courses. Every function takes the viewer and returns only what that viewer may see."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Prefetch, QuerySet

from medvirk.answers.models import Occasion
from medvirk.answers.queries import Given, given_at, newest_submission
from medvirk.feedback.logic import (
    Course,
    Expected,
    Found,
    Measure,
    Point,
    Urgency,
    expected_course,
    is_missing,
    signals_of,
    urgency_of,
)
from medvirk.feedback.models import Episode, HelpChange, Participation, Session
from medvirk.feedback.norms import models_for
from medvirk.instruments.definitions import Confidence, Instrument
from medvirk.instruments.queries import effective_catalogue
from medvirk.people.access import Viewer, citizens_open_to
from medvirk.people.models import Citizen
from medvirk.stats.change import Direction, ReliableChange
from medvirk.stats.growth import GrowthModel

Catalogue = Mapping[tuple[str, int], Instrument]


def episodes(viewer: Viewer) -> QuerySet[Episode]:
    """Episodes in which a citizen takes part whose record the viewer may open.

    Fetched with them, so that `.all()` costs nothing more: participations, and sessions that were not cancelled.
    """
    mine = Participation.objects.filter(citizen__in=citizens_open_to(viewer)).values("episode_id")
    sessions = Session.objects.filter(cancelled_at__isnull=True).order_by("starts_at")
    return (
        Episode.objects.filter(pk__in=mine)
        .select_related("unit", "responsible__person")
        .prefetch_related("participations__citizen__person", Prefetch("sessions", queryset=sessions))
    )


def measure_of(instrument: Instrument, language: str) -> Measure | None:
    """The instrument's main scale as a measure; None where nothing is scored or neither way is better."""
    scale = instrument.main_scale
    if scale is None or scale.direction == "none":
        return None
    fact = scale.reliable_change
    cutoff = next((cut.value for cut in scale.cutoffs if not cut.when), None)
    return Measure(
        instrument=instrument.key,
        version=instrument.version,
        scale=scale.key,
        title=instrument.title(language),
        direction=Direction(scale.direction),
        low=scale.low,
        high=scale.high,
        cutoff=cutoff,
        rci=ReliableChange(fact.value, fact.level, source=fact.source, inclusive=fact.inclusive) if fact else None,
        rci_is_guess=fact is not None and fact.confidence is Confidence.GUESS,
        validated=instrument.status == "validated",
    )


@dataclass(frozen=True)
class Followed:
    """An episode with its course, as far as it has come."""

    episode: Episode
    citizen: Citizen
    course: Course
    expected: Expected | None
    found: tuple[Found, ...]
    urgency: Urgency
    next_session: Session | None
    today: Session | None
    model: GrowthModel | None

    @property
    def latest(self) -> Point | None:
        return self.course.measured[-1] if self.course.measured else None


def follow(
    viewer: Viewer, chosen: Iterable[Episode], *, now: datetime, language: str, until: Session | None = None
) -> list[Followed]:
    """Courses of these episodes (from `episodes`). The number of queries does not depend on how many.

    `until` shows the course as far as that session, so that an earlier conversation can be looked at again.
    """
    listed = list(chosen)
    catalogue = effective_catalogue()
    ids = [session_id for e in listed for s in e.sessions.all() for session_id in (s.before_id, s.after_id)]
    given = given_at(viewer, ids)
    changes = _changes([s.pk for e in listed for s in e.sessions.all()])
    measures = {e.pk: _measures(e, catalogue, language) for e in listed}
    keys = {(m.instrument, m.version, m.scale) for m, _ in measures.values() if m is not None}
    models = models_for(keys)
    result = []
    for episode in listed:
        outcome, meeting = measures[episode.pk]
        if outcome is None:
            continue
        points = tuple(
            _point(session, outcome, meeting, given, changes, now, catalogue)
            for session in episode.sessions.all()
            if _belongs(session, given, now, until)
        )
        model = models[outcome.instrument, outcome.version, outcome.scale]
        result.append(_followed(episode, Course(outcome, meeting, points), model, given, now))
    return result


def _measures(episode: Episode, catalogue: Catalogue, language: str) -> tuple[Measure | None, Measure | None]:
    outcome = catalogue[episode.outcome_key, episode.outcome_version]
    meeting = catalogue[episode.meeting_key, episode.meeting_version]
    return measure_of(outcome, language), measure_of(meeting, language)


def _belongs(session: Session, given: Mapping[uuid.UUID, Given], now: datetime, until: Session | None) -> bool:
    """Sessions that are over, answered, or the one being looked at."""
    if until is not None and session.starts_at > until.starts_at:
        return False
    answered = session.before_id in given or session.after_id in given
    return answered or session == until or is_missing(session.starts_at, now)


def _followed(
    episode: Episode, course: Course, model: GrowthModel | None, given: Mapping[uuid.UUID, Given], now: datetime
) -> Followed:
    found = signals_of(course, model)
    open_ended = episode.ended_on is None
    coming = [s for s in episode.sessions.all() if s.starts_at.date() >= now.date() and s.after_id not in given]
    return Followed(
        episode=episode,
        citizen=episode.participations.all()[0].citizen,
        course=course,
        expected=expected_course(course, model),
        found=found,
        urgency=urgency_of(found) if open_ended else Urgency.NONE,
        next_session=next((s for s in coming if s.starts_at > now), None),
        today=next((s for s in coming if s.starts_at.date() == now.date()), None),
        model=model,
    )


def _changes(session_ids: list[uuid.UUID]) -> dict[uuid.UUID, list[str]]:
    texts: dict[uuid.UUID, list[str]] = {}
    for change in HelpChange.objects.filter(session_id__in=session_ids):
        texts.setdefault(change.session_id, []).append(change.text)
    return texts


def _point(
    session: Session,
    outcome: Measure,
    meeting: Measure | None,
    given: Mapping[uuid.UUID, Given],
    changes: Mapping[uuid.UUID, list[str]],
    now: datetime,
    catalogue: Catalogue,
) -> Point:
    before, after = given.get(session.before_id), given.get(session.after_id)
    score, missing = _score(before, outcome)
    meeting_score, meeting_missing = _score(after, meeting) if meeting else (None, "")
    return Point(
        session_id=session.pk,
        starts_at=session.starts_at,
        answered=before is not None or after is not None,
        over=before is not None or is_missing(session.starts_at, now),
        outcome=score,
        missing=missing,
        meeting=meeting_score,
        meeting_missing=meeting_missing,
        at_risk=_at_risk([each for each in (before, after) if each is not None], catalogue),
        own_words=before.own_words if before else "",
        meeting_words=after.own_words if after else "",
        changes=tuple(changes.get(session.pk, ())),
    )


def _at_risk(said: list[Given], catalogue: Catalogue) -> bool | None:
    """Whether somebody must see what was said; None where no question that could tell was answered."""
    if any(each.at_risk for each in said):
        return True
    answers = [answer for each in said for answer in each.answers.values()]
    asked = any(
        alert.item in answer.values
        for answer in answers
        for alert in catalogue[answer.instrument_key, answer.instrument_version].alerts
    )
    return False if asked else None


def _score(given: Given | None, measure: Measure) -> tuple[float | None, str]:
    if given is None:
        return None, "not_asked_or_not_sent"
    score = given.scores.get((measure.instrument, measure.scale))
    if score is None:
        return None, "not_asked_or_not_sent"
    return score.value, score.missing_reason


ORDER = {Urgency.RISK: 0, Urgency.TALK: 1, Urgency.MEASURE: 2, Urgency.NONE: 3}


def caseload(viewer: Viewer, *, now: datetime, language: str, whole_team: bool = False) -> list[Followed]:
    """Running episodes, those that need attention first, then by the next session."""
    running = episodes(viewer).filter(ended_on__isnull=True)
    if not whole_team:
        running = running.filter(responsible_id=viewer.staff_id)
    courses = follow(viewer, running, now=now, language=language)
    far = datetime.max.replace(tzinfo=now.tzinfo)

    def rank(each: Followed) -> tuple[int, datetime]:
        coming = each.today or each.next_session
        return ORDER[each.urgency], coming.starts_at if coming else far

    return sorted(courses, key=rank)


def session_of(viewer: Viewer, session_id: uuid.UUID) -> Session | None:
    """The session, or None if it does not exist or is not the viewer's to see. Two queries."""
    return (
        Session.objects.select_related("episode", "before", "after")
        .prefetch_related("episode__participations")
        .filter(pk=session_id, episode__participations__citizen__in=citizens_open_to(viewer))
        .first()
    )


def mark_of(viewer: Viewer, session: Session) -> str:
    """Changes when an answer to this session has come in. One query."""
    return newest_submission(viewer, [session.before_id, session.after_id])


def occasion_of(session: Session, moment: str) -> Occasion:
    """The occasion before or after the session.

    Raises:
        KeyError: a moment other than `before` and `after`.
    """
    return {"before": session.before, "after": session.after}[moment]


def answered_at(viewer: Viewer, session: Session) -> dict[str, Given | None]:
    """What has been said before and after this session."""
    given = given_at(viewer, [session.before_id, session.after_id])
    return {"before": given.get(session.before_id), "after": given.get(session.after_id)}
