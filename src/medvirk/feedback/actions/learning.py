"""What a worker writes for their own learning: guesses at the meeting score, and checks of their practice."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction

from medvirk.answers.models import Submission
from medvirk.feedback.actions.checks import Refused
from medvirk.feedback.models import Asking, MeetingGuess, SelfCheck
from medvirk.instruments.definitions import Instrument
from medvirk.people.access import Permission, Viewer, can
from medvirk.people.models import Unit


@transaction.atomic
def guess(*, by: Viewer, asking: Asking, score: float, top: float, now: datetime) -> MeetingGuess:
    """Keep what a worker thinks the meeting will be rated, once, and only before the answer is there.

    Raises:
        PermissionDenied: no relation. Refused: `answered`; `guessed`; `outside` 0 to `top`.
    """
    decision = can(by, Permission.FOLLOW_CITIZENS, asking.session.episode)
    if not decision.allowed or by.staff_id is None:
        raise PermissionDenied
    if not 0 <= score <= top:
        raise Refused("outside")
    if Submission.objects.filter(occasion=asking.occasion_id).exists():
        raise Refused("answered")
    made, is_new = MeetingGuess.objects.get_or_create(
        asking=asking, staff_id=by.staff_id, defaults={"score": score, "guessed_at": now}
    )
    if not is_new:
        raise Refused("guessed")
    return made


@transaction.atomic
def check_oneself(*, by: Viewer, instrument: Instrument, marks: Mapping[str, float], day: date) -> SelfCheck:
    """Keep a worker's check of their own practice: theirs to see, and nobody else's.

    Raises:
        PermissionDenied: who helps nobody has no practice to check. Refused: `nothing`.
    """
    if by.staff_id is None or Permission.FOLLOW_CITIZENS not in by.permissions:
        raise PermissionDenied
    return _check(instrument, marks, day, staff_id=by.staff_id)


@transaction.atomic
def check_team(
    *, by: Viewer, unit: Unit, instrument: Instrument, marks: Mapping[str, float], day: date
) -> SelfCheck:
    """Keep a team's check of its practice, answered together.

    Raises:
        PermissionDenied: the viewer does not help in the team. Refused: `nothing`.
    """
    if unit.pk not in by.units_with(Permission.FOLLOW_CITIZENS):
        raise PermissionDenied
    return _check(instrument, marks, day, unit_id=unit.pk)


def _check(instrument: Instrument, marks: Mapping[str, float], day: date, **whose: object) -> SelfCheck:
    if not marks:
        raise Refused("nothing")
    return SelfCheck.objects.create(
        instrument_key=instrument.key,
        instrument_version=instrument.version,
        day=day,
        marks=json.dumps(dict(marks)),
        **whose,
    )
