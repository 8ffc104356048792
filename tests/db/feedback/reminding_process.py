"""What the tests of whole processes do with a database of their own.

fill N: so many conversations tomorrow. send: what the worker does each minute. die N: the same, killed by the operating
system in the middle of its Nth batch. meet: the same, but before its first batch it says what is in it, and waits for a
line. count: how many messages, links and rows there are, and how many apart.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from datetime import timedelta

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "medvirk.config.settings"
django.setup()

from django.conf import settings  # noqa: E402
from django.utils import timezone  # noqa: E402

from medvirk.answers.models import AnswerLink, Ask, Occasion  # noqa: E402
from medvirk.feedback.actions import reminding  # noqa: E402
from medvirk.feedback.models import Asking, Episode, Participation, Reminder, ReminderPlan, Session  # noqa: E402
from medvirk.messages.logic.sms import parse_gateway  # noqa: E402
from medvirk.messages.models import Message  # noqa: E402
from medvirk.people.models import Citizen, Consent, Person, Staff, Unit, User  # noqa: E402

settings.SMS_GATEWAY = parse_gateway("http://127.0.0.1/")


def fill(number: int) -> None:
    now = timezone.now()
    today = timezone.localdate(now)
    unit = Unit.objects.create(name="Team Nord", kind="team", valid_from=today - timedelta(days=400))
    ReminderPlan.objects.create(unit=unit, sends=True)
    worker = Person.objects.create(given_name="Siv", family_name="Strandvollen")
    user = User.objects.create(login="siv", login_hash="siv", person=worker)
    staff = Staff.objects.create(person=worker, user=user)
    rows: dict[type, list] = {}

    def add(row):
        rows.setdefault(type(row), []).append(row)
        return row

    for one in range(number):
        person = add(Person(given_name="Kari", family_name="Testesen", phone=f"+479{one:07d}"))
        citizen = add(Citizen(person=person))
        add(Consent(citizen=citizen, purpose="contact", version=99, language="nb", digest="", yes=True))
        episode = add(
            Episode(
                unit=unit,
                responsible=staff,
                started_on=today,
                outcome_key="life-now",
                outcome_version=1,
                meeting_key="this-meeting",
                meeting_version=1,
            )
        )
        add(Participation(episode=episode, citizen=citizen))
        session = add(Session(episode=episode, starts_at=now + timedelta(hours=20)))
        occasion = add(Occasion(about=citizen, respondent=person, opens_at=now))
        add(Ask(occasion=occasion, position=0, instrument_key="life-now", instrument_version=1))
        add(Asking(session=session, citizen=citizen, moment="before", occasion=occasion))
    for model, some in rows.items():
        model._default_manager.bulk_create(some, batch_size=500)


def send() -> None:
    print(json.dumps(reminding.send_due(timezone.now())))


def die(batch: int) -> None:
    """Killed after the messages of a batch are queued, and before anything of it is on disk."""
    batches, keep_links = iter(range(1, 1000)), reminding.keep_links

    def kept(links) -> None:
        keep_links(links)
        if next(batches) == batch:
            os.kill(os.getpid(), signal.SIGKILL)

    reminding.keep_links = kept
    send()


def meet() -> None:
    send_batch, waiting = reminding._send_batch, iter([True])

    def when_told(ids, *how) -> int:
        for _ in waiting:
            print(json.dumps(list(ids)), flush=True)
            sys.stdin.readline()
        return send_batch(ids, *how)

    reminding._send_batch = when_told
    send()


def count() -> None:
    askings = Reminder.objects.values_list("asking_id", flat=True)
    links = AnswerLink.objects.values_list("occasion_id", flat=True)
    messages = Message.objects.values_list("recipient_id", flat=True)
    print(json.dumps([[len(some), len(set(some))] for some in (askings, links, messages)]))


if __name__ == "__main__":
    {"fill": fill, "send": send, "die": die, "meet": meet, "count": count}[sys.argv[1]](
        *map(int, sys.argv[2:])
    )
