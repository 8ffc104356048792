"""Writing in the feedback room: one function per verb, each in a transaction of its own."""

from __future__ import annotations

import uuid
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from medvirk.answers.models import Occasion
from medvirk.feedback.actions.asking import ask_around
from medvirk.feedback.actions.checks import Refused
from medvirk.feedback.actions.doors import Closed, close_for, open_after
from medvirk.feedback.actions.over import end_signals, reopen_signals
from medvirk.feedback.actions.schedules import start_with_the_units_plan
from medvirk.feedback.models import (
    Agreement,
    Ending,
    Episode,
    EpisodeKind,
    Participation,
    Session,
)
from medvirk.people.access import Permission, Record, Viewer, can, log_access
from medvirk.people.models import AccessAction, Citizen, Staff, Unit

OWN_OUTCOME = "life-now"
OWN_MEETING = "this-meeting"


def let_in(viewer: Viewer, record: Record, what: str, action: AccessAction) -> None:
    """By relation only, and with a row in the log.

    Raises:
        PermissionDenied: no relation.
    """
    decision = can(viewer, Permission.FOLLOW_CITIZENS, record)
    if not decision.allowed:
        raise PermissionDenied
    log_access(viewer, record.record_of(), what, action=action, basis=decision.reason)


@transaction.atomic
def start_episode(
    *,
    by: Viewer,
    citizen: Citizen,
    unit: Unit,
    responsible: Staff,
    started_on: date,
    outcome: tuple[str, int],
    meeting: tuple[str, int],
    asks_safety: bool = True,
    kind: str = EpisodeKind.INDIVIDUAL,
) -> Episode:
    """Start a course of help for one citizen; others join by `add_member`.

    Raises:
        PermissionDenied: no relation to the citizen.
    """
    let_in(by, citizen, "feedback.episode", AccessAction.CREATED)
    episode = Episode.objects.create(
        unit=unit,
        responsible=responsible,
        started_on=started_on,
        outcome_key=outcome[0],
        outcome_version=outcome[1],
        meeting_key=meeting[0],
        meeting_version=meeting[1],
        asks_safety=asks_safety,
        kind=EpisodeKind(kind),
    )
    Participation.objects.create(episode=episode, citizen=citizen)
    start_with_the_units_plan(episode)
    return episode


def look_again(episode_id: uuid.UUID, now: datetime) -> None:
    """Something has changed that signals may follow from: let the house work them out anew."""
    Participation.objects.filter(episode=episode_id).update(signals_due_at=now)


@transaction.atomic
def end_episode(*, by: Viewer, episode: Episode, ended_on: date, ending: str, now: datetime) -> Episode:
    """End a course of help.

    Raises:
        PermissionDenied: no relation. Refused: it has ended already, or the day is before its start.
    """
    let_in(by, episode, "feedback.episode", AccessAction.CHANGED)
    locked = Episode.objects.select_for_update().get(pk=episode.pk)
    if locked.ended_on is not None:
        raise Refused("ended_already")
    if ended_on < locked.started_on:
        raise Refused("ends_before_it_starts")
    locked.ended_on, locked.ending = ended_on, Ending(ending)
    locked.save(update_fields=["ended_on", "ending"])
    # A link handed out earlier must not take an answer that nobody would look for.
    close_for(Closed.ENDED, _occasions(Session.objects.filter(episode=locked)), now)
    end_signals(episode_id=locked.pk, now=now)
    return locked


def _occasions(sessions: QuerySet[Session]) -> QuerySet[Occasion]:
    """What is asked before and after these sessions."""
    return Occasion.objects.filter(asking__session__in=sessions)


