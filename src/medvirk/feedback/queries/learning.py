"""A worker's own figures. Every function takes the viewer and tells of that viewer's own practice, never another's."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Min, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from medvirk.answers.models import Capacity, Score
from medvirk.feedback.logic.following import TALK_WITHIN, Step
from medvirk.feedback.logic.learning import Figure, Guesses, Spread, figure, guesses, spread
from medvirk.feedback.models import Asking, MeetingGuess, Moment, SelfCheck, Session, SignalStep
from medvirk.feedback.queries.answering import tally_of
from medvirk.feedback.queries.courses import measure_of
from medvirk.feedback.queries.fetching import episodes
from medvirk.feedback.queries.signals import readable_signals
from medvirk.instruments.queries import effective_catalogue
from medvirk.people.access import Permission, Viewer
from medvirk.people.models import Unit

#: What is looked back on.
PERIOD = timedelta(days=365)
#: So many guesses are listed one by one.
LATEST = 10


@dataclass(frozen=True)
class Guessed:
    """One guess beside what was answered; None where it has not been, or gave no score."""

    session_id: uuid.UUID
    starts_at: datetime
    guess: float
    answered: float | None


@dataclass(frozen=True)
class Learning:
    """A worker's own figures of the last year, of courses that they are responsible for and may open still."""

    running: int
    ended: int
    with_outcome: Figure
    with_meeting: Figure
    talked: Figure
    moved: Figure
    meeting: Spread
    meeting_top: float
    guesses: Guesses
    latest: tuple[Guessed, ...]


def own_learning(viewer: Viewer, *, now: datetime) -> Learning:
    """The viewer's own figures. A fixed number of queries, however many courses."""
    since = now - PERIOD
    mine = episodes(viewer).filter(responsible_id=viewer.staff_id)
    recent = mine.filter(Q(ended_on__isnull=True) | Q(ended_on__gte=timezone.localdate(since)))
    ended = list(recent.values_list("ended_on", flat=True))
    held = Session.objects.filter(
        episode__in=mine.values("pk"), starts_at__range=(since, now), cancelled_at__isnull=True
    )
    before, after = tally_of(held, Moment.BEFORE), tally_of(held, Moment.AFTER)
    talked, moved = _signals(viewer, since, now)
    scores, top = _meeting_scores(held)
    guessed = _guesses(viewer, since)
    pairs = [(each.guess, each.answered) for each in guessed if each.answered is not None]
    return Learning(
        running=sum(day is None for day in ended),
        ended=sum(day is not None for day in ended),
        with_outcome=figure(before.answered, before.could_answer),
        with_meeting=figure(after.answered, after.could_answer),
        talked=talked,
        moved=moved,
        meeting=spread(scores, top=top),
        meeting_top=top,
        guesses=guesses(pairs),
        latest=tuple(guessed[:LATEST]),
    )


def _signals(viewer: Viewer, since: datetime, now: datetime) -> tuple[Figure, Figure]:
    """Talked about within the days there are for it, of those that had so long; moved, of those that were judged."""
    steps = SignalStep.objects.filter(signal=OuterRef("pk")).order_by("at", "pk")
    found = (
        readable_signals(viewer)
        .filter(owner=viewer.staff_id, raised_at__range=(since, now))
        .annotate(
            talked_at=Min("steps__at", filter=Q(steps__kind=str(Step.TALKED))),
            verdict=Subquery(
                steps.filter(kind__in=(str(Step.MOVED), str(Step.NOT_MOVED))).values("kind").reverse()[:1]
            ),
        )
        # What was gone before anybody could talk about it, or whose course ended, asked for no talk.
        .values_list("raised_at", "talked_at", "verdict", "settled_at")
    )
    rows = list(found)
    had_time = [row for row in rows if row[1] is not None or (row[3] is None and row[0] + TALK_WITHIN <= now)]
    in_time = sum(talked is not None and talked - raised <= TALK_WITHIN for raised, talked, *_ in had_time)
    judged = [verdict for *_, verdict, _settled in rows if verdict is not None]
    return figure(in_time, len(had_time)), figure(judged.count(str(Step.MOVED)), len(judged))


