"""The lines of the access log's seals that are kept outside the database: a file that only grows.

One line of JSON per seal, written and on disk before the seal is in the database, so that in honest use the file
is never behind. It names nobody. Put it where whoever administers the database cannot change it (docs/log.md).
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from django.conf import settings

from medvirk.people.logic.log import Accepted, Outside, Seal


def head_path() -> Path:
    return Path(settings.LOG_HEAD)


@contextmanager
def held(*, alone: bool) -> Iterator[None]:
    """Keep others from sealing (`alone`), or from sealing while one reads.

    Raises:
        OSError: the folder cannot be written to.
    """
    path = head_path()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f"{path.name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        yield


def append(line: Seal | Accepted) -> None:
    """Add a line; it is on disk when this returns.

    Raises:
        OSError: it could not be written.
    """
    content = json.dumps(_content(line), ensure_ascii=False, separators=(",", ":")).encode()
    descriptor = os.open(head_path(), os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
    with os.fdopen(descriptor, "r+b") as file:
        size = file.seek(0, os.SEEK_END)
        # A line that was cut off in the middle, by a crash, stands alone.
        broken = size > 0 and os.pread(descriptor, 1, size - 1) != b"\n"
        file.write((b"\n" if broken else b"") + content + b"\n")
        file.flush()
        os.fsync(descriptor)


def read() -> Outside:
    """All lines. What cannot be read is told by its number; a cut-off last line too."""
    try:
        content = head_path().read_bytes()
    except FileNotFoundError:
        return Outside(None)
    lines, unreadable = list[Seal | Accepted](), list[int]()
    for number, text in enumerate(content.split(b"\n")[:-1] or [content], start=1):
        try:
            lines.append(_line(json.loads(text)))
        except (ValueError, KeyError, TypeError):
            unreadable.append(number)
    return Outside(lines, unreadable)


def last_seal() -> Seal | None:
    """The newest seal outside; None without one."""
    lines = read().lines or ()
    return next((each for each in reversed(lines) if isinstance(each, Seal)), None)


def _content(line: Seal | Accepted) -> dict[str, Any]:
    if isinstance(line, Accepted):
        return {"accepted": line.number, "at": line.at.isoformat(), "reason": line.reason, "mac": line.mac}
    return {
        "seal": line.number,
        "at": line.sealed_at.isoformat(),
        "ids": line.ids,
        "rows": line.rows,
        "total": line.total,
        "digest": line.digest,
        "mac": line.mac,
    }


def _line(content: dict[str, Any]) -> Seal | Accepted:
    at = datetime.fromisoformat(content["at"])
    if at.tzinfo is None:
        raise ValueError("A time without its zone.")
    if "accepted" in content:
        return Accepted(int(content["accepted"]), at, str(content["reason"]), str(content["mac"]))
    ids, digest, mac = (str(content[name]) for name in ("ids", "digest", "mac"))
    numbers = (int(content["seal"]), int(content["rows"]), int(content["total"]))
    return Seal(numbers[0], ids, numbers[1], numbers[2], digest, at, mac)
