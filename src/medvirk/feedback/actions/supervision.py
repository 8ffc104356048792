"""Supervision: meetings are planned and held, courses come on the agenda and off it, notes and decisions are kept."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from medvirk.feedback.actions.checks import Refused, worker
from medvirk.feedback.logic.supervision import kept
from medvirk.feedback.models import Agreement, Episode, Supervision, SupervisionCase, SupervisionNote
from medvirk.feedback.queries.supervision import helpers_of, whole_agenda
from medvirk.people.access import Permission, Viewer, can, log_access, log_house
from medvirk.people.models import AccessAction, Staff, Unit

#: What somebody wants to take up is a sentence; notes are a page.
LONGEST_WISH, LONGEST_NOTE = 300, 5000


def _in_team(by: Viewer, unit_id: object) -> None:
    if unit_id not in by.units_with(Permission.FOLLOW_CITIZENS):
        raise PermissionDenied


def _held(by: Viewer, meeting: Supervision) -> Supervision:
    """The meeting, locked, if it is one of the viewer's team.

    Raises:
        PermissionDenied: it is not.
    """
    _in_team(by, meeting.unit_id)
    return Supervision.objects.select_for_update(of=("self",)).get(pk=meeting.pk)


def _let_in(by: Viewer, episode: Episode, action: AccessAction) -> None:
    """Let a worker into the record that a case is about; logged.

    Raises:
        PermissionDenied: no relation to everybody who takes part.
    """
    decision = can(by, Permission.FOLLOW_CITIZENS, episode)
    if not decision.allowed:
        raise PermissionDenied
    log_access(by, episode.record_of(), "feedback.supervision", action=action, basis=decision.reason)


@transaction.atomic
def plan_supervision(*, by: Viewer, unit: Unit, day: date, now: datetime) -> Supervision:
    """Plan a team's next supervision. What waited to be taken up stands on its agenda.

    Raises:
        PermissionDenied: the viewer does not help in the team. Refused: `too_soon`; `one_ahead`, there is one already.
    """
    _in_team(by, unit.pk)
    if day < timezone.localdate(now):
        raise Refused("too_soon")
    log_house(by, "feedback.supervision", action=AccessAction.CREATED, basis="supervision")
    try:
        with transaction.atomic():
            meeting = Supervision.objects.create(unit=unit, day=day, planned_by_id=worker(by), planned_at=now)
    except IntegrityError:
        raise Refused("one_ahead") from None
    waiting = SupervisionCase.objects.filter(supervision__isnull=True, episode__unit=unit)
    waiting.update(supervision=meeting)
    return meeting


@transaction.atomic
def begin(*, by: Viewer, meeting: Supervision, present: Collection[Staff], now: datetime) -> Supervision:
    """Begin: the agenda is kept as it stands now, and who is there.

    Raises:
        PermissionDenied: see `_held`. Refused: `not_now`, it has begun; `nobody`, or `not_of_the_team`, those present.
    """
    held = _held(by, meeting)
    if held.begun_at is not None:
        raise Refused("not_now")
    _set_present(held, present, now)
    today = timezone.localdate(now)
    for line in whole_agenda(held, now=now):
        row = line.row or SupervisionCase(episode=line.episode)
        row.supervision, row.why = held, kept(line.reasons)
        row.save()
    # The day it was held, which is not always the one it was planned for.
    held.begun_at, held.day = now, today
    held.save(update_fields=["begun_at", "day"])
    return held


def _set_present(meeting: Supervision, present: Collection[Staff], now: datetime) -> None:
    if not present:
        raise Refused("nobody")
    team = set(helpers_of(meeting.unit, timezone.localdate(now)).values_list("pk", flat=True))
    if not {each.pk for each in present} <= team:
        raise Refused("not_of_the_team")
    meeting.present.set(present)


@transaction.atomic
def change_present(*, by: Viewer, meeting: Supervision, present: Collection[Staff], now: datetime) -> None:
    """Somebody came or left: what they may not hear of is set aside, or comes back.

    Raises:
        PermissionDenied: see `_held`. Refused: `not_now`, it is over or has not begun; and as `begin`.
    """
    held = _held(by, meeting)
    if held.begun_at is None or held.ended_at is not None:
        raise Refused("not_now")
    _set_present(held, present, now)


@transaction.atomic
def finish(*, by: Viewer, meeting: Supervision, now: datetime) -> None:
    """End a meeting: citizens can now read that their course was talked about, and what was agreed.

    Raises:
        PermissionDenied: see `_held`. Refused: `not_now`, it has not begun or is over.
    """
    held = _held(by, meeting)
    if held.begun_at is None or held.ended_at is not None:
        raise Refused("not_now")
    held.ended_at = now
    held.save(update_fields=["ended_at"])


@transaction.atomic
def go_on(*, by: Viewer, meeting: Supervision) -> None:
    """Undo an end.

    Raises:
        PermissionDenied: see `_held`. Refused: `not_now`; `one_ahead`, the next one is planned already.
    """
    held = _held(by, meeting)
    if held.ended_at is None:
        raise Refused("not_now")
    if Supervision.objects.filter(unit=held.unit_id, ended_at__isnull=True).exists():
        raise Refused("one_ahead")
    held.ended_at = None
    held.save(update_fields=["ended_at"])


@transaction.atomic
def take_off(*, by: Viewer, meeting: Supervision, episode: Episode, now: datetime) -> None:
    """Take a course off the agenda. It stays among those that can be put on again.

    Raises:
        PermissionDenied: see `_held` and `_let_in`. Refused: `not_now`, the meeting is over.
    """
    row = _row(by, meeting, episode)
    row.taken_off_at, row.taken_off_by_id = now, by.staff_id
    row.save()


@transaction.atomic
def put_on(*, by: Viewer, meeting: Supervision, episode: Episode, now: datetime) -> None:
    """Put a course on the agenda, or back on it.

    Raises:
        PermissionDenied: see `_held` and `_let_in`. Refused: `not_now`, the meeting is over.
    """
    row = _row(by, meeting, episode)
    if row.taken_off_at is None and not row.asked and row.asked_by_id is None:
        row.asked_by_id, row.asked_at = by.staff_id, now
    row.taken_off_at = row.taken_off_by = None
    row.save()


def _row(by: Viewer, meeting: Supervision, episode: Episode) -> SupervisionCase:
    held = _held(by, meeting)
    _let_in(by, episode, AccessAction.CHANGED)
    if held.ended_at is not None or episode.unit_id != held.unit_id:
        raise Refused("not_now")
    found = SupervisionCase.objects.filter(episode=episode, supervision=held).first()
    return found or SupervisionCase(episode=episode, supervision=held)


@transaction.atomic
def ask_for(*, by: Viewer, episode: Episode, words: str, now: datetime) -> SupervisionCase:
    """Ask to take a course up in the team's next supervision, in a sentence. Asked again, the new words stand.

    Raises:
        PermissionDenied: see `_let_in`; the viewer does not help in the team. Refused: `no_words`, `too_much`,
            `ended_already`.
    """
    _let_in(by, episode, AccessAction.CREATED)
    _in_team(by, episode.unit_id)
    text = " ".join(words.split())
    if not text:
        raise Refused("no_words")
    if len(text) > LONGEST_WISH:
        raise Refused("too_much")
    held = Episode.objects.select_for_update(of=("self",)).get(pk=episode.pk)
    if held.ended_on is not None:
        raise Refused("ended_already")
    ahead = Supervision.objects.filter(unit=held.unit_id, ended_at__isnull=True).first()
    row = SupervisionCase.objects.filter(episode=held, supervision=ahead).first()
    row = row or SupervisionCase(episode=held, supervision=ahead)
    row.asked, row.asked_by_id, row.asked_at = text, by.staff_id, now
    row.taken_off_at = row.taken_off_by = None
    row.save()
    return row


@transaction.atomic
def unask(*, by: Viewer, case: SupervisionCase) -> None:
    """Take back that somebody wanted to take a course up.

    Raises:
        PermissionDenied: see `_let_in`. Refused: `not_now`, the meeting has begun.
    """
    _let_in(by, case.episode, AccessAction.CHANGED)
    row = (
        SupervisionCase.objects.select_for_update(of=("self",)).select_related("supervision").get(pk=case.pk)
    )
    if row.supervision is not None and row.supervision.begun_at is not None:
        raise Refused("not_now")
    row.delete()


@transaction.atomic
def note(*, by: Viewer, case: SupervisionCase, text: str, now: datetime) -> SupervisionNote:
    """Write down what was said about a course.

    Raises:
        PermissionDenied: see `_let_in`. Refused: `no_words`, `too_much`; `not_now`, the meeting has not begun.
    """
    _let_in(by, case.episode, AccessAction.CREATED)
    _has_begun(by, case)
    return SupervisionNote.objects.create(
        case=case, text=_text(text), written_by_id=worker(by), written_at=now
    )


def _text(text: str) -> str:
    found = text.strip()
    if not found:
        raise Refused("no_words")
    if len(found) > LONGEST_NOTE:
        raise Refused("too_much")
    return found


def _has_begun(by: Viewer, case: SupervisionCase) -> None:
    meeting = case.supervision
    if meeting is None or meeting.begun_at is None:
        raise Refused("not_now")
    _in_team(by, meeting.unit_id)


@transaction.atomic
def take_back_note(*, by: Viewer, written: SupervisionNote, now: datetime) -> None:
    """Take back one's own note as a slip. It is kept, and shown nowhere.

    Raises:
        PermissionDenied: see `_let_in`; somebody else wrote it.
    """
    _let_in(by, written.case.episode, AccessAction.CHANGED)
    if written.written_by_id != by.staff_id:
        raise PermissionDenied
    SupervisionNote.objects.filter(pk=written.pk, undone_at__isnull=True).update(undone_at=now)


@transaction.atomic
def decide(*, by: Viewer, case: SupervisionCase, text: str, due_on: date | None, now: datetime) -> Agreement:
    """Keep what the team agreed about a course. The next meeting asks how it went.

    Raises:
        PermissionDenied: see `_let_in`. Refused: `no_words`, `too_much`; `too_soon`; `not_now`, as `note`.
    """
    _let_in(by, case.episode, AccessAction.CREATED)
    _has_begun(by, case)
    if due_on is not None and due_on < timezone.localdate(now):
        raise Refused("too_soon")
    return Agreement.objects.create(
        episode_id=case.episode_id,
        case=case,
        text=_text(text),
        due_on=due_on,
        noted_by_id=worker(by),
        noted_at=now,
    )
