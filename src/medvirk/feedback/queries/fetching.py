"""An episode with all that pages show of it, in few queries; chosen from what the viewer may see (`episodes`)."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from django.db.models import (
    DateField,
    DateTimeField,
    Exists,
    F,
    Field,
    FilteredRelation,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    TextField,
    UUIDField,
    Value,
)
from django.utils import timezone

from medvirk.answers.models import Ask, Capacity
from medvirk.feedback.logic.pauses import Pause
from medvirk.feedback.models import (
    Asking,
    Episode,
    Goal,
    JournalChoice,
    JournalSummary,
    LifeEvent,
    Participation,
    Session,
)
from medvirk.instruments.loader import catalogue
from medvirk.people.access import Permission, Viewer, can, citizens_closed_to, citizens_open_to
from medvirk.people.models import Citizen


@dataclass(frozen=True)
class AskedAt:
    """Somebody is asked something around a conversation: about whom, when, as whom.

    `measures`: the form that a course is followed by is asked there too, not only something beside it. `closed`: no
    answer is taken any more.
    """

    occasion_id: uuid.UUID
    citizen_id: uuid.UUID
    moment: str
    capacity: str = Capacity.SELF
    respondent_id: uuid.UUID | None = None
    declined_at: datetime | None = None
    measures: bool = True
    closed: bool = False
    # The one responsible for the course has not said that this conversation stands in the record system.
    not_in_record: bool = False


@dataclass(frozen=True)
class Beside:
    """What is shown beside the curve of one citizen: their goals in the order they were set, and what happened when."""

    goals: tuple[Goal, ...] = ()
    events: tuple[LifeEvent, ...] = ()

    @property
    def current(self) -> tuple[Goal, ...]:
        return tuple(goal for goal in self.goals if goal.is_current)

    @property
    def past(self) -> tuple[Goal, ...]:
        return tuple(goal for goal in self.goals if not goal.is_current)

    def until(self, day: date) -> Beside:
        """As it stood on a day that is looked back at."""
        return replace(self, events=tuple(event for event in self.events if event.day <= day))


@dataclass(frozen=True)
class Fetched:
    """An episode as it is read for a page: who takes part, its sessions in order of time, what was changed.

    Cancelled sessions without an answer are left out. By session: `changes`, what was changed, and `asked`. By citizen:
    `pauses` in measuring.
    """

    episode: Episode
    citizens: tuple[Citizen, ...]
    sessions: tuple[Session, ...]
    changes: Mapping[uuid.UUID, tuple[str, ...]]
    asked: Mapping[uuid.UUID, tuple[AskedAt, ...]]
    pauses: Mapping[uuid.UUID, tuple[Pause, ...]] = field(default_factory=dict)
    # First and last day of each; None where it is that of the course.
    periods: Mapping[uuid.UUID, tuple[date | None, date | None]] = field(default_factory=dict)

    # Goals and life events by citizen; fetched for one episode only.
    beside: Mapping[uuid.UUID, Beside] = field(default_factory=dict)

    def beside_of(self, viewer: Viewer, citizen: Citizen) -> Beside:
        """What stands beside the curve of this citizen, if their record is open to the viewer."""
        held = self.beside.get(citizen.pk)
        opens = held is not None and can(viewer, Permission.FOLLOW_CITIZENS, citizen).allowed
        return held if held is not None and opens else Beside()

    def takes_part(self, citizen_id: uuid.UUID, day: date) -> bool:
        """Whether this citizen takes part on that day."""
        since, until = self.periods.get(citizen_id, (None, None))
        return (since is None or since <= day) and (until is None or until >= day)

    def asked_of(self, session_id: uuid.UUID, citizen_id: uuid.UUID, moment: str) -> AskedAt | None:
        """What the citizen is asked themselves at that moment; None where they are not asked."""
        own = (each for each in self.asked.get(session_id, ()) if each.capacity == Capacity.SELF)
        return next((e for e in own if e.citizen_id == citizen_id and e.moment == moment), None)

    def record_of(self) -> frozenset[uuid.UUID]:
        """Whose record this is (`people.access.Record`)."""
        return frozenset(citizen.pk for citizen in self.citizens)

    def session(self, session_id: uuid.UUID) -> Session | None:
        return next((session for session in self.sessions if session.pk == session_id), None)


def episodes(viewer: Viewer) -> QuerySet[Episode]:
    """Episodes in which a citizen takes part whose record the viewer may open, and none to whom they are closed."""
    mine = Participation.objects.filter(citizen__in=citizens_open_to(viewer)).values("episode_id")
    return Episode.objects.filter(pk__in=mine).exclude(pk__in=_closed_to(viewer)).select_related("unit")


def _closed_to(viewer: Viewer) -> QuerySet[Participation, Any]:
    """Ids of episodes that one of those who take part keeps the worker out of."""
    return Participation.objects.filter(citizen__in=citizens_closed_to(viewer)).values("episode_id")


#: Of people only the name is shown. The rest stays encrypted: it is nobody's business here, and takes its time.
UNREAD = tuple(
    f"{whose}__{field}"
    for whose in ("citizen__person", "episode__responsible__person")
    for field in ("national_id", "birth_date", "phone", "email")
)


#: What was answered is kept and shown, also when the conversation itself was cancelled: it may be a call for help.
NOT_CANCELLED_OR_ANSWERED = Q(cancelled_at__isnull=True) | Q(
    Exists(Asking.objects.filter(session=OuterRef("pk"), occasion__submission__isnull=False))
)


#: Forms that stand for another one at some age: where one is asked, the course is followed by it.
BY_AGE = sorted({each.key for each in catalogue().values() if each.family})

#: The form that the course is followed by is among what is asked.
MEASURES = Ask.objects.filter(
    Q(instrument_key=OuterRef("episode__outcome_key"))
    | Q(instrument_key=OuterRef("episode__meeting_key"))
    | Q(instrument_key__in=BY_AGE),
    occasion_id=OuterRef("askings__occasion_id"),
)


#: From when on the one responsible says of each conversation that it stands in the record system.
RECORD_SINCE = Subquery(
    JournalChoice.objects.filter(staff=OuterRef("episode__responsible")).values("since")[:1]
)
#: Of this conversation or, later than it, of the whole course.
IN_RECORD = JournalSummary.objects.filter(
    Q(session=OuterRef("pk")) | Q(session__isnull=True, taken_over_at__gte=OuterRef("starts_at")),
    episode=OuterRef("episode"),
    citizen=OuterRef("askings__citizen_id"),
    taken_over_at__isnull=False,
)


def _waits(session: Any, now: datetime) -> bool:
    held = session.cancelled_at is None and session.starts_at <= now
    since = session.record_since
    return held and since is not None and session.starts_at >= since and not session.in_record


def fetch(chosen: QuerySet[Episode]) -> list[Fetched]:
    """These episodes (chosen from `episodes`) with all that a page shows of them. Three queries however many."""
    # By their ids: PostgreSQL joins all conversations there are before it looks which episodes were chosen, when
    # that stands in the same query.
    return _fetched(list(chosen.values_list("pk", flat=True)))


def _fetched(ids: list[uuid.UUID]) -> list[Fetched]:
    taking_part: dict[Episode, dict[uuid.UUID, Citizen]] = {}
    pauses: dict[tuple[uuid.UUID, uuid.UUID], dict[uuid.UUID, Pause]] = {}
    periods: dict[uuid.UUID, dict[uuid.UUID, tuple[date | None, date | None]]] = {}
    # Who takes part comes once for each pause that was set in the episode.
    for row in _who_takes_part(ids):
        taking_part.setdefault(row.episode, {}).setdefault(row.citizen_id, row.citizen)
        periods.setdefault(row.episode_id, {})[row.citizen_id] = row.since, row.until
        if row.pause_id is not None:
            pauses.setdefault((row.episode_id, row.pause_of), {})[row.pause_id] = Pause(
                row.pause_since, row.pause_until, row.pause_reason, row.pause_lifted, row.pause_id
            )
    # A session comes once for each who is asked around it and each change that was noted in it.
    sessions: dict[uuid.UUID, dict[uuid.UUID, Session]] = {}
    changes: dict[uuid.UUID, dict[uuid.UUID, str]] = {}
    asked: dict[uuid.UUID, dict[uuid.UUID, AskedAt]] = {}
    now = timezone.now()
    for session in _with_what_was_asked_and_changed(ids):
        sessions.setdefault(session.episode_id, {}).setdefault(session.pk, session)
        if session.change_id is not None:
            changes.setdefault(session.pk, {})[session.change_id] = session.change
        if session.occasion_id is not None:
            asked.setdefault(session.pk, {})[session.occasion_id] = AskedAt(
                session.occasion_id,
                session.asked_about,
                session.asked_when,
                session.asked_as,
                session.asked_whom,
                session.asked_in_vain,
                session.asked_to_measure,
                session.asked_until is not None,
                _waits(session, now),
            )
    return [
        Fetched(
            episode=episode,
            citizens=tuple(citizens.values()),
            sessions=tuple(held.values()),
            changes={key: tuple(changes[key].values()) for key in held if key in changes},
            asked={key: tuple(asked[key].values()) for key in held if key in asked},
            pauses={
                citizen: tuple(pauses[episode.pk, citizen].values())
                for citizen in citizens
                if (episode.pk, citizen) in pauses
            },
            periods=periods.get(episode.pk, {}),
        )
        for episode, citizens in taking_part.items()
        for held in [sessions.get(episode.pk, {})]
    ]


def _who_takes_part(episode_ids: list[uuid.UUID]) -> Iterable[Any]:
    """Rows of `Participation`, each with one pause of the episode."""
    return (
        Participation.objects.filter(episode__in=episode_ids)
        .select_related("episode__unit", "episode__responsible__person", "citizen__person")
        .defer(*UNREAD)
        .annotate(
            pause_id=F("episode__pauses__pk"),
            pause_of=F("episode__pauses__citizen_id"),
            pause_since=F("episode__pauses__since"),
            pause_until=F("episode__pauses__until"),
            pause_reason=F("episode__pauses__reason"),
            pause_lifted=F("episode__pauses__lifted_at"),
        )
        .order_by("pk", "episode__pauses__set_at")
    )


def _with_what_was_asked_and_changed(episode_ids: list[uuid.UUID]) -> Iterable[Any]:
    """Rows of `Session`, each with one change and one who is asked."""
    return (
        Session.objects.filter(NOT_CANCELLED_OR_ANSWERED, episode__in=episode_ids)
        .annotate(
            agreed=FilteredRelation("agreements", condition=Q(agreements__undone_at__isnull=True)),
            change_id=F("agreed__pk"),
            change=F("agreed__text"),
            occasion_id=F("askings__occasion_id"),
            asked_about=F("askings__citizen_id"),
            asked_when=F("askings__moment"),
            asked_as=F("askings__occasion__capacity"),
            asked_whom=F("askings__occasion__respondent_id"),
            asked_in_vain=F("askings__occasion__declined_at"),
            asked_until=F("askings__occasion__closes_at"),
            asked_to_measure=Exists(MEASURES),
            record_since=RECORD_SINCE,
            in_record=Exists(IN_RECORD),
        )
        .order_by("starts_at", "pk", "agreed__noted_at", "askings__pk")
    )


def fetch_one(chosen: QuerySet[Episode]) -> Fetched | None:
    """The one episode that was chosen, with what stands beside its curves, or None. Three queries."""
    beside = _beside(chosen)
    if beside is None:
        return None
    episode_id, held = beside
    found = _fetched([episode_id])[0]
    return replace(found, beside=held)


def _beside(chosen: QuerySet[Episode]) -> tuple[uuid.UUID, Mapping[uuid.UUID, Beside]] | None:
    """The id of the one episode, and by citizen their goals and what happened in their lives. One query for all of it:
    the page that needs it is opened in every conversation."""
    ids = chosen.order_by().values("pk")
    part = "citizen__participations__episode"
    goals = Goal.objects.filter(
        Q(episode__isnull=True) | Q(episode=F(part)), **{f"{part}__in": ids}
    ).values_list("pk", "words", "set_on", "set_at", "reached_on", "dropped_on", "citizen_id", _kind("goal"))
    events = LifeEvent.objects.filter(day__gte=F(f"{part}__started_on"), **{f"{part}__in": ids}).values_list(
        "pk", "words", "day", "noted_at", "day", "day", "citizen_id", _kind("event")
    )
    none, at, text = _nothing(DateField()), _nothing(DateTimeField()), _nothing(TextField())
    itself = chosen.order_by().values_list(
        "pk", text, "started_on", at, none, none, _nothing(UUIDField()), _kind("episode")
    )
    rows = list(goals.order_by().union(events.order_by(), itself, all=True))
    episode_id = next((row[0] for row in rows if row[-1] == "episode"), None)
    if episode_id is None:
        return None
    held: dict[uuid.UUID, tuple[list[Goal], list[LifeEvent]]] = {}
    for pk, words, day, when, reached, dropped, citizen_id, kind in rows:
        if kind == "goal":
            goal = Goal(pk=pk, citizen_id=citizen_id, words=words, set_on=day, set_at=when)
            goal.reached_on, goal.dropped_on = reached, dropped
            held.setdefault(citizen_id, ([], []))[0].append(goal)
        elif kind == "event":
            event = LifeEvent(pk=pk, citizen_id=citizen_id, words=words, day=day, noted_at=when)
            held.setdefault(citizen_id, ([], []))[1].append(event)
    return episode_id, {
        citizen: Beside(
            tuple(sorted(goals, key=lambda goal: (goal.set_at, goal.pk))),
            tuple(sorted(events, key=lambda event: (event.day, event.noted_at, event.pk))),
        )
        for citizen, (goals, events) in held.items()
    }


def _kind(name: str) -> Value:
    return Value(name, output_field=TextField())


def _nothing(field: Field) -> Value:  # type: ignore[type-arg]
    return Value(None, output_field=field)
