"""A message goes out, somebody follows its link on a phone, and the worker's page knows."""

from __future__ import annotations

import re

from browsers import DESK, PHONE
from factories_feedback import DAY
from playwright.sync_api import expect

from medvirk.messages.logic.sms import parse_gateway
from medvirk.messages.models import Message
from medvirk.people.models import Consent, Person


def test_from_the_message_to_the_answer(window, care, settings, live_server):
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

    link = re.search(r"http\S+/a/\S+/", Message.objects.get().body)[0]
    phone.goto(link)
    phone.locator("main button[type=submit]").click()
    phone.wait_for_selector("#answering .line")
    for number in range(1, 6):
        phone.locator(f"[data-line='life-now.q{number}'] input[type=range]").fill("6")
    phone.locator("#answering button[type=submit]").click()
    phone.wait_for_selector("[data-arrived]")

    worker.reload()
    expect(worker.locator("main")).to_contain_text("✓ Svart")
    # What had not gone yet is called off.
    assert Message.objects.get().state == "cancelled"
    assert session.asks("before").submission.channel == "message"
