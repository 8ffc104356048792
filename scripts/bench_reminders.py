"""Ten thousand conversations tomorrow, all of whose invitations are due at once: found, written and queued.

Prints Markdown. The reference stores the same number of rows of the same kinds, with no rules and no reading.
"""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from datetime import timedelta
from time import perf_counter
from typing import Any

from bench_rows import Row, ratio, seconds_text, table

FEW, MANY = 1_000, 10_000
ABOUT = f"""{MANY:,} citizens who have said yes to messages have a conversation in twenty hours, in one unit that sends
invitations. One run of what the worker does each minute (`feedback.actions.reminding.send_due`) finds them, draws a
link for each, writes the message in their language and queues it, in transactions of 200, on SQLite with
synchronous=FULL. **Bare** writes the same 10,000 messages, links and notes of what was sent, in transactions of 200,
and neither reads nor decides anything. The second run of the worker finds that nothing is left to do."""


def make(number: int) -> None:
    from django.utils import timezone

    from medvirk.answers.models import Ask, Occasion
    from medvirk.feedback.models import Asking, Episode, Participation, ReminderPlan, Session
    from medvirk.people.models import Citizen, Consent, Person, Staff, Unit, User

    now = timezone.now()
    today = timezone.localdate(now)
    unit = Unit.objects.create(name="Team Nord", kind="team", valid_from=today - timedelta(days=400))
    ReminderPlan.objects.create(unit=unit, sends=True)
    worker = Person.objects.create(given_name="Siv", family_name="Strandvollen")
    user = User.objects.create(login=uuid.uuid4().hex, login_hash=uuid.uuid4().hex, person=worker)
    staff = Staff.objects.create(person=worker, user=user)
    rows: dict[type, list[Any]] = {}

    def add(row: Any) -> Any:
        rows.setdefault(type(row), []).append(row)
        return row

    forms = {
        "outcome_key": "life-now",
        "outcome_version": 1,
        "meeting_key": "this-meeting",
        "meeting_version": 1,
    }
    for one in range(number):
        person = add(Person(given_name="Kari", family_name="Testesen", phone=f"+479{one:07d}"))
        citizen = add(Citizen(person=person))
        add(Consent(citizen=citizen, purpose="contact", version=1, language="nb", digest="", yes=True))
        episode = add(Episode(unit=unit, responsible=staff, started_on=today, **forms))
        add(Participation(episode=episode, citizen=citizen))
        session = add(Session(episode=episode, starts_at=now + timedelta(hours=20)))
        occasion = add(Occasion(about=citizen, respondent=person, opens_at=now))
        add(Ask(occasion=occasion, position=0, instrument_key="life-now", instrument_version=1))
        add(Asking(session=session, citizen=citizen, moment="before", occasion=occasion))
    for model, some in rows.items():
        model.objects.bulk_create(some, batch_size=500)


def send() -> tuple[float, int, int]:
    """Seconds, how many were queued, and queries."""
    from django.db import connection
    from django.utils import timezone

    from medvirk.feedback.actions.reminding import send_due

    queries = 0

    def counting(execute, sql, params, many, context):  # type: ignore[no-untyped-def]
        nonlocal queries
        queries += 1
        return execute(sql, params, many, context)

    start = perf_counter()
    with connection.execute_wrapper(counting):
        done = send_due(timezone.now())
    return perf_counter() - start, done, queries


def bare() -> float:
    """Store the rows that were stored, once more."""
    from django.db import transaction

    from medvirk.answers.models import AnswerLink
    from medvirk.feedback.models import Reminder
    from medvirk.messages.models import Message

    messages, links, notes = (
        list(Message.objects.all()),
        list(AnswerLink.objects.all()),
        list(Reminder.objects.all()),
    )
    Reminder.objects.all().delete()
    for message, link, note in zip(messages, links, notes, strict=True):
        message.pk, message.once_key = uuid.uuid4(), uuid.uuid4().hex
        link.pk, link.token_hash = None, uuid.uuid4().hex
        note.pk = uuid.uuid4()
    start = perf_counter()
    for first in range(0, len(messages), 200):
        with transaction.atomic():
            Message.objects.bulk_create(messages[first : first + 200])
            AnswerLink.objects.bulk_create(links[first : first + 200])
            Reminder.objects.bulk_create(notes[first : first + 200])
    return perf_counter() - start


def measure() -> Iterator[Row]:
    from django.conf import settings

    from medvirk.messages.logic.sms import parse_gateway

    settings.SMS_GATEWAY = parse_gateway("http://127.0.0.1:9/", sender="2099")
    make(FEW)
    few, done, _queries = send()
    assert done == FEW, done
    make(MANY)
    many, done, queries = send()
    assert done == MANY, done
    again, done, idle = send()
    assert done == 0, done
    reference = bare() * MANY / (MANY + FEW)
    growth = (many / MANY) / (few / FEW)
    yield Row(
        f"{MANY:,} invitations due at once",
        f"{seconds_text(many)}, {MANY / many:,.0f} per second",
        "–",
        f"{seconds_text(reference)}, {MANY / reference:,.0f} per second",
        f"{ratio(many / reference)} × bare; {queries / MANY:.2f} queries a message; one takes {growth:.2f} × as long "
        f"as among {FEW:,}",
    )
    yield Row(
        f"the next run, {MANY + FEW:,} invited and none due", seconds_text(again), "–", "–", f"{idle} queries"
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
        print("\n\n".join([ABOUT, table(measure(), "bare")]))


if __name__ == "__main__":
    main()
