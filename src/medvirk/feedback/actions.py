"""Writing in the feedback room: one function per verb, each in a transaction of its own."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

import numpy as np
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from medvirk.answers.actions import ask, close, open_again
from medvirk.answers.models import Occasion, Score
from medvirk.feedback.accuracy import judge
from medvirk.feedback.logic import numbered
from medvirk.feedback.measuring import judged_here
from medvirk.feedback.models import Ending, Episode, HelpChange, LocalNorms, Participation, Session
from medvirk.feedback.queries import NOT_CANCELLED_OR_ANSWERED, measure_of
from medvirk.instruments.definitions import Instrument
from medvirk.instruments.loader import get
from medvirk.instruments.queries import effective_catalogue
from medvirk.people.access import Permission, Record, Viewer, can, log_access
from medvirk.people.models import AccessAction, Citizen, Staff, Unit
from medvirk.stats.growth import FaultsError, Norms

OWN_OUTCOME = "life-now"
OWN_MEETING = "this-meeting"
SAFETY = "safety"


class Refused(Exception):
    """The step cannot be taken; `reason` is a code that the page puts into words. Nothing was changed."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


def _let_in(viewer: Viewer, record: Record, what: str, action: AccessAction) -> None:
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
) -> Episode:
    """Start a course of help for one citizen.

    Raises:
        PermissionDenied: no relation to the citizen.
    """
    _let_in(by, citizen, "feedback.episode", AccessAction.CREATED)
    episode = Episode.objects.create(
        unit=unit,
        responsible=responsible,
        started_on=started_on,
        outcome_key=outcome[0],
        outcome_version=outcome[1],
        meeting_key=meeting[0],
        meeting_version=meeting[1],
        asks_safety=asks_safety,
    )
    Participation.objects.create(episode=episode, citizen=citizen)
    return episode


@transaction.atomic
def end_episode(*, by: Viewer, episode: Episode, ended_on: date, ending: str, now: datetime) -> Episode:
    """End a course of help.

    Raises:
        PermissionDenied: no relation. Refused: it has ended already, or the day is before its start.
    """
    _let_in(by, episode, "feedback.episode", AccessAction.CHANGED)
    locked = Episode.objects.select_for_update().get(pk=episode.pk)
    if locked.ended_on is not None:
        raise Refused("ended_already")
    if ended_on < locked.started_on:
        raise Refused("ends_before_it_starts")
    locked.ended_on, locked.ending = ended_on, Ending(ending)
    locked.save(update_fields=["ended_on", "ending"])
    # A link handed out earlier must not take an answer that nobody would look for.
    close(by=by, occasions=_occasions(Session.objects.filter(episode=locked)), now=now)
    return locked


def _occasions(sessions: QuerySet[Session]) -> QuerySet[Occasion]:
    """What is asked before and after these sessions."""
    return Occasion.objects.filter(Q(before_session__in=sessions) | Q(after_session__in=sessions))


@transaction.atomic
def reopen_episode(*, by: Viewer, episode: Episode) -> Episode:
    """Undo the end of a course of help.

    Raises:
        PermissionDenied: no relation.
    """
    _let_in(by, episode, "feedback.episode", AccessAction.CHANGED)
    locked = Episode.objects.select_for_update().get(pk=episode.pk)
    locked.ended_on, locked.ending = None, ""
    locked.save(update_fields=["ended_on", "ending"])
    standing = Session.objects.filter(episode=locked, cancelled_at__isnull=True)
    open_again(by=by, occasions=_occasions(standing))
    return locked


@transaction.atomic
def plan_session(*, by: Viewer, episode: Episode, starts_at: datetime, now: datetime) -> Session:
    """Plan a session and what is asked before and after it.

    Both can be answered from now on: who sits in the waiting room early may answer early.

    Raises:
        PermissionDenied: no relation. Refused: the episode has ended, or starts later.
    """
    _let_in(by, episode, "feedback.session", AccessAction.CREATED)
    # Read anew: somebody may have ended it since the page was opened.
    if Episode.objects.select_for_update().get(pk=episode.pk).ended_on is not None:
        raise Refused("ended_already")
    if timezone.localdate(starts_at) < episode.started_on:
        raise Refused("starts_before_the_episode")
    citizen = episode.participations.select_related("citizen__person").get().citizen
    opens_at = min(starts_at, now)

    def asking(*instruments: tuple[str, int]) -> Occasion:
        return ask(
            by=by, about=citizen, respondent=citizen.person, instruments=instruments, opens_at=opens_at
        )

    safety = [newest_version(SAFETY)] if episode.asks_safety else []
    return Session.objects.create(
        episode=episode,
        starts_at=starts_at,
        before=asking((episode.outcome_key, episode.outcome_version), *safety),
        after=asking((episode.meeting_key, episode.meeting_version)),
    )


