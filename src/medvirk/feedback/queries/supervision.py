"""Supervision as pages show it. Every function takes the viewer and returns only what that viewer may see.

A case is shown to those who may open the record of everybody it is about. Who is in the room counts too: what one of
those present may not open is set aside, so that it does not stand on the screen they look at (`aside`).
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.db.models import Count, Q, QuerySet
from django.utils import timezone

from medvirk.feedback.logic.pauses import pause_at
from medvirk.feedback.logic.supervision import (
    ORDER,
    Facts,
    Reason,
    Since,
    moved_since,
    read_back,
    reasons_for,
)
from medvirk.feedback.models import Agreement, Episode, Signal, Supervision, SupervisionCase, SupervisionNote
from medvirk.feedback.queries.courses import Followed, follow
from medvirk.feedback.queries.fetching import Fetched, episodes, fetch
from medvirk.feedback.queries.owners import able_for
from medvirk.people.access import Permission, Viewer, roles_with
from medvirk.people.models import Bar, Citizen, Grant, Staff, Unit


def teams(viewer: Viewer) -> QuerySet[Unit]:
    """The teams that the viewer helps in."""
    mine = viewer.units_with(Permission.FOLLOW_CITIZENS)
    return Unit.objects.on(viewer.today).filter(pk__in=mine).order_by("name")


def team_of(viewer: Viewer, unit_id: uuid.UUID) -> Unit | None:
    """One of `teams`, or None."""
    return teams(viewer).filter(pk=unit_id).first()


def helpers_of(unit: Unit, day: date) -> QuerySet[Staff]:
    """Those who help in a team on a day: it says nothing of any citizen, so it takes no viewer."""
    held = Grant.objects.on(day).filter(unit=unit, role__in=roles_with(Permission.FOLLOW_CITIZENS))
    found = Staff.objects.filter(pk__in=held.values("staff_id")).select_related("person")
    return found.order_by("pk")


def supervision_of(viewer: Viewer, supervision_id: uuid.UUID) -> Supervision | None:
    """The meeting, or None if it does not exist or is of a team that the viewer does not help in."""
    mine = viewer.units_with(Permission.FOLLOW_CITIZENS)
    return Supervision.objects.select_related("unit").filter(pk=supervision_id, unit__in=mine).first()


def case_of(viewer: Viewer, case_id: uuid.UUID) -> SupervisionCase | None:
    """The case, or None if it does not exist or is not the viewer's to see."""
    found = SupervisionCase.objects.filter(pk=case_id, episode__in=episodes(viewer).values("pk"))
    return found.select_related("supervision", "episode").first()


def note_of(viewer: Viewer, note_id: uuid.UUID) -> SupervisionNote | None:
    """A note that the viewer wrote themselves, of a case they may still see."""
    mine = SupervisionNote.objects.filter(pk=note_id, written_by=viewer.staff_id, undone_at__isnull=True)
    return (
        mine.filter(case__episode__in=episodes(viewer).values("pk")).select_related("case__episode").first()
    )


class Aside(StrEnum):
    """Why a case is not shown while these are present."""

    NO = ""
    # Somebody present has no relation to the citizen.
    NOT_OPEN = "not_open"
    # The citizen keeps somebody present out, or it is their own record: not even without a name.
    KEPT_OUT = "kept_out"


@dataclass(frozen=True)
class Earlier:
    """What was agreed in an earlier meeting, and what the measures of each who takes part did since."""

    agreement: Agreement
    day: date
    since: tuple[tuple[Citizen, Since], ...]


@dataclass(frozen=True)
class Line:
    """One course on the agenda. `row` is None as long as only the house's own reasons put it there."""

    fetched: Fetched
    followed: tuple[Followed, ...]
    reasons: tuple[Reason, ...]
    row: SupervisionCase | None
    earlier: tuple[Earlier, ...]
    notes: tuple[SupervisionNote, ...]
    agreed: tuple[Agreement, ...]
    aside: Aside

    @property
    def episode(self) -> Episode:
        return self.fetched.episode

    @property
    def citizens(self) -> tuple[Citizen, ...]:
        return self.fetched.citizens

    @property
    def off(self) -> bool:
        return self.row is not None and self.row.taken_off_at is not None

    @property
    def conversations(self) -> int:
        return max((len(each.course.points) for each in self.followed), default=0)


@dataclass(frozen=True)
class Agenda:
    """A meeting's lines, the most pressing first, with what was taken off and what could still be put on."""

    lines: tuple[Line, ...]
    off: tuple[Line, ...]
    aside: tuple[Line, ...]
    others: tuple[Line, ...]


