"""Looking for unusual patterns in the access log, and saying what came of them."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from medvirk.people.access import Permission, Viewer
from medvirk.people.logic import RefusedError
from medvirk.people.logic.looking import DEFAULTS, Thresholds, unusual
from medvirk.people.models import ReviewState, UnusualOpening
from medvirk.people.queries.log.review import facts_for, openings_on, pattern_to_settle

#: After a stop of the worker so many days are made good.
DAYS_BACK = 7


def review_log(now: datetime) -> int:
    """Find the patterns of the last days; returns how many are new. Done every night; again changes nothing."""
    today = timezone.localdate(now)
    return sum(review_day(today - timedelta(days=back)) for back in range(DAYS_BACK, 0, -1))


def review_day(day: date, limits: Thresholds = DEFAULTS) -> int:
    """Keep the patterns of one day; what was found and looked at before stays as it is."""
    openings = openings_on(day)
    if not openings:
        return 0
    found = [
        UnusualOpening(
            day=day,
            kind=each.kind,
            staff_id=each.staff_id,
            records=each.records,
            first_at=each.first_at,
            last_at=each.last_at,
        )
        for each in unusual(openings, facts_for(openings, day, limits), limits)
    ]
    with transaction.atomic():
        known = set(UnusualOpening.objects.filter(day=day).values_list("kind", "staff_id"))
        new = [each for each in found if (each.kind, each.staff_id) not in known]
        UnusualOpening.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


@transaction.atomic
def settle_pattern(
    *, by: Viewer, pattern: UnusualOpening, state: str, words: str, now: datetime
) -> UnusualOpening:
    """Say that a pattern was explained or followed up, and how, in words.

    Raises:
        PermissionDenied: the viewer does not review this worker, or is the worker.
        RefusedError: no words, or somebody has looked at it already.
    """
    if Permission.REVIEW_LOG not in by.permissions or pattern_to_settle(by, pattern.pk) is None:
        raise PermissionDenied
    held = UnusualOpening.objects.select_for_update().get(pk=pattern.pk)
    if held.state != ReviewState.OPEN:
        raise RefusedError([_("Somebody has looked at this already. Read what they wrote.")])
    if state not in {ReviewState.EXPLAINED, ReviewState.FOLLOWED_UP} or not words.strip():
        raise RefusedError([_("Say in a sentence what the explanation was, or what was done.")])
    held.state, held.words = state, words.strip()
    held.looked_at, held.looked_by_id = now, by.staff_id
    held.save(update_fields=["state", "words", "looked_at", "looked_by"])
    return held
