"""Taking a summary over into the municipality's own record system: made, taken over, undone."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from functools import partial

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from medvirk.feedback.actions.checks import Refused
from medvirk.feedback.logic.journal import JournalPart, to_remember
from medvirk.feedback.models import Episode, JournalChoice, JournalSummary, Session
from medvirk.people.access import Permission, Viewer, can, log_access
from medvirk.people.models import AccessAction, Citizen

WHAT = "feedback.journal"


@dataclass(frozen=True)
class Chosen:
    """What a summary is about, and what it says. Without a session: of the whole course."""

    episode: Episode
    citizen: Citizen
    session: Session | None
    parts: Sequence[JournalPart]
    language: str
    text: str
    note: str = ""


def digest_of(text: str) -> str:
    """Tells whether a text is the same. With a secret, because a short text could be guessed from a bare one."""
    return salted_hmac("medvirk.feedback.journal", text, algorithm="sha256").hexdigest()


def _let_in(by: Viewer, citizen: Citizen, action: AccessAction) -> uuid.UUID:
    """The worker's id."""
    decision = can(by, Permission.FOLLOW_CITIZENS, citizen)
    if not decision.allowed or by.staff_id is None:
        raise PermissionDenied
    log_access(by, citizen.record_of(), WHAT, action=action, basis=decision.reason)
    return by.staff_id


@transaction.atomic
def export(*, by: Viewer, chosen: Chosen, now: datetime) -> JournalSummary:
    """A summary leaves the house, as a file or by copying it. Its parts, but not the citizen's own words, are ticked
    for the worker the next time.

    Raises:
        PermissionDenied: no relation to this citizen.
    """
    return _in_work(_let_in(by, chosen.citizen, AccessAction.EXPORTED), chosen, now)


@transaction.atomic
def take_over(*, by: Viewer, chosen: Chosen, where: str, now: datetime) -> JournalSummary:
    """Say that it stands in the record system. A second press says no more than the first.

    Raises:
        PermissionDenied: no relation to this citizen.
    """
    staff_id = _let_in(by, chosen.citizen, AccessAction.EXPORTED)
    known = JournalSummary.objects.filter(
        episode=chosen.episode,
        citizen=chosen.citizen,
        session=chosen.session,
        taken_over_by=staff_id,
        text_digest=digest_of(chosen.text),
    ).first()
    # The course as a whole is taken over again when it has gone on.
    if chosen.session is not None and known is not None:
        return known
    held = _in_work(staff_id, chosen, now)
    held.taken_over_at, held.taken_over_by_id, held.taken_over_where = now, staff_id, where
    held.save(update_fields=["taken_over_at", "taken_over_by", "taken_over_where"])
    # The whole day: the conversation that was taken over first, and those before it the same day.
    midnight = timezone.make_aware(datetime.combine(timezone.localdate(now), time.min))
    JournalChoice.objects.filter(staff=staff_id, since__isnull=True).update(since=midnight)
    return held


@transaction.atomic
def undo(*, by: Viewer, summary: JournalSummary) -> None:
    """It does not stand there after all. Who had said that it did stays in the access log.

    Raises:
        PermissionDenied: no relation to this citizen. Refused: `not_taken_over`.
    """
    _let_in(by, summary.citizen, AccessAction.CHANGED)
    held = JournalSummary.objects.select_for_update().get(pk=summary.pk)
    if held.taken_over_at is None:
        raise Refused("not_taken_over")
    beside = JournalSummary.objects.filter(
        episode=held.episode_id,
        citizen=held.citizen_id,
        session=held.session_id,
        made_by=held.made_by_id,
        taken_over_at__isnull=True,
    )
    if beside.exists():
        # One is in work already, and newer.
        held.delete()
        return
    held.taken_over_at = held.taken_over_by = None
    held.taken_over_where = ""
    held.save(update_fields=["taken_over_at", "taken_over_by", "taken_over_where"])


def _in_work(staff_id: uuid.UUID, chosen: Chosen, now: datetime) -> JournalSummary:
    """The one that this worker works on, as it is now; and what is ticked the next time."""
    JournalChoice.objects.update_or_create(staff_id=staff_id, defaults={"parts": to_remember(chosen.parts)})
    which = partial(JournalSummary.objects.filter, taken_over_at__isnull=True, made_by=staff_id)
    held = (
        which(episode=chosen.episode, citizen=chosen.citizen, session=chosen.session)
        .select_for_update()
        .first()
    )
    held = held or JournalSummary(
        episode=chosen.episode, citizen=chosen.citizen, session=chosen.session, made_by_id=staff_id
    )
    held.parts = [str(part) for part in chosen.parts]
    held.language, held.note, held.made_at = chosen.language, chosen.note, now
    held.text_digest = digest_of(chosen.text)
    held.save()
    return held
