"""Reading courses. Every function takes the viewer and returns only what that viewer may see."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from medvirk.answers.models import Capacity
from medvirk.answers.queries import Given, given_at, newest_submission
from medvirk.feedback.accuracy import LocalAccuracy
from medvirk.feedback.logic import (
    DECLINED,
    PAUSED,
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
from medvirk.feedback.models import Asking, Episode, Moment, Participation, Session
from medvirk.feedback.norms.basis import Basis, bases_for
from medvirk.instruments.definitions import Confidence, Instrument
from medvirk.instruments.logic import reliable_change
from medvirk.instruments.queries import effective_catalogue
from medvirk.people.access import Viewer, citizens_closed_to, citizens_open_to
from medvirk.people.models import Citizen
from medvirk.stats.change import Direction
from medvirk.stats.growth import GrowthModel
from medvirk.ui.languages import choose_language

Catalogue = Mapping[tuple[str, int], Instrument]


@dataclass(frozen=True)
class AskedAt:
    """Somebody is asked something around a conversation: about whom, when, as whom."""

    occasion_id: uuid.UUID
    citizen_id: uuid.UUID
    moment: str
    capacity: str = Capacity.SELF
    respondent_id: uuid.UUID | None = None
    declined_at: datetime | None = None


@dataclass(frozen=True)
class Fetched:
    """An episode as it is read for a page: who takes part, its sessions in order of time, what was changed.

    Cancelled sessions without an answer are left out. By session: `changes`, what was changed, and `asked`.
    """

    episode: Episode
    citizens: tuple[Citizen, ...]
    sessions: tuple[Session, ...]
    changes: Mapping[uuid.UUID, tuple[str, ...]]
    asked: Mapping[uuid.UUID, tuple[AskedAt, ...]]

    def asked_of(self, session_id: uuid.UUID, citizen_id: uuid.UUID, moment: str) -> AskedAt | None:
        """What the citizen is asked themselves at that moment; None where they are not asked."""
        own = (each for each in self.asked.get(session_id, ()) if each.capacity == Capacity.SELF)
        return next((e for e in own if e.citizen_id == citizen_id and e.moment == moment), None)

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
NOT_CANCELLED_OR_ANSWERED = Q(cancelled_at__isnull=True) | Q(
    Exists(Asking.objects.filter(session=OuterRef("pk"), occasion__submission__isnull=False))
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
    # A session comes once for each who is asked around it and each change that was noted in it.
    sessions: dict[uuid.UUID, dict[uuid.UUID, Session]] = {}
    changes: dict[uuid.UUID, dict[uuid.UUID, str]] = {}
    asked: dict[uuid.UUID, dict[uuid.UUID, AskedAt]] = {}
    for session in _with_what_was_asked_and_changed(ids):
        sessions.setdefault(session.episode_id, {}).setdefault(session.pk, session)
        if session.change_id is not None:
            changes.setdefault(session.pk, {})[session.change_id] = session.change
        if session.occasion_id is not None:
            asked.setdefault(session.pk, {})[session.occasion_id] = AskedAt(
                session.occasion_id,
                session.asked_about,
                session.asked_when,
                session.asked_as,
                session.asked_whom,
                session.asked_in_vain,
            )
    return [
        Fetched(
            episode=episode,
            citizens=tuple(citizens),
            sessions=tuple(held.values()),
            changes={key: tuple(changes[key].values()) for key in held if key in changes},
            asked={key: tuple(asked[key].values()) for key in held if key in asked},
        )
        for episode, citizens in taking_part.items()
        for held in [sessions.get(episode.pk, {})]
    ]


def _with_what_was_asked_and_changed(episode_ids: list[uuid.UUID]) -> QuerySet[Session]:
    return (
        Session.objects.filter(NOT_CANCELLED_OR_ANSWERED, episode__in=episode_ids)
        .annotate(
            change_id=F("agreements__pk"),
            change=F("agreements__text"),
            occasion_id=F("askings__occasion_id"),
            asked_about=F("askings__citizen_id"),
            asked_when=F("askings__moment"),
            asked_as=F("askings__occasion__capacity"),
            asked_whom=F("askings__occasion__respondent_id"),
            asked_in_vain=F("askings__occasion__declined_at"),
        )
        .order_by("starts_at", "pk", "agreements__noted_at", "askings__pk")
    )


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
class _Of:
    """An episode, seen for one of those who take part in it."""

    fetched: Fetched
    citizen: Citizen

    def asked(self, session: Session, moment: str) -> AskedAt | None:
        return self.fetched.asked_of(session.pk, self.citizen.pk, moment)

    def given(self, session: Session, moment: str, reading: _Reading) -> Given | None:
        asked = self.asked(session, moment)
        return reading.given.get(asked.occasion_id) if asked else None

    def takes_part(self, session: Session) -> bool:
        """Somebody who came later was not asked at first; a conversation at which nobody is asked is everybody's."""
        asked = self.fetched.asked.get(session.pk)
        return not asked or any(each.citizen_id == self.citizen.pk for each in asked)


