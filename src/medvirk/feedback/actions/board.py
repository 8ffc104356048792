"""The team's board: courses are moved with a reason, tasks are given and done, crisis plans are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from medvirk.feedback.actions.checks import Refused, worker
from medvirk.feedback.actions.pauses import let_in_for
from medvirk.feedback.logic.board import DEFAULTS
from medvirk.feedback.models import (
    BoardColumn,
    BoardLook,
    BoardMove,
    BoardTask,
    CrisisPlan,
    Episode,
    PlanWish,
)
from medvirk.feedback.queries.board import columns_of
from medvirk.feedback.queries.owners import able_in
from medvirk.people.access import Permission, Viewer, can, log_access, log_house
from medvirk.people.models import AccessAction, Citizen, Staff, Unit

LONGEST_REASON, LONGEST_TASK, LONGEST_PLAN = 500, 300, 4000


def _held(by: Viewer, episode: Episode, what: str, action: AccessAction) -> Episode:
    """The course, locked, if the viewer may open everybody's record in it and it runs; logged.

    Raises:
        PermissionDenied: no relation. Refused: `ended_already`.
    """
    decision = can(by, Permission.FOLLOW_CITIZENS, episode)
    if not decision.allowed:
        raise PermissionDenied
    log_access(by, episode.record_of(), what, action=action, basis=decision.reason)
    held = Episode.objects.select_for_update(of=("self",)).get(pk=episode.pk)
    if held.ended_on is not None:
        raise Refused("ended_already")
    return held


def _text(text: str, most: int, empty: str = "no_words") -> str:
    found = text.strip()
    if not found:
        raise Refused(empty)
    if len(found) > most:
        raise Refused("too_much")
    return found


@dataclass(frozen=True)
class NewColumn:
    """A column as a team sets it. `id` of one there is, which is renamed and keeps its cards."""

    name: str
    contacts: float | None
    key: str = ""
    id: int | None = None


@transaction.atomic
def set_columns(
    *, by: Viewer, unit: Unit, columns: Sequence[NewColumn], starts_in: int, now: datetime
) -> list[BoardColumn]:
    """Name the columns of a team's board, from the closest help to the rarest. `starts_in`: the number of the one in
    which courses begin. What stood in a column that is gone stands there too.

    Raises:
        PermissionDenied: the viewer does not help in the team. Refused: `no_columns`; `no_start`.
    """
    if unit.pk not in by.units_with(Permission.FOLLOW_CITIZENS):
        raise PermissionDenied
    if not columns:
        raise Refused("no_columns")
    if not 0 <= starts_in < len(columns):
        raise Refused("no_start")
    log_house(by, "feedback.board", action=AccessAction.CHANGED, basis="columns")
    return _set_columns(unit, columns, starts_in, now)


def _set_columns(
    unit: Unit, columns: Sequence[NewColumn], starts_in: int, now: datetime
) -> list[BoardColumn]:
    Unit.objects.select_for_update(of=("self",)).get(pk=unit.pk)
    held = {each.pk: each for each in BoardColumn.objects.filter(unit=unit, retired_at__isnull=True)}
    keep = {each.id for each in columns if each.id in held}
    BoardColumn.objects.filter(pk__in=held.keys() - keep).update(retired_at=now)
    BoardColumn.objects.filter(pk__in=keep).update(starts_here=False)
    made = []
    for number, each in enumerate(columns):
        row = held.get(each.id) if each.id is not None else None
        row = row or BoardColumn(unit=unit)
        row.key, row.name, row.contacts = each.key, each.name.strip(), each.contacts
        row.position, row.starts_here = number, number == starts_in
        row.save()
        made.append(row)
    return made


@transaction.atomic
def move(
    *, by: Viewer, episode: Episode, to: int, reason: str, contacts: float | None = None, now: datetime
) -> BoardMove:
    """Let a course stand in another column from today, with a reason; or be met more or less often there.

    `to`: the number of the column. `contacts`: how often a week, where it is another number than the column's.

    Raises:
        PermissionDenied: see `_held`. Refused: see there; `no_reason`, `too_much`; `no_column`.
    """
    held = _held(by, episode, "feedback.board", AccessAction.CHANGED)
    text = _text(reason, LONGEST_REASON, "no_reason")
    columns = columns_of(held.unit_id)
    if not 0 <= to < len(columns):
        raise Refused("no_column")
    column_id = columns[to].id
    if column_id is None:
        ours = [NewColumn(each.name, each.contacts, each.key) for each in DEFAULTS]
        starts_in = next(number for number, each in enumerate(DEFAULTS) if each.starts_here)
        column_id = _set_columns(held.unit, ours, starts_in, now)[to].pk
    return BoardMove.objects.create(
        episode=held,
        column_id=column_id,
        day=timezone.localdate(now),
        reason=text,
        contacts=contacts,
        moved_by_id=worker(by),
        moved_at=now,
    )


@transaction.atomic
def look(*, by: Viewer, episode: Episode, now: datetime) -> None:
    """The team has looked at this course today. Pressed twice, it stands once.

    Raises:
        PermissionDenied, Refused: see `_held`.
    """
    held = _held(by, episode, "feedback.board", AccessAction.CHANGED)
    BoardLook.objects.get_or_create(
        episode=held, day=timezone.localdate(now), defaults={"looked_by_id": by.staff_id, "looked_at": now}
    )


@transaction.atomic
def unlook(*, by: Viewer, episode: Episode, now: datetime) -> None:
    """Undo that it was looked at today.

    Raises:
        PermissionDenied, Refused: see `_held`.
    """
    held = _held(by, episode, "feedback.board", AccessAction.CHANGED)
    BoardLook.objects.filter(episode=held, day=timezone.localdate(now)).delete()


@transaction.atomic
def give_task(
    *, by: Viewer, episode: Episode, text: str, who: Staff, due_on: date, now: datetime
) -> BoardTask:
    """Say who does what by when.

    Raises:
        PermissionDenied: see `_held`. Refused: see there; `no_words`, `too_much`, `too_soon`; `cannot_do`, they may not
            open the record of everybody who takes part today.
    """
    held = _held(by, episode, "feedback.board", AccessAction.CREATED)
    if due_on < timezone.localdate(now):
        raise Refused("too_soon")
    if who.pk not in able_in(held, now=now):
        raise Refused("cannot_do")
    return BoardTask.objects.create(
        episode=held,
        text=_text(text, LONGEST_TASK),
        who=who,
        due_on=due_on,
        made_by_id=worker(by),
        made_at=now,
    )


@transaction.atomic
def do_task(*, by: Viewer, task: BoardTask, now: datetime) -> None:
    """A task is done. Anybody in the team may say so.

    Raises:
        PermissionDenied, Refused: see `_held`.
    """
    _held(by, task.episode, "feedback.board", AccessAction.CHANGED)
    BoardTask.objects.filter(pk=task.pk, done_at__isnull=True).update(done_at=now, done_by=by.staff_id)


@transaction.atomic
def undo_task(*, by: Viewer, task: BoardTask) -> None:
    """Undo that a task was done.

    Raises:
        PermissionDenied, Refused: see `_held`.
    """
    _held(by, task.episode, "feedback.board", AccessAction.CHANGED)
    BoardTask.objects.filter(pk=task.pk).update(done_at=None, done_by=None)


@transaction.atomic
def drop_task(*, by: Viewer, task: BoardTask, now: datetime) -> None:
    """A task was written by a slip, or is not needed any more. It is kept, and shown nowhere.

    Raises:
        PermissionDenied, Refused: see `_held`.
    """
    _held(by, task.episode, "feedback.board", AccessAction.CHANGED)
    BoardTask.objects.filter(pk=task.pk).update(dropped_at=now)


@transaction.atomic
def write_plan(
    *,
    by: Viewer,
    citizen: Citizen,
    signs: str,
    helps: str,
    calls: str,
    with_citizen: bool,
    now: datetime,
    opened_at: datetime | None = None,
) -> CrisisPlan:
    """Write a new version of a citizen's crisis plan. What they wished for before `opened_at` is answered by it.

    `opened_at`: when the writer saw what stood there; now, unless told.

    Raises:
        PermissionDenied: no relation. Refused: `no_words`, `too_much`; `newer`, somebody has written since.
    """
    opened_at = opened_at or now
    decision = can(by, Permission.FOLLOW_CITIZENS, citizen)
    if not decision.allowed or by.staff_id is None:
        raise PermissionDenied
    log_access(by, [citizen.pk], "feedback.crisis_plan", action=AccessAction.CHANGED, basis=decision.reason)
    parts = [each.strip() for each in (signs, helps, calls)]
    if not any(parts):
        raise Refused("no_words")
    if any(len(each) > LONGEST_PLAN for each in parts):
        raise Refused("too_much")
    # One at a time: of two who write at once, the second is shown what the first wrote.
    Citizen.objects.select_for_update().get(pk=citizen.pk)
    if CrisisPlan.objects.filter(citizen=citizen, written_at__gt=opened_at).exists():
        raise Refused("newer")
    plan = CrisisPlan.objects.create(
        citizen=citizen,
        signs=parts[0],
        helps=parts[1],
        calls=parts[2],
        with_citizen=with_citizen,
        written_by_id=worker(by),
        written_at=now,
    )
    waiting = PlanWish.objects.filter(citizen=citizen, seen_at__isnull=True, wished_at__lte=opened_at)
    waiting.update(seen_at=now, seen_by=by.staff_id)
    return plan


@transaction.atomic
def wish_for(*, by: Viewer, citizen: Citizen, text: str, now: datetime) -> PlanWish:
    """Say what should be different in one's crisis plan, from one's own pages.

    Raises:
        PermissionDenied: see `let_in_for`. Refused: `no_words`, `too_much`.
    """
    person_id = let_in_for(by, citizen, "feedback.crisis_plan", AccessAction.CREATED)
    return PlanWish.objects.create(
        citizen=citizen, text=_text(text, LONGEST_PLAN), wished_by_id=person_id, wished_at=now
    )


@transaction.atomic
def take_back_wish(*, by: Viewer, wish: PlanWish) -> None:
    """Take back what one wanted changed, as long as nobody has seen it.

    Raises:
        PermissionDenied: see `let_in_for`; somebody else said it.
    """
    person_id = let_in_for(by, wish.citizen, "feedback.crisis_plan", AccessAction.CHANGED)
    if wish.wished_by_id != person_id:
        raise PermissionDenied
    PlanWish.objects.filter(pk=wish.pk, seen_at__isnull=True).delete()
