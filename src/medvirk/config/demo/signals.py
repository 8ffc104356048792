"""How signals were followed in the first department: raised at their conversations, most of them talked about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import count, cycle

from medvirk.feedback.actions.following import NewAgreement, talk
from medvirk.feedback.actions.raising import evaluate
from medvirk.feedback.models import Participation, Session, Signal
from medvirk.feedback.queries.support import support_now
from medvirk.people.access import viewer_for
from medvirk.people.models import Staff, Unit

DAY = timedelta(days=1)
BACK = 90 * DAY
#: How long after a conversation it was talked about; None: not at all.
DELAYS = (
    timedelta(minutes=40),
    2 * DAY,
    timedelta(minutes=40),
    None,
    6 * DAY,
    timedelta(minutes=40),
    9 * DAY,
)
ABOUT = (
    "Det har vært mye på en gang. Sover dårlig.",
    "Vi snakket for lite om jobben, som er det viktigste nå.",
    "Krangel hjemme. Vil heller gå tur enn å sitte inne.",
    "Savner noe å stå opp til.",
    "Det gikk for fort sist. Roligere neste gang.",
)


def follow_signals(*, now: datetime, unit: Unit, worker: Staff) -> None:
    """As the last three months would have left them; of what came up at the latest conversations two of three wait."""
    parts = Participation.objects.filter(
        episode__unit=unit, episode__responsible=worker, episode__ended_on=None
    ).select_related("episode")
    lines = support_now(now.date()).changes_for(unit.pk)
    delays, numbers = cycle(DELAYS), count()
    for part in parts.order_by("episode__started_on", "pk"):
        held = part.episode.sessions.filter(
            starts_at__range=(now - BACK, now), cancelled_at=None, askings__occasion__submission__isnull=False
        )
        sessions = list(held.distinct().order_by("starts_at"))
        for session in sessions:
            evaluate(participation_id=part.pk, now=session.starts_at + timedelta(minutes=10), until=session)
            raised = Signal.objects.filter(episode=part.episode, session=session, settled_at=None)
            for signal in raised.order_by("kind"):
                delay = next(delays)
                if session is sessions[-1] and part.pk % 3:
                    continue
                at = None if delay is None else session.starts_at + delay
                if at is None or at > now:
                    continue
                number = next(numbers)
                # Every second time something was agreed; what was agreed long ago has been looked at since.
                again = at.date() + 14 * DAY if at > now - 30 * DAY else None
                line = lines[number % len(lines)]
                agreed = [] if number % 2 else [NewAgreement(line.said("nb"), line.choice_id, again)]
                _talk(signal, session, at, ABOUT[number % len(ABOUT)], agreed)


def _talk(signal: Signal, session: Session, at: datetime, about: str, agreed: Sequence[NewAgreement]) -> None:
    owner = Staff.objects.select_related("user").get(pk=signal.owner_id)
    by = viewer_for(owner.user, at)
    assert by is not None
    talk(by=by, signal=signal, about=about, agreed=agreed, session=session, now=at)
