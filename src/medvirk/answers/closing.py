"""What a death closes here: links stop working, and nobody is asked any more. What was answered stays."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q

from medvirk.answers.models import AnswerLink, Occasion


def close_after_death(citizen_id: uuid.UUID, now: datetime) -> dict[str, Any]:
    """Close what waits about the citizen, or for them. Gives what was open, to be opened again after a mistake."""
    theirs = Q(about_id=citizen_id) | Q(respondent__citizen=citizen_id)
    waiting = list(
        Occasion.objects.select_for_update(of=("self",)).filter(
            theirs, Q(closes_at__isnull=True) | Q(closes_at__gt=now), submission__isnull=True
        )
    )
    links = AnswerLink.objects.filter(occasion__in=waiting, revoked_at__isnull=True, expires_at__gt=now)
    link_ids = list(links.values_list("pk", flat=True))
    links.update(revoked_at=now)
    closed = []
    for each in waiting:
        before = each.closes_at
        # An occasion closes after it opens, also one that opens later.
        each.closes_at = max(now, each.opens_at + timedelta(milliseconds=1))
        each.save(update_fields=["closes_at"])
        closed.append([str(each.pk), before and before.isoformat(), each.closes_at.isoformat()])
    return {"links": link_ids, "occasions": closed}


def reopen_after_mistake(citizen_id: uuid.UUID, closed: Mapping[str, Any], now: datetime) -> None:  # noqa: ARG001
    """Take `close_after_death` back, apart from what has been closed anew since."""
    AnswerLink.objects.filter(pk__in=closed["links"]).update(revoked_at=None)
    for pk, before, ours in closed["occasions"]:
        Occasion.objects.filter(pk=pk, closes_at=datetime.fromisoformat(ours)).update(
            closes_at=before and datetime.fromisoformat(before)
        )
