"""What is called off after a worker has taken it up: not sent if it has not gone, and told as sent if it has."""

from __future__ import annotations

from datetime import date, datetime

import pytest
import time_machine
from django.utils import timezone

from medvirk.messages.actions import CitizenLetter, cancel, write_to_citizen
from medvirk.messages.channels import sms
from medvirk.messages.logic import NORWAY
from medvirk.messages.models import Message
from medvirk.messages.tasks import deliver_due
from medvirk.people.actions.consents import answer_consent
from medvirk.people.actions.deaths import register_death
from medvirk.people.models import ConsentPurpose, User
from medvirk.people.queries.consents import current_texts

NOON = datetime(2026, 3, 4, 12, tzinfo=NORWAY)
PHONES = ("+4791919191", "+4741414141")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False):
        yield


def say_no(make, citizen) -> None:
    answer_consent(
        by=make.viewer(User.objects.get(person=citizen.person)),
        citizen=citizen,
        purpose=ConsentPurpose.CONTACT,
        yes=False,
        version=current_texts()["contact"].version,
        language="nb",
    )


def die(make, citizen) -> None:
    worker = make.viewer(make.staff("practitioner", citizen.relations.get().unit))
    register_death(by=worker, citizen=citizen, died_on=date(2026, 3, 3))


def need_it_no_longer(make, citizen) -> None:
    assert cancel(once=[citizen.person.phone]) == 1


WAYS = [say_no, die, need_it_no_longer]


@pytest.fixture
def written(willing, kind, gateway):
    """Two citizens by their phone, each with a text message that waits."""
    citizens = {phone: willing(phone=phone) for phone in PHONES}
    for phone, citizen in citizens.items():
        letter = CitizenLetter(citizen, kind.code, {"link": "https://x.test/a/1"}, once=phone)
        assert write_to_citizen(letter=letter, now=NOON).channel == "sms"
    return citizens


@pytest.fixture
def after_first(monkeypatch):
    """`after_first(act)`: once the gateway has taken the first letter, `act` with its number, before that is noted."""

    def do(act) -> None:
        real, rest = sms.send, iter([act])

        def send(letter, *how):
            taken = real(letter, *how)
            for each in rest:
                each(letter.address)
            return taken

        monkeypatch.setattr(sms, "send", send)

    return do


def states() -> dict[str, str]:
    return dict(Message.objects.values_list("once_key", "state"))


@pytest.mark.parametrize("call_off", WAYS)
def test_what_is_called_off_while_another_is_being_sent_does_not_go(
    make, written, gateway, after_first, call_off
):
    gone = []

    def call_off_the_other(number: str) -> None:
        gone.append(number)
        (other,) = set(written) - {number}
        assert states()[other] == "claimed"
        call_off(make, written[other])

    after_first(call_off_the_other)

    done = deliver_due(timezone.now())

    assert [each["to"] for each in gateway.taken.values()] == gone
    assert done == {"sent": 1, "taken by another": 1}
    (other,) = set(written) - set(gone)
    assert states() == {gone[0]: "sent", other: "cancelled"}
    assert not Message.objects.get(once_key=other).body
    assert deliver_due(timezone.now()) == {}


@pytest.mark.parametrize("call_off", WAYS)
def test_what_is_called_off_on_its_way_is_told_as_sent(make, written, gateway, after_first, call_off):
    first = []

    def call_off_this(number: str) -> None:
        first.append(number)
        call_off(make, written[number])
        assert states()[number] == "cancelled"

    after_first(call_off_this)

    assert deliver_due(timezone.now()) == {"sent": 2}

    assert states() == dict.fromkeys(PHONES, "sent")
    row = Message.objects.get(once_key=first[0])
    assert (row.sent_at, row.reference) == (NOON, "g-1")
    assert sorted(gateway.keys.values()) == [1, 1]
