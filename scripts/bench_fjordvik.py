"""What the web benchmarks are run on: the demo's Fjordvik with a caseload of 60, and people about to answer.

Everything is made through Django in this process, in a database that the servers then open.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from time import perf_counter
from typing import Any

from django.utils import timezone

CASELOAD = 60
ASKED = ("life-now", "safety")


@dataclass(frozen=True)
class Fjordvik:
    """`worker` and `busy_worker` are session keys of two who are signed in, with a small and a large caseload."""

    seconds: float
    worker: str
    busy_worker: str
    #: Ids of sessions that the busy worker can open, each of another citizen.
    sessions: Sequence[str]
    caseloads: tuple[int, int]


def build() -> Fjordvik:
    """Make the database from nothing, timed as `medvirk demo` makes it."""
    start = perf_counter()
    from medvirk.config.commands import prepare

    prepare()
    from medvirk.config.demo.fill import fill

    fill(now=timezone.now(), caseload=CASELOAD)
    seconds = perf_counter() - start
    return _sign_in(seconds)


def _sign_in(seconds: float) -> Fjordvik:
    from django.db.models import Count, Q

    from medvirk.feedback.models import Session
    from medvirk.people.models import Staff

    running = Count("episodes", filter=Q(episodes__ended_on__isnull=True))
    staff = Staff.objects.annotate(running=running).filter(running__gt=1).order_by("running", "pk")
    few, many = staff[0], staff.last()
    sessions = Session.objects.filter(episode__responsible=many, starts_at__lt=timezone.now())
    latest = {session.episode_id: str(session.pk) for session in sessions.order_by("starts_at")}
    return Fjordvik(
        seconds=seconds,
        worker=session_key_of(few.user),
        busy_worker=session_key_of(many.user),
        sessions=list(latest.values()),
        caseloads=(few.running, many.running),
    )


def session_key_of(user: object) -> str:
    """Sign the user in with two factors, as staff must, and return the session's key."""
    from django.conf import settings
    from django.test import Client

    from medvirk.people.signin import levels

    client = Client()
    client.force_login(user, backend="medvirk.people.signin.SignInNameBackend")
    session = client.session
    session[levels.SESSION_KEY] = levels.Level.TWO_FACTORS
    session.save()
    return str(client.cookies[settings.SESSION_COOKIE_NAME].value)


def unanswered_sessions(fjordvik: Fjordvik, count: int) -> list[tuple[str, str]]:
    """(session, token of a link to what is asked before it): of the busy worker, and not answered."""
    from medvirk.answers.models import Capacity, Occasion
    from medvirk.feedback.models import Moment, Session

    episodes = Session.objects.filter(pk__in=fjordvik.sessions).values("episode")
    occasions = Occasion.objects.filter(
        asking__session__episode__in=episodes, asking__moment=Moment.BEFORE, submission=None,
        opens_at__lte=timezone.now(), closes_at=None, declined_at=None, capacity=Capacity.SELF,
    )  # fmt: skip
    chosen = list(occasions.select_related("asking").order_by("-opens_at", "pk")[:count])
    return [
        (str(each.asking.session_id), token) for each, token in zip(chosen, make_links(chosen), strict=True)
    ]


def links(count: int) -> list[str]:
    """So many open answer links, each to an occasion of its own."""
    from medvirk.answers.models import Ask, Occasion
    from medvirk.people.models import Citizen

    opened = timezone.now() - timedelta(hours=1)
    citizens = list(Citizen.objects.order_by("pk"))
    occasions = [
        Occasion(about=citizen, respondent_id=citizen.person_id, opens_at=opened)
        for citizen in (citizens[number % len(citizens)] for number in range(count))
    ]
    Occasion.objects.bulk_create(occasions, batch_size=500)
    asks = [
        Ask(occasion=occasion, position=position, instrument_key=key, instrument_version=1)
        for occasion in occasions
        for position, key in enumerate(ASKED)
    ]
    Ask.objects.bulk_create(asks, batch_size=500)
    return make_links(occasions)


def make_links(occasions: Sequence[Any]) -> list[str]:
    """A token for each occasion; the one who is asked has read the privacy notice."""
    from medvirk.answers.logic import hash_token
    from medvirk.answers.models import AnswerLink, Channel, NoticeSeen, TextKey
    from medvirk.answers.texts import text_for

    now = timezone.now()
    digest = text_for(TextKey.PRIVACY, "nb").digest
    people = {occasion.respondent_id for occasion in occasions}
    NoticeSeen.objects.bulk_create(
        [NoticeSeen(person_id=person, digest=digest) for person in people], ignore_conflicts=True
    )
    tokens = [secrets.token_urlsafe(24) for _ in occasions]
    ways_in = [
        AnswerLink(
            occasion=occasion,
            token_hash=hash_token(token),
            channel=Channel.PHONE,
            created_at=now,
            expires_at=now + timedelta(hours=12),
        )
        for occasion, token in zip(occasions, tokens, strict=True)
    ]
    AnswerLink.objects.bulk_create(ways_in, batch_size=500)
    return tokens
