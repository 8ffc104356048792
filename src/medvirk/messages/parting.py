"""Which of this room's rows go by themselves, and what goes with a citizen."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from medvirk.messages.models import OPEN, Message, Notice
from medvirk.people.keeping import Parting, Tidying, register_parting, register_tidying
from medvirk.people.logic.retention import Means, PlanLine
from medvirk.people.models import Citizen


def register() -> None:
    register_tidying(Tidying("messages.sent", _("messages"), "message", messages_due))
    register_tidying(Tidying("messages.notices", _("notices"), "message", notices_due))
    register_parting(Parting("messages", last_entries, plan, part))


def last_entries(ids: Collection[uuid.UUID]) -> Mapping[uuid.UUID, date]:  # noqa: ARG001
    """A message is no entry in a record."""
    return {}


def plan(citizen: Citizen) -> Iterator[PlanLine]:
    if hasattr(citizen.person, "staff"):
        return
    count = citizen.person.outbox.count() + citizen.person.notices.count()
    yield PlanLine(_("messages to the citizen"), count, Means.DELETE)


def part(citizen: Citizen, now: datetime) -> None:  # noqa: ARG001
    """A worker's messages are theirs as a worker and stay."""
    if not hasattr(citizen.person, "staff"):
        citizen.person.outbox.all().delete()
        citizen.person.notices.all().delete()


def messages_due(before: date) -> QuerySet[Message]:
    return Message.objects.filter(created_at__date__lt=before).exclude(state__in=OPEN)


def notices_due(before: date) -> QuerySet[Notice]:
    return Notice.objects.filter(created_at__date__lt=before)
