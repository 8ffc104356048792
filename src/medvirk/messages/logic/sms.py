"""Text messages: which numbers they go to, how much fits, how a gateway is named and how it shows who it is."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from medvirk.people.logic import normal_phone

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
#: A sender of letters has at most so many; one that can be answered is a number.
LONGEST_NAME = 11
#: A webhook secret that is shorter could be guessed.
SHORTEST_SECRET = 32


def sms_number(text: str) -> str | None:
    """The number as E.164 where text messages go to it, else None.

    Of Norwegian numbers these begin with 4 or 9 (the national numbering plan); of others only the form is known.
    """
    number = normal_phone(text)
    if not re.fullmatch(r"\+[1-9]\d{7,14}", number):
        return None
    if number.startswith("+47") and not re.fullmatch(r"\+47[49]\d{7}", number):
        return None
    return number


# 3GPP TS 23.038, 6.2.1: what one text message carries in seven bits a sign; what stands in the second costs two.
GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
GSM_DOUBLE = frozenset("^{}\\[~]|€\f")


def segments(text: str) -> int:
    """How many text messages are paid for and may arrive apart: 160 or 153 signs each, with others 70 or 67."""
    if all(sign in GSM or sign in GSM_DOUBLE for sign in text):
        length = sum(2 if sign in GSM_DOUBLE else 1 for sign in text)
        alone, joined = 160, 153
    else:
        length = len(text.encode("utf-16-be")) // 2
        alone, joined = 70, 67
    return 1 if length <= alone else -(-length // joined)


STOP_WORDS = frozenset({"stopp", "stop", "slutt"})


def is_stop(text: str) -> bool:
    """Is it the stop word and nothing else, however it is written?"""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return re.sub(r"[\W_]+", "", folded) in STOP_WORDS


@dataclass(frozen=True)
class Gateway:
    """Where text messages are handed over. `sender` is a number that can be answered, or a short name."""

    address: str
    token: str = field(repr=False)
    sender: str

    @property
    def is_local(self) -> bool:
        return urlsplit(self.address).hostname in LOOPBACK

    @property
    def can_be_answered(self) -> bool:
        return re.fullmatch(r"\+?\d{3,15}", self.sender) is not None


def parse_gateway(address: str, *, token: str = "", sender: str = "Medvirk") -> Gateway:
    """
    Raises:
        ValueError: no such address, or one over an open line, or a sender that no phone can show; no secret is in it.
    """
    parts = urlsplit(address)
    if parts.username or parts.password or parts.fragment:
        raise ValueError("MEDVIRK_SMS holds no password; put the token into MEDVIRK_SMS_TOKEN_FILE.")
    if not parts.hostname or (
        parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK)
    ):
        raise ValueError("MEDVIRK_SMS is written as https://host/path (http:// on this machine only).")
    if not re.fullmatch(rf"\+?\d{{3,15}}|(?=.*[A-Za-z])[A-Za-z0-9 ]{{1,{LONGEST_NAME}}}", sender):
        raise ValueError(
            f"MEDVIRK_SMS_SENDER is a number that can be answered, or a name of at most {LONGEST_NAME} letters."
        )
    if not re.fullmatch(r"[!-~]*", token):
        raise ValueError("MEDVIRK_SMS_TOKEN_FILE holds one line without blanks or letters beyond ASCII.")
    return Gateway(address, token, sender)


def gateway_from(environment: Mapping[str, str]) -> Gateway | None:
    """The gateway that MEDVIRK_SMS names, or None.

    Raises:
        ValueError: see `parse_gateway`; or the file cannot be read.
    """
    address = environment.get("MEDVIRK_SMS", "")
    if not address:
        return None
    token = _read(environment, "MEDVIRK_SMS_TOKEN_FILE")
    return parse_gateway(address, token=token, sender=environment.get("MEDVIRK_SMS_SENDER") or "Medvirk")


def webhook_secrets_from(environment: Mapping[str, str]) -> tuple[str, ...]:
    """What the gateway signs with: each line of MEDVIRK_SMS_WEBHOOK_SECRET_FILE, so that one can follow another.

    Raises:
        ValueError: the file cannot be read, or a line can be guessed.
    """
    secrets = tuple(_read(environment, "MEDVIRK_SMS_WEBHOOK_SECRET_FILE").split())
    if any(len(secret) < SHORTEST_SECRET for secret in secrets):
        raise ValueError(f"MEDVIRK_SMS_WEBHOOK_SECRET_FILE: each line has at least {SHORTEST_SECRET} signs.")
    return secrets


def _read(environment: Mapping[str, str], name: str) -> str:
    path = environment.get(name)
    if not path:
        return ""
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError):
        raise ValueError(f"{name}={path} cannot be read.") from None


#: Answers of a gateway below 500 that pass: not in time, the same one is under way, too early, too many.
PASSING = frozenset({408, 409, 425, 429})


def gives_up(status: int) -> bool:
    """Is it this message that a gateway will never take? What is wrong with our own set-up is told apart before."""
    return 400 <= status < 500 and status not in PASSING


#: How far the clock of the gateway may be off, and how long a signed call may be sent again.
WINDOW = timedelta(minutes=5)


def signature(secret: str, at: int, body: bytes) -> str:
    """What a gateway sends as `Medvirk-Signature`. at: seconds since 1970."""
    mac = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={at},v1={mac}"


def is_signed(header: str, body: bytes, *, secrets: Sequence[str], now: datetime) -> bool:
    """Did whoever has one of the secrets sign exactly this, within the last minutes?"""
    found = re.fullmatch(r"t=(\d{1,11}),v1=([0-9a-f]{64})", header, re.ASCII)
    if found is None or abs(now.timestamp() - int(found[1])) > WINDOW.total_seconds():
        return False
    return any(hmac.compare_digest(signature(secret, int(found[1]), body), header) for secret in secrets)
