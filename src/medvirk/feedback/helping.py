"""What this room knows about help that is given, for those who review who has looked (`people.helping`)."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import date, datetime

from django.db.models import Count, Max, Q

from medvirk.feedback.models import Participation, Session
from medvirk.people.helping import Help, Pair, register_help


def register() -> None:
    register_help(Help(planned=planned, ended=ended))


def planned(pairs: Collection[Pair], since: datetime) -> set[Pair]:
    """Pairs of worker and citizen with a conversation in a course that the worker is responsible for."""
    met = (
        Session.objects.filter(
            starts_at__gte=since,
            cancelled_at__isnull=True,
            episode__responsible__in={staff for staff, _citizen in pairs},
            episode__citizens__in={citizen for _staff, citizen in pairs},
        )
        .values_list("episode__responsible_id", "episode__citizens")
        .distinct()
    )
    return set(met) & set(pairs)


def ended(citizen_ids: Collection[uuid.UUID]) -> dict[uuid.UUID, date]:
    """The last day of help, for those whose courses have all ended."""
    rows = (
        Participation.objects.filter(citizen_id__in=citizen_ids)
        .values("citizen_id")
        .annotate(
            running=Count("pk", filter=Q(episode__ended_on__isnull=True)), last=Max("episode__ended_on")
        )
        .values_list("citizen_id", "last", "running")
    )
    return {citizen: last for citizen, last, running in rows if not running and last is not None}
