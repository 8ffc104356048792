"""Changing what is asked when: in a unit, for courses that start there from now on, and in one course."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from medvirk.feedback.actions.asking import settle_coming
from medvirk.feedback.actions.checks import Refused
from medvirk.feedback.logic.schedules import NUMBERED, Line
from medvirk.feedback.models import Episode, Moment, Rule, Schedule, ScheduleLine
from medvirk.feedback.queries.risk import units_to_set
from medvirk.feedback.queries.schedules import choosable, schedule_of_unit
from medvirk.people.access import Permission, Viewer, can, log_access
from medvirk.people.access.log import log_house
from medvirk.people.models import AccessAction, Unit

#: A plan with more lines than this asks more than anybody wants to answer.
MOST_LINES = 12
#: More conversations, or months, than this are not a plan any more.
MOST_NUMBER = 60


def start_with_the_units_plan(episode: Episode) -> None:
    """Give a new course the plan of its unit, or of the nearest unit above; nothing where there is none."""
    found = schedule_of_unit(episode.unit_id, episode.started_on)
    if found is None:
        return
    own = Schedule.objects.create(episode=episode, eases=found.eases)
    ScheduleLine.objects.bulk_create(_copied(own, found.lines.all()))


def _copied(to: Schedule, lines: Iterable[ScheduleLine]) -> list[ScheduleLine]:
    return [
        ScheduleLine(
            schedule=to,
            instrument_key=line.instrument_key,
            instrument_version=line.instrument_version,
            moment=line.moment,
            rule=line.rule,
            number=line.number,
        )
        for line in lines
    ]


def _schedule(by: Viewer, of: Unit | Episode) -> Schedule:
    """The schedule, locked; made where there is none. One of a course begins empty, as courses have always been.

    Raises:
        PermissionDenied: the unit is not theirs to plan, or the record not open to them.
    """
    if isinstance(of, Unit):
        if of.pk not in {each.pk for each in units_to_set(by)}:
            raise PermissionDenied
        log_house(by, "feedback.schedule", action=AccessAction.CHANGED, basis="schedule")
        schedule, _ = Schedule.objects.select_for_update().get_or_create(unit=of)
        return schedule
    decision = can(by, Permission.FOLLOW_CITIZENS, of)
    if not decision.allowed:
        raise PermissionDenied
    log_access(by, of.record_of(), "feedback.schedule", action=AccessAction.CHANGED, basis=decision.reason)
    schedule, _ = Schedule.objects.select_for_update().get_or_create(episode=of)
    return schedule


def _follow(by: Viewer, of: Unit | Episode, now: datetime) -> None:
    """What nobody has begun to answer in this course follows at once; a unit's plan is for new courses."""
    if isinstance(of, Episode):
        settle_coming(by=by, episodes=[of], now=now)


@transaction.atomic
def add_line(*, by: Viewer, of: Unit | Episode, line: Line, now: datetime) -> ScheduleLine:
    """Ask a questionnaire by a rule.

    Raises:
        PermissionDenied: see `_schedule`. Refused: `no_wording`, nobody can be asked it here; `no_number` where the
        rule needs one within reason; `said_already`; `too_many`.
    """
    schedule = _schedule(by, of)
    askable, _ = choosable()
    if line.form not in {(each.key, each.version) for each in askable}:
        raise Refused("no_wording")
    number = line.number if line.when in NUMBERED else 0
    if line.when in NUMBERED and not 1 <= number <= MOST_NUMBER:
        raise Refused("no_number")
    said = {
        "instrument_key": line.form[0],
        "moment": Moment(line.moment),
        "rule": Rule(line.when),
        "number": number,
    }
    if schedule.lines.filter(**said).exists():
        raise Refused("said_already")
    if schedule.lines.count() >= MOST_LINES:
        raise Refused("too_many")
    made = ScheduleLine.objects.create(schedule=schedule, instrument_version=line.form[1], **said)
    _follow(by, of, now)
    return made


@transaction.atomic
def remove_line(*, by: Viewer, of: Unit | Episode, line_id: int, now: datetime) -> bool:
    """Ask it no more; False where the line was gone already.

    Raises:
        PermissionDenied: see `_schedule`.
    """
    schedule = _schedule(by, of)
    gone, _ = ScheduleLine.objects.filter(schedule=schedule, pk=line_id).delete()
    _follow(by, of, now)
    return bool(gone)


@transaction.atomic
def set_easing(*, by: Viewer, of: Unit | Episode, eases: bool, now: datetime) -> None:
    """Ask less while nothing moves, or not.

    Raises:
        PermissionDenied: see `_schedule`.
    """
    schedule = _schedule(by, of)
    schedule.eases = eases
    schedule.save(update_fields=["eases"])
    _follow(by, of, now)


@transaction.atomic
def set_safety(*, by: Viewer, episode: Episode, asks: bool, now: datetime) -> None:
    """Ask the question about safety before every conversation of this course, or not at all.

    Raises:
        PermissionDenied: the record is not open to them.
    """
    _schedule(by, episode)
    episode.asks_safety = asks
    episode.save(update_fields=["asks_safety"])
    _follow(by, episode, now)


@transaction.atomic
def take_the_units_plan(*, by: Viewer, episode: Episode, now: datetime) -> None:
    """Plan this course as new ones in its unit are planned today.

    Raises:
        PermissionDenied: the record is not open to them.
    """
    schedule = _schedule(by, episode)
    found = schedule_of_unit(episode.unit_id, by.today)
    schedule.lines.all().delete()
    schedule.eases = found is not None and found.eases
    schedule.save(update_fields=["eases"])
    if found is not None:
        ScheduleLine.objects.bulk_create(_copied(schedule, found.lines.all()))
    _follow(by, episode, now)
