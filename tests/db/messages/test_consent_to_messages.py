"""A citizen is written to only while they say yes; a worker is written to as a worker."""

from __future__ import annotations

import pytest
from django.utils import timezone

from medvirk.messages.actions import NewMessage, queue
from medvirk.messages.models import Message, State
from medvirk.people.actions.consents import answer_consent
from medvirk.people.models import ConsentPurpose
from medvirk.people.queries.consents import current_texts


def write_to(person, once="a") -> None:
    queue(
        messages=[NewMessage(person.pk, "email", "kind", "kari@example.org", "Hei", "Hei", once)],
        now=timezone.now(),
    )


@pytest.fixture
def say(make):
    def answer(citizen, *, yes):
        answer_consent(
            by=make.viewer(getattr(citizen.person, "own_user", None) or make.own_account(citizen.person)),
            citizen=citizen,
            purpose=ConsentPurpose.CONTACT,
            yes=yes,
            version=current_texts()["contact"].version,
            language="nb",
        )

    return answer


def test_without_a_yes_nothing_is_queued(make, say):
    citizen = make.citizen()
    write_to(citizen.person)
    say(citizen, yes=False)
    write_to(citizen.person)

    assert not Message.objects.exists()


def test_after_a_yes_it_is_and_a_no_calls_off_what_waits(make, say):
    citizen, other = make.citizen(), make.citizen()
    for each in (citizen, other):
        say(each, yes=True)
        write_to(each.person, once=str(each.pk))
    assert Message.objects.filter(state=State.WAITING).count() == 2

    say(citizen, yes=False)

    called_off = Message.objects.get(recipient=citizen.person)
    assert (called_off.state, called_off.address, called_off.body) == (State.CANCELLED, "", "")
    assert Message.objects.get(recipient=other.person).state == State.WAITING


def test_a_worker_who_gets_help_is_written_to_as_a_worker(make, say):
    details = make.details(national_id=make.national_id())
    worker = make.staff(details=details)
    citizen = make.citizen(details=details)

    write_to(worker.person)
    say(citizen, yes=True)
    say(citizen, yes=False)

    assert Message.objects.get().state == State.WAITING
