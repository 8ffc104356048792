"""Signals as pages show them. Every function takes the viewer and returns only what that viewer may see."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from medvirk.feedback.logic import RISK
from medvirk.feedback.logic.following import Standing, Step, Taken, standing_of
from medvirk.feedback.models import Agreement, Episode, Signal, SignalStep
from medvirk.feedback.queries.fetching import episodes
from medvirk.feedback.queries.owners import able_for
from medvirk.feedback.queries.support import Support, stamp_columns, support_of
from medvirk.people.access import Permission, Record, Viewer, can, citizens_open_to
from medvirk.people.models import Staff
from medvirk.people.queries.units import units_held


@dataclass(frozen=True)
class Agreed:
    """What was agreed in a talk about a signal."""

    text: str
    due_on: date | None
    done_on: date | None
    dropped_on: date | None


@dataclass(frozen=True)
class Talk:
    """That it was talked about, what of, and what was agreed."""

    at: datetime
    text: str


@dataclass(frozen=True)
class Trail:
    """A signal with all that was done with it."""

    id: uuid.UUID
    citizen_id: uuid.UUID
    kind: str
    raised_at: datetime
    due_at: datetime
    owner_id: uuid.UUID
    owner: str
    steps: tuple[Taken, ...]
    talk: Talk | None
    agreed: tuple[Agreed, ...]
    # By whom it was seen, and when, since it last showed.
    seen: tuple[tuple[str, datetime], ...] = ()
    # An answer about safety that only others have given about the citizen.
    by_another: bool = False

    def standing(self, now: datetime) -> Standing:
        return standing_of(self.steps, due_at=self.due_at, now=now)

    @property
    def put_off_until(self) -> datetime | None:
        return next((each.until for each in reversed(self.steps) if each.kind is Step.SNOOZED), None)


@dataclass(frozen=True)
class Trails:
    """The signals of one course, the newest last, and what stands beside them in its unit."""

    signals: tuple[Trail, ...]
    support: Support

    def of(self, citizen_id: uuid.UUID, kind: str) -> list[Trail]:
        """Those of one kind, the newest last."""
        return [each for each in self.signals if (each.citizen_id, each.kind) == (citizen_id, kind)]


#: Column of the one query → what it is called here.
_SIGNAL = {
    "signals__pk": "id",
    "signals__citizen_id": "citizen_id",
    "signals__kind": "kind",
    "signals__raised_at": "raised_at",
    "signals__due_at": "due_at",
    "signals__owner_id": "owner_id",
    "signals__owner__person__given_name": "given_name",
    "signals__owner__person__family_name": "family_name",
}
_STEP = {
    "signals__steps__pk": "id",
    "signals__steps__kind": "kind",
    "signals__steps__at": "at",
    "signals__steps__until": "until",
    "signals__steps__session_id": "session_id",
    "signals__steps__text": "text",
    "signals__steps__said_by": "said_by",
    "signals__steps__by__person__given_name": "given_name",
    "signals__steps__by__person__family_name": "family_name",
}
_AGREED = {
    "signals__agreements__pk": "id",
    "signals__agreements__text": "text",
    "signals__agreements__due_on": "due_on",
    "signals__agreements__done_on": "done_on",
    "signals__agreements__dropped_on": "dropped_on",
    "signals__agreements__undone_at": "undone_at",
}


def trails(viewer: Viewer, record: Record, episode: Episode) -> Trails:
    """The signals of a course that the page has opened already. One query, however many there are."""
    stamps = stamp_columns()
    rows = list(
        Episode.objects.filter(pk=episode.pk)
        .annotate(**stamps)
        .values(*_SIGNAL, *_STEP, *_AGREED, *stamps)
        .order_by("signals__raised_at", "signals__pk", "signals__steps__at", "signals__steps__pk")
    )
    stamp = tuple(rows[0][name] for name in stamps) if rows else ()
    support = support_of(stamp, viewer.today)
    if not can(viewer, Permission.FOLLOW_CITIZENS, record).allowed:
        return Trails((), support)
    by_signal: dict[uuid.UUID, list[dict[str, Any]]] = {}
    for row in rows:
        if row["signals__pk"] is not None:
            by_signal.setdefault(row["signals__pk"], []).append(row)
    return Trails(tuple(_trail(some) for some in by_signal.values()), support)


def _trail(rows: list[dict[str, Any]]) -> Trail:
    """One signal. Each of its steps comes once for each agreement there is."""
    held = {name: rows[0][column] for column, name in _SIGNAL.items()}
    steps = _distinct(rows, _STEP)
    taken = tuple(Taken(Step(s["kind"]), s["at"], s["until"], s["session_id"]) for s in steps)
    talks = [Talk(s["at"], s["text"]) for s in steps if s["kind"] == Step.TALKED]
    reopened = [s["at"] for s in steps if s["kind"] == Step.REOPENED]
    talk = talks[-1] if talks and not (reopened and reopened[-1] >= talks[-1].at) else None
    agreed = tuple(
        Agreed(a["text"], a["due_on"], a["done_on"], a["dropped_on"])
        for a in _distinct(rows, _AGREED)
        if a["undone_at"] is None
    )
    owner = f"{held.pop('given_name')} {held.pop('family_name')}".strip()
    shown = [s["said_by"] for s in steps if s["kind"] in {Step.RAISED, Step.AGAIN}]
    by_another = bool(shown) and all(shown)
    return Trail(
        **held, owner=owner, steps=taken, talk=talk, agreed=agreed, seen=_seen(steps), by_another=by_another
    )


def _seen(steps: Iterable[Mapping[str, Any]]) -> tuple[tuple[str, datetime], ...]:
    seen: list[tuple[str, datetime]] = []
    for step in steps:
        if step["kind"] in (Step.RAISED, Step.AGAIN):
            seen = []
        elif step["kind"] == Step.SEEN:
            seen.append((f"{step['given_name']} {step['family_name']}".strip(), step["at"]))
    return tuple(seen)


def _distinct(rows: Iterable[Mapping[str, Any]], columns: Mapping[str, str]) -> list[dict[str, Any]]:
    key = next(iter(columns))
    found: dict[Any, dict[str, Any]] = {}
    for row in rows:
        if row[key] is not None and row[key] not in found:
            found[row[key]] = {name: row[column] for column, name in columns.items()}
    return list(found.values())


def readable_signals(viewer: Viewer) -> QuerySet[Signal]:
    """Signals of citizens whose record the viewer may open."""
    return Signal.objects.filter(
        citizen__in=citizens_open_to(viewer), episode__in=episodes(viewer).values("pk")
    )


def signal_of(viewer: Viewer, signal_id: uuid.UUID) -> Signal | None:
    """The signal, or None if it does not exist or is not the viewer's to see."""
    found = readable_signals(viewer).filter(pk=signal_id)
    return found.select_related("citizen__person", "owner__person", "episode__unit", "session").first()


