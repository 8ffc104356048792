"""Goals in Fjordvik, what happened in life, somebody who rests from being asked, and a plan for what is asked."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from medvirk.answers.models import Answer, Occasion
from medvirk.feedback.actions.goals import add_goal, note_event, reach
from medvirk.feedback.actions.pauses import pause
from medvirk.feedback.actions.schedules import add_line, set_easing
from medvirk.feedback.logic.schedules import Line, When
from medvirk.feedback.models import Episode, Goal, Moment, PauseReason, Session
from medvirk.people.access import viewer_for
from medvirk.people.models import Staff, Unit

#: (words, marks conversation by conversation from the first): the last mark goes on where the course is longer.
GOALS = (
    ("Gå en tur hver dag", (2, 2, 3, 5, 5, 6, 7)),
    ("Ringe søsteren min en gang i uka", (0, 1, 1, 1, 3, 4)),
)
REACHED = ("Få orden på posten", (1, 4, 8, 10))
EVENTS = ((75, "Sa opp leiligheten"), (30, "Fikk hund"))


def add_goals(*, now: datetime, leader: Staff, worker: Staff, unit: Unit) -> None:
    """The first on the caseload has goals, the seventh a pause; one would rather not the last time."""
    running = list(
        Episode.objects.filter(responsible=worker, ended_on__isnull=True).order_by("started_on", "pk")
    )
    with_own_pages = next(each for each in running if each.citizens.filter(person__own_user__isnull=False))
    others = [each for each in running if each != with_own_pages]
    by = viewer_for(worker.user, now)
    _goals(with_own_pages, by, now)
    pause(
        by=by,
        citizen=others[0].citizens.get(),
        episodes=[others[0]],
        reason=PauseReason.CRISIS,
        until=timezone.localdate(now) + timedelta(days=21),
        now=now,
    )
    _rather_not(others[1], now)
    _plan(viewer_for(leader.user, now), unit, now)


def _goals(episode: Episode, by, now: datetime) -> None:
    citizen = episode.citizens.get()
    for words, marks in (*GOALS, REACHED):
        goal = add_goal(by=by, citizen=citizen, episode=episode, words=words, now=now)
        Goal.objects.filter(pk=goal.pk).update(set_on=episode.started_on)
        _mark(episode, goal, marks)
        if words == REACHED[0]:
            reach(by=by, goal=goal, now=now - timedelta(days=20))
    for days, words in EVENTS:
        day = max(timezone.localdate(now) - timedelta(days=days), episode.started_on)
        note_event(by=by, citizen=citizen, day=day, words=words, now=now)


def _mark(episode: Episode, goal: Goal, marks: tuple[int, ...]) -> None:
    """The goal's marks at the conversations that were answered."""
    answered = Session.objects.filter(
        episode=episode,
        askings__moment=Moment.BEFORE,
        askings__occasion__submission__isnull=False,
    ).order_by("starts_at")
    sendings = answered.values_list("askings__occasion__submission", flat=True)
    # The rows of Fjordvik number themselves.
    newest = Answer.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    Answer.objects.bulk_create(
        Answer(
            id=newest + number + 1,
            submission_id=sending,
            instrument_key="own-goal",
            instrument_version=1,
            language="nb",
            topic_id=goal.pk,
            topic=goal.words,
            values={"q1": float(marks[min(number, len(marks) - 1)])},
        )
        for number, sending in enumerate(sendings)
        if number < len(marks) or goal.words != REACHED[0]
    )


def _rather_not(episode: Episode, now: datetime) -> None:
    """The latest conversation that was not answered: somebody would rather not."""
    waiting = Occasion.objects.filter(
        asking__session__episode=episode,
        asking__session__starts_at__lt=now,
        asking__moment=Moment.BEFORE,
        submission__isnull=True,
    ).order_by("-asking__session__starts_at")
    for occasion in waiting[:1]:
        Occasion.objects.filter(pk=occasion.pk).update(declined_at=occasion.asking.session.starts_at)


def _plan(by, unit: Unit, now: datetime) -> None:
    for when, number in ((When.START, 0), (When.AFTER_MONTHS, 3), (When.END, 0)):
        line = Line(("recovery", 1), Moment.BEFORE, when, number)
        add_line(by=by, of=unit, line=line, now=now)
    set_easing(by=by, of=unit, eases=True, now=now)