#: The columns by which a score is known to be that of the form that a course asks after a conversation.
_SCORED = (
    "answer__submission__occasion_id",
    "answer__instrument_key",
    "answer__instrument_version",
    "scale",
    "value",
)


def _scored(occasions: Collection[uuid.UUID]) -> list[tuple[uuid.UUID, tuple[str, int, str], float]]:
    """(occasion, measure, score) of what was answered there, on main scales only. One query."""
    catalogue = effective_catalogue()
    found = Score.objects.filter(answer__submission__occasion__in=occasions, value__isnull=False)
    rows = []
    for occasion, key, version, scale, value in found.values_list(*_SCORED):
        measure = measure_of(catalogue[key, version], "en")
        if measure is not None and measure.scale == scale:
            rows.append((occasion, (key, version, scale), value))
    return rows


def _meeting_scores(held: QuerySet[Session]) -> tuple[list[float], float]:
    """The meeting scores of these conversations, on the scale that most of them are on, and the top of it."""
    asked = Asking.objects.filter(
        session__in=held.values("pk"), moment=Moment.AFTER, occasion__capacity=Capacity.SELF
    )
    meeting_key = dict(asked.values_list("occasion_id", "session__episode__meeting_key"))
    by_measure: dict[tuple[str, int, str], list[float]] = {}
    for occasion, measured, value in _scored(meeting_key):
        if measured[0] == meeting_key[occasion]:
            by_measure.setdefault(measured, []).append(value)
    if not by_measure:
        return [], 0.0
    most = max(by_measure, key=lambda each: len(by_measure[each]))
    measure = measure_of(effective_catalogue()[most[:2]], "en")
    return by_measure[most], measure.high if measure else 0.0


def _guesses(viewer: Viewer, since: datetime) -> list[Guessed]:
    """The viewer's own guesses, the newest first, each beside the score of the form it was a guess at."""
    made = MeetingGuess.objects.filter(
        staff=viewer.staff_id,
        guessed_at__gte=since,
        asking__session__episode__in=episodes(viewer).values("pk"),
    )
    rows = list(
        made.order_by("-asking__session__starts_at", "-pk").values_list(
            "asking__occasion_id",
            "asking__session__episode__meeting_key",
            "asking__session_id",
            "asking__session__starts_at",
            "score",
        )
    )
    answered = {
        (occasion, measured[0]): value for occasion, measured, value in _scored([row[0] for row in rows])
    }
    return [
        Guessed(session, starts_at, score, answered.get((occasion, key)))
        for occasion, key, session, starts_at, score in rows
    ]


def own_checks(viewer: Viewer) -> QuerySet[SelfCheck]:
    """The viewer's own checks, the oldest first."""
    if viewer.staff_id is None:
        return SelfCheck.objects.none()
    return SelfCheck.objects.filter(staff=viewer.staff_id).order_by("day", "answered_at")


def team_checks(viewer: Viewer, unit: Unit) -> QuerySet[SelfCheck]:
    """The checks of a team that the viewer helps in, the oldest first."""
    if unit.pk not in viewer.units_with(Permission.FOLLOW_CITIZENS):
        return SelfCheck.objects.none()
    return SelfCheck.objects.filter(unit=unit).order_by("day", "answered_at")


def own_guess(viewer: Viewer, asking_id: int | None) -> float | None:
    """What the viewer guessed there, if they did. One query."""
    found = MeetingGuess.objects.filter(asking=asking_id, staff=viewer.staff_id)
    return found.values_list("score", flat=True).first()


def line_by_line(checks: Sequence[SelfCheck], keys: Sequence[str]) -> list[list[float | None]]:
    """By item of the list, what was answered each time."""
    values = [each.values for each in checks]
    return [[one.get(key) for one in values] for key in keys]
