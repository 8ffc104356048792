"""Typing in what stands on a paper: once, once more, and then as any other answer. One function per verb."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from medvirk.answers.actions import NotTaken, store
from medvirk.answers.hooks import taken_back
from medvirk.answers.logic import Asked, State, readable
from medvirk.answers.models import Answer, Channel, Help, Occasion, PaperEntry, PaperForm, Submission
from medvirk.answers.paper.codes import new_code
from medvirk.answers.paper.reading import Typed, differences, values_of
from medvirk.people.access import Permission, Viewer, can, log_access
from medvirk.people.models import AccessAction

WHAT = "answers.paper"
#: So long whoever typed it may take it back themselves; later a note says what is wrong.
UNDO_WITHIN = timedelta(hours=1)


class PaperRefused(Exception):
    """It cannot be done now; `reason` is a code that the page puts into words. Nothing was changed."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


@dataclass(frozen=True)
class OnPaper:
    """What is typed once only: the day it was filled in, own words, who was there, whether the citizen may read it."""

    filled_on: date
    own_words: str = ""
    helped_by: str = ""
    citizen_may_read: bool = False


def _let_in(by: Viewer, occasion: Occasion, action: AccessAction) -> None:
    decision = can(by, Permission.FOLLOW_CITIZENS, occasion)
    if not decision.allowed or by.staff_id is None:
        raise PermissionDenied
    log_access(by, occasion.record_of(), WHAT, action=action, basis=decision.reason)


@transaction.atomic
def printed(*, by: Viewer, occasion: Occasion, now: datetime) -> PaperForm:
    """Note that the form is printed; printed again it has the same code.

    Raises:
        PermissionDenied: the citizen is not open to the viewer.
    """
    _let_in(by, occasion, AccessAction.OPENED)
    Occasion.objects.select_for_update().get(pk=occasion.pk)
    held = PaperForm.objects.filter(occasion=occasion).first()
    if held is not None:
        return held
    code = new_code()
    while PaperForm.objects.filter(code=code).exists():
        code = new_code()
    return PaperForm.objects.create(occasion=occasion, code=code, printed_at=now)


def state_for_paper(occasion: Occasion, filled_on: date | None = None) -> State:
    """Whether a paper can be typed in. One filled in on the day when the question was closed, or before, still can."""
    if hasattr(occasion, "submission"):
        return State.ANSWERED
    closes_at = occasion.closes_at
    if closes_at is None or filled_on is None or filled_on <= timezone.localdate(closes_at):
        return State.OPEN
    return State.CLOSED


@transaction.atomic
def type_first(*, by: Viewer, occasion: Occasion, typed: Typed, paper: OnPaper, now: datetime) -> PaperEntry:
    """Keep what was typed the first time. What somebody had begun and not finished is replaced.

    Raises:
        PermissionDenied: the citizen is not open to the viewer.
        NotTaken: it is answered, or was closed before the paper was filled in.
    """
    _let_in(by, occasion, AccessAction.CHANGED)
    _waiting(occasion, paper.filled_on)
    PaperEntry.objects.filter(occasion=occasion, undone_at__isnull=True).delete()
    return PaperEntry.objects.create(
        occasion=occasion,
        filled_on=paper.filled_on,
        typed=_kept(typed, paper),
        begun_by_id=by.staff_id,
        begun_at=now,
    )


def _waiting(occasion: Occasion, filled_on: date) -> Occasion:
    """The occasion, locked, still to be answered."""
    held = Occasion.objects.select_for_update().get(pk=occasion.pk)
    state = state_for_paper(held, filled_on)
    if state is not State.OPEN:
        raise NotTaken(state)
    return held


def _kept(typed: Typed, paper: OnPaper) -> str:
    words = {"own_words": paper.own_words, "helped_by": paper.helped_by, "may_read": paper.citizen_may_read}
    return json.dumps({"values": typed, **words})


def typed_first(entry: PaperEntry) -> Typed:
    values: Typed = json.loads(entry.typed)["values"]
    return values


def on_paper(entry: PaperEntry) -> OnPaper:
    kept = json.loads(entry.typed)
    return OnPaper(entry.filled_on, kept["own_words"], kept["helped_by"], kept["may_read"])


def typed_again(entry: PaperEntry) -> Typed:
    """What was typed the second time, while the two differ; empty before and after."""
    again: Typed = json.loads(entry.again) if entry.again else {}
    return again


@transaction.atomic
def type_again(
    *, by: Viewer, entry: PaperEntry, asked: Sequence[Asked], typed: Typed, now: datetime
) -> list[str]:
    """Type it once more. Where both agree it is stored as any answer; else the names of the fields that differ.

    Raises:
        PermissionDenied, NotTaken: see `type_first`. PaperRefused: `not_open`, it is stored or taken back already.
    """
    held = _open(by, entry)
    differ = differences(typed_first(held), typed)
    if not differ:
        _store(by, held, asked, typed_first(held), now)
        return []
    held.again = json.dumps(typed)
    held.save(update_fields=["again"])
    return differ


