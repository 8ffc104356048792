"""Asking and answering: one function per verb, each in a transaction of its own."""

from __future__ import annotations

import json
import secrets
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet

from medvirk.answers.hooks import when_submitted
from medvirk.answers.logic import (
    OWN_WORDS_MOST,
    Asked,
    Fault,
    Problem,
    State,
    Topic,
    Value,
    hash_token,
    read_values,
    readable,
)
from medvirk.answers.models import (
    Answer,
    AnswerLink,
    Ask,
    Capacity,
    Draft,
    Help,
    NoticeSeen,
    Occasion,
    OrganisationText,
    Score,
    Submission,
)
from medvirk.answers.queries import WayIn
from medvirk.answers.texts import default_text
from medvirk.instruments.logic import alerts, score
from medvirk.people.access import Permission, Viewer, can
from medvirk.people.models import Citizen, Person

#: A link handed out in the room need only live as long as the conversation and a little more.
LINK_LIFETIME = timedelta(hours=12)
TOKEN_BYTES = 24


class NotTaken(Exception):
    """What was sent could not be stored; nothing was. `faults` lists every value that was wrong."""

    def __init__(self, state: State, faults: Iterable[Fault] = ()) -> None:
        self.state = state
        self.faults = list(faults)
        super().__init__(state)


def _must_follow(viewer: Viewer, record: Occasion | Citizen) -> None:
    if not can(viewer, Permission.FOLLOW_CITIZENS, record).allowed:
        raise PermissionDenied


@transaction.atomic
def ask(
    *,
    by: Viewer,
    about: Citizen,
    respondent: Person,
    instruments: Iterable[tuple[str, int]],
    opens_at: datetime,
    closes_at: datetime | None = None,
    capacity: Capacity = Capacity.SELF,
    topics: Iterable[tuple[tuple[str, int], Topic]] = (),
) -> Occasion:
    """Make an occasion that asks these (key, version) in this order, and then these about the citizen's own topics.

    Raises:
        PermissionDenied: the viewer has no relation to the citizen.
        ValueError: who answers for themselves is somebody else, or the other way round.
    """
    _must_follow(by, about)
    if (respondent.pk == about.person_id) != (capacity == Capacity.SELF):
        raise ValueError("Only the citizen answers as the citizen, and only so.")
    occasion = Occasion.objects.create(
        about=about, respondent=respondent, opens_at=opens_at, closes_at=closes_at, capacity=capacity
    )
    _write_asks(occasion, instruments, topics)
    return occasion


@transaction.atomic
def ask_anew(
    *,
    by: Viewer,
    occasion: Occasion,
    instruments: Iterable[tuple[str, int]],
    topics: Iterable[tuple[tuple[str, int], Topic]] = (),
) -> bool:
    """Ask something else than was planned; False where somebody has begun to answer, so that all stays as it is.

    Raises:
        PermissionDenied: the viewer has no relation to the citizen.
    """
    _must_follow(by, occasion)
    Occasion.objects.select_for_update().get(pk=occasion.pk)
    begun = Draft.objects.filter(occasion=occasion).exists()
    if begun or Submission.objects.filter(occasion=occasion).exists():
        return False
    Ask.objects.filter(occasion=occasion).delete()
    _write_asks(occasion, instruments, topics)
    return True


def _write_asks(
    occasion: Occasion,
    instruments: Iterable[tuple[str, int]],
    topics: Iterable[tuple[tuple[str, int], Topic]],
) -> None:
    wanted = [(key, version, None, "") for key, version in instruments]
    wanted += [(key, version, topic.id, topic.words) for (key, version), topic in topics]
    Ask.objects.bulk_create(
        Ask(
            occasion=occasion,
            position=position,
            instrument_key=key,
            instrument_version=version,
            topic_id=topic_id,
            topic=words,
        )
        for position, (key, version, topic_id, words) in enumerate(wanted)
    )


@transaction.atomic
def make_link(
    *,
    by: Viewer,
    occasion: Occasion,
    channel: str,
    now: datetime,
    lifetime: timedelta = LINK_LIFETIME,
    return_to: str = "",
) -> str:
    """Hand out a new way in and close the earlier ones. Returns the token, which is kept nowhere else.

    Raises:
        PermissionDenied: the viewer has no relation to the citizen.
        NotTaken: the occasion is closed, so that the link would lead nowhere.
    """
    _must_follow(by, occasion)
    if occasion.closes_at is not None and occasion.closes_at <= now:
        raise NotTaken(State.CLOSED)
    return new_link(occasion=occasion, channel=channel, now=now, lifetime=lifetime, return_to=return_to)


