"""Text messages, through one gateway that takes JSON over HTTPS (docs/messages.md); in the demo, into files."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from medvirk.messages.channels import Send, Taken
from medvirk.messages.logic import Letter, NotSent, Verdict
from medvirk.messages.logic.sms import Gateway, gives_up
from medvirk.messages.models import State

#: Seconds to connect, and between two signs of life.
SECONDS_TO_WAIT = (5, 15)
LONGEST_ANSWER = 10_000
LONGEST_REFERENCE = 100
#: Our own set-up is at fault, not the receiver: the message is kept.
OUR_FAULT = {401: "gateway sign in", 403: "gateway sign in", 404: "gateway address", 405: "gateway address"}
#: The next message would fare alike.
STOPPING = frozenset({429, 502, 503, 504})


class Sms:
    code = "sms"
    name = _("text message")

    def is_set_up(self) -> bool:
        return bool(settings.SMS_GATEWAY or settings.DEMO)

    @contextmanager
    def session(self) -> Iterator[Send]:
        gateway = settings.SMS_GATEWAY
        if gateway is None:
            yield write_to_file
            return
        with requests.Session() as line:
            # A proxy of the environment must not get between this machine and itself.
            line.trust_env = not gateway.is_local
            # The same bundle as for mail; without it the one that comes with the client.
            line.verify = os.environ.get("SSL_CERT_FILE") or True
            yield lambda letter: send(letter, gateway, line)


class Bearer(requests.auth.AuthBase):
    """Given explicitly, so that no .netrc takes its place."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        if self._token:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


def send(letter: Letter, gateway: Gateway, line: requests.Session) -> Taken:
    """Hand it to the gateway. What went wrong is told by a code: the texts of others may hold the number.

    Raises:
        NotSent: the gateway said no, or could not be reached.
    """
    if not letter.address:
        raise NotSent("address", Verdict.GIVE_UP)
    content = {"id": str(letter.id), "to": letter.address, "text": letter.body, "sender": gateway.sender}
    try:
        with line.post(
            gateway.address,
            json=content,
            headers={"Idempotency-Key": str(letter.id), "Accept": "application/json"},
            auth=Bearer(gateway.token),
            timeout=SECONDS_TO_WAIT,
            allow_redirects=False,
            stream=True,
        ) as response:
            status = response.status_code
            answer = response.raw.read(LONGEST_ANSWER, decode_content=True) if 200 <= status < 300 else b""
    except requests.exceptions.SSLError:
        raise NotSent("gateway tls", stops=True) from None
    except (requests.RequestException, OSError):
        raise NotSent("gateway connection", stops=True) from None
    except Exception:  # noqa: BLE001  urllib3 raises its own while a body is read
        # The head of the answer had come, or it would be a `RequestException`: ask again, by the same key.
        raise NotSent("gateway connection", stops=True) from None
    _raise_for(status)
    return Taken(State.SENT, _reference(answer))


def _raise_for(status: int) -> None:
    if 200 <= status < 300:
        return
    if status in OUR_FAULT:
        raise NotSent(OUR_FAULT[status], stops=True)
    if 300 <= status < 400:
        # A redirect could lead the text to somebody else.
        raise NotSent("gateway address", stops=True)
    raise NotSent(
        f"gateway {status}", Verdict.GIVE_UP if gives_up(status) else Verdict.RETRY, stops=status in STOPPING
    )


def _reference(answer: bytes) -> str:
    """What the gateway calls the message, if it says so."""
    try:
        told = json.loads(answer)
    except ValueError:
        return ""
    found = told.get("id") if isinstance(told, dict) else None
    text = str(found) if isinstance(found, (str, int)) and not isinstance(found, bool) else ""
    return text if len(text) <= LONGEST_REFERENCE and text.isprintable() else ""


def write_to_file(letter: Letter) -> State:
    """Keep it where the one who tries the demo can read it. A second attempt writes the same file."""
    if not letter.address:
        raise NotSent("address", Verdict.GIVE_UP)
    folder = Path(settings.DATA) / "outbox"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{letter.id}.sms.txt").write_text(f"To: {letter.address}\n\n{letter.body}\n", encoding="utf-8")
    return State.FILED
