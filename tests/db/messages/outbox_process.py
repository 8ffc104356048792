"""What the tests of whole processes do with their own database: one line of JSON in, one out.

["queue", N], ["remind", N], ["states"], ["leases_over"], ["race", THREADS]
"""

from __future__ import annotations

import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "medvirk.config.settings"
django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from medvirk.messages.actions import CitizenLetter, NewMessage, claim, queue, write_to_citizens  # noqa: E402
from medvirk.messages.logic.sms import parse_gateway  # noqa: E402
from medvirk.messages.models import OPEN, DutyState, Message  # noqa: E402
from medvirk.people.models import Citizen, Consent, Person  # noqa: E402


def put(number: int) -> None:
    Message.objects.all().delete()
    person = Person.objects.create(given_name="Kari", family_name="Testesen")
    new = (
        NewMessage(person.pk, "email", "test", f"a{n}@example.test", "s", "b", str(n), waits_for_day=False)
        for n in range(number)
    )
    queue(messages=new, now=timezone.now())


def remind(number: int) -> None:
    """Text messages to so many citizens who say yes, as `write_to_citizens` queues them where a gateway is set up."""
    Message.objects.all().delete()
    now = timezone.now()
    settings.SMS_GATEWAY = parse_gateway("http://127.0.0.1/")
    letters = [
        CitizenLetter(citizen(n), "messages.stopped", {}, str(n), channels=("sms",), waits_for_day=False)
        for n in range(number)
    ]
    written = write_to_citizens(letters=letters, now=now)
    assert {each.channel for each in written.values()} == {"sms"}


def citizen(number: int) -> Citizen:
    person = Person.objects.create(given_name="Kari", family_name="Testesen", phone=f"+479{number:07d}")
    made = Citizen.objects.create(person=person)
    Consent.objects.create(citizen=made, purpose="contact", version=99, language="nb", digest="", yes=True)
    return made


def states() -> dict[str, list[object]]:
    return {row.once_key: [row.state, row.attempts] for row in Message.objects.all()}


def leases_over() -> None:
    """As if the time of the leases had passed, of messages and of duties."""
    for rows in (Message.objects.filter(state__in=OPEN), DutyState.objects.filter(name="messages.deliver")):
        rows.update(due_at=timezone.now())


def race(threads: int) -> list[list[str]]:
    """Each thread takes three at a time until none is left; which each has got."""
    start = Barrier(threads)

    def take_all(_: int) -> list[str]:
        mine: list[str] = []
        start.wait()
        while batch := claim(channel="email", now=timezone.now(), limit=3):
            mine += [row.once_key for row in batch]
        connection.close()
        return mine

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(take_all, range(threads)))


VERBS = {"queue": put, "remind": remind, "states": states, "leases_over": leases_over, "race": race}

if __name__ == "__main__":
    for line in sys.stdin:
        verb, *arguments = json.loads(line)
        print(json.dumps(VERBS[verb](*arguments)), flush=True)
