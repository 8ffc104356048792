"""Reading occasions and answers. What a worker reads takes the viewer; what a link opens takes its token."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q

from medvirk.answers.logic import State, hash_token, state_of
from medvirk.answers.models import Answer, AnswerLink, Channel, NoticeSeen, Occasion, Score, Submission
from medvirk.people.access import Viewer, citizens_open_to


@dataclass(frozen=True)
class WayIn:
    """What a link opens, and its state now."""

    link: AnswerLink
    occasion: Occasion
    state: State

    @property
    def in_the_room(self) -> bool:
        """The worker's own screen, handed over: somebody is there."""
        return self.link.channel == Channel.SCREEN


def way_in(token: str, *, now: datetime) -> WayIn | None:
    """The occasion behind a token, or None if there is no such token. One query."""
    link = (
        AnswerLink.objects.select_related("occasion__respondent", "occasion__submission", "occasion__draft")
        .prefetch_related("occasion__asks")
        .filter(token_hash=hash_token(token))
        .first()
    )
    if link is None:
        return None
    occasion = link.occasion
    state = state_of(
        now=now,
        opens_at=occasion.opens_at,
        closes_at=occasion.closes_at,
        expires_at=link.expires_at,
        revoked_at=link.revoked_at,
        answered=hasattr(occasion, "submission"),
    )
    return WayIn(link, occasion, state)


def notice_is_seen(occasion: Occasion, digest: str) -> bool:
    return NoticeSeen.objects.filter(person_id=occasion.respondent_id, digest=digest).exists()


@dataclass(frozen=True)
class Given:
    """What was said at one occasion."""

    submitted_at: datetime
    channel: str
    own_words: str
    scores: dict[tuple[str, str], Score]
    answers: dict[str, Answer]

    @property
    def at_risk(self) -> bool:
        return any(answer.alerts for answer in self.answers.values())

    def value(self, instrument_key: str, scale: str) -> float | None:
        """The score, or None if there is none."""
        score = self.scores.get((instrument_key, scale))
        return score.value if score else None


def given_at(viewer: Viewer, occasion_ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Given]:
    """What was said at these occasions, as far as the viewer may see it. Three queries however many."""
    submissions = (
        Submission.objects.filter(
            occasion_id__in=list(occasion_ids), occasion__about__in=citizens_open_to(viewer)
        )
        .select_related("occasion")
        .prefetch_related("answers__scores")
    )
    return {submission.occasion_id: _given(submission) for submission in submissions}


def _given(submission: Submission) -> Given:
    answers = {answer.instrument_key: answer for answer in submission.answers.all()}
    scores = {(key, score.scale): score for key, answer in answers.items() for score in answer.scores.all()}
    return Given(submission.submitted_at, submission.channel, submission.own_words, scores, answers)


def newest_submission(viewer: Viewer, occasion_ids: Iterable[uuid.UUID]) -> str:
    """A short mark that changes when something has been sent; for pages that ask "anything new?". One query."""
    seen = (
        Submission.objects.filter(occasion_id__in=list(occasion_ids), occasion__about__in=citizens_open_to(viewer))
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    return "-".join(str(pk) for pk in seen)


def has_open_link(occasion_id: uuid.UUID, *, now: datetime) -> bool:
    """Somebody can answer this now through a link that was handed out."""
    return AnswerLink.objects.filter(
        Q(revoked_at__isnull=True), occasion_id=occasion_id, expires_at__gt=now
    ).exists()
