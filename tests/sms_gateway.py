"""A real gateway of text messages on a free port of this machine, as docs/messages.md says that one behaves."""

from __future__ import annotations

import json
import ssl
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TOKEN = "et-hemmelig-merke"


@dataclass
class SmsGateway:
    """`answers`: what the next messages get instead of 202; with `hangs_up` nothing.

    `taken` are the messages that would go out, each once by its Idempotency-Key; `keys` counts how often each came.
    `before_yes` runs when a message is taken and the sender does not know yet.
    """

    port: int = 0
    scheme: str = "http"
    taken: dict[str, dict[str, str]] = field(default_factory=dict)
    keys: Counter[str] = field(default_factory=Counter)
    asked: list[Any] = field(default_factory=list)
    answers: list[int] = field(default_factory=list)
    body: bytes | None = None
    before_yes: Callable[[], None] | None = None
    hangs_up: bool = False

    @property
    def address(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}/messages"

    def take(self, handler: BaseHTTPRequestHandler) -> None:
        content = handler.rfile.read(int(handler.headers["Content-Length"]))
        self.asked.append(handler.headers)
        if self.hangs_up:
            handler.close_connection = True
            return
        key = handler.headers["Idempotency-Key"]
        self.keys[key] += 1
        status = self.answers.pop(0) if self.answers else 202
        if handler.path != "/messages":
            status = 404
        elif handler.headers["Authorization"] != f"Bearer {TOKEN}":
            status = 401
        if 200 <= status < 300:
            self.taken.setdefault(key, json.loads(content))
            if self.before_yes is not None:
                self.before_yes()
        answer = self.body if self.body is not None else json.dumps({"id": f"g-{len(self.taken)}"}).encode()
        handler.send_response(status)
        if 300 <= status < 400:
            handler.send_header("Location", f"{self.address}/elsewhere")
        handler.send_header("Content-Length", str(len(answer)))
        handler.end_headers()
        handler.wfile.write(answer)


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """A worker that was killed in the middle is what is tried here."""


@contextmanager
def sms_gateway(*, tls: ssl.SSLContext | None = None) -> Iterator[SmsGateway]:
    told = SmsGateway(scheme="https" if tls else "http")

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body leave in one piece: Nagle's algorithm would hold the second back for 40 ms.
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            told.take(self)

        def log_message(self, *_: object) -> None:
            """Nothing: it would be the text."""

    server = _Quiet(("127.0.0.1", 0), Handler)
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    told.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
