"""The worker: runs the duties of all rooms (`people.duties`) when they are due, each in one worker at a time."""

from __future__ import annotations

import logging
import os
import signal
import threading
import uuid
from collections.abc import Iterable
from datetime import datetime
from enum import Enum
from time import monotonic

from django.db import Error as DatabaseFault
from django.db import close_old_connections, connection
from django.utils import timezone

from medvirk.messages.logic import first_run, next_run, run_after_failure
from medvirk.messages.models import DutyState
from medvirk.people.duties import Duty, duties
from medvirk.people.logs import Code

logger = logging.getLogger(__name__)

#: Seconds between two looks at what is due, and at whether to end.
TICK = 1.0


class Went(Enum):
    WELL = "well"
    WRONG = "wrong"
    NOT_OURS = "not ours"


def know(known: Iterable[Duty], now: datetime) -> None:
    """Give each duty its row, so that claiming it is one conditional update."""
    DutyState.objects.bulk_create(
        (DutyState(name=duty.name, due_at=first_run(now=now, at=duty.at)) for duty in known),
        ignore_conflicts=True,
    )


def due_duties(now: datetime) -> list[Duty]:
    """What is due, longest overdue first. One query while no room has brought a new duty."""
    known = {duty.name: duty for duty in duties()}
    rows = dict(DutyState.objects.filter(name__in=known).order_by("due_at").values_list("name", "due_at"))
    if missing := [duty for name, duty in known.items() if name not in rows]:
        know(missing, now)
        return due_duties(now)
    return [known[name] for name, due_at in rows.items() if due_at <= now]


def claim_duty(duty: Duty, now: datetime) -> uuid.UUID | None:
    """Take a duty that is due; None where it is not, or another worker has it."""
    token = uuid.uuid4()
    due = DutyState.objects.filter(name=duty.name, due_at__lte=now)
    taken = due.update(lease=token, due_at=now + duty.lease, started_at=now)
    return token if taken else None


def run_duty(duty: Duty, now: datetime) -> Went:
    """Do it if it is due and nobody else does. What it raises is logged by its class: the text may name somebody."""
    token = claim_duty(duty, now)
    if token is None:
        return Went.NOT_OURS
    try:
        duty.run(now)
    except Exception as failure:  # noqa: BLE001  the other duties must go on
        logger.error("The duty %s failed: %s", Code(duty.name), type(failure).__name__)
        if not connection.in_atomic_block:
            # The database may have ended the connection: noting the failure, and the next duty, need a new one.
            close_old_connections()
        _failed(duty, token, type(failure).__name__)
        return Went.WRONG
    mine = DutyState.objects.filter(name=duty.name, lease=token)
    mine.update(
        lease=None,
        due_at=next_run(started_at=now, every=duty.every, at=duty.at),
        done_at=timezone.now(),
        failures=0,
        last_error="",
    )
    return Went.WELL


def _failed(duty: Duty, token: uuid.UUID, error: str) -> None:
    mine = DutyState.objects.filter(name=duty.name, lease=token)
    failures = (mine.values_list("failures", flat=True).first() or 0) + 1
    mine.update(
        lease=None,
        due_at=run_after_failure(now=timezone.now(), failures=failures, every=duty.every),
        failures=failures,
        last_error=error[:60],
    )


class Worker:
    """Runs duties until it is told to stop; the one under way is finished first."""

    def __init__(self, *, parent: int | None = None) -> None:
        self._stop = threading.Event()
        # The process that must live on for this one to live on.
        self._parent = parent

    def stop(self, *_: object) -> None:
        self._stop.set()

    def stop_on_signals(self) -> None:
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)

    @property
    def goes_on(self) -> bool:
        orphaned = self._parent is not None and os.getppid() != self._parent
        return not self._stop.is_set() and not orphaned

    def run_once(self) -> int:
        """Everything that is due now, once each; returns how many duties failed."""
        failed = 0
        for duty in due_duties(timezone.now()):
            if not self.goes_on:
                break
            failed += run_duty(duty, timezone.now()) is Went.WRONG
        return failed

    def run(self) -> None:
        """Until stopped. A database that cannot be reached is waited for.

        Raises:
            django.db.Error: within a transaction of the caller's, which no waiting mends.
        """
        complained_at = -60.0
        while self.goes_on:
            close_old_connections()
            try:
                self.run_once()
            except DatabaseFault as failure:
                if connection.in_atomic_block:
                    raise
                if monotonic() - complained_at >= 60:
                    logger.error("The worker waits for the database: %s", type(failure).__name__)
                    complained_at = monotonic()
            self._stop.wait(TICK)
