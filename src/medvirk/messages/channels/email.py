"""E-mail, by Django's own mail; in the demo without a mail server, into files."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.utils import parseaddr
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.utils.translation import gettext_lazy as _

from medvirk.messages.channels import Send
from medvirk.messages.logic import Letter, NotSent, Verdict, verdict_on
from medvirk.messages.models import State


class Email:
    code = "email"
    name = _("e-mail")

    def is_set_up(self) -> bool:
        return bool(settings.EMAIL_HOST or settings.DEMO)

    @contextmanager
    def session(self) -> Iterator[Send]:
        if not settings.EMAIL_HOST:
            yield write_to_file
            return
        connection = get_connection()
        try:
            yield lambda letter: send(letter, connection)
        finally:
            _hang_up(connection)


def composed(letter: Letter, connection: Any = None) -> EmailMessage:
    """The e-mail. Its Message-ID is the same at each attempt, so that a mail system can drop a double."""
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2] or "localhost"
    headers = {"Message-ID": f"<{letter.id}@{domain}>", "Auto-Submitted": "auto-generated"}
    if letter.stop_url:
        # RFC 8058: mail programs show a button of their own and send it without opening the page.
        headers |= {
            "List-Unsubscribe": f"<{letter.stop_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    return EmailMessage(
        letter.subject, letter.body, to=[letter.address], headers=headers, connection=connection
    )


def send(letter: Letter, connection: Any) -> State:
    """Hand it to the mail server. What went wrong is told by a code: texts of mail servers hold addresses.

    Raises:
        NotSent: the server said no, or could not be reached.
    """
    if not letter.address:
        raise NotSent("address", Verdict.GIVE_UP)
    try:
        _dial(connection)
        composed(letter, connection).send()
    except smtplib.SMTPRecipientsRefused as refused:
        code = next(code for code, _text in refused.recipients.values())
        raise NotSent(f"smtp {code}", verdict_on(code), stops=code == 421) from None
    except smtplib.SMTPAuthenticationError:
        raise NotSent("sign in", stops=True) from None
    except smtplib.SMTPSenderRefused as refused:
        # That is us, whoever the receiver is.
        raise NotSent(f"sender {refused.smtp_code}", stops=True) from None
    except smtplib.SMTPResponseException as refused:
        verdict = (
            verdict_on(refused.smtp_code) if isinstance(refused, smtplib.SMTPDataError) else Verdict.RETRY
        )
        stops = refused.smtp_code == 421 or not isinstance(refused, smtplib.SMTPDataError)
        raise NotSent(f"smtp {refused.smtp_code}", verdict, stops=stops) from None
    except ssl.SSLError:
        raise NotSent("tls", stops=True) from None
    except smtplib.SMTPNotSupportedError:
        raise NotSent("not supported", stops=True) from None
    except (smtplib.SMTPException, OSError):
        raise NotSent("connection", stops=True) from None
    except ValueError:
        # Before anything was sent: a line break in it, or letters that no mail server takes.
        raise NotSent("address", Verdict.GIVE_UP) from None
    return State.SENT


def write_to_file(letter: Letter) -> State:
    """Keep it where the one who tries the demo can read it. A second attempt writes the same file."""
    folder = Path(settings.DATA) / "outbox"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{letter.id}.eml").write_bytes(composed(letter).message().as_bytes())
    return State.FILED


def _dial(connection: Any) -> None:
    """Open the line once: Django would close one that it has opened itself after each message."""
    try:
        connection.open()
    except UnicodeError:
        # A user or password of ours that SMTP cannot carry.
        raise NotSent("sign in", stops=True) from None


def _hang_up(connection: Any) -> None:
    try:
        connection.close()
    except (smtplib.SMTPException, OSError):
        # What was taken is taken; a server that is gone needs no goodbye.
        connection.connection = None