@transaction.atomic
def settle(*, by: Viewer, entry: PaperEntry, asked: Sequence[Asked], settled: Typed, now: datetime) -> None:
    """Store it with what the paper really says where the two typings differed: `settled`, by field name.

    Raises:
        PermissionDenied, NotTaken: see `type_first`.
        PaperRefused: `not_open`, or it has not been typed twice; `not_settled`, something still differs.
    """
    held = _open(by, entry)
    if not held.again:
        raise PaperRefused("not_open")
    first = typed_first(held)
    if set(differences(first, typed_again(held))) - settled.keys():
        raise PaperRefused("not_settled")
    _store(by, held, asked, first | settled, now)


def _open(by: Viewer, entry: PaperEntry) -> PaperEntry:
    _let_in(by, entry.occasion, AccessAction.CHANGED)
    held = PaperEntry.objects.select_for_update(of=("self",)).select_related("occasion").get(pk=entry.pk)
    if held.entered_at is not None or held.undone_at is not None:
        raise PaperRefused("not_open")
    return held


def _store(by: Viewer, entry: PaperEntry, asked: Sequence[Asked], typed: Typed, now: datetime) -> None:
    occasion, paper = _waiting(entry.occasion, entry.filled_on), on_paper(entry)
    entry.typed, entry.again = _kept(typed, paper), ""
    entry.entered_at, entry.entered_by_id = now, by.staff_id
    entry.save()
    try:
        store(
            occasion=occasion,
            channel=Channel.PAPER,
            client_id=uuid.uuid4(),
            answers=values_of(asked, typed),
            own_words=readable(paper.own_words).strip(),
            at=moment_of(paper.filled_on, now),
            helped_by=paper.helped_by if paper.helped_by in Help.values else "",
            citizen_may_read=paper.citizen_may_read,
        )
    except IntegrityError:
        raise NotTaken(State.ANSWERED) from None


def moment_of(filled_on: date, now: datetime) -> datetime:
    """A paper has a day and no hour: noon, and never later than now."""
    noon = timezone.make_aware(datetime.combine(filled_on, time(12)))
    return min(noon, now)


@transaction.atomic
def begin_anew(*, by: Viewer, entry: PaperEntry) -> None:
    """Throw away what was typed and not stored.

    Raises:
        PermissionDenied: the citizen is not open to the viewer. PaperRefused: `not_open`.
    """
    _open(by, entry).delete()


def may_undo(by: Viewer, entry: PaperEntry, now: datetime) -> bool:
    """Whoever stored it, within the hour."""
    mine = entry.entered_by_id is not None and entry.entered_by_id == by.staff_id
    return (
        mine
        and entry.undone_at is None
        and entry.entered_at is not None
        and now - entry.entered_at <= UNDO_WITHIN
    )


@transaction.atomic
def undo(*, by: Viewer, entry: PaperEntry, now: datetime) -> None:
    """Take back what was typed in wrongly: the answer is gone, and can be given anew. That it was done stays.

    What it set off stays: a signal about safety is for a person to look at, not for the house to take back.

    Raises:
        PermissionDenied: the citizen is not open to the viewer.
        PaperRefused: `too_late`, or another worker stored it.
    """
    _let_in(by, entry.occasion, AccessAction.CHANGED)
    occasion = Occasion.objects.select_for_update().get(pk=entry.occasion_id)
    held = PaperEntry.objects.select_for_update(of=("self",)).get(pk=entry.pk)
    if not may_undo(by, held, now):
        raise PaperRefused("too_late")
    Answer.objects.filter(submission__occasion=occasion, submission__channel=Channel.PAPER).delete()
    Submission.objects.filter(occasion=occasion, channel=Channel.PAPER).delete()
    # What was typed was never said by this person, as far as anybody knows: it is not kept.
    held.undone_at, held.typed, held.again = now, "", ""
    held.save(update_fields=["undone_at", "typed", "again"])
    taken_back(occasion)


@transaction.atomic
def correct(*, by: Viewer, entry: PaperEntry, words: str, now: datetime) -> None:
    """Note what is wrong in what was stored. The answer itself stays as it was scored.

    Raises:
        PermissionDenied: the citizen is not open to the viewer. PaperRefused: `not_stored`.
    """
    _let_in(by, entry.occasion, AccessAction.CHANGED)
    held = PaperEntry.objects.select_for_update(of=("self",)).get(pk=entry.pk)
    if held.entered_at is None or held.undone_at is not None:
        raise PaperRefused("not_stored")
    held.correction, held.corrected_at = readable(words).strip(), now
    held.save(update_fields=["correction", "corrected_at"])
