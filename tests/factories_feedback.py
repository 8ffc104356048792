"""Courses of help for tests of `answers`, `feedback` and the pages, made through the verbs of the house."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

import pytest
from django.utils import timezone

DAY = timedelta(days=1)


def marks(instrument_key: str, total: float) -> dict[str, str]:
    """What a form sends that gives a five-line instrument this total."""
    return {f"{instrument_key}.q{number}": f"{total / 5:g}" for number in range(1, 6)}


def stored_session(episode, starts_at: datetime, *, before, after):
    """A session with these two occasions, written past the verbs: for what they would refuse, or for many at once."""
    from medvirk.feedback.models import Asking, Session

    session = Session.objects.create(episode=episode, starts_at=starts_at)
    for moment, occasion in (("before", before), ("after", after)):
        Asking.objects.create(session=session, citizen_id=occasion.about_id, moment=moment, occasion=occasion)
    return session


class Care:
    """A worker with a viewer, and courses of help of citizens with a relation to that worker."""

    def __init__(self, make) -> None:
        self.make = make
        self.unit = make.unit("Team Nord")
        self.worker = make.staff("practitioner", self.unit)
        self.viewer = make.viewer(self.worker)
        self.now = timezone.now()

    def episode(self, *, citizen=None, worker=None, outcome=("life-now", 1), asks_safety=True):
        from medvirk.feedback.actions import start_episode

        worker = worker or self.worker
        return start_episode(
            by=self.make.viewer(worker),
            citizen=citizen or self.make.citizen(worker=worker),
            unit=self.unit,
            responsible=worker,
            started_on=self.make.long_ago,
            outcome=outcome,
            meeting=("this-meeting", 1),
            asks_safety=asks_safety,
        )

    def session(self, episode=None, *, at: datetime | None = None):
        """A session, now unless said otherwise; both forms can be answered."""
        from medvirk.feedback.actions import plan_session

        episode = episode or self.episode()
        if at is None:
            # Two of a course never begin at the same time.
            at = self.now + timedelta(minutes=episode.sessions.filter(starts_at__gte=self.now).count())
        return plan_session(by=self.viewer, episode=episode, starts_at=at, now=self.now)

    def citizen_names(self, session) -> set[str]:
        """What nobody but the worker may read about whom the session is with."""
        person = session.asks("before").about.person
        return {person.given_name, person.family_name}

    def link(self, occasion, channel="phone", **more) -> str:
        """A token."""
        from medvirk.answers.actions import make_link

        return make_link(by=self.viewer, occasion=occasion, channel=channel, now=self.now, **more)

    def way_in(self, occasion, channel="phone"):
        from medvirk.answers.queries import way_in

        return way_in(self.link(occasion, channel), now=self.now)

    def asked(self, *keys: str):
        from medvirk.answers.logic import Asked
        from medvirk.instruments.queries import effective

        return [Asked(effective(key), "nb") for key in keys]

    def send(self, found, sent: Mapping[str, str], *, asked: Iterable[str] = ("life-now",), **more):
        """Send an answer through a way in."""
        from medvirk.answers.actions import submit

        return submit(
            way_in=found,
            asked=self.asked(*asked),
            sent=sent,
            client_id=more.pop("client_id", None) or uuid.uuid4(),
            own_words=more.pop("own_words", ""),
            now=more.pop("now", self.now),
        )

    def held(
        self,
        episode,
        at: datetime,
        *,
        life: float | None,
        meeting: float | None = None,
        safety: int | None = None,
    ):
        """A session with what was said before and after it; None was not answered."""
        session = self.session(episode, at=at)
        sent = {} if life is None else marks("life-now", life)
        if safety is not None:
            sent["safety.q1"] = str(safety)
        if sent:
            self.send(self.way_in(session.asks("before")), sent, asked=("life-now", "safety"), now=at)
        if meeting is not None:
            self.send(
                self.way_in(session.asks("after")),
                marks("this-meeting", meeting),
                asked=("this-meeting",),
                now=at,
            )
        return session

    def course(self, scores: Sequence[float | None], *, episode=None, meeting: float | None = 40.0):
        """An episode with a session a week, the last one a week ago."""
        episode = episode or self.episode()
        for back, score in zip(range(len(scores), 0, -1), scores, strict=True):
            self.held(
                episode, self.now - 7 * back * DAY, life=score, meeting=None if score is None else meeting
            )
        return episode


@pytest.fixture
def care(make) -> Care:
    return Care(make)
