"""What the table says, as people with episodes and sessions, and everything in it that cannot be. Pure."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TypeVar

from medvirk.instruments.definitions import Instrument
from medvirk.instruments.loader import Catalogue, UnknownInstrument, find
from medvirk.interop.importing.answers import Part, Said, after_part, before_part, said
from medvirk.interop.importing.columns import Columns, Field, normal_heading
from medvirk.interop.importing.reading import Row, shown
from medvirk.people.logic import (
    PersonDetails,
    RefusedError,
    check_birth_date,
    check_phone,
    normal_name,
    parse_national_id,
)
from medvirk.tables import Fault
from medvirk.tables.writing import FORMULA_STARTS

Key = TypeVar("Key", bound=Hashable)

#: Where the file gives the day of a conversation only. Noon is the same day in every time zone of Norway.
TIME_UNKNOWN = time(12)
ENDINGS = {
    "planned": "planned", "planlagt": "planned",
    "unplanned": "unplanned", "ikke_planlagt": "unplanned", "ikkje_planlagt": "unplanned",
    "uplanlagt": "unplanned", "moved": "moved", "flyttet": "moved", "flytta": "moved", "videre": "moved",
}  # fmt: skip

LACKING = "This cell is empty. Fill it in, or remove the row."
LACKING_ONCE = "No row of this %(of)s fills in this column. Fill it in at least once."
DIFFERS = "Row %(first)s gives the same %(of)s another value here. Make them the same."
FORMULA = "This looks like a formula, not a name. Write the name."
BIRTH_DATES_DIFFER = "The birth date and the national identity number do not agree. Check both."
LEADING_ZERO = " Excel drops a 0 at the beginning: give the column the format Text."
SAME_NUMBER = "Row %(first)s has the same national identity number for another person. Use one reference."
SAME_PERSON = (
    "Row %(first)s has the same name and the same birth date or phone under another reference. Use one "
    "reference for one person; if they are two people, fill in both national identity numbers."
)
FUTURE = "This day has not come yet. Import what has been, and plan the rest in Medvirk."
ENDS_EARLY = "The episode ends before it starts. Correct one of the days."
NO_ENDING = "The episode has an end. Say how it ended: planned, unplanned or moved."
NO_END = "The episode has an ending but no day. Fill in the day in “%(end)s”, or empty this cell."
UNKNOWN_ENDING = "This is no way of ending. Write planned, unplanned or moved."
NO_INSTRUMENT = "There are answers, but no instrument. Fill in this column, or give %(option)s KEY."
NO_SCALE = "%(instrument)s has no score, so a course cannot rest on it. Name another instrument."
BAD_VERSION = "The version must be a whole number, such as %(key)s@1."
BEFORE_START = "The conversation is before the start of its episode, %(day)s. Correct one of them."
AFTER_END = "The conversation is after the end of its episode, %(day)s. Correct one of them."
TWICE = "Row %(first)s is the same person at the same time. Keep one of them."


@dataclass(frozen=True, slots=True)
class SessionIn:
    """One conversation. row: its row in the file. starts: local time without zone; timed: the file has it."""

    row: int
    starts: datetime
    timed: bool
    before: Said | None
    after: Said | None


@dataclass(frozen=True, slots=True)
class EpisodeIn:
    """One course of help. row: its first row. unit, worker: as written, not yet looked up."""

    row: int
    unit: str
    worker: str
    started_on: date
    ended_on: date | None
    ending: str
    outcome: Instrument
    meeting: Instrument
    sessions: tuple[SessionIn, ...]


@dataclass(frozen=True, slots=True)
class PersonIn:
    """One person by the source's own reference. row: their first row."""

    row: int
    ref: str
    details: PersonDetails
    episodes: tuple[EpisodeIn, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where an episode is, and with whom, as the file writes it ("" where it does not say)."""

    row: int
    unit: str
    worker: str
    started_on: date
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class Content:
    """What the table says.

    people: without those about whom something is wrong. places: of all episodes, also of those, so that
    what is looked up elsewhere is told in the same go. faults: in the order found.
    """

    people: tuple[PersonIn, ...]
    places: tuple[Place, ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class Asked:
    """Instruments as `key` or `key@version`: what the options name ("" for none), and what a course without
    any answer is set to ask from now on."""

    outcome: str
    meeting: str
    outcome_otherwise: str
    meeting_otherwise: str


def content_of(
    rows: Sequence[Row], columns: Columns, *, catalogue: Catalogue, asked: Asked, today: date
) -> Content:
    """The people of the rows, in the order of the file, and every fault."""
    reader = _Reader(columns, catalogue, asked, today)
    people = [reader.person(ref, held) for ref, held in reader.grouped(rows, Field.PERSON, _ref)]
    found = tuple(person for person in people if person is not None)
    return Content(found, tuple(reader.places), (*reader.faults, *_same_people(found, columns)))


def _ref(row: Row) -> str | None:
    return row.person or None


class _Reader:
    """Reads rows into people and gathers what is wrong on the way."""

    def __init__(self, columns: Columns, catalogue: Catalogue, asked: Asked, today: date) -> None:
        self.columns = columns
        self.catalogue = catalogue
        self.asked = asked
        self.today = today
        self.faults: list[Fault] = []
        self.places: list[Place] = []

    def fault(self, row: int, field: Field, value: object, problem: str, **facts: str | int) -> None:
        told = f"{value:%d.%m.%Y}" if isinstance(value, date) else None if value is None else str(value)
        told = None if told is None else shown(field, told)
        self.faults.append(Fault(row, self.columns.heading(field), told, problem, facts))

    def grouped(
        self, rows: Iterable[Row], field: Field, key_of: Callable[[Row], Key | None]
    ) -> Iterator[tuple[Key, list[Row]]]:
        """Rows by key, in the order of the file; a row without one is told and left out."""
        groups: dict[Key, list[Row]] = {}
        for row in rows:
            key = key_of(row)
            if key is not None:
                groups.setdefault(key, []).append(row)
            elif self.columns.heading(field) not in row.broken:
                self.fault(row.number, field, None, LACKING)
        return iter(groups.items())

    def agreed(self, rows: Sequence[Row], field: Field, of: str) -> tuple[int, str]:
        """The text that all rows that state it agree on, with its row; "" where none does."""
        first: tuple[int, str] = (rows[0].number, "")
        for row in rows:
            value = " ".join(str(getattr(row, field)).split())
            if value and not first[1]:
                first = (row.number, value)
            elif value and value != first[1]:
                self.fault(row.number, field, value, DIFFERS, first=first[0], of=of)
        return first

    def agreed_day(self, rows: Sequence[Row], field: Field, of: str) -> tuple[int, date | None]:
        """As `agreed`, for a day."""
        first: tuple[int, date | None] = (rows[0].number, None)
        for row in rows:
            value: date | None = getattr(row, field)
            if value is not None and first[1] is None:
                first = (row.number, value)
            elif value is not None and value != first[1]:
                self.fault(row.number, field, value, DIFFERS, first=first[0], of=of)
        return first

    def needed(self, rows: Sequence[Row], field: Field, of: str) -> str:
        """As `agreed`, and a fault where no row states it."""
        _, value = self.agreed(rows, field, of)
        if not value:
            self.fault(rows[0].number, field, None, LACKING_ONCE, of=of)
        return value

    def person(self, ref: str, rows: list[Row]) -> PersonIn | None:
        before = len(self.faults)
        details = self.details(rows)
        faulty = len(self.faults) > before
        episodes = [
            self.episode(started_on, held)
            for started_on, held in self.grouped(rows, Field.EPISODE_START, lambda row: row.episode_start)
        ]
        kept = tuple(episode for episode in episodes if episode is not None)
        return None if faulty else PersonIn(rows[0].number, ref, details, kept)

    def details(self, rows: Sequence[Row]) -> PersonDetails:
        """Who it is, with numbers as they are stored."""
        given, family = (self.name(rows, field) for field in (Field.GIVEN_NAME, Field.FAMILY_NAME))
        number, born = self.birth(rows)
        row, phone = self.agreed(rows, Field.PHONE, "person")
        try:
            phone = check_phone(phone) if phone else ""
        except RefusedError as refused:
            self.fault(row, Field.PHONE, phone, " ".join(refused.sentences))
        return PersonDetails(given, family, national_id=number, birth_date=born, phone=phone)

    def name(self, rows: Sequence[Row], field: Field) -> str:
        name = self.needed(rows, field, "person")
        if name.startswith(FORMULA_STARTS):
            self.fault(rows[0].number, field, name, FORMULA)
        return name

    def birth(self, rows: Sequence[Row]) -> tuple[str, date | None]:
        """(national identity number, birth date); the number tells the date."""
        row, number = self.agreed(rows, Field.NATIONAL_ID, "person")
        born_row, born = self.agreed_day(rows, Field.BIRTH_DATE, "person")
        if not number:
            try:
                if born is not None:
                    check_birth_date(born, today=self.today)
            except RefusedError as refused:
                self.fault(born_row, Field.BIRTH_DATE, born, " ".join(refused.sentences))
            return "", born
        try:
            read = parse_national_id(number, today=self.today)
        except RefusedError as refused:
            hint = LEADING_ZERO if len(number) == 10 else ""
            self.fault(row, Field.NATIONAL_ID, number, " ".join(refused.sentences) + hint)
            return "", born
        if born is not None and born != read.birth_date:
            self.fault(born_row, Field.BIRTH_DATE, born, BIRTH_DATES_DIFFER)
        return read.digits, read.birth_date

    def episode(self, started_on: date, rows: list[Row]) -> EpisodeIn | None:
        before = len(self.faults)
        if started_on > self.today:
            self.fault(rows[0].number, Field.EPISODE_START, started_on, FUTURE)
        unit, worker = (self.needed(rows, field, "episode") for field in (Field.UNIT, Field.WORKER))
        ended_on, ending = self.end(started_on, rows)
        outcome = self.instrument(rows, Field.INSTRUMENT, self.asked.outcome, self.asked.outcome_otherwise)
        meeting = self.instrument(
            rows, Field.MEETING_INSTRUMENT, self.asked.meeting, self.asked.meeting_otherwise
        )
        self.places.append(Place(rows[0].number, unit, worker, started_on, ended_on))
        faulty = len(self.faults) > before
        sessions = [
            self.session(row, moment, (started_on, ended_on), (outcome, meeting))
            for row, moment in self.moments(rows)
        ]
        if faulty or outcome is None or meeting is None:
            return None
        return EpisodeIn(
            rows[0].number, unit, worker, started_on, ended_on, ending, outcome, meeting, tuple(sessions)
        )

    def end(self, started_on: date, rows: Sequence[Row]) -> tuple[date | None, str]:
        """The last day and how it ended; (None, "") for one that goes on."""
        row, ended_on = self.agreed_day(rows, Field.EPISODE_END, "episode")
        ending_row, written = self.agreed(rows, Field.ENDING, "episode")
        ending = ENDINGS.get(normal_heading(written), "") if written else ""
        if written and not ending:
            self.fault(ending_row, Field.ENDING, written, UNKNOWN_ENDING)
        if ended_on is None:
            is_told = any(self.columns.heading(Field.EPISODE_END) in each.broken for each in rows)
            if ending and not is_told:
                end = self.columns.heading(Field.EPISODE_END)
                self.fault(ending_row, Field.ENDING, written, NO_END, end=end)
            return None, ""
        if ended_on > self.today:
            self.fault(row, Field.EPISODE_END, ended_on, FUTURE)
        if ended_on < started_on:
            self.fault(row, Field.EPISODE_END, ended_on, ENDS_EARLY)
        if not written:
            self.fault(row, Field.ENDING, None, NO_ENDING)
        return ended_on, ending

    def instrument(self, rows: Sequence[Row], field: Field, option: str, otherwise: str) -> Instrument | None:
        """The instrument that the rows or the option name; None is a fault, and told."""
        row, named = self.agreed(rows, field, "episode")
        named = named or option
        if not named and (first := _first_answered(rows, field)) is not None:
            flag = "--instrument" if field is Field.INSTRUMENT else "--meeting-instrument"
            self.fault(first, field, None, NO_INSTRUMENT, option=flag)
            return None
        key, at, version = (named or otherwise).partition("@")
        if at and not version.isdecimal():
            self.fault(row, field, named, BAD_VERSION, key=key)
            return None
        try:
            found = find(self.catalogue, key, int(version) if at else None)
        except UnknownInstrument as unknown:
            self.fault(row, field, named, "%(reason)s", reason=str(unknown))
            return None
        if found.main_scale is None:
            self.fault(row, field, named, NO_SCALE, instrument=found.id)
            return None
        return found

    def moments(self, rows: Iterable[Row]) -> Iterator[tuple[Row, datetime]]:
        """Rows with their time, each time once."""
        for moment, held in self.grouped(rows, Field.SESSION, lambda row: row.session):
            for extra in held[1:]:
                self.fault(extra.number, Field.SESSION, moment, TWICE, first=held[0].number)
            yield held[0], moment

    def session(
        self,
        row: Row,
        moment: datetime,
        period: tuple[date, date | None],
        instruments: tuple[Instrument | None, Instrument | None],
    ) -> SessionIn:
        """One row; `period` is the first and last day of its episode, `instruments` before and after."""
        (started_on, ended_on), (outcome, meeting) = period, instruments
        day = moment.date()
        if day > self.today:
            self.fault(row.number, Field.SESSION, moment, FUTURE)
        if day < started_on:
            self.fault(row.number, Field.SESSION, moment, BEFORE_START, day=f"{started_on:%d.%m.%Y}")
        if ended_on is not None and started_on <= ended_on < day:
            self.fault(row.number, Field.SESSION, moment, AFTER_END, day=f"{ended_on:%d.%m.%Y}")
        timed = moment.time() != time.min
        starts = moment if timed else datetime.combine(day, TIME_UNKNOWN)
        before = self.said(before_part(row, self.columns), outcome)
        return SessionIn(row.number, starts, timed, before, self.said(after_part(row, self.columns), meeting))

    def said(self, part: Part, instrument: Instrument | None) -> Said | None:
        if instrument is None:
            return None
        found, faults = said(part, instrument)
        self.faults += faults
        return found


def _first_answered(rows: Iterable[Row], field: Field) -> int | None:
    """The first row with answers to the instrument of that column."""
    for row in rows:
        answered = row.items if field is Field.INSTRUMENT else row.meeting_items
        score = row.score if field is Field.INSTRUMENT else row.meeting_score
        if answered or score is not None:
            return row.number
    return None


def _same_people(people: Iterable[PersonIn], columns: Columns) -> Iterator[Fault]:
    """One person under two references would become two people, and nobody would see it."""
    numbers: dict[str, PersonIn] = {}
    alike: dict[tuple[str, object], PersonIn] = {}
    for person in people:
        details = person.details
        if details.national_id:
            first = numbers.setdefault(details.national_id, person)
            if first is not person:
                told = shown(Field.NATIONAL_ID, details.national_id)
                facts = {"first": first.row}
                yield Fault(person.row, columns.heading(Field.NATIONAL_ID), told, SAME_NUMBER, facts)
                continue
        firsts = [alike.setdefault(mark, person) for mark in _marks(details)]
        first_alike = next((each for each in firsts if may_be_same(each.details, details)), person)
        if first_alike is not person:
            told = shown(Field.PERSON, person.ref)
            facts = {"first": first_alike.row}
            yield Fault(person.row, columns.heading(Field.PERSON), told, SAME_PERSON, facts)


def _marks(details: PersonDetails) -> Iterator[tuple[str, object]]:
    name = normal_name(details.given_name, details.family_name)
    if details.birth_date is not None:
        yield name, details.birth_date
    if details.phone:
        yield name, details.phone


def may_be_same(one: PersonDetails, other: PersonDetails) -> bool:
    """Could two with the same name be one person? Not with two national identity numbers or birth dates."""
    if one.national_id and other.national_id:
        return one.national_id == other.national_id
    if one.birth_date and other.birth_date:
        return one.birth_date == other.birth_date
    return bool(one.phone) and one.phone == other.phone
