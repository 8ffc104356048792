"""Signals and what was done with them, in plain words."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from medvirk.answers.models import Capacity
from medvirk.feedback.logic import RISK
from medvirk.feedback.logic.following import Standing, Step
from medvirk.feedback.models import SignalStep
from medvirk.feedback.queries.signals import Trail
from medvirk.feedback.wording.courses import SIGNALS

STANDINGS: dict[Standing, Promise] = {
    Standing.WAITING: gettext_lazy("waits"),
    Standing.SNOOZED: gettext_lazy("put off"),
    Standing.OVERDUE: gettext_lazy("overdue"),
    Standing.TALKED: gettext_lazy("talked about; the next measures will show whether it moved"),
    Standing.MOVED: gettext_lazy("talked about; it moved"),
    Standing.NOT_MOVED: gettext_lazy("talked about; it did not move"),
    Standing.GONE: gettext_lazy("gone before it was talked about"),
    Standing.ENDED: gettext_lazy("the course of help ended"),
}


def day_of(moment: datetime) -> str:
    """A day as people write it, with the year where it is another than this."""
    local = timezone.localtime(moment)
    return date_format(
        local, "MONTH_DAY_FORMAT" if local.year == timezone.localdate().year else "DATE_FORMAT"
    )


#: An answer about safety that somebody else gave: it is never told as the citizen's own.
SAID_BY_ANOTHER = (
    gettext_lazy("Somebody else says that life is hard to bear for them"),
    gettext_lazy("This is not the citizen's own answer. Ask about it now, calmly and directly."),
)


SAID_BY = {
    Capacity.KIN: gettext_lazy("Somebody close says that life is hard to bear for them"),
    Capacity.WORKER: gettext_lazy("A worker says that life is hard to bear for them"),
}


def title_of_kind(kind: str, *, by_another: bool = False) -> str:
    return str(SAID_BY_ANOTHER[0] if by_another else SIGNALS[kind][0])


def title_on_card(kind: str, said_by: Collection[str]) -> str:
    """The same in short, on a board. `said_by`: the capacities of those others who alone have said it."""
    if kind != RISK or not said_by:
        return title_of_kind(kind)
    [capacity, *more] = said_by
    return title_of_kind(kind, by_another=True) if more else str(SAID_BY[capacity])


def reason_of_kind(kind: str, *, by_another: bool = False) -> str:
    return str(SAID_BY_ANOTHER[1] if by_another else SIGNALS[kind][1])


def due_words(kind: str, due_at: datetime, *, is_seen: bool, now: datetime) -> str:
    """By when something should have been done: where minutes count, by which hour."""
    if kind != RISK or is_seen:
        return _("to be talked about by %(day)s") % {"day": day_of(due_at)}
    local = timezone.localtime(due_at)
    at = {"day": day_of(due_at), "time": date_format(local, "H:i")}
    if local.date() == timezone.localtime(now).date():
        return _("to be seen by %(time)s today") % at
    return _("to be seen by %(day)s at %(time)s") % at


def whose_and_when(trail: Trail, now: datetime) -> str:
    """Owner and day in one line."""
    standing = trail.standing(now)
    if standing is Standing.SNOOZED and trail.put_off_until:
        told = _("%(owner)s · put off until %(day)s") % {
            "owner": trail.owner,
            "day": day_of(trail.put_off_until),
        }
    elif standing is Standing.OVERDUE:
        told = _("%(owner)s · lies since %(day)s") % {"owner": trail.owner, "day": day_of(trail.raised_at)}
    elif standing is Standing.WAITING:
        told = f"{trail.owner} · {due_words(trail.kind, trail.due_at, is_seen=bool(trail.seen), now=now)}"
    else:
        told = f"{trail.owner} · {STANDINGS[standing]}"
    return told


def done_before(trails: Iterable[Trail], now: datetime) -> list[str]:
    """What was done earlier with this kind of signal in this course, a sentence for each time, the newest first."""
    return [_done(each, now) for each in trails if each.talk is not None][::-1]


def _done(trail: Trail, now: datetime) -> str:
    assert trail.talk is not None
    said = _("Talked about on %(day)s") % {"day": day_of(trail.talk.at)}
    if trail.talk.text:
        said += f": {trail.talk.text.rstrip('.')}"
    parts = [f"{said}."]
    if trail.agreed:
        agreed = "; ".join(each.text.rstrip(".") for each in trail.agreed)
        parts.append(_("Agreed: %(what)s.") % {"what": agreed})
    standing = trail.standing(now)
    if standing is Standing.MOVED:
        parts.append(_("It moved."))
    elif standing is Standing.NOT_MOVED:
        parts.append(_("It did not move."))
    return " ".join(parts)


def step_words(step: SignalStep) -> str:
    """What happened, without when and by whom."""
    if step.kind == Step.ASSIGNED and step.owner is not None:
        return _("handed to %(name)s") % {"name": step.owner.person.name}
    if step.kind == Step.RAISED and step.owner is not None:
        return _("came up, with %(name)s") % {"name": step.owner.person.name}
    if step.kind == Step.SNOOZED and step.until is not None:
        return _("put off until %(day)s") % {"day": day_of(step.until)}
    return str(step.get_kind_display())
