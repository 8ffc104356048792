"""How this room lets go of a citizen."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime
from typing import Any

from django.db.models import Manager, Max, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from medvirk.feedback.models import (
    Agreement,
    BoardLook,
    BoardMove,
    BoardTask,
    CrisisPlan,
    Episode,
    Goal,
    JournalSummary,
    LifeEvent,
    MeasuringPause,
    MeetingGuess,
    Participation,
    PlanWish,
    ProxyAsking,
    Reminder,
    ReminderChoice,
    Session,
    Showing,
    Signal,
    SignalStep,
    StepKind,
    SupervisionCase,
)
from medvirk.people.keeping import Parting, register_parting
from medvirk.people.logic.retention import Means, PlanLine
from medvirk.people.models import Citizen
from medvirk.people.parting import LAW_KEEPS, month_of


def register() -> None:
    register_parting(Parting("feedback", last_entries, plan, part))


def last_entries(ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, date]:
    """A running course goes on for as long as there are days."""
    rows = (
        Participation.objects.filter(citizen__in=ids)
        .values("citizen_id")
        .annotate(ended=Max(Coalesce("episode__ended_on", date.max)), met=Max("episode__sessions__starts_at"))
    )
    return {
        row["citizen_id"]: max(row["ended"], timezone.localdate(row["met"]) if row["met"] else date.min)
        for row in rows
    }


def plan(citizen: Citizen) -> Iterator[PlanLine]:
    alone = _only_theirs(citizen)
    yield PlanLine(
        _("courses and conversations, with the month only"),
        alone.count() + Session.objects.filter(episode__in=alone).count(),
        Means.KEEP,
        _("They can be counted and tell of nobody."),
        is_help=True,
    )
    yield PlanLine(
        _("what was agreed and changed"),
        _agreements(Agreement.objects, citizen, alone).count(),
        Means.DELETE,
        LAW_KEEPS,
        is_help=True,
    )
    yield PlanLine(
        _("own goals, life events, and pauses in being asked"),
        Goal.objects.filter(citizen=citizen).count()
        + LifeEvent.objects.filter(citizen=citizen).count()
        + MeasuringPause.objects.filter(citizen=citizen).count(),
        Means.DELETE,
        LAW_KEEPS,
        is_help=True,
    )
    yield PlanLine(
        _("what the team noted in supervision and on its board, and the crisis plan"),
        sum(found.count() for found in _team_rows(citizen, alone)),
        Means.DELETE,
        LAW_KEEPS,
        is_help=True,
    )
    yield PlanLine(
        _("what was taken over into the municipality's own record system"),
        JournalSummary.objects.filter(citizen=citizen).count(),
        Means.DELETE,
        LAW_KEEPS,
        is_help=True,
    )
    yield PlanLine(
        _("courses together with others"),
        Participation.objects.filter(citizen=citizen).exclude(episode__in=alone).count(),
        Means.KEEP,
        _("They belong to the others too, and go with the last of them."),
        is_help=True,
    )


def part(citizen: Citizen, now: datetime) -> None:  # noqa: ARG001
    """Courses and conversations stay with their month, to be counted; what was written in them goes.

    What is shared with somebody who is still here stays as it is until they go too. What was agreed about one's own
    signal is one's own.
    """
    alone = list(_only_theirs(citizen))
    _agreements(Agreement.everything, citizen, alone).delete()
    for found in _team_rows(citizen, alone):
        found.delete()
    _part_signals(citizen)
    # Theirs alone, also where others take part. With the goals go the words they had before.
    for table in (Goal, LifeEvent, MeasuringPause, JournalSummary):
        table.objects.filter(citizen=citizen).delete()
    Goal.history.filter(citizen_id=citizen.pk).delete()
    Showing.objects.filter(citizen=citizen).delete()
    Reminder.objects.filter(asking__citizen=citizen).delete()
    ReminderChoice.objects.filter(episode__in=alone).delete()
    ProxyAsking.objects.filter(occasion__about=citizen).delete()
    _part_memberships(citizen)
    for episode in alone:
        Episode.objects.filter(pk=episode.pk).update(
            started_on=episode.started_on.replace(day=1),
            ended_on=episode.ended_on.replace(day=1) if episode.ended_on else None,
        )
        episode.history.all().delete()
        for place, session in enumerate(episode.sessions.order_by("starts_at", "pk")):
            Session.objects.filter(pk=session.pk).update(
                starts_at=month_of(session.starts_at, place),
                cancelled_at=month_of(session.cancelled_at, place) if session.cancelled_at else None,
            )
            session.history.all().delete()


def _agreements(
    among: Manager[Agreement], citizen: Citizen, alone: Collection[Episode] | QuerySet[Episode]
) -> QuerySet[Agreement]:
    return among.filter(Q(episode__in=alone) | Q(signal__citizen=citizen))


def _part_memberships(citizen: Citizen) -> None:
    """That they took part stays with its month."""
    for each in Participation.objects.filter(citizen=citizen):
        Participation.objects.filter(pk=each.pk).update(
            since=each.since.replace(day=1) if each.since else None,
            until=each.until.replace(day=1) if each.until else None,
        )
    Participation.history.filter(citizen_id=citizen.pk).delete()


def _team_rows(citizen: Citizen, alone: Collection[Episode]) -> list[QuerySet[Any]]:
    """What a team keeps about its courses, and about them alone. Notes go with their cases."""
    of_courses = (SupervisionCase, BoardMove, BoardTask, BoardLook)
    return [
        *(table.objects.filter(episode__in=alone) for table in of_courses),
        *(table.objects.filter(citizen=citizen) for table in (CrisisPlan, PlanWish)),
        # What a worker guessed is theirs, but stands on a conversation that nobody is to be told from any more.
        MeetingGuess.objects.filter(asking__citizen=citizen),
    ]


def _part_signals(citizen: Citizen) -> None:
    """That a signal was raised and what became of it stays with its month; words and who was involved go."""
    for place, signal in enumerate(Signal.objects.filter(citizen=citizen).order_by("raised_at", "pk")):
        when = {
            name: month_of(value, place) if (value := getattr(signal, name)) else None
            for name in ("raised_at", "due_at", "tell_at", "settled_at")
        }
        Signal.objects.filter(pk=signal.pk).update(**when)
        for step in signal.steps.all():
            SignalStep.objects.filter(pk=step.pk).update(
                at=month_of(step.at, place),
                until=month_of(step.until, place) if step.until else None,
                by=None,
                owner=signal.owner_id if step.kind == StepKind.ASSIGNED else None,
                text="",
            )


def _only_theirs(citizen: Citizen) -> QuerySet[Episode]:
    """Episodes in which nobody else takes part who is not erased."""
    others = Participation.objects.exclude(citizen=citizen).filter(citizen__erased_at__isnull=True)
    return Episode.objects.filter(participations__citizen=citizen).exclude(pk__in=others.values("episode_id"))
