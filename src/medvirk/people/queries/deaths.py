"""Registered deaths, for those who can undo a mistake."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q, QuerySet

from medvirk.people.access import Permission, Viewer, citizens_closed_to, citizens_open_to
from medvirk.people.models import Death, Grant, Relation

#: How long a registered death can be undone on a page.
UNDO_WITHIN = timedelta(days=30)


def deaths_to_undo(viewer: Viewer) -> QuerySet[Death]:
    """Deaths the viewer may undo: of citizens open to them, and, for a leader, of those their teams helped."""
    mine = Q(citizen__in=citizens_open_to(viewer))
    if units := viewer.units_with(Permission.LEAD_TEAM):
        tied = Relation.objects.filter(
            Q(unit__in=units) | Q(staff__in=Grant.objects.filter(unit__in=units).values("staff_id"))
        )
        mine |= Q(citizen__in=tied.values("citizen_id"))
    return (
        Death.objects.filter(mine, undone_at__isnull=True, registered_at__gt=viewer.now - UNDO_WITHIN)
        .exclude(citizen__in=citizens_closed_to(viewer))
        .select_related("citizen__person", "registered_by__person")
        .order_by("-registered_at")
    )