#: So many of what is over stand in a list; the rest is on the pages of its courses.
MOST_SETTLED = 200


def steps_without_words() -> Prefetch[str]:
    """The steps, for a list: what was said is encrypted, and no list shows it."""
    return Prefetch("steps", SignalStep.objects.defer("text"))


@dataclass(frozen=True)
class Lying:
    """A line of the list. `signal` is None for what one may not open: then only that it lies, whose, and since when."""

    signal: Signal | None
    owner: str
    is_mine: bool
    since: datetime
    standing: Standing


def lying(
    viewer: Viewer, *, now: datetime, only_overdue: bool, settled: bool
) -> tuple[list[Lying], list[Lying]]:
    """(the viewer's own signals; what is overdue in the teams they lead and is not theirs), the longest first.

    `settled`: also what is over, of the viewer's own, the newest first and at most `MOST_SETTLED`. A leader without
    relation to a citizen sees of theirs only that something lies, with whom, and since when. Three queries and what
    finds the units.
    """
    leads = Permission.LEAD_TEAM in viewer.permissions
    led = units_held(viewer, Permission.LEAD_TEAM) if leads else frozenset()
    wanted = Q(owner=viewer.staff_id, settled_at__isnull=True)
    wanted |= Q(episode__unit__in=led, settled_at__isnull=True, due_at__lte=now)
    if settled:
        over = Signal.objects.filter(owner=viewer.staff_id, settled_at__isnull=False).order_by(
            "-raised_at", "pk"
        )
        wanted |= Q(pk__in=over.values("pk")[:MOST_SETTLED])
    found = (
        Signal.objects.filter(wanted)
        .select_related("owner__person", "citizen__person", "episode__unit")
        .prefetch_related(steps_without_words())
        .order_by("due_at", "pk")
    )
    held = list(found)
    opened = set(readable_signals(viewer).filter(pk__in=[e.pk for e in held]).values_list("pk", flat=True))
    lines = [_lying(each, viewer, now, is_open=each.pk in opened) for each in held]
    if only_overdue:
        lines = [each for each in lines if each.standing is Standing.OVERDUE]
    others = [each for each in lines if not each.is_mine]
    own_lines = [each for each in lines if each.is_mine]
    # What somebody said about safety stands first, whatever lies longer.
    own_lines.sort(key=lambda each: each.signal is None or each.signal.kind != RISK)
    if settled:
        own_lines.sort(key=lambda each: each.since, reverse=True)
    return own_lines, others


def _lying(signal: Signal, viewer: Viewer, now: datetime, *, is_open: bool) -> Lying:
    steps = [each.taken for each in signal.steps.all()]
    return Lying(
        signal=signal if is_open else None,
        owner=signal.owner.person.name,
        is_mine=signal.owner_id == viewer.staff_id,
        since=signal.raised_at,
        standing=standing_of(steps, due_at=signal.due_at, now=now),
    )


def agreements_to_look_at(viewer: Viewer, *, today: date) -> QuerySet[Agreement]:
    """What was agreed to be looked at again by now, of courses that the viewer is responsible for or noted it in."""
    waiting = Agreement.objects.filter(due_on__lte=today, done_on__isnull=True, dropped_on__isnull=True)
    mine = (
        Q(noted_by=viewer.staff_id)
        | Q(episode__responsible=viewer.staff_id)
        | Q(signal__owner=viewer.staff_id)
    )
    running = Q(episode__ended_on__isnull=True, episode__in=episodes(viewer).values("pk"))
    return (
        waiting.filter(mine, running)
        .prefetch_related("episode__participations__citizen__person")
        .order_by("due_on", "pk")
    )


def agreement_of(viewer: Viewer, agreement_id: uuid.UUID) -> Agreement | None:
    """The agreement, or None if it does not exist or is not the viewer's to see."""
    found = Agreement.objects.filter(pk=agreement_id, episode__in=episodes(viewer).values("pk"))
    return found.select_related("episode").first()


def colleagues(signal: Signal, *, now: datetime) -> QuerySet[Staff]:
    """Who could take a signal that the page has opened: workers who may open the record themselves."""
    able = able_for([signal.citizen_id], now=now)[signal.citizen_id]
    return Staff.objects.filter(pk__in=able).exclude(pk=signal.owner_id).select_related("person")
