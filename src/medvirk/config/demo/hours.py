"""The hours at which people meet in Fjordvik."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from django.utils import timezone


def at(day: date, hour: int) -> datetime:
    """That hour by the clock in Norway."""
    return timezone.make_aware(datetime.combine(day, time(hour)))


def next_time(now: datetime, hour: int) -> datetime:
    """Today at that hour, or tomorrow where it is past."""
    today = at(timezone.localdate(now), hour)
    return today if now < today else at(timezone.localdate(now) + timedelta(days=1), hour)
