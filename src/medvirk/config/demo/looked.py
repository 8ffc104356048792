"""Who has looked in Fjordvik: a few days of the access log, so that there is something to read and to ask about."""

from __future__ import annotations

from datetime import datetime, timedelta

from medvirk.people.actions.review import review_day
from medvirk.people.models import AccessAction, AccessEvent, ActorKind, Relation, Staff, UnusualOpening

#: (what was looked at, how many minutes after nine)
LOOKS = (("people.person", 2), ("feedback.episode", 4), ("feedback.session", 7), ("feedback.session", 31))


def make_looks(*, worker: Staff, now: datetime) -> None:
    """Ordinary days of one worker, and one pattern that somebody should ask about."""
    citizens = list(
        Relation.objects.filter(staff=worker)
        .order_by("pk")
        .values_list("citizen_id", flat=True)
        .distinct()[:4]
    )
    morning = now.replace(hour=9, minute=0, second=0, microsecond=0)
    events = [
        AccessEvent(
            at=morning - timedelta(days=days) + timedelta(minutes=minutes),
            actor_kind=ActorKind.STAFF,
            actor_id=worker.pk,
            citizen_id=citizen,
            action=AccessAction.OPENED,
            what=what,
            basis="service:own",
        )
        for days in (1, 2, 3)
        for citizen in citizens
        for what, minutes in LOOKS
    ]
    AccessEvent.objects.bulk_create(events)
    for days in (1, 2, 3):
        review_day((now - timedelta(days=days)).date())
    UnusualOpening.objects.get_or_create(
        day=(now - timedelta(days=1)).date(),
        kind="at_night",
        staff=worker,
        defaults={
            "records": 5,
            "first_at": morning - timedelta(days=1, hours=8),
            "last_at": morning - timedelta(days=1, hours=7),
        },
    )