def agenda(viewer: Viewer, meeting: Supervision, *, now: datetime, language: str) -> Agenda:
    """The agenda of a meeting (from `supervision_of`) as this viewer may see it.

    Until the meeting is begun: every running course of the team that there is a reason to talk about. From then on:
    what was on it. A fixed number of queries, however many courses.
    """
    chosen = episodes(viewer)
    if meeting.begun_at is None:
        chosen = chosen.filter(unit=meeting.unit_id, ended_on__isnull=True)
    else:
        of_now = Q(unit=meeting.unit_id, ended_on__isnull=True) if meeting.ended_at is None else Q(pk__in=[])
        chosen = chosen.filter(of_now | Q(pk__in=meeting.cases.values("episode_id")))
    lines = _lines(viewer, meeting, fetch(chosen), now=now, language=language)
    on = [each for each in lines if _is_on(each, meeting)]
    shown = [each for each in on if each.aside is Aside.NO]
    return Agenda(
        lines=tuple(sorted(shown, key=_rank)),
        off=tuple(each for each in lines if each.off and each.aside is Aside.NO),
        aside=tuple(sorted((each for each in on if each.aside is not Aside.NO), key=_rank)),
        others=tuple(
            each for each in lines if not each.off and each.aside is Aside.NO and not _is_on(each, meeting)
        ),
    )


def whole_agenda(meeting: Supervision, *, now: datetime) -> list[Line]:
    """Every line there is a reason or a wish for, for the house itself, which keeps them when the meeting begins."""
    chosen = Episode.objects.filter(unit=meeting.unit_id, ended_on__isnull=True)
    return [
        each
        for each in _lines(None, meeting, fetch(chosen), now=now, language="en")
        if each.reasons or each.row
    ]


def _is_on(line: Line, meeting: Supervision) -> bool:
    if line.off:
        return False
    return line.row is not None if meeting.begun_at is not None else bool(line.reasons)


def _rank(line: Line) -> tuple[int, int, date]:
    first = min((ORDER.index(each.kind) for each in line.reasons), default=len(ORDER))
    return first, -len(line.reasons), line.episode.started_on


def _lines(
    viewer: Viewer | None, meeting: Supervision, listed: Sequence[Fetched], *, now: datetime, language: str
) -> list[Line]:
    ids = [each.episode.pk for each in listed]
    followed: dict[uuid.UUID, list[Followed]] = {}
    for course in follow(viewer, listed, now=now, language=language):
        followed.setdefault(course.episode.pk, []).append(course)
    rows = _rows(meeting, ids)
    agreed = _agreements(ids)
    overdue = _overdue(ids, now)
    aside = _asides(meeting, listed, now=now)
    notes: dict[uuid.UUID, list[SupervisionNote]] = {}
    for note in SupervisionNote.objects.filter(
        case__in=[each.pk for each in rows.values()], undone_at__isnull=True
    ).select_related("written_by__person"):
        notes.setdefault(note.case_id, []).append(note)
    result = []
    for each in listed:
        row, own = rows.get(each.episode.pk), tuple(followed.get(each.episode.pk, ()))
        mine = agreed.get(each.episode.pk, ())
        before = [one for one in mine if row is None or one.case_id != row.pk]
        earlier = _earlier(before, own, meeting)
        facts = _facts(each, own, overdue.get(each.episode.pk, 0), earlier, row, now=now)
        frozen = meeting.begun_at is not None and row is not None
        result.append(
            Line(
                fetched=each,
                followed=own,
                reasons=read_back(row.why) if frozen and row else reasons_for(facts, timezone.localdate(now)),
                row=row,
                earlier=tuple(earlier),
                notes=tuple(notes.get(row.pk, ())) if row else (),
                agreed=tuple(one for one in mine if row is not None and one.case_id == row.pk),
                aside=aside[each.episode.pk],
            )
        )
    return result


def _rows(meeting: Supervision, ids: Collection[uuid.UUID]) -> dict[uuid.UUID, SupervisionCase]:
    """By course: its row in this meeting; until it begins also the wish that waits for it."""
    there = Q(supervision=meeting)
    if meeting.ended_at is None:
        there |= Q(supervision__isnull=True)
    found = SupervisionCase.objects.filter(there, episode__in=ids).select_related("asked_by__person")
    rows: dict[uuid.UUID, SupervisionCase] = {}
    for row in found.order_by("pk"):
        # What stands in this meeting already goes before a wish that waits.
        if row.supervision_id is not None or row.episode_id not in rows:
            rows[row.episode_id] = row
    return rows


def _agreements(ids: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Agreement]]:
    found: dict[uuid.UUID, list[Agreement]] = {}
    listed = Agreement.objects.filter(episode__in=ids, case__isnull=False)
    for each in listed.select_related("case__supervision", "noted_by__person").order_by("noted_at", "pk"):
        found.setdefault(each.episode_id, []).append(each)
    return found


def _overdue(ids: Collection[uuid.UUID], now: datetime) -> dict[uuid.UUID, int]:
    lying = Signal.objects.filter(episode__in=ids, settled_at__isnull=True, due_at__lte=now)
    return dict(lying.values_list("episode_id").annotate(n=Count("pk")).order_by())


