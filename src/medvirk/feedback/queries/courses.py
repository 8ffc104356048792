"""Reading courses. Every function takes the viewer and returns only what that viewer may see."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from django.db.models import Prefetch
from django.utils import timezone
from django.utils.translation import gettext

from medvirk.answers.queries import Given, given_at, newest_submission
from medvirk.feedback.accuracy import LocalAccuracy
from medvirk.feedback.logic import (
    DECLINED,
    NOT_ASKED,
    OTHER_FORM,
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
from medvirk.feedback.logic.pauses import Told, pause_at, rather_not, told_of
from medvirk.feedback.models import Asking, Episode, Moment, Session
from medvirk.feedback.norms.basis import Basis, bases_for
from medvirk.feedback.queries.fetching import AskedAt, Fetched, episodes, fetch
from medvirk.instruments.definitions import Confidence, Instrument
from medvirk.instruments.logic import reliable_change
from medvirk.instruments.queries import effective_catalogue
from medvirk.people.access import Viewer
from medvirk.people.models import Citizen
from medvirk.stats.change import Direction
from medvirk.stats.growth import GrowthModel
from medvirk.ui.languages import choose_language

Catalogue = Mapping[tuple[str, int], Instrument]


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
    # What there is to say of a pause in measuring.
    pause: Told | None = None
    # Still takes part; and who else does.
    takes_part: bool = True
    beside: tuple[Citizen, ...] = ()
    # A conversation that the one responsible has not said stands in the record system.
    not_in_record: bool = False

    @cached_property
    def expected(self) -> Expected | None:
        """The expected course. Worked out when it is asked for: a list of many does not show it."""
        return expected_course(self.course, self.model)

    @property
    def latest(self) -> Point | None:
        return self.course.measured[-1] if self.course.measured else None

    @property
    def rather_not(self) -> bool:
        """They would rather not answer, several times in a row: measuring itself is worth talking about."""
        asked = [point for point in self.course.points if point.missing not in {PAUSED, NOT_ASKED}]
        return rather_not([point.missing for point in asked], DECLINED)


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

    def takes_part(self, session: Session, reading: _Reading) -> bool:
        """Somebody who came later was not asked at first; a conversation at which nobody is asked is everybody's."""
        asked = self.fetched.asked.get(session.pk)
        if not self.fetched.takes_part(self.citizen.pk, timezone.localdate(session.starts_at)):
            return any(self.given(session, moment, reading) for moment in Moment)
        return not asked or self.paused(session) or any(each.citizen_id == self.citizen.pk for each in asked)

    def paused(self, session: Session) -> bool:
        """Measuring was paused for them at that conversation."""
        pauses = self.fetched.pauses.get(self.citizen.pk, ())
        at = session.starts_at
        return bool(pauses) and pause_at(pauses, at, timezone.localdate(at)) is not None


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
    courses = []
    for each in listed:
        for citizen in each.citizens:
            one = _Of(each, citizen)
            outcome, meeting = (_measure(one, moment, reading) for moment in (Moment.BEFORE, Moment.AFTER))
            if outcome is not None:
                courses.append((one, outcome, meeting))
    bases = bases_for({(m.instrument, m.version, m.scale) for _, m, _ in courses})
    result = []
    for one, form, meeting in courses:
        basis = bases[form.instrument, form.version, form.scale]
        outcome = replace(form, meets_criteria=basis.measuring.meets_criteria)
        result.append(_followed(one, _course(one, outcome, meeting, reading), basis, reading))
    return result


def _measure(one: _Of, moment: str, reading: _Reading) -> Measure | None:
    """What the course is followed by: the form that was chosen for it, in the version that was answered last."""
    episode, catalogue = one.fetched.episode, reading.catalogue
    if moment == Moment.BEFORE:
        form = catalogue[episode.outcome_key, episode.outcome_version]
    else:
        form = catalogue[episode.meeting_key, episode.meeting_version]
    if form.family:
        sessions = [each for each in one.fetched.sessions if _belongs(one, each, reading)]
        given = (one.given(session, moment, reading) for session in reversed(sessions))
        answered = (_of_family(form, each, catalogue) for each in given if each is not None)
        form = next((each for each in answered if each is not None), form)
    return measure_of(form, reading.language)


def _of_family(form: Instrument, given: Given, catalogue: Catalogue) -> Instrument | None:
    """Which form of the family was answered there."""
    answered = (catalogue[key, said.instrument_version] for key, said in given.answers.items())
    return next((each for each in answered if each.family == form.family), None)


def _course(one: _Of, outcome: Measure, meeting: Measure | None, reading: _Reading) -> Course:
    points = tuple(
        _point(one, session, outcome, meeting, reading)
        for session in one.fetched.sessions
        if _belongs(one, session, reading)
    )
    return Course(outcome, meeting, _with_the_change_of_form(points, outcome))


def _with_the_change_of_form(points: tuple[Point, ...], outcome: Measure) -> tuple[Point, ...]:
    """A mark on the curve where the version for another age gave way to this one."""
    last = max((at for at, point in enumerate(points) if point.other_form), default=None)
    if last is None or last + 1 >= len(points):
        return points
    first = points[last + 1]
    words = gettext("another form from here: %(title)s") % {"title": outcome.title}
    return (*points[: last + 1], replace(first, changes=(words, *first.changes)), *points[last + 2 :])


