"""How a unit follows its signals through, counted; nothing here tells of one person, and nothing of one worker."""

from __future__ import annotations

import uuid
from datetime import datetime, time

from django.core.exceptions import PermissionDenied
from django.db.models import Exists, OuterRef, QuerySet, Subquery, UUIDField
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from medvirk.feedback.logic import ATTENTION
from medvirk.feedback.logic.following import Step, standing_of
from medvirk.feedback.logic.following_numbers import Counted, Numbers, by_kind, months_back
from medvirk.feedback.models import Agreement, EpisodeMove, Signal
from medvirk.feedback.queries.signals import steps_without_words
from medvirk.feedback.queries.use import units_to_see
from medvirk.people.access import Viewer
from medvirk.people.logic import units_under
from medvirk.people.models import Unit
from medvirk.people.queries.units import structure_on

AT_ONCE = 500


def signal_numbers(viewer: Viewer, unit: Unit, *, months: int, now: datetime) -> list[Numbers]:
    """Signals raised in the last whole months in this unit and those under it, as they were then: all, then by kind.

    Raises:
        PermissionDenied: the unit is not the viewer's to see.
    """
    if unit.pk not in {each.pk for each in units_to_see(viewer)}:
        raise PermissionDenied
    under = units_under(structure_on(viewer.today).parents, [unit.pk])
    raised = _raised(under, months, now).annotate(
        changed=Exists(Agreement.objects.filter(signal=OuterRef("pk")))
    )
    # A municipality of two hundred thousand raises many in a year: a few at a time are held.
    some = raised.prefetch_related(steps_without_words()).iterator(chunk_size=AT_ONCE)
    counted = [_counted(each, now) for each in some]
    return by_kind(counted, now=now, order=ATTENTION)


def _raised(units: frozenset[uuid.UUID], months: int, now: datetime) -> QuerySet[Signal]:
    """By the unit that each course belonged to on the day its signal was raised."""
    first, last = (
        timezone.make_aware(datetime.combine(day, time.min))
        for day in months_back(timezone.localdate(now), months)
    )
    then = EpisodeMove.objects.filter(
        episode=OuterRef("episode_id"), day__lte=OuterRef("raised_on")
    ).order_by("-day", "-pk")
    unit_then = Coalesce(Subquery(then.values("unit_id")[:1]), "episode__unit_id", output_field=UUIDField())
    raised = Signal.objects.filter(raised_at__gte=first, raised_at__lt=last)
    raised = raised.annotate(raised_on=TruncDate("raised_at"))
    return raised.annotate(unit_then=unit_then).filter(unit_then__in=list(units)).order_by("pk")


def _counted(signal: Signal, now: datetime) -> Counted:
    steps = [each.taken for each in signal.steps.all()]
    talked_at = None
    for each in steps:
        if each.kind is Step.TALKED:
            talked_at = each.at
        elif each.kind is Step.REOPENED:
            talked_at = None
    return Counted(
        kind=signal.kind,
        citizen_id=signal.citizen_id,
        raised_at=signal.raised_at,
        talked_at=talked_at,
        changed=signal.changed,  # type: ignore[attr-defined]
        standing=standing_of(steps, due_at=signal.due_at, now=now),
    )
