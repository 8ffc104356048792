"""A mail server that the settings point to."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from mail_server import mail_server

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
