"""Reading for invitations and reminders: what is decided where, whom to write to, and who has not answered."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from medvirk.answers.models import Capacity, Submission
from medvirk.feedback.logic.pauses import Pause, pause_at
from medvirk.feedback.logic.reminding import (
    AFTER_LASTS,
    LENGTH,
    Facts,
    Kind,
    Plan,
    Planned,
    Quiet,
    longest_night,
    planned,
)
from medvirk.feedback.models import (
    Asking,
    Episode,
    MeasuringPause,
    Moment,
    Participation,
    Reminder,
    ReminderChoice,
    ReminderPlan,
    Session,
)
from medvirk.feedback.queries.fetching import episodes
from medvirk.feedback.queries.pauses import paused_pairs
from medvirk.messages.queries import Delivery, delivery_of
from medvirk.people.access import Permission, Viewer, can
from medvirk.people.logic.units import units_above
from medvirk.people.models import Citizen, ConsentPurpose
from medvirk.people.queries.consents import agreeing
from medvirk.people.queries.units import structure_on

#: How far the page of who has not answered looks back and ahead. Days.
BACK, AHEAD = 2, 7
#: What a message is written without reading.
UNREAD = tuple(f"citizen__person__{name}" for name in ("given_name", "family_name", "phone", "email"))


@dataclass(frozen=True)
class Plans:
    """What is decided in every unit and course, so that it is read once for many."""

    parents: Mapping[uuid.UUID, uuid.UUID | None]
    by_unit: Mapping[uuid.UUID, Plan]
    by_episode: Mapping[uuid.UUID, bool]

    def above(self, unit_id: uuid.UUID) -> tuple[uuid.UUID, ...]:
        """The unit and those above it, the nearest first."""
        return tuple(units_above(self.parents, unit_id))

    def decided_in(self, unit_id: uuid.UUID) -> uuid.UUID | None:
        """The nearest unit upwards that has decided; None where none has."""
        return next((each for each in self.above(unit_id) if each in self.by_unit), None)

    def of_unit(self, unit_id: uuid.UUID) -> Plan:
        decided = self.decided_in(unit_id)
        return Plan() if decided is None else self.by_unit[decided]

    def of(self, unit_id: uuid.UUID, episode_id: uuid.UUID) -> Plan:
        """What holds in a course of help."""
        plan = self.of_unit(unit_id)
        sends = self.by_episode.get(episode_id, plan.sends)
        return Plan(sends, plan.invite_hours, plan.remind_hours, plan.after_hours, plan.names_time)

    @property
    def sending_units(self) -> list[uuid.UUID]:
        return [unit for unit in self.parents if self.of_unit(unit).sends]


def plans_on(day: date) -> Plans:
    """Three queries. There is nothing about people in them but which courses are left out, so it takes no viewer."""
    rows = ReminderPlan.objects.all()
    return Plans(
        structure_on(day).parents,
        {
            row.unit_id: Plan(row.sends, row.invite_hours, row.remind_hours, row.after_hours, row.names_time)
            for row in rows
        },
        dict(ReminderChoice.objects.values_list("episode_id", "sends")),
    )


def asked_themselves() -> QuerySet[Asking]:
    """What citizens are asked themselves, with what it is about; of persons only what messages need."""
    part = Participation.objects.filter(episode=OuterRef("session__episode"), citizen=OuterRef("citizen"))
    return (
        Asking.objects.filter(occasion__capacity=Capacity.SELF)
        .select_related("session__episode", "occasion", "citizen__person")
        .defer("citizen__person__national_id", "citizen__person__birth_date")
        .annotate(
            answered=Exists(Submission.objects.filter(occasion=OuterRef("occasion"))),
            part_since=Subquery(part.values("since")[:1]),
            part_until=Subquery(part.values("until")[:1]),
        )
    )


def maybe_due(plans: Plans, now: datetime, quiet: Quiet) -> QuerySet[Asking]:
    """Those to whom a message may be due by now; the rules (`logic.reminding`) have the last word."""
    # What would go at night goes the evening before.
    night = longest_night(quiet)
    plan_rows = [each for each in (*plans.by_unit.values(), Plan()) if each.sends or plans.by_episode]
    ahead = max((each.invite_hours or 0 for each in plan_rows), default=0)
    soon = max((each.remind_hours or 0 for each in plan_rows), default=0)
    after = max((each.after_hours or 0 for each in plan_rows), default=0)
    # What named another time was about a conversation that was moved since.
    sent = Reminder.objects.filter(asking=OuterRef("pk"), called_off_at=None, outdated_at=None)
    waiting = Q(~Exists(sent), session__starts_at__lte=now + timedelta(hours=ahead) + night)
    waiting |= Q(
        ~Exists(sent.filter(kind=Kind.REMINDER)),
        session__starts_at__lte=now + timedelta(hours=soon) + night,
    )
    before = Q(waiting, moment=Moment.BEFORE, session__starts_at__gt=now)
    since = now - LENGTH - timedelta(hours=after) - AFTER_LASTS
    afterwards = Q(~Exists(sent), moment=Moment.AFTER, session__starts_at__range=(since, now))
    sends = Q(session__episode__unit__in=plans.sending_units)
    sends &= ~Q(session__episode__in=[key for key, yes in plans.by_episode.items() if not yes])
    sends |= Q(session__episode__in=[key for key, yes in plans.by_episode.items() if yes])
    return Asking.objects.filter(
        sends,
        before | afterwards if after else before,
        occasion__capacity=Capacity.SELF,
        occasion__submission=None,
        occasion__closes_at=None,
        occasion__declined_at=None,
        session__cancelled_at=None,
        session__episode__ended_on=None,
        citizen__erased_at=None,
        citizen__person__died_on=None,
        citizen__in=agreeing(ConsentPurpose.CONTACT).values("citizen_id"),
    )


@dataclass(frozen=True)
class About:
    """Somebody who is asked something around a conversation, and what was sent to them about it."""

    asking: Asking
    facts: Facts
    reminders: tuple[Reminder, ...] = ()


def abouts(askings: Iterable[Asking], now: datetime) -> list[About]:
    """These (of `asked_themselves`) with the facts that decide what is sent. Five queries however many."""
    rows = list(askings)
    reminders: dict[int, list[Reminder]] = {}
    for row in Reminder.objects.filter(asking__in=[each.pk for each in rows], called_off_at=None):
        reminders.setdefault(row.asking_id, []).append(row)
    paused = paused_pairs({each.session.episode_id for each in rows}, now)
    ids = {each.citizen_id for each in rows}
    willing = set(
        agreeing(ConsentPurpose.CONTACT).filter(citizen__in=ids).values_list("citizen_id", flat=True)
    )
    return [
        About(each, _facts(each, sent, paused, willing), tuple(sent))
        for each in rows
        for sent in [reminders.get(each.pk, [])]
    ]


def _facts(
    asking: Asking,
    sent: Iterable[Reminder],
    paused: Collection[tuple[uuid.UUID, uuid.UUID]],
    willing: Collection[uuid.UUID],
) -> Facts:
    occasion, session, citizen = asking.occasion, asking.session, asking.citizen
    part = Participation(since=asking.part_since, until=asking.part_until)  # type: ignore[attr-defined]
    gone = citizen.erased_at is not None or citizen.person.died_on is not None
    return Facts(
        starts_at=session.starts_at,
        before=asking.moment == Moment.BEFORE,
        answered=asking.answered,  # type: ignore[attr-defined]
        declined=occasion.declined_at is not None,
        # Who takes no part on the day is not asked, whatever stands open.
        closed=occasion.closes_at is not None or not part.on(timezone.localdate(session.starts_at)),
        paused=(session.episode_id, asking.citizen_id) in paused,
        cancelled=session.cancelled_at is not None,
        ended=session.episode.ended_on is not None,
        unreachable=gone or asking.citizen_id not in willing,
        sent={Kind(each.kind): each.made_at for each in sent if each.outdated_at is None},
    )


@dataclass(frozen=True)
class Sent:
    """A message and what is known of it; `delivery` is None where the outbox does not hold it any more.

    `about_another_time`: the conversation was moved since.
    """

    reminder: Reminder
    delivery: Delivery | None
    about_another_time: bool = False


@dataclass(frozen=True)
class Waiting:
    """One citizen at one conversation: what is asked before and after it, and what was sent about it."""

    session: Session
    citizen: Citizen
    before: About | None
    after: About | None
    paused: bool
    sent: tuple[Sent, ...]
    coming: tuple[Planned, ...]

    def open_at(self, now: datetime) -> About | None:
        """What can be answered now, and is not: once the conversation has begun, first what comes after it."""
        order = (self.before,) if self.session.starts_at > now else (self.after, self.before)
        found = (each for each in order if each and not (each.facts.answered or each.facts.closed))
        return None if self.paused else next(found, None)

    def of(self, now: datetime) -> About | None:
        """What is asked that tells whether they have answered by now."""
        begun = self.session.starts_at <= now
        return self.after if begun and self.after and not self.before else self.before or self.after


def who_waits(viewer: Viewer, *, now: datetime, quiet: Quiet, whole_team: bool) -> list[Waiting]:
    """Conversations of the last two days, today and the next seven, with each who takes part; by time.

    Fourteen queries however many.
    """
    mine = episodes(viewer).filter(ended_on=None)
    if not whole_team:
        mine = mine.filter(responsible_id=viewer.staff_id)
    sessions = list(
        Session.objects.filter(
            episode__in=mine.values("pk"),
            cancelled_at=None,
            starts_at__gte=_midnight(viewer.today - timedelta(days=BACK)),
            starts_at__lt=_midnight(viewer.today + timedelta(days=AHEAD + 1)),
        )
        .select_related("episode")
        .order_by("starts_at", "pk")
    )
    if not sessions:
        return []
    asked = asked_themselves().filter(session__in=sessions).order_by("pk")
    found: dict[tuple[uuid.UUID, uuid.UUID], dict[str, About]] = {}
    for about in abouts(asked, now):
        key = about.asking.session_id, about.asking.citizen_id
        found.setdefault(key, {})[about.asking.moment] = about
    plans = plans_on(viewer.today)
    rows = [each for there in found.values() for about in there.values() for each in about.reminders]
    known = delivery_of(viewer, [each.once for each in rows])
    paused, taking_part = _paused(sessions), _taking_part(sessions)
    return [
        _waiting(
            session,
            citizen,
            found.get((session.pk, citizen.pk), {}),
            held=paused.get((session.episode_id, citizen.pk), []),
            plan=plans.of(session.episode.unit_id, session.episode_id),
            quiet=quiet,
            known=known,
        )
        for session in sessions
        for citizen in taking_part.get(session.pk, ())
    ]


def _waiting(
    session: Session,
    citizen: Citizen,
    there: Mapping[str, About],
    *,
    held: list[Pause],
    plan: Plan,
    quiet: Quiet,
    known: Mapping[str, Delivery],
) -> Waiting:
    before, after = there.get(Moment.BEFORE), there.get(Moment.AFTER)
    both = [each for each in (before, after) if each is not None]
    return Waiting(
        session,
        citizen,
        before,
        after,
        pause_at(held, session.starts_at, timezone.localdate(session.starts_at)) is not None,
        tuple(
            Sent(each, known.get(each.once), each.outdated_at is not None)
            for about in both
            for each in about.reminders
        ),
        tuple(each for about in both for each in planned(about.facts, plan, quiet)),
    )


def _taking_part(sessions: Iterable[Session]) -> dict[uuid.UUID, list[Citizen]]:
    held = list(sessions)
    parts = (
        Participation.objects.filter(episode__in={each.episode_id for each in held})
        .select_related("citizen__person")
        .defer("citizen__person__national_id", "citizen__person__birth_date")
        .order_by("pk")
    )
    by_episode: dict[uuid.UUID, list[Participation]] = {}
    for part in parts:
        by_episode.setdefault(part.episode_id, []).append(part)
    return {
        session.pk: [
            part.citizen
            for part in by_episode.get(session.episode_id, ())
            if part.on(timezone.localdate(session.starts_at))
        ]
        for session in held
    }


def _paused(sessions: Iterable[Session]) -> dict[tuple[uuid.UUID, uuid.UUID], list[Pause]]:
    found: dict[tuple[uuid.UUID, uuid.UUID], list[Pause]] = {}
    rows = MeasuringPause.objects.filter(episode__in={each.episode_id for each in sessions}).defer("words")
    for row in rows:
        pause = Pause(row.since, row.until, lifted_at=row.lifted_at)
        found.setdefault((row.episode_id, row.citizen_id), []).append(pause)
    return found


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, datetime.min.time()))


def asking_of(viewer: Viewer, asking_id: int) -> Asking | None:
    """Something that a citizen is asked themselves, or None if it is not the viewer's to see."""
    mine = Episode.objects.filter(pk__in=episodes(viewer).values("pk"))
    return asked_themselves().filter(pk=asking_id, session__episode__in=mine).first()


def own_reminders(viewer: Viewer, citizen: Citizen, *, most: int) -> list[Sent]:
    """What was sent to the citizen, the newest first, for their own page. Two queries."""
    if not can(viewer, Permission.OWN_PAGES, citizen).allowed:
        return []
    rows = Reminder.objects.filter(asking__citizen=citizen).exclude(channel="")
    newest = list(rows.order_by("-made_at", "pk")[:most])
    known = delivery_of(viewer, [each.once for each in newest])
    return [Sent(each, known.get(each.once)) for each in newest]
