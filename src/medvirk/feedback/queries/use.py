"""The use of feedback in a unit and those under it, counted; nothing here tells of one person."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from statistics import median

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery, UUIDField
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from medvirk.answers.models import Ask, Capacity, Submission
from medvirk.feedback.logic.use import FEWEST, Month, Noted, When, by_month, months_until, when_of
from medvirk.feedback.models import EpisodeMove, Moment, Session, UseNote
from medvirk.feedback.queries.answering import arounds_of
from medvirk.people.access import Permission, Viewer
from medvirk.people.models import Unit, UnitPlace
from medvirk.people.queries.units import structure_on, units_where


@dataclass(frozen=True)
class Use:
    """`months`: oldest first. `channels`, `helped`, `when`: answers about life, counted; `waited`: the median time from
    such an answer to its conversation, of those given before it; None below the smallest group."""

    unit: Unit
    months: tuple[Month, ...]
    answers: int
    channels: Mapping[str, int]
    helped: Mapping[str, int]
    when: Mapping[When, int]
    waited: timedelta | None
    given_before: int
    notes: tuple[Noted, ...] = ()


ONE_DAY = timedelta(days=1)
_LIFE_FORM = Ask.objects.filter(
    occasion=OuterRef("occasion"),
    instrument_key=OuterRef("occasion__asking__session__episode__outcome_key"),
)


def units_to_see(viewer: Viewer) -> list[Unit]:
    """Units whose use of feedback the viewer may see: where their role gives it, and all under them."""
    return list(units_where(viewer, Permission.SEE_MEASURING))


def use_of(viewer: Viewer, unit: Unit, *, now: datetime) -> Use:
    """The use of feedback in the last whole months, in this unit and those under it, as they were then.

    Raises:
        PermissionDenied: the unit is not the viewer's to see.
    """
    if unit.pk not in {each.pk for each in units_to_see(viewer)}:
        raise PermissionDenied
    months = months_until(timezone.localdate(now))
    sessions = _held(unit, months, now)
    before, after = (
        [(timezone.localdate(session.starts_at), around) for session, around in arounds_of(sessions, moment)]
        for moment in (Moment.BEFORE, Moment.AFTER)
    )
    sent = _sent(sessions)
    waits = [(starts - at).total_seconds() for _channel, _helped, at, starts in sent if at <= starts]
    return Use(
        unit=unit,
        months=tuple(by_month(months, before, after)),
        answers=len(sent),
        channels=_counted(channel for channel, *_ in sent),
        helped=_counted(helped for _channel, helped, *_ in sent if helped),
        when=Counter(
            when_of(at, starts, same_day=timezone.localdate(at) == timezone.localdate(starts))
            for _channel, _helped, at, starts in sent
        ),
        waited=timedelta(seconds=median(waits)) if len(waits) >= FEWEST else None,
        given_before=len(waits),
        notes=tuple(
            Noted(note.pk, note.month, note.words, note.new_limits)
            for note in UseNote.objects.filter(unit=unit, month__gte=months[0], month__lte=months[-1])
        ),
    )


def _counted(values: Iterable[str]) -> Mapping[str, int]:
    return dict(Counter(values).most_common())


def _held(unit: Unit, months: Sequence[date], now: datetime) -> QuerySet[Session]:
    """Conversations of these months in the unit and those under it: by the unit that each course belonged to on that
    day, and by what stood under what on that day. What was merged or moved since counts where it stood then.
    """
    last = timezone.localdate(now).replace(day=1) - timedelta(days=1)
    first, end = (timezone.make_aware(datetime.combine(day, time.min)) for day in (months[0], last + ONE_DAY))
    then = EpisodeMove.objects.filter(episode=OuterRef("episode_id"), day__lte=OuterRef("day")).order_by(
        "-day", "-pk"
    )
    there = Q(pk__in=[])
    days = _days_of_change(months[0], last)
    for begins, ends in zip(days, [*days[1:], last + ONE_DAY], strict=True):
        units = structure_on(begins).under(unit.pk)
        there |= Q(day__gte=begins, day__lt=ends, unit_then__in=list(units))
    return (
        Session.objects.filter(starts_at__gte=first, starts_at__lt=end)
        .annotate(day=TruncDate("starts_at"))
        .annotate(
            unit_then=Coalesce(
                Subquery(then.values("unit_id")[:1]), "episode__unit_id", output_field=UUIDField()
            )
        )
        .filter(there)
        .order_by()
    )


def _days_of_change(first: date, last: date) -> list[date]:
    """The days on which the tree of units became another, from `first` on: few, however many sessions there are."""
    changed = {
        *UnitPlace.objects.filter(day__gt=first, day__lte=last).values_list("day", flat=True),
        *Unit.objects.filter(valid_from__gt=first, valid_from__lte=last).values_list("valid_from", flat=True),
    }
    return [first, *sorted(changed)]


def _sent(sessions: QuerySet[Session]) -> list[tuple[str, str, datetime, datetime]]:
    """(channel, who helped, when it was sent, when the conversation began) of what citizens said about life."""
    # What was asked beside the form, where the plan did not ask the form itself, is no answer about life.
    return list(
        Submission.objects.filter(
            occasion__asking__session__in=sessions.values("pk"),
            occasion__asking__moment=Moment.BEFORE,
            occasion__capacity=Capacity.SELF,
        )
        .filter(Exists(_LIFE_FORM))
        .values_list("channel", "helped_by", "submitted_at", "occasion__asking__session__starts_at")
    )
