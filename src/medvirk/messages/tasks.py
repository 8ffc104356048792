"""What the worker does for this room: deliver what is due, and clear away what has run out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from importlib import import_module
from time import monotonic

from django.conf import settings
from django.db import connection
from django.utils import timezone

from medvirk.messages.actions import (
    claim,
    hold,
    keep_wanted,
    let_go,
    letter_of,
    release,
    settle_not_sent,
    settle_sent,
)
from medvirk.messages.channels import Channel, Send, Taken, channels
from medvirk.messages.logic import NotSent, is_quiet
from medvirk.messages.models import Message

#: Taken at once: few enough that a lease covers them, many enough that one line to the mail server pays.
BATCH = 50
#: Seconds after which a channel leaves the rest for the next turn, so that ten thousand reminders to a slow gateway
#: do not hold up the worker's other duties.
LONGEST_TURN = 60


def deliver_due(now: datetime) -> Counter[str]:
    """Send all that is due, channel by channel, until nothing is left, a channel stops or its turn is over; how many
    went which way."""
    let_go(now=now)
    done: Counter[str] = Counter()
    for channel in channels():
        if channel.is_set_up():
            done += _deliver(channel)
    return done


def _deliver(channel: Channel) -> Counter[str]:
    done: Counter[str] = Counter()
    goes_on, begun = True, monotonic()
    while goes_on and monotonic() - begun < LONGEST_TURN:
        now = timezone.now()
        quiet = is_quiet(now, *settings.QUIET_HOURS)
        batch = claim(channel=channel.code, now=now, limit=BATCH, quiet=quiet)
        if not batch:
            break
        with channel.session() as send:
            goes_on = _deliver_batch(keep_wanted(messages=batch), send, done)
    return done


def _deliver_batch(batch: Sequence[Message], send: Send, done: Counter[str]) -> bool:
    """Send one after the other; False where the next would fare like the last: the rest is then given back."""
    for at, message in enumerate(batch):
        if not hold(message=message, now=timezone.now()):
            done["taken by another"] += 1
            continue
        try:
            taken = send(letter_of(message))
        except NotSent as fault:
            settle_not_sent(message=message, fault=fault, now=timezone.now())
            done["not sent"] += 1
            if fault.stops:
                release(messages=batch[at + 1 :], now=timezone.now())
                return False
        except Exception as failure:  # noqa: BLE001  one message that a channel stumbles over must not hold up all
            reason = type(failure).__name__[:60]
            settle_not_sent(message=message, fault=NotSent(reason), now=timezone.now())
            done["not sent"] += 1
        else:
            known = taken if isinstance(taken, Taken) else Taken(taken)
            settle_sent(message=message, state=known.state, reference=known.reference, now=timezone.now())
            done[str(known.state)] += 1
    return True


def clear_run_out(now: datetime) -> None:
    """Delete sessions and cached values that have run out; nothing else ever would."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    for cache in settings.CACHES.values():
        if cache["BACKEND"].endswith("DatabaseCache"):
            _clear_cache_table(cache["LOCATION"], now)


def _clear_cache_table(table: str, now: datetime) -> None:
    run_out = connection.ops.adapt_datetimefield_value(now.replace(microsecond=0))
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)} WHERE expires < %s", [run_out])  # noqa: S608
