"""What is asked when in a course: its plan, and how far it has come."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime

from django.db.models import Q
from django.utils import timezone

from medvirk.answers.models import Answer, Capacity
from medvirk.feedback.logic.learning import OWN_CHECK, TEAM_CHECK
from medvirk.feedback.logic.schedules import STEADY, Form, Held, Line, Plan, When, nothing_moves
from medvirk.feedback.models import Asking, Episode, Schedule, Session, Signal
from medvirk.feedback.queries.courses import follow
from medvirk.feedback.queries.fetching import fetch
from medvirk.instruments.ages import for_age
from medvirk.instruments.definitions import Instrument
from medvirk.instruments.loader import get
from medvirk.instruments.queries import effective_catalogue
from medvirk.people.logic import age_on
from medvirk.people.logic.units import units_above
from medvirk.people.models import Citizen
from medvirk.people.queries.units import structure_on
from medvirk.stats.signals import SignalKind

SAFETY, OWN_GOAL = "safety", "own-goal"
#: What no plan can ask a citizen by itself: what is asked in another way, and what staff ask themselves.
NOT_TO_CHOOSE = {SAFETY, OWN_GOAL, OWN_CHECK, TEAM_CHECK}


def newest_version(key: str) -> Form:
    """(key, version) of the newest version of an instrument."""
    return key, get(key).version


def form_at_age(form: Form, citizen: Citizen, day: date) -> Form:
    """The version of a form for the citizen's age on that day. No query where the form has no versions by age."""
    instrument = get(*form)
    if not instrument.family:
        return form
    catalogue = effective_catalogue()
    chosen = for_age(catalogue[form], age_on(citizen.person.birth_date, day), catalogue.values())
    return chosen.key, chosen.version


def plan_at_age(plan: Plan, citizen: Citizen, day: date) -> Plan:
    """The same plan with the forms of the course in the version for the citizen's age on that day."""
    outcome, meeting = (form_at_age(form, citizen, day) for form in (plan.outcome, plan.meeting))
    return replace(plan, outcome=outcome, meeting=meeting)


def schedule_of_unit(unit_id: uuid.UUID, day: date) -> Schedule | None:
    """What new courses in a unit start with: its own schedule, or the one of the nearest unit above. Two queries."""
    line = units_above(structure_on(day).parents, unit_id)
    found = {each.unit_id: each for each in Schedule.objects.filter(unit__in=line).prefetch_related("lines")}
    return next((found[unit] for unit in line if unit in found), None)


def lines_of(schedule: Schedule | None) -> tuple[Line, ...]:
    """The schedule's lines as the rules take them."""
    if schedule is None:
        return ()
    return tuple(
        Line((row.instrument_key, row.instrument_version), row.moment, When(row.rule), row.number)
        for row in schedule.lines.all()
    )


def plan_of(episode: Episode) -> Plan:
    """What is asked in this course. Two queries at most."""
    schedule = Schedule.objects.filter(episode=episode).prefetch_related("lines").first()
    return Plan(
        outcome=(episode.outcome_key, episode.outcome_version),
        meeting=(episode.meeting_key, episode.meeting_version),
        safety=newest_version(SAFETY) if episode.asks_safety else None,
        lines=lines_of(schedule),
        eases=schedule is not None and schedule.eases,
    )


def held_until(plan: Plan, episode: Episode, citizen: Citizen, session: Session) -> Held:
    """How far the course has come for this citizen at that conversation. No query where the plan does not ask."""
    if not plan.lines and not plan.eases:
        return Held(episode.started_on, (timezone.localdate(session.starts_at),), is_last=session.is_last)
    sessions = [each for each in sessions_of(episode, citizen) if each.starts_at <= session.starts_at]
    sessions = [each for each in sessions if each.pk != session.pk] + [session]
    return Held(
        started_on=episode.started_on,
        days=tuple(timezone.localdate(each.starts_at) for each in sessions),
        is_last=session.is_last,
        answered=_answered(citizen, sessions),
        still=plan.eases and _still(episode, citizen, session.starts_at),
    )


def held_today(plan: Plan, episode: Episode, citizen: Citizen, now: datetime) -> Held:
    """How far the course has come: the conversations that have been, for looking ahead from."""
    been = [each for each in sessions_of(episode, citizen) if each.starts_at <= now]
    return Held(
        started_on=episode.started_on,
        days=tuple(timezone.localdate(each.starts_at) for each in been),
        answered=_answered(citizen, been),
        still=plan.eases and _still(episode, citizen, now),
    )


def asks_at_the_end(episode: Episode) -> bool:
    """Whether something is asked at the end that has not been asked around a last conversation. One query."""
    lines = Schedule.objects.filter(episode=episode, lines__rule=When.END)
    asked = episode.sessions.filter(is_last=True, cancelled_at__isnull=True)
    return lines.exclude(episode__in=asked.values("episode")).exists()


def sessions_of(episode: Episode, citizen: Citizen) -> list[Session]:
    """The conversations from the first at which this citizen was asked, in order, without the cancelled ones."""
    first = Asking.objects.filter(session__episode=episode, citizen=citizen, session__cancelled_at=None)
    begun = first.order_by("session__starts_at").values_list("session__starts_at", flat=True).first()
    if begun is None:
        return []
    held = Session.objects.filter(episode=episode, cancelled_at=None, starts_at__gte=begun)
    return list(held.order_by("starts_at", "pk"))


def _answered(citizen: Citizen, sessions: list[Session]) -> Mapping[str, set[int]]:
    number_of = {each.pk: number for number, each in enumerate(sessions, start=1)}
    rows = Answer.objects.filter(
        submission__occasion__asking__session__in=list(number_of),
        submission__occasion__asking__citizen=citizen,
        submission__occasion__capacity=Capacity.SELF,
        topic_id__isnull=True,
    ).values_list("instrument_key", "submission__occasion__asking__session_id")
    answered: dict[str, set[int]] = {}
    for key, session_id in rows:
        answered.setdefault(key, set()).add(number_of[session_id])
    return answered


def _still(episode: Episode, citizen: Citizen, before: datetime) -> bool:
    """Whether nothing moves in the course as far as it had come then (`logic.schedules.nothing_moves`)."""
    chosen = Episode.objects.filter(pk=episode.pk)
    courses = follow(None, fetch(chosen), now=before, language="nb")
    course = next((each.course for each in courses if each.citizen.pk == citizen.pk), None)
    if course is None:
        return False
    measured = [point for point in course.measured if point.starts_at < before]
    if len(measured) < STEADY:
        return False
    raised = Signal.objects.filter(
        Q(raised_at__gte=measured[-STEADY].starts_at) | Q(settled_at__isnull=True),
        episode=episode,
        citizen=citizen,
    ).exclude(kind=SignalKind.MISSING_MEASURE)
    scores = [point.outcome for point in measured if point.outcome is not None]
    chance = course.measure.rci.value if course.measure.rci else None
    return nothing_moves(scores, chance, signalled=raised.exists())


def choosable() -> tuple[list[Instrument], list[Instrument]]:
    """What can be asked besides the forms of the course, and what cannot because its wording is not loaded here."""
    others = [each for each in effective_catalogue().values() if each.key not in NOT_TO_CHOOSE]
    ordered = sorted(others, key=lambda each: (each.key, each.version))
    return [each for each in ordered if each.wordings], [each for each in ordered if not each.wordings]
