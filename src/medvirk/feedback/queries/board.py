"""The team's board as pages show it. Every function takes the viewer and returns only what that viewer may see."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from medvirk.feedback.logic.board import COUNTED, DEFAULTS, Column, Placed, met_lately, stands
from medvirk.feedback.logic.courses import RISK
from medvirk.feedback.models import (
    BoardColumn,
    BoardLook,
    BoardMove,
    BoardTask,
    CrisisPlan,
    Episode,
    Participation,
    PlanWish,
    Session,
    Signal,
    StepKind,
)
from medvirk.feedback.queries.fetching import UNREAD, episodes
from medvirk.feedback.queries.owners import able_in
from medvirk.people.access import Permission, Viewer, can, citizens_sharing
from medvirk.people.models import Citizen, Staff, Unit


@dataclass(frozen=True)
class Card:
    """A running course on the board.

    `column`: its number from the closest help; `since`: None where nobody has moved it. `contacts`: how often a week
    the team wants to meet; `met`: how often it did in the last four weeks, None in the first week. `signals`: the kinds
    that wait for a talk; `risk_said_by`: the capacities in which others gave the answer about safety, where no citizen
    did themselves. `wishes`: what citizens want changed in their crisis plans and nobody has answered.
    """

    episode: Episode
    citizens: tuple[Citizen, ...]
    column: int
    since: date | None
    contacts: float | None
    met: int | None
    today: tuple[datetime, ...]
    next: datetime | None
    signals: tuple[str, ...]
    risk_said_by: frozenset[str]
    tasks: tuple[BoardTask, ...]
    done_today: tuple[BoardTask, ...]
    looked_at: datetime | None
    wishes: int

    @property
    def is_urgent(self) -> bool:
        return RISK in self.signals

    def late(self, today: date) -> list[BoardTask]:
        return [each for each in self.tasks if each.due_on < today]

    def due(self, today: date) -> list[BoardTask]:
        """What should be done today, or should have been."""
        return [each for each in self.tasks if each.due_on <= today]


@dataclass(frozen=True)
class Board:
    """Columns from the closest help to the rarest, each with its cards."""

    columns: tuple[tuple[Column, tuple[Card, ...]], ...]

    @property
    def cards(self) -> list[Card]:
        return [card for _, cards in self.columns for card in cards]


def columns_of(unit_id: uuid.UUID) -> tuple[Column, ...]:
    """The columns of a team's board: its own, else the three we begin with. They say nothing of people. One query."""
    rows = BoardColumn.objects.filter(unit=unit_id, retired_at__isnull=True).order_by("position", "pk")
    own = tuple(Column(each.key, each.name, each.contacts, each.starts_here, each.pk) for each in rows)
    return own or DEFAULTS


def board_of(viewer: Viewer, unit: Unit, *, now: datetime) -> Board:
    """The running courses of a team that the viewer may open. A fixed number of queries, however many cards."""
    running = episodes(viewer).filter(unit=unit, ended_on__isnull=True)
    columns = columns_of(unit.pk)
    cards = _cards(running, columns, now=now)
    return Board(
        tuple(
            (column, tuple(each for each in cards if each.column == number))
            for number, column in enumerate(columns)
        )
    )


def card_of(
    viewer: Viewer, episode_id: uuid.UUID, *, now: datetime
) -> tuple[Card, tuple[Column, ...]] | None:
    """One card with the columns of its board; None if it is not the viewer's to see or has ended."""
    running = episodes(viewer).filter(pk=episode_id, ended_on__isnull=True)
    episode = running.first()
    if episode is None:
        return None
    columns = columns_of(episode.unit_id)
    return _cards(running, columns, now=now)[0], columns


def _cards(running: QuerySet[Episode], columns: tuple[Column, ...], *, now: datetime) -> list[Card]:
    taking_part: dict[Episode, list[Citizen]] = {}
    for row in (
        Participation.objects.filter(episode__in=running)
        .select_related("episode__responsible__person", "episode__unit", "citizen__person")
        .defer(*UNREAD)
        .order_by("pk")
    ):
        taking_part.setdefault(row.episode, []).append(row.citizen)
    ids = [each.pk for each in taking_part]
    people = {citizen.pk for some in taking_part.values() for citizen in some}
    facts = _Facts(ids, people, now)
    cards = [
        _card(episode, tuple(citizens), columns, facts, now) for episode, citizens in taking_part.items()
    ]
    # Who has an answer about safety first, then who comes in first, then by name.
    far = datetime.max.replace(tzinfo=now.tzinfo)
    return sorted(
        cards,
        key=lambda each: (not each.is_urgent, each.next or far, each.citizens[0].person.family_name),
    )