def _asides(meeting: Supervision, listed: Sequence[Fetched], *, now: datetime) -> dict[uuid.UUID, Aside]:
    """By course, whether somebody present may not hear of it. Nobody is present before the meeting has begun."""
    present = set(meeting.present.values_list("pk", flat=True)) if meeting.ended_at is None else set()
    ids = {citizen.pk for each in listed for citizen in each.citizens}
    if not present or not ids:
        return {each.episode.pk: Aside.NO for each in listed}
    able, today = able_for(ids, now=now), timezone.localdate(now)
    barred = set(
        Bar.objects.at(now).filter(staff__in=present, citizen__in=ids).values_list("citizen_id", flat=True)
    )
    barred |= set(Citizen.objects.filter(pk__in=ids, person__staff__in=present).values_list("pk", flat=True))

    def aside(each: Fetched) -> Aside:
        if any(citizen.pk in barred for citizen in each.citizens):
            return Aside.KEPT_OUT
        # Who has left keeps their bars, and nobody needs a relation to them any more.
        there = [citizen for citizen in each.citizens if each.takes_part(citizen.pk, today)] or each.citizens
        return Aside.NO if all(present <= able[citizen.pk] for citizen in there) else Aside.NOT_OPEN

    return {each.episode.pk: aside(each) for each in listed}


def _earlier(
    agreements: Iterable[Agreement], followed: Sequence[Followed], meeting: Supervision
) -> list[Earlier]:
    """What has not ended, and what ended since the meeting before: at the next meeting it is looked at again."""
    found = []
    for each in agreements:
        case = each.case
        if case is None or case.supervision is None or case.supervision.planned_at > meeting.planned_at:
            continue
        day = case.supervision.day
        since = tuple((one.citizen, moved_since(one.course, _days(one), day)) for one in followed)
        found.append(Earlier(each, day, since))
    latest = max((each.day for each in found), default=None)
    return [each for each in found if each.day == latest or not _ended(each.agreement)]


def _ended(agreement: Agreement) -> bool:
    return agreement.done_on is not None or agreement.dropped_on is not None


def _days(followed: Followed) -> list[date]:
    return [timezone.localdate(point.starts_at) for point in followed.course.points]


def _facts(
    fetched: Fetched,
    followed: Sequence[Followed],
    overdue: int,
    earlier: Sequence[Earlier],
    row: SupervisionCase | None,
    *,
    now: datetime,
) -> Facts:
    today = timezone.localdate(now)
    measured = [timezone.localdate(each.latest.starts_at) for each in followed if each.latest is not None]
    return Facts(
        started_on=fetched.episode.started_on,
        found=[found for each in followed for found in each.found],
        conversations=max((len(each.course.points) for each in followed), default=0),
        measured_on=min(measured) if measured and len(measured) == len(followed) else None,
        paused=any(pause_at(some, now, today) is not None for some in fetched.pauses.values()),
        overdue=overdue,
        agreed=sum(not _ended(each.agreement) for each in earlier),
        asked=row is not None and bool(row.asked) and row.taken_off_at is None,
    )


def waiting_case(viewer: Viewer, episode: Episode) -> SupervisionCase | None:
    """The wish to take this course up that waits for the next meeting."""
    found = SupervisionCase.objects.filter(episode=episode, episode__in=episodes(viewer).values("pk"))
    return found.filter(Q(supervision__isnull=True) | Q(supervision__begun_at__isnull=True)).first()


@dataclass(frozen=True)
class TalkedAbout:
    """That a course was talked about in supervision on a day, and what was agreed then."""

    day: date
    agreed: tuple[str, ...]


def talked_about(of: Collection[uuid.UUID]) -> list[TalkedAbout]:
    """When these courses (of `own_episodes`) were talked about, the newest first, for the citizen to read."""
    cases = SupervisionCase.objects.filter(
        episode__in=list(of), supervision__ended_at__isnull=False, taken_off_at__isnull=True
    )
    found = (
        cases.select_related("supervision").prefetch_related("agreements").order_by("-supervision__day", "pk")
    )
    return [
        TalkedAbout(each.supervision.day, tuple(one.text for one in each.agreements.all()))
        for each in found
        if each.supervision is not None
    ]


@dataclass(frozen=True)
class Team:
    """A team with the meeting ahead, or going on, and those that were: (meeting, cases that the viewer may see)."""

    unit: Unit
    ahead: Supervision | None
    past: tuple[tuple[Supervision, int], ...]


def upcoming_and_past(viewer: Viewer, units: Sequence[Unit]) -> list[Team]:
    """The meetings of these teams (of `teams`). Two queries."""
    held = list(
        Supervision.objects.filter(unit__in=[each.pk for each in units]).order_by("-day", "-planned_at")
    )
    mine = SupervisionCase.objects.filter(
        supervision__in=[each.pk for each in held],
        taken_off_at__isnull=True,
        episode__in=episodes(viewer).values("pk"),
    )
    counts = dict(mine.values_list("supervision_id").annotate(n=Count("pk")).order_by())
    return [
        Team(
            unit,
            next((each for each in held if each.unit_id == unit.pk and each.ended_at is None), None),
            tuple(
                (each, counts.get(each.pk, 0))
                for each in held
                if each.unit_id == unit.pk and each.ended_at is not None
            ),
        )
        for unit in units
    ]