def newest_version(key: str) -> tuple[str, int]:
    """(key, version) of the newest version of an instrument."""
    return key, get(key).version


@transaction.atomic
def cancel_session(*, by: Viewer, session: Session, now: datetime) -> None:
    """Take a session off the course and close what was asked; what was answered is kept and shown.

    Raises:
        PermissionDenied: no relation.
    """
    _let_in(by, session, "feedback.session", AccessAction.CHANGED)
    session.cancelled_at = now
    session.save(update_fields=["cancelled_at"])
    close(by=by, occasions=_occasions(Session.objects.filter(pk=session.pk)), now=now)


@transaction.atomic
def restore_session(*, by: Viewer, session: Session) -> None:
    """Undo a cancellation.

    Raises:
        PermissionDenied: no relation. Refused: the episode has ended.
    """
    _let_in(by, session, "feedback.session", AccessAction.CHANGED)
    if Episode.objects.select_for_update().get(pk=session.episode_id).ended_on is not None:
        raise Refused("ended_already")
    session.cancelled_at = None
    session.save(update_fields=["cancelled_at"])
    open_again(by=by, occasions=_occasions(Session.objects.filter(pk=session.pk)))


@transaction.atomic
def note_change(*, by: Viewer, session: Session, staff: Staff, text: str, now: datetime) -> HelpChange:
    """Note what the two of them change from now on.

    Raises:
        PermissionDenied: no relation.
    """
    _let_in(by, session, "feedback.change", AccessAction.CREATED)
    return HelpChange.objects.create(session=session, noted_by=staff, text=text, noted_at=now)


def fit_norms(*, now: datetime) -> list[LocalNorms]:
    """Work out, for each scale, the sums of all local courses, how often signals were right in ended ones, and how well
    the scale measures: one row per scale.

    Scales with too little are passed over. Each row is written by itself, because nobody could answer while a lock is
    held for as long as all this takes.
    """
    rows = (
        _fit(instrument, scale.key, now=now)
        for instrument in effective_catalogue().values()
        if (scale := instrument.main_scale) is not None
    )
    return [row for row in rows if row is not None]


def _fit(instrument: Instrument, scale: str, *, now: datetime) -> LocalNorms | None:
    """The row of one scale, or None where there is too little. An earlier row then keeps its sums, but not its mark."""
    key, version = instrument.key, instrument.version
    where: dict[str, Any] = {"instrument_key": key, "instrument_version": version, "scale": scale}
    norms, earlier = _local_norms(key, version, scale), LocalNorms.objects.filter(**where)
    if norms is None and not earlier.exists():
        return None
    measuring = judged_here(instrument, now=now).to_dict()
    if norms is None:
        earlier.update(measuring=measuring, fitted_at=now)
        return None
    measure = measure_of(instrument, "nb")
    ended = measured(key, version, scale, Episode.objects.filter(ended_on__isnull=False))
    row, _ = LocalNorms.objects.update_or_create(
        **where,
        defaults={
            "norms": norms.to_dict(),
            "persons": norms.persons,
            "accuracy": judge(ended, measure).to_dict() if measure else {},
            "measuring": measuring,
            "fitted_at": now,
        },
    )
    return row


def _local_norms(key: str, version: int, scale: str) -> Norms | None:
    """Sums over all courses in which this scale was the outcome."""
    rows = measured(key, version, scale, Episode.objects.all())
    if not rows:
        return None
    person, number, score = zip(*rows, strict=True)
    try:
        return Norms.from_scores(person=np.array(person), t=np.log1p(number), score=np.array(score))
    except FaultsError:
        return None


def measured(key: str, version: int, scale: str, episodes: QuerySet[Episode]) -> list[tuple[str, int, float]]:
    """(episode, number of the session from the first measured one, score) where this scale was the outcome."""
    used = episodes.filter(outcome_key=key, outcome_version=version)
    if not used.exists():
        return []
    sessions = Session.objects.filter(NOT_CANCELLED_OR_ANSWERED, episode__in=used)
    # By occasion, and apart from the sessions: one long join of both can take PostgreSQL minutes.
    scores = Score.objects.filter(
        answer__instrument_key=key, answer__instrument_version=version, scale=scale
    ).values_list("answer__submission__occasion_id", "value")
    value_of = dict(scores)
    held = sessions.order_by("episode_id", "starts_at").values_list("episode_id", "before_id")
    return numbered((str(episode), value_of.get(occasion)) for episode, occasion in held)
