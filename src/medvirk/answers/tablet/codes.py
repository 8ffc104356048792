"""One-time codes: made by a worker, written on the tablet by the one who is to answer.

Ten to the eighth codes, of which a few live at a time for a quarter of an hour: what makes guessing hopeless is how
seldom it may be tried (`tablet.tries`). Only a keyed hash is kept; a row is a code that can still be used.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from medvirk.answers.actions import NotTaken, new_link
from medvirk.answers.logic import State
from medvirk.answers.models import AnswerLink, Channel, Occasion, Submission, TabletCode
from medvirk.answers.queries import WayIn
from medvirk.people.access import Permission, Viewer, can
from medvirk.people.crypto import keyed_hash, under_every_key

DIGITS = 8
LIFETIME = timedelta(minutes=15)
#: How long the form stays open on the tablet for somebody who goes on answering.
ANSWERING = timedelta(hours=1)
#: Two codes that are alike are rare; so many in a row are a fault in the machine's randomness.
MOST_ALIKE = 5


def digits_of(text: str) -> str:
    """The digits of what was written; blanks and lines between them do not count."""
    return "".join(sign for sign in text if sign in "0123456789")


def in_fours(digits: str) -> str:
    """As it is shown and read aloud: 1234 5678."""
    return " ".join(digits[at : at + 4] for at in range(0, len(digits), 4))


def code_key(code: str) -> str:
    return keyed_hash("tablet code", code)


def make_code(*, by: Viewer, occasion: Occasion, now: datetime) -> str:
    """A new code for the occasion; an earlier one stops working. Returns the digits, which are kept nowhere.

    Raises:
        PermissionDenied: the viewer has no relation to the citizen.
        NotTaken: the occasion is answered or closed, so that the code would lead nowhere.
    """
    if not can(by, Permission.FOLLOW_CITIZENS, occasion).allowed:
        raise PermissionDenied
    if (closed := _closed(occasion, now)) is not None:
        raise NotTaken(closed)
    TabletCode.objects.filter(expires_at__lte=now).delete()
    for _ in range(MOST_ALIKE):
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
        try:
            with transaction.atomic():
                TabletCode.objects.update_or_create(
                    occasion=occasion,
                    defaults={"code_hash": code_key(code), "made_at": now, "expires_at": now + LIFETIME},
                )
        except IntegrityError:
            continue  # Somebody else's live code: one must not open another's form.
        return code
    raise RuntimeError("Random digits came out alike five times in a row.")


@transaction.atomic
def open_by_code(*, code: str, now: datetime) -> str | None:
    """Use the code up. Returns the token of a link to its form, or None: wrong, used, run out or answered meanwhile."""
    live = TabletCode.objects.select_for_update(of=("self",)).select_related("occasion")
    found = live.filter(code_hash__in=under_every_key(code_key, code), expires_at__gt=now).first()
    if found is None:
        return None
    occasion = found.occasion
    found.delete()
    if _closed(occasion, now) is not None:
        return None
    return new_link(occasion=occasion, channel=Channel.TABLET, now=now, lifetime=ANSWERING)


def leave_tablet(*, way_in: WayIn, now: datetime) -> None:
    """Whoever comes next on the tablet finds nothing by going back. What was touched waits as a draft."""
    if way_in.on_tablet:
        AnswerLink.objects.filter(pk=way_in.link.pk, revoked_at=None).update(revoked_at=now)


def _closed(occasion: Occasion, now: datetime) -> State | None:
    if Submission.objects.filter(occasion=occasion).exists():
        return State.ANSWERED
    if occasion.closes_at is not None and occasion.closes_at <= now:
        return State.CLOSED
    return None