class _Facts:
    """What stands on cards, for all of them at once. Six queries."""

    def __init__(self, ids: list[uuid.UUID], people: set[uuid.UUID], now: datetime) -> None:
        today = timezone.localdate(now)
        self.placed: dict[uuid.UUID, Placed] = {}
        moves = BoardMove.objects.filter(episode__in=ids).order_by("moved_at", "pk")
        rows = moves.values_list("episode_id", "column_id", "column__key", "day", "contacts")
        for episode, column, key, day, contacts in rows:
            self.placed[episode] = Placed(column, key, day, contacts)
        self.sessions: dict[uuid.UUID, list[datetime]] = {}
        near = Session.objects.filter(
            episode__in=ids, cancelled_at__isnull=True, starts_at__gte=now - COUNTED
        )
        for episode, starts_at in near.order_by("starts_at").values_list("episode_id", "starts_at"):
            self.sessions.setdefault(episode, []).append(starts_at)
        self.signals: dict[uuid.UUID, list[str]] = {}
        self.risk_said_by: dict[uuid.UUID, set[str]] = {}
        waiting = Signal.objects.filter(episode__in=ids, settled_at__isnull=True).order_by("raised_at", "pk")
        steps = waiting.values_list("episode_id", "kind", "steps__kind", "steps__said_by")
        for episode, kind, step, said_by in steps:
            self.signals.setdefault(episode, []).append(kind)
            if kind == RISK and step in (StepKind.RAISED, StepKind.AGAIN):
                self.risk_said_by.setdefault(episode, set()).add(said_by)
        self.tasks: dict[uuid.UUID, list[BoardTask]] = {}
        for task in tasks_of(ids, today):
            self.tasks.setdefault(task.episode_id, []).append(task)
        looks = BoardLook.objects.filter(episode__in=ids, day=today)
        self.looks: dict[uuid.UUID, datetime] = dict(looks.values_list("episode_id", "looked_at"))
        wishes = PlanWish.objects.filter(citizen__in=people, seen_at__isnull=True)
        self.wishes: dict[uuid.UUID, int] = dict(
            wishes.values_list("citizen_id").annotate(n=Count("pk")).order_by()
        )


def tasks_of(episode_ids: Collection[uuid.UUID], today: date) -> QuerySet[BoardTask]:
    """What waits, and what was done today and can be undone, of courses that the page has chosen."""
    start = timezone.make_aware(datetime.combine(today, datetime.min.time()))
    still = Q(done_at__isnull=True) | Q(done_at__gte=start)
    return (
        BoardTask.objects.filter(still, episode__in=episode_ids, dropped_at__isnull=True)
        .select_related("who__person")
        .order_by("due_on", "made_at")
    )


def _card(
    episode: Episode, citizens: tuple[Citizen, ...], columns: tuple[Column, ...], facts: _Facts, now: datetime
) -> Card:
    today = timezone.localdate(now)
    column, since, contacts = stands(columns, facts.placed.get(episode.pk))
    near = facts.sessions.get(episode.pk, [])
    tasks = facts.tasks.get(episode.pk, [])
    said = facts.risk_said_by.get(episode.pk, set())
    return Card(
        episode=episode,
        citizens=citizens,
        column=column,
        since=since,
        contacts=contacts,
        met=met_lately(near, started_on=episode.started_on, today=today, now=now),
        today=tuple(each for each in near if timezone.localdate(each) == today),
        next=next((each for each in near if each > now), None),
        signals=tuple(dict.fromkeys(facts.signals.get(episode.pk, ()))),
        risk_said_by=frozenset() if "" in said else frozenset(said),
        tasks=tuple(each for each in tasks if each.done_at is None),
        done_today=tuple(each for each in tasks if each.done_at is not None),
        looked_at=facts.looks.get(episode.pk),
        wishes=sum(facts.wishes.get(each.pk, 0) for each in citizens),
    )


def moves_of(viewer: Viewer, episode: Episode) -> QuerySet[BoardMove]:
    """Where a course has stood, the newest first."""
    mine = BoardMove.objects.filter(episode=episode, episode__in=episodes(viewer).values("pk"))
    return mine.select_related("column", "moved_by__person").order_by("-moved_at", "-pk")


