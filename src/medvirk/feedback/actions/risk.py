"""Setting the procedure for an answer about safety."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time

from django.core.exceptions import PermissionDenied
from django.db import transaction

from medvirk.feedback.models import RiskLine
from medvirk.feedback.queries.risk import units_to_set
from medvirk.people.access import Viewer, log_house
from medvirk.people.models import AccessAction, Unit


@dataclass(frozen=True)
class NewLine:
    days: str
    begins: time
    ends: time
    who: str
    phone: str
    within_minutes: int


@transaction.atomic
def set_procedure(*, by: Viewer, unit: Unit, lines: Sequence[NewLine]) -> None:
    """Replace the unit's own lines by these; none at all lets it follow the unit above it again.

    Signals that stand already keep their day: what was promised to somebody is not taken back.

    Raises:
        PermissionDenied: the unit is not the viewer's to set.
    """
    if unit.pk not in {each.pk for each in units_to_set(by)}:
        raise PermissionDenied
    log_house(by, "feedback.risk", action=AccessAction.CHANGED, basis="procedure")
    RiskLine.objects.filter(unit=unit).delete()
    RiskLine.objects.bulk_create(
        RiskLine(
            unit=unit,
            days=line.days,
            begins=line.begins,
            ends=line.ends,
            who=line.who,
            phone=line.phone,
            within_minutes=line.within_minutes,
            position=position,
        )
        for position, line in enumerate(lines)
    )
