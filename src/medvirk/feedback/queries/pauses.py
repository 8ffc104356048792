"""Whether measuring is paused for somebody, for those who would ask or remind them."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from datetime import datetime

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from medvirk.feedback.models import Episode, MeasuringPause
from medvirk.people.models import Citizen


def covering(moment: datetime) -> QuerySet[MeasuringPause]:
    """The pauses that this moment lies in: one query for those who remind many."""
    day = timezone.localdate(moment)
    lifted = Q(lifted_at__isnull=True) | Q(lifted_at__gt=moment)
    return MeasuringPause.objects.filter(lifted, since__lte=day, until__gte=day)


def is_paused(episode: Episode | uuid.UUID, citizen: Citizen | uuid.UUID, moment: datetime) -> bool:
    """Whether nobody should ask this citizen anything in this course at that moment. One query."""
    return covering(moment).filter(episode=episode, citizen=citizen).exists()


def paused_pairs(
    episode_ids: Collection[uuid.UUID], moment: datetime
) -> frozenset[tuple[uuid.UUID, uuid.UUID]]:
    """(episode, citizen) for whom measuring is paused at that moment. One query."""
    held = covering(moment).filter(episode__in=list(episode_ids))
    return frozenset(held.values_list("episode_id", "citizen_id"))


def latest_pause(citizen: Citizen, moment: datetime) -> MeasuringPause | None:
    """The pause that a citizen is in now in one of their running courses; the one that ends last."""
    held = covering(moment).filter(citizen=citizen, episode__ended_on__isnull=True)
    return held.order_by(F("until").desc(), "pk").first()
