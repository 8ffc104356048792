"""Ten thousand reminders that are due at once: queued, sent and settled, beside bare loops of the same sendings.

Prints Markdown. The gateway and the mail server are processes of their own, which say yes at once and count.
"""

from __future__ import annotations

import os
import smtplib
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from time import perf_counter

from bench_rows import Row, ratio, seconds_text, table

FEW, MANY = 1_000, 10_000
LINK = "https://medvirk.fjordvik.test/a/" + "x" * 32
TEXT = f"Noen spørsmål venter på deg: {LINK}"
ABOUT = f"""{MANY:,} reminders, each to a citizen of its own who has said yes, are queued in one transaction
(`write_to_citizens`) and sent by one worker (`messages.tasks.deliver_due`), on SQLite with synchronous=FULL. The
gateway of text messages and the mail server are processes of their own on the same machine, which say yes at once.
**Bare** is a loop over the same sendings by the same client on one open line, with no database: what is lost when it
is killed is not known. Medvirk looks before each message whether it is still its own, and writes after it that it has
gone; that is on disk before the next one goes. One round; the smaller number was measured before in this database."""


class Gateway(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    keys: set[str] = set()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.keys.add(self.headers["Idempotency-Key"])
        self._say(202, b"{}")

    def do_GET(self) -> None:
        self._say(200, str(len(self.keys)).encode())

    def _say(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Nothing."""


def serve_gateway() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Gateway)
    print(server.server_address[1], flush=True)
    server.serve_forever()


def serve_mail() -> None:
    """One that keeps nothing."""
    import asyncio

    from aiosmtpd.smtp import SMTP

    class Taker:
        async def handle_DATA(self, _server: object, _session: object, _envelope: object) -> str:  # noqa: N802
            return "250 OK"

    async def serve() -> None:
        loop = asyncio.get_running_loop()
        server = await loop.create_server(lambda: SMTP(Taker()), "127.0.0.1", 0)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()

    asyncio.run(serve())


@contextmanager
def beside(which: str) -> Iterator[int]:
    """A server in a process of its own; gives its port."""
    process = subprocess.Popen([sys.executable, __file__, which], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield int(process.stdout.readline())
    finally:
        process.kill()
        process.wait()


def timed(work: Callable[[], object]) -> float:
    start = perf_counter()
    work()
    return perf_counter() - start


def bare_sms(port: int) -> None:
    import requests

    with requests.Session() as line:
        line.trust_env = False
        for number in range(MANY):
            key = str(uuid.uuid4())
            content = {"id": key, "to": f"+479{number:07d}", "text": TEXT, "sender": "2099"}
            headers = {"Idempotency-Key": key}
            line.post(
                f"http://127.0.0.1:{port}/", json=content, headers=headers, timeout=5
            ).raise_for_status()


def bare_mail(port: int) -> None:
    with smtplib.SMTP("127.0.0.1", port) as line:
        for number in range(MANY):
            letter = EmailMessage()
            letter["From"], letter["To"], letter["Subject"] = (
                "m@fjordvik.test",
                f"a{number}@example.test",
                "Hei",
            )
            letter.set_content(TEXT)
            line.send_message(letter)


def bare_file(folder: Path) -> None:
    folder.mkdir()
    for number in range(MANY):
        (folder / f"{number}.txt").write_text(f"To: +479{number:07d}\n\n{TEXT}\n", encoding="utf-8")


def make_citizens() -> None:
    from medvirk.people.models import Citizen, Consent, Person

    persons = [
        Person(given_name="Kari", family_name="Testesen", phone=f"+479{n:07d}", email=f"a{n}@example.test")
        for n in range(MANY)
    ]
    Person.objects.bulk_create(persons, batch_size=500)
    citizens = [Citizen(person=person) for person in persons]
    Citizen.objects.bulk_create(citizens, batch_size=500)
    yes = [
        Consent(citizen=each, purpose="contact", version=1, language="nb", digest="", yes=True)
        for each in citizens
    ]
    Consent.objects.bulk_create(yes, batch_size=500)


def queue_reminders(count: int, channel: str) -> tuple[float, int]:
    """Seconds and queries."""
    from django.db import connection, transaction
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from medvirk.messages.actions import CitizenLetter, write_to_citizens
    from medvirk.people.models import Citizen

    run = uuid.uuid4()
    letters = [
        CitizenLetter(each, "bench.reminder", {"link": LINK}, f"{run}:{each.pk}", channels=(channel,))
        for each in Citizen.objects.all()[:count]
    ]

    def write() -> None:
        with transaction.atomic():
            told = write_to_citizens(letters=letters, now=timezone.now())
        assert {each.channel for each in told.values()} == {channel}

    with CaptureQueriesContext(connection) as queries:
        seconds = timed(write)
    return seconds, len(queries)


def deliver(count: int) -> tuple[float, float]:
    """Seconds, and queries a message."""
    from collections import Counter

    from django.db import connection
    from django.utils import timezone

    from medvirk.messages.tasks import deliver_due

    queries = 0

    def counting(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        nonlocal queries
        queries += 1
        return execute(sql, params, many, context)

    done: Counter[str] = Counter()

    def work() -> None:
        # A turn ends after a minute, and the worker takes the next.
        while turn := deliver_due(timezone.now()):
            done.update(turn)

    with connection.execute_wrapper(counting):
        seconds = timed(work)
    assert sum(done.values()) == count, done
    return seconds, queries / count


def rows_of(what: str, channel: str, bare: Callable[[], object]) -> Iterator[Row]:
    queued: dict[int, tuple[float, int]] = {}
    sent: dict[int, tuple[float, float]] = {}
    for count in (FEW, MANY):
        queued[count] = queue_reminders(count, channel)
        sent[count] = deliver(count)
    reference = timed(bare)
    seconds, queries = queued[MANY]
    if channel == "sms" and what != "text messages into files":
        yield Row(
            f"{MANY:,} reminders queued in one transaction",
            seconds_text(seconds),
            "–",
            "–",
            f"{queries} queries; {FEW:,} took {seconds_text(queued[FEW][0])}",
        )
    seconds, each = sent[MANY]
    growth = (seconds / MANY) / (sent[FEW][0] / FEW)
    yield Row(
        f"{MANY:,} {what}",
        f"{seconds_text(seconds)}, {MANY / seconds:,.0f} per second",
        "–",
        f"{seconds_text(reference)}, {MANY / reference:,.0f} per second",
        f"{ratio(seconds / reference)} × bare; {each:.2f} queries a message; a message takes {growth:.2f} × as long as "
        f"among {FEW:,}",
    )


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="medvirk-bench-") as folder:
        for name in [name for name in os.environ if name.startswith("MEDVIRK_")] + ["DATABASE_URL"]:
            os.environ.pop(name, None)
        os.environ.update(
            DJANGO_SETTINGS_MODULE="medvirk.config.settings",
            MEDVIRK_DATA=folder,
            MEDVIRK_QUIET_HOURS="00:00-00:00",
            MEDVIRK_ADDRESS="https://medvirk.fjordvik.test",
        )
        import django

        django.setup()
        from medvirk.config.commands import prepare

        prepare()
        print("\n\n".join([ABOUT, table(measure(Path(folder)), "bare")]))


def measure(folder: Path) -> Iterator[Row]:
    from django.conf import settings

    from medvirk.messages.kinds import CitizenKind, register_citizen_kind
    from medvirk.messages.logic.sms import parse_gateway

    words = "Noen spørsmål venter på deg: %(link)s"
    register_citizen_kind(CitizenKind("bench.reminder", "", "Hei", words, words, {"link": LINK}))
    make_citizens()
    with beside("gateway") as port:
        settings.SMS_GATEWAY = parse_gateway(f"http://127.0.0.1:{port}/", sender="2099")
        yield from rows_of("text messages over HTTP", "sms", lambda: bare_sms(port))
    settings.SMS_GATEWAY, settings.DEMO = None, True
    yield from rows_of("text messages into files", "sms", lambda: bare_file(folder / "bare"))
    with beside("mail") as port:
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
        yield from rows_of("e-mails over SMTP", "email", lambda: bare_mail(port))


if __name__ == "__main__":
    {"gateway": serve_gateway, "mail": serve_mail}.get("".join(sys.argv[1:]), main)()
