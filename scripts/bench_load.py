"""A small HTTP client that costs little itself: keep-alive connections, requests at a pace or as fast as they go.

Only what the benchmarks need of HTTP/1.1: replies with a length, from a server on this machine.
"""

from __future__ import annotations

import gzip
import socket
import statistics
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from time import perf_counter, sleep
from urllib.parse import urlencode

TIMEOUT = 30.0


@dataclass(frozen=True)
class Reply:
    """`seconds` counts from when the request was due, so that a queue in front of the server shows."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float

    @property
    def text(self) -> str:
        packed = self.headers.get("content-encoding") == "gzip"
        return (gzip.decompress(self.body) if packed else self.body).decode()


def get(path: str, *, cookies: Mapping[str, str] | None = None) -> bytes:
    """The bytes of a GET as a browser sends it."""
    return _head("GET", path, cookies) + b"\r\n"


def post(path: str, fields: Mapping[str, str], *, cookies: Mapping[str, str]) -> bytes:
    """The bytes of a sent form."""
    body = urlencode(fields).encode()
    kind = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    return _head("POST", path, cookies) + kind.encode() + body


def _head(method: str, path: str, cookies: Mapping[str, str] | None) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", "Accept-Encoding: gzip", "Accept-Language: nb"]
    if cookies:
        lines.append("Cookie: " + "; ".join(f"{name}={value}" for name, value in cookies.items()))
    return ("\r\n".join(lines) + "\r\n").encode()


class Connection:
    """One keep-alive connection."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def close(self) -> None:
        self.socket.close()

    def ask(self, request: bytes, due: float | None = None) -> Reply:
        """Send and wait for the whole reply. Raises ConnectionError when the server hangs up."""
        start = perf_counter() if due is None else due
        self.socket.sendall(request)
        head, body = self._until_blank_line()
        status, headers = _parse(head)
        length = 0 if status in {204, 304} else int(headers["content-length"])
        while len(body) < length:
            body += self._more()
        return Reply(status, headers, body, perf_counter() - start)

    def _until_blank_line(self) -> tuple[bytes, bytes]:
        received = self._more()
        while b"\r\n\r\n" not in received:
            received += self._more()
        head, _, body = received.partition(b"\r\n\r\n")
        return head, body

    def _more(self) -> bytes:
        received = self.socket.recv(65536)
        if not received:
            raise ConnectionError("The server hung up in the middle of a reply.")
        return received


def _parse(head: bytes) -> tuple[int, dict[str, str]]:
    first, *lines = head.decode("latin-1").split("\r\n")
    headers: dict[str, str] = {}
    for name, value in (line.split(": ", 1) for line in lines):
        # Only the cookie's name and value matter here, and there is one cookie at most.
        headers[name.lower()] = value
    return int(first.split(" ", 2)[1]), headers


@dataclass(frozen=True)
class Load:
    """What came back, in the order in which the requests were given, and how long it took in all."""

    replies: Sequence[Reply]
    seconds: float

    @property
    def rate(self) -> float:
        """Requests per second."""
        return len(self.replies) / self.seconds

    def percentile(self, share: float) -> float:
        """Seconds within which this share (0–1) of the replies came."""
        ordered = sorted(reply.seconds for reply in self.replies)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def run_load(
    port: int, requests: Iterable[bytes], *, connections: int, rate: float | None = None, expect: int = 200
) -> Load:
    """Send every request over so many connections.

    rate: requests per second, sent when they are due whether or not earlier ones are answered (as people do);
    None sends the next as soon as a connection is free.
    Raises RuntimeError when a reply has another status than expected: a fast error is no result.
    """
    listed = list(requests)
    numbered = iter(enumerate(listed))
    replies: list[Reply | None] = [None] * len(listed)
    faults: list[BaseException] = []
    lock = threading.Lock()
    start = perf_counter() + 0.05

    def work() -> None:
        connection = Connection(port)
        try:
            while (taken := _next(numbered, lock)) is not None and not faults:
                number, request = taken
                due = start + number / rate if rate else None
                _wait_until(due if due is not None else start)
                replies[number] = connection.ask(request, due)
        except (OSError, KeyError, ValueError) as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    seconds = perf_counter() - start
    if faults:
        raise RuntimeError(f"The load was broken off: {faults[0]!r}") from faults[0]
    done = [reply for reply in replies if reply is not None]
    wrong = sorted({reply.status for reply in done} - {expect})
    if wrong:
        raise RuntimeError(f"Expected {expect} from every request; the server also answered {wrong}.")
    return Load(done, seconds)


def _next(numbered: Iterator[tuple[int, bytes]], lock: threading.Lock) -> tuple[int, bytes] | None:
    with lock:
        return next(numbered, None)


def _wait_until(moment: float) -> None:
    left = moment - perf_counter()
    if left > 0:
        sleep(left)


def cookies_of(reply: Reply) -> dict[str, str]:
    """The cookie that the reply sets, if any."""
    name, _, rest = reply.headers.get("set-cookie", "").partition("=")
    return {name: rest.split(";", 1)[0]} if name else {}


def median(values: Iterable[float]) -> float:
    return statistics.median(values)
