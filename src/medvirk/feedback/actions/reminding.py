"""Sending invitations and reminders, calling off what no longer holds, and deciding what is sent where."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from medvirk.answers.actions import keep_links, message_link
from medvirk.answers.models import Occasion, Submission
from medvirk.feedback.actions.checks import Refused
from medvirk.feedback.logic.reminding import (
    LEAST_AHEAD,
    LONGEST_AHEAD,
    Facts,
    Kind,
    Plan,
    Planned,
    link_ends,
    planned,
    when_it_goes,
)
from medvirk.feedback.models import Asking, Episode, Reminder, ReminderChoice, ReminderPlan, Session
from medvirk.feedback.queries.reminder_texts import Written, text_key, text_of, texts_written
from medvirk.feedback.queries.reminding import (
    UNREAD,
    About,
    Plans,
    abouts,
    asked_themselves,
    maybe_due,
    plans_on,
)
from medvirk.messages.actions import CitizenLetter, cancel, write_to_citizens
from medvirk.messages.queries import called_off
from medvirk.people.access import Permission, Viewer, can, log_access
from medvirk.people.access.log import log_house
from medvirk.people.models import AccessAction, Staff, Unit
from medvirk.people.queries.units import scope_of

#: So many are written to in one transaction: whoever answers meanwhile waits no longer than that takes.
BATCH = 200
#: No message waits longer than this to be sent: it is not wanted once the conversation has begun.
MAY_WAIT = timedelta(hours=LONGEST_AHEAD + 48)


@dataclass(frozen=True)
class _Wanted:
    """A message that is to be queued. `tells_how_to_stop`: it is the first in the course."""

    about: About
    what: Planned
    names_time: bool
    tells_how_to_stop: bool
    by: Staff | None = None


def send_due(now: datetime) -> int:
    """Queue every message that is due, batch by batch, and call off what no longer holds; how many were queued.

    Killed at any moment, the next run goes on where this one stopped: a batch is queued whole or not at all.
    """
    call_off_moved(now)
    plans = plans_on(timezone.localdate(now))
    if not plans.by_unit and not any(plans.by_episode.values()):
        return 0
    ids = list(maybe_due(plans, now, settings.QUIET_HOURS).order_by("pk").values_list("pk", flat=True))
    written = texts_written()
    return sum(
        _send_batch(ids[start : start + BATCH], plans, written, now) for start in range(0, len(ids), BATCH)
    )


@transaction.atomic
def _send_batch(ids: Sequence[int], plans: Plans, written: Written, now: datetime) -> int:
    found = _locked(ids, now)
    quiet = settings.QUIET_HOURS
    due = [
        (about, what, plan)
        for about in found
        for plan in [plans.of(about.asking.session.episode.unit_id, about.asking.session.episode_id)]
        for what in planned(about.facts, plan, quiet)
        if what.is_due(now, quiet)
    ]
    met = _written_to_before([about.asking for about, _what, _plan in due])
    wanted = [
        _Wanted(about, what, plan.names_time, _course(about.asking) not in met) for about, what, plan in due
    ]
    return len(_queue(wanted, plans, written, now))


def _locked(ids: Sequence[int], now: datetime) -> list[About]:
    """These with the facts as they are once nobody else can answer, close or remind any of them meanwhile."""
    occasions = Occasion.objects.select_for_update(of=("self",)).filter(asking__in=ids)
    list(occasions.order_by("pk").values_list("pk", flat=True))
    # Read after the lock was taken: what was done before it is known by now.
    return abouts(asked_themselves().defer(*UNREAD).filter(pk__in=ids).order_by("pk"), now)


def _course(asking: Asking) -> tuple[uuid.UUID, uuid.UUID]:
    return asking.session.episode_id, asking.citizen_id


def _written_to_before(askings: Iterable[Asking]) -> set[tuple[uuid.UUID, uuid.UUID]]:
    """The (course, citizen) in which something was sent already, so that how to stop it was told."""
    rows = Reminder.objects.filter(
        asking__session__episode__in={each.session.episode_id for each in askings}, called_off_at=None
    ).exclude(channel="")
    return set(rows.values_list("asking__session__episode_id", "asking__citizen_id"))


def _queue(wanted: Iterable[_Wanted], plans: Plans, written: Written, now: datetime) -> list[Reminder]:
    """Queue these with a link each, and note what was queued, or why it could not be."""
    letters, links, rows = [], {}, {}
    for each in wanted:
        asking, start = each.about.asking, each.about.asking.session.starts_at
        row = Reminder(asking=asking, kind=each.what.kind, for_time=start, made_at=now, by=each.by)
        token, link = message_link(occasion_id=asking.occasion_id, now=now, expires_at=link_ends(start, now))
        words = text_of(
            text_key(each.what.kind, before=each.about.facts.before, names_time=each.names_time),
            asking.citizen.person.language,
            written=written,
            above=plans.above(asking.session.episode.unit_id),
            starts_at=start,
            link=f"{settings.ADDRESS}{reverse('answers:answer', args=[token])}",
        )
        rows[row.once], links[row.once] = row, link
        letters.append(
            CitizenLetter(
                asking.citizen,
                f"feedback.{each.what.kind}",
                {"words": words},
                row.once,
                expires_at=each.what.until,
                tells_how_to_stop=each.tells_how_to_stop,
            )
        )
    told = write_to_citizens(letters=letters, now=now)
    for once, row in rows.items():
        row.channel, row.why_not = told[once].channel, str(told[once].why_not or "")
    keep_links(links[once] for once, row in rows.items() if row.channel)
    return Reminder.objects.bulk_create(rows.values())


def call_off(occasion_ids: Collection[uuid.UUID]) -> None:
    """What waits to be sent about these is not sent (`answers.hooks`): answered, closed, or they would rather not."""
    _call_off(Reminder.objects.filter(asking__occasion__in=list(occasion_ids)), timezone.now())


def on_answer(submission: Submission, at_risk: bool) -> None:  # noqa: ARG001  a hook's shape
    call_off([submission.occasion_id])


@transaction.atomic
def call_off_moved(now: datetime) -> None:
    """A message that still waits and names a time that no longer holds is not sent; a new one is worked out."""
    stale = ~Q(for_time=F("asking__session__starts_at")) | Q(asking__session__cancelled_at__isnull=False)
    stale |= Q(asking__session__episode__ended_on__isnull=False)
    _call_off(Reminder.objects.filter(stale, made_at__gt=now - MAY_WAIT), now)


def outdate(session: Session, now: datetime) -> None:
    """The conversation is at another time: what waits to be sent about it is not, and what was sent counts no more."""
    rows = Reminder.objects.filter(asking__session=session, outdated_at=None)
    _call_off(rows, now)
    rows.filter(called_off_at=None).update(outdated_at=now)


def _call_off(rows: QuerySet[Reminder], now: datetime) -> None:
    """Call off those of these messages that still wait; what has left the house stays as sent."""
    by_key = {row.once: row.pk for row in rows.filter(called_off_at=None).exclude(channel="")}
    if by_key and cancel(once=by_key):
        gone = [by_key[once] for once in called_off(by_key)]
        Reminder.objects.filter(pk__in=gone).update(called_off_at=now)


@transaction.atomic
def send_now(*, by: Viewer, asking: Asking, now: datetime) -> tuple[Reminder, datetime]:
    """Send a message about what is asked at a worker's wish, once; with it, when it leaves the house.

    Raises:
        PermissionDenied: no relation to the citizen. Refused: `no_consent`; `settled`, there is nothing to answer any
            more; `sent_by_hand` already; `begun`, or the conversation begins before the message could go; `too_soon`
            for what is asked after it.
    """
    decision = can(by, Permission.FOLLOW_CITIZENS, asking.session)
    if not decision.allowed or by.staff_id is None:
        raise PermissionDenied
    log_access(
        by, [asking.citizen_id], "feedback.reminder", action=AccessAction.CREATED, basis=decision.reason
    )
    # One that could not be sent may be tried again: a number may be known by now.
    Reminder.objects.filter(asking=asking, kind=Kind.BY_HAND, channel="").delete()
    about = _locked([asking.pk], now)[0]
    goes = when_it_goes(now, settings.QUIET_HOURS)
    start = about.facts.starts_at
    until = start if about.facts.before else link_ends(start, now)
    if not about.facts.before and now < start:
        raise Refused("too_soon")
    if reason := _why_not_now(about.facts, goes, until):
        raise Refused(reason)
    plans = plans_on(by.today)
    plan = plans.of(about.asking.session.episode.unit_id, about.asking.session.episode_id)
    staff = Staff.objects.get(pk=by.staff_id)
    what = Planned(Kind.BY_HAND, goes, until)
    tells = _course(about.asking) not in _written_to_before([about.asking])
    wanted = _Wanted(about, what, plan.names_time, tells, staff)
    return _queue([wanted], plans, texts_written(), now)[0], goes


def _why_not_now(facts: Facts, goes: datetime, until: datetime) -> str:
    if facts.unreachable:
        return "no_consent"
    if replace(facts, declined=False).settled:
        return "settled"
    if Kind.BY_HAND in facts.sent:
        return "sent_by_hand"
    return "begun" if facts.before and goes >= until - LEAST_AHEAD else ""


@transaction.atomic
def decide(*, by: Viewer, unit: Unit, plan: Plan) -> ReminderPlan:
    """Decide what is sent in a unit, and in those under it that decide nothing themselves.

    Raises:
        PermissionDenied: the unit is not the viewer's to decide for.
    """
    if unit.pk not in scope_of(by, Permission.SET_PROCEDURES):
        raise PermissionDenied
    log_house(by, "feedback.reminder", action=AccessAction.CHANGED, basis="reminders")
    row, _ = ReminderPlan.objects.update_or_create(
        unit=unit,
        defaults={
            "sends": plan.sends,
            "invite_hours": plan.invite_hours,
            "remind_hours": plan.remind_hours,
            "after_hours": plan.after_hours,
            "names_time": plan.names_time,
        },
    )
    return row


@transaction.atomic
def follow_the_unit_above(*, by: Viewer, unit: Unit) -> None:
    """The unit decides nothing itself any more.

    Raises:
        PermissionDenied: the unit is not the viewer's to decide for.
    """
    if unit.pk not in scope_of(by, Permission.SET_PROCEDURES):
        raise PermissionDenied
    log_house(by, "feedback.reminder", action=AccessAction.CHANGED, basis="reminders")
    ReminderPlan.objects.filter(unit=unit).delete()


@transaction.atomic
def choose_for_course(*, by: Viewer, episode: Episode, sends: bool | None) -> None:
    """Send, or do not send, in this one course; None lets it follow its unit. What waits is called off by a no.

    Raises:
        PermissionDenied: no relation to the citizen.
    """
    decision = can(by, Permission.FOLLOW_CITIZENS, episode)
    if not decision.allowed:
        raise PermissionDenied
    log_access(
        by, episode.record_of(), "feedback.reminder", action=AccessAction.CHANGED, basis=decision.reason
    )
    if sends is None:
        ReminderChoice.objects.filter(episode=episode).delete()
        return
    ReminderChoice.objects.update_or_create(episode=episode, defaults={"sends": sends})
    if not sends:
        _call_off(Reminder.objects.filter(asking__session__episode=episode), by.now)
