"""Goals and life events: by a worker with the citizen, or by the citizen on their own pages."""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from medvirk.feedback.actions.asking import MOST_GOALS, settle_coming
from medvirk.feedback.actions.checks import Refused
from medvirk.feedback.actions.courses import must_run
from medvirk.feedback.actions.pauses import asking_viewer, let_in_for
from medvirk.feedback.models import Episode, Goal, LifeEvent
from medvirk.people.access import Viewer
from medvirk.people.models import AccessAction, Citizen

#: A goal is read on a phone before each conversation; an event stands beside a curve.
LONGEST = 200


def _words(text: str) -> str:
    words = " ".join(text.split())
    if not words:
        raise Refused("no_words")
    if len(words) > LONGEST:
        raise Refused("too_much")
    return words


def _ask_about(by: Viewer, citizen: Citizen, episode: Episode | None, now: datetime) -> None:
    """What nobody has begun to answer asks about the goals as they are now."""
    running = Episode.objects.filter(citizens=citizen, ended_on__isnull=True)
    chosen = running if episode is None else running.filter(pk=episode.pk)
    settle_coming(by=asking_viewer(by), episodes=chosen, now=now, citizen_id=citizen.pk)


def _room_for_one_more(citizen: Citizen) -> None:
    # Locked: two pages at once must not make six.
    Citizen.objects.select_for_update().get(pk=citizen.pk)
    if Goal.objects.filter(citizen=citizen, reached_on=None, dropped_on=None).count() >= MOST_GOALS:
        raise Refused("enough_goals")


@transaction.atomic
def add_goal(
    *, by: Viewer, citizen: Citizen, words: str, now: datetime, episode: Episode | None = None
) -> Goal:
    """Set a goal in the citizen's own words. Without a course it goes with every one.

    Raises:
        PermissionDenied: see `let_in_for`. Refused: `no_words`, `too_much`, `enough_goals`; `ended_already`, the course
            has.
    """
    person_id = let_in_for(by, citizen, "feedback.goal", AccessAction.CREATED)
    text = _words(words)
    if episode is not None:
        must_run(episode.pk)
    _room_for_one_more(citizen)
    goal = Goal.objects.create(
        citizen=citizen,
        episode=episode,
        words=text,
        set_on=timezone.localdate(now),
        set_by_id=person_id,
        set_at=now,
    )
    _ask_about(by, citizen, episode, now)
    return goal


def _held(by: Viewer, goal: Goal) -> Goal:
    let_in_for(by, goal.citizen, "feedback.goal", AccessAction.CHANGED)
    return Goal.objects.select_for_update(of=("self",)).select_related("citizen", "episode").get(pk=goal.pk)


def _stands(
    by: Viewer, held: Goal, now: datetime, *, reached_on: date | None = None, dropped_on: date | None = None
) -> Goal:
    """Reached, dropped, or neither: then it is asked about again."""
    held.reached_on, held.dropped_on = reached_on, dropped_on
    held.save(update_fields=["reached_on", "dropped_on"])
    _ask_about(by, held.citizen, held.episode, now)
    return held


@transaction.atomic
def reword(*, by: Viewer, goal: Goal, words: str, now: datetime) -> Goal:
    """Say a goal in other words. What was answered keeps the words as they stood then.

    Raises:
        PermissionDenied: see `let_in_for`. Refused: `no_words`, `too_much`.
    """
    held = _held(by, goal)
    held.words = _words(words)
    held.save(update_fields=["words"])
    _ask_about(by, held.citizen, held.episode, now)
    return held


@transaction.atomic
def reach(*, by: Viewer, goal: Goal, now: datetime) -> Goal:
    """The goal is reached: it is not asked about any more, and stays on the curve.

    Raises:
        PermissionDenied: see `let_in_for`.
    """
    return _stands(by, _held(by, goal), now, reached_on=timezone.localdate(now))


@transaction.atomic
def drop(*, by: Viewer, goal: Goal, now: datetime) -> Goal:
    """The goal is no longer one: it is not asked about any more, and what was answered stays.

    Raises:
        PermissionDenied: see `let_in_for`.
    """
    return _stands(by, _held(by, goal), now, dropped_on=timezone.localdate(now))


@transaction.atomic
def take_up_again(*, by: Viewer, goal: Goal, now: datetime) -> Goal:
    """Undo that a goal was reached or dropped.

    Raises:
        PermissionDenied: see `let_in_for`. Refused: `enough_goals`.
    """
    held = _held(by, goal)
    if held.is_current:
        return held
    _room_for_one_more(held.citizen)
    return _stands(by, held, now)


@transaction.atomic
def note_event(*, by: Viewer, citizen: Citizen, day: date, words: str, now: datetime) -> LifeEvent:
    """Note something that happened in life.

    Raises:
        PermissionDenied: see `let_in_for`. Refused: `no_words`, `too_much`, `not_yet` for a day to come.
    """
    person_id = let_in_for(by, citizen, "feedback.life_event", AccessAction.CREATED)
    if day > timezone.localdate(now):
        raise Refused("not_yet")
    return LifeEvent.objects.create(
        citizen=citizen, day=day, words=_words(words), noted_by_id=person_id, noted_at=now
    )


@transaction.atomic
def remove_event(*, by: Viewer, event: LifeEvent) -> None:
    """Take a life event away again: it was a slip, or the citizen does not want it to stand there.

    Raises:
        PermissionDenied: see `let_in_for`.
    """
    let_in_for(by, event.citizen, "feedback.life_event", AccessAction.CHANGED)
    LifeEvent.objects.filter(pk=event.pk).delete()
