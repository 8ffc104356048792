"""A message goes out, somebody follows its link on a phone, and the worker's page knows."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from browsers import DESK, PHONE
from django.utils import timezone
from factories_feedback import DAY
from mail_server import mail_server
from playwright.sync_api import expect
from sms_gateway import TOKEN, sms_gateway

from medvirk.messages.logic.sms import parse_gateway
from medvirk.messages.models import Message
from medvirk.messages.tasks import deliver_due
from medvirk.people.models import Consent, Person


@contextmanager
def by_sms(settings) -> Iterator[Callable[[], str]]:
    with sms_gateway() as gateway:
        settings.SMS_GATEWAY = parse_gateway(gateway.address, token=TOKEN, sender="2099")

        def received() -> str:
            (text,) = gateway.taken.values()
            assert text["to"] == "+4791919191"
            return text["text"]

        yield received


@contextmanager
def by_email(settings) -> Iterator[Callable[[], str]]:
    with mail_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = server.host, server.port
        settings.DEFAULT_FROM_EMAIL = "Medvirk <medvirk@fjordvik.test>"

        def received() -> str:
            (letter,) = server.stored
            assert letter["To"] == "kari@fjordvik.test"
            return letter.get_body(("plain",)).get_content()

        yield received


@pytest.mark.parametrize(
    ("posted", "address", "named"),
    [(by_sms, {"phone": "+4791919191"}, "på SMS"), (by_email, {"email": "kari@fjordvik.test"}, "på e-post")],
    ids=["sms", "email"],
)
def test_from_the_message_that_arrived_to_the_answer(
    window, care, settings, live_server, posted, address, named
):
    settings.ADDRESS, settings.QUIET_HOURS = live_server.url, (care.now.min.time(), care.now.min.time())
    session = care.session(at=care.now + DAY)
    citizen = session.asks("before").about
    person = Person.objects.get(pk=citizen.person_id)
    for field, value in address.items():
        setattr(person, field, value)
    person.save(update_fields=list(address))
    Consent.objects.create(citizen=citizen, purpose="contact", version=99, language="nb", digest="", yes=True)
    worker, phone = window(DESK, care.worker), window(PHONE)

    with posted(settings) as received:
        worker.goto("/feedback/")
        worker.get_by_role("link", name="Hvem som ikke har svart").click()
        expect(worker.locator("main")).to_contain_text("Ikke svart")
        worker.get_by_role("button", name="Send en melding nå").click()
        expect(worker.locator("main")).to_contain_text(named)
        assert deliver_due(timezone.now()) == {"sent": 1}
        text = received()

    # What anybody may read over one's shoulder: no name, no health, and nothing of it is kept here.
    assert not any(name in text for name in care.citizen_names(session))
    assert Message.objects.get().body == ""
    answer(phone, text)

    worker.reload()
    expect(worker.locator("main")).to_contain_text("✓ Svart")
    assert session.asks("before").submission.channel == "message"


def answer(phone, message: str) -> None:
    """By the link that stands in the message."""
    phone.goto(re.search(r"http\S+/a/\S+/", message)[0])
    phone.locator("main button.big[type=submit]").click()
    phone.wait_for_selector("#answering .line")
    for number in range(1, 6):
        phone.locator(f"[data-line='life-now.q{number}'] input[type=range]").fill("6")
    phone.locator("#answering button[type=submit]").click()
    phone.wait_for_selector("[data-arrived]")


def test_what_had_not_gone_yet_is_called_off_when_they_answer(window, care, settings, live_server):
    settings.SMS_GATEWAY = parse_gateway("https://sms.test/", sender="2099")
    settings.ADDRESS, settings.QUIET_HOURS = live_server.url, (care.now.min.time(), care.now.min.time())
    session = care.session(at=care.now + DAY)
    citizen = session.asks("before").about
    person = Person.objects.get(pk=citizen.person_id)
    person.phone = "+4791919191"
    person.save(update_fields=["phone"])
    Consent.objects.create(citizen=citizen, purpose="contact", version=99, language="nb", digest="", yes=True)
    worker, phone = window(DESK, care.worker), window(PHONE)

    worker.goto("/feedback/")
    worker.get_by_role("link", name="Hvem som ikke har svart").click()
    expect(worker.locator("main")).to_contain_text("Ikke svart")
    worker.get_by_role("button", name="Send en melding nå").click()
    expect(worker.locator("main")).to_contain_text("på SMS")

    answer(phone, Message.objects.get().body)

    worker.reload()
    expect(worker.locator("main")).to_contain_text("✓ Svart")
    # What had not gone yet is called off.
    assert Message.objects.get().state == "cancelled"
    assert session.asks("before").submission.channel == "message"
