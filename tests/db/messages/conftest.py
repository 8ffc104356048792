"""A mail server and a gateway of text messages that the settings point to, and citizens who may be written to."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from django.utils.translation import gettext_lazy as _

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from mail_server import mail_server
from sms_gateway import TOKEN, sms_gateway

from medvirk.messages.kinds import CitizenKind, register_citizen_kind
from medvirk.messages.kinds import _kinds as known_kinds
from medvirk.messages.logic.sms import parse_gateway
from medvirk.people.actions.consents import answer_consent
from medvirk.people.models import Citizen, ConsentPurpose, Person
from medvirk.people.queries.consents import current_texts

SMTP_BACKEND = "django.core.mail.backends.smtp.EmailBackend"


@pytest.fixture
def point_to(settings):
    """`point_to(server)`: e-mail goes there from now on."""

    def point(server, **more) -> None:
        settings.EMAIL_BACKEND = SMTP_BACKEND
        settings.EMAIL_HOST, settings.EMAIL_PORT = more.pop("host", server.host), server.port
        settings.DEFAULT_FROM_EMAIL = "Medvirk <medvirk@fjordvik.test>"
        settings.ADDRESS = "https://medvirk.fjordvik.test"
        for name, value in more.items():
            setattr(settings, name, value)

    return point


@pytest.fixture
def server(point_to):
    """A mail server that says yes, without encryption: nothing leaves this machine."""
    with mail_server() as told:
        point_to(told)
        yield told


@pytest.fixture
def gateway(settings):
    """A gateway of text messages that says yes, whose sender can be answered."""
    with sms_gateway() as told:
        settings.SMS_GATEWAY = parse_gateway(told.address, token=TOKEN, sender="2099")
        yield told


@pytest.fixture
def kind():
    """A kind of message to citizens, as a room registers it."""
    made = CitizenKind(
        "test.reminder",
        name="Reminder",
        subject=_("Messages"),
        text="Noen spørsmål venter: %(link)s",
        sms="Noen spørsmål venter: %(link)s",
        facts={"link": "https://medvirk.fjordvik.test/a/" + "x" * 32},
    )
    register_citizen_kind(made)
    yield made
    del known_kinds[made.code]


@pytest.fixture
def willing(make):
    """`willing(phone=…, email=…)`: a citizen who says yes to messages."""

    def made(*, says: bool | None = True, language: str = "nb", **details) -> Citizen:
        citizen = make.citizen(details=make.details(**details))
        Person.objects.filter(pk=citizen.person_id).update(language=language)
        if says is not None:
            answer_consent(
                by=make.viewer(make.own_account(citizen.person)),
                citizen=citizen,
                purpose=ConsentPurpose.CONTACT,
                yes=says,
                version=current_texts()["contact"].version,
                language="nb",
            )
        return Citizen.objects.select_related("person").get(pk=citizen.pk)

    return made