def workers_for(episode: Episode, *, now: datetime) -> list[Staff]:
    """Who can be given a task in a course that the page has opened already, by name (`owners.able_in`)."""
    found = Staff.objects.filter(pk__in=able_in(episode, now=now)).select_related("person")
    return sorted(found, key=lambda each: each.person.name)


def task_of(viewer: Viewer, task_id: uuid.UUID) -> BoardTask | None:
    """The task, or None if it does not exist or is not the viewer's to see."""
    found = BoardTask.objects.filter(
        pk=task_id, dropped_at__isnull=True, episode__in=episodes(viewer).values("pk")
    )
    return found.select_related("episode").first()


def _may_read_plan(viewer: Viewer, citizen: Citizen) -> bool:
    return any(
        can(viewer, permission, citizen, part=part).allowed
        for permission, part in (
            (Permission.FOLLOW_CITIZENS, None),
            (Permission.OWN_PAGES, None),
            (Permission.SEE_SHARED, BOARD),
        )
    )


#: What a citizen ticks to share it with a partner.
BOARD = "feedback.board"


def plans_of(viewer: Viewer, citizen: Citizen) -> QuerySet[CrisisPlan]:
    """Every version of a citizen's crisis plan, the newest first."""
    if not _may_read_plan(viewer, citizen):
        return CrisisPlan.objects.none()
    return (
        CrisisPlan.objects.filter(citizen=citizen)
        .select_related("written_by__person")
        .order_by("-written_at")
    )


def wishes_of(viewer: Viewer, citizen: Citizen) -> QuerySet[PlanWish]:
    """What the citizen wants changed in the plan and nobody has said that they have seen."""
    if not _may_read_plan(viewer, citizen):
        return PlanWish.objects.none()
    return PlanWish.objects.filter(citizen=citizen, seen_at__isnull=True).select_related("wished_by")


def own_tasks(viewer: Viewer, citizen: Citizen, *, today: date) -> list[BoardTask]:
    """What somebody does for a citizen, as they or a partner they share it with may read it.

    Of courses with this citizen alone: what is shared with others is not theirs alone.
    """
    mine = (Permission.OWN_PAGES, None), (Permission.SEE_SHARED, BOARD)
    if not any(can(viewer, permission, citizen, part=part).allowed for permission, part in mine):
        return []
    alone = (
        Episode.objects.filter(citizens=citizen, ended_on__isnull=True)
        .annotate(people=Count("participations__episode__participations"))
        .filter(people=1)
    )
    found = tasks_of(list(alone.values_list("pk", flat=True)), today)
    return [each for each in found if each.done_at is None]


def sharing_board(viewer: Viewer) -> list[Citizen]:
    """Citizens who share their plan and tasks with this partner now. Three queries."""
    return list(citizens_sharing(viewer, BOARD).select_related("person").order_by("pk"))


@dataclass(frozen=True)
class Shared:
    """What a partner sees of one citizen: the plan that holds, and what somebody does by when."""

    citizen: Citizen
    plan: CrisisPlan | None
    tasks: tuple[BoardTask, ...]


def shared_boards(viewer: Viewer, *, today: date) -> list[Shared]:
    """Plan and tasks of everybody who shares them with this partner. A fixed number of queries."""
    citizens = sharing_board(viewer)
    ids = [each.pk for each in citizens]
    plans: dict[uuid.UUID, CrisisPlan] = {}
    for plan in CrisisPlan.objects.filter(citizen__in=ids).select_related("written_by__person"):
        plans[plan.citizen_id] = plan
    alone = (
        Participation.objects.filter(citizen__in=ids, episode__ended_on__isnull=True)
        .annotate(people=Count("episode__participations"))
        .filter(people=1)
    )
    whose = dict(alone.values_list("episode_id", "citizen_id"))
    tasks: dict[uuid.UUID, list[BoardTask]] = {}
    for task in _waiting(tasks_of(list(whose), today)):
        tasks.setdefault(whose[task.episode_id], []).append(task)
    return [Shared(each, plans.get(each.pk), tuple(tasks.get(each.pk, ()))) for each in citizens]


def _waiting(tasks: Iterable[BoardTask]) -> list[BoardTask]:
    return [each for each in tasks if each.done_at is None]
