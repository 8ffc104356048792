"""What a summary says: gathered once, so that the text, the PDF and the FHIR document hold exactly the same."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from medvirk.feedback import queries
from medvirk.feedback.logic import RISK, Point
from medvirk.feedback.logic.following import Step
from medvirk.feedback.models import Agreement, Goal, LifeEvent, Session, Signal, SignalStep
from medvirk.feedback.queries import Fetched, Followed
from medvirk.feedback.queries.goals import beside
from medvirk.people.access import Permission, Viewer, can
from medvirk.people.models import Citizen, Staff


@dataclass(frozen=True)
class Of:
    """What is summed up: a course as the page has opened it, one who takes part, and perhaps one conversation."""

    found: Fetched
    citizen: Citizen
    session: Session | None


@dataclass(frozen=True)
class Talked:
    """A signal, what was said of it, and what was agreed. `seen`: by whom an answer about safety was seen, and when."""

    kind: str
    said_by: str
    seen: tuple[tuple[str, datetime], ...]
    talks: tuple[tuple[str, datetime, str], ...]
    agreed: tuple[Agreement, ...]


@dataclass(frozen=True)
class Gathered:
    """Everything that could be said, before the worker's choice.

    `here`: the conversation, or of a course the last one that was measured. `first`: the first that was measured, where
    it is another. `marks`: of each goal its first and its latest mark, with the latest's day.
    """

    of: Of
    followed: Followed
    responsible: Staff
    here: Point | None
    first: Point | None
    held: tuple[Session, ...]
    together: bool
    signals: tuple[Talked, ...]
    risk: tuple[Talked, ...]
    agreed: tuple[Agreement, ...]
    goals: tuple[Goal, ...]
    marks: dict[uuid.UUID, tuple[float, float, datetime]]
    events: tuple[LifeEvent, ...]
    next_session: Session | None


def citizens_open(viewer: Viewer, found: Fetched) -> list[Citizen]:
    """Those who take part and whose own record the viewer may open: of the others nothing leaves the house."""
    return [each for each in found.citizens if can(viewer, Permission.FOLLOW_CITIZENS, each).allowed]


def gather(viewer: Viewer, of: Of, *, now: datetime, language: str) -> Gathered:
    """All about the one citizen; what several agreed together, and what the team said among itself, is left out."""
    courses = queries.follow(viewer, [of.found], now=now, language=language, until=of.session)
    followed = next(each for each in courses if each.citizen == of.citizen)
    points = followed.course.points
    together = len(of.found.citizens) > 1
    held = [
        each
        for each in of.found.sessions
        if each.cancelled_at is None
        and each.starts_at <= now
        and of.found.takes_part(of.citizen.pk, timezone.localdate(each.starts_at))
    ]
    measured = followed.course.measured
    latest = measured[-1] if measured else (points[-1] if points else None)
    here = latest
    if of.session is not None:
        here = next((point for point in points if point.session_id == of.session.pk), None)
    first = measured[0] if measured else None
    signals = _signals(of)
    aside = beside(viewer, of.citizen, of.found.episode)
    return Gathered(
        of=of,
        followed=followed,
        responsible=of.found.episode.responsible,
        here=here,
        first=first
        if first is not None and here is not None and first.session_id != here.session_id
        else None,
        held=tuple(held),
        together=together,
        signals=tuple(_talked(each) for each in signals if each.kind != RISK),
        risk=tuple(_talked(each) for each in signals if each.kind == RISK),
        agreed=() if together else tuple(_agreed_there(of)),
        goals=_goals(aside.goals, of),
        marks=_marks(points),
        events=_events(aside.events, of),
        next_session=_next(of, now),
    )


def _signals(of: Of) -> list[Signal]:
    """Those of the citizen; of a conversation those that came up at it, or that something was done with there."""
    mine = Signal.objects.filter(episode=of.found.episode, citizen=of.citizen)
    if of.session is not None:
        there = Q(session=of.session) | Q(
            steps__session=of.session, steps__kind__in=(Step.TALKED, Step.AGAIN)
        )
        mine = mine.filter(there).distinct()
    return list(mine.prefetch_related("steps__by__person", "agreements").order_by("raised_at", "pk"))


def _talked(signal: Signal) -> Talked:
    steps = list(signal.steps.all())
    undone = [each.at for each in steps if each.kind == Step.REOPENED]
    talks = [each for each in steps if each.kind == Step.TALKED and not any(at >= each.at for at in undone)]
    return Talked(
        kind=signal.kind,
        said_by=next((each.said_by for each in steps if each.said_by), ""),
        seen=tuple((_name(each), each.at) for each in steps if each.kind == Step.SEEN),
        talks=tuple((_name(each), each.at, each.text) for each in talks),
        agreed=tuple(each for each in signal.agreements.all() if each.undone_at is None),
    )


def _name(step: SignalStep) -> str:
    return step.by.person.name if step.by is not None else ""


def _agreed_there(of: Of) -> Collection[Agreement]:
    """What was agreed in a conversation without a signal, and not in supervision: that is the team's own."""
    own = Agreement.objects.filter(episode=of.found.episode, signal__isnull=True, case__isnull=True)
    return list(own if of.session is None else own.filter(session=of.session))


def _days(of: Of) -> tuple[date, date] | None:
    """From the day after the conversation before until the day of this one; None for the whole course."""
    if of.session is None:
        return None
    before = [
        each
        for each in of.found.sessions
        if each.cancelled_at is None and each.starts_at < of.session.starts_at
    ]
    last = timezone.localdate(of.session.starts_at)
    if not before:
        return of.found.episode.started_on, last
    return timezone.localdate(before[-1].starts_at) + timedelta(days=1), last


def _events(events: Sequence[LifeEvent], of: Of) -> tuple[LifeEvent, ...]:
    days = _days(of)
    return tuple(each for each in events if days is None or days[0] <= each.day <= days[1])


def _goals(goals: Sequence[Goal], of: Of) -> tuple[Goal, ...]:
    """Those that there were then; of a conversation not those that were over before it."""
    days = _days(of)
    if days is None:
        return tuple(goals)
    over = {each.pk: each.reached_on or each.dropped_on for each in goals}
    return tuple(
        each
        for each in goals
        if each.set_on <= days[1] and (over[each.pk] is None or over[each.pk] >= days[0])
    )


def _marks(points: Sequence[Point]) -> dict[uuid.UUID, tuple[float, float, datetime]]:
    found: dict[uuid.UUID, tuple[float, float, datetime]] = {}
    for point in points:
        for goal, mark in point.goals.items():
            first = found[goal][0] if goal in found else mark
            found[goal] = (first, mark, point.starts_at)
    return found


def _next(of: Of, now: datetime) -> Session | None:
    after = max(now, of.session.starts_at) if of.session is not None else now
    coming = (
        each
        for each in of.found.sessions
        if each.cancelled_at is None
        and each.starts_at > after
        and of.found.takes_part(of.citizen.pk, timezone.localdate(each.starts_at))
    )
    return min(coming, key=lambda each: each.starts_at, default=None)
