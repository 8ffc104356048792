"""What is asked around a conversation: made for each who takes part, and worked out anew while nobody has begun.

These check nothing themselves: they are called by verbs that have let somebody in, and by the citizen's own.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from medvirk.answers.actions import ask, ask_anew
from medvirk.answers.logic import Topic
from medvirk.answers.models import Capacity, Occasion
from medvirk.feedback.logic import GRACE
from medvirk.feedback.logic.pauses import Pause, pause_at
from medvirk.feedback.logic.schedules import Form, Plan, due
from medvirk.feedback.models import Asking, Episode, MeasuringPause, Moment, Participation, Session
from medvirk.feedback.queries.goals import goals_of
from medvirk.feedback.queries.schedules import OWN_GOAL, held_until, newest_version, plan_at_age, plan_of
from medvirk.people.access import Viewer
from medvirk.people.models import Citizen

#: So many goals can be asked about at once: each is one more mark to make.
MOST_GOALS = 5
Topics = list[tuple[Form, Topic]]


@dataclass(frozen=True)
class Course:
    """What is the same at every conversation of a course, so that it is read once."""

    plan: Plan
    parts: tuple[Participation, ...]
    pauses: Mapping[uuid.UUID, list[Pause]]

    @classmethod
    def of(cls, episode: Episode) -> Course:
        parts = episode.participations.select_related("citizen__person").order_by("pk")
        pauses: dict[uuid.UUID, list[Pause]] = {}
        for row in MeasuringPause.objects.filter(episode=episode).defer("words"):
            pause = Pause(row.since, row.until, lifted_at=row.lifted_at)
            pauses.setdefault(row.citizen_id, []).append(pause)
        return cls(plan_of(episode), tuple(parts), pauses)

    def asked_at(self, session: Session) -> list[Citizen]:
        """Those alive who take part on the day of the conversation and for whom measuring is not paused then."""
        at, day = session.starts_at, timezone.localdate(session.starts_at)
        there = (each for each in self.parts if each.on(day) and each.citizen.person.died_on is None)
        return [
            each.citizen for each in there if pause_at(self.pauses.get(each.citizen_id, ()), at, day) is None
        ]


def what_to_ask(session: Session, citizen: Citizen, plan: Plan) -> dict[str, tuple[list[Form], Topics]]:
    """By moment: the questionnaires, and the own goals, that the plan asks this citizen around a conversation."""
    plan = plan_at_age(plan, citizen, timezone.localdate(session.starts_at))
    held = held_until(plan, session.episode, citizen, session)
    wanted: dict[str, tuple[list[Form], Topics]] = {
        moment: (list(due(plan, held, moment)), []) for moment in Moment.values
    }
    # The goals go with the form that they stand beside on the curve.
    before, topics = wanted[Moment.BEFORE]
    if plan.outcome in before:
        current = goals_of(citizen, session.episode).filter(reached_on=None, dropped_on=None)
        form = newest_version(OWN_GOAL)
        topics += [(form, Topic(goal.pk, goal.words)) for goal in current[:MOST_GOALS]]
    return wanted


def ask_around(
    *,
    by: Viewer | None,
    session: Session,
    now: datetime,
    citizen_id: uuid.UUID | None = None,
    course: Course | None = None,
) -> None:
    """Ask everybody who takes part, or this citizen alone, what is not asked yet; nobody for whom measuring is paused
    then. `course`: where it is read already."""
    course = course or Course.of(session.episode)
    there = set(
        Asking.objects.filter(session=session, occasion__capacity=Capacity.SELF).values_list(
            "citizen_id", "moment"
        )
    )
    for citizen in course.asked_at(session):
        if citizen_id not in (None, citizen.pk) or all((citizen.pk, each) in there for each in Moment.values):
            continue
        for moment, (instruments, topics) in what_to_ask(session, citizen, course.plan).items():
            if (citizen.pk, moment) in there or not instruments:
                continue
            occasion = ask(
                by=by,
                about=citizen,
                respondent=citizen.person,
                instruments=instruments,
                topics=topics,
                opens_at=min(session.starts_at, now),
            )
            Asking.objects.create(session=session, citizen=citizen, moment=moment, occasion=occasion)


def settle(*, session: Session, citizen_id: uuid.UUID | None = None, course: Course | None = None) -> None:
    """Let what is asked follow the plan and the goals as they stand now, where nobody has begun to answer.

    A form that would be left without a question stays as it was. `course`: where it is read already.
    """
    waiting = Asking.objects.filter(
        session=session,
        occasion__capacity=Capacity.SELF,
        occasion__submission__isnull=True,
        occasion__closes_at__isnull=True,
    ).select_related("occasion", "citizen")
    if citizen_id is not None:
        waiting = waiting.filter(citizen=citizen_id)
    plan = course.plan if course else plan_of(session.episode)
    wanted_of: dict[uuid.UUID, dict[str, tuple[list[Form], Topics]]] = {}
    for asking in waiting.order_by("pk"):
        if asking.citizen_id not in wanted_of:
            wanted_of[asking.citizen_id] = what_to_ask(session, asking.citizen, plan)
        instruments, topics = wanted_of[asking.citizen_id][asking.moment]
        if instruments and _asked(asking.occasion) != _as_rows(instruments, topics):
            # Also of one who has left, whose record is not open any more: that must not stop it for the others.
            ask_anew(by=None, occasion=asking.occasion, instruments=instruments, topics=topics)


def settle_coming(
    *, by: Viewer | None, episodes: Iterable[Episode], now: datetime, citizen_id: uuid.UUID | None = None
) -> None:
    """The same at every conversation that is not over in these courses; and ask what is not asked there yet."""
    courses: dict[uuid.UUID, Course] = {}
    for session in coming(episodes, now):
        if session.episode_id not in courses:
            courses[session.episode_id] = Course.of(session.episode)
        course = courses[session.episode_id]
        ask_around(by=by, session=session, now=now, citizen_id=citizen_id, course=course)
        settle(session=session, citizen_id=citizen_id, course=course)


def coming(episodes: Iterable[Episode], now: datetime) -> QuerySet[Session]:
    """The conversations of these running courses that are not over."""
    running = [each.pk for each in episodes if each.ended_on is None]
    held = Session.objects.filter(episode__in=running, cancelled_at=None, starts_at__gte=now - GRACE)
    return held.select_related("episode").order_by("starts_at", "pk")


Row = tuple[str, int, uuid.UUID | None, str]


def _asked(occasion: Occasion) -> list[Row]:
    return list(occasion.asks.values_list("instrument_key", "instrument_version", "topic_id", "topic"))


def _as_rows(instruments: list[Form], topics: Topics) -> list[Row]:
    rows: list[Row] = [(key, version, None, "") for key, version in instruments]
    return rows + [(key, version, topic.id, topic.words) for (key, version), topic in topics]
