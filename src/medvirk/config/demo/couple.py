"""A couple in Fjordvik: each answers alone, one shows the other their curve, and a sister was asked how she sees it."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta

from django.utils import timezone

from medvirk.answers.actions import store
from medvirk.answers.logic import Asked
from medvirk.answers.models import Channel, Help, Occasion
from medvirk.answers.queries import asked_instruments
from medvirk.config.demo import cast, hours
from medvirk.feedback.actions import (
    add_member,
    ask_somebody,
    plan_session,
    say_what_is_shown,
    start_episode,
)
from medvirk.feedback.models import EpisodeKind, Session, ShownPart
from medvirk.instruments.definitions import Item
from medvirk.people.access import viewer_for
from medvirk.people.actions import register_citizen
from medvirk.people.logic import PersonDetails
from medvirk.people.models import Citizen, Staff, Unit

DAY = timedelta(days=1)
#: When they come, by the clock in Norway.
HOUR = 14
#: Days back, and what each of the two marked on every line before and after the conversation.
HELD = ((42, (3.0, 5.0), (7.0, 8.0)), (28, (3.5, 5.0), (8.0, 8.0)), (14, (5.0, 4.5), (9.0, 8.5)))
PAIR = (("Aksel", date(1981, 4, 3), 97101), ("Samira", date(1983, 9, 21), 97102))
SISTER = ("Leila", "Granlia")


def add_couple(*, now: datetime, worker: Staff, unit: Unit) -> None:
    """In the caseload of `worker`, with a conversation later today or tomorrow."""
    by, today = viewer_for(worker.user, now), timezone.localdate(now)
    began = today - 45 * DAY
    first, second = (_citizen(given, born, number, worker, began) for given, born, number in PAIR)
    episode = start_episode(
        by=by, citizen=first, unit=unit, responsible=worker, started_on=began, kind=EpisodeKind.COUPLE,
        outcome=("life-now", 1), meeting=("this-meeting", 1),
    )  # fmt: skip
    add_member(by=by, episode=episode, citizen=second, kind=EpisodeKind.COUPLE, since=began, now=now)
    for back, before, after in HELD:
        at = hours.at(today - back * DAY, HOUR)
        session = plan_session(by=by, episode=episode, starts_at=at, now=at)
        for citizen, life, meeting in zip((first, second), before, after, strict=True):
            _answer(session.asks("before", citizen.pk), life, at, helped=citizen == second)
            _answer(session.asks("after", citizen.pk), meeting, at)
    coming = plan_session(by=by, episode=episode, starts_at=hours.next_time(now, HOUR), now=now)
    say_what_is_shown(by=by, episode=episode, citizen=first, part=ShownPart.CURVE, yes=True, now=now)
    _sister(by, coming, second, now)


def _citizen(given: str, born: date, number: int, worker: Staff, since: date) -> Citizen:
    details = PersonDetails(
        given_name=given, family_name="Lyngmoen", birth_date=born,
        national_id=cast.synthetic_national_id(born, number),
    )  # fmt: skip
    return register_citizen(
        by=None,
        details=details,
        worker=worker,
        reason="Dere ba om noen å snakke med sammen",
        registered_on=since,
    )


def _answer(occasion: Occasion, mark: float, at: datetime, *, helped: bool = False, words: str = "") -> None:
    answers = []
    for instrument, topic in asked_instruments(occasion):
        share = 0.0 if instrument.key == "safety" else mark / 10
        values = {item.key: _nearest(item, share) for item in instrument.items if item.numeric}
        answers.append((Asked(instrument, "nb", topic), values))
    store(
        occasion=occasion,
        channel=Channel.PHONE,
        client_id=uuid.uuid5(occasion.pk, "couple"),
        answers=answers,
        own_words=words,
        at=at,
        helped_by=Help.INTERPRETER if helped else "",
        citizen_may_read=bool(words),
    )


def _nearest(item: Item, share: float) -> float:
    """What can be answered nearest to that share of the way from the lowest to the highest."""
    low, high = item.low or 0.0, item.high or 10.0
    wanted = low + share * (high - low)
    return min(item.options, key=lambda option: abs(option - wanted)) if item.options else wanted


def _sister(by, session: Session, citizen: Citizen, now: datetime) -> None:  # type: ignore[no-untyped-def]
    asked = ask_somebody(by=by, session=session, citizen=citizen, whom=SISTER, basis="citizen", now=now)
    _answer(asked, 6.0, now, words="Hun ler mer enn før, og hun er sliten om kvelden.")
