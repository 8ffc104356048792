"""What a department has decided and written down: who sees to an answer about safety, and what stands in the record."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from django.utils import timezone, translation

from medvirk.feedback import queries
from medvirk.feedback.actions.journal import Chosen, take_over
from medvirk.feedback.actions.risk import NewLine, set_procedure
from medvirk.feedback.actions.use import note
from medvirk.feedback.logic.journal import TICKED_AT_FIRST
from medvirk.feedback.logic.use import months_until
from medvirk.feedback.models import Session
from medvirk.interop.journal.content import Of, gather
from medvirk.interop.journal.words import as_text, in_words
from medvirk.people.access import viewer_for
from medvirk.people.models import Staff, Unit

DAY = timedelta(days=1)
PROCEDURE = (
    NewLine("workdays", time(8), time(15, 30), "Teamleder", "59 00 00 10", 30),
    NewLine("every", time(15, 30), time(8), "Legevakten", "116 117", 60),
    NewLine("weekend", time(8), time(15, 30), "Legevakten", "116 117", 60),
)
#: So many months ago.
TRAINING = 7


def document(*, now: datetime, leader: Staff, worker: Staff, unit: Unit) -> None:
    """A procedure that has somebody at every hour, a training seen on the chart, and one conversation in the record."""
    leads, by = viewer_for(leader.user, now), viewer_for(worker.user, now)
    assert leads is not None
    assert by is not None
    set_procedure(by=leads, unit=unit, lines=PROCEDURE)
    month = months_until(timezone.localdate(now))[-TRAINING]
    note(
        by=leads,
        unit=unit,
        month=month,
        words="Opplæring i å se på svarene sammen",
        new_limits=False,
        now=now,
    )
    held = (
        Session.objects.filter(
            episode__responsible=worker,
            cancelled_at__isnull=True,
            starts_at__lte=now - DAY,
            episode__kind="individual",
        )
        .order_by("-starts_at")
        .first()
    )
    found = queries.fetch_one(queries.episodes(by).filter(sessions=held)) if held else None
    if held is None or found is None:
        return
    then = timezone.localtime(held.starts_at) + timedelta(hours=1)
    with translation.override("nb"):
        gathered = gather(by, Of(found, found.citizens[0], held), now=then, language="nb")
        text = as_text(in_words(gathered, TICKED_AT_FIRST, ""))
    chosen = Chosen(found.episode, found.citizens[0], held, TICKED_AT_FIRST, "nb", text)
    take_over(by=by, chosen=chosen, where="", now=then)
