"""Answering: drafts, what is sent, that somebody would rather not."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import IntegrityError, transaction

from medvirk.answers.actions.checks import NotTaken, must_follow
from medvirk.answers.hooks import closed, when_submitted
from medvirk.answers.logic import (
    OWN_WORDS_MOST,
    Asked,
    Fault,
    Problem,
    State,
    Value,
    read_values,
    readable,
)
from medvirk.answers.models import (
    Answer,
    Capacity,
    Draft,
    Help,
    Occasion,
    Score,
    Submission,
)
from medvirk.answers.queries import WayIn
from medvirk.instruments.logic import alerts, score
from medvirk.people.access import Viewer


@transaction.atomic
def save_draft(*, way_in: WayIn, client_id: uuid.UUID, content: Mapping[str, str], now: datetime) -> None:
    """Keep what has been touched so far. The last one to touch wins.

    Raises:
        NotTaken: the way in is not open.
    """
    if way_in.state is not State.OPEN:
        raise NotTaken(way_in.state)
    # A draft on its way while the answer is being sent must not outlive the sending: it waits here and finds it.
    Occasion.objects.select_for_update().get(pk=way_in.occasion.pk)
    if Submission.objects.filter(occasion=way_in.occasion).exists():
        raise NotTaken(State.ANSWERED)
    Draft.objects.update_or_create(
        occasion=way_in.occasion,
        defaults={"client_id": client_id, "content": json.dumps(dict(content)), "updated_at": now},
    )


@dataclass(frozen=True)
class Receipt:
    """`at_risk`: an answer was one that somebody must see."""

    submission: Submission
    at_risk: bool


def submit(
    *,
    way_in: WayIn,
    asked: Sequence[Asked],
    client_id: uuid.UUID,
    sent: Mapping[str, str],
    own_words: str,
    now: datetime,
    helped_by: str = "",
    citizen_may_read: bool = False,
) -> Receipt:
    """Store all answers of an occasion, score them, drop the draft. When this returns, they are on disk.

    The same `client_id` again returns the first receipt and stores nothing.

    Raises:
        NotTaken: the way in is not open, somebody answered already, or values cannot be taken; nothing is stored.
    """
    if way_in.state is not State.OPEN:
        earlier = _earlier(way_in.occasion, client_id)
        if earlier is not None:
            return earlier
        raise NotTaken(way_in.state)
    own_words = readable(own_words)
    answers = _read_all(asked, sent, own_words)
    # An id that was used at another occasion is no reason to lose this answer.
    for own_id in (client_id, uuid.uuid4()):
        try:
            with transaction.atomic():
                return store(
                    occasion=way_in.occasion,
                    channel=way_in.link.channel,
                    client_id=own_id,
                    answers=answers,
                    own_words=own_words.strip(),
                    at=now,
                    helped_by=helped_by if helped_by in Help.values else "",
                    citizen_may_read=citizen_may_read,
                )
        except IntegrityError:
            # Two sendings at the same moment: the database let one in. If it was ours, this is the same receipt.
            earlier = _earlier(way_in.occasion, own_id)
            if earlier is not None:
                return earlier
            if Submission.objects.filter(occasion=way_in.occasion).exists():
                raise NotTaken(State.ANSWERED) from None
            if not Submission.objects.filter(client_id=own_id).exists():
                raise
    raise AssertionError("An id made just now was used before.")


def decline(*, way_in: WayIn, now: datetime) -> None:
    """They would rather not today: noted, and what was touched is dropped. The door stays open.

    Raises:
        NotTaken: the way in is not open.
    """
    if way_in.state is not State.OPEN:
        raise NotTaken(way_in.state)
    _decline(way_in.occasion, now)


def decline_for(*, by: Viewer, occasion: Occasion, now: datetime) -> None:
    """The same, told to a worker.

    Raises:
        PermissionDenied: the viewer has no relation to the citizen. NotTaken: it is answered or closed.
    """
    must_follow(by, occasion)
    if occasion.closes_at is not None and occasion.closes_at <= now:
        raise NotTaken(State.CLOSED)
    _decline(occasion, now)


@transaction.atomic
def _decline(occasion: Occasion, now: datetime) -> None:
    Occasion.objects.select_for_update().get(pk=occasion.pk)
    if Submission.objects.filter(occasion=occasion).exists():
        raise NotTaken(State.ANSWERED)
    Draft.objects.filter(occasion=occasion).delete()
    Occasion.objects.filter(pk=occasion.pk, declined_at=None).update(declined_at=now)
    closed([occasion.pk])


@transaction.atomic
def note_help(*, by: Viewer, submission: Submission, helped_by: str) -> None:
    """Note who was there when it was answered, or (empty) that nobody was.

    Raises:
        PermissionDenied: the viewer has no relation to the citizen.
    """
    must_follow(by, submission.occasion)
    Submission.objects.filter(pk=submission.pk).update(helped_by=Help(helped_by) if helped_by else "")


def _read_all(
    asked: Iterable[Asked], sent: Mapping[str, str], own_words: str
) -> list[tuple[Asked, dict[str, Value]]]:
    """The sent values of every instrument; NotTaken with all faults, or if nothing at all was said."""
    read = [(each, *read_values(each, sent)) for each in asked]
    faults = [fault for _, _, found in read for fault in found]
    if len(own_words) > OWN_WORDS_MOST:
        faults.append(Fault("own_words", own_words[:60], Problem.TOO_LONG))
    if not faults and not own_words.strip() and not any(values for _, values, _ in read):
        faults.append(Fault("", "", Problem.NOTHING))
    if faults:
        raise NotTaken(State.OPEN, faults)
    return [(each, values) for each, values, _ in read]


def _earlier(occasion: Occasion, client_id: uuid.UUID) -> Receipt | None:
    submission = Submission.objects.filter(occasion=occasion, client_id=client_id).first()
    if submission is None:
        return None
    return Receipt(submission, any(submission.answers.values_list("alerts", flat=True)))


def store(
    *,
    occasion: Occasion,
    channel: str,
    client_id: uuid.UUID,
    answers: Iterable[tuple[Asked, Mapping[str, Value]]],
    own_words: str,
    at: datetime,
    helped_by: str = "",
    citizen_may_read: bool = False,
) -> Receipt:
    """Write one sending with its answers and scores, and let other rooms know, inside the caller's transaction.

    The values are checked already.

    Raises:
        IntegrityError: the occasion is answered, or the client id was used.
    """
    submission = Submission.objects.create(
        occasion=occasion,
        client_id=client_id,
        channel=channel,
        submitted_at=at,
        own_words=own_words,
        helped_by=helped_by,
        citizen_may_read=citizen_may_read and occasion.capacity != Capacity.SELF,
    )
    answers = list(answers)
    rows = Answer.objects.bulk_create(_answer(submission, asked, values) for asked, values in answers)
    Score.objects.bulk_create(
        each
        for row, (asked, values) in zip(rows, answers, strict=True)
        for each in _scores(row, asked, values)
    )
    Draft.objects.filter(occasion=occasion).delete()
    receipt = Receipt(submission, at_risk=any(row.alerts for row in rows))
    for act in when_submitted():
        act(submission, receipt.at_risk)
    return receipt


def _answer(submission: Submission, asked: Asked, values: Mapping[str, Value]) -> Answer:
    return Answer(
        submission=submission,
        instrument_key=asked.instrument.key,
        instrument_version=asked.instrument.version,
        language=asked.language,
        topic_id=asked.topic.id if asked.topic else None,
        topic=asked.topic.words if asked.topic else "",
        values=dict(values),
        alerts=[{"item": alert.item, "kind": str(alert.kind)} for alert in alerts(asked.instrument, values)],
    )


def _scores(answer: Answer, asked: Asked, values: Mapping[str, Value]) -> Iterable[Score]:
    for key, result in score(asked.instrument, values).items():
        yield Score(
            answer=answer,
            scale=key,
            value=result.value,
            missing_reason=result.missing_reason or "",
            answered=result.answered,
            of=result.of,
        )
