"""Who may see what in Fjordvik: a partner, a child with parents, somebody kept out, a protected address, an emergency."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.utils import timezone

from medvirk.config.demo import cast
from medvirk.people.actions import bar_worker, register_citizen, register_guardian, set_protection, share_with
from medvirk.people.identity import sign_in_key
from medvirk.people.logic import EMERGENCY_LASTS, PersonDetails
from medvirk.people.models import (
    Basis,
    Citizen,
    Grant,
    GuardianKind,
    Person,
    Protection,
    Relation,
    Role,
    Staff,
    Unit,
    UnitKind,
    User,
)

DAY = timedelta(days=1)


def tie_and_close(*, now: datetime, worker: Staff, colleague: Staff, outsider: Staff) -> None:
    """`worker` is shown first; `colleague` works in the same department, `outsider` in another."""
    today = timezone.localdate(now)
    shown = [
        each.citizen
        for each in Relation.objects.filter(staff=worker)
        .select_related("citizen__person")
        .order_by("citizen__registered_at", "pk")[:3]
    ]
    first, second, third = sorted(shown, key=lambda each: each.person.own_user_or_last())
