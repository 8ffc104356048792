"""Asking: occasions, what they ask, and the links that lead to them."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q, QuerySet

from medvirk.answers.actions.checks import NotTaken, must_follow
from medvirk.answers.hooks import closed
from medvirk.answers.logic import (
    State,
    Topic,
    hash_token,
)
from medvirk.answers.models import (
    AnswerLink,
    Ask,
    Capacity,
    Channel,
    Draft,
    NoticeSeen,
    Occasion,
    PaperForm,
    Submission,
)
from medvirk.people.access import Viewer
from medvirk.people.models import Citizen, Person

#: A link handed out in the room need only live as long as the conversation and a little more.
LINK_LIFETIME = timedelta(hours=12)
TOKEN_BYTES = 24
#: What is closed as it is made is open for so long: an occasion closes after it opens.
A_MOMENT = timedelta(milliseconds=1)


@transaction.atomic
def ask(
    *,
    by: Viewer | None,
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
    must_follow(by, about)
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
    by: Viewer | None,
    occasion: Occasion,
    instruments: Iterable[tuple[str, int]],
    topics: Iterable[tuple[tuple[str, int], Topic]] = (),
) -> bool:
    """Ask something else than was planned; False where somebody has begun to answer, so that all stays as it is.

    What was printed is answered as it was printed.

    Raises:
        PermissionDenied: the viewer has no relation to the citizen.
    """
    must_follow(by, occasion)
    Occasion.objects.select_for_update().get(pk=occasion.pk)
    begun = Draft.objects.filter(occasion=occasion).exists()
    begun = begun or PaperForm.objects.filter(occasion=occasion).exists()
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
    wanted: list[tuple[str, int, uuid.UUID | None, str]] = [
        (key, version, None, "") for key, version in instruments
    ]
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
    must_follow(by, occasion)
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


def message_link(*, occasion_id: uuid.UUID, now: datetime, expires_at: datetime) -> tuple[str, AnswerLink]:
    """(token, link) for a message to the respondent; `keep_links` stores it.

    Those that were sent before go on working, so that an older message still opens; what is handed out in the room
    closes them all.
    """
    token = secrets.token_urlsafe(TOKEN_BYTES)
    return token, AnswerLink(
        occasion_id=occasion_id,
        token_hash=hash_token(token),
        channel=Channel.MESSAGE,
        created_at=now,
        expires_at=expires_at,
    )


def keep_links(links: Iterable[AnswerLink]) -> None:
    """Store links made by `message_link`, in the transaction in which their messages are queued."""
    AnswerLink.objects.bulk_create(links)


def close(*, by: Viewer | None, occasions: QuerySet[Occasion], now: datetime, why: str = "") -> None:
    """Nobody can answer these from now on; what has been answered stays, and what was closed before stays as it was.

    `why`: a code of the room that closes them, by which it finds them again (`Occasion.closed_for`).

    Raises:
        PermissionDenied: the viewer has no relation to the citizen.
    """
    still = Q(closes_at__isnull=True) | Q(closes_at__gt=now) & Q(closes_at__gt=F("opens_at") + A_MOMENT)
    chosen = list(_waiting(by, occasions).filter(still).values_list("pk", flat=True))
    closed(chosen)
    waiting = Occasion.objects.filter(pk__in=chosen)
    # An occasion closes after it opens, also one that was made this very moment.
    waiting.filter(opens_at__lt=now).update(closes_at=now, closed_for=why)
    waiting.filter(opens_at__gte=now).update(closes_at=F("opens_at") + A_MOMENT, closed_for=why)


def open_again(*, by: Viewer | None, occasions: QuerySet[Occasion]) -> None:
    """Undo `close`.

    Raises:
        PermissionDenied: the viewer has no relation to the citizen.
    """
    _waiting(by, occasions).update(closes_at=None, closed_for="")


def _waiting(viewer: Viewer | None, occasions: QuerySet[Occasion]) -> QuerySet[Occasion]:
    """Those that nobody has answered; the viewer must have a relation to everyone they are about."""
    if viewer is not None:
        for citizen in Citizen.objects.filter(occasions__in=occasions).distinct():
            must_follow(viewer, citizen)
    return Occasion.objects.filter(pk__in=occasions.values("pk"), submission__isnull=True)


def see_notice(*, occasion: Occasion, digest: str) -> None:
    """Remember that the respondent has been shown this wording of the privacy notice."""
    NoticeSeen.objects.get_or_create(person_id=occasion.respondent_id, digest=digest)
