"""Reading occasions and answers. What a worker reads takes the viewer; what a link opens takes its token."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Count, F, QuerySet

from medvirk.answers.logic import Asked, State, Topic, Value, hash_token, state_of
from medvirk.answers.models import AnswerLink, Capacity, Channel, Help, NoticeSeen, Occasion, Submission
from medvirk.instruments.definitions import Instrument
from medvirk.instruments.queries import effective_all
from medvirk.people.access import Viewer, citizens_of, citizens_open_to, citizens_sharing
from medvirk.ui.languages import choose_language


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

    @property
    def on_tablet(self) -> bool:
        """A tablet in the waiting room, where others sit next."""
        return self.link.channel == Channel.TABLET

    @property
    def on_own_device(self) -> bool:
        """Their own phone or computer: what is not sent yet may be kept there. On a screen of ours nothing may."""
        return self.link.channel in {Channel.PHONE, Channel.MESSAGE}


def way_in(token: str, *, now: datetime) -> WayIn | None:
    """The occasion behind a token, or None if there is no such token. One query."""
    try:
        link = AnswerLink.objects.select_related("occasion__submission").get(token_hash=hash_token(token))
    except AnswerLink.DoesNotExist:
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


def asked_instruments(occasion: Occasion) -> list[tuple[Instrument, Topic | None]]:
    """What the occasion asks, as it is used here, and about what. Two queries where all are used as shipped.

    Whoever answers about somebody else is asked about them, and never the same words about themselves.
    """
    asks = list(occasion.asks.all())
    instruments = effective_all((each.instrument_key, each.instrument_version) for each in asks)
    if occasion.capacity != Capacity.SELF:
        instruments = [each.as_another_sees_it() for each in instruments]
    topics = (Topic(each.topic_id, each.topic) if each.topic_id else None for each in asks)
    return list(zip(instruments, topics, strict=True))


def asked_in(occasion: Occasion, language: str) -> list[Asked]:
    """The occasion's instruments, each in the language nearest to the wanted one."""
    shown = []
    for instrument, topic in asked_instruments(occasion):
        nearest = choose_language(language, instrument.languages)
        if nearest is not None:
            shown.append(Asked(instrument, nearest, topic))
    return shown


def notice_is_seen(occasion: Occasion, digest: str) -> bool:
    return NoticeSeen.objects.filter(person_id=occasion.respondent_id, digest=digest).exists()


@dataclass(frozen=True)
class Scored:
    """A score as it was stored, in points. A value of None has its reason in `missing_reason`."""

    value: float | None
    missing_reason: str


@dataclass(frozen=True)
class Said:
    """What was said to one instrument: answers by item key, and which of them somebody must see."""

    instrument_version: int
    values: Mapping[str, Value]
    alerts: Sequence[Mapping[str, str]]


@dataclass(frozen=True)
class Rated:
    """How near somebody was to a goal of theirs, 0–10, as it was worded then; None where they left it out."""

    words: str
    value: float | None


@dataclass(frozen=True)
class Given:
    """What was said at one occasion: answers by instrument, scores by instrument and scale, marks by topic."""

    submission_id: int
    submitted_at: datetime
    channel: str
    own_words: str
    helped_by: str = ""
    rated: dict[uuid.UUID, Rated] = field(default_factory=dict)
    answers: dict[str, Said] = field(default_factory=dict)
    scores: dict[tuple[str, str], Scored] = field(default_factory=dict)

    @property
    def helper(self) -> str:
        """Who was there, in words."""
        return str(Help(self.helped_by).label) if self.helped_by else ""

    @property
    def at_risk(self) -> bool:
        return any(said.alerts for said in self.answers.values())

    def value(self, instrument_key: str, scale: str) -> float | None:
        """The score, or None if there is none."""
        score = self.scores.get((instrument_key, scale))
        return score.value if score else None


def _sent_at(
    viewer: Viewer | None, occasion_ids: Iterable[uuid.UUID], part: str | None = None
) -> QuerySet[Submission]:
    at = Submission.objects.filter(occasion_id__in=list(occasion_ids))
    if viewer is None:
        return at
    if part is not None:
        # A partner sees what citizens share of themselves.
        return at.filter(
            occasion__about__in=citizens_sharing(viewer, part),
            occasion__respondent=F("occasion__about__person"),
        )
    if viewer.own_person_id is None:
        return at.filter(occasion__about__in=citizens_open_to(viewer))
    # One's own pages show one's own answers: what others said about one is theirs.
    return at.filter(
        occasion__about__in=citizens_of(viewer), occasion__respondent=F("occasion__about__person")
    )


def given_at(
    viewer: Viewer | None, occasion_ids: Iterable[uuid.UUID], *, part: str | None = None
) -> dict[uuid.UUID, Given]:
    """What was said at these occasions, as far as the viewer may see it; for a partner, by the `part` shared.

    Without a viewer: all of it, for the house itself, which works out signals and shows them to nobody.

    One query however many; for a partner one more.
    """
    rows = _sent_at(viewer, occasion_ids, part).values(
        "occasion_id",
        "pk",
        "submitted_at",
        "channel",
        "own_words",
        "helped_by",
        topic_id=F("answers__topic_id"),
        topic=F("answers__topic"),
        key=F("answers__instrument_key"),
        version=F("answers__instrument_version"),
        said=F("answers__values"),
        alerts=F("answers__alerts"),
        scale=F("answers__scores__scale"),
        value=F("answers__scores__value"),
        missing_reason=F("answers__scores__missing_reason"),
    )
    found: dict[uuid.UUID, Given] = {}
    for row in rows:
        given = found.get(row["occasion_id"])
        if given is None:
            given = Given(row["pk"], row["submitted_at"], row["channel"], row["own_words"], row["helped_by"])
            found[row["occasion_id"]] = given
        if row["topic_id"] is not None:
            given.rated[row["topic_id"]] = Rated(row["topic"], _mark_on_line(row["said"]))
        elif row["key"] is not None:
            given.answers[row["key"]] = Said(row["version"], row["said"], row["alerts"])
        if row["scale"] is not None:
            given.scores[row["key"], row["scale"]] = Scored(row["value"], row["missing_reason"])
    return found


def _mark_on_line(values: Mapping[str, Value]) -> float | None:
    """The one answer of an instrument that asks about a topic."""
    return next((float(value) for value in values.values() if isinstance(value, int | float)), None)


def known_at(submission: Submission) -> datetime:
    """When the house came to know of it: a paper is typed in days after it was filled in."""
    if submission.channel != Channel.PAPER:
        return submission.submitted_at
    entry = submission.occasion.paper_entries.filter(undone_at__isnull=True).first()
    return entry.entered_at if entry and entry.entered_at else submission.submitted_at


def mark_of(given: Iterable[Given | None]) -> str:
    """A short mark that changes when something has been sent; for pages that ask "anything new?"."""
    return _mark(each.submission_id for each in given if each is not None)


def newest_submission(viewer: Viewer, occasion_ids: Iterable[uuid.UUID]) -> str:
    """The same mark as `mark_of`, without reading what was said. One query."""
    return _mark(_sent_at(viewer, occasion_ids).values_list("pk", flat=True))


def _mark(submission_ids: Iterable[int]) -> str:
    return "-".join(map(str, sorted(submission_ids)))


def answer_tally(citizens: Collection[uuid.UUID]) -> Mapping[uuid.UUID, int]:
    """How many times something was sent about each citizen."""
    rows = Submission.objects.filter(occasion__about__in=citizens)
    counts = rows.values("occasion__about").annotate(n=Count("pk"))
    return {row["occasion__about"]: row["n"] for row in counts}
