"""What is decided about sending and about recurring work, on plain values."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

NORWAY = ZoneInfo("Europe/Oslo")

#: How long a message may be held by one worker; renewed before each sending, so it need only cover one.
LEASE = timedelta(minutes=5)
#: After so many attempts a message is given up: with the waits below, nearly three days.
MOST_ATTEMPTS = 16
#: A message that has not gone by then is no longer wanted, unless its sender has said otherwise.
LASTS = timedelta(days=3)

FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)


def wait_after(failures: int, *, longest: timedelta = LONGEST_WAIT) -> timedelta:
    """How long to wait after so many failures in a row: three times as long each time, up to `longest`."""
    # The power is bounded first: a duty that has failed for years must not overflow.
    return min(FIRST_WAIT * int(3 ** min(max(failures, 1) - 1, 12)), longest)


def is_quiet(now: datetime, begins: time, ends: time) -> bool:
    """Is it a time of day at which nobody should be disturbed? By the clock on the wall in Norway, summer and winter.

    `begins` counts, `ends` does not; a night that passes midnight begins later than it ends. Equal times: never quiet.
    """
    clock = now.astimezone(NORWAY).time()
    if begins <= ends:
        return begins <= clock < ends
    return clock >= begins or clock < ends


def parse_quiet_hours(text: str) -> tuple[time, time]:
    """ "21:00-08:00" as two times of day.

    Raises:
        ValueError: not two times; the sentence says how to write them.
    """
    try:
        begins, ends = (time.fromisoformat(part.strip()) for part in text.split("-"))
    except ValueError:
        raise ValueError(
            f"MEDVIRK_QUIET_HOURS={text}: write two times of day, as 21:00-08:00 (00:00-00:00 for none)."
        ) from None
    return begins, ends


class Verdict(StrEnum):
    RETRY = "retry"
    GIVE_UP = "give up"


#: The mail server lets us not in: our own set-up is at fault, not the receiver, so the message is kept and tried again.
OUR_FAULT_CODES = frozenset({530, 534, 535, 538})


def verdict_on(code: int) -> Verdict:
    """What to do after an SMTP answer other than yes: 4xx passes, 5xx stays (RFC 5321 4.2.1)."""
    return Verdict.GIVE_UP if 500 <= code < 600 and code not in OUR_FAULT_CODES else Verdict.RETRY


class NotSent(Exception):
    """A channel did not take a message. `reason` is a code without any address; `stops`: the next would fare alike."""

    def __init__(self, reason: str, verdict: Verdict = Verdict.RETRY, *, stops: bool = False) -> None:
        self.reason = reason
        self.verdict = verdict
        self.stops = stops
        super().__init__(reason)


@dataclass(frozen=True)
class Letter:
    """What a channel needs in order to send. `stop_url`: where the receiver says that they want no more; or empty."""

    id: uuid.UUID
    address: str
    subject: str
    body: str
    stop_url: str = ""


@dataclass(frozen=True)
class Next:
    """What becomes of a message that was not sent: tried again at `due_at`, or given up where that is None."""

    due_at: datetime | None
    reason: str


def after_failure(
    *, now: datetime, attempts: int, expires_at: datetime, reason: str, verdict: Verdict
) -> Next:
    """When to try again, after `attempts` in all, if at all."""
    due_at = now + wait_after(attempts)
    if verdict is Verdict.GIVE_UP or attempts >= MOST_ATTEMPTS or due_at >= expires_at:
        return Next(None, reason)
    return Next(due_at, reason)


def next_run(*, started_at: datetime, every: timedelta, at: time | None) -> datetime:
    """When a duty that began at `started_at` is due again. With `at`: that time of day in Norway, whole days later."""
    if at is None:
        return started_at + every
    day = started_at.astimezone(NORWAY).date() + timedelta(days=every.days)
    return datetime.combine(day, at, NORWAY)


def first_run(*, now: datetime, at: time | None) -> datetime:
    """When a duty that has never been done is due: at once, or the next time it is `at` in Norway."""
    if at is None:
        return now
    today = now.astimezone(NORWAY).date()
    candidates = (datetime.combine(today + timedelta(days=ahead), at, NORWAY) for ahead in (0, 1))
    return next(moment for moment in candidates if moment >= now)


def run_after_failure(*, now: datetime, failures: int, every: timedelta) -> datetime:
    """When a duty that has failed so often in a row is tried again: soon, later and later, at most an hour on."""
    return now + min(wait_after(failures, longest=timedelta(hours=1)), max(every, FIRST_WAIT))


class Security(StrEnum):
    """How the line to the mail server is protected. The server's certificate is always verified."""

    TLS = "tls"
    STARTTLS = "starttls"
    NONE = "none"


SCHEMES = {
    "smtps": (Security.TLS, 465),
    "smtp": (Security.STARTTLS, 587),
    "smtp+plain": (Security.NONE, 25),
}


@dataclass(frozen=True)
class Smtp:
    host: str
    port: int
    user: str
    password: str
    security: Security


def parse_smtp(address: str, password: str = "") -> Smtp:
    """A mail server from one address: smtps://user@host:465, smtp://user@host:587 (STARTTLS), smtp+plain://host:25.

    Raises:
        ValueError: not such an address, or a password over an open line; the sentence holds no password.
    """
    form = "smtps://user@host:465, smtp://user@host:587 (STARTTLS) or smtp+plain://host:25 (no encryption)"
    parts = urlsplit(address)
    try:
        security, port = SCHEMES[parts.scheme]
        port = parts.port or port
    except (KeyError, ValueError):
        raise ValueError(f"MEDVIRK_SMTP is written as {form}.") from None
    if not parts.hostname:
        raise ValueError(f"MEDVIRK_SMTP has no host. It is written as {form}.")
    user = unquote(parts.username or "")
    password = password or unquote(parts.password or "")
    if security is Security.NONE and password:
        raise ValueError("MEDVIRK_SMTP: a password is not sent over an open line. Use smtps:// or smtp://.")
    return Smtp(parts.hostname, port, user, password, security)


def smtp_from(environment: Mapping[str, str]) -> Smtp | None:
    """The mail server that MEDVIRK_SMTP names, or None; its password also from MEDVIRK_SMTP_PASSWORD_FILE.

    Raises:
        ValueError: see `parse_smtp`; or the file cannot be read.
    """
    address = environment.get("MEDVIRK_SMTP", "")
    if not address:
        return None
    password = ""
    if path := environment.get("MEDVIRK_SMTP_PASSWORD_FILE"):
        try:
            password = Path(path).read_text(encoding="utf-8").strip()
        except OSError:
            raise ValueError(f"MEDVIRK_SMTP_PASSWORD_FILE={path} cannot be read.") from None
    return parse_smtp(address, password)