@dataclass(frozen=True)
class _Reading:
    """What the courses of one page are made of."""

    given: Mapping[uuid.UUID, Given]
    catalogue: Catalogue
    language: str
    now: datetime
    until: Session | None


def follow(
    viewer: Viewer | None,
    chosen: Iterable[Fetched],
    *,
    now: datetime,
    language: str,
    until: Session | None = None,
    part: str | None = None,
) -> list[Followed]:
    """Courses of these episodes (from `fetch`), one for each who takes part. Four queries, however many there are.

    `until` shows the course as far as that session, so that an earlier conversation can be looked at again. `part`:
    what a partner reads it by. Without a viewer: for the house itself, which works out signals.
    """
    listed = list(chosen)
    catalogue = effective_catalogue()
    asked = [one.occasion_id for each in listed for some in each.asked.values() for one in some]
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
        for citizen in each.citizens:
            one = _Of(each, citizen)
            result.append(_followed(one, _course(one, outcome, meeting, reading), basis, reading))
    return result


def _measures(episode: Episode, catalogue: Catalogue, language: str) -> tuple[Measure | None, Measure | None]:
    outcome = catalogue[episode.outcome_key, episode.outcome_version]
    meeting = catalogue[episode.meeting_key, episode.meeting_version]
    return measure_of(outcome, language), measure_of(meeting, language)


def _course(one: _Of, outcome: Measure, meeting: Measure | None, reading: _Reading) -> Course:
    points = (
        _point(one, session, outcome, meeting, reading)
        for session in one.fetched.sessions
        if _belongs(one, session, reading)
    )
    return Course(outcome, meeting, tuple(points))


def _belongs(one: _Of, session: Session, reading: _Reading) -> bool:
    """Sessions that are over, answered, or the one being looked at."""
    if not one.takes_part(session):
        return False
    if reading.until is not None and session.starts_at > reading.until.starts_at:
        return False
    answered = any(one.given(session, moment, reading) for moment in Moment)
    return answered or session == reading.until or is_missing(session.starts_at, reading.now)


def _followed(one: _Of, course: Course, basis: Basis, reading: _Reading) -> Followed:
    found, now = signals_of(course, basis.model, basis.accuracy.outlook), reading.now
    each = one.fetched
    # The day of the house, which is not always that of the clock in UTC.
    day_of = {session.pk: timezone.localdate(session.starts_at) for session in each.sessions}
    today = timezone.localdate(now)
    standing = [
        s for s in each.sessions if s.cancelled_at is None and not one.given(s, Moment.AFTER, reading)
    ]
    coming = [s for s in standing if day_of[s.pk] >= today]
    return Followed(
        episode=each.episode,
        citizen=one.citizen,
        course=course,
        found=found,
        urgency=urgency_of(found) if each.episode.ended_on is None else Urgency.NONE,
        next_session=next((s for s in coming if s.starts_at > now), None),
        today=next((s for s in coming if day_of[s.pk] == today), None),
        model=basis.model,
        accuracy=basis.accuracy,
        given=reading.given,
    )


def _point(one: _Of, session: Session, outcome: Measure, meeting: Measure | None, reading: _Reading) -> Point:
    before, after = (one.given(session, moment, reading) for moment in (Moment.BEFORE, Moment.AFTER))
    said = [each for each in (before, after) if each is not None]
    at_risk = _at_risk(said, reading.catalogue)
    risk_words, risk_level = _told(said, reading) if at_risk else ("", 0.0)
    score, missing = _score(before, outcome, one.asked(session, Moment.BEFORE))
    meeting_score, meeting_missing = (
        _score(after, meeting, one.asked(session, Moment.AFTER)) if meeting else (None, "")
    )
    goals = before.rated if before else {}
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
        changes=one.fetched.changes.get(session.pk, ()),
        goals={key: rated.value for key, rated in goals.items() if rated.value is not None},
        helped_by=before.helped_by if before else "",
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


def _score(given: Given | None, measure: Measure, asked: AskedAt | None) -> tuple[float | None, str]:
    if given is None:
        excuse = PAUSED if asked is None else DECLINED if asked.declined_at else ""
        return None, excuse or "not_asked_or_not_sent"
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
    """The session, or None if it does not exist or is not the viewer's to see. Three queries."""
    asked = Prefetch("askings", Asking.objects.select_related("occasion").order_by("pk"))
    return (
        Session.objects.select_related("episode")
        .prefetch_related("episode__participations", asked)
        .filter(pk=session_id, episode__in=episodes(viewer))
        .first()
    )


def just_begun(viewer: Viewer, episode: Episode, *, now: datetime) -> Session | None:
    """A session that started within the hour and is not answered: a button pressed twice must not make two."""
    recent = Session.objects.filter(
        episode__in=episodes(viewer).filter(pk=episode.pk, ended_on__isnull=True),
        cancelled_at__isnull=True,
        starts_at__range=(now - timedelta(hours=1), now),
    ).exclude(askings__occasion__submission__isnull=False)
    return recent.order_by("starts_at").first()


def mark_of(viewer: Viewer, session: Session) -> str:
    """Changes when an answer to this session (from `session_of`) has come in. One query."""
    return newest_submission(viewer, [each.occasion_id for each in session.askings.all()])