@transaction.atomic
def reopen_episode(*, by: Viewer, episode: Episode, now: datetime) -> Episode:
    """Undo the end of a course of help.

    Raises:
        PermissionDenied: no relation. Refused: `dead`, nobody who took part lives.
    """
    let_in(by, episode, "feedback.episode", AccessAction.CHANGED)
    locked = Episode.objects.select_for_update().get(pk=episode.pk)
    if not locked.citizens.filter(person__died_on=None).exists():
        raise Refused("dead")
    locked.ended_on, locked.ending = None, ""
    locked.save(update_fields=["ended_on", "ending"])
    open_after(Closed.ENDED, _occasions(Session.objects.filter(episode=locked)), now)
    look_again(locked.pk, now)
    reopen_signals(episode_id=locked.pk, now=now)
    return locked


def must_run(episode_id: uuid.UUID) -> Episode:
    """The course, locked and read anew: somebody may have ended it since the page was opened.

    Raises:
        Refused: `ended_already`.
    """
    locked = Episode.objects.select_for_update().get(pk=episode_id)
    if locked.ended_on is not None:
        raise Refused("ended_already")
    return locked


def must_fit(episode: Episode, starts_at: datetime) -> None:
    """A conversation of the course can begin then.

    Raises:
        Refused: `starts_before_the_episode`; `there_already`, one is planned at that very time, as by a button that was
            pressed twice.
    """
    if timezone.localdate(starts_at) < episode.started_on:
        raise Refused("starts_before_the_episode")
    if episode.sessions.filter(starts_at=starts_at, cancelled_at=None).exists():
        raise Refused("there_already")


@transaction.atomic
def plan_session(*, by: Viewer, episode: Episode, starts_at: datetime, now: datetime) -> Session:
    """Plan a session and what is asked before and after it, by the course's plan (`logic.schedules`).

    Both can be answered from now on: who sits in the waiting room early may answer early.

    Raises:
        PermissionDenied: no relation. Refused: see `must_run` and `must_fit`.
    """
    let_in(by, episode, "feedback.session", AccessAction.CREATED)
    must_fit(must_run(episode.pk), starts_at)
    session = Session.objects.create(episode=episode, starts_at=starts_at)
    ask_around(by=by, session=session, now=now)
    look_again(episode.pk, now)
    return session


@transaction.atomic
def cancel_session(*, by: Viewer, session: Session, now: datetime) -> None:
    """Take a session off the course and close what was asked; what was answered is kept and shown.

    Raises:
        PermissionDenied: no relation. Refused: the course has ended.
    """
    let_in(by, session, "feedback.session", AccessAction.CHANGED)
    must_run(session.episode_id)
    session.cancelled_at = now
    session.save(update_fields=["cancelled_at"])
    close_for(Closed.CANCELLED, _occasions(Session.objects.filter(pk=session.pk)), now)
    look_again(session.episode_id, now)


@transaction.atomic
def restore_session(*, by: Viewer, session: Session) -> None:
    """Undo a cancellation.

    Raises:
        PermissionDenied: no relation. Refused: see `must_run` and `must_fit`.
    """
    let_in(by, session, "feedback.session", AccessAction.CHANGED)
    must_fit(must_run(session.episode_id), session.starts_at)
    session.cancelled_at = None
    session.save(update_fields=["cancelled_at"])
    open_after(Closed.CANCELLED, _occasions(Session.objects.filter(pk=session.pk)), by.now)
    # Who came meanwhile is asked there too.
    ask_around(by=None, session=session, now=by.now)
    look_again(session.episode_id, by.now)


@transaction.atomic
def note_change(
    *, by: Viewer, session: Session, staff: Staff, text: str, now: datetime, due_on: date | None = None
) -> Agreement:
    """Note what the two of them change from now on, and perhaps the day to look at it again.

    Raises:
        PermissionDenied: no relation. Refused: the course has ended.
    """
    let_in(by, session, "feedback.change", AccessAction.CREATED)
    must_run(session.episode_id)
    return Agreement.objects.create(
        episode_id=session.episode_id, session=session, noted_by=staff, text=text, due_on=due_on, noted_at=now
    )
