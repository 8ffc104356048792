"""A real mail server on a free port of this machine, that answers as a test tells it to."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult


@dataclass
class MailServer:
    """`answers`: what the next messages get instead of a yes, e.g. "451 later"; `at` which step of the talk.

    `before_yes` runs when a message is stored and the sender does not know yet.
    """

    host: str = "127.0.0.1"
    port: int = 0
    stored: list[EmailMessage] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    at: str = "DATA"
    asked: int = 0
    before_yes: Callable[[], None] | None = None
    hangs_up: bool = False
    password: str = ""

    def _answer(self, step: str) -> str | None:
        self.asked += step == self.at
        return self.answers.pop(0) if step == self.at and self.answers else None

    async def handle_MAIL(self, server, session, envelope, address, options) -> str:
        if no := self._answer("MAIL"):
            return no
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        if no := self._answer("RCPT"):
            return no
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:
        if self.hangs_up:
            server.transport.abort()
            return "250 never heard"
        if no := self._answer("DATA"):
            return no
        self.stored.append(message_from_bytes(envelope.content, policy=policy.default))
        if self.before_yes is not None:
            self.before_yes()
        return "250 OK"

    def sign_in(self, server, session, envelope, mechanism, data) -> AuthResult:
        return AuthResult(success=data.password.decode() == self.password, handled=False)


class _Quick(Controller):
    """Tries itself out at the port it has got; the one asked for was 0, for any."""

    def _trigger_server(self) -> None:
        socket.create_connection(self.server.sockets[0].getsockname()[:2], timeout=5).close()


@contextmanager
def mail_server(
    *, tls: ssl.SSLContext | None = None, starttls: bool = False, password: str = ""
) -> Iterator[MailServer]:
    told = MailServer(password=password)
    options: dict[str, object] = {}
    if password:
        options = {"authenticator": told.sign_in, "auth_require_tls": False}
    if starttls:
        options |= {"tls_context": tls, "require_starttls": True}
    controller = _Quick(told, hostname=told.host, port=0, ssl_context=None if starttls else tls, **options)
    controller.start()
    told.port = controller.server.sockets[0].getsockname()[1]
    try:
        yield told
    finally:
        controller.stop()


def certificate(folder: Path, *names: str) -> tuple[ssl.SSLContext, Path]:
    """What a server shows that has just been given a certificate for `names`, and the bundle that trusts it."""
    import ipaddress

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "mail.test")])
    alternatives = [
        x509.IPAddress(ipaddress.ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
        for name in names
    ]
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # Verified by the real clock, whatever the test has set.
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2120, 1, 1, tzinfo=UTC))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    bundle, whole = folder / "bundle.pem", folder / "server.pem"
    bundle.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    whole.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + bundle.read_bytes()
    )
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(whole)
    return context, bundle
