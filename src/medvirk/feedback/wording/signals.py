"""Signals and what was done with them, in plain words."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

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
    return date_format(local, "j. F" if local.year == timezone.localdate().year else "j. F Y")


#: An answer about safety that somebody else gave: it is never told as the citizen's own.
SAID_BY_ANOTHER = (
    gettext_lazy("Somebody else says that life is hard to bear for them"),
    gettext_lazy("This is not the citizen's own answer. Ask about it now, calmly and directly."),
)


def title_of_kind(kind: str, *, by_another: bool = False) -> str:
    return str(SAID_BY_ANOTHER[0] if by_another else SIGNALS[kind][0])


def reason_of_kind(kind: str, *, by_another: bool = False) -> str:
    return str(SAID_BY_ANOTHER[1] if by_another else SIGNALS[kind][1])


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
        told = _("%(owner)s · to be talked about by %(day)s") % {
            "owner": trail.owner,
            "day": day_of(trail.due_at),
        }
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
