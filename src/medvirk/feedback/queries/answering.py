"""How asking went at a set of conversations."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from medvirk.answers.models import Ask, Capacity, Submission
from medvirk.feedback.logic.answering import Around, Tally, tally
from medvirk.feedback.logic.pauses import Pause, pause_at
from medvirk.feedback.models import Asking, MeasuringPause, Moment, Participation, Session
from medvirk.feedback.queries.fetching import BY_AGE


def tally_of(sessions: QuerySet[Session], moment: str = Moment.BEFORE) -> Tally:
    """What came of asking at these conversations: each citizen who took part counts once at each.

    It takes no viewer and tells of nobody: who chooses the conversations has shown that they may count them, and hides
    what is too few. Four queries however many.
    """
    return tally(around for _session, around in arounds_of(sessions, moment))


def arounds_of(sessions: QuerySet[Session], moment: str) -> Iterator[tuple[Session, Around]]:
    """The same, one by one with their conversations; in no particular order."""
    held = {each.pk: each for each in sessions}
    episodes = {each.episode_id for each in held.values()}
    pauses: dict[tuple[uuid.UUID, uuid.UUID], list[Pause]] = {}
    for row in MeasuringPause.objects.filter(episode__in=episodes).defer("words"):
        pause = Pause(row.since, row.until, lifted_at=row.lifted_at)
        pauses.setdefault((row.episode_id, row.citizen_id), []).append(pause)
    taking_part: dict[uuid.UUID, list[Participation]] = {}
    for part in Participation.objects.filter(episode__in=episodes):
        taking_part.setdefault(part.episode_id, []).append(part)
    asked: dict[uuid.UUID, dict[uuid.UUID, tuple[bool, bool, bool]]] = {}
    for session, citizen, at, *how in _asked(held, moment):
        there = asked.setdefault(session, {})
        there.setdefault(citizen, (False, False, False))
        if at == moment:
            there[citizen] = (how[0], how[1], how[2] is not None)
    for session in held.values():
        there = asked.get(session.pk, {})
        for part in taking_part.get(session.episode_id, ()):
            citizen, day = part.citizen_id, timezone.localdate(session.starts_at)
            mine = pauses.get((session.episode_id, citizen), ())
            paused = pause_at(mine, session.starts_at, day) is not None
            # Somebody who came later took no part in what was before.
            if citizen not in there and ((there and not paused) or not part.on(day)):
                continue
            is_asked, answered, declined = there.get(citizen, (False, False, False))
            yield session, Around(is_asked, answered, declined, paused, session.cancelled_at is not None)


def _asked(held: dict[uuid.UUID, Session], moment: str) -> Iterator[tuple]:  # type: ignore[type-arg]
    form = "outcome" if moment == Moment.BEFORE else "meeting"
    measures = Ask.objects.filter(
        Q(instrument_key=OuterRef(f"session__episode__{form}_key")) | Q(instrument_key__in=BY_AGE),
        occasion=OuterRef("occasion"),
    )
    answered = Submission.objects.filter(occasion=OuterRef("occasion"))
    rows = Asking.objects.filter(session__in=list(held), occasion__capacity=Capacity.SELF)
    yield from rows.annotate(measures=Exists(measures), answered=Exists(answered)).values_list(
        "session_id", "citizen_id", "moment", "measures", "answered", "occasion__declined_at"
    )