def _belongs(one: _Of, session: Session, reading: _Reading) -> bool:
    """Sessions that are over, answered, or the one being looked at."""
    if not one.takes_part(session, reading):
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
    takes_part = each.takes_part(one.citizen.pk, today)
    standing = [
        s
        for s in each.sessions
        if s.cancelled_at is None
        and not one.given(s, Moment.AFTER, reading)
        and each.takes_part(one.citizen.pk, day_of[s.pk])
    ]
    coming = [s for s in standing if day_of[s.pk] >= today]
    return Followed(
        episode=each.episode,
        citizen=one.citizen,
        course=course,
        found=found,
        urgency=urgency_of(found) if each.episode.ended_on is None and takes_part else Urgency.NONE,
        next_session=next((s for s in coming if s.starts_at > now), None),
        today=next((s for s in coming if day_of[s.pk] == today), None),
        model=basis.model,
        accuracy=basis.accuracy,
        given=reading.given,
        pause=told_of(each.pauses.get(one.citizen.pk, ()), now, today)
        if each.episode.ended_on is None
        else None,
        takes_part=takes_part,
        not_in_record=any(
            at.citizen_id == one.citizen.pk and at.not_in_record
            for some in each.asked.values()
            for at in some
        ),
        beside=tuple(
            other for other in each.citizens if other != one.citizen and each.takes_part(other.pk, today)
        ),
    )


def _point(one: _Of, session: Session, outcome: Measure, meeting: Measure | None, reading: _Reading) -> Point:
    before, after = (one.given(session, moment, reading) for moment in (Moment.BEFORE, Moment.AFTER))
    said = [each for each in (before, after) if each is not None]
    at_risk = _at_risk(said, reading.catalogue)
    risk_words, risk_level = _told(said, reading) if at_risk else ("", 0.0)
    paused = one.paused(session)
    other_form = _other_form(before, outcome, reading) if before else None
    score, missing = _score(before, outcome, one.asked(session, Moment.BEFORE), paused=paused)
    meeting_score, meeting_missing = (
        _score(after, meeting, one.asked(session, Moment.AFTER), paused=paused) if meeting else (None, "")
    )
    goals = before.rated if before else {}
    return Point(
        session_id=session.pk,
        starts_at=session.starts_at,
        answered=bool(said),
        over=before is not None or is_missing(session.starts_at, reading.now),
        outcome=score,
        missing=OTHER_FORM if other_form else missing,
        other_form=other_form,
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


def _other_form(given: Given, outcome: Measure, reading: _Reading) -> tuple[str, float | None] | None:
    """Title and score of the version for another age that was answered there instead; None where none was."""
    own = reading.catalogue[outcome.instrument, outcome.version]
    answered = _of_family(own, given, reading.catalogue) if own.family else None
    if answered is None or answered.key == own.key or answered.main_scale is None:
        return None
    return answered.title(reading.language), given.value(answered.key, answered.main_scale.key)


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


def _score(
    given: Given | None, measure: Measure, asked: AskedAt | None, *, paused: bool
) -> tuple[float | None, str]:
    score = given.scores.get((measure.instrument, measure.scale)) if given else None
    if score is not None:
        return score.value, score.missing_reason
    if given is None and paused and (asked is None or asked.closed):
        return None, PAUSED
    if asked is None or not asked.measures:
        return None, NOT_ASKED
    return None, DECLINED if given is None and asked.declined_at else "not_asked_or_not_sent"


ORDER = {Urgency.RISK: 0, Urgency.TALK: 1, Urgency.MEASURE: 2, Urgency.NONE: 3}


def caseload(viewer: Viewer, *, now: datetime, language: str, whole_team: bool = False) -> list[Followed]:
    """Running episodes, each once, those that need attention first, then by the next session."""
    running = episodes(viewer).filter(ended_on__isnull=True)
    if not whole_team:
        running = running.filter(responsible_id=viewer.staff_id)
    courses = follow(viewer, fetch(running), now=now, language=language)
    far = datetime.max.replace(tzinfo=now.tzinfo)

    def rank(each: Followed) -> tuple[int, float, datetime]:
        coming = each.today or each.next_session
        level = max((found.facts.get("level", 0.0) for found in each.found), default=0.0)
        return ORDER[each.urgency], -level, coming.starts_at if coming else far

    # Once for each course, by the most urgent of those who take part in it.
    first: dict[uuid.UUID, Followed] = {}
    for each in sorted(courses, key=rank):
        if each.takes_part:
            first.setdefault(each.episode.pk, each)
    return list(first.values())


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


def mark_of(viewer: Viewer, session: Session, citizen_id: uuid.UUID | None = None) -> str:
    """Changes when an answer to this session (from `session_of`), about the one named, has come in. One query."""
    about = [each for each in session.askings.all() if citizen_id in (None, each.citizen_id)]
    return newest_submission(viewer, [each.occasion_id for each in about])
