"""What those who take part together say yes or no to show each other."""

from __future__ import annotations

from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from medvirk.feedback.actions.checks import Refused
from medvirk.feedback.models import Episode, Showing, ShownPart
from medvirk.people.access import Viewer, log_access, may_tell_wish
from medvirk.people.models import AccessAction, Citizen


@transaction.atomic
def say_what_is_shown(
    *, by: Viewer, episode: Episode, citizen: Citizen, part: str, yes: bool, now: datetime
) -> Showing:
    """Note what the citizen said: on their own pages, or to the worker who writes it down. It holds from this moment.

    Raises:
        PermissionDenied: `by` may not say what the citizen wants.
        Refused: `not_there`, they take no part in the course.
    """
    decision = may_tell_wish(by, citizen)
    if not decision.allowed:
        raise PermissionDenied
    if not episode.participations.filter(citizen=citizen).exists():
        raise Refused("not_there")
    said = Showing.objects.create(
        episode=episode,
        citizen=citizen,
        part=ShownPart(part),
        yes=yes,
        said_at=now,
        said_by_id=by.staff_id if by.own_person_id is None else None,
    )
    log_access(by, [citizen.pk], "feedback.together", action=AccessAction.CHANGED, basis=decision.reason)
    return said
