"""What is asked around a conversation: made for each who takes part, and worked out anew while nobody has begun.

These check nothing themselves: they are called by verbs that have let somebody in, and by the citizen's own.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone

from medvirk.answers.actions import ask, ask_anew
from medvirk.answers.logic import Topic
from medvirk.answers.models import Capacity, Occasion
from medvirk.feedback.logic import GRACE
from medvirk.feedback.logic.schedules import Form, due
from medvirk.feedback.models import Asking, Episode, Moment, Session
from medvirk.feedback.queries.goals import goals_of
from medvirk.feedback.queries.pauses import is_paused
from medvirk.feedback.queries.schedules import OWN_GOAL, held_until, newest_version, plan_at_age, plan_of
from medvirk.people.access import Viewer
from medvirk.people.models import Citizen

#: So many goals can be asked about at once: each is one more mark to make.
MOST_GOALS = 5
Topics = list[tuple[Form, Topic]]


def what_to_ask(session: Session, citizen: Citizen) -> dict[str, tuple[list[Form], Topics]]:
    """By moment: the questionnaires, and the own goals, that the plan asks this citizen around a conversation."""
    plan = plan_at_age(plan_of(session.episode), citizen, timezone.localdate(session.starts_at))
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
    *, by: Viewer | None, session: Session, now: datetime, citizen_id: uuid.UUID | None = None
) -> None:
    """Ask everybody who takes part, or this citizen alone, what is not asked yet; nobody for whom measuring is paused
    then."""
    parts = session.episode.participations.select_related("citizen__person").order_by("pk")
    if citizen_id is not None:
        parts = parts.filter(citizen=citizen_id)
    there = set(
        Asking.objects.filter(session=session, occasion__capacity=Capacity.SELF).values_list(
            "citizen_id", "moment"
        )
    )
    for part in parts:
        if not part.on(timezone.localdate(session.starts_at)):
            continue
        if is_paused(session.episode_id, part.citizen_id, session.starts_at):
            continue
        for moment, (instruments, topics) in what_to_ask(session, part.citizen).items():
            if (part.citizen_id, moment) in there or not instruments:
                continue
            occasion = ask(
                by=by,
                about=part.citizen,
                respondent=part.citizen.person,
                instruments=instruments,
                topics=topics,
                opens_at=min(session.starts_at, now),
            )
            Asking.objects.create(session=session, citizen=part.citizen, moment=moment, occasion=occasion)


def settle(*, by: Viewer | None, session: Session, citizen_id: uuid.UUID | None = None) -> None:
    """Let what is asked follow the plan and the goals as they stand now, where nobody has begun to answer.

    A form that would be left without a question stays as it was.
    """
    waiting = Asking.objects.filter(
        session=session,
        occasion__capacity=Capacity.SELF,
        occasion__submission__isnull=True,
        occasion__closes_at__isnull=True,
    ).select_related("occasion", "citizen")
    if citizen_id is not None:
        waiting = waiting.filter(citizen=citizen_id)
    wanted_of: dict[uuid.UUID, dict[str, tuple[list[Form], Topics]]] = {}
    for asking in waiting.order_by("pk"):
        wanted = wanted_of.setdefault(asking.citizen_id, what_to_ask(session, asking.citizen))
        instruments, topics = wanted[asking.moment]
        if instruments and _asked(asking.occasion) != _as_rows(instruments, topics):
            ask_anew(by=by, occasion=asking.occasion, instruments=instruments, topics=topics)


def settle_coming(
    *, by: Viewer | None, episodes: Iterable[Episode], now: datetime, citizen_id: uuid.UUID | None = None
) -> None:
    """The same at every conversation that is not over in these courses; and ask what is not asked there yet."""
    for session in coming(episodes, now):
        ask_around(by=by, session=session, now=now, citizen_id=citizen_id)
        settle(by=by, session=session, citizen_id=citizen_id)


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
