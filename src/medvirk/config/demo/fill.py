"""Writes Fjordvik into the database in bulk. Everybody in it is made up."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

import numpy as np
from django.db import models, transaction
from django.utils import timezone

from medvirk.answers.models import Answer, Ask, Channel, Occasion, Score, Submission
from medvirk.config.demo import cast
from medvirk.config.demo.couple import add_couple
from medvirk.config.demo.courses import CHANGES, OWN_WORDS, Drawn, draw
from medvirk.config.demo.goals import add_goals
from medvirk.config.demo.hours import at
from medvirk.config.demo.library import fill_library
from medvirk.config.demo.looked import make_looks
from medvirk.config.demo.over_time import change_over_time
from medvirk.config.demo.record import document
from medvirk.config.demo.reminding import send_reminders
from medvirk.config.demo.sharing import tie_and_close
from medvirk.config.demo.signals import follow_signals
from medvirk.config.demo.team import work_together
from medvirk.feedback.actions import fit_norms
from medvirk.feedback.models import Agreement, Asking, Ending, Episode, Moment, Participation, Session
from medvirk.instruments.loader import get
from medvirk.instruments.logic import score
from medvirk.people.identity import keys_of, sign_in_key
from medvirk.people.models import (
    Citizen,
    Grant,
    Person,
    PersonKey,
    Relation,
    Role,
    Staff,
    Unit,
    UnitKind,
    User,
)

SEED = 20240917
CITIZENS = 400
PER_DEPARTMENT = 5
YEARS = timedelta(days=730)
LIFE, MEETING, SAFETY = "life-now", "this-meeting", "safety"
TITLES = {
    Role.TEAM_LEADER: "psykiatrisk sykepleier",
    Role.PRACTITIONER: "sosionom",
    Role.PEER_WORKER: "",
    Role.ADMINISTRATOR: "rådgiver",
}
#: The caseload that one is shown first.
SHOWN_CASELOAD = 14


@dataclass
class Rows:
    """Rows by model, in the order in which they must be written."""

    rows: dict[type[models.Model], list[Any]] = field(default_factory=dict)

    def add(self, row: Any) -> Any:
        self.rows.setdefault(type(row), []).append(row)
        return row

    def write(self) -> None:
        for model, rows in self.rows.items():
            model._default_manager.bulk_create(rows, batch_size=2000)  # noqa: SLF001  Django's documented name


@transaction.atomic
def fill(*, now: datetime, caseload: int = SHOWN_CASELOAD) -> dict[str, int]:
    """Make everybody and everything; returns how many of each. The same seed gives the same Fjordvik.

    caseload: running courses of the one who is shown first.
    """
    rng = np.random.default_rng(SEED)
    ids = uuid_maker(rng)
    rows = Rows()
    today = timezone.localdate(now)
    departments = make_units(rows, ids, today)
    names = cast.names(CITIZENS + len(departments) * PER_DEPARTMENT, rng)
    staff = make_staff(rows, ids, rng, today, departments, names)
    make_courses(rows, ids, rng, now, departments, staff, names[-CITIZENS:], caseload)
    rows.write()
    change_over_time(today=today, department=departments[4])
    leader, worker, colleague, *_others = staff[departments[0].pk]
    tie_and_close(now=now, worker=worker, colleague=colleague, outsider=staff[departments[1].pk][1])
    add_goals(now=now, leader=leader, worker=worker, unit=departments[0])
    work_together(now=now, worker=worker, colleague=colleague, unit=departments[0])
    send_reminders(now=now, leader=leader, worker=worker, unit=departments[0])
    make_looks(worker=worker, now=now)
    fill_library(unit=departments[0].parent, now=now)
    add_couple(now=now, worker=worker, unit=departments[0])
    document(now=now, leader=leader, worker=worker, unit=departments[0])
    fit_norms(now=now)
    follow_signals(now=now, unit=departments[0], worker=worker)
    return {"citizens": CITIZENS, "sessions": len(rows.rows[Session]), "answers": len(rows.rows[Answer])}


def uuid_maker(rng: np.random.Generator) -> Any:
    """Ids that are the same every time."""
    return lambda: uuid.UUID(bytes=rng.bytes(16), version=4)


def make_units(rows: Rows, ids: Any, today: date) -> list[Unit]:
    start = today - YEARS - timedelta(days=365)
    town = rows.add(Unit(id=ids(), name=cast.MUNICIPALITY, kind=UnitKind.MUNICIPALITY, valid_from=start))
    service = rows.add(
        Unit(id=ids(), name=cast.SERVICE, kind=UnitKind.SERVICE, parent=town, valid_from=start)
    )
    return [
        rows.add(Unit(id=ids(), name=name, kind=UnitKind.DEPARTMENT, parent=service, valid_from=start))
        for name in cast.DEPARTMENTS
    ]


def make_person(
    rows: Rows, ids: Any, rng: np.random.Generator, today: date, name: cast.Name, number: int
) -> Person:
    born = cast.birth_date(rng, today)
    person = rows.add(
        Person(
            id=ids(),
            given_name=name.given,
            family_name=name.family,
            national_id=cast.synthetic_national_id(born, number),
            birth_date=born,
            # A series that no operator gives out: nobody can be called by mistake.
            phone=f"+4759{number % 1000000:06d}",
        )
    )
    known = keys_of(
        given_name=name.given,
        family_name=name.family,
        national_id=person.national_id,
        phone=person.phone,
        email="",
    )
    for kind, digest in known:
        rows.add(PersonKey(person=person, kind=kind, digest=digest))
    return person


def make_staff(
    rows: Rows,
    ids: Any,
    rng: np.random.Generator,
    today: date,
    departments: Sequence[Unit],
    names: list[cast.Name],
) -> dict[uuid.UUID, list[Staff]]:
    """Five in each department: a team leader, three practitioners and a peer worker. By department."""
    first = departments[0]
    placed = {
        (first.pk, 0): cast.Name(*cast.TEAM_LEADER),
        (first.pk, 1): cast.Name(*cast.PRACTITIONER),
    }
    roles = (Role.TEAM_LEADER, Role.PRACTITIONER, Role.PRACTITIONER, Role.PRACTITIONER, Role.PEER_WORKER)
    staff: dict[uuid.UUID, list[Staff]] = {}
    for department in departments:
        for place, role in enumerate(roles):
            name = placed.get((department.pk, place)) or names.pop(0)
            person = make_person(rows, ids, rng, today, name, 90000 + sum(map(len, staff.values())))
            staff.setdefault(department.pk, []).append(employ(rows, ids, today, person, role, department))
    administrator = make_person(rows, ids, rng, today, cast.Name(*cast.ADMINISTRATOR), 99000)
    employ(rows, ids, today, administrator, Role.ADMINISTRATOR, departments[0].parent)
    return staff


def employ(rows: Rows, ids: Any, today: date, person: Person, role: Role, unit: Unit | None) -> Staff:
    login = f"{person.given_name}.{person.family_name}"
    # Nobody signs in by password in the demo: the account has none.
    user = User(id=ids(), login=login, login_hash=sign_in_key(login))
    user.set_unusable_password()
    rows.add(user)
    worker = rows.add(Staff(id=ids(), person=person, user=user, title=TITLES[role]))
    rows.add(Grant(staff=worker, role=role, unit=unit, valid_from=today - YEARS))
    return worker


def make_courses(
    rows: Rows,
    ids: Any,
    rng: np.random.Generator,
    now: datetime,
    departments: Sequence[Unit],
    staff: dict[uuid.UUID, list[Staff]],
    names: Iterable[cast.Name],
    caseload: int,
) -> None:
    """One course of help for each citizen; the first few are the caseload one is shown."""
    today = timezone.localdate(now)
    for number, name in enumerate(names):
        shown = number < caseload
        unit = departments[0] if shown else departments[int(rng.integers(len(departments)))]
        workers = staff[unit.pk]
        worker = workers[1] if shown else workers[1 + int(rng.integers(len(workers) - 1))]
        citizen = rows.add(Citizen(id=ids(), person=make_person(rows, ids, rng, today, name, number)))
        if number == 0:
            open_own_pages(rows, citizen)
        drawn = draw(rng, int(rng.integers(3, 15)))
        count = len(drawn.life)
        starts = shown_times(rng, now, number, count) if shown else past_times(rng, now, count)
        tie(rows, citizen, worker, unit, starts[0].date())
        make_episode(rows, ids, rng, now, citizen, worker, unit, drawn, starts, running=shown)


def open_own_pages(rows: Rows, citizen: Citizen) -> None:
    """An account of their own, as ID-porten would give it."""
    login = ".".join(cast.OWN_ACCOUNT)
    user = User(
        id=uuid.uuid5(citizen.pk, "own"), login=login, login_hash=sign_in_key(login), person=citizen.person
    )
    user.set_unusable_password()
    rows.add(user)


def shown_times(rng: np.random.Generator, now: datetime, number: int, count: int) -> list[datetime]:
    """Times of a running course; the first six citizens come in today, the others soon."""
    hours = [9, 10, 11, 13, 14, 15]
    today = timezone.localdate(now)
    coming = today + timedelta(days=0 if number < len(hours) else int(rng.integers(1, 12)))
    last = at(coming, hours[number % len(hours)])
    return [*reversed([last - timedelta(days=14 * (back + 1)) for back in range(count)]), last]


def past_times(rng: np.random.Generator, now: datetime, count: int) -> list[datetime]:
    """Times of a course somewhere in the last two years, some still running."""
    gap = int(rng.integers(7, 22))
    latest_start = max((YEARS - timedelta(days=30)).days, 1)
    start = timezone.localdate(now) - timedelta(days=int(rng.integers(20, latest_start)))
    hour = int(rng.integers(8, 16))
    return [at(start + timedelta(days=gap * number), hour) for number in range(count)]


def tie(rows: Rows, citizen: Citizen, worker: Staff, unit: Unit, since: date) -> None:
    rows.add(Relation(id=uuid.uuid5(citizen.pk, "worker"), citizen=citizen, staff=worker, valid_from=since,
                      reason="Gir deg hjelp"))  # fmt: skip
    rows.add(Relation(id=uuid.uuid5(citizen.pk, "team"), citizen=citizen, unit=unit, valid_from=since,
                      reason="Teamet rundt deg"))  # fmt: skip


def make_episode(
    rows: Rows,
    ids: Any,
    rng: np.random.Generator,
    now: datetime,
    citizen: Citizen,
    worker: Staff,
    unit: Unit,
    drawn: Drawn,
    starts: list[datetime],
    *,
    running: bool,
) -> None:
    ended = None if running or starts[-1] > now - timedelta(days=21) else starts[-1].date()
    ending = "" if ended is None else end_of(rng, drawn)
    episode = rows.add(
        Episode(
            id=ids(),
            unit=unit,
            responsible=worker,
            started_on=starts[0].date(),
            ended_on=ended,
            ending=ending,
            outcome_key=LIFE,
            outcome_version=1,
            meeting_key=MEETING,
            meeting_version=1,
        )
    )
    rows.add(Participation(episode=episode, citizen=citizen))
    changed = int(rng.integers(2, 6)) if rng.random() < 0.4 else None
    for number, start in enumerate(starts):
        session, asked = make_session(rows, ids, episode, citizen, start)
        if start < now and number < len(drawn.life):
            answer(rows, rng, start, asked, drawn, number)
            if number == changed:
                text = CHANGES[int(rng.integers(len(CHANGES)))]
                rows.add(
                    Agreement(
                        id=ids(),
                        episode=episode,
                        session=session,
                        text=text,
                        noted_by=worker,
                        noted_at=start,
                    )
                )


def end_of(rng: np.random.Generator, drawn: Drawn) -> Ending:
    if drawn.stopped:
        return Ending.UNPLANNED
    return Ending.MOVED if rng.random() < 0.1 else Ending.PLANNED


def make_session(
    rows: Rows, ids: Any, episode: Episode, citizen: Citizen, start: datetime
) -> tuple[Session, dict[Moment, Occasion]]:
    """A conversation, and what is asked around it."""

    def occasion(*instruments: str) -> Occasion:
        row = rows.add(
            Occasion(
                id=ids(),
                about=citizen,
                respondent=citizen.person,
                opens_at=start - timedelta(days=7),
                created_at=start - timedelta(days=7),
            )
        )
        for position, key in enumerate(instruments):
            rows.add(Ask(occasion=row, position=position, instrument_key=key, instrument_version=1))
        return row

    session = rows.add(Session(id=ids(), episode=episode, starts_at=start))
    asked = {Moment.BEFORE: occasion(LIFE, SAFETY), Moment.AFTER: occasion(MEETING)}
    for moment, row in asked.items():
        rows.add(Asking(session=session, citizen=citizen, moment=moment, occasion=row))
    return session, asked


def answer(
    rows: Rows,
    rng: np.random.Generator,
    start: datetime,
    asked: dict[Moment, Occasion],
    drawn: Drawn,
    number: int,
) -> None:
    """What was said before and after one session."""
    life, meeting = drawn.life[number], drawn.meeting[number]
    if life is not None:
        words = OWN_WORDS[int(rng.integers(len(OWN_WORDS)))] if rng.random() < 0.2 else ""
        sent = send(rows, rng, asked[Moment.BEFORE], start - timedelta(minutes=4), words)
        say(rows, sent, LIFE, life)
        say(rows, sent, SAFETY, [1.0 if drawn.kind == "worsens" and rng.random() < 0.15 else 0.0])
    if meeting is not None:
        sent = send(rows, rng, asked[Moment.AFTER], start + timedelta(minutes=48), "")
        say(rows, sent, MEETING, meeting)


def send(rows: Rows, rng: np.random.Generator, occasion: Occasion, when: datetime, words: str) -> Submission:
    channel = Channel.PHONE if rng.random() < 0.6 else Channel.SCREEN
    return rows.add(
        Submission(
            id=len(rows.rows.get(Submission, ())) + 1,
            occasion=occasion,
            client_id=uuid.UUID(bytes=rng.bytes(16)),
            channel=channel,
            submitted_at=when,
            own_words=words,
        )
    )


def say(rows: Rows, sent: Submission, key: str, marks: Sequence[float]) -> None:
    from medvirk.instruments.logic import alerts

    instrument = get(key, 1)
    values = {item.key: mark for item, mark in zip(instrument.items, marks, strict=True)}
    raised = [{"item": alert.item, "kind": str(alert.kind)} for alert in alerts(instrument, values)]
    row = rows.add(
        Answer(
            id=len(rows.rows.get(Answer, ())) + 1,
            submission=sent,
            instrument_key=key,
            instrument_version=1,
            language="nb",
            values=values,
            alerts=raised,
        )
    )
    for scale, result in score(instrument, values).items():
        rows.add(Score(answer=row, scale=scale, value=result.value, missing_reason=result.missing_reason or "",
                       answered=result.answered, of=result.of))  # fmt: skip
