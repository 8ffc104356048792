"""Reading courses. Every function takes the viewer and returns only what that viewer may see."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from medvirk.answers.logic import choose_language
from medvirk.answers.models import Occasion
from medvirk.answers.queries import Given, given_at, newest_submission
from medvirk.feedback.accuracy import LocalAccuracy
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
from medvirk.feedback.models import Episode, Participation, Session
from medvirk.feedback.norms.basis import Basis, bases_for
from medvirk.instruments.definitions import Confidence, Instrument
from medvirk.instruments.logic import reliable_change
from medvirk.instruments.queries import effective_catalogue
from medvirk.people.access import Viewer, citizens_closed_to, citizens_open_to
from medvirk.people.models import Citizen
from medvirk.stats.change import Direction
from medvirk.stats.growth import GrowthModel

Catalogue = Mapping[tuple[str, int], Instrument]


@dataclass(frozen=True)
class Fetched:
    """An episode as it is read for a page: who takes part, its sessions in order of time, what was changed.

    Cancelled sessions without an answer are left out. `changes`: what was changed, by session.
    """

    episode: Episode
    citizens: tuple[Citizen, ...]
    sessions: tuple[Session, ...]
    changes: Mapping[uuid.UUID, tuple[str, ...]]

    def record_of(self) -> frozenset[uuid.UUID]:
        """Whose record this is (`people.access.Record`)."""
        return frozenset(citizen.pk for citizen in self.citizens)

    def session(self, session_id: uuid.UUID) -> Session | None:
        return next((session for session in self.sessions if session.pk == session_id), None)


def episodes(viewer: Viewer) -> QuerySet[Episode]:
    """Episodes in which a citizen takes part whose record the viewer may open, and none to whom they are closed."""
    mine = Participation.objects.filter(citizen__in=citizens_open_to(viewer)).values("episode_id")
    return Episode.objects.filter(pk__in=mine).exclude(pk__in=_closed_to(viewer)).select_related("unit")


def _closed_to(viewer: Viewer) -> QuerySet[Participation, Any]:
    """Ids of episodes that one of those who take part keeps the worker out of."""
    return Participation.objects.filter(citizen__in=citizens_closed_to(viewer)).values("episode_id")


#: Of people only the name is shown. The rest stays encrypted: it is nobody's business here, and takes its time.
UNREAD = tuple(
    f"{whose}__{field}"
    for whose in ("citizen__person", "episode__responsible__person")
    for field in ("national_id", "birth_date", "phone", "email")
)


#: What was answered is kept and shown, also when the conversation itself was cancelled: it may be a call for help.
NOT_CANCELLED_OR_ANSWERED = (
    Q(cancelled_at__isnull=True) | Q(before__submission__isnull=False) | Q(after__submission__isnull=False)
)


def fetch(chosen: QuerySet[Episode]) -> list[Fetched]:
    """These episodes (chosen from `episodes`) with all that a page shows of them. Three queries however many."""
    # By their ids: PostgreSQL joins all conversations there are before it looks which episodes were chosen, when
    # that stands in the same query.
    ids = list(chosen.values_list("pk", flat=True))
    taking_part: dict[Episode, list[Citizen]] = {}
    for row in (
        Participation.objects.filter(episode__in=ids)
        .select_related("episode__unit", "episode__responsible__person", "citizen__person")
        .defer(*UNREAD)
        .order_by("pk")
    ):
        taking_part.setdefault(row.episode, []).append(row.citizen)
    # A session comes once for each change that was noted in it.
    sessions: dict[uuid.UUID, dict[uuid.UUID, Session]] = {}
    changes: dict[uuid.UUID, list[str]] = {}
    for session in (
        Session.objects.filter(NOT_CANCELLED_OR_ANSWERED, episode__in=ids)
        .annotate(change=F("changes__text"))
        .order_by("starts_at", "pk", "changes__noted_at")
    ):
        sessions.setdefault(session.episode_id, {}).setdefault(session.pk, session)
        if session.change is not None:
            changes.setdefault(session.pk, []).append(session.change)
    return [
        Fetched(
            episode=episode,
            citizens=tuple(citizens),
            sessions=tuple(sessions.get(episode.pk, {}).values()),
            changes={key: tuple(changes[key]) for key in sessions.get(episode.pk, {}) if key in changes},
        )
        for episode, citizens in taking_part.items()
    ]


def fetch_one(chosen: QuerySet[Episode]) -> Fetched | None:
    """The one episode that was chosen, or None. Three queries."""
    return next(iter(fetch(chosen)), None)


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
        rci=reliable_change(fact) if fact else None,
        rci_is_guess=fact is not None and fact.confidence is Confidence.GUESS,
        validated=instrument.status == "validated",
    )


@dataclass(frozen=True)
class Followed:
    """An episode with its course, as far as it has come. `given`: what was said, by occasion."""

    episode: Episode
    citizen: Citizen
    course: Course
    found: tuple[Found, ...]
    urgency: Urgency
    next_session: Session | None
    today: Session | None
    model: GrowthModel | None
    accuracy: LocalAccuracy
    given: Mapping[uuid.UUID, Given]

    @cached_property
    def expected(self) -> Expected | None:
        """The expected course. Worked out when it is asked for: a list of many does not show it."""
        return expected_course(self.course, self.model)

    @property
    def latest(self) -> Point | None:
        return self.course.measured[-1] if self.course.measured else None


@dataclass(frozen=True)
class _Reading:
    """What the courses of one page are made of."""

    given: Mapping[uuid.UUID, Given]
    catalogue: Catalogue
    language: str
    now: datetime
    until: Session | None


def follow(
    viewer: Viewer,
    chosen: Iterable[Fetched],
    *,
    now: datetime,
    language: str,
    until: Session | None = None,
    part: str | None = None,
) -> list[Followed]:
    """Courses of these episodes (from `fetch`). Four queries, however many there are.

    `until` shows the course as far as that session, so that an earlier conversation can be looked at again. `part`:
    what a partner reads it by.
    """
    listed = list(chosen)
    catalogue = effective_catalogue()
    asked = [occasion for each in listed for s in each.sessions for occasion in (s.before_id, s.after_id)]
    reading = _Reading(given_at(viewer, asked, part=part), catalogue, language, now, until)
    measures = {each.episode.pk: _measures(each.episode, catalogue, language) for each in listed}
    keys = {(m.instrument, m.version, m.scale) for m, _ in measures.values() if m is not None}
    bases = bases_for(keys)
    result = []
    for each in listed:
        outcome, meeting = measures[each.episode.pk]
        if outcome is None:
            continue
        basis = bases[outcome.instrument, outcome.version, outcome.scale]
        outcome = replace(outcome, meets_criteria=basis.measuring.meets_criteria)
        result.append(_followed(each, _course(each, outcome, meeting, reading), basis, reading))
    return result


def _measures(episode: Episode, catalogue: Catalogue, language: str) -> tuple[Measure | None, Measure | None]:
    outcome = catalogue[episode.outcome_key, episode.outcome_version]
    meeting = catalogue[episode.meeting_key, episode.meeting_version]
    return measure_of(outcome, language), measure_of(meeting, language)


def _course(each: Fetched, outcome: Measure, meeting: Measure | None, reading: _Reading) -> Course:
    points = (
        _point(session, outcome, meeting, each.changes.get(session.pk, ()), reading)
        for session in each.sessions
        if _belongs(session, reading)
    )
    return Course(outcome, meeting, tuple(points))


def _belongs(session: Session, reading: _Reading) -> bool:
    """Sessions that are over, answered, or the one being looked at."""
    if reading.until is not None and session.starts_at > reading.until.starts_at:
        return False
    answered = session.before_id in reading.given or session.after_id in reading.given
    return answered or session == reading.until or is_missing(session.starts_at, reading.now)


def _followed(each: Fetched, course: Course, basis: Basis, reading: _Reading) -> Followed:
    found, now = signals_of(course, basis.model, basis.accuracy.outlook), reading.now
    # The day of the house, which is not always that of the clock in UTC.
    day_of = {session.pk: timezone.localdate(session.starts_at) for session in each.sessions}
    today = timezone.localdate(now)
    standing = [s for s in each.sessions if s.cancelled_at is None and s.after_id not in reading.given]
    coming = [s for s in standing if day_of[s.pk] >= today]
    return Followed(
        episode=each.episode,
        citizen=each.citizens[0],
        course=course,
        found=found,
        urgency=urgency_of(found) if each.episode.ended_on is None else Urgency.NONE,
        next_session=next((s for s in coming if s.starts_at > now), None),
        today=next((s for s in coming if day_of[s.pk] == today), None),
        model=basis.model,
        accuracy=basis.accuracy,
        given=reading.given,
    )


def _point(
    session: Session, outcome: Measure, meeting: Measure | None, changes: tuple[str, ...], reading: _Reading
) -> Point:
    before, after = reading.given.get(session.before_id), reading.given.get(session.after_id)
    said = [each for each in (before, after) if each is not None]
    at_risk = _at_risk(said, reading.catalogue)
    risk_words, risk_level = _told(said, reading) if at_risk else ("", 0.0)
    score, missing = _score(before, outcome)
    meeting_score, meeting_missing = _score(after, meeting) if meeting else (None, "")
    return Point(
        session_id=session.pk,
        starts_at=session.starts_at,
        answered=bool(said),
        over=before is not None or is_missing(session.starts_at, reading.now),
        outcome=score,
        missing=missing,
        meeting=meeting_score,
        meeting_missing=meeting_missing,
        at_risk=at_risk,
        risk_words=risk_words,
        risk_level=risk_level,
        own_words=before.own_words if before else "",
        meeting_words=after.own_words if after else "",
        changes=changes,
    )


def _at_risk(said: list[Given], catalogue: Catalogue) -> bool | None:
    """Whether somebody must see what was said; None where no question that could tell was answered."""
    if any(each.at_risk for each in said):
        return True
    answered = any(
        alert.item in answer.values
        for each in said
        for key, answer in each.answers.items()
        for alert in catalogue[key, answer.instrument_version].alerts
    )
    return False if answered else None


def _told(said: list[Given], reading: _Reading) -> tuple[str, float]:
    """What was chosen at the question about safety, in its own words, and how far down the list it stands."""
    words, level = [], 0.0
    for each in said:
        for key, answer in each.answers.items():
            instrument = reading.catalogue[key, answer.instrument_version]
            wording = instrument.wordings.get(choose_language(reading.language, instrument.languages) or "")
            for alert in answer.alerts:
                item, value = instrument.item(alert["item"]), float(answer.values[alert["item"]])
                level = max(level, value)
                if wording is not None and value in item.options:
                    words.append(wording.items[item.key].options[item.options.index(value)])
    return ", ".join(words), level


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
    courses = follow(viewer, fetch(running), now=now, language=language)
    far = datetime.max.replace(tzinfo=now.tzinfo)

    def rank(each: Followed) -> tuple[int, float, datetime]:
        coming = each.today or each.next_session
        level = max((found.facts.get("level", 0.0) for found in each.found), default=0.0)
        return ORDER[each.urgency], -level, coming.starts_at if coming else far

    return sorted(courses, key=rank)


def session_of(viewer: Viewer, session_id: uuid.UUID) -> Session | None:
    """The session, or None if it does not exist or is not the viewer's to see. Two queries."""
    return (
        Session.objects.select_related("episode", "before", "after")
        .prefetch_related("episode__participations")
        .filter(pk=session_id, episode__in=episodes(viewer))
        .first()
    )


def just_begun(viewer: Viewer, episode: Episode, *, now: datetime) -> Session | None:
    """A session that started within the hour and is not answered: a button pressed twice must not make two."""
    recent = Session.objects.filter(
        episode__in=episodes(viewer).filter(pk=episode.pk, ended_on__isnull=True),
        cancelled_at__isnull=True,
        starts_at__range=(now - timedelta(hours=1), now),
        before__submission__isnull=True,
        after__submission__isnull=True,
    )
    return recent.order_by("starts_at").first()


def mark_of(viewer: Viewer, session: Session) -> str:
    """Changes when an answer to this session has come in. One query."""
    return newest_submission(viewer, [session.before_id, session.after_id])


def occasion_of(session: Session, moment: str) -> Occasion:
    """The occasion before or after the session.

    Raises:
        KeyError: a moment other than `before` and `after`.
    """
    return {"before": session.before, "after": session.after}[moment]
