"""Episodes, sessions and answers of one citizen: what is new, what is there, what does not fit."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.utils import timezone

from medvirk.answers.models import Answer, Ask, Capacity, Channel, Occasion, Score, Submission
from medvirk.feedback.models import Asking, Episode, Moment, Participation, Session
from medvirk.instruments.definitions import Instrument
from medvirk.interop.importing.answers import ROUNDING, Said
from medvirk.interop.importing.columns import Columns, Field
from medvirk.interop.importing.keys import made_from
from medvirk.interop.importing.logic import EpisodeIn, SessionIn
from medvirk.interop.importing.outcome import Matched
from medvirk.interop.importing.places import Found
from medvirk.interop.importing.queries import Known
from medvirk.people.models import Citizen, Relation, Staff, Unit

#: BCP 47: nobody wrote down in which language the questions were shown.
LANGUAGE_UNKNOWN = "und"
SAME = 1e-9

OTHER_INSTRUMENT = "This episode is registered with %(there)s. An episode is followed with one instrument."
OTHER_END = (
    "This episode is registered with another end (%(there)s). Change it in Medvirk, or empty the cell."
)
ENDED = "This episode ended in Medvirk on %(day)s, before this conversation. Open it again there first."
CANCELLED = "This conversation is cancelled in Medvirk, and has no answers there. Empty the answers."
OTHER_VALUE = "Already imported or answered with another value (%(there)s). An answer is never overwritten."
OTHER_WORDS = "Already imported or answered with other words. An answer is never overwritten."
ANSWERED_OTHERWISE = "Already answered with another instrument. An answer is never overwritten."


@dataclass(frozen=True)
class Frame:
    """What is the same for all rows.

    source: whose references the table uses. reason: why the relations are there, in words the citizen would
    understand. now: with time zone.
    """

    known: Known
    found: Found
    columns: Columns
    source: str
    reason: str
    now: datetime


class Courses:
    """The episodes of one citizen. touched: codes of the parts of the record that got something new."""

    def __init__(self, frame: Frame, matched: Matched, citizen: Citizen) -> None:
        self.frame = frame
        self.known = frame.known
        self.matched = matched
        self.citizen = citizen
        self.touched: set[str] = set()
        # Occasions by session and moment, of those that this table speaks of.
        self.asked: dict[uuid.UUID, dict[str, uuid.UUID]] = {}
        self.relations = [
            (row.staff_id or row.unit_id, row.valid_from, row.valid_to)
            for row in frame.known.relations.get(citizen.pk, ())
        ]

    def fault(self, row: int, at: Field | str, value: str, problem: str, **facts: str) -> None:
        self.matched.fault(self.frame.columns, row, at, value, problem, **facts)

    def episode(self, episode: EpisodeIn) -> None:
        unit = self.frame.found.units.get((episode.unit, episode.started_on, episode.ended_on))
        worker = self.frame.found.staff.get(episode.worker)
        if unit is None or worker is None:
            return
        there = self.registered(episode, unit)
        self.matched.episodes.count(new=there is None)
        if there is None:
            row = self.new_episode(episode, unit, worker)
        elif self.fits(episode, there):
            row = there
        else:
            return
        timed = {timezone.make_aware(each.starts) for each in episode.sessions if each.timed}
        for session in episode.sessions:
            self.session(row, session, timed)

    def registered(self, episode: EpisodeIn, unit: Unit) -> Episode | None:
        held = self.known.episodes.get(self.citizen.pk, ())
        pk = self.episode_id(episode)
        by_id = next((each for each in held if each.pk == pk), None)
        same = (each for each in held if each.started_on == episode.started_on and each.unit_id == unit.pk)
        return by_id or next(same, None)

    def episode_id(self, episode: EpisodeIn) -> uuid.UUID:
        return made_from(self.citizen.pk, "episode", episode.started_on.isoformat())

    def fits(self, episode: EpisodeIn, there: Episode) -> bool:
        """Does the table agree with what is registered? Unit and worker may have changed since."""
        before = len(self.matched.faults)
        outcome, meeting = (
            (there.outcome_key, there.outcome_version),
            (there.meeting_key, there.meeting_version),
        )
        if any(each.before for each in episode.sessions):
            self.compare_instrument(episode, Field.INSTRUMENT, episode.outcome, outcome)
        if any(each.after for each in episode.sessions):
            self.compare_instrument(episode, Field.MEETING_INSTRUMENT, episode.meeting, meeting)
        stated = (episode.ended_on, episode.ending)
        if episode.ended_on is not None and stated != (there.ended_on, there.ending):
            told = f"{there.ended_on:%d.%m.%Y}, {there.ending}" if there.ended_on else "none"
            self.fault(episode.row, Field.EPISODE_END, f"{episode.ended_on:%d.%m.%Y}", OTHER_END, there=told)
        return len(self.matched.faults) == before

    def compare_instrument(
        self, episode: EpisodeIn, at: Field, stated: Instrument, there: tuple[str, int]
    ) -> None:
        if (stated.key, stated.version) != there:
            self.fault(episode.row, at, stated.id, OTHER_INSTRUMENT, there=f"{there[0]}@{there[1]}")

    def new_episode(self, episode: EpisodeIn, unit: Unit, worker: Staff) -> Episode:
        row = self.matched.add(
            Episode(
                id=self.episode_id(episode),
                unit=unit,
                responsible=worker,
                started_on=episode.started_on,
                ended_on=episode.ended_on,
                ending=episode.ending,
                outcome_key=episode.outcome.key,
                outcome_version=episode.outcome.version,
                meeting_key=episode.meeting.key,
                meeting_version=episode.meeting.version,
            )
        )
        self.matched.add(Participation(episode=row, citizen=self.citizen))
        self.tie(worker, None, episode)
        self.tie(None, unit, episode)
        self.touched.add("feedback.episode")
        return row

    def tie(self, worker: Staff | None, unit: Unit | None, episode: EpisodeIn) -> None:
        """The relation that opens the record as long as the episode lasts, where there is none."""
        pk = worker.pk if worker else unit.pk if unit else None
        held = [(first, last) for other, first, last in self.relations if other == pk]
        period = uncovered(episode.started_on, episode.ended_on, held)
        if pk is None or period is None:
            return
        first, last = period
        self.relations.append((pk, first, last))
        self.matched.add(
            Relation(
                id=made_from(self.citizen.pk, "relation", str(pk), first.isoformat()),
                citizen=self.citizen,
                staff=worker,
                unit=unit,
                reason=self.frame.reason,
                valid_from=first,
                valid_to=last,
            )
        )

    def session(self, episode: Episode, session: SessionIn, timed: set[datetime]) -> None:
        starts_at = timezone.make_aware(session.starts)
        pk = made_from(episode.pk, "session", starts_at.isoformat())
        there = registered_session(
            self.known.sessions.get(episode.pk, ()), pk, starts_at, timed if not session.timed else None
        )
        self.matched.sessions.count(new=there is None)
        if there is None and episode.ended_on is not None and session.starts.date() > episode.ended_on:
            day = f"{episode.ended_on:%d.%m.%Y}"
            self.fault(session.row, Field.SESSION, f"{session.starts:%d.%m.%Y}", ENDED, day=day)
            return
        row = there or self.new_session(episode, pk, starts_at)
        for said, moment in ((session.before, Moment.BEFORE), (session.after, Moment.AFTER)):
            if said is not None:
                self.said(said, self.asked_at(row, episode, moment), session.row, row)

    def new_session(self, episode: Episode, pk: uuid.UUID, starts_at: datetime) -> Session:
        self.touched.add("feedback.session")
        row = self.matched.add(Session(id=pk, episode=episode, starts_at=starts_at))
        self.asked[pk] = {}
        for moment in Moment:
            self.asked_at(row, episode, moment)
        return row

    def asked_at(self, session: Session, episode: Episode, moment: Moment) -> uuid.UUID:
        """The occasion at which the citizen says something around this conversation; made where there is none."""
        held = self.asked.get(session.pk)
        if held is None:
            held = self.asked[session.pk] = {
                each.moment: each.occasion_id
                for each in session.askings.all()
                if each.citizen_id == self.citizen.pk and each.occasion.capacity == Capacity.SELF
            }
        if moment not in held:
            form = {
                Moment.BEFORE: (episode.outcome_key, episode.outcome_version),
                Moment.AFTER: (episode.meeting_key, episode.meeting_version),
            }[moment]
            occasion = self.occasion(session.pk, moment, session.starts_at, form)
            self.matched.add(Asking(session=session, citizen=self.citizen, moment=moment, occasion=occasion))
            held[moment] = occasion.pk
        return held[moment]

    def occasion(
        self, session: uuid.UUID, moment: str, starts_at: datetime, instrument: tuple[str, int]
    ) -> Occasion:
        row = self.matched.add(
            Occasion(
                id=made_from(session, moment),
                about=self.citizen,
                respondent_id=self.citizen.person_id,
                opens_at=starts_at,
                created_at=self.frame.now,
            )
        )
        key, version = instrument
        self.matched.add(Ask(occasion=row, position=0, instrument_key=key, instrument_version=version))
        return row

    def said(self, said: Said, occasion: uuid.UUID, row: int, session: Session) -> None:
        there = self.known.submissions.get(occasion)
        self.matched.answers.count(new=there is None)
        if there is not None:
            self.compare(said, there, row)
        elif session.cancelled_at is not None:
            self.fault(row, said.heading, said.shown, CANCELLED)
        else:
            self.touched.add("feedback.session")
            self.new_answer(said, occasion, session.starts_at)

    def new_answer(self, said: Said, occasion: uuid.UUID, at: datetime) -> None:
        submission = self.matched.add(
            Submission(
                occasion_id=occasion,
                client_id=made_from(occasion, "submission"),
                channel=Channel.IMPORT,
                submitted_at=at,
                own_words=said.own_words,
            )
        )
        answer = self.matched.add(
            Answer(
                submission=submission,
                instrument_key=said.instrument.key,
                instrument_version=said.instrument.version,
                language=LANGUAGE_UNKNOWN,
                values=dict(said.values),
                alerts=[{"item": each.item, "kind": str(each.kind)} for each in said.alerts],
            )
        )
        for score in said.scores:
            self.matched.add(
                Score(
                    answer=answer,
                    scale=score.scale,
                    value=score.value,
                    missing_reason=str(score.missing_reason or ""),
                    answered=score.answered,
                    of=score.of,
                )
            )

    def compare(self, said: Said, there: Submission, row: int) -> None:
        """What the table states must be what is stored; what it leaves empty is not stated."""
        if said.own_words and said.own_words != there.own_words:
            self.fault(row, Field.OWN_WORDS, said.own_words[:40], OTHER_WORDS)
        if not said.values and said.main_value is None:
            return
        key = (said.instrument.key, said.instrument.version)
        answers = there.answers.all()
        answer = next((a for a in answers if (a.instrument_key, a.instrument_version) == key), None)
        if answer is None:
            self.fault(row, said.heading, said.shown, ANSWERED_OTHERWISE)
        elif not same_answer(said, answer):
            self.fault(row, said.heading, said.shown, OTHER_VALUE, there=_told(said, answer))


def same_answer(said: Said, answer: Answer) -> bool:
    """Question by question where both have the answers, otherwise by the main score."""
    if said.values and answer.values:
        return bool(dict(said.values) == answer.values)
    stored = _stored(said, answer)
    if stored is None or said.main_value is None:
        return stored is None and said.main_value is None
    return abs(stored - said.main_value) <= (ROUNDING if said.values or answer.values else SAME)


def _stored(said: Said, answer: Answer) -> float | None:
    scale = said.instrument.main_scale
    return next((each.value for each in answer.scores.all() if scale and each.scale == scale.key), None)


def _told(said: Said, answer: Answer) -> str:
    """The stored answer as the table would write it."""
    if said.values and answer.values:
        return ", ".join(f"{value:g}" for value in answer.values.values() if not isinstance(value, str))
    stored = _stored(said, answer)
    return "no score" if stored is None else f"{stored:g}"


def registered_session(
    held: Sequence[Session], pk: uuid.UUID, starts_at: datetime, timed: set[datetime] | None
) -> Session | None:
    """The session by its id, or by its time; where the table gives the day only, the one of that day.

    timed: None where the table gives the time; otherwise the times that its other rows speak of.
    """
    exact = (each for each in held if each.pk == pk or each.starts_at == starts_at)
    if (found := next(exact, None)) is not None or timed is None:
        return found
    day = timezone.localdate(starts_at)
    same_day = [
        each
        for each in held
        if timezone.localdate(each.starts_at) == day and each.starts_at not in timed and not each.cancelled_at
    ]
    return same_day[0] if len(same_day) == 1 else None


def uncovered(
    first: date, last: date | None, held: Iterable[tuple[date, date | None]]
) -> tuple[date, date | None] | None:
    """The end of a period that no held period covers; None where one lasts as long.

    Only the end matters: a relation opens a record today, never in the past. Both ends count.
    """
    for other_first, other_last in sorted(held, key=lambda period: period[0]):
        if last is not None and other_first > last:
            break
        if other_last is None or (last is not None and other_last >= last):
            return None
        first = max(first, other_last + timedelta(days=1))
    return first, last