def new_link(
    *, occasion: Occasion, channel: str, now: datetime, lifetime: timedelta, return_to: str = ""
) -> str:
    """As `make_link`, for what has shown already that it may: a code given out by somebody who follows the citizen."""
    token = secrets.token_urlsafe(TOKEN_BYTES)
    AnswerLink.objects.filter(occasion=occasion, revoked_at__isnull=True).update(revoked_at=now)
    AnswerLink.objects.create(
        occasion=occasion,
        token_hash=hash_token(token),
        channel=channel,
        created_at=now,
        expires_at=now + lifetime,
        return_to=return_to,
    )
    return token


def close(*, by: Viewer, occasions: QuerySet[Occasion], now: datetime) -> None:
    """Nobody can answer these from now on; what has been answered stays.

    Raises:
        PermissionDenied: the viewer has no relation to the citizen.
    """
    waiting = _waiting(by, occasions)
    # An occasion closes after it opens, also one that was made this very moment.
    waiting.filter(opens_at__lt=now).update(closes_at=now)
    waiting.filter(opens_at__gte=now).update(closes_at=F("opens_at") + timedelta(milliseconds=1))


def open_again(*, by: Viewer, occasions: QuerySet[Occasion]) -> None:
    """Undo `close`.

    Raises:
        PermissionDenied: the viewer has no relation to the citizen.
    """
    _waiting(by, occasions).update(closes_at=None)


def _waiting(viewer: Viewer, occasions: QuerySet[Occasion]) -> QuerySet[Occasion]:
    """Those that nobody has answered; the viewer must have a relation to everyone they are about."""
    for citizen in Citizen.objects.filter(occasions__in=occasions).distinct():
        _must_follow(viewer, citizen)
    return Occasion.objects.filter(pk__in=occasions.values("pk"), submission__isnull=True)


def see_notice(*, occasion: Occasion, digest: str) -> None:
    """Remember that the respondent has been shown this wording of the privacy notice."""
    NoticeSeen.objects.get_or_create(person_id=occasion.respondent_id, digest=digest)


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
    try:
        with transaction.atomic():
            return store(
                occasion=way_in.occasion,
                channel=way_in.link.channel,
                client_id=client_id,
                answers=answers,
                own_words=own_words.strip(),
                at=now,
                helped_by=helped_by if helped_by in Help.values else "",
            )
    except IntegrityError:
        # Two sendings at the same moment: the database let one in. If it was ours, this is the same receipt.
        earlier = _earlier(way_in.occasion, client_id)
        if earlier is not None:
            return earlier
        if Submission.objects.filter(occasion=way_in.occasion).exists():
            raise NotTaken(State.ANSWERED) from None
        if not Submission.objects.filter(client_id=client_id).exists():
            raise
    # The id was used at another occasion: no reason to lose this answer.
    return submit(
        way_in=way_in,
        asked=asked,
        client_id=uuid.uuid4(),
        sent=sent,
        own_words=own_words,
        now=now,
        helped_by=helped_by,
    )


def decline(*, way_in: WayIn, now: datetime) -> None:
    """They would rather not today: noted, and what was touched is dropped. The door stays open.

    Raises:
        NotTaken: the way in is not open.
    """
    if way_in.state is not State.OPEN:
        raise NotTaken(way_in.state)
    with transaction.atomic():
        Occasion.objects.select_for_update().get(pk=way_in.occasion.pk)
        if Submission.objects.filter(occasion=way_in.occasion).exists():
            raise NotTaken(State.ANSWERED)
        Draft.objects.filter(occasion=way_in.occasion).delete()
        Occasion.objects.filter(pk=way_in.occasion.pk, declined_at=None).update(declined_at=now)


@transaction.atomic
def note_help(*, by: Viewer, submission: Submission, helped_by: str) -> None:
    """Note who was there when it was answered, or (empty) that nobody was.

    Raises:
        PermissionDenied: the viewer has no relation to the citizen.
    """
    _must_follow(by, submission.occasion)
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


@transaction.atomic
def change_text(*, by: Viewer, key: str, body: Mapping[str, str], now: datetime) -> OrganisationText:
    """Set the municipality's own text in all languages at once; an empty language falls back to ours.

    A text that is still ours word for word is not stored as its own, so that it follows when ours is bettered.

    Raises:
        PermissionDenied: the viewer may not edit texts.
    """
    if not can(by, Permission.EDIT_TEXTS).allowed:
        raise PermissionDenied
    sent = {code: "\n".join(text.split("\r\n")).strip() for code, text in body.items()}
    own = {code: text for code, text in sent.items() if text and text != default_text(key, code).strip()}
    text, _ = OrganisationText.objects.select_for_update().update_or_create(
        key=key, defaults={"body": own, "updated_at": now}
    )
    return text
